#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ticketd {

enum class Unclosed {
  kept,
  ignored,  ///< the start of a comment, or of an element that nobody sees, that nothing closes
};

struct ReadableSource {
  std::string html;
  /// The end of a document that takes libxml2 too long: html_to_text reads it without its tags. A view into what was
  /// given.
  std::string_view rest;
};

/// The document without what nobody reads and libxml2 stumbles over: comments, also those that browsers make of any
/// other `<!` (Word writes `<![if !supportLists]>`, which libxml2 takes for text), what is in style sheets and scripts,
/// values of attributes over 16 KiB but the beginning of a `data:`, and tags of more than 32 KiB or 200
/// attributes, for libxml2 compares each attribute with all before it, and ends of elements that nothing opened, which
/// it looks for among all that are open. References are made sound. Reads no further than `limit` octets of what is
/// left; any charset that has ASCII in its place will do.
[[nodiscard]] ReadableSource readable_source(std::string_view html, Unclosed unclosed = Unclosed::kept,
                                             std::size_t limit = std::string::npos);

/// HTML without the characters that libxml2 leaves out, each of which costs it a microsecond; a form feed, which it
/// does not know for a blank, is a line end.
[[nodiscard]] std::string readable_characters(std::string_view utf8);

/// What stands between the tags, for what is too deep to be read as a document; each tag is a `<br>`.
[[nodiscard]] std::string without_tags(std::string_view html);

}  // namespace ticketd
