#include "parsers/jis.h"

#include <utility>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

/// The escape sequences of ISO-2022-JP that change its set.
bool is_shift(std::string_view shift) {
  return shift == "$@" || shift == "$B" || shift == "(B" || shift == "(J" || shift == "(I";
}

class JisReader {
 public:
  explicit JisReader(std::string_view octets) : octets_(octets) {}

  std::optional<JisText> read() {
    for (at_ = 0; at_ < octets_.size(); ++at_) {
      const char c = octets_[at_];
      if (is_8bit(c)) return std::nullopt;
      if (c == '\x1B')
        escape();
      else if (static_cast<unsigned char>(c) <= ' ' || (state_ != '$' && state_ != 'I'))
        result_.windows_31j += c;
      else if (state_ == 'I')
        result_.windows_31j += static_cast<char>(static_cast<unsigned char>(c) | 0x80U);
      else
        character();
    }
    return std::move(result_);
  }

 private:
  void escape() {
    const std::string_view shift = octets_.substr(at_ + 1, 2);
    if (!is_shift(shift)) return unknown_escape();
    state_ = shift[0] == '$' ? '$' : shift[1];
    result_.shifted = result_.shifted || state_ != 'B';
    at_ += 2;
  }

  /// ECMA-35 §13.2.1: intermediate octets, then a final one. The set stays as it was.
  void unknown_escape() {
    const auto is_intermediate = [](char c) { return c >= ' ' && c <= '/'; };
    const std::size_t first = at_ + 1;
    while (at_ + 1 < octets_.size() && is_intermediate(octets_[at_ + 1])) ++at_;
    if (at_ >= first && at_ + 1 < octets_.size() && !is_control(octets_[at_ + 1])) ++at_;
    error();
  }

  void character() {
    const bool cut = at_ + 1 == octets_.size() || is_control(octets_[at_ + 1]) || octets_[at_ + 1] == ' ';
    if (cut || is_8bit(octets_[at_ + 1])) return error();
    const auto first = static_cast<unsigned>(static_cast<unsigned char>(octets_[at_]));
    const auto second = static_cast<unsigned>(static_cast<unsigned char>(octets_[++at_]));
    const unsigned row = (first - 0x21U) / 2 + 0x81;
    result_.windows_31j += static_cast<char>(row > 0x9F ? row + 0x40 : row);
    result_.windows_31j += static_cast<char>(first % 2 == 0 ? second + 0x7E : second + (second >= 0x60 ? 0x20 : 0x1F));
  }

  /// Half a character, or an unknown escape sequence: a code that windows-31j leaves free.
  void error() { result_.windows_31j += "\x85\x9F"; }

  std::string_view octets_;
  std::size_t at_ = 0;
  char state_ = 'B';
  JisText result_;
};

}  // namespace

std::optional<JisText> read_jis(std::string_view octets) { return JisReader(octets).read(); }

}  // namespace ticketd
