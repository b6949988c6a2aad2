#include "store/impl.h"

namespace ticketd {

bool Store::merge_mail_keys(std::size_t enough, std::size_t piece) {
  auto& impl = *impl_;
  const auto wanted = [&] { return impl.fresh_keys >= (impl.merging_keys ? piece : enough); };
  if (impl.fresh_keys && !wanted()) return impl.merging_keys = false;
  const Impatience impatience(impl);
  const auto count = [&] { return static_cast<std::size_t>(read_integer(impl.query(sql::count_fresh_keys))); };
  impl.fresh_keys = count();  // ours is a guess: transactions are rolled back, and other processes write
  if (!wanted()) return impl.merging_keys = false;
  WriteScope scope(impl);
  const auto end = read_integer(impl.query(sql::end_of_fresh_piece, piece));
  impl.run(sql::merge_fresh_keys, end);
  impl.run(sql::drop_fresh_keys, end);
  scope.done();
  impl.fresh_keys = count();
  return impl.merging_keys = *impl.fresh_keys >= piece;
}

}  // namespace ticketd
