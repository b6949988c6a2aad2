#include "rules/alarms.h"

#include <catch2/catch.hpp>

#include "tests/rules/desk_samples.h"

namespace ticketd {

using namespace std::chrono_literals;

namespace {

/// Looks at the problems again and again, as time passes.
struct Watch {
  Ruleset ruleset = sample_ruleset();
  Templates templates;
  Time now = tuesday_ten();
  std::vector<Alarm> alarms;

  Watch() { ruleset.support.admins = {"ops@example.com", "boss@example.com"}; }

  AlarmDecision look(const std::vector<Problem>& problems, Duration later = {}) {
    now += later;
    const TokenSource tokens = [] { return std::string(32, 'a'); };
    auto decided = decide_alarms(problems, alarms, ruleset, templates, now, tokens);
    alarms = decided.alarms;
    return decided;
  }
};

const Problem kDead{"mailbox support silent", "mailbox support had no good poll for 4 minutes: refused", {}};
const Problem kFailed{"outbox failed", "1 mail could not be sent", {}};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Admins get one mail when something needs a person, and one when it is over") {
  Watch watch;
  const auto raised = watch.look({kDead});
  CHECK(raised.raised == Texts{kDead.text});
  REQUIRE(raised.outgoing.size() == 1);
  CHECK(raised.outgoing[0].kind == OutboxKind::admin);
  CHECK(raised.outgoing[0].recipients == watch.ruleset.support.admins);
  CHECK_FALSE(raised.outgoing[0].ticket);
  CHECK(field_of(raised.outgoing[0].octets, "Subject").starts_with("Needs a person: mailbox support"));
  CHECK(plain_text_of(raised.outgoing[0].octets).find("- " + kDead.text) != std::string::npos);

  auto same = kDead;
  same.text = "mailbox support had no good poll for 5 minutes: refused";
  const auto lasting = watch.look({same}, 1min);
  CHECK(lasting.outgoing.empty());
  CHECK_FALSE(lasting.is_changed);

  const auto over = watch.look({}, 1min);
  CHECK(over.over == Texts{kDead.text});
  REQUIRE(over.outgoing.size() == 1);
  CHECK(field_of(over.outgoing[0].octets, "Subject").starts_with("Over: "));
  CHECK(watch.look({}, 1min).outgoing.empty());
}

TEST_CASE("Several at once are one mail, a further one is told by itself") {
  Watch watch;
  const auto both = watch.look({kDead, kFailed});
  CHECK(both.outgoing.size() == 1);
  CHECK(both.raised.size() == 2);
  const Problem quarantine{"quarantine", "1 mail in quarantine", {}};
  CHECK(watch.look({kDead, kFailed, quarantine}, 1min).raised == Texts{quarantine.text});
  const auto mixed = watch.look({kFailed, quarantine}, 1min);
  CHECK(mixed.over == Texts{kDead.text});
  CHECK(mixed.raised.empty());
}

TEST_CASE("What may pass by itself is told when it has not") {
  Watch watch;
  auto passing = kFailed;
  passing.patience = 15min;
  CHECK(watch.look({passing}).raised.empty());
  CHECK(watch.alarms.empty());
  CHECK(watch.look({}, 1min).over.empty());
  passing.patience = {};
  CHECK(watch.look({passing}, 1min).raised.size() == 1);
  passing.patience = 15min;  // seen anew, by a daemon that has just started
  CHECK(watch.look({passing}, 1min).over.empty());
}

TEST_CASE("What comes back is told once more, and over only after an hour of calm") {
  Watch watch;
  CHECK(watch.look({kDead}).raised.size() == 1);
  CHECK(watch.look({}, 5min).over.size() == 1);
  CHECK(watch.look({kDead}, 5min).raised.size() == 1);
  CHECK(watch.look({}, 5min).over.empty());
  CHECK(watch.look({kDead}, 5min).raised.empty());
  CHECK(watch.look({}, 5min).over.empty());
  CHECK(watch.look({}, 59min).over.empty());
  CHECK(watch.look({}, 1min).over.size() == 1);
  CHECK(watch.alarms.empty());
  CHECK(watch.look({kDead}, 1min).raised.size() == 1);
  CHECK(watch.look({}, 1min).over.size() == 1);
}

TEST_CASE("What has doubled since it was told is told again, once an hour") {
  Watch watch;
  const auto failed = [](std::uint64_t count) {
    return Problem{"outbox failed", fmt::format("{} mails", count), {}, count};
  };
  CHECK(watch.look({failed(1)}).raised == Texts{"1 mails"});
  CHECK(watch.look({failed(6)}, 59min).raised.empty());
  CHECK(watch.look({failed(6)}, 1min).raised == Texts{"6 mails"});
  CHECK(watch.look({failed(11)}, 3h).raised.empty());
  CHECK(watch.look({failed(2)}, 1h).raised.empty());
  CHECK(watch.alarms.at(0).count == 2);  // most of them were seen to
  CHECK(watch.look({failed(4)}, 1h).raised == Texts{"4 mails"});
  CHECK(watch.look({kDead, failed(4)}, 9h).raised == Texts{kDead.text});
  CHECK(watch.look({kDead, failed(4)}, 9h).raised.empty());  // what can't be counted does not grow
}

TEST_CASE("A clock that was set back makes nobody wait") {
  Watch watch;
  watch.look({kDead});
  watch.look({}, 5min);
  watch.look({kDead}, 5min);
  watch.look({}, 5min);
  watch.look({}, -24h);
  CHECK(watch.look({}, 1h).over.size() == 1);
}

TEST_CASE("Without admins the log alone hears of it") {
  Watch watch;
  watch.ruleset.support.admins.clear();
  const auto raised = watch.look({kDead});
  CHECK(raised.raised.size() == 1);
  CHECK(raised.outgoing.empty());
}

TEST_CASE("What a server says can't add a header field") {
  Watch watch;
  auto hostile = kDead;
  hostile.text = "refused\r\nBcc: eve@evil.example\r\n\r\nx";
  const auto octets = watch.look({hostile}).outgoing.at(0).octets;
  CHECK(field_of(octets, "Bcc").empty());
}

}  // namespace ticketd
