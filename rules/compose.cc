#include "rules/compose.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/address_key.h"
#include "rules/html_alternative.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

constexpr std::size_t kSubjectOctets = 250;
constexpr std::size_t kIdOctets = 250;
constexpr std::size_t kLastReferences = 9;

/// The domain in ASCII (RFC 5890 A-labels), so that ids never need SMTPUTF8.
std::string ascii_domain(std::string_view addr_spec) {
  auto domain = domain_key(addr_spec.substr(addr_spec.rfind('@') + 1));
  return std::ranges::any_of(domain, is_8bit) ? "ticketd.invalid" : domain;
}

/// RFC 5322 §3.6.4, generously: an id that could end its field or be decoded as something else is not repeated.
bool is_repeatable_id(std::string_view id) {
  return !id.empty() && id.size() <= kIdOctets && id.find("=?") == std::string_view::npos &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7F && c != '<' && c != '>'; });
}

/// RFC 5322 §3.6.4: the first one starts the thread, the last ones are the nearest.
std::vector<std::string> reference_tokens(const std::vector<std::string>& references) {
  std::vector<std::string> tokens;
  for (const auto& id : references)
    if (is_repeatable_id(id)) tokens.push_back('<' + id + '>');
  if (tokens.size() > kLastReferences + 1)
    tokens.erase(tokens.begin() + 1, tokens.end() - static_cast<std::ptrdiff_t>(kLastReferences));
  return tokens;
}

std::vector<std::string> subject_tokens(const MailDraft& draft, const Ruleset& ruleset, std::size_t column) {
  const auto subject = shortened(header_line(draft.subject), kSubjectOctets);
  if (!draft.ticket) return unstructured_tokens(subject, column);
  const auto tag = fmt::format("[{}-{}]", ruleset.support.subject_tag, static_cast<std::int64_t>(*draft.ticket));
  return unstructured_tokens(tag + ' ' + subject, column);
}

/// The mailboxes that can be written to, each address once; `seen` holds the keys of those that others have.
std::vector<Mailbox> usable(const std::vector<Mailbox>& mailboxes, std::vector<std::string>& seen) {
  std::vector<Mailbox> result;
  for (const auto& mailbox : mailboxes) {
    auto key = address_key(mailbox.addr_spec);
    if (!is_envelope_address(mailbox.addr_spec) || std::ranges::find(seen, key) != seen.end()) continue;
    seen.push_back(std::move(key));
    result.push_back(mailbox);
  }
  return result;
}

std::string mailboxes_field(std::string_view name, const std::vector<Mailbox>& mailboxes) {
  std::vector<std::string> tokens;
  for (const auto& mailbox : mailboxes) {
    if (!tokens.empty()) tokens.back() += ',';
    // Only the first name can share a line with the field's name; a later one may stand anywhere.
    const std::size_t column = tokens.empty() ? name.size() + 2 : 1;
    for (auto& token : mailbox_tokens(mailbox, column)) tokens.push_back(std::move(token));
  }
  return header_field(name, tokens);
}

std::string thread_fields(const MailDraft& draft) {
  std::string fields;
  if (is_repeatable_id(draft.in_reply_to)) fields += header_field("In-Reply-To", {'<' + draft.in_reply_to + '>'});
  const auto references = reference_tokens(draft.references);
  if (!references.empty()) fields += header_field("References", references);
  return fields;
}

/// What tells other programs not to answer (RFC 3834 §5, and what is used beside it).
std::string automatic_fields(const MailDraft& draft) {
  if (!draft.automatic) return {};
  return header_field("Auto-Submitted", {draft.replies_to_mail ? "auto-replied" : "auto-generated"}) +
         header_field("X-Auto-Response-Suppress", {"All"}) + header_field("Precedence", {"bulk"});
}

/// RFC 3282. Of English nobody needs to be told.
std::string language_field(const MailDraft& draft) {
  if (draft.language.empty() || draft.language == "en") return {};
  return header_field("Content-Language", {draft.language});
}

/// CRLF and lone CR become LF; what remains of control characters is made visible.
std::string body_text(std::string_view body) {
  if (body.find('\r') == std::string_view::npos) return printable_text(body);
  std::string text;
  text.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\r')
      text += body[i];
    else if (i + 1 == body.size() || body[i + 1] != '\n')
      text += '\n';
  }
  return printable_text(text);
}

std::string entity(std::string_view media_type, std::string_view text) {
  std::string part("Content-Type: ");
  part.append(media_type).append("; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n");
  return part.append(quoted_printable(text)).append("\r\n");
}

/// A multipart's header, its parts and its end. The boundary holds "=_", which neither quoted-printable text (RFC 2045
/// §6.7) nor base64 ever does.
std::string multipart(std::string_view subtype, std::string_view boundary, const std::vector<std::string>& parts) {
  auto text = fmt::format("Content-Type: multipart/{};\r\n boundary=\"{}\"\r\n\r\n", subtype, boundary);
  for (const auto& part : parts) text.append("--").append(boundary).append("\r\n").append(part);
  return text.append("--").append(boundary).append("--\r\n");
}

std::string mime_body(const MailDraft& draft, std::string_view token) {
  const auto text = body_text(draft.body);
  if (draft.is_short) return "MIME-Version: 1.0\r\n" + entity("text/plain", text);
  auto words = multipart("alternative", fmt::format("=_{}", token),
                         {entity("text/plain", text), entity("text/html", html_alternative(text, draft.language))});
  if (draft.files.empty()) return "MIME-Version: 1.0\r\n" + words;
  std::vector<std::string> parts{std::move(words)};
  for (const auto& file : draft.files) parts.push_back(attachment_part(file));
  return "MIME-Version: 1.0\r\n" + multipart("mixed", fmt::format("=_m{}", token), parts);
}

/// Who gets a mail, each address once.
struct Receivers {
  std::vector<Mailbox> to, cc;
};
Receivers receivers_of(const MailDraft& draft) {
  std::vector<std::string> seen;
  Receivers receivers;
  receivers.to = usable(draft.to, seen);
  receivers.cc = usable(draft.cc, seen);
  return receivers;
}

OutgoingMail addressed(const MailDraft& draft, const Receivers& receivers, const Ruleset& ruleset,
                       std::string_view token) {
  OutgoingMail mail;
  mail.ticket = draft.ticket;
  mail.kind = draft.kind;
  if (!draft.automatic || !ruleset.null_reverse_path) mail.reverse_path = ruleset.support.address;
  for (const auto* list : {&receivers.to, &receivers.cc})
    for (const auto& mailbox : *list) mail.recipients.push_back(mailbox.addr_spec);
  mail.message_id = message_id_for(token, ruleset);
  return mail;
}

}  // namespace

std::string message_id_for(std::string_view token, const Ruleset& ruleset) {
  return fmt::format("{}@{}", token, ascii_domain(ruleset.support.address));
}

OutgoingMail address_mail(const MailDraft& draft, const Ruleset& ruleset, std::string_view token) {
  return addressed(draft, receivers_of(draft), ruleset, token);
}

void write_out(OutgoingMail& mail) {
  if (const auto write = std::exchange(mail.write, {})) mail.octets = write();
}

OutgoingMail compose_mail(const MailDraft& draft, const Ruleset& ruleset, Time now, std::string_view token) {
  const auto& support = ruleset.support;
  const auto receivers = receivers_of(draft);
  const auto& [to, cc] = receivers;
  auto mail = addressed(draft, receivers, ruleset, token);
  auto& octets = mail.octets;
  octets += header_field("Date", {rfc5322_date(now)});
  octets += mailboxes_field("From", {{support.name, support.address}});
  octets += header_field("Reply-To", {'<' + support.address + '>'});
  octets += to.empty() ? header_field("To", {"undisclosed-recipients:;"}) : mailboxes_field("To", to);
  if (!cc.empty()) octets += mailboxes_field("Cc", cc);
  octets += header_field("Subject", subject_tokens(draft, ruleset, std::string_view("Subject: ").size()));
  octets += header_field("Message-ID", {'<' + mail.message_id + '>'});
  octets += thread_fields(draft);
  octets += automatic_fields(draft);
  octets += language_field(draft);
  octets += mime_body(draft, token);
  return mail;
}

}  // namespace ticketd
