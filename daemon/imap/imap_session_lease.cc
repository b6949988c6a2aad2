// What a lease on a mailbox needs: mails of our own in a folder of the account, and their flags.
#include <fmt/format.h>

#include <map>

#include "daemon/imap/imap_session.h"
#include "daemon/imap/mailbox_name.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

/// RFC 7888 §5: longer ones may not come unasked for where the server says LITERAL-.
constexpr std::size_t kSmallLiteral = 4096;
constexpr const char* kFetchFlags = "UID FETCH 1:* (UID FLAGS)";

}  // namespace

void ImapSession::require_done(const ImapStatus& status, std::string_view what) const {
  ImapStatus refusal = status;
  if (refusal.kind != ImapStatus::Kind::ok) refusal.kind = ImapStatus::Kind::no;
  require_ok(refusal, what);
}

/// RFC 9051 §6.3.12. Read already, so that nobody takes it for news.
asio::awaitable<void> ImapSession::append(std::string folder, std::string octets) {
  const ImapStatus status = co_await append_literal(folder, std::move(octets));
  require_done(status, "APPEND to " + folder);
}

/// With a literal that the server asks for, or in one flight where it need not (RFC 7888).
asio::awaitable<ImapStatus> ImapSession::append_literal(std::string folder, std::string octets) {
  const bool at_once = has("LITERAL+") || (has("LITERAL-") && octets.size() <= kSmallLiteral);
  auto command =
      fmt::format("APPEND {} (\\Seen) {{{}{}}}", quote_mailbox_name(folder), octets.size(), at_once ? "+" : "");
  if (at_once) command += "\r\n" + octets;
  const std::string tag = co_await send_command(std::move(command));
  const std::string literal = octets + "\r\n";
  bool is_sent = at_once, is_excused = at_once;  // some ask all the same
  while (true) {
    ImapResponse response = co_await next_response();
    auto* status = std::get_if<ImapStatus>(&response);
    if (status != nullptr && status->tag == tag) co_return std::move(*status);
    if (!std::holds_alternative<ImapContinuation>(response)) {
      take_untagged(response);
      continue;
    }
    if (std::exchange(is_excused, false)) continue;
    if (std::exchange(is_sent, true)) throw nonsense("it asks for a mail that it has");
    co_await connection_->write(literal, timeouts_.response);
  }
}

/// With a NOOP in front, without which servers may not show what came meanwhile. Dovecot works off what it was sent
/// before it looks for that, and tells it behind the answer: then, or when a message's place may be another one's, it
/// is asked once more.
asio::awaitable<std::vector<FlaggedUid>> ImapSession::fetch_flags(std::size_t most) {
  news_ = false;
  moves_ = 0;
  const bool is_fresh = std::exchange(just_opened_, false);
  std::string noop_tag, fetch_tag;
  if (!is_fresh) noop_tag = co_await send_command("NOOP");
  if (exists_ > 0) fetch_tag = co_await send_command(kFetchFlags);
  if (!is_fresh) {
    const ImapStatus noop = co_await await_tagged(noop_tag, Visitor());
    require_ok(noop, "NOOP");
  }
  std::vector<FlaggedUid> found;
  if (!fetch_tag.empty()) found = co_await await_flags(fetch_tag, most);
  if (moves_ == 0 || exists_ == 0) co_return found;
  fetch_tag = co_await send_command(kFetchFlags);
  found = co_await await_flags(fetch_tag, most);
  co_return found;
}

asio::awaitable<std::vector<FlaggedUid>> ImapSession::await_flags(std::string tag, std::size_t most) {
  std::map<Uid, std::vector<std::string>> told;
  const Visitor visit = [&told, most](ImapResponse& response) {
    auto* fetch = std::get_if<ImapFetch>(&response);
    if (fetch == nullptr || !fetch->uid || !fetch->flags) return;
    const Uid uid{*fetch->uid};
    if (told.contains(uid) || told.size() < most) told[uid] = std::move(*fetch->flags);
  };
  const ImapStatus status = co_await await_tagged(std::move(tag), visit);
  if (exists_ == 0) told.clear();  // the last one is gone, and then it may be refused
  if (exists_ > 0) require_done(status, "FETCH FLAGS");
  std::vector<FlaggedUid> found;
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
