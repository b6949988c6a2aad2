#include "parsers/html_text.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/html_source.h"
#include "parsers/html_values.h"
#include "parsers/inline_style.h"
#include "parsers/text_writer.h"

namespace ticketd {
namespace {

using Said = InlineStyle::Said;
using FontSize = InlineStyle::FontSize;
using WhiteSpace = InlineStyle::WhiteSpace;
using Space = TextWriter::Space;

/// libxml2 looks through all open elements at an end tag.
constexpr int kDeepestElement = 600;
constexpr std::size_t kDeepestList = 10;

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Not `head`: what cannot stand there opens the body, and libxml2 knows that of few elements.
constexpr std::array<std::string_view, 8> kHidden{"style",  "script",   "title",  "template",
                                                  "object", "noframes", "select", "xml"};
constexpr std::array<std::string_view, 33> kBlocks{
    "div",    "tr",         "table",   "ul",     "ol",    "dl",      "dt",      "dd",      "address",
    "center", "form",       "li",      "header", "hr",    "section", "article", "footer",  "aside",
    "nav",    "figure",     "main",    "thead",  "tbody", "tfoot",   "details", "summary", "fieldset",
    "legend", "figcaption", "caption", "menu",   "dir",   "hgroup"};
constexpr std::array<std::string_view, 4> kCells{"td", "th", "button", "textarea"};
constexpr std::array<std::string_view, 9> kParagraphs{"p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre"};

constexpr std::array<std::string_view, 14> kVoid{"br",   "img", "hr",    "input", "meta",   "link", "area",
                                                 "base", "col", "embed", "param", "source", "wbr",  "frame"};

/// Boxes whose height and width hold (CSS 2.1 §10.5, §10.7: neither inline ones nor the parts of tables).
constexpr std::array<std::string_view, 11> kBoxes{"div",    "p",     "center", "section", "article",   "header",
                                                  "footer", "aside", "ul",     "ol",      "blockquote"};

/// What Outlook writes into plain text for a horizontal rule; above a quoted mail it is a mark.
constexpr std::string_view kRule = "________________________________";

std::string_view view(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

/// An element's attributes as libxml2 gives them.
class Attributes {
 public:
  explicit Attributes(const xmlChar** pairs) : pairs_(pairs) {}

  /// Empty for an attribute without a value.
  [[nodiscard]] std::optional<std::string_view> operator[](std::string_view name) const {
    for (const auto* each = pairs_; each != nullptr && each[0] != nullptr; each += 2)
      if (view(each[0]) == name) return each[1] == nullptr ? std::string_view() : trim(view(each[1]));
    return std::nullopt;
  }
  [[nodiscard]] std::string_view value(std::string_view name) const { return (*this)[name].value_or(""); }
  [[nodiscard]] std::optional<std::int32_t> number(std::string_view name) const {
    const std::string_view text = value(name);
    std::int32_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() ? std::optional(number) : std::nullopt;
  }
  [[nodiscard]] InlineStyle style() const {
    const auto style = (*this)["style"];
    return style ? read_inline_style(*style) : InlineStyle();
  }

 private:
  const xmlChar** pairs_;
};

/// An open element: what its content inherits, and what its end undoes.
struct Element {
  bool gone = false;  ///< with all that is in it
  bool invisible = false;
  bool tiny = false;
  Space space = Space::collapsed;
  bool quotes = false;
  bool is_list = false;
  int breaks = 0;  ///< before and behind it
};

struct List {
  std::optional<std::int64_t> next;  ///< the number of the next item, in an ordered one
  std::string type;
  bool without_marks = false;
};

struct Table {
  bool has_lines = false;  ///< that a reader sees: columns of data
  bool is_first_row = true;
  bool is_innermost = true;  ///< no table within the row
  std::vector<std::size_t> cells;
};

Space space_of(std::string_view name, const InlineStyle& style, Space inherited) {
  switch (style.white_space) {
    case WhiteSpace::collapsed:
      return Space::collapsed;
    case WhiteSpace::lines:
      return Space::lines;
    case WhiteSpace::kept:
      return Space::kept;
    case WhiteSpace::unsaid:
      break;
  }
  return name == "pre" || name == "textarea" ? Space::kept : inherited;
}

/// A blockquote that editors use to indent what is newly written.
bool is_indentation(const Attributes& attributes, const InlineStyle& style) {
  const bool cited = attributes["type"] || attributes["cite"];
  const bool quote = to_lower(attributes.value("class")).find("quote") != std::string::npos;
  return style.bordered == Said::no && !cited && !quote;
}

/// Line ends before and behind an element. Inline blocks are columns, and read one below the other. Word's own
/// paragraphs have no margin but the one they declare.
int breaks_around(std::string_view name, const Attributes& attributes, const InlineStyle& style) {
  if (is_one_of(name, kBlocks)) return style.is_inline ? 0 : 1;
  if (!is_one_of(name, kParagraphs)) return style.starts_line ? 1 : 0;
  if (name != "p" || style.margin == Said::yes) return 2;
  return style.margin == Said::no || attributes.value("class").starts_with("Mso") ? 1 : 2;
}

bool is_dot(const Attributes& attributes, const InlineStyle& style) {
  const auto small = [&](std::string_view name) { return attributes.number(name).value_or(2) <= 1; };
  return style.is_dot || small("width") || small("height");
}

/// What libxml2's SAX events become.
class Document {
 public:
  Document(bool hides_styled, htmlParserCtxt* parser) : hides_styled_(hides_styled), parser_(parser) {}

  void start(std::string_view name, const xmlChar** pairs) {
    if (parser_->nameNr > kDeepestElement && !std::exchange(too_deep_, true)) xmlStopParser(parser_);
    const Attributes attributes(pairs);
    after_pre_ = false;
    if (is_one_of(name, kVoid)) return start_void(name, attributes);
    has_sheet_ = has_sheet_ || name == "style";
    const InlineStyle style = attributes.style();
    open_.push_back(element(name, attributes, style));
    if (!open_.back().gone) begin(name, attributes, style);
  }

  void end(std::string_view name) {
    after_pre_ = false;
    if (is_one_of(name, kVoid) || open_.empty()) return;
    const Element element = open_.back();
    open_.pop_back();
    if (element.gone) return;
    if (name == "li") writer_.drop_mark();
    if (name == "tr") end_row();
    if (name == "table" && !tables_.empty()) tables_.pop_back();
    if (element.is_list && !lists_.empty()) lists_.pop_back();
    if (element.quotes) writer_.quote(-1);
    if (name == "a") close_link();
    if (element.breaks > 0) writer_.break_line(element.breaks);
  }

  void characters(std::string_view text) {
    if (std::exchange(after_pre_, false) && text.starts_with('\n')) text.remove_prefix(1);
    if (!is_seen()) return;
    piece_.clear();
    cleaner_.append(piece_, text);
    writer_.text(piece_, open_.empty() ? Space::collapsed : open_.back().space);
  }

  [[nodiscard]] bool is_too_deep() const { return too_deep_; }
  std::string take() { return writer_.take(); }

 private:
  struct Link {
    std::string target;
    std::size_t start = 0;
  };

  bool is_seen() const { return open_.empty() || !(open_.back().gone || open_.back().invisible || open_.back().tiny); }

  Element element(std::string_view name, const Attributes& attributes, const InlineStyle& style) const {
    Element result = open_.empty() ? Element() : open_.back();
    result.gone = result.gone || is_one_of(name, kHidden) || (hides_styled_ && is_gone(name, attributes, style));
    if (hides_styled_ && style.visible != Said::unsaid) result.invisible = style.visible == Said::no;
    result.tiny = hides_styled_ && is_tiny(name, attributes, style, result.tiny);
    result.space = space_of(name, style, result.space);
    result.quotes = name == "blockquote" && !is_indentation(attributes, style);
    result.is_list = name == "ol" || name == "ul";
    result.breaks = breaks_around(name, attributes, style);
    return result;
  }

  static bool is_gone(std::string_view name, const Attributes& attributes, const InlineStyle& style) {
    if (style.displayed == Said::no || (style.displayed == Said::unsaid && attributes["hidden"])) return true;
    const bool box = style.is_block == Said::yes || (style.is_block == Said::unsaid && is_one_of(name, kBoxes));
    return style.transparent || (style.cut_to_nothing && box);
  }

  /// Letters of no size. Without a doctype a table does not inherit them (Quirks Mode Standard §3.2), and a style
  /// sheet, which is not read, may give its classes a size.
  bool is_tiny(std::string_view name, const Attributes& attributes, const InlineStyle& style, bool inherited) const {
    if (style.font_size == FontSize::zero) return true;
    if (style.font_size == FontSize::absolute) return false;
    const bool sized = (name == "font" && attributes["size"]) || name == "table";
    return inherited && !sized && !(has_sheet_ && (attributes["class"] || attributes["id"]));
  }

  void begin(std::string_view name, const Attributes& attributes, const InlineStyle& style) {
    const Element& element = open_.back();
    if (element.quotes) writer_.quote(1);
    if (element.breaks > 0) writer_.break_line(element.breaks);
    if (name == "a") link_ = {link_target(attributes.value("href")), writer_.size()};
    if (name == "pre" || name == "textarea") after_pre_ = true;
    if (name == "table") begin_table(attributes, style);
    if (name == "tr" && !tables_.empty()) {
      tables_.back().cells.clear();
      tables_.back().is_innermost = true;
    }
    if (is_one_of(name, kCells)) writer_.blank();
    if (name == "td" || name == "th") begin_cell(name, style);
    if (element.is_list) begin_list(name, attributes, style);
    if (name == "li") begin_item(attributes, style);
  }

  void begin_table(const Attributes& attributes, const InlineStyle& style) {
    if (!tables_.empty()) tables_.back().is_innermost = false;
    tables_.emplace_back().has_lines = attributes.number("border").value_or(0) > 0 || style.bordered == Said::yes;
  }

  void begin_cell(std::string_view name, const InlineStyle& style) {
    if (tables_.empty()) return;
    tables_.back().cells.push_back(writer_.size());
    if (name == "th" || style.bordered == Said::yes) tables_.back().has_lines = true;
  }

  void end_row() {
    if (tables_.empty()) return;
    Table& table = tables_.back();
    if (table.has_lines && table.is_innermost) writer_.join(table.cells, std::exchange(table.is_first_row, false));
  }

  void begin_list(std::string_view name, const Attributes& attributes, const InlineStyle& style) {
    List list;
    if (name == "ol") list.next = attributes.number("start").value_or(1);
    list.type = std::string(attributes.value("type").substr(0, 1));
    list.without_marks = style.without_marker;
    lists_.push_back(std::move(list));
  }

  void begin_item(const Attributes& attributes, const InlineStyle& style) {
    std::string mark = "* ";
    if (!lists_.empty()) {
      List& list = lists_.back();
      if (list.next) list.next = attributes.number("value").value_or(*list.next);
      if (list.next) mark = ordinal_mark((*list.next)++, list.type);
      mark.insert(0, 2 * std::min(lists_.size() - 1, kDeepestList), ' ');
    }
    const bool without = style.without_marker || (!lists_.empty() && lists_.back().without_marks);
    writer_.mark(without || !is_seen() ? std::string() : std::move(mark));
  }

  void start_void(std::string_view name, const Attributes& attributes) {
    if (!open_.empty() && open_.back().gone) return;
    const InlineStyle style = attributes.style();
    if (hides_styled_ && is_gone(name, attributes, style)) return;
    if (name == "br") writer_.break_line(1, true);
    if (!is_seen()) return;
    if (name == "img" && style.visible != Said::no && !is_dot(attributes, style)) {
      writer_.text(image_text(attributes.value("alt"), attributes.value("src")), Space::collapsed);
    } else if (name == "hr") {
      writer_.break_line(1);
      writer_.text(kRule, Space::collapsed);
      writer_.break_line(1);
    }
  }

  void close_link() {
    const Link link = std::exchange(link_, {});
    const std::string_view shown = trim(writer_.since(link.start));
    if (shown.empty() || shows_target(shown, link.target)) return;
    writer_.text(" <" + link.target + ">", Space::collapsed);
  }

  bool hides_styled_;
  htmlParserCtxt* parser_;
  bool too_deep_ = false;
  bool has_sheet_ = false;
  bool after_pre_ = false;  ///< a line end there is none
  TextWriter writer_;
  TextCleaner cleaner_{TextCleaner::Form::text};
  std::string piece_;
  Link link_;
  std::vector<Element> open_;
  std::vector<List> lists_;
  std::vector<Table> tables_;
};

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

struct FreeContext {
  void operator()(htmlParserCtxt* context) const {
    if (context->myDoc != nullptr) xmlFreeDoc(context->myDoc);
    htmlFreeParserCtxt(context);
  }
};

/// nullopt when elements lie too deep in each other.
std::optional<std::string> read_document(const std::string& html, bool hides_styled) {
  if (html.empty()) return std::string();
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

/// Of a page that shows nothing: what unclosed elements hide, or what styles hide. `html` is what was read last.
std::optional<std::string> read_hidden(std::string_view utf8, std::string& html) {
  if (std::string closed = readable_source(utf8, Unclosed::ignored).html; closed != html) {
    html = std::move(closed);
    auto text = read_document(html, true);
    if (!text || !text->empty()) return text;
  }
  return read_document(html, false);
}

std::string read_flat(const std::string& html) {
  return read_document(without_tags(html), false).value_or(std::string());
}

/// `html` was read from `utf8`.
std::string read_page(std::string_view utf8, std::string html) {
  // of a larger page that shows nothing only what stands between its tags is read
  constexpr std::size_t read_again = 256 * 1024;
  if (auto text = read_document(html, true)) {
    if (!text->empty()) return *std::move(text);
    if (html.size() <= read_again)
      if (auto hidden = read_hidden(utf8, html)) return *std::move(hidden);
  }
  return read_flat(html);
}

}  // namespace

std::string html_to_text(std::string_view utf8) {
  const std::string html = readable_characters(utf8);
  ReadableSource source = readable_source(html);
  const std::string_view page = std::string_view(html).substr(0, html.size() - source.rest.size());
  std::string text = read_page(page, std::move(source.html));
  std::string rest;
  for (; !source.rest.empty(); rest += source.html) source = readable_source(source.rest);
  return rest.empty() ? text : text + read_flat(rest);
}

std::string html_to_text(std::string_view utf8, std::size_t& budget) {
  const auto read = utf8_prefix(utf8, budget);
  budget -= read.size();
  return html_to_text(read);
}

}  // namespace ticketd
