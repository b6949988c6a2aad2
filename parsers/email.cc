#include "parsers/email.h"

#include <algorithm>
#include <iterator>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/attachments.h"
#include "parsers/body_selection.h"
#include "parsers/body_text.h"
#include "parsers/calendar_method.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/date.h"
#include "parsers/enclosures.h"
#include "parsers/encoded_words.h"
#include "parsers/header_block.h"
#include "parsers/message_ids.h"
#include "parsers/mime_splitter.h"
#include "parsers/said_words.h"

namespace ticketd {
namespace {

/// The charset that the mail's first text declares: the best guess for text without a label.
std::string charset_hint(const SplitMail& mail) {
  for (const MimePart& part : mail.parts)
    if (part.type.value.starts_with("text/"))
      if (const std::string* charset = part.type.octets("charset")) return *charset;
  return {};
}

/// With a blank line between the two.
void append(std::string& text, std::string_view more) {
  while (text.ends_with('\n')) text.pop_back();
  if (!text.empty()) text += "\n\n";
  text += more;
}

class Assembler {
 public:
  /// `level`: how many mails this one is enclosed in, as far as they have no text of their own.
  Assembler(std::string_view octets, const ParseLimits& limits, int level = 0)
      : limits_(limits),
        level_(level),
        mail_(split_mail(octets, limits)),
        hint_(charset_hint(mail_)),
        selection_(select_bodies(mail_)) {}

  std::variant<Email, ParseError> assemble() {
    email_.header = mail_.tree.fields(0);
    if (email_.header.empty()) return ParseError{"no header field can be read"};
    email_.defects = std::move(mail_.defects);
    read_header();
    read_body();
    return std::move(email_);
  }

 private:
  void read_header() {
    email_.from = first_usable("From");
    email_.sender = first_usable("Sender");
    email_.to = addresses("To");
    email_.cc = addresses("Cc");
    email_.reply_to = addresses("Reply-To");
    if (const auto* subject = email_.field("Subject")) email_.subject = one_line(decode_encoded_words(*subject, hint_));
    auto own = ids("Message-ID");
    if (!own.empty()) email_.message_id = std::move(own.front());
    email_.in_reply_to = ids("In-Reply-To");
    email_.references = ids("References");
    if (const auto* date = email_.field("Date")) email_.date = parse_date(*date);
  }

  void read_body() {
    const MimePart& whole = mail_.parts.front();
    email_.media_type = one_line(decode_charset(whole.type.value, {}));
    if (whole.type.value == "multipart/report") email_.report_type = to_lower(whole.type.text("report-type"));
    email_.calendar_method = calendar_method(mail_);
    read_returned_ids();
    read_delivery_statuses();
    bool truncated = false;
    email_.text = body_text(mail_, selection_, hint_, limits_.text_octets, truncated);
    EnclosureNotes notes;
    email_.attachments = describe_attachments(mail_, selection_, hint_, notes);
    add_container_texts(notes.texts, truncated);
    if (is_blank_text(email_.text) && !is_report()) read_enclosed_text(truncated);
    if (truncated) email_.defects.emplace_back("the text is longer than the limit");
    std::ranges::move(notes.defects, std::back_inserter(email_.defects));
  }

  /// What a TNEF part says and the mail's own text does not, before that: the sender wrote the one, and a mailing list
  /// or a scanner may have added the other. The own text goes when the TNEF parts say all of it.
  void add_container_texts(const std::vector<std::string>& texts, bool& truncated) {
    if (texts.empty()) return;
    SaidWords said;
    SaidWords contained;
    said.add(email_.text);
    std::string added;
    for (const std::string& text : texts) {
      if (added.size() > limits_.text_octets) break;
      if (said.all_of(text)) continue;
      said.add(text);
      contained.add(text);
      append(added, text);
    }
    if (added.empty()) return;
    if (!contained.all_of(email_.text)) append(added, email_.text);
    truncated = truncated || added.size() > limits_.text_octets;
    email_.text = utf8_prefix(added, limits_.text_octets);
  }

  bool is_report() const { return email_.media_type == "multipart/report" || !email_.delivery_statuses.empty(); }

  /// A mail forwarded as an attachment, or a digest, without a word: what the first enclosed mail says, and who says
  /// it.
  void read_enclosed_text(bool& truncated) {
    constexpr int deepest = 3;
    const auto is_message = [](const MimePart& part) {
      return part.type.value == "message/rfc822" || part.type.value == "message/global";
    };
    const auto found = std::ranges::find_if(mail_.parts, is_message);
    if (found == mail_.parts.end() || level_ == deepest) return;
    const auto number = static_cast<std::size_t>(found - mail_.parts.begin());
    const bool encoded = encoding(mail_, number) != TransferEncoding::identity;
    const std::string decoded = encoded ? decode_transfer(found->body, encoding(mail_, number)) : std::string();
    const auto enclosed = Assembler(encoded ? decoded : found->body, limits_, level_ + 1).assemble();
    const auto* mail = std::get_if<Email>(&enclosed);
    if (mail == nullptr || is_blank_text(mail->text)) return;
    std::string text;
    if (mail->from) text += "From: " + shown(*mail->from) + '\n';
    if (!mail->subject.empty()) text += "Subject: " + mail->subject + '\n';
    if (!text.empty()) text += '\n';
    text += mail->text;
    truncated = truncated || text.size() > limits_.text_octets;
    email_.text = utf8_prefix(text, limits_.text_octets);
  }

  static std::string shown(const Mailbox& mailbox) {
    return mailbox.display_name.empty() ? mailbox.addr_spec : mailbox.display_name + " <" + mailbox.addr_spec + '>';
  }

  void read_returned_ids() {
    constexpr std::size_t most = 10;
    for (std::size_t i = 0; i < mail_.parts.size() && email_.returned_ids.size() < most; ++i) {
      const MimePart& part = mail_.parts[i];
      const bool enclosed = part.parent && mail_.parts[*part.parent].kind == PartKind::message;
      const auto id = enclosed ? mail_.tree.field(i, "Message-ID") : id_of_header_part(i);
      for (auto& each : parse_message_ids(id.value_or(""), 1)) email_.returned_ids.push_back(std::move(each));
    }
  }

  void read_delivery_statuses() {
    auto& found = email_.delivery_statuses;
    for (std::size_t i = 0; i < mail_.parts.size() && found.size() < kMostDeliveryStatuses; ++i) {
      const auto& type = mail_.parts[i].type.value;
      if (type != "message/delivery-status" && type != "message/global-delivery-status") continue;
      const auto body = decode_transfer(mail_.parts[i].body, encoding(mail_, i));
      for (auto& status : parse_delivery_status(body, kMostDeliveryStatuses - found.size()))
        found.push_back(std::move(status));
    }
  }

  /// text/rfc822-headers: a mail's header as the content of a part.
  std::optional<std::string> id_of_header_part(std::size_t number) const {
    const MimePart& part = mail_.parts[number];
    if (part.type.value != "text/rfc822-headers") return std::nullopt;
    const std::string content = decode_transfer(part.body, encoding(mail_, number));
    const HeaderBlock block =
        read_header_block(content, 0, true, lines_end_in_cr(content), limits_, [](std::string_view) { return false; });
    for (const HeaderField& field : block.fields)
      if (equals_ignoring_case(field.name, "Message-ID")) return field.value;
    return std::nullopt;
  }

  /// All addresses of all fields of that name.
  std::vector<Mailbox> all_addresses(std::string_view name) {
    std::vector<Mailbox> result;
    for (const HeaderField& field : email_.header) {
      if (!equals_ignoring_case(field.name, name)) continue;
      for (Mailbox& mailbox : parse_addresses(field.value, limits_.addresses, hint_))
        result.push_back(std::move(mailbox));
      if (result.size() < limits_.addresses) continue;
      email_.defects.push_back(std::string(name) + " names more addresses than the limit");
      result.resize(limits_.addresses);
      break;
    }
    return result;
  }

  std::vector<Mailbox> addresses(std::string_view name) {
    auto result = all_addresses(name);
    std::erase_if(result, [](const Mailbox& m) { return m.addr_spec.empty(); });
    return result;
  }

  /// The first real address; without one the first word that stands for it (`MAILER-DAEMON`).
  std::optional<Mailbox> first_usable(std::string_view name) {
    auto all = addresses(name);
    auto found = std::find_if(all.begin(), all.end(),
                              [](const Mailbox& m) { return m.addr_spec.find('@') != std::string::npos; });
    if (found == all.end()) found = all.begin();
    return found == all.end() ? std::nullopt : std::optional(std::move(*found));
  }

  std::vector<std::string> ids(std::string_view name) const {
    const auto* value = email_.field(name);
    return value == nullptr ? std::vector<std::string>() : parse_message_ids(*value, limits_.references);
  }

  const ParseLimits& limits_;
  int level_;
  SplitMail mail_;
  std::string hint_;
  BodySelection selection_;
  Email email_;
};

}  // namespace

const std::string* Email::field(std::string_view name) const {
  const auto found = std::find_if(header.begin(), header.end(),
                                  [&](const HeaderField& f) { return equals_ignoring_case(f.name, name); });
  return found == header.end() ? nullptr : &found->value;
}

std::variant<Email, ParseError> parse_email(std::string_view octets, const ParseLimits& limits) {
  return Assembler(octets, limits).assemble();
}

std::optional<std::string> extract_attachment(std::string_view octets, std::uint32_t id, const ParseLimits& limits) {
  const SplitMail mail = split_mail(octets, limits);
  const BodySelection selection = select_bodies(mail);
  std::optional<std::string> result;
  std::uint32_t visited = 0;
  if (id > 0)
    visit_enclosures(mail, selection, charset_hint(mail), [&](const Enclosure& enclosure) {
      if (++visited == id) result = enclosure.octets();
      return visited < id;
    });
  return result;
}

}  // namespace ticketd
