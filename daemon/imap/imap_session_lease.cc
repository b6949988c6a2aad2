// What a lease on a mailbox needs: mails of our own in a folder of the account, and their flags.
#include <fmt/format.h>

#include <map>

#include "daemon/imap/imap_session.h"
#include "daemon/imap/mailbox_name.h"

namespace ticketd {

namespace asio = boost::asio;

void ImapSession::require_done(const ImapStatus& status, std::string_view what) const {
  ImapStatus refusal = status;
  if (refusal.kind != ImapStatus::Kind::ok) refusal.kind = ImapStatus::Kind::no;
  require_ok(refusal, what);
}

asio::awaitable<void> ImapSession::create(std::string folder) {
  const ImapStatus status = co_await run("CREATE " + quote_mailbox_name(folder));
  require_done(status, "CREATE " + folder);
}

/// RFC 9051 §6.3.12, with a literal that the server asks for. Read already, so that nobody takes it for news.
asio::awaitable<void> ImapSession::append(std::string folder, std::string octets) {
  const ImapStatus status = co_await append_literal(folder, std::move(octets));
  require_done(status, "APPEND to " + folder);
}

asio::awaitable<ImapStatus> ImapSession::append_literal(std::string folder, std::string octets) {
  const std::string tag =
      co_await send_command(fmt::format("APPEND {} (\\Seen) {{{}}}", quote_mailbox_name(folder), octets.size()));
  const std::string literal = octets + "\r\n";
  bool is_sent = false;
  while (true) {
    ImapResponse response = co_await next_response();
    auto* status = std::get_if<ImapStatus>(&response);
    if (status != nullptr && status->tag == tag) co_return std::move(*status);
    if (!std::holds_alternative<ImapContinuation>(response)) {
      take_untagged(response);
      continue;
    }
    if (std::exchange(is_sent, true)) throw nonsense("it asks twice for one mail");
    co_await connection_->write(literal, timeouts_.response);
  }
}

asio::awaitable<std::vector<FlaggedUid>> ImapSession::fetch_flags(std::size_t most) {
  std::map<Uid, std::vector<std::string>> told;
  std::vector<FlaggedUid> found;
  news_ = false;
  const ImapStatus noop = co_await run("NOOP");  // else the server may not show what came meanwhile
  require_ok(noop, "NOOP");
  if (exists_ == 0) co_return found;
  const Visitor visit = [&told, most](ImapResponse& response) {
    auto* fetch = std::get_if<ImapFetch>(&response);
    if (fetch == nullptr || !fetch->uid || !fetch->flags) return;
    const Uid uid{*fetch->uid};
    if (told.contains(uid) || told.size() < most) told[uid] = std::move(*fetch->flags);
  };
  const ImapStatus status = co_await run("UID FETCH 1:* (UID FLAGS)", visit);
  require_done(status, "FETCH FLAGS");
  for (auto& [uid, flags] : told) found.push_back({uid, std::move(flags)});
  co_return found;
}

asio::awaitable<void> ImapSession::set_flag(Uid uid, std::string flag, bool is_set) {
  const ImapStatus status = co_await run(
      fmt::format("UID STORE {} {}FLAGS.SILENT ({})", static_cast<std::uint32_t>(uid), is_set ? '+' : '-', flag));
  require_done(status, "STORE " + flag);
}

void ImapSession::wake() {
  news_ = true;
  connection_->interrupt();
}

}  // namespace ticketd
