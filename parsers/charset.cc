#include "parsers/charset.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/ucsdet.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "parsers/ascii.h"
#include "parsers/jis.h"
#include "parsers/utf8_evidence.h"

namespace ticketd {
namespace {

struct Alias {
  std::string_view label;
  std::string_view charset;
};

/// Labels as senders mean them: with what Windows put into the gaps. An empty charset is no label at all.
constexpr std::array<Alias, 55> kAliases{{
    {"us-ascii", ""},
    {"ascii", ""},
    {"ansi_x3.4-1968", ""},
    {"iso646-us", ""},
    {"unknown", ""},
    {"unknown-8bit", ""},
    {"x-unknown", ""},
    {"default", ""},
    {"default_charset", ""},
    {"binary", ""},
    {"8bit", ""},
    {"x-user-defined", ""},
    {"utf7", "utf-7"},
    {"unicode-1-1-utf-7", "utf-7"},
    {"utf8", "utf-8"},
    {"utf16", "utf-16"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"ansi", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"iso-8859-8-e", "iso-8859-8"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"x-gbk", "gb18030"},
    {"ks_c_5601-1987", "windows-949"},
    {"ks_c_5601", "windows-949"},
    {"euc-kr", "windows-949"},
    {"cp949", "windows-949"},
    {"shift_jis", "windows-31j"},
    {"shift-jis", "windows-31j"},
    {"sjis", "windows-31j"},
    {"x-sjis", "windows-31j"},
    {"ms932", "windows-31j"},
    {"cp932", "windows-31j"},
    {"windows-932", "windows-31j"},
    {"ms_kanji", "windows-31j"},
    {"euc-cn", "gb18030"},
    {"cp936", "gb18030"},
    {"ms936", "gb18030"},
    {"windows-936", "gb18030"},
    {"ks_c_5601-1989", "windows-949"},
    {"ksc5601", "windows-949"},
    {"x-big5", "big5"},
    {"cn-big5", "big5"},
    {"koi8r", "koi8-r"},
    {"utf_8", "utf-8"},
}};

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;
using Detector = std::unique_ptr<UCharsetDetector, decltype(&ucsdet_close)>;

/// What ICU calls a label; empty for none, for an unknown one and for those that are not believed.
std::string canonical(std::string_view label) {
  std::string name;
  for (char c : label.substr(0, std::min<std::size_t>(label.find_first_of(";,"), 64)))
    if (is_letter(c) || is_digit(c) || std::string_view("-_.:+").find(c) != std::string_view::npos) name += to_lower(c);
  if (name.starts_with("x-cp") || name.starts_with("cp-")) name = "cp" + name.substr(name[0] == 'x' ? 4 : 3);
  const auto* alias = std::find_if(kAliases.begin(), kAliases.end(), [&](const Alias& a) { return a.label == name; });
  return alias == kAliases.end() ? name : std::string(alias->charset);
}

void count_and_substitute(const void* errors, UConverterToUnicodeArgs* args, const char* units, std::int32_t length,
                          UConverterCallbackReason reason, UErrorCode* status) {
  if (reason <= UCNV_IRREGULAR) ++*static_cast<std::size_t*>(const_cast<void*>(errors));
  UCNV_TO_U_CALLBACK_SUBSTITUTE(nullptr, args, units, length, reason, status);
}

struct Converted {
  std::string utf8;
  std::size_t errors = 0;
  bool one_octet_each = false;  ///< of every character of the charset
};

bool is_one_octet_each(UConverter* converter) {
  const UConverterType type = ucnv_getType(converter);
  return type == UCNV_SBCS || type == UCNV_LATIN_1 || type == UCNV_US_ASCII;
}

icu::UnicodeString to_unicode(UConverter* converter, std::string_view octets) {
  icu::UnicodeString text;
  std::array<UChar, 4096> buffer{};
  const char* source = octets.data();
  UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
  while (status == U_BUFFER_OVERFLOW_ERROR) {
    status = U_ZERO_ERROR;
    UChar* target = buffer.data();
    ucnv_toUnicode(converter, &target, buffer.data() + buffer.size(), &source, octets.data() + octets.size(), nullptr,
                   1, &status);
    text.append(buffer.data(), static_cast<std::int32_t>(target - buffer.data()));
  }
  return text;
}

/// nullopt when ICU does not know the charset, or it is one that is no charset of mail (RFC 3501 §5.1.3).
std::optional<Converted> convert(std::string_view octets, const std::string& charset) {
  if (charset.empty()) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  const Converter converter(ucnv_open(charset.c_str(), &status), &ucnv_close);
  if (U_FAILURE(status)) return std::nullopt;
  if (ucnv_getType(converter.get()) == UCNV_IMAP_MAILBOX) return std::nullopt;
  Converted result;
  ucnv_setToUCallBack(converter.get(), &count_and_substitute, &result.errors, nullptr, nullptr, &status);
  if (U_FAILURE(status)) return std::nullopt;
  icu::UnicodeString text = to_unicode(converter.get(), octets);
  text.toUTF8String(result.utf8);
  result.one_octet_each = is_one_octet_each(converter.get());
  return result;
}

/// ICU's guess, converted. About a handful of octets (a name in a header field) its guesses are worse than
/// windows-1252.
std::optional<Converted> detect(std::string_view octets) {
  constexpr std::size_t telling = 20;
  if (octets.size() < telling) return std::nullopt;
  UErrorCode status = U_ZERO_ERROR;
  const Detector detector(ucsdet_open(&status), &ucsdet_close);
  constexpr std::size_t enough = 16 * 1024;
  const auto length = static_cast<std::int32_t>(std::min(octets.size(), enough));
  ucsdet_setText(detector.get(), octets.data(), length, &status);
  const UCharsetMatch* match = U_SUCCESS(status) ? ucsdet_detect(detector.get(), &status) : nullptr;
  if (match == nullptr) return std::nullopt;
  const char* name = ucsdet_getName(match, &status);
  constexpr std::int32_t lowest_confidence = 10;
  if (U_FAILURE(status) || ucsdet_getConfidence(match, &status) < lowest_confidence) return std::nullopt;
  return convert(octets, canonical(name));
}

std::size_t count_8bit(std::string_view octets) {
  return static_cast<std::size_t>(std::count_if(octets.begin(), octets.end(), is_8bit));
}

/// Damaged UTF-8 is better than a text in which every letter is wrong.
std::optional<std::string> damaged_utf8(std::string_view octets) {
  const Utf8Evidence evidence = weigh_utf8(octets);
  if (evidence.telling == 0 || evidence.telling < evidence.bad) return std::nullopt;
  auto text = convert(octets, "utf-8");
  return text ? std::optional(std::move(text->utf8)) : std::nullopt;
}

std::string decode_unlabelled(std::string_view octets, const std::optional<Converted>& declared) {
  const std::size_t high = count_8bit(octets);
  constexpr std::size_t few = 20;
  if (declared && declared->errors * few <= high) return declared->utf8;
  if (auto guess = detect(octets)) return std::move(guess->utf8);
  return convert(octets, "windows-1252").value_or(Converted{}).utf8;
}

/// UTF-16 has its octets in the order that its BOM tells, else in the one that puts the zeros of ASCII right. Without
/// any zero it is a wrong label on text that reads as UTF-8.
std::string utf16_form(std::string_view octets, const std::string& charset) {
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < octets.size(); ++i) zeros[i % 2] += octets[i] == '\0' ? 1 : 0;
  if (zeros[0] + zeros[1] == 0 && is_valid_utf8(octets)) return {};
  if (charset != "utf-16" || octets.starts_with("\xFE\xFF") || octets.starts_with("\xFF\xFE")) return charset;
  return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

/// As the text nearby is written, when that fits.
std::optional<std::string> as_hinted(std::string_view octets, const std::string& hint) {
  if (hint == "utf-7") return std::nullopt;
  auto text = convert(octets, hint);
  if (!text || text->errors > 0 || (text->one_octet_each && is_mislabelled_utf8(octets, hint))) return std::nullopt;
  return std::move(text->utf8);
}

/// Text with the shifts of ISO-2022-JP: as it should be, with the sets that its later versions add, or damaged.
std::optional<std::string> iso_2022_jp(std::string_view octets) {
  const auto jis = read_jis(octets);
  if (!jis) return std::nullopt;
  auto text = convert(jis->windows_31j, "windows-31j");
  if (!text) return std::nullopt;
  if (text->errors == 0) return std::move(text->utf8);
  if (auto later = convert(octets, "iso-2022-jp-2"); later && later->errors == 0) return std::move(later->utf8);
  return jis->shifted ? std::optional(std::move(text->utf8)) : std::nullopt;
}

/// CESU-8 (UTR #26): characters beyond U+FFFF as two surrogates of three octets each; here as UTF-8, and a surrogate by
/// itself as U+FFFD. Empty when the octets, which are to be UTF-8 otherwise, hold no such pair.
std::string join_surrogates(std::string_view octets) {
  const auto unit = [&](std::size_t at, unsigned char low) -> std::optional<char32_t> {
    if (octets.size() < at + 3 || octets[at] != '\xED') return std::nullopt;
    const auto second = static_cast<unsigned char>(octets[at + 1]);
    const auto third = static_cast<unsigned char>(octets[at + 2]);
    if (second < low || second > low + 0xF || (third & 0xC0U) != 0x80) return std::nullopt;
    return static_cast<char32_t>((second & 0xFU) << 6U | (third & 0x3FU));
  };
  std::string result;
  bool found = false;
  for (std::size_t at = octets.find('\xED'); at != std::string_view::npos; at = octets.find('\xED', at)) {
    const auto high = unit(at, 0xA0), low = unit(at + 3, 0xB0);
    const bool pair = high && low, lone = !pair && (high || unit(at, 0xB0));
    found = found || pair;
    result += octets.substr(0, at);
    if (pair)
      icu::UnicodeString(static_cast<UChar32>(0x10000 + (*high << 10U) + *low)).toUTF8String(result);
    else
      result += lone ? "\uFFFD" : "\xED";
    octets.remove_prefix(at + (pair ? 6 : lone ? 3 : 1));
    at = 0;
  }
  if (!found) return {};
  result += octets;
  return is_valid_utf8(result) ? result : std::string();
}

/// What a Japanese label may stand for when it does not fit: seven bits are ISO-2022-JP, eight are none.
std::optional<std::string> japanese(std::string_view octets, const std::string& charset) {
  const bool jis = charset.starts_with("iso-2022-jp") || charset.starts_with("csiso2022jp");
  if (!jis && charset != "windows-31j" && charset != "euc-jp") return std::nullopt;
  if (auto text = iso_2022_jp(octets)) return text;
  if (is_valid_utf8(octets)) return std::nullopt;
  for (const char* other : {"euc-jp", "windows-31j"})
    if (auto text = convert(octets, other); text && text->errors == 0) return std::move(text->utf8);
  return std::nullopt;
}

}  // namespace

std::string decode_charset(std::string_view octets, std::string_view declared, std::string_view hint) {
  if (const std::string joined = join_surrogates(octets); !joined.empty())
    return decode_charset(joined, declared, hint);
  const bool shifts = octets.find('\x1B') != std::string_view::npos;
  std::string charset = canonical(declared);
  if (charset.starts_with("utf-16")) charset = utf16_form(octets, charset);
  if (!shifts && (charset.empty() || charset == "utf-8") && is_valid_utf8(octets)) return std::string(octets);
  auto as_declared = convert(octets, charset);
  if (as_declared && as_declared->one_octet_each && is_mislabelled_utf8(octets, charset)) charset = "utf-8";
  if (as_declared && as_declared->errors == 0 && charset != "utf-8") return std::move(as_declared->utf8);
  if (shifts && count_8bit(octets) == 0)
    if (auto shifted = convert(octets, "iso-2022-jp"); shifted && shifted->errors == 0) return std::move(shifted->utf8);
  if (auto text = japanese(octets, shifts && charset.empty() ? "iso-2022-jp" : charset)) return *std::move(text);
  if (is_valid_utf8(octets)) return std::string(octets);
  if (charset == "utf-8")
    if (auto damaged = damaged_utf8(octets)) return *std::move(damaged);
  if (auto hinted = as_hinted(octets, canonical(hint))) return *std::move(hinted);
  if (!as_declared)
    if (auto damaged = damaged_utf8(octets)) return *std::move(damaged);
  return decode_unlabelled(octets, as_declared);
}

std::string_view utf8_prefix(std::string_view utf8, std::size_t limit) {
  if (utf8.size() <= limit) return utf8;
  while (limit > 0 && (utf8[limit] & 0xC0) == 0x80) --limit;
  return utf8.substr(0, limit);
}

}  // namespace ticketd
