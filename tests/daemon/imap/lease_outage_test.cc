#include "daemon/imap/lease_outage.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

struct Case {
  const char* name;
  Tenure tenure;
  bool is_stale, is_tried, knows_rival, is_reached, is_patience_over;
  Tenure after;
};

TEST_CASE("what an outage makes of what was known") {
  const auto test = GENERATE(
      Case{"nobody knows yet", Tenure::unknown, false, true, false, true, false, Tenure::unknown},
      Case{"nobody knows for long", Tenure::unknown, false, true, false, true, true, Tenure::unguarded},
      Case{"a short one", Tenure::held, false, true, false, true, true, Tenure::held},
      Case{"a short one beside a rival", Tenure::held, false, true, true, true, true, Tenure::held},
      Case{"thawed with a dead connection", Tenure::held, true, false, false, true, true, Tenure::held},
      Case{"thawed with a dead connection beside a rival", Tenure::held, true, false, true, true, true, Tenure::held},
      Case{"a long one", Tenure::held, true, true, false, true, false, Tenure::unguarded},
      Case{"a long one beside a rival", Tenure::held, true, true, true, true, false, Tenure::stand_by},
      Case{"nobody reaches the server", Tenure::held, true, true, true, false, false, Tenure::held},
      Case{"who stands by goes on doing so", Tenure::stand_by, false, true, true, true, true, Tenure::stand_by},
      Case{"who is unguarded already", Tenure::unguarded, false, true, true, true, false, Tenure::unguarded});
  CAPTURE(test.name);
  LeaseOutage outage;
  outage.tenure = test.tenure;
  outage.is_stale = test.is_stale;
  outage.is_tried = test.is_tried;
  outage.knows_rival = test.knows_rival;
  outage.is_reached = test.is_reached;
  outage.is_patience_over = test.is_patience_over;
  CHECK(tenure_without_look(outage) == test.after);
}

}  // namespace
}  // namespace ticketd
