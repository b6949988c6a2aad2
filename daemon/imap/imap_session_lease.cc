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

/// What is told of a mailbox's mails, the latest word of each; of more than `most` the others are left out.
struct Flags {
  std::map<Uid, std::vector<std::string>> flags;
  std::size_t most = 0;
  bool are_old = false;  ///< newer ones were told, and not whose they are (RFC 3501 §7.4.2 asks for no UID)

  void take(ImapResponse& response) {
    auto* fetch = std::get_if<ImapFetch>(&response);
    if (fetch == nullptr || !fetch->flags) return;
    are_old = are_old || !fetch->uid;
    if (!fetch->uid) return;
    const Uid uid{*fetch->uid};
    if (flags.contains(uid) || flags.size() < most) flags[uid] = std::move(*fetch->flags);
  }
};

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
/// before it looks for that: what it was asked for comes before NOOP's own answer, and what came meanwhile behind.
/// Then, or when a message's place may be another one's, or flags came without a UID, it is asked once more.
asio::awaitable<std::vector<FlaggedUid>> ImapSession::fetch_flags(std::size_t most) {
  Flags told{{}, most};
  news_ = false;
  moves_ = 0;
  const Visitor visit = [&told](ImapResponse& response) { told.take(response); };
  const bool is_fresh = std::exchange(just_opened_, false);
  std::string noop_tag, fetch_tag;
  if (!is_fresh) noop_tag = co_await send_command("NOOP");
  if (exists_ > 0) fetch_tag = co_await send_command(kFetchFlags);
  if (!is_fresh) {
    const ImapStatus noop = co_await await_tagged(noop_tag, visit);
    require_ok(noop, "NOOP");
  }
  if (!fetch_tag.empty()) co_await await_flags(fetch_tag, visit);
  if (moves_ > 0 || told.are_old) {
    told.flags.clear();
    if (exists_ > 0) fetch_tag = co_await send_command(kFetchFlags);
    if (exists_ > 0) co_await await_flags(fetch_tag, visit);
  }
  std::vector<FlaggedUid> found;
  for (auto& [uid, flags] : told.flags) found.push_back({uid, std::move(flags)});
  co_return found;
}

/// The answer about the last message may be a refusal when that has gone meanwhile.
asio::awaitable<void> ImapSession::await_flags(std::string tag, const Visitor& visit) {
  const ImapStatus status = co_await await_tagged(std::move(tag), visit);
  if (exists_ > 0) require_done(status, "FETCH FLAGS");
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
