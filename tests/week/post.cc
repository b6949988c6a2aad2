#include "tests/week/post.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "tests/rules/desk_samples.h"
#include "tests/week/world.h"

namespace ticketd::week {
namespace {

/// What the subject of a mail to staff says; "-": nothing, so it is none.
std::string event_of(const std::string& subject) {
  static const std::vector<std::pair<std::string, std::string>> kHeadlines{
      {"New ", "opened"},
      {"Raised to ", "raised"},
      {"Answer due soon", "target_close"},
      {"Answer overdue", "breached"},
      {"Nobody has taken this", "page_unanswered"},
      {"The customer wrote again", "customer_wrote"},
      {"Open again", "reopened"},
      {"A higher category was asked for", "raise_refused"},
      {"A mail to the customer came back", "mail_bounced"},
      {"The estimate has passed", "estimate_passed"},
      {"Somebody who takes no part", "stranger_wrote"},
      {"Given to you", "assigned"},
      {"Still ", "category_kept"},
      {"Waits for its incident no more", "released"}};
  const auto headline = subject.starts_with("[SUP-") ? subject.substr(subject.find("] ") + 2) : subject;
  for (const auto& [words, event] : kHeadlines)
    if (headline.starts_with(words)) return event;
  if (subject.find("is downgraded until") != std::string::npos) return "standing_lost";
  return subject.find("is in good standing again") != std::string::npos ? "standing_back" : "-";
}

std::set<int> tickets_named(const std::string& text) {
  static const std::string kTag = "[SUP-";
  std::set<int> tickets;
  for (auto at = text.find(kTag); at != std::string::npos; at = text.find(kTag, at + 1))
    tickets.insert(std::stoi(text.substr(at + kTag.size())));
  return tickets;
}

bool is_for_staff(OutboxKind kind) {
  return kind == OutboxKind::notification || kind == OutboxKind::page || kind == OutboxKind::warning ||
         kind == OutboxKind::breach;
}

std::string lines(const std::vector<std::string>& all) {
  std::string text;
  for (const auto& line : all)
    if (!line.empty()) text += line + "\r\n";
  return text;
}

std::string dated(Time at) {
  return fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(
                         std::chrono::time_point_cast<std::chrono::system_clock::duration>(at))));
}

}  // namespace

std::string Post::deliver(const OutboxRow& row) {
  const auto ticket = static_cast<int>(row.mail.ticket.value_or(TicketId{}));
  const std::string kind(name_of(row.mail.kind));
  auto recipients = row.mail.recipients;
  std::ranges::sort(recipients);
  if (row.mail.kind == OutboxKind::digest) {
    const auto tickets = tickets_named(plain_text_of(row.mail.octets));
    for (const int each : tickets) digests_[{each, recipients.front()}] = {row.mail.message_id, kind, row.mail.octets};
    return fmt::format("digest - #{} {}", fmt::join(tickets, ","), fmt::join(recipients, ","));
  }
  for (const auto& recipient : recipients) latest_[{ticket, recipient}] = {row.mail.message_id, kind, row.mail.octets};
  const auto event = is_for_staff(row.mail.kind) ? event_of(field_of(row.mail.octets, "Subject")) : "-";
  return fmt::format("{} {} #{} {}", kind, event, ticket, fmt::join(recipients, ","));
}

void Post::came(const Deed& deed, int ticket) { came_[ticket].push_back(deed); }

const Post::Sent* Post::latest(int ticket, const std::string& recipient) const {
  const auto found = latest_.find({ticket, recipient});
  return found == latest_.end() ? nullptr : &found->second;
}

const Post::Sent* Post::digest(int ticket, const std::string& recipient) const {
  const auto found = digests_.find({ticket, recipient});
  return found == digests_.end() ? nullptr : &found->second;
}

const std::vector<Deed>& Post::mails(int ticket) const {
  static const std::vector<Deed> kNone;
  const auto found = came_.find(ticket);
  return found == came_.end() ? kNone : found->second;
}

std::string Post::own_id(int ticket, const std::string& sender) const {
  std::string id;
  for (const auto& mail : mails(ticket))
    if (mail.from == sender && mail.kind != Deed::Kind::away_note) id = mail.message_id;
  return id;
}

std::string raw_mail(const Deed& deed) {
  const auto angled = [](const std::string& name, const std::string& id) {
    return id.empty() ? std::string() : fmt::format("{}: <{}>", name, id);
  };
  return lines({"Return-Path: <" + deed.from + ">", "From: " + deed.from, "To: " + kSupport,
                deed.cc.empty() ? "" : fmt::format("Cc: {}", fmt::join(deed.cc, ", ")), dated(deed.at - deed.lag),
                angled("Message-ID", deed.message_id), angled("In-Reply-To", deed.answers),
                angled("References", deed.answers), "Subject: " + deed.subject,
                deed.kind == Deed::Kind::away_note ? "Auto-Submitted: auto-replied" : "", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8"}) +
         "\r\n" + deed.text + "\r\n";
}

std::string raw_bounce(const Deed& deed) {
  static const std::string kBoundary = "--report-of-the-week";
  const auto& dead = deed.text;
  return lines({"Return-Path: <>", "From: Mail Delivery System <MAILER-DAEMON@mx.example>", "To: " + kSupport,
                dated(deed.at - deed.lag), "Message-ID: <" + deed.message_id + ">",
                "Subject: Undelivered Mail Returned to Sender", "Auto-Submitted: auto-replied", "MIME-Version: 1.0",
                "Content-Type: multipart/report; report-type=delivery-status; boundary=\"report-of-the-week\""}) +
         "\r\n" + lines({kBoundary, "Content-Type: text/plain"}) + "\r\nYour mail could not be delivered.\r\n\r\n" +
         lines({kBoundary, "Content-Type: message/delivery-status"}) + "\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
         lines({"Final-Recipient: rfc822; " + dead, "Action: failed", "Status: 5.1.1",
                "Diagnostic-Code: smtp; 550 5.1.1 No such user"}) +
         "\r\n" + lines({kBoundary, "Content-Type: text/rfc822-headers"}) + "\r\n" +
         lines({"From: " + kSupport, "To: " + dead, "Message-ID: <" + deed.answers + ">", "Subject: It is on record"}) +
         "\r\n" + kBoundary + "--\r\n";
}

std::string staff_text(const Orders& orders, const Post::Sent* answered) {
  std::vector<std::string> all;
  if (orders.is_unknown) all.emplace_back("#frobnicate");
  if (orders.take) all.emplace_back("#take");
  if (!orders.assign.empty()) all.push_back("#assign " + orders.assign);
  if (orders.priority)
    all.push_back(fmt::format("#priority {}{} it is not what the list says",
                              *orders.priority == Priority::urgent ? "urgent"
                              : *orders.priority == Priority::high ? "high"
                                                                   : "normal",
                              orders.spares ? " --no-strike" : ""));
  if (orders.estimate) all.push_back(fmt::format("#estimate {}m", orders.estimate->count()));
  if (orders.incident)
    all.push_back(*orders.incident == 0 ? "#incident none" : fmt::format("#incident {}", *orders.incident));
  if (orders.note) all.emplace_back("#note");
  if (orders.resolve) all.emplace_back("#resolve");
  all.push_back(orders.text);
  auto text = lines(all);
  if (answered == nullptr) return text;
  text += "\r\nOn Tue, 20 Oct 2026 at 10:00, Example Support <support@desk.example> wrote:\r\n";
  std::istringstream quoted(plain_text_of(answered->octets));
  for (std::string line; std::getline(quoted, line);) text += "> " + line + "\r\n";
  return text;
}

}  // namespace ticketd::week
