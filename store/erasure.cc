#include "store/erasure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "parsers/ascii.h"
#include "parsers/email.h"
#include "rules/address_key.h"
#include "rules/sender_key.h"
#include "store/compression.h"
#include "store/erasure_columns.h"
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

/// What a person may read of an outgoing mail; of the call of a webhook, all.
std::string text_of_mail(std::string octets) {
  if (octets.starts_with('{')) return octets;
  const auto parsed = parse_email(octets);
  const auto* email = std::get_if<Email>(&parsed);
  return email == nullptr ? octets : email->subject + '\n' + email->text;
}

/// A longer one may hold a shorter one.
void longest_first(std::vector<std::string>& texts) {
  std::ranges::stable_sort(texts, [](const auto& a, const auto& b) { return a.size() > b.size(); });
}

/// What an SQL function says.
std::optional<std::string> yes_or_null(bool is) { return is ? std::optional<std::string>("1") : std::nullopt; }

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
    add_functions();
    database_.execute(std::string(statements::scratch_tables));
  }

  Erasure run() {
    find_person();
    scan_octets();
    {
      const Undo undo(database_);
      find_person_again();
      scan_octets();
      for (const char* sql : statements::scan_under_lock) database_.execute(sql);
      find_telling();
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
    database_.add_function("is_his", [this](std::string_view address) { return yes_or_null(is_his(address)); });
    database_.add_function("is_his_sender", [this](std::string_view sender) {
      return yes_or_null(is_his(sender) || (owns_sender_key_ && sender == sender_key_));
    });
    database_.add_function("redact", [this](std::string_view text) { return without_person(text, person_, false); });
    database_.add_function("redact_named", [this](std::string_view text) { return without_person(text, person_); });
    database_.add_function("redact_in_his", [this](std::string_view text) { return redact_in_his(text); });
    database_.add_function("unquoted", [this](std::string_view text) { return without_lines(text, lines_); });
    database_.add_function("holds_line",
                           [this](std::string_view text) { return yes_or_null(holds_line(text, lines_)); });
    database_.add_function("holds_subject",
                           [this](std::string_view text) { return without_pieces(text, ticket_subjects_); });
    add_frame_functions();
  }

  void add_frame_functions() {
    database_.add_function("holds", [this](std::string_view frame) {
      return yes_or_null(without_person(octets_of(frame), person_, false).has_value());
    });
    database_.add_function("holds_named", [this](std::string_view frame) {
      return yes_or_null(without_person(octets_of(frame), person_).has_value());
    });
    database_.add_function("mail_text", [this](std::string_view frame) -> std::optional<std::string> {
      return text_of_mail(octets_of(frame));
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
    person_ = Person{};
    person_.address_mark = fmt::format("erased-{}@erased.invalid", order_.mark);
    person_.message_id_mark = person_.address_mark;
    const auto addresses = read_set(database_, statements::addresses);
    find_addresses(addresses);
    find_names();
    for (auto& id : read_texts(database_, statements::message_ids))
      // Whoever calls his mails by somebody's address does not take that one with him.
      if (id.find('@') != std::string::npos && !addresses.contains(to_lower(id)))
        person_.message_ids.insert(std::move(id));
    subjects_ = telling_subjects(statements::subjects);
    ticket_subjects_ = telling_subjects(statements::ticket_subjects);
  }

  /// In all spellings that anybody used.
  void find_addresses(const std::unordered_set<std::string>& known) {
    owns_sender_key_ = std::ranges::none_of(
        known, [&](const auto& address) { return !is_his(address) && sender_key(address) == sender_key_; });
    std::vector<std::string> spellings = {key_};
    if (owns_sender_key_) spellings.push_back(sender_key_);
    std::ranges::copy_if(known, std::back_inserter(spellings), [&](const auto& address) { return is_his(address); });
    for (const auto& spelling : spellings) {
      const auto at = spelling.rfind('@');
      if (at == std::string::npos) continue;
      for (const auto& local : canonical_forms(spelling.substr(0, at)))
        person_.addresses.push_back(local + '@' + domain_key(spelling.substr(at + 1)));
    }
    std::ranges::sort(person_.addresses);
    person_.addresses.erase(std::ranges::unique(person_.addresses).begin(), person_.addresses.end());
  }

  void find_names() {
    for (const auto& name : read_texts(database_, statements::names)) {
      const auto is_same = [&](const auto& kept) { return without_pieces(kept, {name}) == std::string(kErased); };
      if (tells_a_person(name) && std::ranges::none_of(order_.kept_names, is_same))
        std::ranges::copy(canonical_forms(name), std::back_inserter(person_.names));
    }
    longest_first(person_.names);
  }

  std::vector<std::string> telling_subjects(std::string_view sql) {
    auto result = read_texts(database_, sql);
    std::erase_if(result, [](const auto& subject) { return subject.size() < kShortestSubject; });
    longest_first(result);
    return result;
  }

  /// What was scanned already was scanned for whoever he was before.
  void find_person_again() {
    const auto before = person_;
    find_person();
    if (person_ == before) return;
    scanned_ = {};
    for (const char* sql : statements::forget_octets) database_.execute(sql);
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

  void find_telling() {
    for (const char* sql : statements::find_telling) database_.execute(sql);
    for_each_shared(read_tickets(database_, statements::shared_tickets),
                    [&](TicketId ticket) { change(statements::find_telling_quotes, ticket); });
  }

  void rewrite() {
    const auto shared = read_tickets(database_, statements::shared_tickets);
    for_each_shared(shared, [&](TicketId ticket) { change(statements::find_quotes, ticket); });
    for (const char* sql : statements::begin_rewriting) database_.execute(sql);
    for_each_shared(shared, [&](TicketId ticket) { change(statements::erase_quotes, ticket); });
    change(statements::unlink_mails);
    rewrite_mails();
    for (const char* sql : statements::rewrite_his) done_.rows += change(sql);
    for (const auto& sql : name_updates()) done_.rows += change(sql);
    for (const auto& sql : address_updates()) done_.rows += change(sql, person_.address_mark);
    for (const auto& sql : text_updates()) done_.rows += change(sql);
    done_.messages = database_.integer("SELECT count(*) FROM his_messages");
    done_.mentions = database_.integer("SELECT count(*) FROM changed") - done_.messages;
    for (const char* sql : statements::end_rewriting) database_.execute(sql);
    tell();
  }

  void rewrite_mails() {
    change(statements::note_originals, order_.now);
    done_.originals = change(statements::delete_originals);
    change(statements::tell_withheld, order_.now, order_.actor);
    done_.withheld = change(statements::drop_telling);
    done_.outgoing = change(statements::erase_outgoing);
    change(statements::erase_quarantined);
    done_.quarantined = change(statements::delete_quarantined);
  }

  void tell() {
    if (done_.is_empty()) return;
    change(statements::tell_tickets, order_.now, order_.actor, "");
    change(statements::tell, order_.now, order_.actor,
           fmt::format("A person's data was erased: tickets {}, messages {}, originals {}, outgoing mails {}, mails in "
                       "quarantine {}; mentioned in {} other messages; mails to others that are not sent: {}.",
                       done_.tickets.size(), done_.messages, done_.originals, done_.outgoing, done_.quarantined,
                       done_.mentions, done_.withheld));
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
  bool owns_sender_key_ = false;  ///< nobody else is known by it
  std::vector<std::string> subjects_, ticket_subjects_;
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
