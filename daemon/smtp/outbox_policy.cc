#include "daemon/smtp/outbox_policy.h"

#include "daemon/net/backoff.h"

#include <fmt/format.h>

#include <algorithm>

#include "rules/returned_mail.h"

namespace ticketd {

namespace {

constexpr std::size_t kMaxError = 1000;

SendResult result_for(const OutboxRow& row, OutboxState state, std::string error) {
  SendResult result;
  result.id = row.mail.id;
  result.state = state;
  result.error = std::move(error);
  return result;
}

/// "a@x: 550 no such user; b@x: …" for those of that state; the same text is said once.
std::string words_for(const Delivery& delivery, DeliveryState state) {
  std::string words;
  std::string_view last_text;
  for (const auto& recipient : delivery.recipients) {
    if (recipient.state != state || words.size() > kMaxError) continue;
    if (!words.empty() && recipient.text == last_text) continue;
    last_text = recipient.text;
    words += fmt::format("{}{}: {}", words.empty() ? "" : "; ", recipient.recipient, recipient.text);
  }
  return words;
}

bool any(const Delivery& delivery, DeliveryState state) {
  return std::any_of(delivery.recipients.begin(), delivery.recipients.end(),
                     [state](const RecipientOutcome& r) { return r.state == state; });
}

/// A mail is sent when somebody has taken it for each of its recipients, and not when nothing speaks against it.
bool covers_all(const Delivery& delivery, const OutboxRow& row) {
  const auto is_covered = [&](const std::string& address) {
    return std::ranges::find(delivery.recipients, address, &RecipientOutcome::recipient) != delivery.recipients.end();
  };
  return !delivery.recipients.empty() && std::ranges::all_of(row.mail.recipients, is_covered);
}

std::string in_words(Duration duration) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(duration).count();
  if (minutes >= 2 * 24 * 60) return fmt::format("{} days", minutes / (24 * 60));
  if (minutes >= 2 * 60) return fmt::format("{} hours", minutes / 60);
  if (minutes >= 2) return fmt::format("{} minutes", minutes);
  return fmt::format("{} seconds", std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

/// What a person must know of earlier attempts: their own errors are overwritten.
std::string history(const OutboxRow& row) {
  std::string words;
  if (row.uncertain_attempts + row.interrupted_attempts > 0)
    words += "; an earlier attempt went without an answer, so it may have arrived";
  if (!row.refused.empty()) words += fmt::format("; refused for good before: {}", fmt::join(row.refused, ", "));
  return words;
}

/// The last attempt falls on the end of the time.
SendResult try_later(const OutboxRow& row, OutboxState state, std::string error, const SmtpSettings& settings, Time now,
                     double random) {
  error += history(row);
  const Time give_up_at = row.waiting_since + settings.give_up;
  if (now >= give_up_at)
    return result_for(row, OutboxState::failed,
                      fmt::format("given up after {}: {}", in_words(settings.give_up), error));
  SendResult result = result_for(row, state, std::move(error));
  result.next_attempt_at = std::min(now + retry_delay(row.attempts, settings, random), give_up_at);
  return result;
}

SendResult uncertain(const OutboxRow& row, const Delivery& delivery, const SmtpSettings& settings, Time now,
                     double random) {
  const std::string lost = words_for(delivery, DeliveryState::uncertain);
  if (row.uncertain_attempts + 1 >= kMaxUncertainAttempts)
    return result_for(row, OutboxState::failed,
                      fmt::format("{} attempts went without an answer after the mail was handed over, so it may have "
                                  "arrived: {}",
                                  row.uncertain_attempts + 1, lost));
  return try_later(row, OutboxState::uncertain, "handed over, but no answer came, so it may have arrived: " + lost,
                   settings, now, random);
}

SendResult verdict(const OutboxRow& row, const Delivery& delivery, const SmtpSettings& settings, Time now,
                   double random) {
  if (any(delivery, DeliveryState::uncertain)) return uncertain(row, delivery, settings, now, random);
  if (any(delivery, DeliveryState::transient))
    return try_later(row, OutboxState::deferred, words_for(delivery, DeliveryState::transient), settings, now, random);
  if (any(delivery, DeliveryState::permanent))
    return result_for(row, OutboxState::failed, words_for(delivery, DeliveryState::permanent) + history(row));
  if (!row.refused.empty()) return result_for(row, OutboxState::failed, row.last_error + history(row));
  if (!covers_all(delivery, row))
    return try_later(row, OutboxState::deferred, "it is not known of every recipient what became of the mail", settings,
                     now, random);
  return result_for(row, OutboxState::sent, {});
}

}  // namespace

bool is_page(const OutboxRow& row) { return row.mail.kind == OutboxKind::page; }

bool follows(const OutboxRow& row, const OutboxRow& earlier) {
  if (is_page(row) || !row.mail.ticket || row.mail.ticket != earlier.mail.ticket || earlier.mail.id >= row.mail.id ||
      earlier.urgency > row.urgency)
    return false;
  return std::ranges::find_first_of(row.mail.recipients, earlier.mail.recipients) != row.mail.recipients.end();
}

Duration retry_delay(std::uint32_t attempts, const SmtpSettings& settings, double random) {
  return backoff_delay(attempts, settings.retry_first, settings.retry_max, random);
}

SendResult settle(const OutboxRow& row, const Delivery& delivery, const SmtpSettings& settings, Time now,
                  double random) {
  SendResult result = verdict(row, delivery, settings, now, random);
  Decision follows;
  for (const auto& recipient : delivery.recipients) {
    if (recipient.state == DeliveryState::sent) result.accepted.push_back(recipient.recipient);
    if (recipient.state == DeliveryState::permanent) result.refused.push_back(recipient.recipient);
    if (recipient.refusal) note_refused_recipient(row.mail, *recipient.refusal, now, follows);
  }
  result.put_off =
      result.state == OutboxState::deferred && std::ranges::any_of(delivery.recipients, &RecipientOutcome::put_off);
  const bool mixed = !result.refused.empty() && result.state != OutboxState::failed;
  if (mixed) result.error += "; refused for good: " + words_for(delivery, DeliveryState::permanent);
  if (!follows.undeliverable.empty()) result.follows = std::move(follows);
  return result;
}

SendResult postpone(const OutboxRow& row, std::string_view error, const SmtpSettings& settings, Time now,
                    double random) {
  return try_later(row, OutboxState::deferred, std::string(error), settings, now, random);
}

SendResult recover(const OutboxRow& row, const std::optional<Delivery>& known, const SmtpSettings& settings, Time now,
                   double random) {
  if (known)
    return known->recipients.empty() ? hand_back(row, "ticketd ended", now)
                                     : settle(row, *known, settings, now, random);
  SendResult result = try_later(row, OutboxState::uncertain,
                                "ticketd ended before an answer came, so it may have arrived", settings, now, random);
  result.interrupted = true;
  return result;
}

SendResult hand_back(const OutboxRow& row, std::string_view why, Time now) {
  SendResult result = result_for(row, OutboxState::queued, fmt::format("not tried: {}{}", why, history(row)));
  result.next_attempt_at = now;
  return result;
}

}  // namespace ticketd
