#include "daemon/desk/batch_reader.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/daemon/test_desk.h"
#include "tests/rules/desk_samples.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

constexpr UidValidity kValidity{7};

std::vector<FetchedMail> make_mails(std::size_t count) {
  std::vector<FetchedMail> mails(count);
  for (std::size_t i = 0; i < count; ++i) {
    mails[i].uid = Uid{static_cast<std::uint32_t>(i + 1)};
    mails[i].arrived.mailbox = "support";
    mails[i].arrived.internal_date = tuesday_ten();
    mails[i].arrived.octets =
        fmt::format("From: c{0}@c{0}.example\r\nSubject: Case {0}\r\nMessage-ID: <{0}@acme>\r\n\r\nx\r\n", i);
  }
  return mails;
}

MailboxState make_mailbox() {
  MailboxState mailbox;
  mailbox.name = "support";
  mailbox.uid_validity = kValidity;
  return mailbox;
}

/// What a process leaves in the mark that dies of `dying`.
template <class Dying>
void die(const Dying& dying) {
  const pid_t child = ::fork();
  if (child == 0) {
    dying();
    ::_exit(9);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
}

std::string subject_of(const ReadMail& mail) { return mail.email->subject; }

TEST_CASE("a batch is read in its order, ahead or all at once") {
  const auto count = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{300});
  CAPTURE(count);
  const auto mails = make_mails(count);
  const DeskRules rules;
  const auto mailbox = make_mailbox();
  BatchReader reader(mailbox, mails, rules, nullptr);
  CHECK(reader.reads_ahead() == (count >= 8));
  for (std::size_t i = 0; i < count; ++i) CHECK(subject_of(reader.get(i)) == fmt::format("Case {}", i));
  if (count > 0) CHECK(subject_of(reader.get(0)) == "Case 0");  // as often as it is wanted
}

TEST_CASE("a mail's facts are found and its octets compressed while it is read ahead") {
  const auto mails = make_mails(8);
  const DeskRules rules;
  const auto mailbox = make_mailbox();
  BatchReader reader(mailbox, mails, rules, nullptr);
  Compressor compressor;
  for (std::size_t i = 0; i < mails.size(); ++i) {
    const auto& read = reader.get(i);
    CHECK(&read.facts->email == read.email.get());
    CHECK(read.facts->sender == fmt::format("c{0}@c{0}.example", i));
    CHECK(compressor.decompress(read.frame) == mails[i].arrived.octets);
  }
}

TEST_CASE("a batch with a large mail, or of many octets, is read before it is worked on") {
  const bool is_one = GENERATE(true, false);
  auto mails = make_mails(40);
  if (is_one) mails[20].arrived.octets += std::string(300'000, 'x');
  if (!is_one)
    for (auto& mail : mails) mail.arrived.octets += std::string(200'000, 'x');
  const DeskRules rules;
  const auto mailbox = make_mailbox();
  BatchReader reader(mailbox, mails, rules, nullptr);
  CHECK_FALSE(reader.reads_ahead());
  CHECK(subject_of(reader.get(39)) == "Case 39");
}

TEST_CASE("a batch may be given up") {
  const auto mails = make_mails(5000);
  const DeskRules rules;
  const auto mailbox = make_mailbox();
  BatchReader reader(mailbox, mails, rules, nullptr);
  CHECK(subject_of(reader.get(3)) == "Case 3");
}

TEST_CASE("each thread's mail is known after the end of the process") {
  StoreFolder folder;
  const auto file = folder.path().string() + ".reading";
  die([&] {
    DeathMark mark(file);
    const DeathMark::Work working(&mark, "support/7/1");
    const DeathMark::Work reading(&mark, "support/7/5", DeathMark::Place::reading_ahead);
    const DeathMark::Work writing(&mark, "support/7/9", DeathMark::Place::writing_out);
    ::_exit(9);
  });
  const DeathMark mark(file);
  for (const auto* mail : {"support/7/1", "support/7/5", "support/7/9"}) CHECK(mark.deaths(mail) == 1);
}

TEST_CASE("where the process has ended over a mail, the batch is read before it is worked on") {
  StoreFolder folder;
  const auto file = folder.path().string() + ".reading";
  for (int death = 0; death < 3; ++death)
    die([&] {
      DeathMark mark(file);
      const DeathMark::Work reading(&mark, "support/7/5", DeathMark::Place::reading_ahead);
      ::_exit(9);
    });
  DeathMark mark(file);
  const auto mails = make_mails(20);
  const DeskRules rules;
  const auto mailbox = make_mailbox();
  BatchReader reader(mailbox, mails, rules, &mark);
  CHECK_FALSE(reader.reads_ahead());
  CHECK(reader.deaths(4) == 3);
  REQUIRE(reader.get(4).email == nullptr);
  CHECK(reader.get(4).error.find("3 times") != std::string::npos);
  CHECK(subject_of(reader.get(5)) == "Case 5");
}

TEST_CASE("a mail that fails takes its batch back, and then goes by itself") {
  constexpr int kFailing = 5;
  const int failures = GENERATE(1, 3);  // in the first pass; in the second one, at the mail and at what is left of it
  CAPTURE(failures);
  StoreFolder folder;
  auto rules = std::make_shared<DeskRules>();
  rules->ruleset = sample_ruleset();
  rules->ruleset.support.address = "desk@example.com";
  rules->ruleset.staff.clear();
  int calls = 0, failed = 0;
  Desk desk(
      Store(folder.path()), rules, [] { return tuesday_ten(); },
      [&]() -> std::string {
        if (++calls >= kFailing && failed < failures) {
          if (++failed == 1) calls = 0;
          throw std::runtime_error("no token");
        }
        return fmt::format("{:032x}", calls + 1000 * failed);
      });
  const auto mailbox = desk.store().open_mailbox("support", kValidity, Uid{0}, tuesday_ten());
  const auto filed = desk.file(mailbox, {}, make_mails(20), Uid{20});
  const auto quarantined = failures == 3 ? 1U : 0U;
  REQUIRE(filed.size() == 20);
  CHECK(desk.store().list({}).size() == 20 - quarantined);
  CHECK(desk.store().quarantined().size() == quarantined);
  CHECK(desk.store().outbox().size() == 20 - quarantined);
  CHECK(desk.store().ledger("support").size() == 20);
  CHECK(desk.file(mailbox, {}, make_mails(20), Uid{20}).empty());
}

TEST_CASE("what is sent is written out by the packer, and what fails there reaches whoever waits for it") {
  FramePacker packer(nullptr);
  packer.add({1, "written", {}});
  packer.add({2, "", [] { return std::string("to be written"); }});
  SECTION("all of it") {
    const auto frames = packer.finish();
    REQUIRE(frames.size() == 2);
    Compressor compressor;
    CHECK(compressor.decompress(frames[0].octets) == "written");
    CHECK(compressor.decompress(frames[1].octets) == "to be written");
  }
  SECTION("but for one that fails") {
    packer.add({3, "", []() -> std::string { throw std::runtime_error("no template"); }});
    CHECK_THROWS_WITH(packer.finish(), "no template");
  }
}

TEST_CASE("what a batch sends is the same as what its mails send one by one") {
  const auto sent = [](std::size_t at_once) {
    TestDesk test;
    test.rules->ruleset.acknowledgements = {1000, std::chrono::hours{1}};
    const auto mailbox = test.store().open_mailbox("support", kValidity, Uid{0}, tuesday_ten());
    const auto mails = make_mails(20);
    for (std::size_t i = 0; i < mails.size(); i += at_once)
      test.desk->file(mailbox, {}, std::span(mails).subspan(i, at_once), mails[i + at_once - 1].uid);
    std::vector<std::string> octets;
    for (const auto& row : test.store().lease_outbox(tuesday_ten(), 100)) octets.push_back(row.mail.octets);
    return octets;
  };
  const auto one_by_one = sent(1);
  CHECK(one_by_one.size() >= 20);
  CHECK(std::ranges::find(one_by_one, "") == one_by_one.end());
  CHECK(sent(20) == one_by_one);
}

}  // namespace
}  // namespace ticketd
