#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rules/grant.h"
#include "rules/mail_case.h"

namespace ticketd {

/// May a mail be answered by the program, and why (not)?
struct Answerable {
  bool is = false;
  std::string why;  ///< a sentence
};
/// Loop protection (RFC 3834 §2): no answer to machines, lists, ourselves, nor to one sender too often.
[[nodiscard]] Answerable judge_automatic_answer(const MailCase& mail);

/// What an acknowledgement answers.
struct Acknowledged {
  Ticket ticket;
  Grant grant;
  std::string address;     ///< From alone (service-rules §9)
  std::string message_id;  ///< may be empty
  std::vector<std::string> references;
  std::uint64_t oversize = 0;  ///< the octets of a mail of which only the beginning was read; 0: it was read whole
};
/// It holds nothing of the customer's mail but the subject: whoever forges From: can have no text sent to a third
/// person.
[[nodiscard]] OutgoingMail compose_acknowledgement(const Acknowledged& acknowledged, const Ruleset& ruleset,
                                                   const Templates& templates, Time now, std::string_view token);

/// References of an answer to this mail (RFC 5322 §3.6.4).
[[nodiscard]] std::vector<std::string> references_of_answer(const Email& email);

}  // namespace ticketd
