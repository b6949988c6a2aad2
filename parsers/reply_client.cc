#include "parsers/reply_client.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "parsers/ascii.h"
#include "parsers/reply_lines.h"

namespace ticketd {
namespace {

using Words = std::string_view;

/// What stands around the name of the device or program; folded, as all words here.
struct Frame {
  Words start;
  Words end;
};

constexpr auto kFrames = std::to_array<Frame>({
    {"sent from", ""},
    {"sent with", ""},
    {"sent via", ""},
    {"sent using", ""},
    {"sent by my", ""},
    {"von", "gesendet"},
    {"diese nachricht wurde von", "gesendet"},
    {"diese nachricht wurde mit", "gesendet"},
    {"diese e-mail wurde von", "gesendet"},
    {"gesendet von", ""},
    {"gesendet mit", ""},
    {"gesendet über", ""},
    {"gesendet aus", ""},
    {"envoyé d", ""},
    {"envoyé à partir", ""},
    {"envoyé avec", ""},
    {"envoyé via", ""},
    {"envoyé par", ""},
    {"provenance : courrier", ""},
    {"provenance: courrier", ""},
    {"enviado desde", ""},
    {"enviado con", ""},
    {"enviado mediante", ""},
    {"enviado por", ""},
    {"enviado do", ""},
    {"enviado da", ""},
    {"enviado a partir", ""},
    {"enviado via", ""},
    {"enviada do", ""},
    {"enviat des d", ""},
    {"inviato da", ""},
    {"inviato con", ""},
    {"inviato tramite", ""},
    {"verzonden va", ""},
    {"verzonden met", ""},
    {"verstuurd va", ""},
    {"verstuurd met", ""},
    {"wysłane z", ""},
    {"wysłano z", ""},
    {"wysłane za pomocą", ""},
    {"skickat från", ""},
    {"skickat med", ""},
    {"skickades från", ""},
    {"sendt fra", ""},
    {"sendt med", ""},
    {"lähetetty", ""},
    {"отправлено", ""},
    {"надіслано", ""},
    {"відправлено", ""},
    {"изпратено от", ""},
    {"odesláno", ""},
    {"odoslané z", ""},
    {"poslano s", ""},
    {"poslano iz", ""},
    {"poslané z", ""},
    {"elküldve", ""},
    {"", "küldve"},
    {"trimis de", ""},
    {"trimis din", ""},
    {"στάλθηκε", ""},
    {"saadetud minu", ""},
    {"išsiųsta iš", ""},
    {"", "gönderildi"},
    {"发自", ""},
    {"發自", ""},
    {"寄自", ""},
    {"来自我的", ""},
    {"來自我的", ""},
    {"从", "发送"},
    {"從", "傳送"},
    {"", "から送信"},
    {"", "から送信されました"},
    {"", "から送信しました"},
    {"", "에서 보냄"},
    {"", "에서 보냈습니다"},
    {"נשלח", ""},
    {"أرسلت من", ""},
    {"أُرسلت من", ""},
    {"مرسل من", ""},
    {"đã gửi từ", ""},
    {"được gửi từ", ""},
    {"gửi từ", ""},
    {"dikirim dari", ""},
    {"ส่งจาก", ""},
});

/// Devices and programs. A word of the line starts with one, for many languages decline them.
constexpr auto kDevices = std::to_array<Words>({
    "iphon",     "ipad",      "ipod",       "ios",        "android",  "samsung",    "galaxy",      "huawei",
    "xiaomi",    "redmi",     "oneplus",    "pixel",      "nokia",    "htc",        "xperia",      "motorola",
    "oppo",      "vivo",      "realme",     "blackberry", "phone",    "smartphone", "handy",       "telefon",
    "telephone", "téléphone", "teléfono",   "telefono",   "telefoon", "telemóvel",  "celular",     "cellular",
    "cell",      "mobile",    "mobil",      "móvil",      "mobiel",   "portable",   "puhelim",     "tablet",
    "tablette",  "tableta",   "windows",    "outlook",    "yahoo",    "gmail",      "proton",      "hotmail",
    "aol",       "gmx",       "web.de",     "freenet",    "k-9",      "fairemail",  "thunderbird", "spark",
    "airmail",   "mailbox",   "mailspring", "bluemail",   "boxer",    "newton",     "edison",      "superhuman",
    "zoho",      "tutanota",  "tuta",       "posteo",     "canary",   "mailbird",   "em client",   "shortwave",
    "hey",       "orange",    "laposte",    "sfr",        "libero",   "virgilio",   "vodafone",    "telekom",
    "onet",      "interia",   "seznam",     "mail.ru",    "yandex",   "rambler",    "naver",       "qq",
    "网易",      "手机",      "小米",       "华为",       "айфон",    "телефон",    "смартфон",    "почт",
    "מהאייפון",  "מהטלפון",   "携帯",       "스마트폰",   "휴대폰",   "아이폰",     "яндекс",      "мобильн",
    "verizon",   "at&t",      "t-mobile",   "sprint",
});

/// By which the writer asks to overlook what small keys do.
constexpr auto kApologies = std::to_array<Words>({
    "excuse",     "typo",        "brevity", "brief",    "pardon",   "forgive", "mistake",
    "tippfehler", "entschuldig", "kürze",   "excus",    "faute",    "fautes",  "disculp",
    "errores",    "scus",        "errori",  "excuseer", "typefout", "desculp", "literów",
});

/// What only sentences hold behind the name of a device.
constexpr auto kTelling = std::to_array<Words>({
    "to",    "is",   "was",     "are",    "were",  "does",      "doesn't", "did",    "didn't", "do",
    "don't", "can",  "can't",   "cannot", "not",   "and",       "but",     "i",      "it",     "we",
    "you",   "when", "because", "please", "today", "yesterday", "wird",    "werden", "wurde",  "wurden",
    "ist",   "sind", "nicht",   "nichts", "keine", "und",       "ich",     "aber",   "bitte",  "gestern",
    "heute", "pas",  "est",     "et",     "mais",  "je",        "hier",    "non",    "ma",     "pero",
    "ayer",  "maar", "niet",    "och",    "inte",  "og",        "ikke",    "ale",    "nie",
});

constexpr auto kGetStarts = std::to_array<Words>({
    "get",      "download", "holen sie sich", "laden sie", "télécharger", "téléchargez", "obtenir",    "obtenez",
    "obtener",  "obtén",    "descargar",      "descarga",  "scarica",     "ottieni",     "downloaden", "obter",
    "obtenha",  "baixar",   "transferir",     "skaffa",    "hämta",       "hent",        "få",         "skaff",
    "last ned", "hanki",    "lataa",          "pobierz",   "uzyskaj",     "získat",      "získejte",   "stáhnout",
    "získať",   "stiahnuť", "скачать",        "получить",  "загрузить",   "установить",  "отримати",   "завантажити",
    "获取",     "下载",     "取得",           "下載",      "obțineți",    "descărcați",  "λήψη",       "αποκτήστε",
    "preuzmi",  "obteniu",  "baixeu",         "tải",       "dapatkan",    "הורד",        "קבל",        "השג",
});

constexpr auto kGetEnds = std::to_array<Words>({
    "beziehen",
    "herunterladen",
    "holen",
    "downloaden",
    "ophalen",
    "beszerzése",
    "letöltése",
    "edinin",
    "indirin",
    "を入手",
    "をダウンロード",
    "다운로드",
    "받기",
    "가져오기",
});

bool holds_any(std::string_view text, std::span<const Words> words) {
  return std::ranges::any_of(words, [&](auto word) { return text.find(word) != std::string_view::npos; });
}

/// Where the first device is named; npos when none is.
std::size_t find_device(std::string_view text) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view device : kDevices)
    for (auto at = text.find(device); at < first; at = text.find(device, at + 1))
      if (at == 0 || !(is_letter(text[at - 1]) || is_digit(text[at - 1]))) first = at;
  return first;
}

bool holds_device(std::string_view text) { return find_device(text) != std::string_view::npos; }

bool tells(std::string_view words) {
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (std::ranges::find(kTelling, words.substr(0, end)) != kTelling.end()) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

std::size_t count_words(std::string_view text) {
  return text.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::count(text, ' '));
}

bool gets_outlook(std::string_view words, std::string_view line) {
  constexpr std::size_t most_words = 9;
  const auto outlook = words.find("outlook");
  if (outlook == std::string_view::npos || count_words(words) > most_words) return false;
  if (line.find("//aka.ms/") != std::string_view::npos) return true;
  const bool mobile = words.find("ios") != std::string_view::npos || words.find("android") != std::string_view::npos;
  const bool named_first = outlook == 0 || words.starts_with("ios") || words.starts_with("android");
  const auto starts = [&](auto verb) { return words.starts_with(verb); };
  const auto ends = [&](auto verb) { return words.ends_with(verb); };
  return mobile && (std::ranges::any_of(kGetStarts, starts) || (named_first && std::ranges::any_of(kGetEnds, ends)));
}

/// What stands between the two halves of the frame; empty when the line isn't in it.
std::string_view framed(std::string_view words, const Frame& frame) {
  if (words.size() <= frame.start.size() + frame.end.size()) return {};
  if (!words.starts_with(frame.start) || !words.ends_with(frame.end)) return {};
  return words.substr(frame.start.size(), words.size() - frame.start.size() - frame.end.size());
}

ClientLine framed_line(std::string_view middle) {
  constexpr std::size_t most_before = 4, most_after = 4;
  const auto stop =
      std::min({middle.find(','), middle.find(". "), middle.find(" - "), middle.find("; "), middle.size()});
  const std::string_view named = trim(middle.substr(0, stop)), tail = middle.substr(stop);
  const auto device = find_device(named);
  if (device == std::string_view::npos) return ClientLine::none;
  const std::string_view behind = named.substr(device);
  const std::string_view after = trim(behind.substr(std::min(behind.find(' '), behind.size())));
  const bool apology = holds_any(tail, kApologies) || holds_device(tail);
  if (!tail.empty() && !apology) return ClientLine::none;
  if (count_words(trim(named.substr(0, device))) > most_before || count_words(after) > most_after || tells(named))
    return ClientLine::none;
  return count_words(after) < 2 ? ClientLine::anywhere : ClientLine::last;
}

/// Without links and brackets, and the dots and rules that some put around it: `[Proton Mail](https://…)`, `<<sent by
/// my phone>>`.
std::string bare_words(std::string_view folded) {
  std::string words;
  for (std::size_t at = 0; at < folded.size();) {
    const std::string_view rest = folded.substr(at);
    const bool bracket = std::string_view("<>()[]").find(rest.front()) != std::string_view::npos;
    if (rest.starts_with("http://") || rest.starts_with("https://")) {
      at = std::min(folded.find_first_of(" >)]", at), folded.size());
      continue;
    }
    if (!bracket) words += rest.front();
    ++at;
  }
  return squeeze(without(words, " -_*.~|"));
}

}  // namespace

ClientLine client_line(std::string_view line) {
  constexpr std::size_t shortest = 8, longest = 160;
  if (line.size() < shortest || line.size() > longest || line.ends_with('?') || line.ends_with(':'))
    return ClientLine::none;
  const std::string folded = fold_line(line);
  const std::string words = bare_words(folded);
  if (gets_outlook(words, folded)) return ClientLine::last;
  for (const Frame& frame : kFrames) {
    const std::string_view middle = framed(words, frame);
    if (middle.empty()) continue;
    const bool word_ends = !is_letter(frame.start.empty() ? ' ' : frame.start.back()) || !is_letter(middle.front()) ||
                           frame.start.ends_with(" d") || frame.start.ends_with(" va");
    if (!word_ends) continue;
    if (const auto found = framed_line(trim(middle)); found != ClientLine::none) return found;
  }
  return ClientLine::none;
}

}  // namespace ticketd
