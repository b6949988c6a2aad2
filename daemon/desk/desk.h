#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/death_mark.h"
#include "rules/alarms.h"
#include "rules/decide.h"
#include "rules/incident_orders.h"
#include "rules/templates.h"
#include "store/store.h"

namespace ticketd {

/// The configuration in force with what was made of it; immutable, swapped whole on reload.
struct DeskRules {
  Ruleset ruleset;
  Templates templates;
  ParseLimits limits;
  std::optional<Duration> raw_mail_retention = {};   ///< nullopt: originals are kept for ever
  std::filesystem::path status_page_directory = {};  ///< empty: there is no status page
  std::filesystem::path status_page_lock = {};       ///< held by whoever writes there; beside the store
};

/// One mail fetched from a mailbox.
struct FetchedMail {
  Uid uid{};
  std::optional<Time> internal_date;         ///< as the server says
  std::optional<std::uint64_t> listed_size;  ///< RFC822.SIZE, as the server says
  ArrivedMail arrived;
};

/// What became of it, and what is to be done on the server.
struct FiledMail {
  Uid uid{};
  Outcome outcome = Outcome::ignored;
  std::optional<TicketId> ticket;
  std::string reason;
  bool failed = false;       ///< quarantined or oversize: MailboxSettings::failed applies instead of `processed`
  bool untouched = false;    ///< backlog, vanished, ignored where that would delete: nothing is done on the server
  bool writes_mail = false;  ///< there is something new in the outbox
  std::string message_id;
};

/// Which of a mailbox's settings ask for something to be done on the server once a mail is committed.
struct ServerDuties {
  bool processed = true;
  bool failed = true;
  bool deletes = false;  ///< `processed` deletes: what was ignored, and so is kept nowhere else, stays then
};

class BatchReader;

/// Where mails, commands and timers meet the store: load → decide → apply, in one transaction. Used by the daemon's
/// worker thread, `ticketctl`, `ingest` and `explain` alike, so that all of them decide the same. One thread at a time.
class Desk {
 public:
  using NowSource = std::function<Time()>;
  Desk(Store store, std::shared_ptr<const DeskRules> rules, NowSource now, TokenSource tokens);

  /// For the daemon alone: what is on record of an organization goes over to the name that it has in these rules.
  /// Throws StoreBusy; to be called again then.
  void use(std::shared_ptr<const DeskRules> rules);
  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] const DeskRules& rules() const { return *rules_; }
  [[nodiscard]] Time now() const { return now_(); }

  /// From now on `file` marks in `path` which mail it works on. A mail over which the process ended again and again is
  /// read no further than its header, then not at all.
  void mark_deaths_in(const std::filesystem::path& path);

  /// Files a batch of one mailbox in one transaction and advances its cursor to `cursor`; what the server still owes by
  /// `duties` is noted as pending in the ledger. A mail whose reading, deciding
  /// or writing throws (but for StoreError) is quarantined; a UID on record already is skipped and not in the result.
  /// One that had vanished gets the outcome that it has now.
  std::vector<FiledMail> file(const MailboxState& mailbox, const ServerDuties& duties,
                              std::span<const FetchedMail> mails, Uid cursor);
  /// One mail from a pipe: no ledger row.
  Decision ingest(const ArrivedMail& arrived);
  /// What `ingest` would do; writes nothing.
  [[nodiscard]] Decision explain(const ArrivedMail& arrived);

  /// Reads a mail of the quarantine again, and takes it out when that works now; the decision says "quarantined" when
  /// it does not, and nothing has changed then. nullopt: there is no such mail.
  std::optional<Decision> retry_quarantined(std::int64_t id, const Actor& actor);
  /// Deletes one for good; its ledger row stays, if it has one, and an event tells who did it. False when there is no
  /// such mail.
  bool drop_quarantined(std::int64_t id, const Actor& actor);

  /// Mail goes to that address again; false when it did all the time.
  bool clear_undeliverable(std::string_view address, const Actor& actor);

  /// House-keeping for idle moments, a bounded piece of it: the indexes follow what was filed. True when there is more
  /// to do.
  bool index();
  /// The same where no idle moment comes, about once a second: of what can wait, only what would become too much.
  void index_in_passing();
  /// House-keeping for now and then: a bounded piece of what no limit counts any more goes, and of originals that were
  /// kept long enough. True when there are more of these.
  bool forget();
  /// House-keeping for idle moments: `forget`, then Store::tidy. True when there is more to do.
  bool tidy();

  /// After the clock was, or may have been, set back: nothing waits longer than it would if it were written now, nor
  /// does the next page about a ticket. No mail waits for its next attempt beyond `retry_max`.
  void bring_forward(Duration retry_max);

  /// Does what is due by the clock.
  struct TimerRun {
    std::optional<Time> next;      ///< when something is due next; nullopt: nothing waits
    std::vector<TicketId> closed;  ///< because nobody wrote any more
    std::vector<TicketId> stuck;   ///< with which what is due could not be done; noted in the store with the reason
    bool writes_mail = false;      ///< there is something new in the outbox
    bool is_busy = false;          ///< another process held the store too long; what was done before is done
  };
  TimerRun run_timers();
  /// Raises and ends alarms, given what needs a person now.
  AlarmDecision note_problems(std::span<const Problem> problems);

  // Major incidents. Each order gives the incident's number, or why it can't be carried out.
  using IncidentResult = std::variant<IncidentNumber, Refusal>;
  IncidentResult open_incident(const OpenIncident& order, const Actor& actor);
  IncidentResult update_incident(IncidentNumber number, const std::string& text, const Actor& actor);
  /// With a last word, which may be empty. The tickets that wait for it follow by `settle_incidents`.
  IncidentResult resolve_incident(IncidentNumber number, const std::string& text, const Actor& actor);
  /// Resolves or releases some of the tickets whose incident is over, in one transaction. Whoever is killed in the
  /// middle leaves the rest to the next call, of whatever process.
  struct Settled {
    std::vector<TicketId> stuck;  ///< could not be written, and wait still; noted in the store with the reason
    bool is_through = true;       ///< none is left but such as are stuck
    bool waits_on = false;        ///< and such there are
    bool writes_mail = false;     ///< there is something new in the outbox
  };
  Settled settle_incidents();
  /// Writes the status page; why it could not be written, else empty. Nothing is written where none is configured.
  std::string write_status_page();

  /// The ticket's number that was changed or opened, or why not. nullopt: no such ticket.
  std::optional<std::variant<TicketId, Refusal>> command(std::optional<TicketId> ticket, const StaffCommand& command,
                                                         const Actor& actor);

  /// Downgrades or restores an organization by hand; why not, when it can't be.
  std::optional<Refusal> change_standing(std::string_view organization, OrganizationCommand wanted, const Actor& actor);

 private:
  std::optional<std::string> check_ticket(const Ticket& ticket, TimerRun& run);
  bool tell_digests(TimerRun& run);
  bool end_downgrades(TimerRun& run);
  void settle_ticket(TicketId number, const Incident& incident, Settled& settled);
  std::optional<std::string> try_settling(const CommandContext& context, const Incident& incident,
                                          std::string_view hindrance, Settled& settled);
  bool index_messages();
  void keep_status_page(TimerRun& run);
  [[nodiscard]] bool lacks_status_page() const;
  TimerRun run_ticket_timers();
  void reschedule();
  /// Mails of one transaction.
  struct Batch {
    const MailboxState& mailbox;
    const ServerDuties& duties;
    std::span<const FetchedMail> mails;
    Uid cursor;
    BatchReader& reader;
  };
  std::vector<FiledMail> file(const Batch& batch, bool takes_back);

  Store store_;
  std::shared_ptr<const DeskRules> rules_;
  NowSource now_;
  TokenSource tokens_;
  std::unique_ptr<DeathMark> mark_;  ///< may be null
  /// Ticket::check_at of later tickets may be by other rules; nullopt: of none.
  std::optional<TicketId> rescheduled_up_to_{TicketId{}};
  /// When the status page is to be written although no incident has changed: at the start, under other rules, after a
  /// failure, and when an incident is too old for it. Max: never.
  Time page_due_at_ = Time::min();
  /// Where the settling of incidents goes on: what is stuck holds up no other.
  struct SettlingPlace {
    IncidentNumber incident{};
    TicketId after{};
  };
  SettlingPlace settling_;
  std::optional<Ticket> timers_reached_;  ///< where the next run of the timers goes on; nullopt: at the head
};

}  // namespace ticketd
