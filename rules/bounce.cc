#include <algorithm>
#include <span>

#include "parsers/ascii.h"
#include "parsers/free_form_report.h"
#include "parsers/subject.h"
#include "rules/automatic_mail.h"
#include "rules/header_values.h"
#include "rules/word_list.h"

namespace ticketd {
namespace {

constexpr std::string_view kDaemons[] = {"mailer-daemon", "mailerdaemon", "mail-daemon",  "maildaemon",
                                         "mailer_daemon", "mail-deamon",  "mailer-deamon"};
constexpr std::string_view kPostmasters[] = {"postmaster",    "post_master", "mdaemon",
                                             "mail-delivery", "bounce",      "bounces"};
constexpr std::string_view kDaemonNames[] = {"mail delivery subsystem", "mail delivery system", "mail delivery service",
                                             "mailer-daemon", "internet mail delivery"};
/// People are called so as well.
constexpr std::string_view kPostmasterNames[] = {"mail administrator"};

/// How reports of failure call themselves, folded, at the start of the subject: behind `Fwd:` they are a person's
/// question.
constexpr std::string_view kFailureSubjects[] = {"undeliver",
                                                 "undelivered",
                                                 "delivery status",
                                                 "delivery failure",
                                                 "delivery failed",
                                                 "delivery notification",
                                                 "delivery report",
                                                 "delivery has failed",
                                                 "delivery error",
                                                 "mail delivery",
                                                 "mail could not be delivered",
                                                 "mail system error",
                                                 "message could not be delivered",
                                                 "message undeliverable",
                                                 "message status",
                                                 "returned mail",
                                                 "returned message",
                                                 "returned to sender",
                                                 "failure notice",
                                                 "failure delivery",
                                                 "failed mail",
                                                 "failed delivery",
                                                 "non delivery",
                                                 "nondeliver",
                                                 "non-deliver",
                                                 "non recapitabile",
                                                 "mail not delivered",
                                                 "could not send message",
                                                 "could not deliver",
                                                 "rejected mail",
                                                 "unzustellbar",
                                                 "nicht zustellbar",
                                                 "non remis",
                                                 "échec de remise",
                                                 "notification d'état",
                                                 "no se puede entregar",
                                                 "no entregado",
                                                 "mancato recapito",
                                                 "onbestelbaar",
                                                 "warning: could not send",
                                                 "warning: message",
                                                 "no entregable",
                                                 "не доставлено",
                                                 "недоставленное"};

/// What a text says that returns a mail, in lower case.
constexpr const char* kFailureTexts[] = {"not be delivered",         "not delivered",     "undeliverable",
                                         "delivery failed",          "failed to deliver", "could not send",
                                         "mailbox is full",          "user unknown",      "did not reach the following",
                                         "did not reach some or all"};
/// What stands beside a reply code when a recipient was refused.
constexpr const char* kRefusals[] = {"no such user",  "user unknown",    "unknown user", "does not exist",
                                     "doesn't exist", "no such mailbox", "recipient",    "mailbox"};

/// As much of a text is looked through.
constexpr std::size_t kReadText = 20'000;

bool has_failure_subject(const Email& email) {
  const auto subject = fold_for_comparison(trim(email.subject).substr(0, 120));
  return starts_with_any(subject, kFailureSubjects);
}

/// As it is compared; of "MAILER-DAEMON@mx.example" the part that is a name.
std::string name_of_sender(const Email& email) {
  if (!email.from) return {};
  const std::string_view name = email.from->display_name;
  return fold_for_comparison(trim(name.substr(0, name.find('@'))));
}

/// People pass reports on: what a person may have enclosed or copied tells only where a program seems to have sent it.
bool looks_sent_by_program(const Email& email) {
  if (email.media_type == "multipart/report" || email.media_type.starts_with("message/")) return true;
  if (!email.from || email.from->addr_spec.find('@') == std::string::npos) return true;
  if (find_field(email, "Return-Path", is_null_path) || find_field(email, "Auto-Submitted", is_set)) return true;
  const auto local = split_address(email.from->addr_spec).local;
  return is_one_of(local, kDaemons) || is_one_of(local, kPostmasters) ||
         is_one_of(name_of_sender(email), kDaemonNames) || has_failure_subject(email);
}

std::optional<std::string> report_evidence(const Email& email) {
  if (email.report_type == "delivery-status") return "multipart/report with a delivery status (RFC 3464)";
  if (auto field = find_field(email, "X-MS-Exchange-Message-Is-Ndr", [](auto) { return true; })) return field;
  if (auto field = find_field(email, "Content-Class",
                              [](auto value) { return to_lower(value).find("content-classes:dsn") != value.npos; }))
    return field;
  if (!looks_sent_by_program(email)) return std::nullopt;
  if (has_part(email, "message/delivery-status") || has_part(email, "message/global-delivery-status"))
    return "a part of the type message/delivery-status";
  return find_field(email, "X-Failed-Recipients", [](auto value) { return value.find('@') != value.npos; });
}

bool holds_any(std::string_view text, std::span<const char* const> words) {
  return std::ranges::any_of(words, [&](const char* each) { return text.find(each) != text.npos; });
}

bool encloses_mail(const Email& email) {
  for (const auto* type : {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
    if (has_part(email, type)) return true;
  return !email.returned_ids.empty();
}

/// What a mail has that returns another, and hardly one that a person writes.
bool shows_returned_mail(const Email& email) {
  if (find_field(email, "Return-Path", is_null_path) || find_field(email, "Auto-Submitted", is_set)) return true;
  if (email.media_type == "multipart/report" || email.field("X-Failed-Recipients") != nullptr) return true;
  for (const auto* type : {"message/delivery-status", "message/global-delivery-status"})
    if (has_part(email, type)) return true;
  if (encloses_mail(email)) return true;
  const auto text = to_lower(std::string_view(email.text).substr(0, kReadText));
  return holds_any(text, kFailureTexts) || !find_refusal(text).empty() || !message_ids_in_text(text, 1).empty();
}

/// What answers do, too.
bool names_mail(const Email& email, const Ruleset& ruleset) {
  return !email.in_reply_to.empty() || !email.references.empty() ||
         find_subject_tag(email.subject, ruleset.support.subject_tag);
}

/// People have such names and addresses as well, but for the daemon's own: a second sign has to stand beside them,
/// and beside a name alone one that no answer has.
std::optional<std::string> daemon_evidence(const Email& email, const Ruleset& ruleset) {
  if (!email.from) return email.reply_to.empty() ? find_field(email, "From", is_null_path) : std::nullopt;
  const auto local = split_address(email.from->addr_spec).local;
  if (is_one_of(local, kDaemons)) return "sent by " + email.from->addr_spec;
  const bool says_so = has_failure_subject(email);
  const bool is_postmaster = says_so && is_one_of(local, kPostmasters);
  const auto name = name_of_sender(email);
  const bool is_named = is_one_of(name, kDaemonNames) || (says_so && is_one_of(name, kPostmasterNames));
  if (!is_postmaster && !is_named) return std::nullopt;
  const bool shows_it = shows_returned_mail(email);
  if (is_postmaster && (shows_it || names_mail(email, ruleset))) return "a failure report by " + email.from->addr_spec;
  const bool is_sure = says_so || name == kDaemons[0];
  if (!is_named || !(shows_it || (is_sure && names_mail(email, ruleset)))) return std::nullopt;
  return "sent by \"" + email.from->display_name + "\"";
}

constexpr std::string_view kListManagers[] = {"-admin", "-owner", "-bounces", "-request"};
constexpr std::string_view kListFields[] = {"X-MLServer",     "Mailing-List", "X-Mailman-Version",
                                            "List-Subscribe", "List-Id",      "X-ML-Name"};
/// What managers of mailing lists say to whom they let nothing post.
constexpr const char* kListRefusals[] = {"not a member", "not member", "non-member", "not allowed to post",
                                         "not authorized to post"};

/// Senders that read no answers, under subjects of their own: what they write about is a mail only if they enclose one,
/// or repeat a mail server's refusal of a recipient.
std::optional<std::string> unattended_evidence(const Email& email) {
  if (!takes_no_answers(email)) return std::nullopt;
  const auto text = to_lower(std::string_view(email.text).substr(0, kReadText));
  const bool encloses = encloses_mail(email);
  if (encloses && holds_any(text, kFailureTexts))
    return "sent by " + email.from->addr_spec + " with the mail that failed";
  const auto refusal = find_refusal(text);
  if (!refusal.empty() && holds_any(refusal, kRefusals))
    return "sent by " + email.from->addr_spec + " with a mail server's refusal";
  return std::nullopt;
}

/// A mailing list that did not take the mail, by the list's own manager.
std::optional<std::string> list_refusal_evidence(const Email& email) {
  if (!email.from) return std::nullopt;
  const auto local = split_address(email.from->addr_spec).local;
  const bool is_manager = ends_with_any(local, kListManagers) || local.starts_with("owner-");
  if (!is_manager) return std::nullopt;
  const bool is_list = std::ranges::any_of(kListFields, [&](auto name) { return email.field(name) != nullptr; });
  const auto text = to_lower(email.subject + "\n" + email.text.substr(0, 2000));
  if (!is_list || !holds_any(text, kListRefusals)) return std::nullopt;
  return "sent by " + email.from->addr_spec + ", a mailing list that did not take the mail";
}

}  // namespace

std::optional<std::string> bounce_evidence(const Email& email, const Ruleset& ruleset) {
  if (auto evidence = report_evidence(email)) return evidence;
  if (auto evidence = daemon_evidence(email, ruleset)) return evidence;
  if (auto evidence = unattended_evidence(email)) return evidence;
  if (auto evidence = list_refusal_evidence(email)) return evidence;
  const auto null_path = find_field(email, "Return-Path", is_null_path);
  if (null_path && !auto_reply_evidence(email, ruleset)) return null_path;
  const auto submitted = find_field(email, "Auto-Submitted", is_set);
  if (submitted && has_failure_subject(email)) return "a failure report, " + *submitted;
  return std::nullopt;
}

}  // namespace ticketd
