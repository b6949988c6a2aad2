#include "parsers/body_text.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/flowed_text.h"
#include "parsers/html_charset.h"
#include "parsers/html_text.h"
#include "parsers/uuencode.h"

namespace ticketd {
namespace {

bool is_blank_text(std::string_view text) { return std::all_of(text.begin(), text.end(), is_space); }

class TextReader {
 public:
  TextReader(const SplitMail& mail, std::string_view hint, std::size_t limit, bool& truncated)
      : mail_(mail), hint_(hint), limit_(limit), truncated_(truncated) {}

  std::string read(const BodyPiece& piece) {
    if (piece.plain)
      if (std::string text = plain(*piece.plain); !is_blank_text(text)) return text;
    return piece.html ? html(*piece.html) : std::string();
  }

 private:
  std::string octets(std::size_t part) const { return decode_transfer(mail_.parts[part].body, encoding(mail_, part)); }

  std::string html(std::size_t part) {
    std::string whole = octets(part);
    const std::string own = html_charset(whole);
    return html_to_text(decoded(part, std::move(whole), own.empty() ? hint_ : own));
  }

  std::string plain(std::size_t part) {
    const ParameterizedValue& type = mail_.parts[part].type;
    const std::string whole = octets(part);
    std::string text = clean_lines(decoded(part, take_uu_files(whole, kMostUuFiles).text, hint_));
    if (const auto footer = text_behind(mail_.parts[part].body, encoding(mail_, part)); !footer.empty()) {
      if (!text.empty() && text.back() != '\n') text += '\n';
      text += clean_lines(decode_charset(footer.substr(0, limit_), {}, hint_));
    }
    if (!equals_ignoring_case(type.text("format"), "flowed")) return text;
    return join_flowed_lines(text, equals_ignoring_case(type.text("delsp"), "yes"));
  }

  std::string decoded(std::size_t part, std::string octets, std::string_view hint) {
    if (octets.size() > limit_) {
      truncated_ = true;
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

std::string clean_lines(std::string_view utf8) {
  std::string result;
  result.reserve(utf8.size());
  const auto stays = [](char c) { return !is_control(c) || c == '\n' || c == '\t'; };
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const std::size_t start = i;
    while (i < utf8.size() && stays(utf8[i])) ++i;
    result += utf8.substr(start, i - start);
    if (i == utf8.size() || utf8[i] != '\r') continue;
    while (i + 1 < utf8.size() && utf8[i + 1] == '\r') ++i;
    if (i + 1 < utf8.size() && utf8[i + 1] == '\n') ++i;
    result += '\n';
  }
  return result;
}

std::string body_text(const SplitMail& mail, const BodySelection& selection, std::string_view hint, std::size_t limit,
                      bool& truncated) {
  std::string text;
  TextReader reader(mail, hint, limit, truncated);
  for (const BodyPiece& piece : selection.pieces) {
    if (text.size() > limit) break;
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += reader.read(piece);
  }
  truncated = truncated || text.size() > limit;
  text.resize(utf8_prefix(text, limit).size());
  return text;
}

}  // namespace ticketd
