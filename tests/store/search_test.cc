#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

Decision make_text(int number, const std::string& subject, const std::string& text) {
  auto decision = make_decision(number, std::to_string(number) + "@customer", number);
  decision.messages[0].subject = subject;
  decision.messages[0].text = text;
  return decision;
}

TEST_CASE("search finds words, umlauts and beginnings, and takes nothing for syntax") {
  StoreFolder folder;
  Store store(folder.path());
  file(store, make_text(1, "Störung im Büro", "Der Drucker brennt."));
  file(store, make_text(2, "Nothing works", "The printer is \"burning\" -- a NEAR miss\nsince today."));
  file(store, make_text(3, "Frage", "GRÖSSE des Druckers? e-mail an x@y.example"));
  struct Case {
    const char* name;
    std::string words;
    std::vector<int> expected;
  };
  const std::vector<Case> cases{
      {"a word", "printer", {2}},
      {"any case", "PRINTER", {2}},
      {"subject", "Frage", {3}},
      {"umlaut", "störung", {1}},
      {"umlaut written without", "STORUNG", {1}},
      {"umlaut in upper case", "größe grösse", {}},
      {"upper case text by lower case", "grösse", {3}},
      {"newest first", "drucker", {3, 1}},
      {"the last word's beginning", "Stör", {1}},
      {"all words must be there", "drucker brennt", {1}},
      {"only the last word is a beginning", "druck brennt", {}},
      {"too short for a beginning", "br", {}},
      {"hyphen", "e-mail", {3}},
      {"an address", "x@y.example", {3}},
      {"quotes", "\"burning\"", {2}},
      {"operators are words", "printer NEAR miss", {2}},
      {"an operator that is no word there", "printer OR drucker", {}},
      {"a column is no column", "subject:Frage", {}},
      {"a star", "*", {}},
      {"brackets", "(printer", {2}},
      {"SQL", "'; DROP TABLE tickets; --", {}},
      {"nothing", "", {}},
      {"spaces", " \t\n", {}},
      {"NUL", std::string("printer\0x", 9), {}},
  };
  for (const auto& c : cases) {
    DYNAMIC_SECTION(c.name) {
      std::vector<int> found;
      for (const auto& row : search(store, c.words, 10)) found.push_back(static_cast<int>(row.ticket.number));
      CHECK(found == c.expected);
    }
  }
}

TEST_CASE("what is filed is found, indexed or not yet") {
  StoreFolder folder;
  Store store(folder.path());
  const auto indexed = [&] { return open_plainly(folder.path()).integer("SELECT indexed_up_to FROM search_progress"); };
  CHECK_FALSE(store.index_messages(2));
  for (int number = 1; number <= 5; ++number) file(store, make_text(number, "x", "needle"));
  CHECK(indexed() == 0);
  CHECK(store.index_messages(2));
  CHECK(indexed() == 2);
  CHECK(store.index_messages(2));
  CHECK_FALSE(store.index_messages(2));
  CHECK(indexed() == 5);
  CHECK_FALSE(store.index_messages(2));
  for (int number = 6; number <= 7; ++number) file(store, make_text(number, "x", "needle"));
  CHECK(search(store, "needle", 10).size() == 7);
  CHECK(indexed() == 7);
}

TEST_CASE("a piece of the search index is bounded by octets, and one message is always indexed") {
  StoreFolder folder;
  Store store(folder.path());
  for (int number = 1; number <= 5; ++number)
    file(store, make_text(number, "x", "needle " + std::string(number == 2 ? 5000 : 10, 'y')));
  const auto piece = [&] {
    store.index_messages(100, 1000);
    return open_plainly(folder.path()).integer("SELECT indexed_up_to FROM search_progress");
  };
  CHECK(piece() == 2);
  CHECK(piece() == 5);
}

TEST_CASE("a snippet is one line without control characters") {
  StoreFolder folder;
  Store store(folder.path());
  file(store, make_text(1, "x", "first line\r\nsecond \x1b[31m needle\x07 here\n\tthird"));
  const auto found = search(store, "needle", 1);
  REQUIRE(found.size() == 1);
  CHECK(found[0].snippet.find("needle") != std::string::npos);
  CHECK(std::ranges::none_of(found[0].snippet, [](unsigned char c) { return c < ' ' || c == 0x7f; }));
}

TEST_CASE("a ticket is found once, with its newest message") {
  StoreFolder folder;
  Store store(folder.path());
  file(store, make_text(1, "needle", "old needle"));
  Decision more;
  more.ticket = make_ticket(1);
  more.messages = {make_message("b@customer", "new needle")};
  file(store, more);
  const auto found = search(store, "needle", 10);
  REQUIRE(found.size() == 1);
  CHECK(found[0].snippet == "new needle");
  CHECK(found[0].message_count == 2);
}

TEST_CASE("ten thousand tickets are listed and searched as well as ten") {
  StoreFolder folder;
  Store store(folder.path());
  for (int batch = 0; batch < 50; ++batch) {
    Store::Transaction transaction(store);
    for (int i = 1; i <= 200; ++i) {
      const int number = batch * 200 + i;
      Store::Savepoint savepoint(store);
      auto decision = make_text(number, "case " + std::to_string(number), "common word" + std::to_string(number % 100));
      decision.ticket->response_due_at = at(20000 - number);
      store.apply(decision, "raw", nullptr, at(number));
      savepoint.release();
    }
    transaction.commit();
  }
  const auto all = store.list({});
  REQUIRE(all.size() == 10000);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].ticket.number != TicketId{static_cast<std::int64_t>(10000 - i)}) FAIL("wrong order at " << i);
  TicketFilter few;
  few.limit = 5;
  REQUIRE(store.list(few).size() == 5);
  CHECK(store.list(few)[4].ticket.number == TicketId{9996});
  CHECK(search(store, "word7", 0).size() == 1100);
  CHECK(search(store, "common", 20).front().ticket.number == TicketId{10000});
  const auto one = search(store, "case 4711", 10);
  REQUIRE(one.size() == 1);
  CHECK(one[0].ticket.number == TicketId{4711});
  CHECK(store.counts(at(0)).tickets_new == 10000);
}

}  // namespace
}  // namespace ticketd
