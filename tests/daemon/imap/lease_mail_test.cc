#include "daemon/imap/lease_mail.h"

#include <catch2/catch.hpp>
#include <set>

namespace ticketd {
namespace {

LeaseMail sample() {
  LeaseMail lease;
  lease.folder = "INBOX/Hilfe \xC3\xBC";
  lease.host = "desk.example";
  lease.holder = "0123";
  lease.token = "4567";
  lease.place = "boot/8/9";
  return lease;
}

std::string composed(const LeaseMail& lease) { return compose_lease_mail(lease, Time{}); }

TEST_CASE("a lease mail is read as it was written") {
  const auto read = parse_lease_mail(composed(sample()));
  REQUIRE(read);
  CHECK(read->folder == sample().folder);
  CHECK(read->host == "desk.example");
  CHECK(read->holder == "0123");
  CHECK(read->token == "4567");
  CHECK(read->place == "boot/8/9");
}

TEST_CASE("no value adds a header field or a line that is too long") {
  auto lease = sample();
  lease.host = "desk\r\nX-Ticketd-Lease: forged\r\n\r\n" + std::string(5000, '\xFF');
  lease.folder = std::string(5000, 'f');
  const std::string mail = composed(lease);
  const auto read = parse_lease_mail(mail);
  REQUIRE(read);
  CHECK(read->token == "4567");
  CHECK(read->host.find('\n') == std::string::npos);
  CHECK(read->host.size() <= 300);
  for (std::size_t at = 0, end = 0; (end = mail.find("\r\n", at)) != std::string::npos; at = end + 2)
    CHECK(end - at < 998);
  CHECK(parse_lease_mail(composed(*read))->folder == read->folder);
}

TEST_CASE("what is no lease") {
  const std::string good = composed(sample());
  const auto without = [&](const std::string& name) {
    std::string mail = good;
    const auto at = mail.find(name);
    return mail.erase(at, mail.find("\r\n", at) + 2 - at);
  };
  CHECK_FALSE(parse_lease_mail(""));
  CHECK_FALSE(parse_lease_mail("Subject: ticketd\r\n\r\n" + good));
  for (const auto* name : {"X-Ticketd-Folder", "X-Ticketd-Store", "X-Ticketd-Lease"})
    CHECK_FALSE(parse_lease_mail(without(name)));
  CHECK_FALSE(parse_lease_mail("X-Ticketd-Lease: another\r\n" + good));
  CHECK_FALSE(parse_lease_mail("X-Ticketd-Store: " + std::string(2000, 'x') + "\r\n" + without("X-Ticketd-Store")));
  CHECK_FALSE(parse_lease_mail(good + std::string(20'000, 'x')));
  CHECK_FALSE(parse_lease_mail(std::string(10'000, '\0')));
}

TEST_CASE("a host that would play with a terminal is shown without that") {
  std::string mail = composed(sample());
  const std::string name = "X-Ticketd-Host: desk.example";
  mail.replace(mail.find(name), name.size(), "X-Ticketd-Host: \x1B]0;evil\x07%1B[2J");
  const auto read = parse_lease_mail(mail);
  REQUIRE(read);
  CHECK(read->host.find('\x1B') == std::string::npos);
  mail.replace(mail.find("X-Ticketd-Host: "), 16, "X-Another-Host: ");
  CHECK(parse_lease_mail(mail)->host == "an unnamed host");
}

TEST_CASE("marks go round, and change one flag at a time") {
  std::set<unsigned> seen;
  unsigned mark = 0;
  for (int i = 0; i < 4; ++i) {
    const unsigned changed = mark ^ next_mark(mark);
    CHECK((changed == 1 || changed == 2));
    mark = next_mark(mark);
    seen.insert(mark);
  }
  CHECK(seen.size() == 4);
}

}  // namespace
}  // namespace ticketd
