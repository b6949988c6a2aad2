#include "store/erasure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "parsers/ascii.h"
#include "rules/address_key.h"
#include "rules/sender_key.h"
#include "store/compression.h"
#include "store/erasure_statements.h"
#include "store/mentions.h"
#include "store/schema.h"

namespace ticketd {
namespace {

namespace statements = sql::erasure;

constexpr std::chrono::milliseconds kPatience{60'000};
/// A shorter one may stand anywhere.
constexpr std::size_t kShortestSubject = 6;

Store::Options patient() {
  Store::Options options;
  options.busy_timeout = kPatience;
  return options;
}

std::vector<std::string> read_texts(Database& database, std::string_view sql) {
  std::vector<std::string> result;
  auto statement = database.prepare(sql);
  auto rows = statement.query();
  while (rows.next()) result.push_back(rows.text());
  return result;
}

std::unordered_set<std::string> read_set(Database& database, std::string_view sql) {
  auto texts = read_texts(database, sql);
  return {std::make_move_iterator(texts.begin()), std::make_move_iterator(texts.end())};
}

std::vector<TicketId> read_tickets(Database& database, std::string_view sql) {
  std::vector<TicketId> result;
  auto statement = database.prepare(sql);
  auto rows = statement.query();
  while (rows.next()) result.push_back(rows.id<TicketId>());
  return result;
}

/// A single word may be a word of the language, and a short text may stand anywhere.
bool tells_a_person(const std::string& name) {
  const auto space = name.find(' ');
  return name.size() >= 5 && space != std::string::npos && space != 0 && space + 1 < name.size();
}

/// Takes its transaction back unless it is committed.
class Undo {
 public:
  explicit Undo(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
  ~Undo() {
    try {
      if (database_.in_transaction()) database_.execute("ROLLBACK");
    } catch (const std::exception&) {  // the file's next reader does
    }
  }
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;

 private:
  Database& database_;
};

class Eraser {
 public:
  Eraser(const std::filesystem::path& store, const ErasureOrder& order)
      : order_(order), database_(open_database(store, patient())) {
    person_.addresses = {key_};
    person_.address_mark = fmt::format("erased-{}@erased.invalid", order.mark);
    person_.message_id_mark = person_.address_mark;
    add_functions();
    database_.execute(std::string(statements::scratch_tables));
  }

  Erasure run() {
    find_person();
    scan_octets();
    {
      const Undo undo(database_);
      find_person();
      scan_octets();
      done_.tickets = read_tickets(database_, "SELECT number FROM his_tickets ORDER BY number");
      done_.open = read_tickets(database_,
                                "SELECT number FROM his_tickets JOIN tickets USING (number) WHERE status <> 'closed' "
                                "ORDER BY number");
      done_.is_under_way = database_.integer(statements::under_way) != 0;
      if (!order_.dry_run && (!done_.open.empty() || done_.is_under_way)) return done_;
      rewrite();
      if (order_.dry_run) return done_;
      database_.execute("COMMIT");
    }
    clean_files();
    return done_;
  }

 private:
  void add_functions() {
    const auto known = [](bool is) { return is ? std::optional<std::string>("1") : std::nullopt; };
    database_.add_function("is_his", [this, known](std::string_view address) { return known(is_his(address)); });
    database_.add_function("is_his_sender", [this, known](std::string_view sender) {
      return known(sender == sender_key_ || is_his(sender));
    });
    database_.add_function("redact", [this](std::string_view text) { return without_person(text, person_, false); });
    database_.add_function("redact_named", [this](std::string_view text) { return without_person(text, person_); });
    database_.add_function("redact_in_his", [this](std::string_view text) { return redact_in_his(text); });
    database_.add_function("unquoted", [this](std::string_view text) { return without_lines(text, lines_); });
    database_.add_function("holds", [this, known](std::string_view frame) {
      return known(without_person(octets_of(frame), person_, false).has_value());
    });
    database_.add_function("redacted_frame", [this](std::string_view frame) -> std::optional<std::string> {
      const auto redacted = without_person(octets_of(frame), person_, false);
      if (!redacted) return std::nullopt;
      return std::string(compressor_.compress(*redacted));
    });
    database_.add_function("erased_frame", [this](std::string_view) -> std::optional<std::string> {
      return std::string(compressor_.compress(kErased));
    });
  }

  [[nodiscard]] bool is_his(std::string_view address) const {
    return address.find('@') != std::string_view::npos && address_key(address) == key_;
  }

  std::optional<std::string> redact_in_his(std::string_view text) {
    auto result = without_pieces(text, subjects_);
    auto further = without_person(result ? std::string_view(*result) : text, person_);
    return further ? further : result;
  }

  /// Damaged octets tell nobody anything.
  std::string octets_of(std::string_view frame) {
    try {
      return compressor_.decompress(frame);
    } catch (const StoreError&) {
      return {};
    }
  }

  void find_person() {
    for (const char* sql : statements::find_him) database_.execute(sql);
    person_.names.clear();
    for (auto& name : read_texts(database_, statements::names)) {
      const auto is_same = [&](const auto& kept) { return equals_ignoring_case(kept, name); };
      if (tells_a_person(name) && std::ranges::none_of(order_.kept_names, is_same)) person_.names.push_back(name);
    }
    // A longer one may hold a shorter one.
    std::ranges::sort(person_.names, [](const auto& a, const auto& b) { return a.size() > b.size(); });
    for (auto& id : read_texts(database_, statements::message_ids))
      if (id.find('@') != std::string::npos) person_.message_ids.insert(std::move(id));
    // Whoever calls his mails by somebody's address does not take that one with him.
    std::erase_if(person_.message_ids, [addresses = read_set(database_, statements::addresses)](const auto& id) {
      return addresses.contains(to_lower(id));
    });
    subjects_ = read_texts(database_, statements::subjects);
    std::erase_if(subjects_, [](const auto& subject) { return subject.size() < kShortestSubject; });
    std::ranges::sort(subjects_, [](const auto& a, const auto& b) { return a.size() > b.size(); });
  }

  void scan_octets() {
    for (std::size_t i = 0; i < statements::scan_octets.size(); ++i) {
      const auto last = database_.integer(statements::last_octets[i]);
      database_.prepare(statements::scan_octets[i]).run(scanned_[i]);
      scanned_[i] = last;
    }
  }

  /// With `lines_` as what the person wrote first in that ticket.
  template <class Action>
  void for_each_shared(const std::vector<TicketId>& tickets, Action action) {
    for (const TicketId ticket : tickets) {
      lines_.clear();
      std::unordered_set<std::string> of_others;
      auto texts = database_.prepare(statements::texts_of_ticket);
      {
        auto rows = texts.query(ticket);
        while (rows.next()) {
          auto lines = own_lines(rows.view());
          auto& known = rows.integer() != 0 ? lines_ : of_others;
          for (auto& line : lines)
            if (!lines_.contains(line) && !of_others.contains(line)) known.insert(line);
        }
      }
      action(ticket);
    }
  }

  template <class... Values>
  std::int64_t change(std::string_view sql, const Values&... values) {
    return database_.prepare(sql).run(values...);
  }

  void rewrite() {
    const auto shared = read_tickets(database_, statements::shared_tickets);
    for_each_shared(shared, [&](TicketId ticket) { change(statements::find_quotes, ticket); });
    for (const char* sql : statements::begin_rewriting) database_.execute(sql);
    for_each_shared(shared, [&](TicketId ticket) {
      change(statements::erase_quotes, ticket);
      done_.outgoing += change(statements::erase_news, ticket);
    });
    change(statements::unlink_mails);
    change(statements::note_originals, order_.now);
    done_.originals = change(statements::delete_originals);
    done_.outgoing += change(statements::erase_outgoing);
    change(statements::erase_quarantined);
    done_.quarantined = change(statements::delete_quarantined);
    for (const char* sql : statements::rewrite_addresses) done_.rows += change(sql, person_.address_mark);
    for (const char* sql : statements::rewrite_his) change(sql);
    redact_every_text();
    done_.messages = database_.integer("SELECT count(*) FROM his_messages");
    done_.mentions = database_.integer("SELECT count(*) FROM changed") - done_.messages;
    for (const char* sql : statements::end_rewriting) database_.execute(sql);
    tell();
  }

  void redact_every_text() {
    std::vector<std::string> updates;
    auto columns = database_.prepare(statements::text_columns);
    auto rows = columns.query();
    while (rows.next()) {
      const auto table = rows.text();
      updates.push_back(fmt::format("UPDATE \"{0}\" SET \"{1}\" = redact(\"{1}\") WHERE redact(\"{1}\") IS NOT NULL",
                                    table, rows.view()));
    }
    for (const auto& update : updates) done_.rows += change(update);
  }

  void tell() {
    if (done_.is_empty()) return;
    change(statements::tell_tickets, order_.now, order_.actor, "");
    change(statements::tell, order_.now, order_.actor,
           fmt::format("A person's data was erased: tickets {}, messages {}, originals {}, outgoing mails {}, mails in "
                       "quarantine {}; mentioned in {} other messages.",
                       done_.tickets.size(), done_.messages, done_.originals, done_.outgoing, done_.quarantined,
                       done_.mentions));
  }

  /// Deleted rows lie in free pages, and old pages in the write-ahead log.
  void clean_files() {
    database_.execute(
        "PRAGMA temp_store = FILE");  // the whole store may not fit into memory; drops the temporary tables
    try {
      database_.execute("VACUUM");
      done_.files_are_clean = database_.empty_wal();
    } catch (const StoreError&) {  // it is erased: that the files are not clean is told by files_are_clean
    }
  }

  const ErasureOrder& order_;
  Person person_;
  std::vector<std::string> subjects_;
  std::unordered_set<std::string> lines_;
  Compressor compressor_;
  std::array<std::int64_t, statements::scan_octets.size()> scanned_{};
  Erasure done_;
  const std::string key_ = address_key(order_.address);
  const std::string sender_key_ = sender_key(order_.address);
  Database database_;  // last: its functions use the others
};

}  // namespace

Erasure erase_person(const std::filesystem::path& store, const ErasureOrder& order) {
  return Eraser(store, order).run();
}

}  // namespace ticketd
