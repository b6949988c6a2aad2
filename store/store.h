#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/alarms.h"
#include "rules/context.h"
#include "rules/decide.h"
#include "rules/staff_notice.h"
#include "rules/statistics.h"
#include "rules/status_page.h"
#include "rules/ticket.h"
#include "store/desk_counts.h"
#include "store/lease_record.h"
#include "store/outbox_row.h"
#include "store/refresh_token.h"
#include "store/store_error.h"

namespace ticketd {

/// RFC 9051 §2.3.1.1; never 0.
enum class Uid : std::uint32_t {};
enum class UidValidity : std::uint32_t {};

/// Whose tickets are, and under which name what is on record of an organization goes on; unset: as they were written.
struct OrganizationNaming {
  using Name = std::function<std::string(std::string_view recorded, std::string_view requester)>;
  Name owner_of, successor_of;
};

/// What has to happen on the IMAP server once a mail is committed.
enum class ServerAction { none, pending, done };

struct MailboxState {
  std::string name;
  UidValidity uid_validity{};
  Uid last_uid{};           ///< cursor: everything up to it that was ever seen is in the ledger
  Uid watermark{};          ///< the last UID when this UIDVALIDITY was first seen
  bool renumbered = false;  ///< it was not the first one: the watermark says nothing about the first contact
  Time first_contact_at{};  ///< of the mailbox, over all UIDVALIDITYs
};

/// What tells a mail without its text.
struct DatedUid {
  Uid uid{};
  std::optional<Time> internal_date;  ///< RFC 9051 §2.3.3, as the server says
  std::optional<std::uint64_t> size;  ///< RFC822.SIZE, octets, as the server says
};

struct LedgerEntry {
  std::string mailbox;
  UidValidity uid_validity{};
  Uid uid{};
  Outcome outcome = Outcome::ignored;
  std::optional<TicketId> ticket;
  Time at{};
  std::string reason;
  ServerAction action = ServerAction::none;
  /// Store::quarantine's: ties the octets to their mailbox and UID.
  std::optional<std::int64_t> quarantine{};
  /// As in DatedUid. Written, and read by Store::dated alone.
  std::optional<Time> internal_date{};
  std::optional<std::uint64_t> listed_size{};
};

/// Octets that no ticket could be made of, kept until a person has looked.
struct QuarantinedMail {
  std::int64_t id = 0;
  std::string mailbox;
  std::optional<Uid> uid;  ///< nullopt: it came through the pipe
  Time at{};               ///< when it was put here
  std::string reason;
  std::uint64_t size = 0;  ///< octets
};

struct TicketFilter {
  std::vector<TicketStatus> statuses{TicketStatus::new_, TicketStatus::open, TicketStatus::resolved};
  std::optional<Priority> priority;
  std::string organization;
  std::string assignee;
  bool breached = false;  ///< those for which is_breached(ticket, now) holds
  Time now{};
  std::uint32_t limit = 0;  ///< 0: no limit
};

struct TicketRow {
  Ticket ticket;
  std::uint32_t message_count = 0;
  std::string snippet;  ///< of a search
};

/// Where an attachment lies: `part` is its id within the mail `message` (extract_attachment takes it).
struct StoredAttachment {
  std::int64_t message = 0;
  std::uint32_t part = 0;
  std::string name;
};

struct MailboxHealth {
  /// The whole mailbox against the ledger. `listed` differs from `server_count` where the server contradicts itself.
  struct Comparison {
    Time at{};
    std::uint64_t server_count = 0;  ///< EXISTS
    std::uint64_t listed = 0;        ///< by SEARCH
    std::uint64_t on_record = 0;     ///< of those listed
  };
  std::string name;
  UidValidity uid_validity{};
  Uid last_uid{};
  std::optional<Time> last_success_at;
  std::optional<Duration> lag;  ///< INTERNALDATE to commit of the latest mail
  std::string error;            ///< of the latest try; empty when it was good
  std::vector<std::pair<Outcome, std::uint64_t>> counts;
  std::optional<Time> oldest_pending_at;  ///< filed then, and what is to be done on the server for it is not done
  std::vector<Uid> missing;               ///< the server lists them, the ledger has no outcome of them
  std::optional<Comparison> comparison;   ///< the latest, under this UIDVALIDITY
};

/// Whose mail is spam, because staff said so of a ticket.
struct BlockedSender {
  std::string address;  ///< lower case
  Time since{};
  TicketId ticket{};
};

/// A mail whose octets were kept once.
struct RemovedOriginal {
  Time at{};
  bool is_erased = false;  ///< with a person's data; else it was kept long enough
};

/// An incident with its tickets.
struct IncidentRow {
  Incident incident;
  std::vector<TicketId> tickets;  ///< by number; those that were merged into others are left out
};

struct OperatingCounts;

/// The tables, one writer per process. Values in, values out, no policy, no clock. Every function throws StoreError or
/// StoreBusy; those that write values also ValueRefused, those that commit also CommittedStoreError. One per thread.
class Store {
 public:
  struct Options {
    bool read_only = false;
    std::chrono::milliseconds busy_timeout{5000};
    const char* vfs = nullptr;  ///< SQLite VFS name, for fault injection
    /// What a killed process has written and not lived to sync is made durable before anything is read. For whoever
    /// acts on what he reads without writing first.
    bool recovers = true;
  };
  /// Opens or creates (file mode 0660 under the process's umask), migrates to the newest schema, refuses a newer one.
  explicit Store(const std::filesystem::path& path);
  Store(const std::filesystem::path& path, const Options& options);
  ~Store();
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  /// From then on nothing waits for a locked store any more: StoreBusy. From any thread, and heard by whoever waits.
  void stop_waiting_at(std::chrono::steady_clock::time_point end);

  /// BEGIN IMMEDIATE; rolls back at scope exit unless committed. One at a time.
  class Transaction {
   public:
    explicit Transaction(Store& store);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

   private:
    Store* store_;
    bool done_ = false;
  };
  /// SAVEPOINT inside a transaction: one mail's part of a batch. Rolls back at scope exit unless released.
  class Savepoint {
   public:
    explicit Savepoint(Store& store);
    ~Savepoint();
    Savepoint(const Savepoint&) = delete;
    Savepoint& operator=(const Savepoint&) = delete;
    void release();

   private:
    Store* store_;
    bool done_ = false;
  };

  // One door to change a ticket.
  [[nodiscard]] TicketContext load_context(const ContextQuery& query);
  /// `other`: a second ticket that the command names; `news`: the window of Ruleset::page_limit.
  [[nodiscard]] CommandContext load_command_context(std::optional<TicketId> ticket, std::string_view organization,
                                                    std::optional<TicketId> other = std::nullopt,
                                                    const NewsWindow& news = {});
  /// What went out by itself to the ticket's requester, in it, and in all.
  [[nodiscard]] AnswerCounts answer_counts(const Ticket& ticket, const AnswerWindows& windows);
  struct Applied {
    std::optional<TicketId> ticket;
    std::vector<std::int64_t> message_ids;
    std::vector<std::int64_t> outbox_ids;
  };
  /// Writes a decision. `raw` are the mail's octets, kept (compressed) for messages[0] when Decision::keeps_raw;
  /// `frame` is what a Compressor has made of them, where somebody had the time. `known` records (mailbox, Message-ID,
  /// digest) for the recognition of duplicates; nullptr for commands. Call inside a Transaction.
  Applied apply(const Decision& decision, std::string_view raw, const ContextQuery* known, Time now,
                std::string_view frame = {});
  /// Of a mail that `apply` has written without octets, in the same transaction: what a Compressor has made of them.
  void add_outgoing_octets(std::int64_t outbox, std::string_view frame);

  // Organizations.
  /// From now on tickets that are loaded to be changed, strikes and standings are those of the organizations that have
  /// them by this naming; what is on record under a name that is none any more goes to its successor. At once.
  void use_naming(OrganizationNaming naming);
  /// Strikes count that lie between the two instants, both included, and are not settled.
  [[nodiscard]] OrganizationRecord organization_record(std::string_view name, Time strikes_since, Time now);
  [[nodiscard]] std::vector<Strike> strikes(std::string_view organization);  ///< oldest first
  /// What changed its standing, oldest first.
  [[nodiscard]] std::vector<Event> organization_events(std::string_view organization);
  /// Those whose downgrade is over by `now`, without tickets and strikes; the first one to end first.
  [[nodiscard]] std::vector<OrganizationRecord> ended_downgrades(Time now, std::size_t limit);
  /// Those that have tickets, strikes or a standing, by name.
  [[nodiscard]] std::vector<std::string> organizations();

  // Mailboxes and ledger.
  /// A mailbox of the configuration is this folder of its server from now on. Another folder than before begins anew,
  /// or goes on where it was left: what is on record of the one before is kept as "NAME (folder FOLDER)".
  void use_folder(std::string_view mailbox, std::string_view folder);
  /// Registers first contact or a changed UIDVALIDITY (cursor restarts at 0; first_contact_at stays). `last_listed` is
  /// the highest UID the server lists now: the watermark.
  MailboxState open_mailbox(std::string_view name, UidValidity validity, Uid last_listed, Time now);
  /// Of `uids` that the server lists, those without an outcome, in the same order: the ledger does not know them, or
  /// has them as vanished, which is no outcome of a mail that is there.
  [[nodiscard]] std::vector<Uid> unrecorded(std::string_view mailbox, UidValidity validity, std::span<const Uid> uids);
  /// The highest UID on record, vanished ones included; 0: none is.
  [[nodiscard]] Uid highest_recorded(std::string_view mailbox, UidValidity validity);
  /// Of `uids` (ascending), those that are on record with a date, the highest ones, in descending order: `most` at
  /// most, among `looked_at` at most from the highest on record downwards.
  [[nodiscard]] std::vector<DatedUid> dated(std::string_view mailbox, UidValidity validity, std::span<const Uid> uids,
                                            std::size_t most, std::size_t looked_at);
  /// Adds one entry, or writes it over that of a mail that had vanished and is there again; false when this UID has any
  /// other outcome already (nothing changes then).
  bool record(const LedgerEntry& entry);
  void advance_cursor(std::string_view mailbox, UidValidity validity, Uid last_uid);
  [[nodiscard]] std::vector<LedgerEntry> pending_actions(std::string_view mailbox, UidValidity validity);
  void mark_actions_done(std::string_view mailbox, UidValidity validity, std::span<const Uid> uids);
  void note_poll(std::string_view mailbox, Time at, std::string_view error, std::optional<Duration> lag);
  void note_missing(std::string_view mailbox, std::span<const Uid> missing);
  void note_comparison(std::string_view mailbox, const MailboxHealth::Comparison& comparison);
  [[nodiscard]] std::vector<MailboxHealth> mailbox_health();
  [[nodiscard]] std::vector<LedgerEntry> ledger(std::string_view mailbox);  ///< empty name: all

  // Leases on mailboxes.
  [[nodiscard]] std::vector<LeaseRecord> leases();  ///< by mailbox
  void write_lease(const LeaseRecord& lease);

  // Quarantine.
  /// Its id.
  std::int64_t quarantine(const ArrivedMail& arrived, std::string_view reason, Time now);
  [[nodiscard]] std::vector<QuarantinedMail> quarantined();  ///< oldest first
  [[nodiscard]] std::optional<QuarantinedMail> quarantined(std::int64_t id);
  /// As it arrived, to be read again.
  [[nodiscard]] std::optional<ArrivedMail> quarantined_mail(std::int64_t id);
  /// Takes it out: its octets go, and the ledger has this outcome for it instead. Call inside a Transaction.
  void settle_quarantined(std::int64_t id, Outcome outcome, std::optional<TicketId> ticket, std::string_view reason);

  // Alarms and timers.
  [[nodiscard]] std::vector<Alarm> alarms();  ///< by name
  void write_alarms(std::span<const Alarm> alarms);
  /// Tickets with which the clock has something to do by `now` (Ticket::check_at), what has been due for longest first;
  /// of these, those that follow `after`.
  [[nodiscard]] std::vector<Ticket> due_tickets(Time now, std::size_t limit, const Ticket* after = nullptr);
  /// When, later than `after`, the clock has something to do: with a ticket, a digest to send, or a downgrade that
  /// is over then. nullopt: nothing waits.
  [[nodiscard]] std::optional<Time> next_check(Time after);
  /// What is due could not be done. It counts until Ticket::check_at changes. Call inside a Transaction.
  void note_stuck(const Ticket& ticket, std::string_view reason);
  /// Tickets with which the clock has something to do at some time, by number, those that follow `after`.
  [[nodiscard]] std::vector<Ticket> scheduled_tickets(TicketId after, std::size_t limit);
  /// Those of them whose latest page lies after `now`: the clock was set back since.
  [[nodiscard]] std::vector<Ticket> tickets_paged_after(Time now);
  void set_check(TicketId ticket, std::optional<Time> check_at);
  /// Entries of digests that are to be told by `now`, with their tickets, oldest first.
  [[nodiscard]] std::vector<DueNews> due_digest(Time now, std::size_t limit);

  // Incidents and the status page.
  /// Its number. Call inside a Transaction, like the next ones.
  IncidentNumber open_incident(const Incident& incident);
  /// False when there is none that is open.
  bool add_incident_update(IncidentNumber number, std::string_view text, Time now);
  bool resolve_incident(IncidentNumber number, Time now);
  [[nodiscard]] std::optional<Incident> incident(IncidentNumber number);
  [[nodiscard]] std::vector<IncidentRow> incidents();  ///< the latest first
  /// One that is resolved while tickets may still wait for it; the oldest, from this number on.
  [[nodiscard]] std::optional<Incident> unsettled_incident(IncidentNumber from = {});
  /// Tickets that wait for it, by number, those that follow `after`.
  [[nodiscard]] std::vector<TicketId> waiting_tickets(IncidentNumber incident, std::size_t limit, TicketId after = {});
  void settle_incident(IncidentNumber number);  ///< no ticket waits for it any more
  /// All that are open, and those resolved since then.
  [[nodiscard]] std::vector<PublicIncident> public_incidents(Time resolved_since);
  [[nodiscard]] StatusPageState status_page_state();
  /// The page shows all changes up to this one, or could not be written: `error` says why then.
  void note_status_page(std::int64_t change, std::string_view error);

  // Outbox.
  /// What is leased, without octets: at the start of the daemon, what a dead process had on its way.
  [[nodiscard]] std::vector<OutboxRow> sending();
  /// Up to `limit` due rows, none less urgent than `least`, the most urgent first, of those the oldest, marked
  /// `sending` (attempts + 1), with their octets; own transaction inside. Of what staff get, that has been due for ten
  /// minutes, a tenth of `limit` counts as what customers get. But for pages, a mail waits for an earlier
  /// one of its ticket to one of the same people that is deferred or uncertain, up to 15 minutes after that was
  /// written.
  [[nodiscard]] std::vector<OutboxRow> lease_outbox(Time now, std::size_t limit, Urgency least = Urgency::news);
  /// Likewise, but mails to admins alone that were written since then.
  [[nodiscard]] std::vector<OutboxRow> lease_alarms(Time now, Time since, std::size_t limit);
  /// Likewise, the calls of webhooks, which no other function gives out.
  [[nodiscard]] std::vector<OutboxRow> lease_webhooks(Time now, std::size_t limit);
  void mark_results(std::span<const SendResult> results, Time now);
  /// When the next mail is due, and the next call of a webhook.
  [[nodiscard]] std::optional<Time> next_outbox_due();
  [[nodiscard]] std::optional<Time> next_webhook_due();
  [[nodiscard]] std::vector<OutboxRow> outbox();  ///< all of it, by id
  /// What is not sent, and the latest of what is; by id.
  [[nodiscard]] std::vector<OutboxRow> latest_outbox(std::size_t most_sent);
  /// One of them; nullopt when there is none, or it was dropped.
  [[nodiscard]] std::optional<OutboxRow> outgoing(std::int64_t id);
  /// After the clock was set back: what was never tried is due now, no mail waits beyond `latest`, nor since later than
  /// now, and no line of a digest beyond `opening`.
  void bring_forward(Time now, Time latest, Time opening);
  /// Addresses that get no mail, because it came back; all of them in their order, or one.
  [[nodiscard]] std::vector<Undeliverable> undeliverable();
  [[nodiscard]] std::optional<Undeliverable> undeliverable(std::string_view address);
  /// Mails that wait since before that time, and not for want of a server: its answers about them ask to try again.
  [[nodiscard]] std::uint64_t put_off_mails(Time before);
  /// Automatic answers that the limit of all of them together kept back, in spans of ten seconds from then to now.
  [[nodiscard]] std::uint64_t withheld_answers(Time since, Time now);
  /// What nobody counts any more goes, a bounded piece of it at each call: what of before is on record for limits.
  void forget_activity(Time before);
  /// False when there is no such row in a state that allows it (retry: deferred, failed, uncertain, or sent to some of
  /// its recipients only: the others get it; drop: not sent, not sending).
  bool retry_outbox(std::int64_t id, Time now);
  bool drop_outbox(std::int64_t id);

  // Reading.
  [[nodiscard]] std::optional<TicketRow> ticket(TicketId number);
  [[nodiscard]] std::vector<TicketRow> list(const TicketFilter& filter);  ///< most pressing first
  /// Attachment::id is the store's here, unique over all mails: `attachment` takes it.
  [[nodiscard]] std::vector<Message> messages(TicketId number);
  [[nodiscard]] std::vector<Event> events(TicketId number);
  /// Of what is in the search index, see `index_messages`.
  [[nodiscard]] std::vector<TicketRow> search(std::string_view words, std::uint32_t limit);
  [[nodiscard]] std::optional<std::string> raw(TicketId number, std::int64_t message_id);
  [[nodiscard]] std::optional<StoredAttachment> attachment(TicketId number, std::int64_t id);
  [[nodiscard]] std::optional<RemovedOriginal> removed_original(std::int64_t message_id);
  /// By number, those that follow `after` and were reported since then.
  [[nodiscard]] std::vector<TicketId> tickets_after(TicketId after, Time reported_since, std::size_t limit);
  [[nodiscard]] std::vector<BlockedSender> blocked_senders();  ///< by address
  /// Those reported since then that somebody waits, or waited, for.
  [[nodiscard]] std::vector<ReportedTicket> reported_tickets(Time since);
  /// Of the clocks started since then.
  [[nodiscard]] std::vector<AnswerTarget> answer_targets(Time since);
  /// All but the two last, which depend on the configuration.
  [[nodiscard]] DeskCounts counts(Time now);
  [[nodiscard]] OperatingCounts operating_counts(Time now);  ///< store/operating_counts.h

  // OAuth 2.
  /// The latest one of that chain, by whatever name; nullopt: it is still the one that the chain began with.
  [[nodiscard]] std::optional<std::string> refresh_token(std::string_view credential, std::string_view origin);
  void save_refresh_token(const RefreshToken& token, Time now);
  /// Why no access token could be had; an empty error: one was.
  void note_token_failure(std::string_view login, std::string_view error, Time now);
  [[nodiscard]] std::vector<TokenFailure> token_failures();

  /// Puts messages that the search index lacks into it, the oldest first: `most` of them, or as many as have about so
  /// many octets, but one at least. Not in a transaction of the caller's. True when there are more. Does not wait while
  /// another process writes: StoreBusy.
  bool index_messages(std::size_t most, std::size_t octets = 1'000'000);
  void empty_search_index();  ///< one that is damaged; likewise
  /// Message-IDs of new mails stand in a small index of their own. When there are `enough` of them, or were before and
  /// more than a piece is left, a piece moves to the large one. True when there is more to move. Likewise.
  bool merge_mail_keys(std::size_t enough, std::size_t piece);
  bool filter_mail_keys(std::size_t most);  ///< makes what the large index lacks of filters, so many at once; likewise
  /// Removes the octets of `most` mails from before then, the oldest first; none in quarantine. True: more. Likewise.
  bool drop_originals(Time before, std::size_t most, Time now);
  /// For idle moments, outside transactions: copies the WAL back as far as readers allow, gives cache memory back.
  void tidy();

  struct Impl;  ///< store/impl.h: for the store's own files

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketd
