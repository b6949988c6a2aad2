#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include "daemon/ctl/commands.h"
#include "daemon/ctl/statistics_text.h"
#include "rules/when.h"

namespace ticketd {

void show_statistics(CtlSession& session, const std::string& since) {
  const auto& ruleset = session.settings().ruleset;
  const auto from = parse_earlier_time(since, session.now(), ruleset);
  if (!from) refuse_value("--since", since, "30d, 12h, 2026-11-01, \"2026-11-01 08:00\"; not in the future");
  const auto statistics = make_statistics(session.store().reported_tickets(*from),
                                          session.store().answer_targets(*from), ruleset, session.now());
  print(session.json() ? boost::json::serialize(statistics_json(statistics, *from)) + "\n"
                       : present_statistics(statistics, *from, ruleset, session.style()));
}

}  // namespace ticketd
