#include <array>

#include "store/impl.h"

namespace ticketd {
namespace {

/// Persistent: do not change.
constexpr std::array<std::pair<Tenure, std::string_view>, 4> kTenures{{{Tenure::unknown, "unknown"},
                                                                       {Tenure::held, "held"},
                                                                       {Tenure::unguarded, "unguarded"},
                                                                       {Tenure::stand_by, "stand_by"}}};

std::string_view name_of(Tenure tenure) {
  for (const auto& [value, name] : kTenures)
    if (value == tenure) return name;
  return "";
}

Tenure tenure_from_name(std::string_view text) {
  for (const auto& [value, name] : kTenures)
    if (name == text) return value;
  return Tenure::unknown;
}

}  // namespace

std::vector<LeaseRecord> Store::leases() {
  std::vector<LeaseRecord> result;
  auto rows = impl_->query(sql::leases);
  while (rows.next()) {
    LeaseRecord& lease = result.emplace_back();
    lease.mailbox = rows.text();
    lease.holder = rows.text();
    lease.token = rows.text();
    lease.place = rows.text();
    lease.tenure = tenure_from_name(rows.view());
    lease.rival = rows.text();
    lease.rival_since = rows.optional_time();
    lease.is_copy = rows.integer() != 0;
    lease.detail = rows.text();
    lease.looked_at = rows.time();
    lease.watched = rows.text();
    lease.watched_since = rows.optional_time();
  }
  return result;
}

void Store::write_lease(const LeaseRecord& lease) {
  impl_->run(sql::write_lease, lease.mailbox, lease.holder, lease.token, lease.place, name_of(lease.tenure),
             lease.rival, lease.rival_since, lease.is_copy, lease.detail, lease.looked_at, lease.watched,
             lease.watched_since);
}

}  // namespace ticketd
