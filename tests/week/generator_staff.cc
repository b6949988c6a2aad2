// What staff do in the simulated week.
#include <algorithm>

#include <fmt/format.h>

#include "tests/week/generator.h"

namespace ticketd::week {
namespace {

/// Mails to staff that can be answered with orders.
bool is_notice(const Post::Sent* sent) {
  if (sent == nullptr) return false;
  return sent->kind == "notification" || sent->kind == "page" || sent->kind == "warning" || sent->kind == "breach";
}

}  // namespace

/// They answer most of what is new, lower what shouts, and let some of it lie.
Deed Generator::staff_deed() {
  const auto shouts = [](const Case& c) {
    return c.organization == "Shout" && c.is_at_work() && c.priority > Priority::normal;
  };
  const auto waits_for_help = [&](const Case& c) {
    return shouts(c) && c.priority == Priority::urgent && !c.taken && !c.waits;
  };
  const int kind = below(10);
  if (kind == 2)
    if (const auto* c = any_case(waits_for_help)) return rescue(*c);
  if (kind < 2)
    if (const auto* c = any_case([&](const Case& each) { return shouts(each); })) return punishment(*c);
  const Case* c = nullptr;
  for (std::size_t i = 0; i < model_.cases().size() && c == nullptr && kind < 7; ++i) {
    const auto& each = model_.cases()[model_.cases().size() - 1 - i];
    if (each.owes() && each.is_at_work() && chance(30)) c = &each;
  }
  if (c == nullptr) c = any_case([&](const Case& each) { return chance(5) || each.status != TicketStatus::closed; });
  if (c == nullptr) return opening();
  if (c->waits && chance(40)) return command(*c);
  if (chance(60))
    for (const auto& person : world_.staff) {
      const auto* sent = post_.latest(c->number, person.email);
      const auto* digest = post_.digest(c->number, person.email);
      if (is_notice(sent) && chance(50)) return staff_mail(*c, person, *sent);
      if (digest != nullptr && chance(30)) {
        auto deed = staff_mail(*c, person, *digest);
        deed.by_digest = true;
        return deed;
      }
    }
  return command(*c);
}

Deed Generator::rescue(const Case& c) {
  auto deed = command(c);
  deed.orders = {};
  deed.orders.take = true;
  return deed;
}

Deed Generator::punishment(const Case& c) {
  Orders orders;
  orders.priority = Priority::normal;
  orders.spares = chance(10);
  for (const auto& person : world_.staff)
    if (const auto* sent = post_.latest(c.number, person.email); is_notice(sent) && chance(70)) {
      auto deed = staff_mail(c, person, *sent);
      deed.orders = orders;
      return deed;
    }
  auto deed = command(c);
  deed.orders = orders;
  return deed;
}

Deed Generator::staff_mail(const Case& c, const Person& person, const Post::Sent& answered) {
  Deed deed;
  deed.kind = Deed::Kind::staff_mail;
  deed.ticket = c.number;
  deed.staff = person.name;
  deed.from = person.email;
  deed.answers = answered.message_id;
  deed.message_id = fmt::format("s{}@desk.example", ++ids_);
  deed.subject = fmt::format("Re: [SUP-{}] {}", c.number, c.subject);
  deed.orders = orders_by_mail(c);
  deed.quotes = chance(40);
  return deed;
}

Orders Generator::orders_by_mail(const Case& c) {
  Orders orders;
  const auto words = fmt::format("We have looked into your case and know more now, see entry {}.", ++ids_);
  switch (below(11)) {
    case 0:
      orders.take = true;
      break;
    case 1:
      orders.take = orders.note = true;
      orders.text = words;
      break;
    case 2:
      orders.take = true;
      orders.text = words;
      break;
    case 3:
      orders.estimate = std::chrono::minutes{10 + below(600)};
      break;
    case 4:
      orders.assign = any(world_.staff).name;
      break;
    case 5:
      orders.priority = chance(60) ? Priority::normal : chance(50) ? Priority::high : Priority::urgent;
      orders.spares = chance(50);
      if (chance(50)) orders.text = words;
      break;
    case 6:
      orders.is_unknown = true;
      orders.text = words;
      break;
    case 7:
    case 8:
      if (!c.waits) orders.resolve = true;
      orders.text = words;
      break;
    default:
      orders.text = words;
  }
  return orders;
}

Deed Generator::command(const Case& c) {
  Deed deed;
  deed.kind = Deed::Kind::command;
  deed.ticket = c.number;
  deed.staff = any(world_.staff).name;
  deed.orders = orders_by_command(c);
  return deed;
}

Orders Generator::orders_by_command(const Case& c) {
  Orders orders;
  if (!model_.incidents().empty() && !c.waits && chance(20)) {
    orders.incident = model_.incidents().front().number;
    return orders;
  }
  if (c.waits && chance(60)) {
    orders.incident = 0;
    return orders;
  }
  switch (below(14)) {
    case 0:
    case 1:
      orders.take = true;
      break;
    case 2:
      orders.assign = any(world_.staff).name;
      break;
    case 3:
      orders.estimate = std::chrono::minutes{10 + below(600)};
      break;
    case 4:
      orders.priority = chance(70) ? Priority::normal : chance(50) ? Priority::high : Priority::urgent;
      orders.spares = chance(50);
      break;
    case 5:
      orders.note = true;
      orders.text = "Seen.";
      break;
    case 6:
      if (!c.waits) orders.close = chance(50);
      orders.reopen = !orders.close;
      break;
    case 7:
    case 8:
    case 9:
      if (c.waits)
        orders.text = "We are at it.";
      else
        orders.resolve = true;
      break;
    default:
      orders.text = "We are at it.";
  }
  return orders;
}

}  // namespace ticketd::week
