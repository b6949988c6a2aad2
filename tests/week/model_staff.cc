// What staff do (service-rules §4, §6, §7).
#include <algorithm>

#include "tests/week/model.h"

namespace ticketd::week {

/// A refusal leaves everything as it was: also what stands before it in the same mail.
bool Model::can(const Deed& deed, const Case& c) const {
  const auto& orders = deed.orders;
  const bool is_closed = c.status == TicketStatus::closed;
  if (orders.is_unknown) return false;
  if ((orders.take || !orders.assign.empty()) && is_closed) return false;
  if (orders.priority) {
    if (is_closed || *orders.priority == c.priority) return false;
    if (c.status == TicketStatus::resolved && *orders.priority > c.priority) return false;
  }
  if ((orders.estimate || orders.resolve) && c.is_done()) return false;
  if (orders.close && is_closed) return false;
  if (orders.reopen && !c.is_done()) return false;
  if (orders.incident && *orders.incident == 0) return c.incident != 0;
  if (orders.incident) {
    const bool is_open = std::ranges::any_of(incidents_, [&](const auto& i) { return i.number == *orders.incident; });
    return is_open && c.is_at_work() && !(c.waits && c.incident == *orders.incident);
  }
  return true;
}

void Model::staff(const Deed& deed) {
  auto& c = at(deed.ticket);
  const auto& orders = deed.orders;
  const bool is_mail = deed.kind == Deed::Kind::staff_mail;
  expected_.outcome = is_mail ? "staff" : "";
  expected_.ticket = c.number;
  expected_.touched.insert(c.number);
  if (!can(deed, c)) {
    if (is_mail) {
      note(c, "staff_mail_refused");
      send("answer", "-", c.number, {world_.person(deed.staff)->email});
    } else {
      expected_.outcome = "refused";
    }
    return;
  }
  if (orders.take) hand_over(c, deed.staff, deed.staff, "ticket_taken");
  if (!orders.assign.empty()) hand_over(c, orders.assign, deed.staff, "ticket_assigned");
  if (orders.priority) prioritize(c, *orders.priority, orders.spares);
  if (orders.estimate) {
    c.estimate = now_ + *orders.estimate;
    c.estimate_told = false;
    note(c, "estimate_given");
    respond(c);
    write(c, "update");
  }
  if (orders.incident && *orders.incident != 0) link(c, *orders.incident);
  if (orders.incident && *orders.incident == 0) unlink(c, deed.staff);
  if (orders.resolve) {
    respond(c);
    write(c, "resolution");
    resolve(c);
  } else if (!orders.text.empty() && !orders.note) {
    respond(c);
    write(c, "reply");
  }
  if (orders.close) {
    c.status = TicketStatus::closed;
    c.closed = now_;
    note(c, "ticket_closed");
  }
  if (orders.reopen) {
    reopen(c, now_);
    tell(c, {"reopened"});
  }
  const bool works = orders.priority || orders.estimate || orders.incident || orders.resolve || orders.close ||
                     orders.reopen || (!orders.note && !orders.text.empty());
  if (works && c.assignee == deed.staff) c.taken = true;
}

/// The requester, and the other participants as copies.
void Model::write(Case& c, const std::string& kind) { send(kind, "-", c.number, c.participants); }

/// The first word of a person to the customer. What does not reach him is none.
void Model::respond(Case& c) {
  if (barred_.contains(c.requester)) return;
  c.spoke = false;
  if (c.answered) return;
  c.answered = now_;
  if (c.status == TicketStatus::new_) c.status = TicketStatus::open;
}

void Model::hand_over(Case& c, const std::string& to, const std::string& by, const char* kind) {
  const auto before = c.assignee;
  if (before != to || (to == by && !c.taken) || c.status == TicketStatus::new_) note(c, kind);
  c.assignee = to;
  c.taken = to == by || (before == to && c.taken);
  if (c.status == TicketStatus::new_) c.status = TicketStatus::open;
  if (to != by && before != to) {
    if (c.priority == Priority::urgent && !c.is_silent()) {  // he has as long as anybody
      c.paged = now_;
      c.repeats = 0;
    }
    tell(c, {"assigned", 0, c.answered.has_value()});
  }
}

/// Lowering what the customer had claimed is a strike against his organization.
void Model::prioritize(Case& c, Priority wanted, bool spares) {
  const auto before = c.priority;
  note(c, "category_changed");
  change_priority(c, wanted, now_);
  if (wanted > before) return tell(c, {"raised"});
  const bool is_less_than_claimed = c.claimed && *c.claimed <= before && wanted < *c.claimed;
  if (!is_less_than_claimed || c.claim == Case::Claim::none) return;
  const bool counts = c.claim == Case::Claim::counts;
  c.claim = Case::Claim::settled;
  if (counts && !spares)
    strike(c);
  else
    note(c, "strike_spared");
}

void Model::strike(Case& c) {
  note(c, "strike_counted");
  strikes_.push_back({c.organization, now_});
  const auto count = std::ranges::count_if(
      strikes_, [&](const Strike& each) { return each.organization == c.organization && !each.settled; });
  if (count < 3) return;
  const auto until = now_ + world_.downgrade;
  downgrade(c.organization, std::max(until, downgraded_until(c.organization).value_or(until)));
  note(c, "organization_downgraded");
}

/// Its open tickets become Normal, but for an Urgent that somebody has, who is told.
void Model::downgrade(const std::string& organization, Time until) {
  downgraded_[organization] = until;
  for (auto& each : strikes_)
    if (each.organization == organization) each.settled = true;
  tell_standing("standing_lost");
  for (auto& c : cases_) {
    if (c.organization != organization || !c.is_at_work() || c.priority == Priority::normal) continue;
    if (c.priority == Priority::urgent && c.taken) {
      note(c, "category_kept");
      tell(c, {"category_kept"});
    } else {
      note(c, "category_changed");
      lower_to_normal(c);
    }
  }
}

void Model::lower_to_normal(Case& c) {
  change_priority(c, Priority::normal, now_);
  if (c.claim == Case::Claim::counts) c.claim = Case::Claim::settled;
}

void Model::link(Case& c, int incident) {
  note(c, "incident_linked");
  c.incident = incident;
  c.waits = true;
  c.spoke = false;
  c.paged.reset();
  c.repeats = 0;
  const bool is_owed = c.owes();
  if (is_owed && *c.due >= now_) {  // what is overdue stays so
    c.suspended = true;
    c.due.reset();
    c.warn.reset();
  }
  if (is_owed && !world_.is_gateway(c.requester)) send("incident", "-", c.number, {c.requester});
}

void Model::unlink(Case& c, const std::string& by) {
  const bool was_waiting = c.waits, was_suspended = c.suspended;
  stop_waiting(c);
  c.incident = 0;
  note(c, "incident_unlinked");
  if (was_suspended && c.owes() && !world_.is_gateway(c.requester)) send("incident", "-", c.number, {c.requester});
  if (was_waiting && c.owes() && c.is_at_work() && c.assignee != by) tell(c, {"released"});
}

/// Its response clock starts anew.
void Model::stop_waiting(Case& c) {
  if (!c.waits) return;
  const bool is_owed = c.suspended && !c.answered;
  c.waits = c.suspended = c.spoke = false;
  c.paged.reset();
  c.repeats = 0;
  if (!is_owed || !c.is_at_work()) return;
  c.clock_from = now_;
  c.answered_as_normal.reset();
  c.answered_as_high.reset();
  set_target(c, now_);
}

void Model::resolve_incident(int incident) {
  std::erase_if(incidents_, [&](const OpenIncident& each) { return each.number == incident; });
  for (auto& c : cases_)
    if (c.waits && c.incident == incident) settle(c);
}

/// Every dependent ticket is resolved with a mail; but where the customer has written since, as the acknowledgement
/// asks him to when it is about something else, or where he can't be told, a person has to look.
void Model::settle(Case& c) {
  expected_.touched.insert(c.number);
  if (!c.is_at_work()) return stop_waiting(c);
  if (c.spoke || is_barred(c.requester) || world_.is_gateway(c.requester)) {
    stop_waiting(c);
    note(c, "incident_over");
    return tell(c, {"released"});
  }
  send("incident", "-", c.number, {c.requester});
  if (!c.answered) c.answered = now_;
  stop_waiting(c);
  resolve(c);
}

std::map<std::string, Model::StrikeCount> Model::strikes() const {
  std::map<std::string, StrikeCount> counts;
  for (const auto& each : strikes_)
    ++(each.settled ? counts[each.organization].settled : counts[each.organization].counting);
  return counts;
}

}  // namespace ticketd::week
