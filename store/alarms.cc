#include "store/impl.h"

namespace ticketd {

std::vector<Alarm> Store::alarms() {
  std::vector<Alarm> result;
  auto rows = impl_->query(sql::alarms);
  while (rows.next()) {
    Alarm& alarm = result.emplace_back();
    alarm.name = rows.text();
    alarm.text = rows.text();
    alarm.raised_at = rows.time();
    alarm.gone_at = rows.optional_time();
    alarm.is_over = rows.integer() != 0;
    alarm.repeats = static_cast<std::uint32_t>(rows.integer());
    alarm.count = static_cast<std::uint64_t>(rows.integer());
  }
  return result;
}

void Store::write_alarms(std::span<const Alarm> alarms) {
  WriteScope scope(*impl_);
  impl_->run(sql::forget_alarms);
  for (const auto& alarm : alarms)
    impl_->run(sql::insert_alarm, alarm.name, alarm.text, alarm.raised_at, alarm.gone_at, alarm.is_over, alarm.repeats,
               alarm.count);
  scope.done();
}

void Store::note_stuck(const Ticket& ticket, std::string_view reason) {
  impl_->run(sql::note_stuck, ticket.number, ticket.check_at, reason);
}

}  // namespace ticketd
