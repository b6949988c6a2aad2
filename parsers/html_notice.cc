#include "parsers/html_notice.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "parsers/ascii.h"
#include "parsers/clean_text.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestNotice = 800;

/// Folded. What such notices speak of in the languages of mail programs and newsletter services.
constexpr std::array<std::string_view, 23> kSubjects{
    "html",         "browser",     "navigateur",  "navegador",       "webversion",     "web version",
    "versión web",  "versão web",  "version web", "online version",  "online-version", "onlineversion",
    "text version", "mime format", "mime-format", "mime-compatible", "przegląd",       "webbläsare",
    "nettleser",    "браузер",     "ブラウザ",    "浏览器",          "瀏覽器"};
/// What they begin with, where it is not that.
constexpr std::array<std::string_view, 10> kPrograms{
    "mail client", "mail program",           "mail reader",        "mailprogram", "mail-program", "mailclient",
    "mail viewer", "logiciel de messagerie", "programa de correo", "view this"};

bool speaks_of(std::string_view folded, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](auto word) { return folded.find(word) != std::string_view::npos; });
}

/// Letters and digits only: layout and links differ between the forms.
std::string words_of(std::string_view text) {
  std::string words = to_lower(text);
  std::erase_if(words, [](char c) { return !is_letter(c) && !is_digit(c) && !is_8bit(c); });
  return words;
}

}  // namespace

bool may_stand_for_html(std::string_view plain) {
  if (is_blank_text(plain)) return true;
  const auto start = plain.substr(0, 4 * kLongestNotice);
  if (start.size() - static_cast<std::size_t>(std::ranges::count_if(start, is_space)) > kLongestNotice) return false;
  const std::string line = squeeze(start);
  if (line.size() > kLongestNotice) return false;
  const std::string folded = fold_for_comparison(line);
  const auto first = std::string_view(folded).substr(0, folded.find_first_of(".!"));
  return speaks_of(folded, kSubjects) && (speaks_of(first, kSubjects) || speaks_of(first, kPrograms));
}

bool stands_for_html(std::string_view plain, std::string_view html_text) {
  if (is_blank_text(html_text) || !may_stand_for_html(plain)) return false;
  if (is_blank_text(plain)) return true;
  // A page that holds the notice, too, holds much more.
  const std::string notice = words_of(plain), page = words_of(html_text);
  const bool same = page.find(notice) != std::string::npos && page.size() < notice.size() + notice.size() / 2 + 50;
  return !same;
}

}  // namespace ticketd
