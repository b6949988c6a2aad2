// Who of the staff hears of what: the table of service-rules §5.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/week/model.h"

namespace ticketd::week {
namespace {

template <class... Names>
bool is_any(const std::string& word, Names... names) {
  return ((word == names) || ...);
}

/// On a ticket that there is: whoever has it hears of it.
bool is_for_owner(const std::string& event) { return is_any(event, "customer_wrote", "stranger_wrote", "released"); }

}  // namespace

void Model::Audience::add(const Person* person, bool is_paged) {
  for (auto& known : people)
    if (known.first == person) {
      known.second = known.second || is_paged;
      return;
    }
  people.emplace_back(person, is_paged);
}

void Model::add_role(Audience& heard, const std::string& role, bool pages) const {
  for (const auto& person : world_.staff)
    if (person.role == role) heard.add(&person, pages);
}

/// Directors are paged only while they are available.
void Model::add_leader(Audience& heard, const std::string& role, bool pages) const {
  for (const auto& person : world_.staff)
    if (person.role == role) heard.add(&person, pages && clock_.is_available(person, now_));
}

/// Engineers available then; if nobody is, all of them.
void Model::add_on_call(Audience& heard, bool pages, Time at) const {
  bool found = false;
  for (const auto& person : world_.staff)
    if (person.role == "engineer" && clock_.is_available(person, at)) {
      heard.add(&person, pages);
      found = true;
    }
  if (!found) add_role(heard, "engineer", pages);
}

/// Duty staff; with all of them on leave, engineers too.
void Model::add_duty(Audience& heard, Time at) const {
  bool is_there = false;
  for (const auto& person : world_.staff)
    if (person.role == "duty") {
      heard.add(&person, false);
      is_there = is_there || !clock_.is_away(person, at);
    }
  if (!is_there) add_on_call(heard, false, at);
}

/// The row "new ticket, or raised to this category".
void Model::add_queue(Audience& heard, Priority row, bool pages, Time at, bool office_open) const {
  if (row == Priority::normal) return add_duty(heard, at);
  if (row == Priority::high && office_open)
    add_duty(heard, at);
  else
    add_on_call(heard, pages, at);
  add_leader(heard, "director", pages && row == Priority::urgent);
  if (row == Priority::urgent) add_leader(heard, "managing-director", pages);
}

Model::Audience Model::audience(const Case& c, const Told& told) const {
  const auto& event = told.event;
  const bool open = clock_.office_is_open(now_);
  const bool is_queued = is_any(event, "opened", "raised", "reopened") || is_for_owner(event);
  const auto row = is_queued && told.pages_nobody ? Priority::normal : c.priority;
  const bool is_just_mail = is_any(event, "mail_bounced", "estimate_passed", "category_kept") ||
                            (event == "assigned" && c.priority != Priority::urgent);
  const bool calls =
      !is_just_mail && (c.priority == Priority::urgent ||
                        (c.priority == Priority::high && (!open || is_any(event, "target_close", "breached"))) ||
                        (c.priority == Priority::normal && !open && event == "raise_refused"));
  const bool pages = calls && !told.pages_nobody;
  const Person* owner = world_.person(c.assignee);
  const bool is_reachable =
      owner != nullptr && (calls ? clock_.is_available(*owner, now_) : !clock_.is_away(*owner, now_));

  Audience heard;
  if (!open && row == Priority::normal && is_queued && !(is_for_owner(event) && is_reachable))
    heard.digest_at = clock_.next_opening(now_);
  const Time at = heard.digest_at.value_or(now_);
  if (owner != nullptr && !(event == "breached" && row == Priority::normal)) heard.add(owner, pages && is_reachable);
  if (is_any(event, "opened", "raised", "reopened") || (is_for_owner(event) && !is_reachable)) {
    add_queue(heard, row, pages, at, open);
  } else if (event == "target_close" && !is_reachable) {
    row == Priority::normal ? add_duty(heard, at) : add_on_call(heard, pages, at);
  } else if (event == "raise_refused" && !is_reachable) {
    row == Priority::normal&& open ? add_duty(heard, at) : add_on_call(heard, pages, at);
  } else if (is_any(event, "mail_bounced", "estimate_passed", "category_kept") && !is_reachable) {
    add_duty(heard, at);
  } else if (event == "breached" && row == Priority::normal) {
    add_duty(heard, at);
  } else if (event == "breached") {
    add_on_call(heard, pages, at);
    add_leader(heard, "director", pages);
    if (row == Priority::urgent) add_leader(heard, "managing-director", pages);
  } else if (event == "page_unanswered") {
    told.repetition <= 3 ? add_on_call(heard, pages, at) : add_role(heard, "engineer", pages);
    add_leader(heard, "director", pages);
    add_leader(heard, "managing-director", pages);
  }
  return heard;
}

void Model::tell(Case& c, const Told& told) {
  auto full = told;
  full.pages_nobody = told.pages_nobody || c.is_silent();
  const auto heard = audience(c, full);
  bool is_paged = false;
  for (const auto& [person, paged] : heard.people) {
    is_paged = is_paged || paged;
    if (heard.digest_at) {
      digest_.push_back({*heard.digest_at, person, c.number, told.event, now_});
      continue;
    }
    const auto quiet = told.event == "target_close" ? "warning" : told.event == "breached" ? "breach" : "notification";
    send(paged ? "page" : quiet, told.event, c.number, {person->email});
    if (paged && !person->pager.empty()) send("page", told.event, c.number, {person->pager});
  }
  const bool calls_to_take = is_any(told.event, "opened", "raised", "reopened", "released", "page_unanswered");
  if (is_paged && c.priority == Priority::urgent && (calls_to_take || (c.spoke && !c.paged))) c.paged = now_;
}

/// Nobody is told any more what somebody has seen to since.
bool Model::is_settled(const Line& line) const {
  const auto& c = ticket(line.ticket);
  if (c.status == TicketStatus::closed) return *c.closed >= line.since;
  if (line.event == "opened") return (c.priority == Priority::urgent ? c.taken : !c.assignee.empty()) || c.is_silent();
  if (line.event == "released") return c.waits || c.status == TicketStatus::resolved;
  return false;
}

/// One mail for each, listing all that waited for the opening. Whoever is on leave then is replaced by those who would
/// hear of it now.
void Model::send_digests() {
  std::map<std::string, std::set<int>> mails;
  for (const auto& line : digest_) {
    if (line.at > now_ || is_settled(line)) continue;
    const auto& c = ticket(line.ticket);
    if (!clock_.is_away(*line.to, now_)) {
      mails[line.to->email].insert(line.ticket);
      continue;
    }
    for (const auto& [person, paged] : audience(c, {line.event, 1, c.is_silent()}).people)
      if (!clock_.is_away(*person, now_)) mails[person->email].insert(line.ticket);
  }
  std::erase_if(digest_, [&](const Line& line) { return line.at <= now_; });
  for (const auto& [to, tickets] : mails)
    expected_.mails.push_back(fmt::format("digest - #{} {}", fmt::join(tickets, ","), to));
}

void Model::tell_standing(const std::string& event) {
  Audience heard;
  add_duty(heard, now_);
  add_role(heard, "director", false);
  for (const auto& [person, paged] : heard.people) send("notification", event, 0, {person->email});
}

}  // namespace ticketd::week
