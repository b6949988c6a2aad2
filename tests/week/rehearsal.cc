#include "tests/week/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

namespace ticketd::week {
namespace {

/// The clock looks so often at one instant at most.
constexpr int kLooks = 100;

std::optional<StaffCommand> command_of(const Orders& orders) {
  if (orders.take) return TakeCommand{};
  if (!orders.assign.empty()) return AssignCommand{orders.assign};
  if (orders.priority) return PrioritizeCommand{*orders.priority, "", !orders.spares};
  if (orders.estimate) return EstimateCommand{fmt::format("{}m", orders.estimate->count())};
  if (orders.note) return NoteCommand{orders.text};
  if (orders.resolve) return ResolveCommand{orders.text, {}};
  if (orders.close) return CloseCommand{};
  if (orders.reopen) return ReopenCommand{};
  if (orders.incident && *orders.incident == 0) return IncidentCommand{};
  if (orders.incident) return IncidentCommand{IncidentNumber{*orders.incident}};
  if (!orders.text.empty()) return ReplyCommand{orders.text, false, {}};
  return std::nullopt;
}

}  // namespace

Rehearsal::Rehearsal(const World& world, std::uint64_t seed)
    : world_(world), seed_(seed), now_(world.start), model_(world), generator_(world, model_, post_, seed) {
  rules_->ruleset = ruleset_of(world);
  desk_ = std::make_unique<Desk>(
      Store(folder_.path()), rules_, [this] { return now_; }, [this] { return fmt::format("{:032x}", ++tokens_); });
  const auto first_contact = now_ - std::chrono::hours{2};
  mailboxes_[Channel::portal] = desk_->store().open_mailbox("support", UidValidity{7}, Uid{0}, first_contact);
  mailboxes_[Channel::direct] = desk_->store().open_mailbox("direct", UidValidity{8}, Uid{0}, first_contact);
}

std::string Rehearsal::run() {
  Time compared = now_;
  while (difference_.empty()) {
    const auto next = generator_.next_time();
    step_to(next.value_or(world_.end()));
    if (!difference_.empty() || !next) break;
    now_ = *next;
    act(generator_.next());
    if (now_ - compared < 24h || !difference_.empty()) continue;
    compare_all();
    compared = now_;
  }
  if (difference_.empty()) compare_all();
  for (const auto& c : model_.cases())
    if (difference_.empty()) compare_log(c.number);
  if (difference_.empty()) compare_standings();
  return difference_;
}

/// As the daemon does: it sleeps until the desk says that something is due.
void Rehearsal::step_to(Time until) {
  while (difference_.empty() && desk_next_ && *desk_next_ <= until) {
    if (model_.next_due() < *desk_next_)
      return differ("the desk sleeps too long", 0, model_.clock().shown(model_.next_due()),
                    model_.clock().shown(*desk_next_));
    now_ = std::max(now_, *desk_next_);
    look();
  }
  if (difference_.empty() && model_.next_due() <= until)
    differ("the desk sleeps on", 0, model_.clock().shown(model_.next_due()),
           desk_next_ ? model_.clock().shown(*desk_next_) : "nothing is due");
}

void Rehearsal::run_timers() {
  for (int i = 0; i < kLooks; ++i) {
    const auto run = desk_->run_timers();
    if (!run.stuck.empty()) differ("something is stuck", static_cast<int>(run.stuck[0]), "", "");
    desk_next_ = run.next;
    if (!run.next || *run.next > now_) return;
  }
  differ("the clock looks again and again", 0, "", "");
}

void Rehearsal::look() {
  run_timers();
  compare("the clock looks", model_.look(now_));
}

/// The outbox as the sender empties it.
std::vector<std::string> Rehearsal::drain() {
  constexpr std::size_t kBatch = 100;
  std::vector<std::string> mails;
  for (auto rows = desk_->store().lease_outbox(now_, kBatch); !rows.empty();
       rows = desk_->store().lease_outbox(now_, kBatch)) {
    std::vector<SendResult> results;
    for (const auto& row : rows) {
      mails.push_back(post_.deliver(row));
      results.emplace_back().id = row.mail.id;
    }
    desk_->store().mark_results(results, now_);
  }
  return mails;
}

void Rehearsal::act(const Deed& planned) {
  Deed deed = planned;
  outcome_.clear();
  ticket_ = 0;
  switch (deed.kind) {
    case Deed::Kind::open_incident:
    case Deed::Kind::resolve_incident:
      order_about_incident(deed);
      break;
    case Deed::Kind::command:
    case Deed::Kind::call:
      command(deed);
      break;
    default:
      file(deed);
      ++counts_["mail"];
  }
  run_timers();
  auto expected = model_.apply(deed);
  auto looked = model_.look(now_);
  expected.mails.insert(expected.mails.end(), looked.mails.begin(), looked.mails.end());
  expected.touched.merge(looked.touched);
  post_.came(deed, expected.ticket);
  const auto what = fmt::format("{} of {} on #{}: {}", static_cast<int>(deed.kind),
                                deed.from.empty() ? deed.staff : deed.from, deed.ticket, deed.subject);
  compare(what, expected);
  if (difference_.empty() && outcome_ != expected.outcome) differ(what, expected.ticket, expected.outcome, outcome_);
  if (difference_.empty() && !outcome_.empty() && outcome_ != "refused" && ticket_ != expected.ticket)
    differ(what, expected.ticket, fmt::format("#{}", expected.ticket), fmt::format("#{}", ticket_));
  generator_.done(deed, ticket_);
}

/// A mail comes to one of the mailboxes.
void Rehearsal::file(Deed& deed) {
  if (deed.kind == Deed::Kind::staff_mail) {
    const auto* person = world_.person(deed.staff);
    const auto* answered =
        deed.by_digest ? post_.digest(deed.ticket, person->email) : post_.latest(deed.ticket, person->email);
    deed.text = staff_text(deed.orders, deed.quotes ? answered : nullptr);
  }
  if (deed.octets.empty()) deed.octets = deed.kind == Deed::Kind::bounce ? raw_bounce(deed) : raw_mail(deed);
  auto& mailbox = mailboxes_.at(deed.box);
  FetchedMail mail;
  mail.uid = Uid{++uids_[deed.box]};
  mail.internal_date = deed.at - deed.lag;
  mail.arrived.mailbox = mailbox.name;
  mail.arrived.mailbox_channel = deed.box;
  mail.arrived.internal_date = deed.at - deed.lag;
  mail.arrived.first_contact = mailbox.first_contact_at;
  mail.arrived.octets = deed.octets;
  const auto filed = desk_->file(mailbox, {}, std::span(&mail, 1), mail.uid);
  if (filed.size() != 1) return differ("a mail is not filed", 0, "", "");
  outcome_ = name_of(filed[0].outcome);
  ticket_ = static_cast<int>(filed[0].ticket.value_or(TicketId{}));
}

/// As ticketctl gives it.
void Rehearsal::command(const Deed& deed) {
  const auto& staff = rules_->ruleset.staff;
  const auto member = std::ranges::find(staff, deed.staff, &StaffMember::name);
  const Actor actor{member->login, &*member};
  if (deed.kind == Deed::Kind::call) {
    desk_->command(std::nullopt, NewCommand{{"", deed.from}, deed.subject, deed.text, deed.box}, actor);
    return;
  }
  const auto wanted = command_of(deed.orders);
  if (!wanted) return;
  const auto result = desk_->command(TicketId{deed.ticket}, *wanted, actor);
  if (!result || std::holds_alternative<Refusal>(*result)) outcome_ = "refused";
}

void Rehearsal::order_about_incident(const Deed& deed) {
  const Actor actor{"ann", &rules_->ruleset.staff[0]};
  if (deed.kind == Deed::Kind::resolve_incident) {
    desk_->resolve_incident(IncidentNumber{deed.ticket}, "It is repaired.", actor);
    return;
  }
  const bool is_word = !deed.word.empty();
  desk_->open_incident({"Something is down", is_word ? IncidentMatch::words : IncidentMatch::organization,
                        is_word ? deed.word : deed.subject, "We are at it."},
                       actor);
}

}  // namespace ticketd::week
