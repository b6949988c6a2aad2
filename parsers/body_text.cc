#include "parsers/body_text.h"

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/flowed_text.h"
#include "parsers/html_charset.h"
#include "parsers/html_notice.h"
#include "parsers/html_source.h"
#include "parsers/html_text.h"
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
  TextReader(const SplitMail& mail, std::string_view hint, std::size_t limit, bool& truncated)
      : mail_(mail), hint_(hint), limit_(limit), truncated_(truncated) {}

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
  std::string octets(std::size_t part) const { return decode_transfer(mail_.parts[part].body, encoding(mail_, part)); }

  std::string html(std::size_t part, bool& truncated) const {
    std::string whole = octets(part);
    const std::string own = html_charset(whole);
    // what nobody reads does not count
    if (whole.size() > limit_ && has_ascii_in_its_place(whole))
      whole = readable_source(whole, Unclosed::kept, limit_ + 1);
    return html_to_text(decoded(part, std::move(whole), own.empty() ? hint_ : own, truncated));
  }

  std::string plain(std::size_t part) {
    const ParameterizedValue& type = mail_.parts[part].type;
    const std::string whole = octets(part);
    std::string text = clean_lines(decoded(part, take_uu_files(whole, kMostUuFiles).text, hint_, truncated_));
    if (const auto footer = text_behind(mail_.parts[part].body, encoding(mail_, part)); !footer.empty()) {
      append(text, clean_lines(decode_charset(footer.substr(0, limit_), {}, hint_)));
    }
    if (!equals_ignoring_case(type.text("format"), "flowed")) return text;
    return join_flowed_lines(text, equals_ignoring_case(type.text("delsp"), "yes"));
  }

  std::string decoded(std::size_t part, std::string octets, std::string_view hint, bool& truncated) const {
    if (octets.size() > limit_) {
      truncated = true;
      octets.resize(limit_);
    }
    const std::string* charset = mail_.parts[part].type.octets("charset");
    std::string text = decode_charset(octets, charset != nullptr ? *charset : std::string(), hint);
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return text;
  }

  const SplitMail& mail_;
  std::string_view hint_;
  std::size_t limit_;
  bool& truncated_;
};

}  // namespace

std::string body_text(const SplitMail& mail, const BodySelection& selection, std::string_view hint, std::size_t limit,
                      bool& truncated) {
  std::string text;
  TextReader reader(mail, hint, limit, truncated);
  for (const BodyPiece& piece : selection.pieces) {
    if (text.size() > limit) break;
    std::string more = reader.read(piece);
    if (selection.pieces.size() > 1 && is_blank_text(more)) continue;
    append(text, more);
  }
  truncated = truncated || text.size() > limit;
  text.resize(utf8_prefix(text, limit).size());
  return text;
}

}  // namespace ticketd
