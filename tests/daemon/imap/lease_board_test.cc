#include "daemon/imap/lease_board.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

using Says = LeaseBoard::Says;
using std::chrono::hours;
using std::chrono::minutes;

MailboxSettings mailbox(std::string name, std::string folder, std::string lease_folder = "ticketd") {
  MailboxSettings settings;
  settings.name = std::move(name);
  settings.server.url = "imaps://imap.example";
  settings.folder = std::move(folder);
  settings.lease_folder = std::move(lease_folder);
  return settings;
}

/// Two mailboxes, "b" before "a" in the order of claims.
struct Board {
  Board() {
    board.listen([this] { ++changes; });
    const std::vector<MailboxSettings> both{mailbox("a", "Z"), mailbox("b", "B"), mailbox("off", "C", "")};
    board.expect(both);
  }
  LeaseBoard::Stamp now{hours{1}, hours{1}};
  int changes = 0;
  LeaseBoard board{LeaseTimes{}, [this] { return now; }};
};

TEST_CASE("the desk goes when every lease is ours, or can't be") {
  Board desk;
  CHECK(desk.board.says() == Says::wait);
  desk.board.note("b", Tenure::held);
  CHECK(desk.board.says() == Says::wait);
  desk.board.note("a", Tenure::unguarded);
  CHECK(desk.board.says() == Says::go);
  CHECK(desk.board.tenure("off") == Tenure::unguarded);
}

TEST_CASE("one rival makes a stand-by of the whole desk") {
  Board desk;
  desk.board.note("b", Tenure::held);
  desk.board.note("a", Tenure::stand_by);
  CHECK(desk.board.says() == Says::stand_by);
  desk.board.note("a", Tenure::held);
  CHECK(desk.board.says() == Says::go);
}

TEST_CASE("without any lease folder nobody waits") {
  LeaseBoard board;
  const std::vector<MailboxSettings> one{mailbox("off", "INBOX", "")};
  board.expect(one);
  CHECK(board.says() == Says::go);
}

TEST_CASE("leases are asked for in one order") {
  Board desk;
  CHECK(desk.board.may_claim("b"));
  CHECK_FALSE(desk.board.may_claim("a"));
  desk.board.note("b", Tenure::stand_by);
  CHECK_FALSE(desk.board.may_claim("a"));
  desk.board.note("b", Tenure::held);
  CHECK(desk.board.may_claim("a"));
}

TEST_CASE("after a process or a machine was frozen, whichever clock tells it, nobody acts before a look") {
  const bool is_wall = GENERATE(false, true);
  Board desk;
  desk.board.note("a", Tenure::held);
  desk.board.note("b", Tenure::held);
  (is_wall ? desk.now.wall : desk.now.awake) += minutes{7};
  CHECK(desk.board.says() == Says::wait);
  const int before = desk.changes;
  desk.board.note("a", Tenure::held);
  desk.board.note("b", Tenure::held);
  CHECK(desk.board.says() == Says::go);
  CHECK(desk.changes == before + 2);
  desk.now.awake += minutes{5};
  desk.now.wall += minutes{5};
  CHECK(desk.board.says() == Says::go);
}

TEST_CASE("what began before a pause proves nothing after it") {
  Board desk;
  const auto before = desk.now;
  desk.board.note("b", Tenure::held, before);
  desk.now.awake += minutes{7};
  CHECK_FALSE(desk.board.may_file("b"));
  desk.board.note("b", Tenure::held, before);
  CHECK(desk.board.is_stale("b"));
  CHECK_FALSE(desk.board.may_file("b"));
  desk.board.note("b", Tenure::held);
  CHECK(desk.board.may_file("b"));
}

TEST_CASE("mails are filed where nobody can tell, but not where nobody knows yet, or while the desk stands by") {
  Board desk;
  CHECK_FALSE(desk.board.may_file("b"));
  desk.board.note("b", Tenure::unguarded);
  desk.now.wall += hours{1};
  CHECK(desk.board.may_file("b"));
  CHECK(desk.board.may_file("off"));
  desk.board.note("a", Tenure::stand_by);
  CHECK_FALSE(desk.board.may_file("b"));
}

TEST_CASE("a mailbox of another account is another one, whatever its name") {
  Board desk;
  desk.board.note("b", Tenure::held);
  desk.board.note_copy("b");
  auto moved = mailbox("b", "B");
  moved.server.user = "another";
  desk.board.expect(std::vector{moved});
  CHECK(desk.board.tenure("b") == Tenure::unknown);
  CHECK_FALSE(desk.board.met_copy("b"));
  CHECK(lease_key(moved) != lease_key(mailbox("b", "B")));
  CHECK(lease_key(mailbox("b", "B", "leases")) != lease_key(mailbox("b", "B")));
}

TEST_CASE("what stays of a configuration keeps what is known of it, what is new is unknown") {
  Board desk;
  desk.board.note("a", Tenure::held);
  desk.board.note("b", Tenure::held);
  const std::vector<MailboxSettings> other{mailbox("b", "B"), mailbox("c", "C")};
  desk.board.expect(other);
  CHECK(desk.board.tenure("b") == Tenure::held);
  CHECK(desk.board.tenure("c") == Tenure::unknown);
  desk.board.note("a", Tenure::stand_by);  // a late word of the generation before
  desk.board.note("c", Tenure::held);
  CHECK(desk.board.says() == Says::go);
}

}  // namespace
}  // namespace ticketd
