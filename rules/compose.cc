#include "rules/compose.h"

#include <fmt/format.h>
#include <unicode/uidna.h>

#include <algorithm>
#include <array>
#include <memory>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/html_alternative.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

constexpr std::size_t kSubjectOctets = 250;
constexpr std::size_t kIdOctets = 250;
constexpr std::size_t kLastReferences = 9;

std::string_view domain_of(std::string_view addr_spec) { return addr_spec.substr(addr_spec.rfind('@') + 1); }

/// The domain in ASCII (RFC 5890 A-labels), so that ids never need SMTPUTF8.
std::string ascii_domain(std::string_view addr_spec) {
  const auto domain = domain_of(addr_spec);
  if (std::ranges::none_of(domain, is_8bit)) return std::string(domain);
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UIDNA, decltype(&uidna_close)> idna(uidna_openUTS46(UIDNA_DEFAULT, &status), &uidna_close);
  std::array<char, 256> buffer{};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const auto size = uidna_nameToASCII_UTF8(idna.get(), domain.data(), static_cast<std::int32_t>(domain.size()),
                                           buffer.data(), static_cast<std::int32_t>(buffer.size()), &info, &status);
  if (U_FAILURE(status) != 0 || info.errors != 0) return "ticketd.invalid";
  return {buffer.data(), static_cast<std::size_t>(size)};
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

/// The mailboxes that can be written to, each address once; `seen` holds the lower-case ones that others have.
std::vector<Mailbox> usable(const std::vector<Mailbox>& mailboxes, std::vector<std::string>& seen) {
  std::vector<Mailbox> result;
  for (const auto& mailbox : mailboxes) {
    auto key = to_lower(mailbox.addr_spec);
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

/// CRLF and lone CR become LF; what remains of control characters is made visible.
std::string body_text(std::string_view body) {
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

std::string part(std::string_view boundary, std::string_view media_type, std::string_view text) {
  return fmt::format(
      "--{}\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n", boundary,
      media_type, quoted_printable(text));
}

/// The boundary holds "=_", which quoted-printable text never does (RFC 2045 §6.7).
std::string mime_body(const MailDraft& draft, std::string_view token) {
  const auto boundary = fmt::format("=_{}", token);
  const auto text = body_text(draft.body);
  return fmt::format("MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"{}\"\r\n\r\n",
                     boundary) +
         part(boundary, "text/plain", text) + part(boundary, "text/html", html_alternative(text, draft.language)) +
         fmt::format("--{}--\r\n", boundary);
}

std::vector<std::string> recipients_of(const std::vector<Mailbox>& to, const std::vector<Mailbox>& cc) {
  std::vector<std::string> recipients;
  for (const auto* list : {&to, &cc})
    for (const auto& mailbox : *list) recipients.push_back(mailbox.addr_spec);
  return recipients;
}

}  // namespace

OutgoingMail compose_mail(const MailDraft& draft, const Ruleset& ruleset, Time now, std::string_view token) {
  const auto& support = ruleset.support;
  std::vector<std::string> seen;
  const auto to = usable(draft.to, seen);
  const auto cc = usable(draft.cc, seen);

  OutgoingMail mail;
  mail.ticket = draft.ticket;
  mail.kind = draft.kind;
  if (!draft.automatic || !ruleset.null_reverse_path) mail.reverse_path = support.address;
  mail.recipients = recipients_of(to, cc);
  mail.message_id = fmt::format("{}@{}", token, ascii_domain(support.address));

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
  octets += mime_body(draft, token);
  return mail;
}

}  // namespace ticketd
