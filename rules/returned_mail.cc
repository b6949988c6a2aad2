#include "rules/returned_mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "parsers/addresses.h"
#include "parsers/ascii.h"
#include "parsers/free_form_report.h"
#include "parsers/printable.h"
#include "parsers/subject.h"
#include "rules/address_key.h"
#include "rules/compose.h"
#include "rules/event_log.h"
#include "rules/header_values.h"
#include "rules/mail_encoder.h"
#include "rules/names.h"
#include "rules/word_list.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestReason = 200;

constexpr auto kKinds = name_table<OutboxKind>({{OutboxKind::acknowledgement, "The acknowledgement"},
                                                {OutboxKind::answer, "The automatic answer"},
                                                {OutboxKind::reply, "The answer"},
                                                {OutboxKind::update, "The update"},
                                                {OutboxKind::resolution, "The resolution"},
                                                {OutboxKind::closed, "The note that the ticket is closed"},
                                                {OutboxKind::notification, "The notification"},
                                                {OutboxKind::page, "The page"},
                                                {OutboxKind::warning, "The warning"},
                                                {OutboxKind::breach, "The breach notice"},
                                                {OutboxKind::digest, "The digest"},
                                                {OutboxKind::incident, "The incident mail"},
                                                {OutboxKind::admin, "The message to the admins"}});

/// How servers say that there is no such mailbox or domain, folded.
constexpr std::string_view kNoSuchAddress[] = {"user unknown",
                                               "unknown user",
                                               "unknown recipient",
                                               "recipient unknown",
                                               "unknown mailbox",
                                               "unknown address",
                                               "address unknown",
                                               "unknown local",
                                               "user not found",
                                               "recipient not found",
                                               "mailbox not found",
                                               "address not found",
                                               "no such user",
                                               "no such mailbox",
                                               "no such recipient",
                                               "no such address",
                                               "no such person",
                                               "no mailbox here",
                                               "no mailbox by that name",
                                               "user does not exist",
                                               "user doesn't exist",
                                               "account does not exist",
                                               "account that you tried to reach does not exist",
                                               "mailbox does not exist",
                                               "address does not exist",
                                               "recipient does not exist",
                                               "not a valid recipient",
                                               "not a known user",
                                               "not a valid mailbox",
                                               "invalid mailbox",
                                               "invalid recipient",
                                               "account is disabled",
                                               "account has been disabled",
                                               "mailbox is disabled",
                                               "mailbox disabled",
                                               "domain not found",
                                               "domain name not found",
                                               "unknown domain",
                                               "domain does not exist",
                                               "unrouteable address",
                                               "no smtp service",
                                               "nullmx",
                                               "null mx"};

/// RFC 3463 §3.2, §3.3: the address of the recipient, not of the sender (5.1.7, 5.1.8).
constexpr std::string_view kAddressStatuses[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"};

/// The code of the diagnostic is nearer to the fault than that of the report, which often is a bare 5.0.0.
std::string status_of(const DeliveryStatus& status) {
  const std::string_view text = status.diagnostic;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool starts = at == 0 || !(is_digit(text[at - 1]) || is_letter(text[at - 1]) || text[at - 1] == '.');
    if (const auto code = leading_status_code(text.substr(at)); starts && !code.empty()) return std::string(code);
  }
  return status.status;
}

bool is_transient(const DeliveryStatus& status, std::string_view code) {
  if (!code.empty()) return code.starts_with('4');
  return !status.diagnostic.empty() && status.diagnostic.starts_with('4');
}

/// A code that leaves the reason to the words (RFC 3463 §3: "other", and routing, which may be the domain's end; a
/// disabled mailbox, by which large sites also mean one that gets mail too fast).
bool is_unspecific(std::string_view code) {
  return code.empty() || code.ends_with(".0.0") || code == "5.1.0" || code == "5.2.1" || code.starts_with("5.4.");
}

/// "Sender address rejected: Domain not found" tells of ourselves, not of the recipient.
bool is_about_sender(std::string_view folded) {
  for (const auto* words : {"sender", "helo", "ehlo", "return path", "return-path", "reverse path", "mail from"})
    if (folded.find(words) != folded.npos) return true;
  return false;
}

/// "Relay access denied" tells of what we may do, whatever code stands beside it.
bool is_about_relaying(std::string_view folded) {
  for (const auto* words :
       {"relaying", "relay access", "relay denied", "not relay", "no relay", "relay not", "to relay"})
    if (folded.find(words) != folded.npos) return true;
  return false;
}

/// "550 5.1.1 No such user", or as much of it as is there.
std::string reason_of(const DeliveryStatus& status) {
  auto text = printable_line(status.diagnostic);
  if (text.empty()) text = printable_line(status.status);
  if (text.empty()) return "the report names no reason";
  return shortened(text, kLongestReason);
}

/// Anybody may have written them: they stand as what `whose` says, and end where they end.
std::string quoted_reason(const DeliveryStatus& status, std::string_view whose) {
  auto reason = reason_of(status);
  if (status.diagnostic.empty() && status.status.empty()) return reason;
  std::ranges::replace(reason, '"', '\'');
  return fmt::format("{} says \"{}\"", whose, reason);
}

/// Whom the report is about, as it writes him; what is no address is not shown.
std::string shown_recipient(const DeliveryStatus& status) {
  const auto& address = status.original_recipient.empty() ? status.final_recipient : status.original_recipient;
  return is_envelope_address(address) ? printable_line(address) : "its recipient";
}

bool names(const DeliveryStatus& status, std::string_view recipient) {
  return is_same_address(status.final_recipient, recipient) || is_same_address(status.original_recipient, recipient);
}

bool names_any(const DeliveryStatus& status, const ReturnedMail& returned) {
  return std::ranges::any_of(returned.recipients, [&](const auto& each) { return names(status, each); });
}

/// It is the recipient's own address that failed (RFC 3464 §2.3.2). Where his mail is passed on to somebody else's
/// server (§2.3.1), he may well have got it; another name for him in his own domain is he himself.
bool has_failed_itself(const DeliveryStatus& status, std::string_view recipient) {
  if (is_same_address(status.final_recipient, recipient)) return true;
  if (!is_same_address(status.original_recipient, recipient)) return false;
  const auto domain = split_address(to_lower(recipient)).domain;
  const auto failed = split_address(to_lower(status.final_recipient)).domain;
  return !domain.empty() && is_within_domain(failed, domain);
}

/// A report of a server that goes on trying says so in its subject, when it has no other place.
bool tells_of_delay(const Email& email) {
  const auto subject = fold_for_comparison(trim(email.subject).substr(0, 120));
  for (const auto* words : {"warning", "delay", "still being retried", "verzögert"})
    if (subject.find(words) != subject.npos) return true;
  return false;
}

/// RFC 3464's fields in the text itself, else what its words say, else whom X-Failed-Recipients names.
std::vector<DeliveryStatus> read_free_form(const Email& email) {
  auto found = parse_delivery_status(email.text);
  std::erase_if(found, [](const DeliveryStatus& status) { return status.final_recipient.empty(); });
  if (!found.empty()) return found;
  found = read_free_form_report(email.text);
  const auto* named = email.field("X-Failed-Recipients");
  if (named == nullptr) return found;
  for (const auto& mailbox : parse_addresses(*named, kMostDeliveryStatuses)) {
    const auto known = std::ranges::any_of(found, [&](const auto& status) { return names(status, mailbox.addr_spec); });
    if (known || mailbox.addr_spec.empty()) continue;
    DeliveryStatus status;
    status.final_recipient = mailbox.addr_spec;
    status.diagnostic = printable_line(find_refusal(email.text));
    found.push_back(std::move(status));
  }
  return found;
}

/// What the report says of whom; for a free-form one only what concerns recipients of the returned mails.
std::vector<DeliveryStatus> statuses_of(const MailCase& mail) {
  if (!mail.email.delivery_statuses.empty()) return mail.email.delivery_statuses;
  auto found = read_free_form(mail.email);
  std::erase_if(found, [&](const DeliveryStatus& status) {
    return std::ranges::none_of(mail.context.returned,
                                [&](const auto& returned) { return names_any(status, returned); });
  });
  const bool is_delay = tells_of_delay(mail.email);
  for (auto& status : found)
    if (status.action.empty()) status.action = is_delay ? "delayed" : "failed";
  return found;
}

/// What the report says in the ticket's words.
std::string sentence_of(const ReturnedMail& returned, const DeliveryStatus& status) {
  const auto whom = shown_recipient(status);
  const auto reason = quoted_reason(status, "the report");
  switch (judge_failure(status)) {
    case Failure::none:
      return fmt::format("{} reached {}.", in_words(returned.kind), whom);
    case Failure::delayed:
      return fmt::format("{} has not reached {} yet; the mail server goes on trying: {}", in_words(returned.kind), whom,
                         reason);
    case Failure::temporary:
    case Failure::permanent:
      return fmt::format("{} did not reach {}: {}", in_words(returned.kind), whom, reason);
  }
  return {};
}

std::string sentences_of(const ReturnedMail& returned, std::span<const DeliveryStatus> statuses) {
  constexpr std::size_t kShown = 3;
  std::string text;
  for (const auto& status : statuses.subspan(0, std::min(kShown, statuses.size())))
    text += (text.empty() ? "" : " ") + sentence_of(returned, status);
  if (statuses.size() > kShown) text += fmt::format(" And {} more.", statuses.size() - kShown);
  return text;
}

/// The report names nobody: so it is about those whom the mail went to.
std::vector<DeliveryStatus> unnamed(const MailCase& mail, const ReturnedMail& returned) {
  std::vector<DeliveryStatus> statuses;
  for (const auto& recipient : returned.recipients) {
    auto& status = statuses.emplace_back();
    status.action = tells_of_delay(mail.email) ? "delayed" : "failed";
    status.final_recipient = recipient;
  }
  return statuses;
}

void bar(Undeliverable found, TicketId ticket, Decision& decision) {
  const auto address = found.address;
  const auto now = found.since;
  decision.undeliverable.push_back(std::move(found));
  log_event(decision, ticket, now, "ticketd", "address_undeliverable",
            fmt::format("No further mail goes to {} until mail comes from there, or somebody says: ticketctl "
                        "undeliverable clear {}",
                        printable_line(address), shell_word(printable_line(address))));
}

/// The last server writes Return-Path, and a report has the null one (RFC 5321 §4.5.5): people have another. Some
/// servers write none at all: there a report in the standard's form is believed without it, for else no dead address
/// would ever be found; whoever forges one may take the null path as well, and is held off by the rest.
bool has_way_of_report(const Email& email) {
  const auto* path = email.field("Return-Path");
  if (path != nullptr) return is_null_path(*path);
  return email.report_type == "delivery-status" && !email.delivery_statuses.empty();
}

/// Staff, or who takes part in the ticket: people, who got a copy and with it the id, and no mail server.
bool is_from_participant(const MailCase& mail, const ReturnedMail& returned) {
  if (!mail.email.from) return false;
  const auto& from = mail.email.from->addr_spec;
  const auto is_sender = [&](const std::string& address) { return is_same_address(address, from); };
  if (find_staff(from, mail.ruleset) != nullptr || std::ranges::any_of(returned.recipients, is_sender)) return true;
  return std::ranges::any_of(mail.context.candidates, [&](const Candidate& candidate) {
    return is_sender(candidate.ticket.requester.addr_spec) || is_sender(candidate.ticket.reply_to) ||
           std::ranges::any_of(candidate.participants, is_sender);
  });
}

/// A report can be forged by whoever knows the id. Of a mail that went to one recipient others know it once he answers
/// it: then it has arrived, whatever a report says.
bool may_bar(const MailCase& mail, const ReturnedMail& returned) {
  if (returned.recipients.size() != 1 || !has_way_of_report(mail.email) || is_from_participant(mail, returned))
    return false;
  return std::ranges::none_of(
      returned.heard_from, [&](const auto& address) { return is_same_address(address, returned.recipients.front()); });
}

bool has_failed(const DeliveryStatus& status) {
  const auto failure = judge_failure(status);
  return failure == Failure::temporary || failure == Failure::permanent;
}

/// What a report about several mails says of this one. One that names nobody whom any of them went to is about all of
/// them: their recipients pass their mail on.
bool keep_own(const MailCase& mail, const ReturnedMail& returned, std::vector<DeliveryStatus>& statuses) {
  const auto is_of = [&](const ReturnedMail& which) {
    return std::ranges::any_of(statuses, [&](const DeliveryStatus& status) { return names_any(status, which); });
  };
  if (is_of(returned))
    std::erase_if(statuses, [&](const DeliveryStatus& status) { return !names_any(status, returned); });
  else if (std::ranges::any_of(mail.context.returned, is_of))
    return false;
  return true;
}

void note_return(const MailCase& mail, const ReturnedMail& returned, std::vector<DeliveryStatus> statuses,
                 TicketId ticket, Decision& decision) {
  if (!keep_own(mail, returned, statuses)) return;
  if (statuses.empty()) statuses = unnamed(mail, returned);
  const auto text = sentences_of(returned, statuses);
  if (std::ranges::any_of(statuses, has_failed)) decision.returned.push_back({returned.outbox, text});
  log_event(decision, ticket, mail.now, "ticketd", "mail_came_back", text);
  note_reason(decision, "Bounce", text);
  if (!may_bar(mail, returned)) return;
  const auto barred = std::ranges::find_if(statuses, [&](const DeliveryStatus& status) {
    return has_failed_itself(status, returned.recipients.front()) && judge_failure(status) == Failure::permanent;
  });
  if (barred != statuses.end())
    bar({returned.recipients.front(), mail.now, reason_of(*barred), returned.outbox, returned.ticket}, ticket,
        decision);
}

}  // namespace

Failure judge_failure(const DeliveryStatus& status) {
  if (is_one_of(status.action, {"delivered", "relayed", "expanded"})) return Failure::none;
  if (status.action == "delayed") return Failure::delayed;
  const auto code = status_of(status);
  if (is_transient(status, code)) return Failure::temporary;
  const auto text = fold_for_comparison(status.diagnostic);
  if (is_about_relaying(text)) return Failure::temporary;
  if (is_one_of(code, kAddressStatuses)) return Failure::permanent;
  if (!is_unspecific(code)) return Failure::temporary;
  if (is_about_sender(text)) return Failure::temporary;
  const bool says_so = std::ranges::any_of(kNoSuchAddress, [&](auto words) { return text.find(words) != text.npos; });
  return says_so ? Failure::permanent : Failure::temporary;
}

void note_returned_mail(const MailCase& mail, Decision& decision) {
  if (!has_class(mail, MailClass::bounce) || mail.context.returned.empty()) return;
  const auto statuses = statuses_of(mail);
  const auto own = decision.ticket ? decision.ticket->number : TicketId{};
  for (const auto& returned : mail.context.returned)
    note_return(mail, returned, statuses, returned.ticket.value_or(own), decision);
}

void note_refused_recipient(const OutgoingMail& mail, const DeliveryStatus& answer, Time now, Decision& decision) {
  if (judge_failure(answer) != Failure::permanent) return;
  const auto ticket = mail.ticket.value_or(TicketId{});
  log_event(decision, ticket, now, "ticketd", "mail_refused",
            fmt::format("{} did not reach {}: {}", in_words(mail.kind), shown_recipient(answer),
                        quoted_reason(answer, "the mail server")));
  bar({to_lower(answer.final_recipient), now, reason_of(answer), mail.id, mail.ticket}, ticket, decision);
}

void welcome_back(const MailCase& mail, Decision& decision) {
  const auto& listed = mail.context.undeliverable;
  const bool is_person = written_by_machine(mail) == nullptr && !has_class(mail, MailClass::bulk);
  const bool is_sender = mail.email.from && mail.customer == &*mail.email.from && !mail.doubt.is_ambiguous &&
                         !(mail.forward && mail.forward->original);  // who passes a mail on is not who wrote it
  if (!listed || !is_person || !is_sender || mail.authentication.failed() || is_silent(mail)) return;
  decision.deliverable.push_back(listed->address);
  if (!decision.ticket) return;
  log_event(decision, decision.ticket->number, mail.now, "ticketd", "address_deliverable",
            fmt::format("{} writes, so mail goes there again. It had come back: {}", printable_line(listed->address),
                        printable_line(listed->reason)));
}

std::string_view in_words(OutboxKind kind) { return kKinds.name(kind); }

std::string suppression_in_words(OutboxKind kind, std::span<const Undeliverable> left_out) {
  std::string text;
  for (const auto& each : left_out)
    text += fmt::format("{}{} is not sent to {}, for mail to it came back: {}", text.empty() ? "" : " ", in_words(kind),
                        printable_line(each.address), printable_line(each.reason));
  return text + " Once it works again: ticketctl undeliverable clear ADDRESS";
}

}  // namespace ticketd
