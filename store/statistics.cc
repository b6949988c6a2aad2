#include "store/impl.h"

namespace ticketd {
namespace {

Priority read_category(Rows& rows) { return static_cast<Priority>(rows.integer()); }

void read_targets(Rows rows, bool is_owed, std::vector<AnswerTarget>& targets) {
  while (rows.next()) {
    auto& target = targets.emplace_back();
    target.priority = read_category(rows);
    target.organization = rows.text();
    target.clock_from = rows.time();
    target.due_at = rows.time();
    target.responded_at = rows.optional_time();
    target.is_owed = is_owed;
  }
}

}  // namespace

std::vector<ReportedTicket> Store::reported_tickets(Time since) {
  std::vector<ReportedTicket> tickets;
  auto rows = impl_->query(sql::reported_tickets, since);
  while (rows.next()) {
    auto& ticket = tickets.emplace_back();
    ticket.priority = read_category(rows);
    ticket.organization = rows.text();
    ticket.reported_at = rows.time();
  }
  return tickets;
}

std::vector<AnswerTarget> Store::answer_targets(Time since) {
  std::vector<AnswerTarget> targets;
  read_targets(impl_->query(sql::past_targets, since), false, targets);
  read_targets(impl_->query(sql::owed_targets, since), true, targets);
  return targets;
}

}  // namespace ticketd
