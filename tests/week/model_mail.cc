// What customers, strangers and mail servers bring (service-rules §1–4, §6, §7, §9).
#include <algorithm>

#include <fmt/format.h>

#include "tests/week/model.h"

namespace ticketd::week {
namespace {

/// INTERNALDATE; one in the future is clamped to the arrival here.
Time reported_at(const Deed& deed) { return std::min(deed.at - deed.lag, deed.at); }

/// Without what shows that it is an answer.
std::string bare(const std::string& subject) {
  return subject.starts_with("Re: [SUP-") ? subject.substr(subject.find("] ") + 2) : subject;
}

bool contains(const std::string& text, const std::string& word) {
  return !word.empty() && text.find(word) != std::string::npos;
}

}  // namespace

void Model::note(Case& c, const std::string& kind) {
  c.log.push_back(fmt::format("{} {}", clock_.shown(now_), kind));
  expected_.touched.insert(c.number);
}

/// Nothing goes to an address from which mail came back.
void Model::send(const std::string& kind, const std::string& event, int ticket, std::vector<std::string> recipients) {
  std::erase_if(recipients, [&](const auto& address) { return barred_.contains(address); });
  std::ranges::sort(recipients);
  if (recipients.empty()) return;
  if (ticket != 0 && std::ranges::find(recipients, at(ticket).requester) != recipients.end())
    at(ticket).wrote_again = false;
  expected_.mails.push_back(fmt::format("{} {} #{} {}", kind, event, ticket, fmt::join(recipients, ",")));
}

std::optional<Time> Model::downgraded_until(const std::string& organization) const {
  const auto found = downgraded_.find(organization);
  return found == downgraded_.end() ? std::nullopt : std::optional(found->second);
}

bool Model::is_downgraded(const std::string& organization) const {
  const auto until = downgraded_until(organization);
  return until && *until > now_;
}

/// Anything but the portal, and any request of a downgraded organization, is Normal whatever it says.
Case& Model::add_case(const std::string& from, Channel channel, std::optional<Priority> label, Time reported) {
  Case c;
  c.number = static_cast<int>(cases_.size()) + 1;
  c.requester = from;
  c.organization = world_.organization(from);
  c.channel = channel;
  c.requested = c.opening_label = label;
  c.labelled = label.has_value();
  if (label) c.carried.insert(*label);
  if (label && channel == Channel::portal && !is_downgraded(c.organization)) c.priority = *label;
  c.participants = {from};
  c.reported = c.clock_from = reported;
  cases_.push_back(c);
  return cases_.back();
}

void Model::open(const Deed& deed, int follows) {
  auto channel = deed.box;
  if (deed.from == world_.voice)
    channel = Channel::phone;
  else if (deed.from.ends_with("@" + world_.sms_domain))
    channel = Channel::sms;
  auto& c = add_case(deed.from, channel, deed.label, reported_at(deed));
  c.subject = bare(deed.subject);
  if (c.priority > Priority::normal) {
    c.claimed = c.priority;
    c.claim = Case::Claim::counts;
  }
  for (const auto& copied : deed.cc)
    if (world_.person(copied) == nullptr) c.participants.push_back(copied);
  const bool is_answerable = !world_.is_gateway(deed.from);
  if (is_answerable)
    for (const auto& incident : incidents_)
      if (contains(deed.subject + deed.text, incident.word) || incident.organization == c.organization)
        c.incident = incident.number;
  c.waits = c.incident != 0;
  set_target(c, c.reported);
  note(c, "ticket_opened");
  if (follows != 0) {
    c.opening_label = ticket(follows).opening_label;  // it stands in the subject, and asks for nothing again
    c.carried.insert(ticket(follows).carried.begin(), ticket(follows).carried.end());
    note(c, "ticket_linked");
    note(at(follows), "ticket_linked");
  }
  if (is_answerable) send("acknowledgement", "-", c.number, {c.requester});
  if (c.waits)
    note(c, "incident_linked");
  else
    tell(c, {"opened"});
  expected_.outcome = "new_ticket";
  expected_.ticket = c.number;
}

/// Somebody called, and staff write it down.
void Model::call(const Deed& deed) {
  auto& c = add_case(deed.from, deed.box, deed.label, now_);
  c.subject = deed.subject;
  for (const auto& incident : incidents_)
    if (contains(deed.subject + deed.text, incident.word) || incident.organization == c.organization)
      c.incident = incident.number;
  c.waits = c.incident != 0;
  set_target(c, now_);
  note(c, "ticket_opened");
  send("acknowledgement", "-", c.number, {c.requester});
  if (c.waits)
    note(c, "incident_linked");
  else
    tell(c, {"opened"});
  expected_.ticket = c.number;
}

/// It is open again, and a new response clock runs.
void Model::reopen(Case& c, Time from) {
  if (is_downgraded(c.organization) && c.priority > Priority::normal) {
    note(c, "category_changed");
    lower_to_normal(c);
  }
  c.status = TicketStatus::open;
  c.resolved.reset();
  c.closes.reset();
  c.closed.reset();
  c.answered.reset();
  c.answered_as_normal.reset();
  c.answered_as_high.reset();
  c.estimate.reset();
  c.estimate_told = false;
  c.paged.reset();
  c.repeats = 0;
  c.taken = false;
  c.clock_from = from;
  set_target(c, from);
  note(c, "ticket_reopened");
}

/// He is told why, and staff hear how to grant it.
void Model::refuse(const Deed& deed, Case& c, std::vector<Told>& news) {
  note(c, "raise_refused");
  send("answer", "-", c.number, {deed.from});
  news.push_back({"raise_refused"});
}

/// `before`: what the customer saw when he wrote. Only who proves that he has seen a mail of the ticket may relabel,
/// and of these only the requester and his organization.
void Model::relabel(const Deed& deed, Time reported, const Case& before, Case& c, std::vector<Told>& news) {
  const auto wanted = *deed.label;
  c.carried.insert(wanted);
  const bool is_own = world_.organization(deed.from) == c.organization;
  if (deed.via == Deed::Via::tag || !is_own) {
    if (wanted > c.priority) return refuse(deed, c, news);
    return note(c, "label_ignored");
  }
  c.requested = wanted;
  const bool is_ruled_out =
      wanted > Priority::normal && (c.channel != Channel::portal || is_downgraded(c.organization));
  const bool is_too_early = before.labelled && wanted > before.priority && !before.is_breached(now_);
  if (wanted >= before.priority && (is_ruled_out || is_too_early)) return refuse(deed, c, news);
  const auto old = c.priority;
  change_priority(c, wanted, reported);
  c.labelled = true;
  note(c, old == c.priority ? "category_confirmed" : "category_changed");
  if (old == c.priority) return;
  c.claim = c.priority > Priority::normal ? Case::Claim::counts : Case::Claim::none;
  c.claimed = c.priority > Priority::normal ? std::optional(c.priority) : std::nullopt;
  if (c.priority > old) news.push_back({"raised"});
  send("answer", "-", c.number, {deed.from});
}

void Model::follow_up(const Deed& deed) {
  const auto reported = reported_at(deed);
  const auto before = ticket(deed.ticket);
  barred_.erase(deed.from);  // who writes can be written to
  const bool is_late = before.status == TicketStatus::closed && reported > *before.closed + world_.reopen_within;
  if (is_late) return open(deed, deed.ticket);
  auto& c = at(deed.ticket);
  c.wrote_again = c.wrote_again || deed.from == c.requester;
  expected_.outcome = "follow_up";
  expected_.ticket = c.number;
  note(c, "message_added");
  if (before.is_done()) reopen(c, reported);
  if (c.waits && !c.spoke) {
    c.spoke = true;
    note(c, "customer_spoke");
  }
  std::vector<Told> news;
  if (deed.label) relabel(deed, reported, before, c, news);
  if (before.is_done()) {
    std::erase_if(news, [](const Told& told) { return told.event == "raised"; });
    news.insert(news.begin(), {"reopened"});
  } else if (news.empty()) {
    news.push_back({"customer_wrote"});
  }
  for (const auto& told : news) tell(c, told);
}

/// With a guessed tag a stranger gets a ticket of his own; who names a mail of ours is added, and changes nothing.
void Model::stranger(const Deed& deed) {
  if (deed.via == Deed::Via::tag) return open(deed, 0);
  auto& c = at(deed.ticket);
  expected_.outcome = "follow_up";
  expected_.ticket = c.number;
  note(c, "stranger_wrote");
  tell(c, {"stranger_wrote", 0, c.is_done()});
}

void Model::bounce(const Deed& deed) {
  auto& c = at(deed.ticket);
  expected_.outcome = "follow_up";
  expected_.ticket = c.number;
  if (!c.wrote_again) barred_.insert(c.requester);  // else others may know its id, and report what they like
  note(c, "bounce_received");
  tell(c, {"mail_bounced"});
}

Expected Model::apply(const Deed& deed) {
  now_ = deed.at;
  expected_ = {};
  switch (deed.kind) {
    case Deed::Kind::opening:
      barred_.erase(deed.from);
      open(deed, 0);
      break;
    case Deed::Kind::follow_up:
      follow_up(deed);
      break;
    case Deed::Kind::away_note:  // changes nothing, is answered by nobody, stops no clock
      expected_.outcome = "follow_up";
      expected_.ticket = deed.ticket;
      note(at(deed.ticket), "automatic_reply_received");
      break;
    case Deed::Kind::stranger:
      stranger(deed);
      break;
    case Deed::Kind::duplicate:
      expected_.outcome = "duplicate";
      expected_.ticket = deed.ticket;
      break;
    case Deed::Kind::bounce:
      bounce(deed);
      break;
    case Deed::Kind::staff_mail:
    case Deed::Kind::command:
      staff(deed);
      break;
    case Deed::Kind::call:
      call(deed);
      break;
    case Deed::Kind::open_incident:
      incidents_.push_back({++incident_count_, deed.word, deed.word.empty() ? deed.subject : std::string()});
      break;
    case Deed::Kind::resolve_incident:
      resolve_incident(deed.ticket);
      break;
  }
  return std::move(expected_);
}

}  // namespace ticketd::week
