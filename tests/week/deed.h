#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/ruleset.h"

namespace ticketd::week {

/// What staff ask for, in a mail or by a command. In a mail any of them may stand together.
struct Orders {
  bool take = false;
  std::string assign;  ///< a name
  std::optional<Priority> priority;
  bool spares = false;  ///< --no-strike
  std::optional<std::chrono::minutes> estimate;
  bool note = false, resolve = false, close = false, reopen = false;
  bool is_unknown = false;      ///< a command that there is none of
  std::optional<int> incident;  ///< 0: none
  std::string text;
};

/// One thing that happens at one instant: a mail that comes, a command, an order about an incident.
struct Deed {
  enum class Kind {
    opening,     ///< a mail about something new
    follow_up,   ///< somebody who takes part writes again
    away_note,   ///< his machine does
    stranger,    ///< somebody writes who takes no part
    duplicate,   ///< a mail comes again
    bounce,      ///< a mail server says that a mail did not arrive
    staff_mail,  ///< staff answer what they were told
    command,     ///< as by ticketctl
    call,        ///< ticketctl new
    open_incident,
    resolve_incident
  };
  /// How a mail points to its ticket.
  enum class Via { none, our_id, own_id, tag };

  Time at{};
  Kind kind = Kind::opening;
  int ticket = 0;
  Via via = Via::none;
  Channel box = Channel::portal;  ///< the mailbox, or what a call came by
  Duration lag{};                 ///< so long before `at` did the mail reach the mailbox
  std::string from;
  std::vector<std::string> cc;
  std::optional<Priority> label;  ///< that the subject newly carries
  std::string subject, text;
  std::string message_id, answers;  ///< ids without brackets
  std::string staff;                ///< a name
  Orders orders;
  bool by_digest = false;  ///< the staff's mail answers a digest, and names the ticket
  bool quotes = false;     ///< and it quotes what it answers
  std::string word;        ///< that an incident is about; empty: it is about an organization
  std::string octets = {};
};

}  // namespace ticketd::week
