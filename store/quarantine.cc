#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

QuarantinedMail read_quarantined(Rows& rows) {
  QuarantinedMail mail;
  mail.id = rows.integer();
  mail.mailbox = rows.text();
  if (const auto uid = rows.optional_integer()) mail.uid = Uid{static_cast<std::uint32_t>(*uid)};
  mail.at = rows.time();
  mail.reason = rows.text();
  mail.size = static_cast<std::uint64_t>(rows.integer());
  return mail;
}

/// Key of a ledger row.
struct LedgerKey {
  std::int64_t mailbox = 0;
  std::int64_t uid_validity = 0;
  std::int64_t uid = 0;
};

/// nullopt for a mail from the pipe.
std::optional<LedgerKey> find_ledger_row(Impl& impl, std::int64_t id) {
  auto rows = impl.query(sql::ledger_of_quarantined, id);
  if (!rows.next()) return std::nullopt;
  LedgerKey key;
  key.mailbox = rows.integer();
  key.uid_validity = rows.integer();
  key.uid = rows.integer();
  return key;
}

}  // namespace

std::int64_t Store::quarantine(const ArrivedMail& arrived, std::string_view reason, Time now) {
  return impl_->insert(sql::insert_quarantine, now, reason, arrived.mailbox, channel_name(arrived.mailbox_channel),
                       arrived.internal_date, arrived.first_contact, arrived.backlog, arrived.silent, arrived.oversize,
                       arrived.original_size, arrived.octets.size(), Blob{impl_->compressor.compress(arrived.octets)});
}

std::vector<QuarantinedMail> Store::quarantined() {
  std::vector<QuarantinedMail> result;
  auto rows = impl_->query(sql::quarantine);
  while (rows.next()) result.push_back(read_quarantined(rows));
  return result;
}

std::optional<QuarantinedMail> Store::quarantined(std::int64_t id) {
  auto rows = impl_->query(sql::quarantine_entry, id);
  return rows.next() ? std::optional(read_quarantined(rows)) : std::nullopt;
}

std::optional<ArrivedMail> Store::quarantined_mail(std::int64_t id) {
  auto rows = impl_->query(sql::quarantined_mail, id);
  if (!rows.next()) return std::nullopt;
  ArrivedMail arrived;
  arrived.mailbox = rows.text();
  arrived.mailbox_channel = channel_from_name(rows.view()).value_or(Channel::direct);
  arrived.internal_date = rows.time();
  arrived.first_contact = rows.optional_time();
  arrived.backlog = rows.integer() != 0;
  arrived.silent = rows.integer() != 0;
  arrived.oversize = rows.integer() != 0;
  arrived.original_size = static_cast<std::uint64_t>(rows.integer());
  arrived.octets = impl_->compressor.decompress(rows.view());
  return arrived;
}

void Store::settle_quarantined(std::int64_t id, Outcome outcome, std::optional<TicketId> ticket,
                               std::string_view reason) {
  if (const auto row = find_ledger_row(*impl_, id)) {
    impl_->run(sql::settle_quarantined, row->mailbox, row->uid_validity, row->uid, name_of(outcome), ticket, reason);
    impl_->run(sql::uncount_ledger, row->mailbox, row->uid_validity, name_of(Outcome::quarantined));
    impl_->run(sql::recount_ledger, row->mailbox, row->uid_validity, name_of(outcome));
  }
  impl_->run(sql::delete_quarantined, id);
}

}  // namespace ticketd
