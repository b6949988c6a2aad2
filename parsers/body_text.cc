#include "parsers/body_text.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/flowed_text.h"
#include "parsers/html_charset.h"
#include "parsers/html_notice.h"
#include "parsers/html_source.h"
#include "parsers/html_text.h"
#include "parsers/said_words.h"
#include "parsers/uuencode.h"

namespace ticketd {
namespace {

/// On a line of its own.
void append(std::string& text, std::string_view more) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += more;
}

/// Neither UTF-16 nor one of the charsets that ISO 2022 switches to.
bool has_ascii_in_its_place(std::string_view html) {
  return html.substr(0, 4).find('\0') == std::string_view::npos && html.find("\x1B$") == std::string_view::npos;
}

class TextReader {
 public:
  TextReader(const SplitMail& mail, std::string_view hint, std::size_t limit, TextBudget& budget, bool& truncated)
      : mail_(mail), hint_(hint), limit_(limit), budget_(budget), truncated_(truncated) {}

  std::string read(const BodyPiece& piece) {
    std::string text = piece.plain ? plain(*piece.plain) : std::string();
    if (!may_stand_for_html(text)) return text;
    if (piece.html.empty()) return is_blank_text(text) ? std::string() : text;
    bool html_truncated = false;
    std::string shown;
    for (const std::size_t part : piece.html)
      if (shown.size() <= limit_) append(shown, html(part, html_truncated));
    if (!stands_for_html(text, shown)) return is_blank_text(text) ? std::string() : text;
    truncated_ = truncated_ || html_truncated;
    return shown;
  }

 private:
  std::string octets(std::size_t part) const { return decode_text(mail_.parts[part].body, encoding(mail_, part)); }

  std::string html(std::size_t part, bool& truncated) {
    const std::size_t limit = std::min(limit_, budget_.html);
    if (limit == 0) {
      truncated = true;
      return {};
    }
    std::string whole = octets(part);
    const std::string own = html_charset(whole);
    // what nobody reads does not count
    if (whole.size() > limit && has_ascii_in_its_place(whole)) {
      ReadableSource source = readable_source(whole, Unclosed::kept, limit + 1);
      source.html += source.rest;
      whole = std::move(source.html);
    }
    budget_.html -= std::min(limit, whole.size());
    return html_to_text(decoded(part, std::move(whole), own.empty() ? hint_ : own, limit, truncated));
  }

  std::string plain(std::size_t part) {
    const ParameterizedValue& type = mail_.parts[part].type;
    const std::string whole = octets(part);
    std::string text = clean_lines(decoded(part, take_uu_files(whole, kMostUuFiles).text, hint_, limit_, truncated_));
    if (const auto footer = text_behind(mail_.parts[part].body, encoding(mail_, part)); !footer.empty()) {
      append(text, clean_lines(decode_charset(footer.substr(0, limit_), {}, hint_)));
    }
    if (!equals_ignoring_case(type.text("format"), "flowed")) return text;
    return join_flowed_lines(text, equals_ignoring_case(type.text("delsp"), "yes"));
  }

  std::string decoded(std::size_t part, std::string octets, std::string_view hint, std::size_t limit,
                      bool& truncated) const {
    if (octets.size() > limit) {
      truncated = true;
      octets.resize(limit);
    }
    const std::string* charset = mail_.parts[part].type.octets("charset");
    std::string text = decode_charset(octets, charset != nullptr ? *charset : std::string(), hint);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return text;
  }

  const SplitMail& mail_;
  std::string_view hint_;
  std::size_t limit_;
  TextBudget& budget_;
  bool& truncated_;
};

/// `words <https://x.example/>` without the link's address, which the plain form of a text may not hold.
std::string without_link_targets(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const auto open = std::min(text.find(" <"), text.size());
    result += text.substr(0, open);
    text.remove_prefix(open);
    const auto close = text.find_first_of("<>\n", 2);
    const bool closed = close != std::string_view::npos && text[close] == '>';
    const bool link = closed && text.substr(0, close).find(':') != std::string_view::npos;
    if (!link) result += text.substr(0, 1);
    text.remove_prefix(link ? close + 1 : std::min<std::size_t>(1, text.size()));
  }
  return result;
}

/// What has the other form, where it says more than the text does: a text's own HTML form repeats it.
void append_others(std::string& text, const BodySelection& selection, TextReader& reader, std::size_t limit) {
  SaidWords said;
  said.add(text);
  std::size_t compared = 0;
  for (const BodyPiece& other : selection.others) {
    if (text.size() > limit || compared > limit) break;
    const std::string more = reader.read(other);
    compared += more.size();
    if (is_blank_text(more) || said.most_of(without_link_targets(more))) continue;
    said.add(more);
    append(text, more);
  }
}

}  // namespace

std::string body_text(const SplitMail& mail, const BodySelection& selection, std::string_view hint, std::size_t limit,
                      TextBudget& budget, bool& truncated) {
  std::string text;
  TextReader reader(mail, hint, limit, budget, truncated);
  for (const BodyPiece& piece : selection.pieces) {
    if (text.size() > limit) break;
    std::string more = reader.read(piece);
    if (selection.pieces.size() > 1 && is_blank_text(more)) continue;
    append(text, more);
  }
  if (!selection.others.empty()) append_others(text, selection, reader, limit);
  truncated = truncated || text.size() > limit;
  text.resize(utf8_prefix(text, limit).size());
  return text;
}

}  // namespace ticketd
