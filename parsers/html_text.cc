#include "parsers/html_text.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestTag = 32 * 1024;
constexpr std::size_t kLongestLink = 2000;
constexpr std::size_t kLargestText = 4 * 1024 * 1024;
constexpr int kDeepestQuote = 10;
/// libxml2 looks through all open elements at an end tag, and through all attributes at each.
constexpr int kDeepestElement = 600;
constexpr std::size_t kMostAttributes = 200;

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 8> kHidden{"head",     "style",  "script",   "title",
                                                  "template", "object", "noframes", "select"};
constexpr std::array<std::string_view, 22> kBlocks{
    "div",    "tr", "table",   "ul",      "ol",     "dl",    "dt",  "dd",     "address", "center", "form",
    "header", "hr", "section", "article", "footer", "aside", "nav", "figure", "main",    "thead",  "tbody"};
constexpr std::array<std::string_view, 9> kParagraphs{"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre"};

constexpr std::array<std::string_view, 14> kVoid{"br",   "img", "hr",    "input", "meta",   "link", "area",
                                                 "base", "col", "embed", "param", "source", "wbr",  "frame"};

/// What Outlook writes into plain text for a horizontal rule; above a quoted mail it is a mark.
constexpr std::string_view kRule = "________________________________";

/// A style (CSS 2.1) under which nothing can be seen: what preheaders and trackers use.
bool hides(std::string_view style) {
  std::string flat = to_lower(style.substr(0, kLongestLink));
  std::erase_if(flat, is_space);
  flat = ';' + flat + ';';
  std::erase(flat, '!');
  static constexpr std::array<std::string_view, 4> hidden{";display:none", ";visibility:hidden", ";opacity:0;",
                                                          ";opacity:0important;"};
  static constexpr std::array<std::string_view, 4> zero{";font-size:0", ";max-height:0", ";max-width:0", ";font:0"};
  const auto found = [&](std::string_view each) { return flat.find(each) != std::string::npos; };
  const auto is_zero = [&](std::string_view each) {
    const auto at = flat.find(each);
    if (at == std::string::npos) return false;
    const auto value = std::string_view(flat).substr(at + each.size() - 1);
    return value.find_first_not_of("0.pxemrt%important") == value.find(';');
  };
  return std::ranges::any_of(hidden, found) || std::ranges::any_of(zero, is_zero);
}

/// Collects text: white space is collapsed, line breaks are asked for and written before the next word.
class Writer {
 public:
  void text(std::string_view text, bool verbatim) {
    for (std::size_t i = 0; i < text.size() && out_.size() < kLargestText; ++i) {
      if (text.substr(i).starts_with("\xC2\xA0")) {
        blank_ = true;
        ++i;
      } else if (verbatim && text[i] == '\n') {
        break_line(1, true);
      } else if (verbatim && (text[i] == ' ' || text[i] == '\t')) {
        put(' ');
      } else if (is_space(text[i])) {
        blank_ = true;
      } else if (!is_control(text[i])) {
        put(text[i]);
      }
    }
  }

  /// At least `lines` line ends before what follows; `more` adds them to those already asked for.
  void break_line(int lines, bool more = false) {
    constexpr int most = 20;
    breaks_ = std::min(most, more ? breaks_ + lines : std::max(breaks_, lines));
    blank_ = false;
  }
  void blank() { blank_ = true; }
  void quote(int change) {
    break_line(2);
    depth_ += change;
  }
  std::size_t size() const { return out_.size(); }
  std::string_view since(std::size_t at) const { return std::string_view(out_).substr(std::min(at, out_.size())); }
  std::string take() {
    if (!out_.empty()) out_ += '\n';
    return std::move(out_);
  }

 private:
  void put(char c) {
    if (breaks_ > 0 || out_.empty()) {
      if (!out_.empty()) out_.append(static_cast<std::size_t>(breaks_), '\n');
      for (int i = 0; i < std::min(depth_, kDeepestQuote); ++i) out_ += "> ";
    } else if (blank_) {
      out_ += ' ';
    }
    breaks_ = 0;
    blank_ = false;
    out_ += c;
  }

  std::string out_;
  int breaks_ = 0;
  int depth_ = 0;
  bool blank_ = false;
};

/// What libxml2's SAX events become.
class Document {
 public:
  Document(bool hides_styled, htmlParserCtxt* parser) : hides_styled_(hides_styled), parser_(parser) {}

  void start(std::string_view name, const xmlChar** attributes) {
    if (parser_->nameNr > kDeepestElement && !std::exchange(too_deep_, true)) xmlStopParser(parser_);
    if (is_one_of(name, kVoid)) {
      if (hidden_ == 0) start_void(name);
      return;
    }
    const bool styled = hides_styled_ && is_hidden(attributes);
    if (hidden_ > 0 || is_one_of(name, kHidden) || styled) ++hidden_;
    if (hidden_ > 0) return;
    if (name == "pre") ++verbatim_;
    if (name == "blockquote") writer_.quote(1);
    if (name == "td" || name == "th") writer_.blank();
    if (name == "a") link_ = {address(attributes), writer_.size()};
    break_around(name);
    if (name == "li") {
      writer_.break_line(1);
      writer_.text("* ", false);
    }
  }

  void end(std::string_view name) {
    if (is_one_of(name, kVoid)) return;
    if (hidden_ > 0) {
      --hidden_;
      return;
    }
    if (name == "pre") verbatim_ = std::max(0, verbatim_ - 1);
    if (name == "blockquote") writer_.quote(-1);
    if (name == "a") close_link();
    break_around(name);
  }

  void characters(std::string_view text) {
    if (hidden_ == 0) writer_.text(text, verbatim_ > 0);
  }

  [[nodiscard]] bool is_too_deep() const { return too_deep_; }
  std::string take() { return writer_.take(); }

 private:
  struct Link {
    std::string address;
    std::size_t start = 0;
  };

  void break_around(std::string_view name) {
    if (is_one_of(name, kBlocks)) writer_.break_line(1);
    if (is_one_of(name, kParagraphs)) writer_.break_line(2);
  }

  void start_void(std::string_view name) {
    if (name == "br") writer_.break_line(1, true);
    if (name != "hr") return;
    writer_.break_line(1);
    writer_.text(kRule, false);
    writer_.break_line(1);
  }

  static bool is_hidden(const xmlChar** attributes) {
    for (; attributes != nullptr && attributes[0] != nullptr; attributes += 2) {
      const std::string_view key(reinterpret_cast<const char*>(attributes[0]));
      if (key == "hidden") return true;
      if (key == "style" && attributes[1] != nullptr && hides(reinterpret_cast<const char*>(attributes[1])))
        return true;
    }
    return false;
  }

  static std::string address(const xmlChar** attributes) {
    for (; attributes != nullptr && attributes[0] != nullptr; attributes += 2) {
      if (std::string_view(reinterpret_cast<const char*>(attributes[0])) != "href" || attributes[1] == nullptr)
        continue;
      const std::string_view value = trim(reinterpret_cast<const char*>(attributes[1]));
      const bool web = starts_with_ignoring_case(value, "http://") || starts_with_ignoring_case(value, "https://");
      return web && value.size() <= kLongestLink ? std::string(value) : std::string();
    }
    return {};
  }

  void close_link() {
    const Link link = std::exchange(link_, {});
    const std::string_view shown = trim(writer_.since(link.start));
    if (link.address.empty() || shown.empty() || shown.find(link.address) != std::string_view::npos) return;
    if (link.address.ends_with(shown) || link.address.ends_with(std::string(shown) + "/")) return;
    writer_.text(" <" + link.address + ">", false);
  }

  bool hides_styled_;
  htmlParserCtxt* parser_;
  bool too_deep_ = false;
  Writer writer_;
  Link link_;
  int hidden_ = 0;
  int verbatim_ = 0;
};

std::string_view view(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

xmlSAXHandler handler() {
  xmlSAXHandler sax{};
  sax.startElement = [](void* document, const xmlChar* name, const xmlChar** attributes) {
    static_cast<Document*>(document)->start(view(name), attributes);
  };
  sax.endElement = [](void* document, const xmlChar* name) { static_cast<Document*>(document)->end(view(name)); };
  sax.characters = [](void* document, const xmlChar* text, int length) {
    static_cast<Document*>(document)->characters(
        {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)});
  };
  sax.ignorableWhitespace = sax.characters;
  return sax;
}

/// The end of the tag at `at`, as libxml2 sees it: a quote opens a value only behind `=`.
std::size_t tag_end(std::string_view html, std::size_t at, std::size_t& attributes) {
  bool value = false;
  attributes = 0;
  for (std::size_t i = at + 1; i < html.size(); ++i) {
    const char c = html[i];
    if (value && (c == '"' || c == '\'')) {
      i = std::min(html.find(c, i + 1), html.size());
      value = false;
    } else if (c == '>') {
      return i + 1;
    } else if (!is_space(c)) {
      attributes += is_space(html[i - 1]) || html[i - 1] == '"' || html[i - 1] == '\'' || c == '=' ? 1 : 0;
      value = c == '=';
    }
  }
  return html.size();
}

/// libxml2 compares each attribute of a tag with all before it.
std::string without_huge_tags(std::string_view html) {
  std::string result;
  result.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    result += html.substr(at, open - at);
    if (open == html.size()) break;
    const bool tag = open + 1 < html.size() && is_letter(html[open + 1]);
    std::size_t attributes = 0;
    const std::size_t end = tag ? tag_end(html, open, attributes) : open + 1;
    if (end - open <= kLongestTag && attributes <= 2 * kMostAttributes) result += html.substr(open, end - open);
    at = end;
  }
  return result;
}

struct FreeContext {
  void operator()(htmlParserCtxt* context) const {
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    htmlFreeParserCtxt(context);
  }
};

/// What stands between the tags, for what is too deep to be read as a document.
std::string without_tags(std::string_view html) {
  std::string result;
  result.reserve(html.size());
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    result += html.substr(at, open - at);
    const bool tag = open + 1 < html.size() && (is_letter(html[open + 1]) || html[open + 1] == '/');
    std::size_t attributes = 0;
    at = tag ? tag_end(html, open, attributes) : std::min(open + 1, html.size());
    result += tag ? "<br>" : "";
  }
  return result;
}

/// nullopt when elements lie too deep in each other.
std::optional<std::string> read_document(const std::string& html, bool hides_styled) {
  const std::unique_ptr<htmlParserCtxt, FreeContext> context(
      htmlCreateMemoryParserCtxt(html.data(), static_cast<int>(html.size())));
  if (!context) throw std::bad_alloc();
  Document document(hides_styled, context.get());
  *context->sax = handler();
  context->userData = &document;
  htmlCtxtUseOptions(context.get(), HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
                                        HTML_PARSE_IGNORE_ENC);
  xmlSwitchEncoding(context.get(), XML_CHAR_ENCODING_UTF8);
  htmlParseDocument(context.get());
  if (document.is_too_deep()) return std::nullopt;
  return document.take();
}

}  // namespace

std::string html_to_text(std::string_view utf8) {
  std::string html = without_huge_tags(utf8);
  std::erase(html, '\0');
  if (html.empty()) return {};
  auto text = read_document(html, true);
  if (text && text->empty()) text = read_document(html, false);
  if (!text) text = read_document(without_tags(html), false);
  return text.value_or(std::string());
}

}  // namespace ticketd
