// From a configuration to the mail that leaves.
#include <catch2/catch.hpp>

#include "daemon/config/settings.h"
#include "daemon/desk/open_desk.h"
#include "tests/daemon/config/scratch_folder.h"
#include "tests/daemon/test_desk.h"

namespace ticketd {
namespace {

constexpr auto kConfiguration = R"(
[support]
address = "support@example.com"
name = "Muster Support"
[[mailbox]]
name = "support"
url = "imaps://imap.example.com"
user = "support@example.com"
password_file = "imap-password"
[smtp]
url = "smtp://mail.example.com:587"
[templates]
directory = "texts"
[[organization]]
name = "Muster"
domains = ["muster.example"]
language = "de"
)";

/// What is acknowledged to that address.
std::string acknowledgement(const ScratchFolder& folder, const std::string& from) {
  folder.write("ticketd.toml", kConfiguration);
  const auto settings = load_settings(folder.path() / "ticketd.toml").settings;
  REQUIRE(settings);
  const StoreFolder store;
  Desk desk(
      Store(store.path()), make_desk_rules(*settings), [] { return tuesday_ten(); },
      [] { return std::string(32, 'a'); });
  ArrivedMail arrived;
  arrived.mailbox = "support";
  arrived.internal_date = tuesday_ten();
  arrived.octets = fmt::format("From: {}\r\nTo: support@example.com\r\nSubject: Urgent: Telefon\r\n\r\nTot.\r\n", from);
  const auto decision = desk.ingest(arrived);
  for (const auto& mail : decision.outgoing)
    if (mail.kind == OutboxKind::acknowledgement) return mail.octets;
  return {};
}

bool says(const std::string& octets, const std::string& words) {
  const auto text = plain_text_of(octets);
  INFO(text);
  CHECK_FALSE(octets.empty());
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a customer is acknowledged in the language of his organization, others in English") {
  const ScratchFolder folder;
  folder.write("texts/estimate.txt", "Subject: {subject}\n\nSoon.\n");
  CHECK(
      says(acknowledgement(folder, "eva@muster.example"), "Jemand aus unserem Team antwortet Ihnen innerhalb von 30"));
  CHECK(says(acknowledgement(folder, "eva@other.example"), "A member of our staff will answer you within 30 minutes"));
}

TEST_CASE("the admin's own texts of a language are used, and his own words") {
  const ScratchFolder folder;
  folder.write("texts/acknowledgement.txt", "Subject: {subject}\n\nHi, {promise}\n");
  folder.write("texts/de/phrases.txt", "minutes: {count} min\n");
  const auto words = "Jemand aus unserem Team antwortet Ihnen innerhalb von 30 min, also bis heute um 10:30 Uhr (UTC).";
  CHECK(says(acknowledgement(folder, "eva@muster.example"), words));
  CHECK_FALSE(says(acknowledgement(folder, "eva@muster.example"), "Hi, "));
  folder.write("texts/de/acknowledgement.txt", "Subject: {subject}\n\nMoin, {promise}\n");
  CHECK(says(acknowledgement(folder, "eva@muster.example"), std::string("Moin, ") + words));
  CHECK(says(acknowledgement(folder, "eva@other.example"), "Hi, A member of our staff"));
}

}  // namespace ticketd
