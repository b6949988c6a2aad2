#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ticketd {

/// Collects a document's words as plain text: white space is collapsed or kept, line breaks are asked for and written
/// before the next word, each line of a quote starts with `> `.
class TextWriter {
 public:
  enum class Space { collapsed, lines, kept };

  /// Cleaned UTF-8. A no-break space is a space; a line of nothing else is a blank line.
  void text(std::string_view text, Space space);

  /// At least `lines` line ends before what follows; `more` adds them to those already asked for. Two blank lines are
  /// the most, but where space is kept.
  void break_line(int lines, bool more = false);
  void blank() { blank_ = true; }
  /// What the next line starts with: the mark of a list's item. Breaks between it and its first word are none.
  void mark(std::string mark);
  void drop_mark() { mark_.clear(); }
  void quote(int change);

  /// The octets that are written.
  std::size_t size() const { return out_.size(); }
  std::string_view since(std::size_t at) const { return std::string_view(out_).substr(std::min(at, out_.size())); }
  /// Makes what was written from each of `cells` on to one line, with bars between them, when each is a line or none.
  void join(std::span<const std::size_t> cells, bool is_first_row);
  std::string take();

 private:
  void break_line(int lines, bool more, int most);
  void put(char c);
  std::string prefix() const;

  std::string out_;
  std::string mark_;
  int breaks_ = 0;
  int depth_ = 0;
  bool blank_ = false;
  bool held_ = false;  ///< the line has a no-break space, and nothing yet that is written
};

}  // namespace ticketd
