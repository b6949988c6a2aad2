// House-keeping: what a desk does for its store when it has time.
#include "daemon/desk/desk.h"
#include "daemon/log/log.h"
#include "rules/acknowledgement.h"

namespace ticketd {

/// A damaged search index stops nothing: it begins anew.
bool Desk::index_messages() {
  constexpr std::size_t kMessages = 200;  // some 10 ms, in which a new mail would wait; large ones take longer
  try {
    return store_.index_messages(kMessages);
  } catch (const SearchIndexDamaged& error) {
    store_.empty_search_index();
    log::search_index_emptied(error.what());
    return true;
  }
}

bool Desk::index() {
  constexpr std::size_t kKeys = 2'000;  // as long as so many messages
  constexpr std::size_t kFilters = 4;
  return index_messages() || store_.merge_mail_keys(8 * kKeys, kKeys) || store_.filter_mail_keys(kFilters);
}

void Desk::index_in_passing() {
  constexpr std::size_t kKeys = 16'000;  // what a second of mails brings, and more
  static_cast<void>(index_messages());
  static_cast<void>(store_.merge_mail_keys(4 * kKeys, kKeys));
}

bool Desk::forget() {
  constexpr std::size_t kOriginals = 50;  // a mail that comes meanwhile waits for so many
  if (!rules_) return false;
  const Time now = now_();
  store_.forget_activity(counted_since(rules_->ruleset, now));
  const auto kept = rules_->raw_mail_retention;
  return kept && store_.drop_originals(now - *kept, kOriginals, now);
}

bool Desk::tidy() {
  const bool more = forget();
  store_.tidy();
  return more;
}

}  // namespace ticketd
