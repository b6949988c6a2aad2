#include "parsers/html_source.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <vector>

#include "parsers/ascii.h"
#include "parsers/html_entities.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestTag = 32 * 1024;
constexpr std::size_t kMostAttributes = 200;
constexpr std::size_t kLongestValue = 16 * 1024;
constexpr std::size_t kDataStart = 1024;  ///< what is kept of a longer `data:`

/// libxml2 looks for the start of an element that it ended by itself, such as an item, among all that are open: where
/// that would take so many looks, the document ends. Without the ends alone, what was to be hidden up to there would
/// hide all that follows.
constexpr std::size_t kMostSearched = 30'000'000;
constexpr std::size_t kDeepest = 600;

/// What is not closed hides all that follows.
constexpr std::array<std::string_view, 8> kHiding{"style",  "script",   "title",  "template",
                                                  "object", "noframes", "select", "xml"};

/// What has no end and so is never open.
constexpr std::array<std::string_view, 11> kEmpty{"area", "base",  "br",   "col",  "frame", "hr",
                                                  "img",  "input", "link", "meta", "param"};

/// A tag as libxml2 sees it: a quote opens a value only behind `=`.
struct Tag {
  std::size_t end = 0;
  std::size_t attributes = 0;
  std::string text;  ///< without its longest values
};

class TagReader {
 public:
  TagReader(std::string_view html, std::size_t at) : html_(html), kept_(at), at_(at + 1) {}

  Tag read() {
    bool value = false;
    for (; at_ < html_.size(); ++at_) {
      const char c = html_[at_];
      if (c == '>') break;
      if (is_space(c)) continue;
      const char before = html_[at_ - 1];
      if (value)
        read_value();
      else
        tag_.attributes += is_space(before) || before == '"' || before == '\'' || c == '=' ? 1 : 0;
      value = c == '=' && !value;
    }
    tag_.end = std::min(at_ + 1, html_.size());
    keep(tag_.end);
    return std::move(tag_);
  }

 private:
  /// Leaves the position at the value's last character.
  void read_value() {
    const char quote = html_[at_];
    const bool quoted = quote == '"' || quote == '\'';
    const std::size_t begin = at_ + (quoted ? 1 : 0);
    std::size_t end = begin;
    if (quoted)
      end = std::min(html_.find(quote, begin), html_.size());
    else
      while (end < html_.size() && html_[end] != '>' && !is_space(html_[end])) ++end;
    if (end - begin > kLongestValue) {
      keep(starts_with_ignoring_case(html_.substr(begin), "data:") ? data_start(begin) : begin);
      kept_ = end;
    }
    at_ = quoted ? end : end - 1;
  }

  std::size_t data_start(std::size_t begin) const {
    const auto start = html_.substr(begin, kDataStart);
    return begin + static_cast<std::size_t>(std::ranges::find_if(start, is_8bit) - start.begin());
  }

  void keep(std::size_t end) {
    constexpr std::size_t enough = kLongestTag + 1;
    if (tag_.text.size() < enough) tag_.text += html_.substr(kept_, std::min(end - kept_, enough));
    kept_ = end;
  }

  std::string_view html_;
  std::size_t kept_;  ///< up to here, all that is to be kept is
  std::size_t at_;
  Tag tag_;
};

/// Searches that found nothing are not made again: what is sought stands nowhere behind, either.
class Search {
 public:
  explicit Search(std::string_view text) : text_(text) {}

  std::size_t find(std::string_view word, std::size_t at) {
    if (std::ranges::find(missing_, word) != missing_.end()) return std::string_view::npos;
    std::size_t found = text_.find(word.front(), at);
    while (found != std::string_view::npos && !starts_with_ignoring_case(text_.substr(found), word))
      found = text_.find(word.front(), found + 1);
    if (found == std::string_view::npos) missing_.push_back(word);
    return found;
  }

 private:
  std::string_view text_;
  std::vector<std::string_view> missing_;
};

class Source {
 public:
  Source(std::string_view html, Unclosed unclosed) : html_(html), search_(html), unclosed_(unclosed) {
    if (unclosed == Unclosed::kept) return;
    for (std::size_t i = 0; i < kHiding.size(); ++i) last_closing_[i] = last_closing(kHiding[i]);
  }

  ReadableSource read(std::size_t limit) {
    result_.reserve(std::min(html_.size(), limit));
    for (std::size_t at = 0; at < html_.size() && result_.size() < limit && rest_.empty();) {
      const std::size_t open = std::min(html_.find('<', at), html_.size());
      const auto text = html_.substr(at, std::min(open - at, limit - result_.size()));
      append_sound_references(result_, text, ReferencesOf::text);
      if (open == html_.size()) break;
      const char next = open + 1 < html_.size() ? html_[open + 1] : ' ';
      if (next == '/' && is_element(open + 1, "br")) result_ += "<br>";  // which browsers make of it
      at = is_letter(next) ? tag(open)
           : next == '!'   ? declaration(open)
           : next == '/'   ? end(open)
                           : keep(open, open + 1);
    }
    return {std::move(result_), rest_};
  }

 private:
  std::size_t keep(std::size_t start, std::size_t end) {
    result_ += html_.substr(start, end - start);
    return end;
  }

  std::size_t tag(std::size_t open) {
    if (unclosed_ == Unclosed::ignored && !is_closed(open)) return TagReader(html_, open).read().end;
    const Tag tag = TagReader(html_, open).read();
    if (tag.text.size() > kLongestTag || tag.attributes > 2 * kMostAttributes) return tag.end;
    append_sound_references(result_, tag.text, ReferencesOf::tag);
    const std::string name = name_at(open + 1);
    ++opened_[name];
    if (!is_empty(name)) ++all_opened_;
    for (const std::string_view closing : {"</style", "</script"})
      if (is_element(open, closing.substr(2))) {
        const std::size_t close = search_.find(closing, tag.end);
        return close == std::string_view::npos ? tag.end : close;
      }
    return tag.end;
  }

  /// At most as many ends as there were starts; those of the elements that libxml2 opens by itself may come once more.
  std::size_t end(std::size_t open) {
    if (open + 2 >= html_.size() || !is_letter(html_[open + 2])) return keep(open, open + 1);
    const std::string name = name_at(open + 2);
    std::size_t& opened = opened_.try_emplace(name, is_implied(name) ? 1 : 0).first->second;
    if (opened == 0) return std::min(html_.find('>', open), html_.size() - 1) + 1;
    if (searched_ >= kMostSearched) {
      rest_ = html_.substr(open);
      return open;
    }
    --opened;
    searched_ += std::min(all_opened_, kDeepest);
    if (!is_empty(name)) all_opened_ -= std::min<std::size_t>(1, all_opened_);
    return keep(open, open + 1);
  }

  static bool is_empty(std::string_view name) { return std::ranges::find(kEmpty, name) != kEmpty.end(); }

  static bool is_implied(std::string_view name) { return name == "html" || name == "head" || name == "body"; }

  /// As libxml2 reads it: lower case, of at most so many octets.
  std::string name_at(std::size_t at) const {
    constexpr std::size_t longest = 100;
    const auto belongs = [](char c) {
      return is_letter(c) || is_digit(c) || std::string_view(":-_.").find(c) != std::string_view::npos;
    };
    std::string name;
    for (; at < html_.size() && name.size() < longest && belongs(html_[at]); ++at) name += to_lower(html_[at]);
    return name;
  }

  bool is_element(std::size_t open, std::string_view name) const {
    const auto rest = html_.substr(open + 1, name.size() + 1);
    return starts_with_ignoring_case(rest, name) && rest.size() > name.size() && !is_letter(rest.back());
  }

  std::size_t last_closing(std::string_view name) const {
    for (auto at = html_.rfind("</"); at != std::string_view::npos; at = at == 0 ? at : html_.rfind("</", at - 1))
      if (at == 0 || starts_with_ignoring_case(html_.substr(at + 2), name)) return at;
    return 0;
  }

  bool is_closed(std::size_t open) const {
    for (std::size_t i = 0; i < kHiding.size(); ++i)
      if (is_element(open, kHiding[i])) return last_closing_[i] > open;
    return true;
  }

  std::size_t declaration(std::size_t open) {
    const auto rest = html_.substr(open);
    if (starts_with_ignoring_case(rest, "<!doctype")) return keep(open, open + 1);
    const bool comment = rest.starts_with("<!--");
    const std::string_view end = comment ? "-->" : ">";
    const std::size_t close = search_.find(end, open + 2);
    if (close != std::string_view::npos) return close + end.size();
    return unclosed_ == Unclosed::ignored ? open + (comment ? 4 : 2) : keep(open, open + 1);
  }

  std::string_view html_;
  Search search_;
  Unclosed unclosed_;
  std::array<std::size_t, kHiding.size()> last_closing_{};
  std::size_t all_opened_ = 0;                           ///< so many elements at most are open
  std::size_t searched_ = 0;                             ///< so many of them libxml2 may have looked at
  std::unordered_map<std::string, std::size_t> opened_;  ///< how many more of an element were opened than ended
  std::string result_;
  std::string_view rest_;
};

}  // namespace

ReadableSource readable_source(std::string_view html, Unclosed unclosed, std::size_t limit) {
  return Source(html, unclosed).read(limit);
}

std::string readable_characters(std::string_view utf8) {
  std::string result;
  result.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const char c = utf8[at];
    const auto rest = utf8.substr(at, 3);
    const bool unread =
        (is_control(c) && !is_space(c) && c != '\x7F') || c == '\v' || rest == "\uFFFE" || rest == "\uFFFF";
    if (!unread) result += c == '\f' ? '\n' : c;
    at += unread && is_8bit(c) ? rest.size() : 1;
  }
  return result;
}

std::string without_tags(std::string_view html) {
  std::string result;
  result.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    result += html.substr(at, open - at);
    const bool tag = open + 1 < html.size() && (is_letter(html[open + 1]) || html[open + 1] == '/');
    at = tag ? TagReader(html, open).read().end : std::min(open + 1, html.size());
    result += tag ? "<br>" : "";
  }
  return result;
}

}  // namespace ticketd
