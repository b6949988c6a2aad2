#include "parsers/body_selection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/html_notice.h"
#include "parsers/utf8_evidence.h"

namespace ticketd {
namespace {

constexpr std::string_view kPlain = "text/plain";
constexpr std::string_view kHtml = "text/html";
/// Text that is not there to be read.
constexpr std::array<std::string_view, 10> kData{
    "text/calendar",   "text/vcard",          "text/x-vcard", "text/directory", "text/css",
    "text/javascript", "text/rfc822-headers", "text/csv",     "text/xml",       "text/rtf"};
/// What programs call HTML and plain text beside their names.
constexpr std::string_view kXhtml = "application/xhtml+xml", kReversedPlain = "plain/text";
/// What a mail that is nothing else may be a text under.
constexpr std::array<std::string_view, 2> kUntold{"application/octet-stream", "application/json"};
/// A larger file is one that the sender attached, not what he wrote.
constexpr std::size_t kLargestReserve = 64 * 1024;

class Selector {
 public:
  explicit Selector(const SplitMail& mail)
      : mail_(mail), attached_(mail.parts.size()), alternative_(mail.parts.size()) {}

  BodySelection select() {
    for (std::size_t part = 0; part < mail_.parts.size(); ++part) visit(part);
    std::ranges::stable_sort(reserve_, {}, &Reserve::first);
    for (auto& [rank, piece] : reserve_) selection_.reserve.push_back(std::move(piece));
    return std::move(selection_);
  }

 private:
  using Reserve = std::pair<int, BodyPiece>;

  void visit(std::size_t part) {
    const MimePart& p = mail_.parts[part];
    inherit(part);
    if (attached_[part]) return;
    if (p.kind == PartKind::message) {
      attached_[part] = true;
      selection_.attachments.push_back(part);
    } else if (p.kind == PartKind::leaf && !take_as_text(part)) {
      selection_.attachments.push_back(part);
      keep_in_reserve(part);
    }
  }

  /// Those that are shown before those that are attached, and plain text before HTML before what else is text, of which
  /// what is of no known form comes last.
  void keep_in_reserve(std::size_t part) {
    const MimePart& p = mail_.parts[part];
    const std::string& type = p.type.value;
    if (p.body.size() > kLargestReserve || !may_be_text(part)) return;
    const bool attached = disposition(mail_, part).value == "attachment";
    const bool html = type == kHtml || type == kXhtml;
    const bool known = type == "text/x-markdown" || !type.starts_with("text/x-");
    const int form = type == kPlain || type == kReversedPlain ? 0 : html ? 1 : known ? 2 : 3;
    reserve_.emplace_back(form + (attached ? 4 : 0), piece_of(part, html));
  }

  bool may_be_text(std::size_t part) const {
    const MimePart& p = mail_.parts[part];
    const std::string& type = p.type.value;
    if (type.starts_with("text/")) return std::ranges::find(kData, type) == kData.end();
    if (type == kXhtml || type == kReversedPlain) return true;
    if (p.parent || std::ranges::find(kUntold, type) == kUntold.end()) return false;
    const std::string octets = decode_transfer(p.body, encoding(mail_, part));
    return is_valid_utf8(octets) && std::ranges::none_of(octets, [](char c) { return is_control(c) && !is_space(c); });
  }

  static BodyPiece piece_of(std::size_t part, bool html) { return html ? BodyPiece{{}, {part}} : BodyPiece{part, {}}; }

  /// What the parent says of all its parts: that they belong to an attachment, or to which alternative.
  void inherit(std::size_t part) {
    const auto parent = mail_.parts[part].parent;
    if (!parent) return;
    attached_[part] = attached_[*parent];
    const MimePart& p = mail_.parts[*parent];
    alternative_[part] = p.type.value == "multipart/alternative" ? parent : alternative_[*parent];
  }

  bool take_as_text(std::size_t part) {
    const MimePart& p = mail_.parts[part];
    const bool alone = !p.parent;
    const bool html = p.type.value == kHtml;
    const bool text = html || p.type.value == kPlain || (alone && p.type.value.starts_with("text/"));
    if (!text || !is_inline(part, alone)) return false;
    return alternative_[part] ? add_alternative(part, html) : add_single(part, html);
  }

  /// Inline and without a file name; a mail that is nothing but one text may well carry a name.
  bool is_inline(std::size_t part, bool alone) const {
    const ParameterizedValue d = disposition(mail_, part);
    if (d.value == "attachment") return false;
    const std::string* name = mail_.parts[part].type.octets("name");
    const bool named = d.octets("filename") != nullptr || (name != nullptr && !name->empty());
    return alone ? d.octets("filename") == nullptr : !named;
  }

  bool add_alternative(std::size_t part, bool html) {
    if (!last_alternative_ || *last_alternative_ != *alternative_[part]) {
      piece_ = selection_.pieces.size();
      selection_.pieces.emplace_back();
    }
    last_alternative_ = alternative_[part];
    BodyPiece& piece = selection_.pieces[piece_];
    const bool nested = mail_.parts[part].parent != alternative_[part];
    const bool further = html ? !piece.html.empty() : piece.plain.has_value();
    if (further && !nested) return false;
    (html ? has_html_ : has_plain_) = true;
    if (html)
      piece.html.push_back(part);
    else if (further)
      add_plain(part);
    else
      piece.plain = part;
    return true;
  }

  /// More plain text, which is shown whichever form is. What HTML follows is another form of the last that says
  /// anything.
  void add_plain(std::size_t part) {
    if (selection_.pieces[piece_].html.empty() && !says_nothing(part)) piece_ = selection_.pieces.size();
    selection_.pieces.push_back({part, {}});
  }

  /// Text outside an alternative: the first that says anything decides which form the body has; what has the other form
  /// is an attachment, too.
  bool add_single(std::size_t part, bool html) {
    last_alternative_.reset();
    if ((has_html_ || has_plain_) && !(html ? has_html_ : has_plain_)) {
      selection_.others.push_back(piece_of(part, html));
      return false;
    }
    if (!is_blank(part)) (html ? has_html_ : has_plain_) = true;
    selection_.pieces.push_back(piece_of(part, html));
    return true;
  }

  bool is_blank(std::size_t part) const {
    const auto text = short_text(part);
    return text && is_blank_text(*text);
  }
  bool says_nothing(std::size_t part) const {
    const auto text = short_text(part);
    return text && may_stand_for_html(*text);
  }

  /// nullopt when it is long.
  std::optional<std::string> short_text(std::size_t part) const {
    constexpr std::size_t largest = 4096;
    const MimePart& p = mail_.parts[part];
    if (p.body.size() > largest) return std::nullopt;
    const std::string* charset = p.type.octets("charset");
    const std::string octets = decode_text(p.body, encoding(mail_, part));
    return decode_charset(octets, charset != nullptr ? *charset : std::string());
  }

  const SplitMail& mail_;
  std::vector<bool> attached_;
  std::vector<std::optional<std::size_t>> alternative_;
  std::optional<std::size_t> last_alternative_;
  std::size_t piece_ = 0;  ///< of the last alternative
  bool has_plain_ = false;
  bool has_html_ = false;
  std::vector<Reserve> reserve_;  ///< with ranks
  BodySelection selection_;
};

}  // namespace

BodySelection select_bodies(const SplitMail& mail) { return Selector(mail).select(); }

ParameterizedValue disposition(const SplitMail& mail, std::size_t part) {
  return parse_parameterized(mail.tree.field(part, "Content-Disposition").value_or(""));
}

TransferEncoding encoding(const SplitMail& mail, std::size_t part) {
  if (mail.parts[part].kind != PartKind::leaf) return TransferEncoding::identity;
  return transfer_encoding(mail.tree.field(part, "Content-Transfer-Encoding").value_or(""));
}

}  // namespace ticketd
