// What a mail sends can't be written out and compressed.
#include <dlfcn.h>
#include <zstd.h>

#include <atomic>
#include <new>

#include "tests/daemon/test_desk.h"

namespace {

/// So often the acknowledgement to c5 can't be compressed.
std::atomic<int> failures = 0;

}  // namespace

/// In front of zstd's: memory that runs out at one mail.
extern "C" size_t ZSTD_compress2(ZSTD_CCtx* context, void* frame, size_t capacity, const void* octets, size_t size) {
  static const auto real = reinterpret_cast<decltype(&ZSTD_compress2)>(::dlsym(RTLD_NEXT, "ZSTD_compress2"));
  const std::string_view text(static_cast<const char*>(octets), size);
  const bool is_it = text.find("auto-replied") != text.npos && text.find("c5@c5.example") != text.npos;
  if (is_it && failures > 0) {
    --failures;
    throw std::bad_alloc();
  }
  return real(context, frame, capacity, octets, size);
}

namespace ticketd {
namespace {

std::vector<FetchedMail> some_mails() {
  std::vector<FetchedMail> mails(20);
  for (std::uint32_t i = 0; i < mails.size(); ++i) {
    mails[i].uid = Uid{i + 1};
    mails[i].arrived.mailbox = "support";
    mails[i].arrived.internal_date = tuesday_ten();
    mails[i].arrived.octets =
        fmt::format("From: c{0}@c{0}.example\r\nSubject: Case {0}\r\nMessage-ID: <{0}@acme>\r\n\r\nx\r\n", i);
  }
  return mails;
}

TEST_CASE("a mail whose acknowledgement can't be packed costs itself at the most, and is filed") {
  struct Case {
    const char* what;
    int failures;
    Outcome outcome;
    bool is_told;
  };
  const Case cases[] = {
      {"in the batch alone", 1, Outcome::new_ticket, false},
      {"by itself as well: its header and its beginning make a ticket", 2, Outcome::new_ticket, true},
      {"nor with these: it is in quarantine", 3, Outcome::quarantined, true},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    TestDesk test;
    test.rules->ruleset.acknowledgements = {1000, 1h};
    test.rules->ruleset.staff.clear();
    const auto mailbox = test.store().open_mailbox("support", UidValidity{7}, Uid{0}, tuesday_ten());
    const auto mails = some_mails();
    failures = c.failures;
    const auto filed = test.desk->file(mailbox, {}, mails, Uid{20});
    CHECK(failures == 0);
    REQUIRE(filed.size() == 20);
    for (std::size_t i = 0; i < filed.size(); ++i)
      CHECK(filed[i].outcome == (i == 5 ? c.outcome : Outcome::new_ticket));
    const bool is_quarantined = c.outcome == Outcome::quarantined;
    CHECK(test.store().ledger("support").size() == 20);
    CHECK(test.store().outbox().size() == (is_quarantined ? 19U : 20U));
    const auto sent = test.store().lease_outbox(tuesday_ten(), 100);
    CHECK(std::ranges::none_of(sent, [](const auto& row) { return row.mail.octets.empty(); }));
    REQUIRE(test.store().quarantined().size() == (is_quarantined ? 1U : 0U));
    if (is_quarantined) CHECK(test.store().quarantined_mail(1)->octets == mails[5].arrived.octets);
    bool is_told = filed[5].reason.find("bad_alloc") != std::string::npos;
    if (filed[5].ticket)
      for (const auto& event : test.store().events(*filed[5].ticket))
        is_told = is_told || event.detail.find("bad_alloc") != std::string::npos;
    CHECK(is_told == c.is_told);
  }
}

}  // namespace
}  // namespace ticketd
