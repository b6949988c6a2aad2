#include "tests/week/generator.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace ticketd::week {
namespace {

const std::vector<std::string> kCustomers{
    "jane@acme.example",  "joe@acme.example",   "jill@acme.test",       "hank@globex.example",  "hilda@globex.example",
    "sam@shout.example",  "sue@shout.example",  "pat@freemail.example", "kim@freemail.example", "lou@small.example",
    "lea@corner.example", "ole@bakery.example", "una@workshop.example"};
const std::vector<std::string> kThings{"Telephone",         "Fax",       "Headset",
                                       "Conference bridge", "Voicemail", "Queue display"};
const std::vector<std::string> kTroubles{"rings twice",      "shows a blank page",   "is silent",
                                         "needs a new name", "drops the last digit", "blinks"};

}  // namespace

Generator::Generator(const World& world, const Model& model, const Post& post, std::uint64_t seed)
    : world_(world), model_(model), post_(post), random_(seed), now_(world.start + 5min) {
  add_script();
}

void Generator::add_script() {
  const auto add = [&](Duration from, Duration to, const std::string& word, const std::string& organization) {
    script_.push_back({world_.start + from, true, word, organization});
    script_.push_back({world_.start + to, false, word, organization});
  };
  add(34h + 7min, 40h + 40min, "Zeppelin", "");
  add(94h, 104h, "", "Globex");
  add(144h + 30min, 149h, "Zeppelin", "");  // over the change of the clocks
}

bool Generator::is_quiet() const { return now_ >= world_.start + std::chrono::days{world_.busy_days}; }

/// Office hours bring more than nights, and the night in which the clocks change brings more than others.
Duration Generator::pause() {
  double mean = 8;
  if (now_ > world_.start + 143h && now_ < world_.start + 152h) mean = 2.5;
  if (model_.clock().office_is_open(now_)) mean = 1.8;
  if (is_quiet()) mean = 30;
  const double u = static_cast<double>(random_() >> 11U) * 0x1.0p-53;
  return std::chrono::seconds{1 + static_cast<int>(-std::log(1 - u) * mean * 60)};
}

std::optional<Time> Generator::next_time() {
  now_ += pause();
  if (!script_.empty() && script_.front().at < now_) now_ = script_.front().at;
  return now_ < world_.end() ? std::optional(now_) : std::nullopt;
}

Deed Generator::next() {
  Deed deed;
  if (!script_.empty() && script_.front().at == now_)
    deed = scripted();
  else if (!dead_.empty() && chance(50))
    deed = bounce();
  else
    deed = chance(55) ? customer_deed() : staff_deed();
  deed.at = now_;
  return deed;
}

Deed Generator::scripted() {
  const auto script = script_.front();
  script_.pop_front();
  Deed deed;
  deed.kind = script.opens ? Deed::Kind::open_incident : Deed::Kind::resolve_incident;
  deed.word = script.word;
  deed.subject = script.organization;
  if (!script.opens) deed.ticket = model_.incidents().front().number;
  return deed;
}

const Case* Generator::any_case(const std::function<bool(const Case&)>& test) {
  constexpr int kTries = 60, kRecent = 80;
  const auto& cases = model_.cases();
  const int count = static_cast<int>(cases.size());
  for (int i = 0; i < kTries && count > 0; ++i) {
    const int recent = std::min(count, chance(80) ? kRecent : count);
    const auto& c = cases[static_cast<std::size_t>(count - 1 - below(recent))];
    if (test(c)) return &c;
  }
  return nullptr;
}

/// Those that are done with come back more often than they would by chance.
const Case* Generator::any_case_to_write_on() {
  const int kind = below(10);
  return any_case([&](const Case& c) {
    if (world_.is_gateway(c.requester) || model_.is_barred(c.requester)) return false;
    if (kind == 0) return c.status == TicketStatus::closed;
    if (kind <= 2) return c.status == TicketStatus::resolved;
    return c.is_at_work();
  });
}

Deed Generator::customer_deed() {
  const int kind = below(is_quiet() ? 70 : 100);
  const auto* c = any_case_to_write_on();
  if (c != nullptr && kind < 34) return follow_up(*c);
  if (c != nullptr && kind < 42) return away_note(*c);
  if (c != nullptr && kind < 50) return stranger(*c);
  if (!recent_.empty() && kind < 56) return duplicate();
  if (kind < 59) return call();
  return opening();
}

std::optional<Priority> Generator::any_label() {
  switch (below(10)) {
    case 0:
    case 1:
      return Priority::urgent;
    case 2:
    case 3:
    case 4:
      return Priority::high;
    case 5:
      return Priority::normal;
    default:
      return std::nullopt;
  }
}

std::string Generator::with_label(std::optional<Priority> label, const std::string& subject) {
  static const std::vector<std::string> kUrgent{"Urgent: {}", "[URGENT] {}", "{} - urgent", "{} (Category 10)"};
  static const std::vector<std::string> kHigh{"High: {}", "[High] {}", "{} - High", "Priority high: {}"};
  static const std::vector<std::string> kNone{
      "{}", "{}", "{}", "Not urgent: {}", "High call volume, {}", "Back to normal, but {}"};
  const auto& forms = !label                       ? kNone
                      : *label == Priority::urgent ? kUrgent
                      : *label == Priority::high   ? kHigh
                                                   : std::vector<std::string>{"Normal: {}"};
  return fmt::format(fmt::runtime(any(forms)), subject);
}

std::string Generator::topic() {
  const auto zeppelin = !is_quiet() && chance(8) ? "Zeppelin line" : any(kThings);
  return fmt::format("{} {} {}", zeppelin, ++ids_, any(kTroubles));
}

std::string Generator::customer() {
  if (chance(3)) return fmt::format("dead{}@gone{}.example", ++ids_, below(50));
  if (chance(4)) return fmt::format("4915{}@{}", 10000 + below(50), world_.sms_domain);
  if (chance(2)) return world_.voice;
  return any(kCustomers);
}

Deed Generator::mail_from(const std::string& from) {
  Deed deed;
  deed.from = from;
  deed.message_id = fmt::format("m{}@{}", ++ids_, from.substr(from.find('@') + 1));
  deed.text = fmt::format("This is what I see, number {}.", ++ids_);
  if (chance(40)) deed.lag = std::chrono::seconds{below(90)};
  if (chance(2)) deed.lag = std::chrono::minutes{below(50)};
  if (chance(2)) deed.lag = -std::chrono::minutes{5};
  return deed;
}

Deed Generator::opening() {
  auto deed = mail_from(customer());
  deed.label = deed.from.ends_with("@shout.example") ? std::optional(Priority::urgent) : any_label();
  auto subject = topic();
  if (world_.is_gateway(deed.from)) subject = fmt::format("Message {}", ++ids_);
  deed.subject = with_label(deed.label, subject);
  if (chance(12)) deed.box = Channel::direct;
  const bool is_dead = deed.from.starts_with("dead");
  if (!is_dead && chance(30))
    deed.cc.push_back(chance(60) ? "colleague@" + deed.from.substr(deed.from.find('@') + 1)
                                 : std::string("partner@partner.example"));
  if (deed.cc == std::vector{deed.from} || world_.is_gateway(deed.from)) deed.cc.clear();
  if (chance(10)) deed.cc.push_back("dan@desk.example");
  if (!recent_.empty() && chance(2) && !is_dead) {  // somebody's program gives the same id again
    deed.message_id = recent_.front().message_id;
    reused_.insert(deed.message_id);
  }
  return deed;
}

Deed Generator::call() {
  Deed deed;
  deed.kind = Deed::Kind::call;
  deed.from = any(kCustomers);
  deed.box = chance(70) ? Channel::phone : Channel::direct;
  deed.label = any_label();
  deed.subject = with_label(deed.label, topic());
  deed.text = "He says that it is so.";
  deed.staff = any(world_.staff).name;
  return deed;
}

/// With what the sender has at hand.
void Generator::point_to(const Case& c, Deed& deed) {
  const int way = below(10);
  if (const auto* sent = post_.latest(c.number, deed.from); sent != nullptr && way < 6) {
    deed.via = Deed::Via::our_id;
    deed.answers = sent->message_id;
    return;
  }
  const auto own = post_.own_id(c.number, deed.from);
  if (!own.empty() && !reused_.contains(own) && way < 8) {
    deed.via = Deed::Via::own_id;
    deed.answers = own;
    return;
  }
  deed.via = Deed::Via::tag;
}

Deed Generator::follow_up(const Case& c) {
  auto deed = mail_from(chance(80) ? c.requester : any(c.participants));
  deed.kind = Deed::Kind::follow_up;
  deed.ticket = c.number;
  point_to(c, deed);
  deed.subject = fmt::format("Re: [SUP-{}] {}", c.number, c.subject);
  const bool is_late = c.status == TicketStatus::closed && now_ - deed.lag > *c.closed + world_.reopen_within;
  if (is_late) return deed;  // what stands in the subject asks for nothing again
  const auto label = any_label();
  const bool may_relabel = label && !c.carried.contains(*label) && relabellings_[c.number] < 2;
  if (!may_relabel) return deed;
  ++relabellings_[c.number];
  deed.label = label;
  deed.subject = fmt::format("{}: {}", category_name(*label), deed.subject);
  return deed;
}

Deed Generator::away_note(const Case& c) {
  auto deed = mail_from(c.requester);
  const auto* sent = post_.latest(c.number, c.requester);
  if (sent == nullptr) return opening();
  deed.kind = Deed::Kind::away_note;
  deed.ticket = c.number;
  deed.via = Deed::Via::our_id;
  deed.answers = sent->message_id;
  deed.subject = fmt::format("Automatic reply: [SUP-{}] {}", c.number, c.subject);
  deed.text = "I am back on Monday. In urgent cases call my colleague.";
  return deed;
}

Deed Generator::stranger(const Case& c) {
  auto deed = mail_from(chance(50) ? "curious@elsewhere.example" : "newcomer@acme.example");
  if (std::ranges::find(c.participants, deed.from) != c.participants.end()) return opening();
  deed.kind = Deed::Kind::stranger;
  deed.ticket = c.number;
  const auto* sent = post_.latest(c.number, c.requester);
  deed.via = sent != nullptr && chance(60) ? Deed::Via::our_id : Deed::Via::tag;
  if (deed.via == Deed::Via::our_id) deed.answers = sent->message_id;
  deed.subject = fmt::format("Re: [SUP-{}] {}", c.number, deed.via == Deed::Via::tag ? topic() : c.subject);
  return deed;
}

Deed Generator::duplicate() {
  Deed deed = recent_[static_cast<std::size_t>(below(static_cast<int>(recent_.size())))];
  deed.kind = Deed::Kind::duplicate;
  return deed;
}

Deed Generator::bounce() {
  Deed deed;
  deed.kind = Deed::Kind::bounce;
  deed.ticket = dead_.front();
  dead_.pop_front();
  deed.from = "MAILER-DAEMON@mx.example";
  deed.text = model_.ticket(deed.ticket).requester;
  deed.message_id = fmt::format("b{}@mx.example", ++ids_);
  deed.answers = post_.latest(deed.ticket, deed.text)->message_id;
  return deed;
}

void Generator::done(const Deed& deed, int ticket) {
  constexpr std::size_t kRemembered = 30;
  if (deed.octets.empty() || deed.kind == Deed::Kind::duplicate || deed.kind == Deed::Kind::staff_mail) return;
  if (deed.kind == Deed::Kind::opening && deed.from.starts_with("dead")) return dead_.push_back(ticket);
  recent_.push_back(deed);
  recent_.back().ticket = ticket;
  if (recent_.size() > kRemembered) recent_.pop_front();
}

}  // namespace ticketd::week
