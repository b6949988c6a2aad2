// Major incidents and the status page: the part of Desk that deals with them.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <limits>

#include "daemon/desk/desk.h"
#include "daemon/desk/public_files.h"
#include "parsers/printable.h"
#include "rules/acknowledgement.h"
#include "rules/status_page.h"

namespace ticketd {
namespace {

constexpr Duration kPageRetry = std::chrono::minutes{1};

std::string quoted_title(const Incident& incident) { return fmt::format("\"{}\"", printable_line(incident.title)); }

}  // namespace

Desk::IncidentResult Desk::open_incident(const OpenIncident& order, const Actor& actor) {
  const Time now = now_();
  auto decided = decide_open_incident(order, store_.organizations(), rules_->ruleset, now);
  if (auto* refusal = std::get_if<Refusal>(&decided)) return std::move(*refusal);
  const auto& incident = std::get<Incident>(decided);
  Store::Transaction transaction(store_);
  const auto number = store_.open_incident(incident);
  store_.apply(incident_event(actor, "incident_opened",
                              fmt::format("Declared {}: {}.", shown_incident(number), quoted_title(incident)), now),
               {}, nullptr, now);
  transaction.commit();
  return number;
}

Desk::IncidentResult Desk::update_incident(IncidentNumber number, const std::string& text, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto incident = store_.incident(number);
  if (auto refusal = incident_obstacle(number, incident)) return std::move(*refusal);
  const Time now = now_();
  store_.add_incident_update(number, text, now);
  store_.apply(
      incident_event(actor, "incident_updated",
                     fmt::format("Said more of {}, {}.", shown_incident(number), quoted_title(*incident)), now),
      {}, nullptr, now);
  transaction.commit();
  return number;
}

Desk::IncidentResult Desk::resolve_incident(IncidentNumber number, const std::string& text, const Actor& actor) {
  Store::Transaction transaction(store_);
  const auto incident = store_.incident(number);
  if (auto refusal = incident_obstacle(number, incident)) return std::move(*refusal);
  const Time now = now_();
  // Also where it says nothing: what was said last is not what its tickets are resolved with.
  store_.add_incident_update(number, text.empty() ? std::string("The incident is resolved.") : text, now);
  store_.resolve_incident(number, now);
  store_.apply(incident_event(actor, "incident_resolved",
                              fmt::format("Resolved {}, {}; the tickets that wait for it follow.",
                                          shown_incident(number), quoted_title(*incident)),
                              now),
               {}, nullptr, now);
  transaction.commit();
  return number;
}

/// Why it can't be done, then nothing is changed; nullopt: it is done.
std::optional<std::string> Desk::try_settling(const CommandContext& context, const Incident& incident,
                                              std::string_view hindrance, Settled& settled) {
  const Time now = now_();
  Store::Savepoint savepoint(store_);
  try {
    const auto decision =
        decide_incident_over(context, incident, hindrance, rules_->ruleset, rules_->templates, now, tokens_);
    store_.apply(decision, {}, nullptr, now);
    savepoint.release();
    settled.writes_mail = settled.writes_mail || !decision.outgoing.empty();
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

/// A ticket that can't be resolved with its incident waits no more either: a person has to look at it. One that can't
/// be written at all holds up no other.
void Desk::settle_ticket(TicketId number, const Incident& incident, Settled& settled) {
  const Time now = now_();
  const auto& ruleset = rules_->ruleset;
  auto context = store_.load_command_context(number, {}, {}, {now - ruleset.page_limit.window, now});
  context.answers = store_.answer_counts(*context.ticket, answer_windows(ruleset, now));
  if (!try_settling(context, incident, {}, settled)) return;
  const auto why = try_settling(context, incident, "An error of the program hindered that.", settled);
  if (!why) return;
  store_.note_stuck(*context.ticket, *why);
  settled.stuck.push_back(number);
}

Desk::Settled Desk::settle_incidents() {
  constexpr std::size_t kBatch = 100;
  Settled settled;
  if (!store_.unsettled_incident()) return settled;  // nothing is locked while there is nothing to do
  Store::Transaction transaction(store_);
  SettlingPlace next{IncidentNumber{std::numeric_limits<std::int64_t>::max()}, {}};
  if (const auto incident = store_.unsettled_incident(settling_.incident)) {
    const auto number = incident->number;
    const auto waiting =
        store_.waiting_tickets(number, kBatch, number == settling_.incident ? settling_.after : TicketId{});
    for (const auto ticket : waiting) settle_ticket(ticket, *incident, settled);
    if (waiting.size() == kBatch)
      next = {number, waiting.back()};
    else
      next = {IncidentNumber{static_cast<std::int64_t>(number) + 1}, {}};
    if (store_.waiting_tickets(number, 1).empty()) store_.settle_incident(number);
  }
  settled.is_through = !store_.unsettled_incident(next.incident);
  settled.waits_on = settled.is_through && store_.unsettled_incident().has_value();
  if (settled.is_through) next = {};
  transaction.commit();
  settling_ = next;
  return settled;
}

std::string Desk::write_status_page() {
  const auto& directory = rules_->status_page_directory;
  page_due_at_ = Time::max();
  if (directory.empty()) return {};
  std::int64_t change = 0;
  const auto write = [&](const PublicFolder& folder) {
    // Read under the folder's lock: whoever writes last has read last.
    const Time now = now_();
    change = store_.status_page_state().changes;
    const auto incidents = store_.public_incidents(now - kStatusPageHistory);
    folder.write(kStatusDocumentFile, status_document(incidents, rules_->ruleset, now));
    folder.write(kStatusPageFile, status_page(incidents, rules_->ruleset, now));
    for (const auto& incident : incidents)
      if (incident.resolved_at)
        page_due_at_ = std::min(page_due_at_, *incident.resolved_at + kStatusPageHistory + std::chrono::seconds{1});
  };
  std::string error;
  try {
    write(PublicFolder(directory, rules_->status_page_lock));
  } catch (const PublicFolder::Failure& failure) {
    error = failure.what();
    page_due_at_ = now_() + kPageRetry;
    return error;
  }
  store_.note_status_page(change, {});
  return error;
}

/// Somebody has deleted it, or a part of it.
bool Desk::lacks_status_page() const {
  const auto& directory = rules_->status_page_directory;
  std::error_code ignored;
  return !std::filesystem::exists(directory / kStatusPageFile, ignored) ||
         !std::filesystem::exists(directory / kStatusDocumentFile, ignored);
}

/// Part of the timers. That it could not be written is noted, for somebody to see to it.
void Desk::keep_status_page(TimerRun& run) {
  if (rules_->status_page_directory.empty()) return;
  const auto state = store_.status_page_state();
  const bool is_wanting = (state.changes != state.written || lacks_status_page()) && state.error.empty();
  if (is_wanting || page_due_at_ <= now_())
    if (const auto error = write_status_page(); !error.empty()) store_.note_status_page(0, error);
  if (page_due_at_ != Time::max()) run.next = std::min(run.next.value_or(Time::max()), page_due_at_);
}

}  // namespace ticketd
