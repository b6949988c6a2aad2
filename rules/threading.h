#pragma once

#include <string>

#include "rules/mail_case.h"

namespace ticketd {

/// How a mail belongs to a ticket (service-rules §9).
enum class Standing {
  none,       ///< it belongs to none: a ticket of its own
  strong,     ///< a participant whose mail names one of the ticket's mails: may reopen and relabel
  weak,       ///< a participant by the subject's tag alone, which can be guessed and From: forged: may add and reopen
  staff,      ///< staff who answer one of our mails, or the customer's own: no customer's word
  passed_on,  ///< staff who pass on what a participant answered to a mail of ours: his word, but no claim of his
  on_file,    ///< staff who pass on what the ticket has already
  machine,    ///< an automatic answer or a bounce of one of our mails
  stranger    ///< somebody else whose mail names one of ours: added and marked, nothing more
};

struct Thread {
  Standing standing = Standing::none;
  const Candidate* candidate = nullptr;  ///< nullptr exactly for `none`
  std::string reason;                    ///< a sentence
  std::string hint;                      ///< for `none`: what pointed to a ticket and was not enough; may be empty
};

[[nodiscard]] Thread find_thread(const MailCase& mail);

}  // namespace ticketd
