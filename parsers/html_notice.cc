#include "parsers/html_notice.h"

#include <algorithm>
#include <array>
#include <string>

#include "parsers/ascii.h"
#include "parsers/clean_text.h"
#include "parsers/subject.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestNotice = 800;

/// Folded. What such notices speak of in the languages of mail programs and newsletter services.
constexpr std::array<std::string_view, 25> kSubjects{
    "html",         "browser",     "navigateur",     "navegador",       "webversion",    "web version", "versión web",
    "versão web",   "version web", "online version", "online-version",  "onlineversion", "plain text",  "plain-text",
    "text version", "mime format", "mime-format",    "mime-compatible", "przegląd",      "webbläsare",  "nettleser",
    "браузер",      "ブラウザ",    "浏览器",         "瀏覽器"};

/// Letters and digits only: layout and links differ between the forms.
std::string words_of(std::string_view text) {
  std::string words = to_lower(text);
  std::erase_if(words, [](char c) { return !is_letter(c) && !is_digit(c) && !is_8bit(c); });
  return words;
}

}  // namespace

bool may_stand_for_html(std::string_view plain) {
  if (is_blank_text(plain)) return true;
  const std::string line = squeeze(plain.substr(0, 4 * kLongestNotice));
  if (line.size() > kLongestNotice) return false;
  const std::string folded = fold_for_comparison(line);
  return std::ranges::any_of(kSubjects, [&](auto subject) { return folded.find(subject) != std::string::npos; });
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
