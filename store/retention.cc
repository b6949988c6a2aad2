#include <algorithm>

#include "store/impl.h"

namespace ticketd {

bool Store::drop_originals(Time before, std::size_t most, Time now) {
  const auto find = [&] {
    std::vector<std::int64_t> found;
    auto rows = impl_->query(sql::old_originals, before, most + 1);
    while (rows.next()) found.push_back(rows.integer());
    return found;
  };
  if (find().empty()) return false;  // nothing is locked while nothing is too old
  const Impatience impatience(*impl_);
  WriteScope scope(*impl_);
  const auto found = find();
  const auto end = std::min(most, found.size());
  for (std::size_t i = 0; i < end; ++i) {
    impl_->run(sql::note_removed_original, found[i], now);
    impl_->run(sql::delete_original, found[i]);
  }
  scope.done();
  return found.size() > most;
}

std::optional<RemovedOriginal> Store::removed_original(std::int64_t message_id) {
  auto rows = impl_->query(sql::removed_original, message_id);
  if (!rows.next()) return std::nullopt;
  RemovedOriginal removed;
  removed.at = rows.time();
  removed.is_erased = rows.view() == "erasure";
  return removed;
}

std::vector<TicketId> Store::tickets_after(TicketId after, Time reported_since, std::size_t limit) {
  std::vector<TicketId> result;
  auto rows = impl_->query(sql::tickets_after, after, reported_since, limit);
  while (rows.next()) result.push_back(rows.id<TicketId>());
  return result;
}

}  // namespace ticketd
