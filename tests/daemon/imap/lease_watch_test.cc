#include "daemon/imap/lease_watch.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

using std::chrono::seconds;
using Kind = LeaseWatch::Verdict::Kind;

/// Refreshed each 2 seconds, valid for 6.
LeaseTimes short_times() {
  LeaseTimes times;
  times.refresh = seconds{2};
  times.validity = seconds{6};
  times.answer = seconds{1};
  return times;
}

LeaseMail lease(unsigned uid, std::string holder, unsigned mark = 0) {
  LeaseMail mail;
  mail.uid = Uid{uid};
  mail.mark = mark;
  mail.folder = "INBOX";
  mail.host = "host of " + holder;
  mail.token = "token of " + holder;
  mail.holder = std::move(holder);
  return mail;
}

/// Our own watch, holder "us".
struct Watch {
  explicit Watch(std::string former = "") : watch(short_times(), "us", std::move(former)) {}
  LeaseWatch::Verdict look(int at, std::vector<LeaseMail> mails, std::optional<Uid> own) {
    return watch.look(mails, own, LeaseWatch::SteadyTime{} + seconds{100 + at});
  }
  LeaseWatch watch;
};

TEST_CASE("who is alone holds the lease") {
  Watch watch;
  const auto verdict = watch.look(0, {lease(7, "us")}, Uid{7});
  CHECK(verdict.kind == Kind::held);
  CHECK_FALSE(verdict.rival);
}

TEST_CASE("the lowest UID goes first, and each knows of the other") {
  Watch first, second;
  const auto held = first.look(0, {lease(7, "us"), lease(8, "them")}, Uid{7});
  CHECK(held.kind == Kind::held);
  CHECK(held.rival.value().holder == "them");
  const auto waits = second.look(0, {lease(7, "them"), lease(8, "us")}, Uid{8});
  CHECK(waits.kind == Kind::stand_by);
  CHECK(waits.rival.value().holder == "them");
  CHECK_FALSE(waits.is_copy);
}

TEST_CASE("a lease that is renewed is waited for without end, one that is silent for as long as it holds is not") {
  Watch watch;
  for (int at = 0; at < 40; at += 2)
    CHECK(watch.look(at, {lease(7, "them", static_cast<unsigned>(at / 2) % 4), lease(8, "us")}, Uid{8}).kind ==
          Kind::stand_by);
  const unsigned last = 19 % 4;
  for (int at = 40; at < 44; at += 2)
    CHECK(watch.look(at, {lease(7, "them", last), lease(8, "us")}, Uid{8}).kind == Kind::stand_by);
  const auto verdict = watch.look(44, {lease(7, "them", last), lease(8, "us")}, Uid{8});
  CHECK(verdict.kind == Kind::held);
  CHECK(verdict.silent == std::vector<Uid>{Uid{7}});
}

TEST_CASE("who slept has seen no silence") {
  Watch watch;
  static_cast<void>(watch.look(0, {lease(7, "them"), lease(8, "us")}, Uid{8}));
  CHECK(watch.look(3600, {lease(7, "them"), lease(8, "us")}, Uid{8}).kind == Kind::stand_by);
  CHECK(watch.look(3604, {lease(7, "them"), lease(8, "us")}, Uid{8}).kind == Kind::stand_by);
  CHECK(watch.look(3606, {lease(7, "them"), lease(8, "us")}, Uid{8}).kind == Kind::held);
}

TEST_CASE("of several dead ones all are found, and the living one among them goes first") {
  Watch watch;
  for (int at = 0; at <= 6; at += 2) {
    const auto verdict = watch.look(
        at, {lease(5, "dead"), lease(6, "them", static_cast<unsigned>(at / 2)), lease(8, "us"), lease(9, "late")},
        Uid{8});
    CHECK(verdict.kind == Kind::stand_by);
    if (at == 6) CHECK(verdict.silent == std::vector<Uid>{Uid{5}, Uid{9}});
    if (at == 6) CHECK(verdict.rival.value().holder == "them");
  }
}

TEST_CASE("our mail is gone: the lease is lost") {
  Watch watch;
  CHECK(watch.look(0, {lease(9, "them")}, Uid{8}).kind == Kind::lost);
  CHECK(watch.look(2, {}, Uid{8}).kind == Kind::lost);
}

TEST_CASE("who can't write a lease of his own goes behind everybody") {
  Watch watch;
  CHECK(watch.look(0, {lease(9, "them")}, std::nullopt).kind == Kind::stand_by);
  CHECK(watch.look(4, {lease(9, "them")}, std::nullopt).kind == Kind::stand_by);
  CHECK(watch.look(6, {lease(9, "them")}, std::nullopt).silent == std::vector<Uid>{Uid{9}});
}

TEST_CASE("our own former lease is waited for less long, if nobody renews it") {
  Watch watch("token of us");
  auto former = lease(7, "us");
  auto now = lease(8, "us");
  now.token = "another";
  CHECK(watch.look(0, {former, now}, Uid{8}).kind == Kind::stand_by);
  CHECK(watch.look(2, {former, now}, Uid{8}).kind == Kind::stand_by);
  CHECK(watch.look(3, {former, now}, Uid{8}).kind == Kind::held);
}

TEST_CASE("where new mail is told of at once, our own former lease is waited for as long as an answer takes") {
  Watch watch("token of us");
  watch.watch.expect_answers();
  auto former = lease(7, "us");
  auto now = lease(8, "us");
  now.token = "another";
  CHECK(watch.look(0, {former, now}, Uid{8}).kind == Kind::stand_by);
  CHECK(watch.watch.next_look() == seconds{1});
  const bool answers = GENERATE(false, true);
  if (answers) former.mark = 1;
  CHECK(watch.look(1, {former, now}, Uid{8}).kind == (answers ? Kind::stand_by : Kind::held));
  CHECK(watch.watch.met_copy() == answers);
  CHECK(watch.watch.next_look() == seconds{2});
}

TEST_CASE("a stranger is waited for as long as his lease holds, answer or not") {
  Watch watch;
  watch.watch.expect_answers();
  CHECK(watch.look(0, {lease(7, "them"), lease(8, "us")}, Uid{8}).kind == Kind::stand_by);
  CHECK(watch.watch.next_look() == seconds{2});
  CHECK(watch.look(4, {lease(7, "them"), lease(8, "us")}, Uid{8}).kind == Kind::stand_by);
}

TEST_CASE("a living original is found out, and a copy takes over from it no more") {
  Watch watch("token of us");
  auto original = lease(7, "us");
  auto now = lease(8, "us");
  now.token = "another";
  static_cast<void>(watch.look(0, {original, now}, Uid{8}));
  original.mark = 1;
  const auto verdict = watch.look(2, {original, now}, Uid{8});
  CHECK(verdict.kind == Kind::stand_by);
  CHECK(verdict.is_copy);
  CHECK(watch.watch.met_copy());
  CHECK(watch.look(6, {now}, Uid{8}).kind == Kind::stand_by);
  CHECK(watch.look(60, {now}, Uid{8}).is_copy);
}

TEST_CASE("a copy that waits behind us stops nothing") {
  Watch watch;
  auto copy = lease(9, "us");
  copy.token = "another";
  static_cast<void>(watch.look(0, {lease(8, "us"), copy}, Uid{8}));
  copy.mark = 1;
  const auto verdict = watch.look(2, {lease(8, "us"), copy}, Uid{8});
  CHECK(verdict.kind == Kind::held);
  CHECK(verdict.is_copy);
}

}  // namespace
}  // namespace ticketd
