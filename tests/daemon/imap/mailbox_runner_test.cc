#include "daemon/imap/mailbox_runner.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <map>

#include "daemon/desk/open_desk.h"
#include "daemon/imap/numbering.h"
#include "tests/daemon/imap/scripted_imap_server.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

namespace asio = boost::asio;

/// A minute after the mails of the dialogues, unless a case says otherwise.
constexpr std::int64_t kMailTime = 1721184265;
const std::string kOneMissing = "1 mail has no outcome yet: the server lists it and does not give it";
Time seconds(std::int64_t since_1970) { return Time{std::chrono::seconds{since_1970}}; }

Settings desk_settings() {
  Settings settings;
  settings.ruleset.support.address = "support@desk.example";
  settings.ruleset.support.name = "Desk";
  for (auto* rule : {&settings.ruleset.urgent, &settings.ruleset.high, &settings.ruleset.normal})
    rule->response = std::chrono::hours{2};
  return settings;
}

MailboxSettings mailbox_settings() {
  MailboxSettings mailbox;
  mailbox.name = "support";
  mailbox.server.user = "support";
  mailbox.server.tls_required = false;
  mailbox.backlog = MailboxSettings::Backlog::normal;
  mailbox.poll_interval = std::chrono::milliseconds{1};
  return mailbox;
}

ImapLimits small_limits() {
  ImapLimits limits;
  limits.whole_octets = 1000;
  limits.head_octets = 300;
  return limits;
}

ImapTimeouts short_timeouts() {
  ImapTimeouts timeouts;
  timeouts.reconnect_first = std::chrono::milliseconds{1};
  timeouts.connect = std::chrono::milliseconds{3000};
  timeouts.response = std::chrono::milliseconds{300};
  return timeouts;
}

/// One mailbox and one store, over any number of dialogues.
class RunnerDesk {
 public:
  MailboxSettings mailbox = mailbox_settings();
  Time now = seconds(kMailTime + 60);
  int ready = 0, queued = 0, failed = 0;
  bool opened_when_ready = false;
  std::size_t stop_at_queued = 0;

  /// Plays a dialogue with `run_once`, or with `run` until stopped; what went wrong.
  std::string play(const std::string& dialogue, bool once = true) {
    ScriptedImapServer server(read_imap_dialogue(dialogue));
    std::string error;
    mailbox.server.url = server.url();
    {
      asio::io_context io;
      Network network(io);
      auto desk = std::make_unique<Desk>(
          Store(folder_.path()), make_desk_rules(desk_settings()), [this] { return now; }, [this] { return token(); });
      Worker worker(std::move(desk));
      MailboxRunner runner(network, worker, mailbox, hooks(), small_limits(), short_timeouts());
      runner_ = &runner;
      asio::co_spawn(io, once ? play_once(runner, error) : runner.run(), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
      });
      io.run_for(std::chrono::seconds{20});  // far beyond what any dialogue takes: a failing test ends
    }
    CHECK(server.join() == "");
    return error;
  }

  /// "uid:outcome" of the whole ledger, for UIDVALIDITY `validity`.
  std::string ledger(std::uint32_t validity = 77) {
    std::string text;
    for (const auto& entry : Store(folder_.path()).ledger("support"))
      if (entry.uid_validity == UidValidity{validity})
        text += (text.empty() ? "" : " ") + std::to_string(static_cast<std::uint32_t>(entry.uid)) + ":" +
                std::string(name_of(entry.outcome));
    return text;
  }
  void record(const LedgerEntry& entry) {
    Store store(folder_.path());
    store.open_mailbox(entry.mailbox, entry.uid_validity, entry.uid, now);
    store.record(entry);
  }
  MailboxHealth health() { return Store(folder_.path()).mailbox_health().at(0); }
  std::size_t pending() { return Store(folder_.path()).pending_actions("support", UidValidity{77}).size(); }
  std::size_t outbox() { return Store(folder_.path()).outbox().size(); }

 private:
  static asio::awaitable<void> play_once(MailboxRunner& runner, std::string& error) {
    error = co_await runner.run_once();
  }
  MailboxRunner::Hooks hooks() {
    MailboxRunner::Hooks hooks;
    hooks.endpoint = [](const ServerSettings& server) -> asio::awaitable<Endpoint> {
      Endpoint endpoint;
      endpoint.url = server.url;
      endpoint.user = server.user;
      endpoint.password = "secret";
      endpoint.tls_required = server.tls_required;
      co_return endpoint;
    };
    hooks.ready = [this] {
      ++ready;
      opened_when_ready = health().uid_validity != UidValidity{};
    };
    hooks.failed = [this] { ++failed; };
    hooks.queued = [this] {
      if (static_cast<std::size_t>(++queued) == stop_at_queued) runner_->stop();
    };
    hooks.random = [] { return 0.0; };
    return hooks;
  }
  std::string token() {
    std::string digits = std::to_string(++tokens_);
    return std::string(32 - digits.size(), '0') + digits;
  }

  StoreFolder folder_;
  MailboxRunner* runner_ = nullptr;
  unsigned tokens_ = 0;
};

TEST_CASE("first contact with backlog = ignore: in the ledger, nothing fetched, nothing moved; then a new mail") {
  RunnerDesk desk;
  desk.mailbox.backlog = MailboxSettings::Backlog::ignore;
  CHECK(desk.play("imap_runner_ignore_backlog") == "");
  CHECK(desk.ledger() == "1:ignored 2:ignored");
  CHECK(desk.outbox() == 0);
  CHECK(desk.ready == 1);
  CHECK(desk.play("imap_runner_new_mail") == "");
  CHECK(desk.ledger() == "1:ignored 2:ignored 3:new_ticket");
  CHECK(desk.outbox() == 1);
  CHECK(desk.queued == 1);
  CHECK(desk.pending() == 0);
  CHECK(desk.health().last_uid == Uid{3});
  CHECK(desk.health().error == "");
}

TEST_CASE("backlog = silent: tickets, no answer, nothing moved") {
  RunnerDesk desk;
  desk.mailbox.backlog = MailboxSettings::Backlog::silent;
  CHECK(desk.play("imap_runner_silent_backlog") == "");
  CHECK(desk.ledger() == "1:new_ticket 2:new_ticket");
  CHECK(desk.outbox() == 0);
  CHECK(desk.pending() == 0);
}

TEST_CASE("a mailbox that was empty at first contact: a mail moved into it is no backlog, however old") {
  RunnerDesk desk;
  desk.mailbox.backlog = MailboxSettings::Backlog::ignore;
  CHECK(desk.play("imap_runner_empty_mailbox") == "");
  desk.now = seconds(kMailTime + 86400);
  CHECK(desk.play("imap_runner_one_mail") == "");
  CHECK(desk.ledger() == "1:new_ticket");
}

TEST_CASE("a changed UIDVALIDITY: what came before the first contact is still backlog, what was filed is a duplicate") {
  RunnerDesk desk;
  desk.mailbox.backlog = MailboxSettings::Backlog::ignore;
  desk.now = seconds(kMailTime - 60);
  CHECK(desk.play("imap_runner_empty_mailbox") == "");
  CHECK(desk.play("imap_runner_one_mail") == "");
  CHECK(desk.play("imap_runner_other_uid_validity") == "");
  CHECK(desk.ledger(77) == "1:new_ticket");
  CHECK(desk.ledger(78) == "1:ignored 2:duplicate 3:new_ticket");
  CHECK(desk.outbox() == 2);
}

TEST_CASE("a UID that comes empty is tried again, and has vanished when the server lists it no more") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_empty_fetch") == kOneMissing);
  CHECK(desk.ledger() == "2:new_ticket");
  CHECK(desk.health().missing == std::vector<Uid>{Uid{1}});
  CHECK(desk.health().last_uid == Uid{0});
  CHECK(desk.play("imap_runner_empty_fetch_again") == kOneMissing);
  CHECK(desk.ledger() == "2:new_ticket");
  CHECK(desk.play("imap_runner_vanished") == "");
  CHECK(desk.ledger() == "1:vanished 2:new_ticket");
  CHECK(desk.health().missing.empty());
  CHECK(desk.health().last_uid == Uid{2});
}

TEST_CASE("a mail that the server refuses to give keeps none of the others back") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_fetch_refused") == kOneMissing);
  CHECK(desk.ledger() == "1:new_ticket 3:new_ticket");
  CHECK(desk.health().missing == std::vector<Uid>{Uid{2}});
  CHECK(desk.health().last_uid == Uid{1});
  CHECK(desk.health().error == "");
}

TEST_CASE("nor does one over which the server ends the conversation") {
  RunnerDesk desk;
  desk.mailbox.poll_interval = std::chrono::hours{1};
  desk.stop_at_queued = 3;
  CHECK(desk.play("imap_runner_fetch_breaks", false) == "");
  CHECK(desk.ledger() == "1:new_ticket 3:new_ticket 4:new_ticket");
  CHECK(desk.health().missing == std::vector<Uid>{Uid{2}});
  CHECK(desk.health().last_uid == Uid{1});
  CHECK(desk.play("imap_runner_fetch_given") == "");
  CHECK(desk.ledger() == "1:new_ticket 2:new_ticket 3:new_ticket 4:new_ticket");
  CHECK(desk.health().missing.empty());
  CHECK(desk.health().last_uid == Uid{4});
}

TEST_CASE("a mail that one look broke over is not forgotten, and the others are taken in") {
  RunnerDesk desk;
  CHECK_THAT(desk.play("imap_runner_once_breaks"), Catch::Contains("FETCH failed"));
  CHECK(desk.ledger() == "1:new_ticket 3:new_ticket");
  CHECK(desk.health().missing == std::vector<Uid>{Uid{2}});
  CHECK(desk.health().last_uid == Uid{1});
  CHECK(desk.play("imap_runner_damaged_vanished") == "");
  CHECK(desk.ledger() == "1:new_ticket 2:vanished 3:new_ticket");
  CHECK(desk.health().missing.empty());
}

TEST_CASE("suspects come after a growing while, those that failed least first") {
  using std::chrono::minutes;
  Suspects suspects(minutes{1});
  const Suspects::SteadyTime start{};
  const auto due_at = [&](minutes later) {
    std::vector<Uid> wanted{Uid{1}, Uid{2}, Uid{3}};
    const auto split = suspects.take_from(wanted, start + later);
    CHECK(wanted == std::vector<Uid>{Uid{3}});
    CHECK(split.due.size() + split.waiting.size() == 2);
    return split.due;
  };
  for (const auto uid : {Uid{1}, Uid{2}, Uid{2}, Uid{1}}) suspects.blame(uid, start);
  CHECK(due_at(minutes{0}).empty());
  CHECK(due_at(minutes{1}) == std::vector<Uid>{Uid{1}, Uid{2}});
  suspects.blame(Uid{1}, start);
  CHECK(due_at(minutes{1}) == std::vector<Uid>{Uid{2}});
  CHECK(due_at(minutes{2}) == std::vector<Uid>{Uid{2}, Uid{1}});
  for (int i = 0; i < 100; ++i) suspects.blame(Uid{1}, start);
  CHECK(due_at(minutes{14}) == std::vector<Uid>{Uid{2}});
  CHECK(due_at(minutes{15}) == std::vector<Uid>{Uid{2}, Uid{1}});
}

TEST_CASE("what the server refuses stays pending and is made up for first of all the next time") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_move_refused") == "");
  CHECK(desk.ledger() == "1:new_ticket");
  CHECK(desk.pending() == 1);
  CHECK(desk.play("imap_runner_move_made_up_for") == "");
  CHECK(desk.pending() == 0);
}

TEST_CASE("what is owed to a UID is done although its mail's date is told in another zone") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_move_refused") == "");
  CHECK(desk.play("imap_runner_date_in_another_zone") == "");
  CHECK(desk.pending() == 0);
  CHECK(desk.ledger() == "1:new_ticket");
}

TEST_CASE("what is owed to a UID is not done to another mail that has this UID now") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_move_refused") == "");
  CHECK(desk.play("imap_runner_another_two_hours_later") == "");
  CHECK(desk.pending() == 1);
  CHECK(desk.ledger(static_cast<std::uint32_t>(ledger_validity(UidValidity{77}, 1))) == "1:new_ticket");
  CHECK(desk.outbox() == 2);
}

TEST_CASE("what was ignored under another configuration is not deleted under this one") {
  RunnerDesk desk;
  desk.record({"support", UidValidity{77}, Uid{1}, Outcome::ignored, {}, desk.now, "Ours.", ServerAction::pending});
  desk.mailbox.processed.action = AfterwardsSettings::Action::remove;
  CHECK(desk.play("imap_runner_nothing_to_do") == "");
  CHECK(desk.pending() == 0);
}

TEST_CASE("an oversize mail keeps its beginning and goes to the failed folder") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_oversize") == "");
  CHECK(desk.ledger() == "1:oversize");
  CHECK(desk.pending() == 0);
}

TEST_CASE("what was read before a stall is committed, the rest comes with the next connection") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_stall") == "");
  CHECK(desk.queued == 2);  // two commits
  CHECK(desk.ledger() == "1:new_ticket 2:new_ticket");
  CHECK(desk.pending() == 0);
  CHECK(desk.health().last_uid == Uid{2});
  CHECK(desk.health().missing.empty());
  CHECK(desk.health().error == "");
}

TEST_CASE("a lying EXISTS is told, and keeps nothing back") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_lying_exists") == "the server lists 1 of 4000000000 mails (SEARCH, EXISTS)");
  CHECK(desk.ledger() == "1:new_ticket");
  CHECK(desk.health().error == "the server lists 1 of 4000000000 mails (SEARCH, EXISTS)");
  CHECK_FALSE(desk.health().last_success_at);
  CHECK(desk.failed == 2);  // the look, and the single pass
}

TEST_CASE("a list that is short once is asked for again") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_list_at_last") == "");
  CHECK(desk.ledger() == "1:new_ticket");
  CHECK(desk.health().error == "");
}

TEST_CASE("in a list that is shorter than EXISTS says, nothing has vanished") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_empty_fetch") == kOneMissing);
  CHECK_THAT(desk.play("imap_runner_short_list"), Catch::Contains("lists 1 of 2"));
  CHECK(desk.ledger() == "2:new_ticket");
  CHECK(desk.health().missing == std::vector<Uid>{Uid{1}});
  CHECK(desk.health().last_uid == Uid{0});
  CHECK(desk.play("imap_runner_vanished") == "");
  CHECK(desk.ledger() == "1:vanished 2:new_ticket");
}

TEST_CASE("UIDs that are given out again under the same UIDVALIDITY begin a numbering of the ledger's own") {
  const auto second = static_cast<std::uint32_t>(ledger_validity(UidValidity{77}, 1));
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_one_mail") == "");
  CHECK(desk.play("imap_runner_uid_next_back") == "");
  CHECK(desk.play("imap_runner_another_mail") == "");
  CHECK(desk.ledger(77) == "1:new_ticket");
  CHECK(desk.ledger(second) == "1:new_ticket");
  CHECK(desk.play("imap_runner_uid_next_back") == "");
  CHECK(desk.play("imap_runner_one_mail") == "");
  CHECK(desk.ledger(static_cast<std::uint32_t>(ledger_validity(UidValidity{77}, 2))) == "1:duplicate");
  CHECK(desk.outbox() == 2);
}

TEST_CASE("a UIDVALIDITY of before begins a numbering of the ledger's own") {
  RunnerDesk desk;
  desk.mailbox.backlog = MailboxSettings::Backlog::ignore;
  desk.now = seconds(kMailTime - 60);
  CHECK(desk.play("imap_runner_empty_mailbox") == "");
  CHECK(desk.play("imap_runner_one_mail") == "");
  CHECK(desk.play("imap_runner_other_uid_validity") == "");
  CHECK(desk.play("imap_runner_validity_back") == "");
  desk.mailbox.backlog = MailboxSettings::Backlog::normal;
  CHECK(desk.play("imap_runner_another_mail") == "");
  CHECK(desk.ledger(77) == "1:new_ticket");
  CHECK(desk.ledger(static_cast<std::uint32_t>(ledger_validity(UidValidity{77}, 1))) == "1:new_ticket");
}

TEST_CASE("UIDs that are used again while others are missing are found out as well") {
  RunnerDesk desk;
  CHECK(desk.play("imap_runner_fetch_refused") == kOneMissing);
  CHECK(desk.health().last_uid == Uid{1});
  CHECK(desk.play("imap_runner_uid_next_back_to_3") == "");
  CHECK(desk.health().uid_validity == ledger_validity(UidValidity{77}, 1));
}

TEST_CASE("a refused login is noted, and readiness told once") {
  RunnerDesk desk;
  CHECK_THAT(desk.play("imap_session_login_refused"), Catch::Contains("AUTHENTICATIONFAILED"));
  CHECK(desk.ready == 1);
  CHECK_FALSE(desk.opened_when_ready);
  CHECK(desk.ledger() == "");
  CHECK_THAT(desk.health().error, Catch::Contains("AUTHENTICATIONFAILED"));
}

TEST_CASE("a watcher reconnects, takes what IDLE announces, and stops in order") {
  RunnerDesk desk;
  desk.mailbox.poll_interval = std::chrono::hours{1};
  desk.stop_at_queued = 1;
  CHECK(desk.play("imap_runner_watch", false) == "");
  CHECK(desk.ledger() == "1:new_ticket");
  CHECK(desk.ready == 1);
  CHECK(desk.opened_when_ready);  // what comes after READY is no backlog
}

TEST_CASE("at every poll the whole mailbox is compared with the ledger") {
  RunnerDesk desk;
  desk.stop_at_queued = 1;
  CHECK(desk.play("imap_runner_poll", false) == "");
  CHECK(desk.ledger() == "1:new_ticket");
}

}  // namespace
}  // namespace ticketd
