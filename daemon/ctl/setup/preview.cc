#include "daemon/ctl/setup/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "daemon/ctl/json.h"
#include "daemon/ctl/session.h"
#include "daemon/desk/mail_work.h"
#include "daemon/desk/open_desk.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

/// Of a larger mail only the front is of use here.
std::string_view kept_of(const ArrivedMail& arrived) {
  return std::string_view(arrived.octets).substr(0, arrived.oversize ? kOversizeKeep : arrived.octets.size());
}

PreviewedMail look_at(LookingDesk& looking, const MailboxSettings& mailbox, ImapMail mail) {
  ArrivedMail arrived;
  arrived.mailbox = mailbox.name;
  arrived.mailbox_channel = mailbox.channel;
  arrived.internal_date = looking.desk->now();  // as if it came just now
  arrived.original_size = mail.size;
  arrived.oversize = mail.size > mail.octets.size();
  arrived.octets = std::move(mail.octets);
  arrived.octets.resize(kept_of(arrived).size());
  PreviewedMail previewed;
  previewed.uid = mail.uid;
  previewed.at = mail.internal_date;
  previewed.decision = looking.takes_in ? looking.desk->ingest(arrived) : looking.desk->explain(arrived);
  auto read = parse_email(arrived.octets, looking.desk->rules().limits);
  if (auto* email = std::get_if<Email>(&read)) previewed.email = std::move(*email);
  return previewed;
}

std::string sender_of(const PreviewedMail& mail) {
  if (!mail.email || !mail.email->from) return "(no sender)";
  const auto& from = *mail.email->from;
  return from.display_name.empty() ? from.addr_spec : fmt::format("{} <{}>", from.display_name, from.addr_spec);
}

std::string_view plain_outcome(const Decision& decision) {
  switch (decision.outcome) {
    case Outcome::new_ticket:
      return "a new ticket";
    case Outcome::follow_up:
      return "added to the conversation of an earlier mail";
    case Outcome::staff:
      return "mail from staff";
    case Outcome::duplicate:
      return "the same mail once more: nothing";
    case Outcome::ignored:
      return "nothing: it is ignored";
    case Outcome::quarantined:
      return "kept in quarantine, for it can't be read";
    case Outcome::oversize:
      return "a ticket of its beginning, for it is too large";
    case Outcome::vanished:
      return "nothing: it is gone";
  }
  return "";
}

/// The same in a word or two.
std::string_view short_outcome(const Decision& decision) {
  switch (decision.outcome) {
    case Outcome::new_ticket:
      return decision.ticket ? category_name(decision.ticket->priority) : "a ticket";
    case Outcome::follow_up:
      return "follow-up";
    case Outcome::staff:
      return "from staff";
    case Outcome::duplicate:
      return "duplicate";
    case Outcome::ignored:
      return "ignored";
    case Outcome::quarantined:
      return "quarantine";
    case Outcome::oversize:
      return "too large";
    case Outcome::vanished:
      return "gone";
  }
  return "";
}

std::string present_mail(const PreviewedMail& mail, const TextStyle& style) {
  constexpr std::size_t kWidth = 100;
  const auto& decision = mail.decision;
  std::string text =
      style.bold(shorten(printable_line(sender_of(mail) + ": " + (mail.email ? mail.email->subject : "")), kWidth));
  text += fmt::format("\n  becomes       {}", plain_outcome(decision));
  if (decision.ticket) text += fmt::format(", {}", category_name(decision.ticket->priority));
  if (mail.at) text += style.dim(fmt::format(" (it came {:.10})", iso8601(*mail.at)));
  if (!decision.acknowledgement_reason.empty())
    text += fmt::format("\n  acknowledged  {}: {}", decision.acknowledges ? "yes" : "no",
                        printable_line(decision.acknowledgement_reason));
  text += "\n  why           " + printable_line(decision.reason) + "\n";
  for (const auto& reason : decision.reasons) text += fmt::format("                - {}\n", printable_line(reason));
  return text;
}

/// What the choice of `backlog` makes of it.
std::string backlog_words(const Preview& preview) {
  if (!preview.backlog) return {};
  switch (*preview.backlog) {
    case MailboxSettings::Backlog::ignore:
      return "These mails are there before ticketd starts: with backlog = \"ignore\" they stay as they are, and nobody "
             "hears of them. What follows becomes of such mails when they arrive from now on.\n";
    case MailboxSettings::Backlog::silent:
      return "These mails are there before ticketd starts: with backlog = \"silent\" they become tickets, and nobody "
             "is answered or told. What follows becomes of such mails when they arrive from now on.\n";
    case MailboxSettings::Backlog::normal:
      return "These mails are there before ticketd starts: with backlog = \"normal\" this is what becomes of them "
             "then; customers are answered, and staff are told.\n";
  }
  return {};
}

}  // namespace

LookingDesk empty_desk(const Settings& settings) { return {open_desk(settings, ":memory:"), true}; }

LookingDesk open_looking_desk(const Settings& settings) {
  std::error_code error;
  if (!std::filesystem::exists(settings.store_path, error) && !error) return empty_desk(settings);
  Store::Options options;
  options.recovers = false;  // a look must not wait for the disk
  try {
    return {open_desk(settings, settings.store_path, options), false};
  } catch (const StoreBusy& failure) {
    throw CommandFailure(kExitTryAgain, failure.what());
  } catch (const StoreError& failure) {
    throw CommandFailure(kExitUnavailable, fmt::format("{}: {} (are you in the group ticketd?)",
                                                       settings.store_path.string(), failure.what()));
  }
}

Preview preview_mailbox(LookingDesk& desk, const MailboxSettings& mailbox, const Endpoint& endpoint, std::size_t count,
                        std::uint64_t largest) {
  Preview preview;
  preview.mailbox = mailbox.name;
  if (desk.takes_in) preview.backlog = mailbox.backlog;
  ImapLimits limits;
  limits.whole_octets = largest;
  preview.all = fetch_newest(endpoint, mailbox.folder, count, limits, [&](ImapMail mail) {
    if (!mail.empty()) preview.mails.push_back(look_at(desk, mailbox, std::move(mail)));
  });
  return preview;
}

std::string present_preview(const Preview& preview, const TextStyle& style) {
  constexpr std::size_t kWidth = 120;
  auto text = folded(preview_heading(preview), kWidth);
  for (const auto& mail : preview.mails) text += "\n" + present_mail(mail, style);
  return text;
}

std::string preview_heading(const Preview& preview) {
  if (preview.mails.empty()) return fmt::format("{}: there is no mail\n", printable_line(preview.mailbox));
  const auto which = preview.all == 1 ? std::string("its one mail")
                                      : fmt::format("the newest {} of {} mails", preview.mails.size(), preview.all);
  return fmt::format("{}: what {} would become, coming now; the newest last. Nothing is changed or sent.\n",
                     printable_line(preview.mailbox), which) +
         backlog_words(preview);
}

std::string preview_lines(const Preview& preview, std::size_t width) {
  constexpr std::size_t kOtherColumns = 28, kLeast = 20;  // with the blanks between all of them
  const auto rest = std::max(width, kOtherColumns + kLeast) - kOtherColumns;
  TextTable table({"Becomes", "Acknowledged", "Subject", "From"});
  for (const auto& mail : preview.mails)
    table.add({std::string(short_outcome(mail.decision)), mail.decision.acknowledges ? "yes" : "no",
               shorten(printable_line(mail.email ? mail.email->subject : ""), rest * 3 / 5), sender_of(mail)});
  std::string lines;
  std::istringstream rendered(table.render(TextStyle{}));
  for (std::string line; std::getline(rendered, line);) lines += shorten(line, width) + "\n";
  return lines;
}

boost::json::array preview_json(const Preview& preview) {
  boost::json::array array;
  for (const auto& mail : preview.mails) {
    auto object = decision_json(mail.decision, mail.email ? &*mail.email : nullptr);
    object["mailbox"] = preview.mailbox;
    object["uid"] = static_cast<std::uint32_t>(mail.uid);
    object["at"] = mail.at ? boost::json::value(iso8601(*mail.at)) : boost::json::value(nullptr);
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace ticketd
