#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rules/answered_words.h"
#include "rules/mail_case.h"
#include "rules/threading.h"

namespace ticketd {

/// What a mail of staff asks for (design: staff work every ticket by mail).
struct StaffOrders {
  std::vector<StaffCommand> commands;  ///< in the order of their lines
  std::string text;                    ///< behind #note or #resolve and below, without quotes and signature; or empty
  bool is_note = false;                ///< `#note`: the text is kept, and nothing is sent
  bool resolves = false;               ///< `#resolve`: the text is the resolution
};
/// Why nothing is done, in a sentence for whoever wrote the mail.
struct OrdersRefused {
  std::string reason;
};

/// Reads commands, which stand alone on the first lines, and the text below them. `answered` is the mail of ours that
/// it answers, `writer` the name of whoever
/// writes. Refused: an unknown command, one without what it needs or amid the text, a mail in which there is
/// nothing to do, and a text of which it isn't sure that nothing of the answered mail is left in it: internal words
/// must not reach a customer.
[[nodiscard]] std::variant<StaffOrders, OrdersRefused> read_staff_orders(std::string_view text,
                                                                         std::string_view subject,
                                                                         std::string_view cut_line,
                                                                         const AnsweredWords& answered,
                                                                         std::string_view writer);

/// The ticket that a mail of staff names as a second one (`#merge 12`), read with no look at anything else.
/// Its commands set a category.
[[nodiscard]] bool orders_priority(std::string_view text);
[[nodiscard]] std::optional<TicketId> merge_target_of(std::string_view text);

/// A mail of staff that answers one of our mails. It is obeyed when that mail went to this very address and to
/// nobody but staff, and where authentication is checked, it passed; else it is kept as a note, and nothing more.
void work_by_mail(const MailCase& mail, const Thread& thread, Decision& decision);

}  // namespace ticketd
