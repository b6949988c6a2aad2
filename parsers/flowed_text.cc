#include "parsers/flowed_text.h"

#include <algorithm>

namespace ticketd {
namespace {

constexpr std::string_view kSignature = "-- ";

/// A line without its quote marks and stuffing (RFC 3676 §4.4, §4.5).
struct Line {
  std::size_t depth = 0;
  std::string_view text;
  bool flowed = false;
};

Line read_line(std::string_view written) {
  Line line;
  line.depth = std::min(written.find_first_not_of('>'), written.size());
  line.text = written.substr(line.depth);
  if (line.text.starts_with(' ')) line.text.remove_prefix(1);
  line.flowed = line.text.ends_with(' ') && line.text != kSignature;
  return line;
}

class Joiner {
 public:
  explicit Joiner(bool delete_space) : delete_space_(delete_space) {}

  void add(const Line& line) {
    const bool continues = open_ && line.depth == depth_ && line.text != kSignature;
    if (open_ && !continues) end_line();
    if (!continues) start_line(line.depth);
    text_ += line.text.substr(0, line.text.size() - (line.flowed && delete_space_ ? 1 : 0));
    depth_ = line.depth;
    open_ = line.flowed;
    if (!open_) text_ += '\n';
  }

  std::string finish(bool ends_in_line_feed) {
    if (open_) text_ += '\n';
    if (!ends_in_line_feed && text_.ends_with('\n')) text_.pop_back();
    return std::move(text_);
  }

 private:
  /// A flowed line that nothing continues: a paragraph that its writer's client ended wrongly.
  void end_line() {
    while (text_.ends_with(' ')) text_.pop_back();
    text_ += '\n';
  }
  void start_line(std::size_t depth) {
    text_.append(depth, '>');
    if (depth > 0) text_ += ' ';
  }

  bool delete_space_;
  std::size_t depth_ = 0;
  bool open_ = false;
  std::string text_;
};

}  // namespace

std::string join_flowed_lines(std::string_view text, bool delete_space) {
  Joiner joiner(delete_space);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t feed = std::min(text.find('\n', at), text.size());
    joiner.add(read_line(text.substr(at, feed - at)));
    at = feed + 1;
  }
  return joiner.finish(text.ends_with('\n'));
}

}  // namespace ticketd
