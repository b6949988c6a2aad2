#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "rules/grant.h"
#include "rules/mail_case.h"

namespace ticketd {

/// May a mail be answered by the program, and why (not)?
struct Answerable {
  bool is = false;
  std::string why;            ///< a sentence
  bool is_for_storm = false;  ///< the limit of all together is the only thing against it
};
/// So many automatic answers go out about one ticket, whoever asks for them.
inline constexpr std::array kAnswersPerTicket{RateLimit{5, std::chrono::hours{1}},
                                              RateLimit{20, std::chrono::hours{24}}};

/// No limit counts automatic answers, or tickets that a sender opened, from before.
[[nodiscard]] Time counted_since(const Ruleset& ruleset, Time now);

/// Loop protection (RFC 3834 §2): no answer to machines, lists, ourselves, nor to one sender or domain, about one
/// ticket, or in all too often. `about`: the ticket that the mail belongs to; nullptr for one of its own.
[[nodiscard]] Answerable judge_automatic_answer(const MailCase& mail, const Candidate* about = nullptr);

/// The windows in which `judge_incident_mail` wants automatic answers to be counted.
[[nodiscard]] AnswerWindows answer_windows(const Ruleset& ruleset, Time now);

/// Why a mail gets no automatic answer for what it is and where it comes from, whatever the limits say; empty when it
/// may be answered.
[[nodiscard]] std::string nature_obstacle(const MailCase& mail);

/// May the requester of this ticket be told by the program that its incident is over, and why (not)? By the limits of
/// automatic answers.
[[nodiscard]] Answerable judge_incident_mail(const CommandContext& context, const Ruleset& ruleset);

/// What an acknowledgement answers.
struct Acknowledged {
  Ticket ticket;
  Grant grant;
  std::string address;     ///< From alone (service-rules §9)
  std::string message_id;  ///< may be empty
  std::vector<std::string> references;
  bool may_quote = true;       ///< false: From: is not shown to be the sender's
  std::uint64_t oversize = 0;  ///< the octets of a mail of which only the beginning was read; 0: it was read whole
  std::optional<Incident> incident;  ///< that the ticket waits for; its text stands in for the promise of an answer
};
/// It holds nothing of the customer's mail but the subject and ids, and but the id of the mail itself when it may not
/// quote: whoever forges From: can have no text sent to a third person.
[[nodiscard]] OutgoingMail compose_acknowledgement(const Acknowledged& acknowledged, const Ruleset& ruleset,
                                                   const Templates& templates, Time now, std::string_view token);

/// Likewise, but its octets are still to be written: OutgoingMail::write does that with the ruleset and the templates.
[[nodiscard]] OutgoingMail prepare_acknowledgement(Acknowledged acknowledged, const Ruleset& ruleset,
                                                   const Templates& templates, Time now, std::string token);

/// References of an answer to this mail (RFC 5322 §3.6.4).
[[nodiscard]] std::vector<std::string> references_of_answer(const Email& email);

}  // namespace ticketd
