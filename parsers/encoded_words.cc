#include "parsers/encoded_words.h"

#include <optional>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/transfer.h"

namespace ticketd {
namespace {

struct Word {
  std::string_view charset;
  bool base64 = false;
  std::string_view text;
  std::size_t length = 0;
};

constexpr std::size_t kLongestCharset = 64;

/// The word at the start of `raw`, which starts with `=?`.
std::optional<Word> read_word(std::string_view raw) {
  const std::size_t charset_end = raw.substr(0, kLongestCharset + 3).find('?', 2);
  if (charset_end == std::string_view::npos || charset_end == 2 || charset_end + 2 >= raw.size()) return std::nullopt;
  const char encoding = to_lower(raw[charset_end + 1]);
  if ((encoding != 'b' && encoding != 'q') || raw[charset_end + 2] != '?') return std::nullopt;
  const std::string_view charset = raw.substr(2, charset_end - 2);
  if (charset.find_first_of(" \t\r\n") != std::string_view::npos) return std::nullopt;
  const std::size_t text = charset_end + 3;
  const std::size_t end = raw.find("?=", text);
  if (end == std::string_view::npos) return std::nullopt;
  return Word{charset.substr(0, charset.find('*')), encoding == 'b', raw.substr(text, end - text), end + 2};
}

/// Octets of adjacent words in one charset, for senders split characters between them.
class Run {
 public:
  explicit Run(std::string& out) : out_(out) {}

  void add(const Word& word) {
    const bool stateful = starts_with_ignoring_case(word.charset, "iso-2022");
    const std::string octets = word.base64 ? decode_transfer(word.text, TransferEncoding::base64) : decode_q(word.text);
    if (!equals_ignoring_case(word.charset, charset_) || (stateful && !goes_on(octets))) flush();
    charset_ = word.charset;
    octets_ += octets;
  }
  void flush() {
    if (!octets_.empty()) out_ += decode_charset(octets_, charset_);
    octets_.clear();
    charset_ = {};
  }

 private:
  /// Each word of a charset with shifts is to begin and end in ASCII (RFC 2047 §3). One whose sender cut the text
  /// somewhere leaves the set of the words before without having entered it, or follows half a character.
  bool goes_on(std::string_view octets) const {
    const std::size_t shift = octets_.rfind('\x1B');
    if (shift == std::string::npos || octets_.compare(shift + 1, 1, "$") != 0) return false;
    const std::size_t next = octets.find('\x1B');
    const auto escape = next == std::string_view::npos ? std::string_view() : octets.substr(next + 1, 2);
    if (!escape.empty()) return next > 0 && (escape == "(B" || escape == "(J");
    constexpr std::size_t sequence = 3;
    return octets_.size() >= shift + sequence && (octets_.size() - shift - sequence) % 2 == 1;
  }

  std::string& out_;
  std::string_view charset_;
  std::string octets_;
};

/// The next word from `at` on, and where it starts. `last_end` keeps the search linear: behind it no word can end.
std::optional<Word> next_word(std::string_view text, std::size_t& at, std::size_t last_end) {
  for (at = text.find("=?", at); at < last_end; at = text.find("=?", at + 2))
    if (auto word = read_word(text.substr(at))) return word;
  return std::nullopt;
}

std::string decode_words(std::string_view text, std::string_view hint) {
  std::string result;
  Run run(result);
  const std::size_t last_end = text.rfind("?=");
  std::size_t done = 0;
  std::size_t at = 0;
  while (last_end != std::string_view::npos) {
    const auto word = next_word(text, at, last_end);
    if (!word) break;
    const std::string_view between = text.substr(done, at - done);
    if (done == 0 || !trim(between).empty()) {
      run.flush();
      result += decode_charset(between, {}, hint);
    }
    run.add(*word);
    done = at += word->length;
  }
  run.flush();
  return result += decode_charset(text.substr(done), {}, hint);
}

}  // namespace

std::string decode_encoded_words(std::string_view raw, std::string_view hint) {
  return raw.find("=?") == std::string_view::npos ? decode_charset(raw, {}, hint) : decode_words(raw, hint);
}

std::size_t encoded_word_length(std::string_view raw) {
  if (!raw.starts_with("=?")) return 0;
  const auto word = read_word(raw);
  return word ? word->length : 0;
}

}  // namespace ticketd
