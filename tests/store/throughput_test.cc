#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <cstdlib>

#include "tests/store/store_fixture.h"

// Hidden: `store_test [throughput]` prints what the store alone costs per mail. MAILS and BATCH change its size.
namespace ticketd {
namespace {

int setting(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

/// Text of words in natural frequencies, drawn from a vocabulary of twenty thousand.
std::string words(std::size_t octets, std::uint64_t& seed) {
  std::string text;
  while (text.size() < octets) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    const double u = static_cast<double>(seed >> 11) / 9007199254740992.0;
    auto rank = static_cast<std::uint64_t>(20000.0 * u * u * u * u);
    do text += static_cast<char>('a' + (rank * 7 + 3) % 26);
    while ((rank /= 11) != 0);
    text += text.size() % 75 < 6 ? "\n" : "en ";
  }
  text.resize(octets);
  return text;
}

std::string hex(std::uint64_t& seed) {
  std::string token;
  for (int i = 0; i < 2; ++i) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    token += fmt::format("{:016x}", seed * 0x9E3779B97F4A7C15U);
  }
  return token;
}

Decision make_mail(int number, std::uint64_t& seed, const std::string& text) {
  auto d = make_decision(number, hex(seed) + "@mail.customer.example");
  d.messages[0].text = text;
  d.ticket->requester.addr_spec = fmt::format("user{}@customer.example", seed % 5000);
  d.participants = {d.ticket->requester.addr_spec};
  d.outgoing[0].recipients = d.participants;
  d.outgoing[0].message_id = hex(seed) + "@desk.example";
  d.outgoing[0].octets = "Subject: acknowledgement\r\n\r\n" + std::string(text.substr(0, 400)) + std::string(2600, 'a');
  d.events.push_back({TicketId{number}, at(0), "ticketd", "category_set", "The subject asks for no category."});
  d.events.push_back({TicketId{number}, at(0), "ticketd", "acknowledged", "An acknowledgement is written."});
  return d;
}

void file_one(Store& store, int number, std::uint64_t& seed) {
  const auto text = words(4300, seed);
  const auto decision = make_mail(number, seed, text);
  const std::string header(700, 'h');
  auto known = make_query(decision.messages[0].message_id);
  known.content_digest = hex(seed) + hex(seed);
  known.sender = decision.participants[0];
  known.references = {hex(seed)};
  Store::Savepoint savepoint(store);
  static_cast<void>(store.load_context(known));
  store.apply(decision, header + text, &known, at(0));
  savepoint.release();
  LedgerEntry entry{"support",           UidValidity{1},        Uid{static_cast<std::uint32_t>(number)},
                    Outcome::new_ticket, TicketId{number},      at(0),
                    "A new request.",    ServerAction::pending, {}};
  store.record(entry);
}

TEST_CASE("throughput", "[.throughput]") {
  const int mails = setting("MAILS", 5000);
  const int batch = setting("BATCH", 200);
  StoreFolder folder;
  Store store(folder.path());
  store.open_mailbox("support", UidValidity{1}, Uid{0}, at(0));
  std::uint64_t seed = 1;
  auto generation = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) static_cast<void>(words(4300, seed).size());
  const auto made = std::chrono::steady_clock::now() - generation;
  auto start = std::chrono::steady_clock::now();
  for (int number = 1; number <= mails;) {
    Store::Transaction transaction(store);
    for (int i = 0; i < batch && number <= mails; ++i) file_one(store, number++, seed);
    transaction.commit();
    if ((number - 1) % 50000 != 0 && number <= mails) continue;
    const auto spent = std::chrono::steady_clock::now() - start;
    fmt::print(
        "{:8} mails: {:6.1f} µs a mail since the last line ({:.1f} of them for making its text), file {:.0f} MB\n",
        number - 1, std::chrono::duration<double, std::micro>(spent).count() / std::min(mails, 50000),
        std::chrono::duration<double, std::micro>(made).count() / 1000,
        static_cast<double>(std::filesystem::file_size(folder.path())) / 1e6);
    start = std::chrono::steady_clock::now();
  }
}

}  // namespace
}  // namespace ticketd
