#pragma once

#include <string>
#include <string_view>

namespace ticketd {

/// The document without what nobody reads and libxml2 stumbles over: comments, also those that browsers make of any
/// other
/// `<!` (Word writes `<![if !supportLists]>`, which libxml2 takes for text), what is in style sheets and scripts, NULs,
/// and tags of more than 32 KiB or 200 attributes, for it compares each attribute with all before it. What is not
/// closed stays.
[[nodiscard]] std::string readable_source(std::string_view html);

/// What stands between the tags, for what is too deep to be read as a document; each tag is a `<br>`.
[[nodiscard]] std::string without_tags(std::string_view html);

}  // namespace ticketd
