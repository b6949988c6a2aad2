#include <algorithm>

#include "parsers/ascii.h"
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

bool has_failure_subject(const Email& email) {
  const auto subject = fold_for_comparison(trim(email.subject).substr(0, 120));
  return starts_with_any(subject, kFailureSubjects);
}

bool has_part(const Email& email, std::string_view media_type) {
  return email.media_type == media_type ||
         std::ranges::any_of(email.attachments, [&](const auto& part) { return part.media_type == media_type; });
}

bool is_null_path(std::string_view value) { return squeeze(value) == "<>"; }

std::optional<std::string> report_evidence(const Email& email) {
  if (email.report_type == "delivery-status") return "multipart/report with a delivery status (RFC 3464)";
  if (has_part(email, "message/delivery-status") || has_part(email, "message/global-delivery-status"))
    return "a part of the type message/delivery-status";
  if (auto field = find_field(email, "X-Failed-Recipients", [](auto value) { return value.find('@') != value.npos; }))
    return field;
  if (auto field = find_field(email, "X-MS-Exchange-Message-Is-Ndr", [](auto) { return true; })) return field;
  return find_field(email, "Content-Class",
                    [](auto value) { return to_lower(value).find("content-classes:dsn") != value.npos; });
}

std::optional<std::string> daemon_evidence(const Email& email) {
  if (!email.from) return find_field(email, "From", is_null_path);
  const auto local = split_address(email.from->addr_spec).local;
  if (is_one_of(local, kDaemons)) return "sent by " + email.from->addr_spec;
  const bool says_so = has_failure_subject(email);
  if (says_so && is_one_of(local, kPostmasters)) return "a failure report by " + email.from->addr_spec;
  const auto name = fold_for_comparison(email.from->display_name);
  if (starts_with_any(name, kDaemonNames) || (says_so && starts_with_any(name, kPostmasterNames)))
    return "sent by \"" + email.from->display_name + "\"";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> bounce_evidence(const Email& email, const Ruleset& ruleset) {
  if (auto evidence = report_evidence(email)) return evidence;
  if (auto evidence = daemon_evidence(email)) return evidence;
  const auto null_path = find_field(email, "Return-Path", is_null_path);
  if (null_path && !auto_reply_evidence(email, ruleset)) return null_path;
  const auto submitted = find_field(email, "Auto-Submitted", is_set);
  if (submitted && has_failure_subject(email)) return "a failure report, " + *submitted;
  return std::nullopt;
}

}  // namespace ticketd
