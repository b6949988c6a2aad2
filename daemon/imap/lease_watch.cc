#include "daemon/imap/lease_watch.h"

#include <algorithm>

namespace ticketd {

LeaseWatch::Verdict LeaseWatch::look(std::span<const LeaseMail> mails, std::optional<Uid> own, SteadyTime now) {
  update(mails, now);
  awaits_former_ = false;
  Verdict verdict;
  bool is_there = false;
  const LeaseMail* in_front = nullptr;
  const LeaseMail* behind = nullptr;
  for (const auto& mail : mails) {
    if (own && mail.uid == *own) {
      is_there = true;
      continue;
    }
    if (is_silent(mail, now)) {
      verdict.silent.push_back(mail.uid);
      continue;
    }
    awaits_former_ = awaits_former_ || is_former(mail);
    const bool is_first = !own || mail.uid < *own;
    if (is_first && mail.holder == holder_ && seen_.at(mail.uid).is_alive) met_copy_ = true;
    const LeaseMail*& place = is_first ? in_front : behind;
    if (place == nullptr) place = &mail;
  }
  const LeaseMail* rival = in_front != nullptr ? in_front : behind;
  if (rival != nullptr) verdict.rival = *rival;
  if (rival != nullptr) verdict.is_copy = rival->holder == holder_;
  verdict.is_copy = verdict.is_copy || met_copy_;
  verdict.kind = own && !is_there                   ? Verdict::Kind::lost
                 : in_front != nullptr || met_copy_ ? Verdict::Kind::stand_by
                                                    : Verdict::Kind::held;
  return verdict;
}

/// Who did not look for long knows nothing of what happened meanwhile: the marks may have come round.
void LeaseWatch::update(std::span<const LeaseMail> mails, SteadyTime now) {
  const bool was_away = looked_at_ && now - *looked_at_ > times_.validity * 3 / 4;
  looked_at_ = now;
  std::map<Uid, Seen> seen;
  for (const auto& mail : mails) {
    const auto before = seen_.find(mail.uid);
    Seen& entry = seen[mail.uid] = before == seen_.end() ? Seen{mail.mark, now, false} : before->second;
    if (was_away) entry.since = now;
    if (entry.mark != mail.mark) entry = {mail.mark, now, true};
  }
  seen_ = std::move(seen);
}

std::chrono::milliseconds LeaseWatch::next_look() const {
  return awaits_former_ && expects_answers_ ? times_.answer : times_.refresh;
}

bool LeaseWatch::is_former(const LeaseMail& mail) const {
  return mail.holder == holder_ && mail.token == former_ && !seen_.at(mail.uid).is_alive;
}

bool LeaseWatch::is_silent(const LeaseMail& mail, SteadyTime now) const {
  const auto patience = !is_former(mail) ? times_.validity : expects_answers_ ? times_.answer : times_.refresh * 3 / 2;
  return now - seen_.at(mail.uid).since >= patience;
}

}  // namespace ticketd
