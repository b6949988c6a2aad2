// What finds a Message-ID: new keys in a small index, the others in a large one, and filters that say what that lacks.
#include <algorithm>
#include <limits>
#include <span>

#include "store/impl.h"
#include "store/key_filter.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;
using Keys = std::vector<std::int64_t>;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();
/// Of a new filter: there is room for more.
constexpr std::size_t kFirstKeys = KeyFilter::kFull * 3 / 4;

Keys read_keys(Rows rows) {
  Keys keys;
  while (rows.next()) keys.push_back(rows.integer());
  return keys;
}

void write_filter(Impl& impl, std::int64_t from, std::span<const std::int64_t> keys) {
  KeyFilter filter;
  for (const auto key : keys) filter.add(key);
  impl.run(sql::write_key_filter, from, keys.size(), Blob{filter.bits()});
  impl.key_filters.clear();
}

/// Where the filter begins that the key belongs to; nullopt: there is none yet.
std::optional<std::int64_t> start_of_filter(Impl& impl, std::int64_t key) {
  auto rows = impl.query(sql::start_of_key_filter, key);
  return rows.next() ? rows.optional_integer() : std::nullopt;
}

/// The last key that belongs to the filter which begins there.
std::int64_t end_of_filter(Impl& impl, std::int64_t from) {
  auto rows = impl.query(sql::next_key_filter, from);
  const auto next = rows.next() ? rows.optional_integer() : std::nullopt;
  return next ? *next - 1 : kHighest;
}

/// Makes as many as it takes of one that is over-full. It may be so by keys that came in again and again.
void split_filter(Impl& impl, std::int64_t from) {
  const Keys keys = read_keys(impl.query(sql::merged_keys_between, from, end_of_filter(impl, from)));
  const std::size_t filters = keys.size() / kFirstKeys + 1;
  const std::size_t each = keys.size() / filters + 1;
  for (std::size_t at = 0; at == 0 || at < keys.size(); at += each) {
    const auto part = std::span(keys).subspan(at, std::min(each, keys.size() - at));
    write_filter(impl, at == 0 ? from : part.front(), part);
  }
}

/// Takes `keys`, ascending, which all belong to one filter, in; true: that is over-full now, or was damaged.
bool add_to_filter(Impl& impl, std::int64_t from, std::span<const std::int64_t> keys) {
  std::optional<KeyFilter> filter;
  std::size_t count = keys.size();
  {
    auto rows = impl.query(sql::key_filter, from);
    if (!rows.next()) return false;
    filter.emplace(rows.text());
    count += static_cast<std::size_t>(rows.integer());
  }
  if (!KeyFilter::are_whole(filter->bits())) return true;
  for (const auto key : keys) filter->add(key);
  impl.run(sql::write_key_filter, from, count, Blob{filter->bits()});
  impl.key_filters.clear();
  return count > KeyFilter::kFull;
}

/// Of the filters that have them now, those to be made anew. Keys that no filter covers yet are left out.
std::vector<std::int64_t> add_to_filters(Impl& impl, const Keys& keys) {
  std::vector<std::int64_t> full;
  for (auto first = keys.begin(); first != keys.end();) {
    const auto from = start_of_filter(impl, *first);
    const auto end = end_of_filter(impl, from.value_or(kLowest));
    const auto last = std::upper_bound(first, keys.end(), end);
    if (from && add_to_filter(impl, *from, {first, last})) full.push_back(*from);
    first = last;
  }
  return full;
}

bool are_all_covered(Impl& impl) { return start_of_filter(impl, kLowest).has_value(); }

/// One more filter, below those that there are.
void cover_more(Impl& impl) {
  const Keys keys = read_keys(impl.query(sql::merged_keys_up_to, end_of_filter(impl, kLowest), kFirstKeys));
  write_filter(impl, keys.size() < kFirstKeys ? kLowest : keys.back(), keys);
}

void move_keys(Impl& impl, std::int64_t end) {
  const auto full = add_to_filters(impl, read_keys(impl.query(sql::keys_of_fresh_piece, end)));
  impl.run(sql::merge_fresh_keys, end);
  impl.run(sql::drop_fresh_keys, end);
  for (const auto from : full) split_filter(impl, from);
}

}  // namespace

/// A key goes from the small index to the large one, never back: looked for in that order, none is missed. The filters
/// are kept in memory, for the store's own cache is passed through by all that is filed: until one is written, by this
/// connection (write_filter, add_to_filter) or, which any write of theirs may be, by another.
bool Store::Impl::may_know(std::int64_t key) {
  if (query(sql::has_fresh_key, key).next()) return true;
  const auto version = read_integer(query(sql::data_version));
  if (version != filters_version) key_filters.clear();
  filters_version = version;
  if (const auto known = key_filters.may_have(key)) return *known;
  const auto from = start_of_filter(*this, key);
  if (!from) return true;
  std::string bits;
  if (auto rows = query(sql::key_filter, *from); rows.next()) bits = rows.text();
  key_filters.keep(*from, end_of_filter(*this, *from), bits);
  return KeyFilter::may_have(bits, key);
}

bool Store::merge_mail_keys(std::size_t enough, std::size_t piece) {
  auto& impl = *impl_;
  const auto wanted = [&] { return impl.fresh_keys >= (impl.merging_keys ? piece : enough); };
  if (impl.fresh_keys && !wanted()) return impl.merging_keys = false;
  const Impatience impatience(impl);
  const auto count = [&] { return static_cast<std::size_t>(read_integer(impl.query(sql::count_fresh_keys))); };
  impl.fresh_keys = count();  // ours is a guess: transactions are rolled back, and other processes write
  if (!wanted()) return impl.merging_keys = false;
  WriteScope scope(impl);
  move_keys(impl, read_integer(impl.query(sql::end_of_fresh_piece, piece)));
  scope.done();
  impl.fresh_keys = count();
  return impl.merging_keys = *impl.fresh_keys >= piece;
}

bool Store::filter_mail_keys(std::size_t most) {
  auto& impl = *impl_;
  if (impl.keys_are_filtered) return false;
  impl.keys_are_filtered = are_all_covered(impl);
  if (impl.keys_are_filtered) return false;
  const Impatience impatience(impl);
  WriteScope scope(impl);
  for (std::size_t filters = 0; filters < most && !are_all_covered(impl); ++filters) cover_more(impl);
  scope.done();
  return true;
}

}  // namespace ticketd
