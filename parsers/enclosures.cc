#include "parsers/enclosures.h"

#include <algorithm>
#include <optional>

#include "parsers/ascii.h"
#include "parsers/attachments.h"
#include "parsers/body_text.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/encoded_words.h"
#include "parsers/html_text.h"
#include "parsers/message_ids.h"
#include "parsers/rtf_text.h"
#include "parsers/tnef.h"
#include "parsers/uuencode.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestPath = 300;
constexpr std::string_view kUnknownType = "application/octet-stream";

std::string label(std::string_view foreign) { return one_line(decode_charset(foreign, {})); }

std::string id_of(std::string_view field) {
  auto ids = parse_message_ids(field, 1);
  return ids.empty() ? std::string() : std::move(ids.front());
}

/// A body without its transfer encoding; copied only where there is one.
class Decoded {
 public:
  Decoded(std::string_view body, TransferEncoding how)
      : body_(body), copied_(how != TransferEncoding::identity), copy_(copied_ ? decode_transfer(body, how) : "") {}
  [[nodiscard]] std::string_view octets() const { return copied_ ? copy_ : body_; }

 private:
  std::string_view body_;
  bool copied_;
  std::string copy_;
};

class Visit {
 public:
  Visit(const SplitMail& mail, const BodySelection& selection, std::string_view hint, TextBudget& budget,
        ContainerTexts texts, const EnclosureVisitor& visitor)
      : mail_(mail), selection_(selection), hint_(hint), budget_(budget), texts_(texts), visitor_(visitor) {}

  EnclosureNotes run() {
    std::vector<std::pair<std::size_t, bool>> parts;
    for (const BodyPiece& piece : selection_.pieces)
      if (piece.plain) parts.emplace_back(*piece.plain, true);
    for (const std::size_t part : selection_.attachments) parts.emplace_back(part, false);
    std::sort(parts.begin(), parts.end());
    for (const auto& [part, text] : parts) {
      if (ended_) break;
      text ? uu_files(part) : attached(part);
    }
    return std::move(notes_);
  }

 private:
  void give(const Enclosure& enclosure) { ended_ = ended_ || !visitor_(enclosure); }

  void attached(std::size_t part) {
    Enclosure enclosure = described(part);
    if (!is_tnef(part, enclosure) || tnef(part, enclosure)) give(enclosure);
  }

  Enclosure described(std::size_t part) const {
    const MimePart& p = mail_.parts[part];
    const ParameterizedValue d = disposition(mail_, part);
    Enclosure result;
    result.name = part_name(part, d);
    result.media_type = label(p.type.value);
    result.content_id = id_of(mail_.tree.field(part, "Content-ID").value_or(""));
    const bool related = p.parent && mail_.parts[*p.parent].type.value == "multipart/related";
    result.inlined = d.value == "inline" || (d.value.empty() && related && !result.content_id.empty());
    result.size = [this, part] { return decoded_size(mail_.parts[part].body, encoding(mail_, part)); };
    result.octets = [this, part] { return decode_transfer(mail_.parts[part].body, encoding(mail_, part)); };
    return result;
  }

  std::string part_name(std::size_t part, const ParameterizedValue& d) const {
    const ParameterizedValue& type = mail_.parts[part].type;
    for (const std::string& name : {d.text("filename", hint_), type.text("name", hint_), d.text("name", hint_)})
      if (std::string safe = safe_file_name(name); !safe.empty()) return safe;
    std::string subject = subject_within(part);
    std::replace_if(
        subject.begin(), subject.end(), [](char c) { return c == '/' || c == '\\'; }, ' ');
    std::string safe = safe_file_name(subject);
    return safe.empty() ? safe : safe + ".eml";
  }

  /// The subject of an attached message that was taken apart.
  std::string subject_within(std::size_t part) const {
    const bool parted = mail_.parts[part].kind == PartKind::message && part + 1 < mail_.parts.size();
    const auto subject = parted ? mail_.tree.field(part + 1, "Subject") : std::nullopt;
    return subject ? decode_encoded_words(*subject, hint_) : std::string();
  }

  bool is_tnef(std::size_t part, const Enclosure& enclosure) const {
    const MimePart& p = mail_.parts[part];
    if (p.kind != PartKind::leaf) return false;
    return p.type.value == "application/ms-tnef" || p.type.value == "application/vnd.ms-tnef" ||
           (p.type.value == kUnknownType && equals_ignoring_case(enclosure.name, "winmail.dat"));
  }

  /// True when the part itself is to be shown, too: before its files, for which it is the reserve.
  bool tnef(std::size_t part, const Enclosure& whole) {
    const Decoded decoded(mail_.parts[part].body, encoding(mail_, part));
    const auto message = read_tnef(decoded.octets(), {}, budget_);
    if (!message) {
      if (whole.media_type.ends_with("tnef")) notes_.defects.emplace_back("a TNEF part cannot be read");
      return true;
    }
    std::string text = text_of(*message);
    const auto rtf = text.empty() ? rtf_of(*message) : std::nullopt;
    if (rtf && budget_.rtf > 0) text = words_of(*rtf);
    const bool empty = message->files.empty() && text.empty() && !rtf;
    if (empty || !message->defect.empty()) give(whole);
    note(*message);
    const bool picture = rtf && text.empty();
    if (!text.empty() && texts_ == ContainerTexts::wanted) notes_.texts.push_back(std::move(text));
    for (const TnefFile& file : message->files)
      if (!ended_) give(described(file));
    if (picture && !ended_) give(described({"body.rtf", "application/rtf", {}, *rtf}));
    return false;
  }

  void note(const TnefMessage& message) {
    if (!exceeded_ && (budget_.html == 0 || budget_.rtf == 0)) {
      exceeded_ = true;
      notes_.defects.emplace_back("the TNEF parts hold more text than the limit");
    }
    if (notes_.message_class.empty()) notes_.message_class = message.message_class;
    if (!message.defect.empty()) notes_.defects.push_back("a TNEF part " + message.defect);
    for (const std::string& name : message.missing)
      notes_.defects.push_back("a TNEF part names a file that is not in the mail: " +
                               std::string(utf8_prefix(name, kLongestPath)));
  }

  /// Empty also for HTML that need not be read; the budget is the same as if it had been.
  std::string text_of(const TnefMessage& message) {
    std::string text = clean_lines(message.text);
    if (!trim(text).empty()) return text;
    const bool decides = message.files.empty() || !message.compressed_rtf.empty();
    if (texts_ == ContainerTexts::unwanted && !decides) {
      budget_.html -= utf8_prefix(message.html, budget_.html).size();
      return {};
    }
    text = html_to_text(message.html, budget_.html);
    return trim(text).empty() ? std::string() : text;
  }

  static std::string words_of(std::string_view rtf) {
    std::string text = clean_lines(rtf_to_text(rtf));
    return trim(text).empty() ? std::string() : text;
  }

  /// The RTF body, as it stands in the stream when it cannot be decompressed; nullopt when there is none.
  std::optional<std::string> rtf_of(const TnefMessage& message) {
    if (message.compressed_rtf.empty()) return std::nullopt;
    auto rtf = decompress_rtf(message.compressed_rtf, budget_);
    if (rtf && rtf->empty()) return std::nullopt;
    return rtf ? std::move(rtf) : std::string(message.compressed_rtf);
  }

  static Enclosure described(const TnefFile& file) {
    Enclosure result;
    result.name = safe_file_name(file.name);
    result.media_type = to_lower(label(file.media_type));
    if (result.media_type.find('/') == std::string::npos) result.media_type = kUnknownType;
    result.content_id = id_of(file.content_id);
    result.size = [&file] { return std::uint64_t{file.octets.size()}; };
    result.octets = [&file] { return std::string(file.octets); };
    return result;
  }

  void uu_files(std::size_t part) {
    const Decoded decoded(mail_.parts[part].body, encoding(mail_, part));
    const UuText text = take_uu_files(decoded.octets(), kMostUuFiles);
    for (const UuFile& file : text.files) {
      if (ended_) return;
      if (!file.complete) notes_.defects.emplace_back("a uuencoded file has no end");
      Enclosure enclosure;
      enclosure.name = safe_file_name(decode_charset(file.name, {}, hint_));
      enclosure.media_type = kUnknownType;
      enclosure.size = [&file] { return std::uint64_t{decode_uu(file).size()}; };
      enclosure.octets = [&file] { return decode_uu(file); };
      give(enclosure);
    }
  }

  const SplitMail& mail_;
  const BodySelection& selection_;
  std::string_view hint_;
  TextBudget& budget_;
  ContainerTexts texts_;
  const EnclosureVisitor& visitor_;
  bool ended_ = false;
  bool exceeded_ = false;
  EnclosureNotes notes_;
};

}  // namespace

EnclosureNotes visit_enclosures(const SplitMail& mail, const BodySelection& selection, std::string_view hint,
                                TextBudget& budget, ContainerTexts texts, const EnclosureVisitor& visitor) {
  return Visit(mail, selection, hint, budget, texts, visitor).run();
}

}  // namespace ticketd
