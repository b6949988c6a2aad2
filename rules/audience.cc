#include "rules/audience.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/address_key.h"
#include "rules/calendar.h"
#include "rules/names.h"
#include "rules/roster.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

constexpr auto kEvents = name_table<StaffEvent>({{StaffEvent::opened, "opened"},
                                                 {StaffEvent::raised, "raised"},
                                                 {StaffEvent::target_close, "target_close"},
                                                 {StaffEvent::breached, "breached"},
                                                 {StaffEvent::page_unanswered, "page_unanswered"},
                                                 {StaffEvent::customer_wrote, "customer_wrote"},
                                                 {StaffEvent::reopened, "reopened"},
                                                 {StaffEvent::raise_refused, "raise_refused"},
                                                 {StaffEvent::mail_bounced, "mail_bounced"},
                                                 {StaffEvent::estimate_passed, "estimate_passed"},
                                                 {StaffEvent::stranger_wrote, "stranger_wrote"},
                                                 {StaffEvent::assigned, "assigned"},
                                                 {StaffEvent::category_kept, "category_kept"},
                                                 {StaffEvent::standing_changed, "standing_changed"},
                                                 {StaffEvent::released, "released"}});

/// Whoever has the ticket hears of it, else the queue: somebody wrote on it, or it waits for its incident no more.
bool is_for_owner(StaffEvent event) {
  return event == StaffEvent::customer_wrote || event == StaffEvent::stranger_wrote || event == StaffEvent::released;
}

/// Events after which a ticket stands in the queue again.
bool is_like_new(StaffEvent event) {
  return event == StaffEvent::opened || event == StaffEvent::raised || event == StaffEvent::reopened ||
         is_for_owner(event);
}

/// What pages nobody.
bool is_for_mail(StaffEvent event) {
  return event == StaffEvent::mail_bounced || event == StaffEvent::estimate_passed ||
         event == StaffEvent::category_kept || event == StaffEvent::standing_changed;
}

/// Does the table page those who are to act?
bool calls_for_page(const StaffNews& news, bool office_open) {
  if (is_for_mail(news.event)) return false;
  switch (news.priority) {
    case Priority::urgent:
      return true;
    case Priority::high:
      if (news.event == StaffEvent::assigned) return false;
      return !office_open || news.event == StaffEvent::target_close || news.event == StaffEvent::breached;
    case Priority::normal:
      return !office_open && news.event == StaffEvent::raise_refused;
  }
  return false;
}

/// The row of the table that counts: what nobody is paged for waits in the queue like a Normal ticket.
Priority row_of(const StaffNews& news) {
  return is_like_new(news.event) && !news.no_page_reason.empty() ? Priority::normal : news.priority;
}

std::string what_happened(const StaffNews& news, const Ruleset& ruleset) {
  switch (news.event) {
    case StaffEvent::opened:
      return fmt::format("A new {} ticket.", category_name(news.priority));
    case StaffEvent::raised:
      return fmt::format("The ticket was raised to {}.", category_name(news.priority));
    case StaffEvent::target_close:
      return "The time to answer is nearly used up.";
    case StaffEvent::breached:
      return "The time to answer has passed without an answer.";
    case StaffEvent::page_unanswered:
      if (!news.no_page_reason.empty()) return "No engineer has taken the ticket.";
      if (news.repetition <= ruleset.page_times)
        return fmt::format("No engineer has taken the ticket: the page goes out again ({} of {}).", news.repetition,
                           ruleset.page_times);
      return "No engineer has taken the ticket: the page goes to every engineer, available or not.";
    case StaffEvent::customer_wrote:
      return "The customer wrote again.";
    case StaffEvent::reopened:
      return "The ticket is open again.";
    case StaffEvent::raise_refused:
      return "The customer asked for a higher category in vain.";
    case StaffEvent::mail_bounced:
      return "A mail to the customer came back.";
    case StaffEvent::estimate_passed:
      return "The estimated time of resolution has passed.";
    case StaffEvent::stranger_wrote:
      return "Somebody who takes no part in the ticket wrote.";
    case StaffEvent::assigned:
      return "The ticket was given to somebody.";
    case StaffEvent::category_kept:
      return "The ticket keeps its category, though its organization is downgraded.";
    case StaffEvent::standing_changed:
      return "The standing of an organization has changed.";
    case StaffEvent::released:
      return "The ticket waits for its incident no more.";
  }
  return {};
}

/// Collects who hears of one piece of news.
class AudienceBuilder {
 public:
  AudienceBuilder(const StaffNews& news, const Ruleset& ruleset, Time now);

  /// Fills the row of the table.
  void gather();
  [[nodiscard]] Audience finish();

 private:
  void tell(const StaffMember& member, bool is_paged);
  void tell_all(const StaffList& members, bool is_paged);
  void tell_admins();
  /// False when nobody has the ticket, or who has it can't be reached.
  bool tell_assignee();
  void tell_on_call();
  void tell_every_engineer();
  void tell_duty();
  void tell_leaders(Role role);
  void tell_anybody(std::string_view because);
  void tell_queue();
  void tell_breach();
  void repeat_page();
  void leave_out_author();

  [[nodiscard]] bool is_reachable(const StaffMember& member) const;
  [[nodiscard]] bool waits_for_opening() const;
  [[nodiscard]] std::string names_in_words() const;
  void note(std::string sentence) { notes_.push_back(std::move(sentence)); }
  [[nodiscard]] std::string_view told() const { return audience_.in_digest ? "will be told" : "were told"; }
  [[nodiscard]] std::string_view now_or_then() const { return audience_.in_digest ? "then" : "now"; }

  const StaffNews& news_;
  const Ruleset& ruleset_;
  const Time now_;
  const Priority row_;
  const bool office_open_;
  const bool calls_;  ///< the table pages those who are to act
  const bool pages_;  ///< and nothing forbids it
  const StaffMember* const assignee_;
  Audience audience_;
  std::vector<std::string> notes_;
};

AudienceBuilder::AudienceBuilder(const StaffNews& news, const Ruleset& ruleset, Time now)
    : news_(news),
      ruleset_(ruleset),
      now_(now),
      row_(row_of(news)),
      office_open_(in_office_hours(now, ruleset)),
      calls_(calls_for_page(news, office_open_)),
      pages_(calls_ && news.no_page_reason.empty()),
      assignee_(find_staff_by_name(news.assignee, ruleset)) {
  audience_.at = now;
  if (!waits_for_opening()) return;
  const auto opening = next_opening(now, ruleset);
  audience_.in_digest = opening.has_value();
  audience_.at = opening.value_or(now);
}

/// What can't wait needs somebody who is available now; for the rest it is enough not to be on leave.
bool AudienceBuilder::is_reachable(const StaffMember& member) const {
  return calls_ ? is_available(member, now_, ruleset_) : !is_away(member, now_, ruleset_);
}

bool AudienceBuilder::waits_for_opening() const {
  if (office_open_ || row_ != Priority::normal || !is_like_new(news_.event)) return false;
  return !is_for_owner(news_.event) || assignee_ == nullptr || !is_reachable(*assignee_);
}

void AudienceBuilder::tell(const StaffMember& member, bool is_paged) {
  const auto known = std::ranges::find(audience_.listeners, &member, &Listener::member);
  if (known == audience_.listeners.end())
    audience_.listeners.push_back({&member, member.email, is_paged});
  else
    known->is_paged = known->is_paged || is_paged;
}

void AudienceBuilder::tell_all(const StaffList& members, bool is_paged) {
  for (const auto* member : members) tell(*member, is_paged);
}

void AudienceBuilder::tell_admins() {
  for (const auto& admin : ruleset_.support.admins) {
    const bool is_known = std::ranges::any_of(
        audience_.listeners, [&](const Listener& listener) { return is_same_address(listener.address, admin); });
    if (!is_known) audience_.listeners.push_back({nullptr, admin, false});
  }
}

bool AudienceBuilder::tell_assignee() {
  if (news_.assignee.empty()) return false;
  if (assignee_ == nullptr) {
    note(fmt::format("{}, who has the ticket, is not on the staff any more.", news_.assignee));
    return false;
  }
  const bool reachable = is_reachable(*assignee_);
  tell(*assignee_, pages_ && reachable);
  if (!reachable) note(fmt::format("{}, who has the ticket, is not available now.", assignee_->name));
  return reachable;
}

void AudienceBuilder::tell_on_call() {
  const auto on_call = engineers_on_call(audience_.at, ruleset_);
  if (on_call.engineers.empty()) return tell_anybody("No engineer is configured");
  tell_all(on_call.engineers, pages_);
  if (on_call.nobody_available)
    note(fmt::format("Nobody is available {}, so every engineer {} told.", now_or_then(),
                     audience_.in_digest ? "will be" : "was"));
}

void AudienceBuilder::tell_every_engineer() {
  const auto all = staff_with_role(Role::engineer, ruleset_);
  if (all.empty()) return tell_anybody("No engineer is configured");
  tell_all(all, pages_);
}

void AudienceBuilder::tell_duty() {
  const auto duty = staff_with_role(Role::duty, ruleset_);
  tell_all(duty, false);
  const bool somebody =
      std::ranges::any_of(duty, [&](const StaffMember* member) { return !is_away(*member, audience_.at, ruleset_); });
  if (somebody) return;
  note(duty.empty() ? fmt::format("No duty staff are configured, so engineers {}.", told())
                    : fmt::format("All duty staff are away {}, so engineers {} too.", now_or_then(), told()));
  tell_on_call();
}

void AudienceBuilder::tell_leaders(Role role) {
  const bool is_theirs = row_ == Priority::urgent || news_.event == StaffEvent::breached;
  for (const auto* leader : staff_with_role(role, ruleset_))
    tell(*leader, pages_ && is_theirs && is_available(*leader, now_, ruleset_));
}

void AudienceBuilder::tell_anybody(std::string_view because) {
  for (const auto role : {Role::director, Role::managing_director})
    if (const auto leaders = staff_with_role(role, ruleset_); !leaders.empty()) {
      note(fmt::format("{}, so the {} {}.", because, role == Role::director ? "directors" : "managing directors",
                       told()));
      return tell_all(leaders, pages_);
    }
  if (!ruleset_.staff.empty()) {
    note(fmt::format("{}, so all of the staff {}.", because, told()));
    for (const auto& member : ruleset_.staff) tell(member, pages_);
    return;
  }
  tell_admins();
  note(audience_.listeners.empty() ? fmt::format("{}, nor anybody else who could be told.", because)
                                   : fmt::format("{}, so the admins {}.", because, told()));
}

void AudienceBuilder::tell_queue() {
  switch (row_) {
    case Priority::urgent:
      tell_on_call();
      tell_leaders(Role::director);
      return tell_leaders(Role::managing_director);
    case Priority::high:
      if (office_open_)
        tell_duty();
      else
        tell_on_call();
      return tell_leaders(Role::director);
    case Priority::normal:
      return tell_duty();
  }
}

void AudienceBuilder::tell_breach() {
  if (row_ == Priority::normal) return tell_duty();
  tell_assignee();
  tell_on_call();
  tell_leaders(Role::director);
  if (row_ == Priority::urgent) tell_leaders(Role::managing_director);
}

void AudienceBuilder::repeat_page() {
  if (row_ != Priority::urgent || !pages_) return;
  tell_assignee();
  if (news_.repetition <= ruleset_.page_times)
    tell_on_call();
  else
    tell_every_engineer();
  tell_leaders(Role::director);
  tell_leaders(Role::managing_director);
}

void AudienceBuilder::gather() {
  switch (news_.event) {
    case StaffEvent::opened:
    case StaffEvent::raised:
    case StaffEvent::reopened:
      tell_assignee();
      return tell_queue();
    case StaffEvent::customer_wrote:
    case StaffEvent::stranger_wrote:
    case StaffEvent::released:
      if (!tell_assignee()) tell_queue();
      return;
    case StaffEvent::target_close:
      if (tell_assignee()) return;
      return row_ == Priority::normal ? tell_duty() : tell_on_call();
    case StaffEvent::breached:
      return tell_breach();
    case StaffEvent::page_unanswered:
      return repeat_page();
    case StaffEvent::raise_refused:
      if (tell_assignee()) return;
      return row_ == Priority::normal && office_open_ ? tell_duty() : tell_on_call();
    case StaffEvent::mail_bounced:
    case StaffEvent::estimate_passed:
    case StaffEvent::category_kept:
      if (!tell_assignee()) tell_duty();
      return;
    case StaffEvent::assigned:
      tell_assignee();
      return;
    case StaffEvent::standing_changed:
      tell_duty();
      return tell_leaders(Role::director);
  }
}

/// "Paged: Ann. Told by mail: Dora, Max."
std::string AudienceBuilder::names_in_words() const {
  std::vector<std::string_view> paged, mailed;
  for (const auto& listener : audience_.listeners)
    (listener.is_paged ? paged : mailed).push_back(listener.member ? listener.member->name : listener.address);
  if (paged.empty() && mailed.empty()) return "Nobody was told.";
  if (audience_.in_digest)
    return fmt::format("To be told when the office opens, at {}: {}.", local_due_time(audience_.at, now_, ruleset_),
                       fmt::join(mailed, ", "));
  if (news_.put_off_to) {
    paged.insert(paged.end(), mailed.begin(), mailed.end());
    return fmt::format("To be told with others at {}: {}.", local_due_time(*news_.put_off_to, now_, ruleset_),
                       fmt::join(paged, ", "));
  }
  std::string words;
  if (!paged.empty()) words = fmt::format("Paged: {}.", fmt::join(paged, ", "));
  if (!mailed.empty()) words += fmt::format("{}Told by mail: {}.", words.empty() ? "" : " ", fmt::join(mailed, ", "));
  return words;
}

void AudienceBuilder::leave_out_author() {
  if (news_.author.empty()) return;
  const auto is_author = [&](const Listener& each) { return is_same_address(each.address, news_.author); };
  if (std::erase_if(audience_.listeners, is_author) > 0) note(fmt::format("{} wrote it.", news_.author));
}

Audience AudienceBuilder::finish() {
  leave_out_author();
  if (news_.event == StaffEvent::page_unanswered && news_.priority != Priority::urgent)
    note("Only the page for an Urgent ticket goes out again.");
  else
    notes_.insert(notes_.begin(), what_happened(news_, ruleset_));
  if (calls_ && !pages_) note(fmt::format("Nobody is paged: {}", news_.no_page_reason));
  note(names_in_words());
  audience_.reason = fmt::format("{}", fmt::join(notes_, " "));
  return std::move(audience_);
}

}  // namespace

std::string_view name_of(StaffEvent event) { return kEvents.name(event); }

Audience audience_of(const StaffNews& news, const Ruleset& ruleset, Time now) {
  AudienceBuilder builder(news, ruleset, now);
  builder.gather();
  return builder.finish();
}

}  // namespace ticketd
