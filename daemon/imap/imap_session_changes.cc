// Moving, deleting, flags; and waiting for what others change.
#include <fmt/format.h>

#include "daemon/imap/imap_session.h"
#include "daemon/imap/mailbox_name.h"
#include "daemon/imap/uid_sets.h"

namespace ticketd {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

/// What COPYUID receipts say that was taken over.
struct Receipts {
  std::size_t count = 0;
  bool given = false;

  void take(const ImapCode& code) {
    const auto receipt = parse_copy_uid(code);
    if (!receipt) return;
    given = true;
    for (const auto& range : receipt->from) count += std::size_t{range.last} - range.first + 1;
  }
};

}  // namespace

asio::awaitable<std::size_t> ImapSession::move(std::vector<Uid> uids, std::string folder) {
  const bool in_one = has("MOVE");
  std::size_t moved = 0;
  for (const auto& set : uid_sets(std::move(uids))) {
    const std::size_t count = co_await transfer(in_one ? "MOVE" : "COPY", set, folder);
    moved += count;
    if (!in_one) co_await delete_uids(set);
  }
  co_return moved;
}

/// One UID MOVE or UID COPY; a missing folder is created once.
asio::awaitable<std::size_t> ImapSession::transfer(std::string verb, std::string set, std::string folder) {
  const std::string command = fmt::format("UID {} {} {}", verb, set, quote_mailbox_name(folder));
  Receipts receipts;
  const Visitor visit = [&receipts](ImapResponse& response) {
    if (const auto* status = std::get_if<ImapStatus>(&response)) receipts.take(status->code);
  };
  ImapStatus status = co_await run(command, visit);
  if (status.kind == ImapStatus::Kind::no && status.code.name == "TRYCREATE") {
    const ImapStatus created = co_await run("CREATE " + quote_mailbox_name(folder));
    require_ok(created, "CREATE " + folder);
    status = co_await run(command, visit);
  }
  require_ok(status, fmt::format("{} to {}", verb, folder));
  receipts.take(status.code);
  const auto asked = expand(parse_sequence_set(set).value_or(std::vector<SequenceRange>{}), SIZE_MAX);
  co_return receipts.given ? receipts.count : asked->size();
}

asio::awaitable<void> ImapSession::remove(std::vector<Uid> uids) {
  for (const auto& set : uid_sets(std::move(uids))) co_await delete_uids(set);
}

asio::awaitable<void> ImapSession::delete_uids(std::string set) {
  const ImapStatus stored = co_await run(fmt::format("UID STORE {} +FLAGS.SILENT (\\Deleted)", set));
  require_ok(stored, "STORE \\Deleted");
  if (!has("UIDPLUS")) co_return;
  const ImapStatus expunged = co_await run("UID EXPUNGE " + set);
  require_ok(expunged, "UID EXPUNGE");
}

asio::awaitable<void> ImapSession::mark_seen(std::vector<Uid> uids) {
  for (const auto& set : uid_sets(std::move(uids))) {
    const ImapStatus status = co_await run(fmt::format("UID STORE {} +FLAGS.SILENT (\\Seen)", set));
    require_ok(status, "STORE \\Seen");
  }
}

asio::awaitable<void> ImapSession::wait_for_news(milliseconds longest) {
  const milliseconds span = std::min(longest, timeouts_.idle);
  if (news_) co_return;
  const bool idling = co_await begin_idle();
  co_await listen(span);
  if (idling) {
    co_await end_idle();
    co_return;
  }
  const ImapStatus status = co_await run("NOOP");
  require_ok(status, "NOOP");
}

/// False when the server has no IDLE or does not want it now.
asio::awaitable<bool> ImapSession::begin_idle() {
  if (!has("IDLE")) co_return false;
  const std::string tag = co_await send_command("IDLE");
  idle_tag_ = tag;
  while (true) {
    const ImapResponse response = co_await next_response();
    if (std::holds_alternative<ImapContinuation>(response)) co_return true;
    const auto* status = std::get_if<ImapStatus>(&response);
    if (status != nullptr && status->tag == tag) break;
    take_untagged(response);
  }
  idle_tag_.clear();
  co_return false;
}

asio::awaitable<void> ImapSession::end_idle() {
  const std::string tag = std::exchange(idle_tag_, std::string());
  co_await connection_->write("DONE\r\n", timeouts_.response);
  answer_due_ = std::chrono::steady_clock::now() + timeouts_.answer;
  const Visitor nobody;
  const ImapStatus status = co_await await_tagged(tag, nobody);
  require_ok(status, "IDLE");
}

asio::awaitable<void> ImapSession::listen(milliseconds longest) {
  const auto end = std::chrono::steady_clock::now() + longest;
  interrupt_after(longest);
  while (!news_ && std::chrono::steady_clock::now() < end) {
    const auto response = co_await try_response(longest + timeouts_.response);
    if (response)
      take_untagged(*response);
    else if (stopping_)
      throw ImapStopped();
  }
  renewal_.cancel();
}

void ImapSession::interrupt_after(milliseconds delay) {
  renewal_.expires_after(delay);
  renewal_.async_wait([weak = std::weak_ptr(connection_)](boost::system::error_code ec) {
    auto connection = weak.lock();
    if (connection && !ec) connection->interrupt();
  });
}

}  // namespace ticketd
