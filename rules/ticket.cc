#include "rules/ticket.h"

#include <fmt/format.h>

#include "rules/names.h"

namespace ticketd {
namespace {

constexpr auto kStatuses = name_table<TicketStatus>({{TicketStatus::new_, "new"},
                                                     {TicketStatus::open, "open"},
                                                     {TicketStatus::resolved, "resolved"},
                                                     {TicketStatus::closed, "closed"}});
constexpr auto kLabelClaims = name_table<LabelClaim>({{LabelClaim::none, "none"},
                                                      {LabelClaim::counts, "counts"},
                                                      {LabelClaim::unproven, "unproven"},
                                                      {LabelClaim::settled, "settled"}});
constexpr auto kDirections =
    name_table<Direction>({{Direction::in, "in"}, {Direction::out, "out"}, {Direction::note, "note"}});
constexpr auto kOutcomes = name_table<Outcome>({{Outcome::new_ticket, "new_ticket"},
                                                {Outcome::follow_up, "follow_up"},
                                                {Outcome::staff, "staff"},
                                                {Outcome::duplicate, "duplicate"},
                                                {Outcome::ignored, "ignored"},
                                                {Outcome::quarantined, "quarantined"},
                                                {Outcome::oversize, "oversize"},
                                                {Outcome::vanished, "vanished"}});
constexpr auto kOutboxKinds = name_table<OutboxKind>({{OutboxKind::acknowledgement, "acknowledgement"},
                                                      {OutboxKind::answer, "answer"},
                                                      {OutboxKind::reply, "reply"},
                                                      {OutboxKind::update, "update"},
                                                      {OutboxKind::resolution, "resolution"},
                                                      {OutboxKind::closed, "closed"},
                                                      {OutboxKind::notification, "notification"},
                                                      {OutboxKind::page, "page"},
                                                      {OutboxKind::warning, "warning"},
                                                      {OutboxKind::breach, "breach"},
                                                      {OutboxKind::digest, "digest"},
                                                      {OutboxKind::incident, "incident"},
                                                      {OutboxKind::admin, "admin"},
                                                      {OutboxKind::webhook, "webhook"}});
constexpr auto kOutboxStates = name_table<OutboxState>({{OutboxState::queued, "queued"},
                                                        {OutboxState::sending, "sending"},
                                                        {OutboxState::sent, "sent"},
                                                        {OutboxState::deferred, "deferred"},
                                                        {OutboxState::failed, "failed"},
                                                        {OutboxState::uncertain, "uncertain"}});

}  // namespace

std::string shown_number(TicketId number) { return fmt::format("#{}", static_cast<std::int64_t>(number)); }

std::string_view name_of(TicketStatus value) { return kStatuses.name(value); }
std::string_view name_of(LabelClaim value) { return kLabelClaims.name(value); }
std::string_view name_of(Direction value) { return kDirections.name(value); }
std::string_view name_of(Outcome value) { return kOutcomes.name(value); }
std::string_view name_of(OutboxKind value) { return kOutboxKinds.name(value); }
std::string_view name_of(OutboxState value) { return kOutboxStates.name(value); }

std::optional<TicketStatus> status_from_name(std::string_view name) { return kStatuses.value(name); }
std::optional<LabelClaim> label_claim_from_name(std::string_view name) { return kLabelClaims.value(name); }
std::optional<Direction> direction_from_name(std::string_view name) { return kDirections.value(name); }
std::optional<Outcome> outcome_from_name(std::string_view name) { return kOutcomes.value(name); }
std::optional<OutboxKind> outbox_kind_from_name(std::string_view name) { return kOutboxKinds.value(name); }
std::optional<OutboxState> outbox_state_from_name(std::string_view name) { return kOutboxStates.value(name); }

bool is_automatic_answer(OutboxKind kind) {
  return kind == OutboxKind::acknowledgement || kind == OutboxKind::answer || kind == OutboxKind::incident;
}

bool is_at_work(const Ticket& ticket) {
  return ticket.status == TicketStatus::new_ || ticket.status == TicketStatus::open;
}

bool owes_response(const Ticket& ticket) {
  return ticket.response_due_at && !ticket.responded_at && ticket.status != TicketStatus::closed;
}

bool waits_in_silence(const Ticket& ticket) { return ticket.waits_for_incident && !ticket.customer_spoke; }

bool is_breached(const Ticket& ticket, Time now) {
  const Time answered = ticket.responded_at.value_or(ticket.closed_at.value_or(now));
  return ticket.response_due_at && *ticket.response_due_at < answered;
}

}  // namespace ticketd
