#include <sys/stat.h>
#include <sys/wait.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>

#include "store/sqlite.h"
#include "store/statements.h"
#include "tests/store/store_fixture.h"

namespace ticketd {
namespace {

using Catch::Matchers::Contains;

TEST_CASE("a store's files are for owner and group alone, under any umask") {
  StoreFolder folder;
  const auto before = ::umask(0);
  Store store(folder.path());
  ::umask(077);
  file_new(store, 1, "a@customer");
  ::umask(before);
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    REQUIRE(::stat((folder.path().string() + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0660U);
  }
}

TEST_CASE("what is no store is refused, and left as it is") {
  StoreFolder folder;
  SECTION("a newer schema") {
    { Store store(folder.path()); }
    open_plainly(folder.path()).execute("PRAGMA user_version = 999");
    CHECK_THROWS_WITH(Store(folder.path()), Contains("newer version"));
    CHECK(open_plainly(folder.path()).integer("PRAGMA user_version") == 999);
  }
  SECTION("no database") {
    std::ofstream(folder.path()) << std::string(5000, 'x');
    CHECK_THROWS_AS(Store(folder.path()), StoreError);
    CHECK_THROWS_WITH(Store(folder.path()), Contains(folder.path().string()) && Contains("no database"));
  }
  SECTION("somebody else's database") {
    open_plainly(folder.path()).execute("CREATE TABLE songs (name TEXT)");
    CHECK_THROWS_WITH(Store(folder.path()), Contains("not a store of ticketd"));
    CHECK(open_plainly(folder.path()).integer("SELECT count(*) FROM sqlite_schema") == 1);
  }
  SECTION("a folder") { CHECK_THROWS_AS(Store(folder.path().parent_path()), StoreError); }
  SECTION("nothing, when only reading") {
    Store::Options options;
    options.read_only = true;
    CHECK_THROWS_AS(Store(folder.path(), options), StoreError);
    CHECK_FALSE(std::filesystem::exists(folder.path()));
  }
}

TEST_CASE("what was written is there after opening again, also for a reader") {
  StoreFolder folder;
  {
    Store store(folder.path());
    file_new(store, 1, "a@customer");
    store.index_messages(1);
    store.tidy();
  }
  Store::Options options;
  SECTION("writer") {}
  SECTION("reader") { options.read_only = true; }
  Store store(folder.path(), options);
  CHECK(store.ticket(TicketId{1}));
  CHECK(store.search("printer", 1).size() == 1);
  CHECK(store.load_context(make_query("a@customer")).known.size() == 1);
  if (options.read_only) CHECK_THROWS_AS(file_new(store, 2, "b@customer"), StoreError);
}

TEST_CASE("a store in memory works as one on disk does") {
  Store store(":memory:");
  file_new(store, 1, "a@customer");
  CHECK(store.ticket(TicketId{1}));
}

TEST_CASE("events can't be changed or taken back") {
  StoreFolder folder;
  Store store(folder.path());
  file_new(store, 1, "a@customer");
  auto database = open_plainly(folder.path());
  CHECK_THROWS_WITH(database.execute("UPDATE events SET detail = 'x'"), Contains("append-only"));
  CHECK_THROWS_WITH(database.execute("DELETE FROM events"), Contains("append-only"));
  CHECK(store.events(TicketId{1}).size() == 1);
}

TEST_CASE("a ticket that was stuck leaves no row behind") {
  StoreFolder folder;
  Store store(folder.path());
  auto decision = make_decision(1, "a@customer");
  decision.ticket->check_at = at(1);
  file(store, decision);
  store.note_stuck(*decision.ticket, "No token.");
  const auto rows = [&] { return open_plainly(folder.path()).integer("SELECT count(*) FROM stuck_tickets"); };
  CHECK(rows() == 1);
  decision.opens = false;
  decision.messages.clear();
  decision.outgoing.clear();
  decision.ticket->check_at.reset();
  file(store, decision);
  CHECK(rows() == 0);
}

TEST_CASE("commits wait for the disk, and foreign keys hold") {
  StoreFolder folder;
  Store store(folder.path());
  CHECK(open_plainly(folder.path()).integer("SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1);
  CHECK(open_plainly(folder.path()).integer("SELECT count(*) FROM pragma_foreign_key_check") == 0);
}

/// Steps of a plan that read a whole table: what stands behind grows for ever, unless it is listed here.
bool is_harmless_scan(std::string_view sql, std::string_view step) {
  if (sql == sql::outbox) return step == "SCAN o";                         // lists it all
  if (sql == sql::latest_sent) return step == "SCAN outbox";               // from its end, and not far
  if (sql == sql::unsent_outbox) return step.starts_with("SCAN o USING");  // lists what is not sent
  if (sql == sql::count_quarantine) return true;                           // what waits for a person, who looks at each
  if (sql == sql::stuck_tickets) return step == "SCAN stuck_tickets";  // likewise: a trigger takes out what is settled
  if (sql == sql::quarantine) return step == "SCAN q";
  if (sql == sql::alarms || sql == sql::forget_alarms) return step == "SCAN alarms";  // a handful
  if (sql == sql::leases) return step == "SCAN mailbox_leases";                       // one for each mailbox
  if (sql == sql::token_failures) return step == "SCAN token_failures";               // as many as there are servers
  if (sql == sql::refresh_token) return step == "SCAN refresh_tokens";                // as many as there were consents
  if (sql == sql::undeliverable) return step == "SCAN u";                             // lists it all
  if (sql == sql::blocked_senders) return step == "SCAN blocked_senders";             // so does this
  if (sql == sql::incidents) return step == "SCAN i";                                 // lists it all
  if (sql == sql::open_incidents) return step == "SCAN i USING INDEX incidents_open";
  if (sql == sql::unsettled_incident) return step == "SCAN incidents USING INDEX incidents_unsettled";
  if (sql == sql::organizations) return step.starts_with("SCAN organizations");  // those of bad standing
  if (sql == sql::all_ledger_counts) return step.starts_with("SCAN m ");         // mailboxes
  if (sql == sql::mailboxes) return step.starts_with("SCAN mailboxes");
  if (sql == sql::count_unsent || sql == sql::count_put_off)
    return step == "SCAN outbox USING COVERING INDEX outbox_unsent";
  if (sql == sql::count_fresh_keys || sql == sql::end_of_fresh_piece) return true;  // merged before there are many
  if (step == "SCAN k") return sql.find("all_mail_keys k") != sql.npos;  // those of one key, from both indexes
  if (step.starts_with("SCAN tickets USING") && step.ends_with(" tickets_not_closed")) return true;  // read as a whole
  if (sql == sql::next_outbox_due) return step.starts_with("SEARCH");
  return step.find("VIRTUAL TABLE INDEX") != std::string_view::npos;
}

/// A look-up by columns that many rows share, which may read nearly all of them.
bool is_wide_search(std::string_view step) {
  const auto from = step.rfind('(');
  if (!step.starts_with("SEARCH") || from == std::string_view::npos) return false;
  if (step.find(" ledger_pending ") != std::string_view::npos) return false;  // an index of few rows
  std::string_view columns = step.substr(from, step.find(')', from) - from);
  for (const std::string_view wide : {"status=?", "mailbox=?", "uid_validity=?", "priority=?", "urgency=?", "state=?",
                                      "action=?", "outcome=?", "ours=?", "direction=?", "kind=?", " AND ", "("})
    while (columns.starts_with(wide)) columns.remove_prefix(wide.size());
  return columns.empty();
}

/// Which of those end early, or are meant to read it all.
bool reads_few(std::string_view sql) {
  if (sql == sql::list) return true;              // as far as the page goes that was asked for
  if (sql == sql::highest_recorded) return true;  // from the end
  if (sql == sql::count_tickets)
    return true;  // what is not closed; a look at the desk's health pays for it with a pause
  if (sql == sql::count_answered_late) return true;  // likewise, by an index of those
  if (sql == sql::ledger_of_mailbox) return true;    // lists it all
  return false;
}

/// What is sorted is one ticket's, one person's or one organization's.
bool sorts_little(std::string_view sql) {
  if (sql == sql::known_mails || sql == sql::tickets_of_message_id) return true;  // those of one Message-ID
  if (sql == sql::refresh_token) return true;                                     // those of one consent
  if (sql == sql::sending_outbox) return true;                                    // those on their way: a batch or two
  return sql == sql::participants || sql == sql::list_of_organization || sql == sql::move_standing;
}

TEST_CASE("no statement reads a growing table from end to end") {
  StoreFolder folder;
  { Store store(folder.path()); }
  auto database = open_plainly(folder.path());
  for (const auto* statement : sql::all) {
    const auto sql = *statement;
    auto explanation = database.prepare("EXPLAIN QUERY PLAN " + std::string(sql));
    auto rows = explanation.query();
    while (rows.next()) {
      for (int i = 0; i < 3; ++i) rows.integer();
      const auto step = rows.text();
      INFO(sql << "\n  " << step);
      if (step.starts_with("SCAN") && step != "SCAN CONSTANT ROW") CHECK(is_harmless_scan(sql, step));
      if (is_wide_search(step)) CHECK(reads_few(sql));
      if (step.find("TEMP B-TREE FOR ORDER BY") != std::string::npos) CHECK(sorts_little(sql));
    }
  }
}

}  // namespace
}  // namespace ticketd
