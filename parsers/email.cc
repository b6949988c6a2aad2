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
#include "parsers/html_notice.h"
#include "parsers/message_ids.h"
#include "parsers/mime_splitter.h"
#include "parsers/said_words.h"
#include "parsers/signed_data.h"

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

/// So many mails in one another are opened for their text.
constexpr int kDeepestMail = 3;

/// What a mail's own texts may hold and what its TNEF streams may: the streams are read again for their files alone.
struct Budget {
  TextBudget body, containers;
};

class Assembler {
 public:
  /// `level`: how many mails this one is enclosed in, as far as they have no text of their own; they share the budget.
  Assembler(std::string_view octets, const ParseLimits& limits, Budget& budget, int level = 0)
      : limits_(limits),
        budget_(budget),
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
    if (!email_.from) email_.from = first_words("From");
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
    email_.text = body_text(mail_, selection_, hint_, limits_.text_octets, budget_.body, truncated);
    EnclosureNotes notes;
    email_.attachments = describe_attachments(mail_, selection_, hint_, budget_.containers, notes);
    email_.message_class = one_line(notes.message_class);
    add_container_texts(notes.texts, truncated);
    if (selection_.pieces.empty() && is_blank_text(email_.text)) read_reserve(truncated);
    if (is_blank_text(email_.text) && !is_report()) read_enclosed_text(truncated);
    if (is_blank_text(email_.text)) read_sealed_text(truncated);
    if (is_blank_text(email_.text)) read_preamble();
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
    email_.text_origin = TextOrigin::attached;
  }

  /// A body that was sent as a file.
  void read_reserve(bool& truncated) {
    constexpr std::size_t most = 5;
    for (std::size_t i = 0; i < std::min(most, selection_.reserve.size()) && is_blank_text(email_.text); ++i) {
      BodySelection one;
      one.pieces.push_back(selection_.reserve[i]);
      email_.text = body_text(mail_, one, hint_, limits_.text_octets, budget_.body, truncated);
    }
    if (!is_blank_text(email_.text)) email_.text_origin = TextOrigin::attached;
  }

  /// What a broken program or a filter put before the first part, but for the notice that belongs there.
  void read_preamble() {
    const std::string_view preamble = mail_.parts.front().preamble.substr(0, limits_.text_octets);
    const std::string text = clean_lines(decode_charset(preamble, {}, hint_));
    if (!is_blank_text(text) && !may_stand_for_html(text)) email_.text = utf8_prefix(text, limits_.text_octets);
  }

  bool is_report() const { return email_.media_type == "multipart/report" || !email_.delivery_statuses.empty(); }

  /// A mail forwarded as an attachment, or a digest, without a word: what the first enclosed mail says that says
  /// anything, and who says it.
  void read_enclosed_text(bool& truncated) {
    if (level_ == kDeepestMail) return;
    int left = 5;
    for (std::size_t i = 0; i < mail_.parts.size() && left > 0 && is_blank_text(email_.text); ++i) {
      const MimePart& part = mail_.parts[i];
      if (!is_message_type(part.type.value) || is_enclosed(i)) continue;
      const bool encoded = encoding(mail_, i) != TransferEncoding::identity;
      const std::string decoded = encoded ? decode_transfer(part.body, encoding(mail_, i)) : std::string();
      take_enclosed(encoded ? decoded : part.body, truncated);
      --left;
    }
  }

  /// In a mail that this one encloses.
  bool is_enclosed(std::size_t number) const {
    for (auto parent = mail_.parts[number].parent; parent; parent = mail_.parts[*parent].parent)
      if (mail_.parts[*parent].kind == PartKind::message) return true;
    return false;
  }

  /// What was signed opaquely (RFC 8551 §3.5.2); what is sealed is said to be.
  void read_sealed_text(bool& truncated) {
    bool sealed = false;
    for (std::size_t i = 0; i < mail_.parts.size() && is_blank_text(email_.text); ++i) {
      const MimePart& part = mail_.parts[i];
      const bool pkcs7 = part.type.value == "application/pkcs7-mime" || part.type.value == "application/x-pkcs7-mime";
      sealed = sealed || pkcs7 || part.type.value == "multipart/encrypted";
      if (!pkcs7 || level_ == kDeepestMail) continue;
      const auto content = signed_content(decode_transfer(part.body, encoding(mail_, i)));
      if (content && i == 0)
        take_signed(*content, truncated);
      else if (content)
        take_enclosed(*content, truncated);
    }
    if (sealed && is_blank_text(email_.text))
      email_.defects.emplace_back("the text is encrypted or signed and cannot be shown");
  }

  /// The content of the whole mail's signature is the mail itself; it may repeat the header (RFC 9788).
  void take_signed(std::string_view octets, bool& truncated) {
    const auto content = read_inner(octets);
    if (!content) return;
    const bool same = (!content->from || content->from == email_.from) &&
                      (content->subject.empty() || content->subject == email_.subject);
    take_inner((same ? std::string() : heading(*content)) + content->text,
               same ? content->text_origin : TextOrigin::enclosed, truncated);
  }
  void take_enclosed(std::string_view octets, bool& truncated) {
    if (const auto mail = read_inner(octets)) take_inner(heading(*mail) + mail->text, TextOrigin::enclosed, truncated);
  }

  /// nullopt when it says nothing.
  std::optional<Email> read_inner(std::string_view octets) {
    auto inner = Assembler(octets, limits_, budget_, level_ + 1).assemble();
    auto* mail = std::get_if<Email>(&inner);
    return mail == nullptr || is_blank_text(mail->text) ? std::nullopt : std::optional(std::move(*mail));
  }
  void take_inner(const std::string& text, TextOrigin origin, bool& truncated) {
    truncated = truncated || text.size() > limits_.text_octets;
    email_.text = utf8_prefix(text, limits_.text_octets);
    email_.text_origin = origin;
  }

  /// Who says what follows, so that nothing of it begins the text.
  static std::string heading(const Email& mail) {
    std::string lines;
    if (mail.from) lines += "From: " + shown(*mail.from) + '\n';
    if (!mail.subject.empty()) lines += "Subject: " + mail.subject + '\n';
    if (lines.empty() && mail.text_origin == TextOrigin::enclosed) return {};  // which has its own
    return lines.empty() ? "From: (nobody)\n\n" : lines + '\n';
  }

  static std::string shown(const Mailbox& mailbox) {
    return mailbox.display_name.empty() ? mailbox.addr_spec : mailbox.display_name + " <" + mailbox.addr_spec + '>';
  }

  void read_returned_ids() {
    constexpr std::size_t most = 10;
    for (std::size_t i = 0; i < mail_.parts.size() && email_.returned_ids.size() < most; ++i) {
      const MimePart& part = mail_.parts[i];
      const bool enclosed = part.parent && mail_.parts[*part.parent].kind == PartKind::message;
      const auto id = enclosed ? mail_.tree.field(i, "Message-ID") : id_of_encoded_header(i);
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

  static bool is_message_type(std::string_view type) { return type == "message/rfc822" || type == "message/global"; }

  /// A mail's header as the content of a part (RFC 6522 §4, RFC 6533 §5), and that of a mail in a transfer encoding,
  /// which is not taken apart.
  std::optional<std::string> id_of_encoded_header(std::size_t number) const {
    constexpr std::size_t enough = 64 * 1024;
    const MimePart& part = mail_.parts[number];
    const bool is_header = part.type.value == "text/rfc822-headers" || part.type.value == "message/global-headers";
    if (!is_header && (part.kind != PartKind::leaf || !is_message_type(part.type.value))) return std::nullopt;
    const std::string content = decode_transfer(part.body.substr(0, enough), encoding(mail_, number));
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

  /// What stands where an address should: `ann at acme.example`. Other words are a name, and one that looks like an
  /// address is not believed.
  std::optional<Mailbox> first_words(std::string_view name) {
    for (const Mailbox& mailbox : all_addresses(name))
      if (const auto& words = mailbox.display_name; words.find('.') != words.npos && words.find('@') == words.npos)
        return Mailbox{{}, words};
    return std::nullopt;
  }

  std::vector<std::string> ids(std::string_view name) const {
    const auto* value = email_.field(name);
    return value == nullptr ? std::vector<std::string>() : parse_message_ids(*value, limits_.references);
  }

  const ParseLimits& limits_;
  Budget& budget_;
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
  Budget budget;
  return Assembler(octets, limits, budget).assemble();
}

std::optional<std::string> extract_attachment(std::string_view octets, std::uint32_t id, const ParseLimits& limits) {
  const SplitMail mail = split_mail(octets, limits);
  const BodySelection selection = select_bodies(mail);
  std::optional<std::string> result;
  std::uint32_t visited = 0;
  TextBudget budget;
  if (id > 0)
    visit_enclosures(mail, selection, charset_hint(mail), budget, ContainerTexts::unwanted,
                     [&](const Enclosure& enclosure) {
                       if (++visited == id) result = enclosure.octets();
                       return visited < id;
                     });
  return result;
}

}  // namespace ticketd
