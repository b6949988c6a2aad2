#include "parsers/uuencode.h"

#include <algorithm>
#include <optional>

#include "parsers/ascii.h"
#include "parsers/transfer.h"

namespace ticketd {
namespace {

std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Takes the next line, without its end.
std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t feed = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, feed - at);
  at = std::min(feed + 1, text.size());
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// `begin 644 name` or `begin-base64 644 name`.
std::optional<UuFile> read_begin(std::string_view line) {
  UuFile file;
  file.base64 = line.starts_with("begin-base64 ");
  if (!file.base64 && !line.starts_with("begin ")) return std::nullopt;
  line.remove_prefix(line.find(' ') + 1);
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  const auto mode = static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_octal) - line.begin());
  if (mode < 3 || mode > 4 || mode >= line.size() || line[mode] != ' ') return std::nullopt;
  file.name = trim(line.substr(mode));
  return file.name.empty() ? std::nullopt : std::optional(file);
}

std::size_t value_of(char c) { return static_cast<std::size_t>(c - ' ') & 0x3F; }

constexpr std::size_t kFullLine = 45;

std::size_t digits_for(std::size_t octets) { return (octets + 2) / 3 * 4; }

/// How many octets the line says it holds; nullopt when it can't be a line of encoded octets. Blanks at its end may
/// have been lost, a checksum may be added.
std::optional<std::size_t> encoded_octets(std::string_view line) {
  line = trim_right(line);
  if (line.empty()) return 0;
  if (std::any_of(line.begin(), line.end(), [](char c) { return c < ' ' || c > '`'; })) return std::nullopt;
  constexpr std::size_t most_lost = 8;
  constexpr std::size_t checksum = 2;
  const std::size_t octets = value_of(line.front());
  const std::size_t wanted = digits_for(octets);
  const std::size_t there = line.size() - 1;
  const bool fits =
      octets <= kFullLine && there <= wanted + checksum && (there + most_lost >= wanted || octets == kFullLine);
  return fits ? std::optional(octets) : std::nullopt;
}

/// What prose behind "begin 100 x" is not: as long as it says, but for one group of lost blanks.
bool is_first_line(std::string_view line) {
  line = trim_right(line);
  const auto octets = encoded_octets(line);
  constexpr std::size_t lost = 3;
  return octets && !line.empty() && line.size() - 1 + lost >= digits_for(*octets);
}

bool is_base64_line(std::string_view line) {
  line = trim_right(line);
  return !line.empty() && std::all_of(line.begin(), line.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
  });
}

class Scanner {
 public:
  Scanner(std::string_view text, std::size_t limit) : text_(text), limit_(limit) {}

  UuText scan() {
    UuText result;
    std::size_t kept = 0;
    for (std::size_t at = next_begin(0); at < text_.size() && result.files.size() < limit_; at = next_begin(at)) {
      const std::size_t begin = at;
      auto file = read_begin(next_line(text_, at));
      if (!file || !read_lines(*file, at)) continue;
      result.text += text_.substr(kept, begin - kept);
      kept = at;
      result.files.push_back(*file);
    }
    result.text += text_.substr(kept);
    return result;
  }

 private:
  /// The next line that starts with `begin`, at `at` (the start of a line) or behind it.
  std::size_t next_begin(std::size_t at) const {
    if (text_.substr(at).starts_with("begin")) return at;
    const std::size_t feed = text_.find("\nbegin", at);
    return feed == std::string_view::npos ? text_.size() : feed + 1;
  }

  /// Moves behind the end line. No begin line is an encoded one, so that no line is read twice.
  bool read_lines(UuFile& file, std::size_t& at) const {
    const std::size_t first = at;
    std::size_t lines = 0;
    std::size_t full = 0;
    for (std::size_t next = at; at < text_.size(); at = next, ++lines) {
      const std::string_view line = next_line(text_, next);
      file.lines = text_.substr(first, at - first);
      if (is_end(file, line)) {
        at = next;
        return lines > 0;
      }
      if (!is_data(file, line, lines == 0)) return false;
      full += is_full(file, line) ? 1 : 0;
    }
    constexpr std::size_t telling = 3;
    file.lines = text_.substr(first);
    file.complete = false;
    return lines >= telling && full + 1 >= lines;
  }

  static bool is_data(const UuFile& file, std::string_view line, bool first) {
    if (file.base64) return is_base64_line(line);
    return first ? is_first_line(line) : encoded_octets(line).has_value();
  }

  static bool is_full(const UuFile& file, std::string_view line) {
    return file.base64 ? line.size() >= kFullLine : encoded_octets(line) == kFullLine;
  }

  static bool is_end(const UuFile& file, std::string_view line) {
    return trim_right(line) == (file.base64 ? "====" : "end");
  }

  std::string_view text_;
  std::size_t limit_;
};

void decode_line(std::string_view line, std::string& out) {
  const std::size_t octets = encoded_octets(line).value_or(0);
  const auto digit = [&](std::size_t i) { return i < line.size() ? value_of(line[i]) : 0; };
  for (std::size_t done = 0, at = 1; done < octets; at += 4) {
    const std::size_t bits = digit(at) << 18 | digit(at + 1) << 12 | digit(at + 2) << 6 | digit(at + 3);
    for (int shift = 16; shift >= 0 && done < octets; shift -= 8, ++done) out += static_cast<char>(bits >> shift);
  }
}

}  // namespace

UuText take_uu_files(std::string_view text, std::size_t limit) { return Scanner(text, limit).scan(); }

std::string decode_uu(const UuFile& file) {
  if (file.base64) return decode_transfer(file.lines, TransferEncoding::base64);
  std::string result;
  for (std::size_t at = 0; at < file.lines.size();) decode_line(trim_right(next_line(file.lines, at)), result);
  return result;
}

}  // namespace ticketd
