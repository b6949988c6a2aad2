#include "parsers/mime_splitter.h"

#include <algorithm>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/header_block.h"
#include "parsers/transfer.h"

namespace ticketd {
namespace {

/// Under a name that browsers believe as well.
bool begins_like_html(std::string_view body) {
  while (!body.empty() && is_space(body.front())) body.remove_prefix(1);
  return starts_with_ignoring_case(body, "<!doctype html") || starts_with_ignoring_case(body, "<html");
}

std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// An entity whose end was not seen yet. `boundary` is empty for all but multiparts.
struct Open {
  std::size_t part = 0;
  std::size_t body = 0;
  std::string boundary;
  bool has_parts = false;
};

/// A boundary delimiter line (RFC 2046 §5.1.1) of the open entity at `level`.
struct Delimiter {
  std::size_t level = 0;
  bool closing = false;
  std::size_t line = 0;  ///< offset of its first octet
  std::size_t next = 0;  ///< offset of the line behind it
};

class Splitter {
 public:
  Splitter(std::string_view octets, const ParseLimits& limits)
      : octets_(octets), limits_(limits), cr_lines_(lines_end_in_cr(octets)) {}

  SplitMail split() {
    std::optional<std::size_t> body = open_entity(0);
    while (body) {
      const std::optional<Delimiter> delimiter = next_delimiter(*body);
      if (closed_) check_epilogue(*body, delimiter ? delimiter->line : octets_.size());
      if (!delimiter) break;
      body = follow(*delimiter);
    }
    close_down_to(0, octets_.size());
    return std::move(mail_);
  }

 private:
  /// Opens the entity at `at`, and the messages it consists of; the offset where to look for delimiters.
  std::size_t open_entity(std::size_t at) {
    do at = open_one(at);
    while (mail_.parts.back().kind == PartKind::message);
    return at;
  }

  std::size_t open_one(std::size_t at) {
    MimePart part;
    if (!open_.empty()) {
      part.parent = open_.back().part;
      part.depth = mail_.parts[*part.parent].depth + 1;
    }
    const bool whole_mail = !part.parent || mail_.parts[*part.parent].kind == PartKind::message;
    const HeaderBlock header = read_header_block(octets_, at, whole_mail, cr_lines_, header_limits(),
                                                 [this](std::string_view line) { return match(line).has_value(); });
    for (const HeaderField& field : header.fields) header_octets_ += field.name.size() + field.value.size();
    if (header.repaired) defect("a header holds lines that are no fields");
    if (header.truncated) defect("a header is larger than the limits");
    const std::size_t number = mail_.tree.add(part.parent, header.fields);
    classify(part, number);
    open_.push_back({number, header.body, usable_boundary(part), false});
    if (part.kind == PartKind::multipart && open_.back().boundary.empty()) make_leaf(part);
    mail_.parts.push_back(std::move(part));
    return header.body;
  }

  /// The headers of all parts together are bounded too: a thousand large ones would be as many times the limit.
  ParseLimits header_limits() const {
    const std::size_t all = 16 * limits_.header_octets;
    ParseLimits left = limits_;
    left.header_octets = std::min(limits_.header_octets, all - std::min(all, header_octets_));
    return left;
  }

  void classify(MimePart& part, std::size_t number) {
    const auto content_type = mail_.tree.field(number, "Content-Type");
    part.type = parse_parameterized(content_type.value_or(""), limits_.parameters);
    if (part.type.truncated) defect("a field has more parameters than the limit");
    const bool in_digest = part.parent && mail_.parts[*part.parent].type.value == "multipart/digest";
    if (!content_type && in_digest) part.type.value = "message/rfc822";
    const auto slash = part.type.value.find('/');
    part.untyped = slash == std::string::npos || slash + 1 == part.type.value.size();
    if (part.untyped) part.type.value = "text/plain";
    if (part.type.value.starts_with("multipart/"))
      part.kind = PartKind::multipart;
    else if ((part.type.value == "message/rfc822" || part.type.value == "message/global") && !is_encoded(number))
      part.kind = PartKind::message;
    if (part.kind != PartKind::leaf && !has_room(part)) part.kind = PartKind::leaf;
  }

  bool is_encoded(std::size_t number) const {
    const auto encoding = mail_.tree.field(number, "Content-Transfer-Encoding");
    return encoding && transfer_encoding(*encoding) != TransferEncoding::identity;
  }

  bool has_room(const MimePart& part) {
    if (part.depth + 1 < limits_.depth && mail_.parts.size() + 1 < limits_.parts) return true;
    defect(part.depth + 1 < limits_.depth ? "there are more parts than the limit"
                                          : "parts are nested deeper than the limit");
    return false;
  }

  std::string usable_boundary(const MimePart& part) {
    if (part.kind != PartKind::multipart) return {};
    const std::string* boundary = part.type.octets("boundary");
    if (boundary == nullptr || trim_right(*boundary).empty()) {
      defect("a multipart has no boundary");
      return {};
    }
    if (boundary->size() > limits_.boundary_octets) {
      defect("a boundary is longer than the limit");
      return {};
    }
    return std::string(trim_right(*boundary));
  }

  static void make_leaf(MimePart& part) {
    part.kind = PartKind::leaf;
    part.type.value = "text/plain";
  }

  /// The innermost open multipart whose delimiter the line is.
  std::optional<Delimiter> match(std::string_view line) const {
    if (!line.starts_with("--")) return std::nullopt;
    const std::string_view rest = trim_right(line).substr(std::min<std::size_t>(2, trim_right(line).size()));
    for (std::size_t level = open_.size(); level-- > 0;) {
      const std::string& boundary = open_[level].boundary;
      if (boundary.empty() || !rest.starts_with(boundary)) continue;
      const std::string_view end = rest.substr(boundary.size());
      if (end.empty() || end == "--") return Delimiter{level, !end.empty(), 0, 0};
    }
    return std::nullopt;
  }

  /// The next delimiter line from `at` on, which is the start of a line.
  std::optional<Delimiter> next_delimiter(std::size_t at) const {
    const bool listening = std::any_of(open_.begin(), open_.end(), [](const Open& o) { return !o.boundary.empty(); });
    while (listening && at < octets_.size()) {
      if (!octets_.substr(at).starts_with("--")) at = next_dashes(at);
      if (at >= octets_.size()) break;
      const LineEnd end = find_line_end(octets_, at, cr_lines_);
      if (auto delimiter = match(octets_.substr(at, end.end - at))) {
        delimiter->line = at;
        delimiter->next = end.next;
        return delimiter;
      }
      at = end.next;
    }
    return std::nullopt;
  }

  /// The next line that starts with `--`, behind `at` or at it.
  std::size_t next_dashes(std::size_t at) const {
    if (!cr_lines_) {
      const std::size_t feed = octets_.find("\n--", at);
      return feed == std::string_view::npos ? octets_.size() : feed + 1;
    }
    while (at < octets_.size() && !octets_.substr(at).starts_with("--")) at = find_line_end(octets_, at, true).next;
    return at;
  }

  /// Ends what the delimiter ends and opens what follows it; nullopt when the limit of parts is reached.
  std::optional<std::size_t> follow(const Delimiter& delimiter) {
    const std::size_t end = without_line_end(delimiter.line);
    close_down_to(delimiter.level + 1, end);
    if (Open& open = open_.back(); !open.has_parts)
      mail_.parts[open.part].preamble = octets_.substr(open.body, std::max(open.body, end) - open.body);
    open_.back().has_parts = open_.back().has_parts || !delimiter.closing;
    closed_ = delimiter.closing;
    if (delimiter.closing) {
      close_down_to(delimiter.level, delimiter.next);
      return delimiter.next;
    }
    if (mail_.parts.size() >= limits_.parts) {
      defect("there are more parts than the limit");
      return std::nullopt;
    }
    return open_entity(delimiter.next);
  }

  /// RFC 2046 §5.1.1: what stands behind the last part is to be ignored; readers do, but some programs write there.
  void check_epilogue(std::size_t begin, std::size_t end) {
    const auto is_filler = [](char c) { return is_space(c) || c == '\0'; };
    if (!std::ranges::all_of(octets_.substr(begin, end - begin), is_filler))
      defect("there is text behind the last part");
  }

  /// The line end before a delimiter belongs to the delimiter.
  std::size_t without_line_end(std::size_t at) const {
    if (at > 0 && octets_[at - 1] == '\n') --at;
    for (int returns = 0; returns < 2 && at > 0 && octets_[at - 1] == '\r'; ++returns) --at;
    return at;
  }

  void close_down_to(std::size_t level, std::size_t end) {
    while (open_.size() > level) {
      const Open& open = open_.back();
      MimePart& part = mail_.parts[open.part];
      part.body = octets_.substr(open.body, std::max(open.body, end) - open.body);
      if (part.kind == PartKind::multipart && !open.has_parts) {
        defect("a multipart has no part");
        make_leaf(part);
      }
      if (part.untyped && begins_like_html(part.body)) part.type.value = "text/html";
      open_.pop_back();
    }
  }

  void defect(std::string_view what) {
    if (std::find(mail_.defects.begin(), mail_.defects.end(), what) == mail_.defects.end())
      mail_.defects.emplace_back(what);
  }

  std::string_view octets_;
  const ParseLimits& limits_;
  bool cr_lines_;
  SplitMail mail_;
  std::vector<Open> open_;
  bool closed_ = false;            ///< the last delimiter closed a multipart
  std::size_t header_octets_ = 0;  ///< kept of all headers
};

}  // namespace

SplitMail split_mail(std::string_view octets, const ParseLimits& limits) { return Splitter(octets, limits).split(); }

}  // namespace ticketd
