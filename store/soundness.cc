#include "store/soundness.h"

#include <fmt/format.h>

#include <array>

#include "store/compression.h"
#include "store/key_filter.h"
#include "store/schema.h"
#include "store/search_index.h"

namespace ticketd {
namespace {

/// What must have no row; each gives a sentence for each that it has. ?1: so many at most.
constexpr std::array<std::string_view, 15> kInvariants = {
    "SELECT 'database: ' || integrity_check FROM pragma_integrity_check(?1) WHERE integrity_check <> 'ok' LIMIT ?1",
    "SELECT 'a row of ' || \"table\" || ' (rowid ' || ifnull(rowid, '-') || ') names one of ' || parent || ' that is "
    "not "
    "there' FROM pragma_foreign_key_check LIMIT ?1",
    "SELECT 'ledger: UID ' || l.uid || ' (UIDVALIDITY ' || l.uid_validity || ') of ' || m.name || ' is ' || l.outcome "
    "|| "
    "', but of no ticket' FROM ledger l JOIN mailboxes m ON m.id = l.mailbox WHERE (l.outcome = 'new_ticket' OR "
    "l.outcome = 'follow_up') AND (l.ticket IS NULL OR NOT EXISTS (SELECT 1 FROM tickets t WHERE t.number = l.ticket)) "
    "LIMIT ?1",
    "SELECT 'ticket #' || number || ' counts ' || message_count || ' messages, and has ' || (SELECT count(*) FROM "
    "messages m WHERE m.ticket = number) FROM tickets WHERE message_count <> (SELECT count(*) FROM messages m WHERE "
    "m.ticket = number) LIMIT ?1",
    "WITH sums AS (SELECT mailbox, uid_validity, outcome, count(*) AS entries FROM ledger GROUP BY 1, 2, 3) "
    "SELECT 'ledger of mailbox ' || s.mailbox || ' (UIDVALIDITY ' || s.uid_validity || '): ' || s.entries || ' are ' "
    "|| "
    "s.outcome || ', and ' || ifnull(c.entries, 0) || ' are counted' FROM sums s LEFT JOIN ledger_counts c USING "
    "(mailbox, uid_validity, outcome) WHERE ifnull(c.entries, 0) <> s.entries LIMIT ?1",
    "SELECT 'ledger of mailbox ' || mailbox || ' (UIDVALIDITY ' || uid_validity || '): ' || entries || ' are counted "
    "as ' "
    "|| outcome || ', and none is there' FROM ledger_counts c WHERE entries <> 0 AND NOT EXISTS (SELECT 1 FROM ledger "
    "l "
    "WHERE l.mailbox = c.mailbox AND l.uid_validity = c.uid_validity AND l.outcome = c.outcome) LIMIT ?1",
    "SELECT 'ticket #' || number || ' is merged into #' || merged_into || ', which is itself merged' FROM tickets t "
    "WHERE merged_into IS NOT NULL AND EXISTS (SELECT 1 FROM tickets o WHERE o.number = t.merged_into AND "
    "o.merged_into "
    "IS NOT NULL) LIMIT ?1",
    "SELECT 'outgoing mail ' || id || ' has no octets' FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM outbox_octets b "
    "WHERE b.outbox = o.id) LIMIT ?1",
    "SELECT 'outgoing mail ' || id || ' goes to nobody' FROM outbox o WHERE NOT EXISTS (SELECT 1 FROM "
    "outbox_recipients "
    "r WHERE r.outbox = o.id) LIMIT ?1",
    "SELECT 'quarantine: mail ' || id || ' has ' || n || ' ledger rows' FROM (SELECT q.id AS id, (SELECT count(*) FROM "
    "ledger l WHERE l.quarantine = q.id) AS n FROM quarantine q) WHERE n > 1 LIMIT ?1",
    "SELECT 'the original of message ' || message || ' has no age' FROM raw_mails r JOIN messages m ON m.id = "
    "r.message "
    "WHERE NOT EXISTS (SELECT 1 FROM raw_mail_ages a WHERE a.at = m.at AND a.message = r.message) LIMIT ?1",
    "SELECT 'the search index is ahead of the messages' FROM search_progress WHERE indexed_up_to > (SELECT "
    "coalesce(max(id), 0) FROM messages) LIMIT ?1",
    "SELECT 'the original of message ' || message || ' can''t be unpacked' FROM raw_mails WHERE unpacks(octets) IS "
    "NULL "
    "LIMIT ?1",
    "SELECT 'outgoing mail ' || outbox || ' can''t be unpacked' FROM outbox_octets WHERE unpacks(octets) IS NULL LIMIT "
    "?1",
    "SELECT 'quarantine: mail ' || id || ' can''t be unpacked' FROM quarantine WHERE unpacks(octets) IS NULL LIMIT ?1",
};

constexpr std::string_view kRemedy = ", and can be made anew: ticketctl check --repair";

/// A Message-ID that its filter lacks would be taken for a new one. Both are read in the order of the keys.
std::vector<std::string> find_unfiltered_keys(Database& store, std::size_t most) {
  std::vector<std::string> result;
  auto filters = store.prepare("SELECT from_key, bits FROM mail_key_filters ORDER BY from_key DESC");
  auto merged = store.prepare("SELECT message_key FROM mail_keys ORDER BY message_key DESC");
  auto keys = merged.query();
  const auto next_key = [&] { return keys.next() ? std::optional(keys.integer()) : std::nullopt; };
  auto key = next_key();
  for (auto rows = filters.query(); rows.next();) {
    const auto from = rows.integer();
    const auto bits = rows.view();
    if (!KeyFilter::are_whole(bits) && result.size() < most)
      result.push_back(fmt::format("the filter of Message-IDs from {} on is damaged{}", from, kRemedy));
    for (; key && *key >= from; key = next_key())
      if (!KeyFilter::may_have(bits, *key) && result.size() < most)
        result.push_back(fmt::format("the filter of Message-IDs from {} on lacks {}{}", from, *key, kRemedy));
  }
  return result;
}

std::optional<std::string> unpacks(std::string_view frame) {
  return is_whole_frame(frame) ? std::optional<std::string>("yes") : std::nullopt;
}

}  // namespace

std::vector<std::string> find_damage(const std::filesystem::path& store, std::size_t most_of_each) {
  Store::Options options;
  options.read_only = true;
  auto database = open_database(store, options);
  database.add_function("unpacks", unpacks);
  database.execute("BEGIN");  // one state for all of them
  std::vector<std::string> result;
  for (const auto invariant : kInvariants) {
    auto statement = database.prepare(invariant);
    auto rows = statement.query(most_of_each);
    while (rows.next()) result.push_back(rows.text());
  }
  for (auto& lack : find_unfiltered_keys(database, most_of_each)) result.push_back(std::move(lack));
  if (!is_search_index_whole(database)) result.push_back("the search index is damaged" + std::string(kRemedy));
  return result;
}

bool mend_key_filters(const std::filesystem::path& store) {
  refuse_half_restored(store);
  Database database(store.string(), {false, kMendingPatience, nullptr});
  if (database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'mail_key_filters'") == 0) return false;
  database.execute("BEGIN");
  const bool is_damaged = !find_unfiltered_keys(database, 1).empty();
  database.execute("COMMIT");
  if (is_damaged) database.execute("DELETE FROM mail_key_filters");
  return is_damaged;
}

}  // namespace ticketd
