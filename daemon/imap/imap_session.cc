#include "daemon/imap/imap_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/imap/mailbox_name.h"
#include "daemon/net/connect_error.h"
#include "parsers/printable.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kReadOctets = 64 * 1024;

}  // namespace

ImapSession::ImapSession(Network& network, Endpoint endpoint, const ImapLimits& limits, const ImapTimeouts& timeouts)
    : url_(public_url(endpoint.url)),
      timeouts_(timeouts),
      connection_(std::make_shared<Connection>(network, std::move(endpoint))),
      renewal_(network.io()),
      reader_(limits),
      buffer_(kReadOctets) {}

ImapSession::~ImapSession() = default;

asio::awaitable<void> ImapSession::open() {
  co_await connection_->open(timeouts_.connect);
  // Asked always: what the server said before or with the login may be out of date or lost.
  const ImapStatus status = co_await run("CAPABILITY");
  require_ok(status, "CAPABILITY");
}

asio::awaitable<std::optional<SelectedMailbox>> ImapSession::open_and_select(std::string folder) {
  co_await connection_->open(timeouts_.connect);
  exists_ = 0;
  const std::string capability_tag = co_await send_command("CAPABILITY");
  const std::string select_tag = co_await send_command("SELECT " + quote_mailbox_name(folder));
  const ImapStatus capability = co_await await_tagged(capability_tag, Visitor());
  require_ok(capability, "CAPABILITY");
  SelectedMailbox selected;
  const ImapStatus status = co_await await_opened(select_tag, selected);
  if (status.kind == ImapStatus::Kind::no) co_return std::nullopt;
  judge_opened(status, "SELECT " + folder, selected);
  co_return selected;
}

bool ImapSession::has(std::string_view capability) const {
  return std::find(capabilities_.begin(), capabilities_.end(), capability) != capabilities_.end();
}

asio::awaitable<SelectedMailbox> ImapSession::select(std::string folder) {
  SelectedMailbox selected = co_await open_folder("SELECT", std::move(folder));
  co_return selected;
}

asio::awaitable<SelectedMailbox> ImapSession::examine(std::string folder) {
  SelectedMailbox selected = co_await open_folder("EXAMINE", std::move(folder));
  co_return selected;
}

asio::awaitable<SelectedMailbox> ImapSession::create_and_select(std::string folder) {
  exists_ = 0;
  const std::string create_tag = co_await send_command("CREATE " + quote_mailbox_name(folder));
  const std::string select_tag = co_await send_command("SELECT " + quote_mailbox_name(folder));
  const ImapStatus created = co_await await_tagged(create_tag, Visitor());
  SelectedMailbox selected;
  const ImapStatus status = co_await await_opened(select_tag, selected);
  const bool is_old = created.code.name == "ALREADYEXISTS";  // RFC 5530
  if (status.kind != ImapStatus::Kind::ok && !is_old) require_done(created, "CREATE " + folder);
  judge_opened(status, "SELECT " + folder, selected);
  co_return selected;
}

asio::awaitable<MailboxList> ImapSession::select_and_list(std::string folder) {
  const Uid first{1};
  exists_ = 0;
  const std::string select_tag = co_await send_command("SELECT " + quote_mailbox_name(folder));
  const std::string search_tag = co_await send_command(search_from(first));
  MailboxList list;
  const ImapStatus status = co_await await_opened(select_tag, list.selected);
  if (status.kind == ImapStatus::Kind::ok) {
    judge_opened(status, "SELECT " + folder, list.selected);
    list.uids = co_await await_list(search_tag, first);
    co_return list;
  }
  try {
    co_await await_tagged(search_tag, Visitor());  // it was in vain
  } catch (const NetError&) {
    // The refusal says more.
  }
  judge_opened(status, "SELECT " + folder, list.selected);
  co_return list;
}

asio::awaitable<SelectedMailbox> ImapSession::open_folder(std::string verb, std::string folder) {
  exists_ = 0;
  const std::string tag = co_await send_command(verb + ' ' + quote_mailbox_name(folder));
  SelectedMailbox selected;
  const ImapStatus status = co_await await_opened(tag, selected);
  judge_opened(status, verb + ' ' + folder, selected);
  co_return selected;
}

asio::awaitable<ImapStatus> ImapSession::await_opened(std::string tag, SelectedMailbox& selected) {
  const Visitor visit = [&selected](ImapResponse& response) {
    const auto* status = std::get_if<ImapStatus>(&response);
    if (status == nullptr) return;
    const auto number = status->code.number();
    if (status->code.name == "UIDVALIDITY" && number) selected.uid_validity = UidValidity{*number};
    if (status->code.name == "UIDNEXT" && number) selected.uid_next = Uid{*number};
  };
  ImapStatus status = co_await await_tagged(tag, visit);
  selected.exists = exists_;
  selected.read_only = status.code.name == "READ-ONLY";
  news_ = false;
  just_opened_ = status.kind == ImapStatus::Kind::ok;
  co_return status;
}

void ImapSession::judge_opened(const ImapStatus& status, std::string_view what, const SelectedMailbox& selected) const {
  require_ok(status, what);
  if (selected.uid_validity == UidValidity{}) throw nonsense("no UIDVALIDITY");
}

asio::awaitable<void> ImapSession::logout() {
  if (capabilities_.empty()) co_return;  // never was logged in
  const bool in_order = fetching_.tags.empty() &&
                        fetching_.checks.empty();  // else the good-bye would stand behind mails that nobody wants
  leaving_ = true;
  stopping_ = false;
  renewal_.cancel();
  timeouts_.response = timeouts_.logout;
  try {
    if (in_order && !idle_tag_.empty()) co_await end_idle();
    if (in_order) co_await run("LOGOUT");
  } catch (const std::exception&) {
    // Whoever leaves does not mind how.
  }
}

void ImapSession::stop() {
  stopping_ = true;
  connection_->interrupt();
}

/// nullopt: someone has interrupted the wait.
asio::awaitable<std::optional<ImapResponse>> ImapSession::try_response(std::chrono::milliseconds timeout) {
  while (true) {
    std::string syntax_error;
    try {
      auto response = reader_.next(unread_);
      if (response) co_return response;
    } catch (const ImapSyntaxError& error) {
      syntax_error = error.what();
    }
    if (!syntax_error.empty()) throw nonsense(syntax_error);
    if (stopping_) throw ImapStopped();
    const std::size_t octets = co_await connection_->read_some(buffer_.data(), buffer_.size(), timeout);
    if (octets == Connection::kInterrupted) co_return std::nullopt;
    if (octets == 0) throw NetError(NetError::Kind::unreachable, url_ + ": the server has closed the connection");
    unread_ = {buffer_.data(), octets};
  }
}

asio::awaitable<ImapResponse> ImapSession::next_response() {
  while (true) {
    if (std::chrono::steady_clock::now() > answer_due_)
      throw NetError(NetError::Kind::timeout, url_ + ": the server talks on and does not answer");
    auto response = co_await try_response(timeouts_.response);
    if (response) co_return std::move(*response);
    if (stopping_) throw ImapStopped();
  }
}

asio::awaitable<std::string> ImapSession::send_command(std::string text) {
  std::string tag = fmt::format("t{}", ++commands_);
  const std::string line = fmt::format("{} {}\r\n", tag, text);
  co_await connection_->write(line, timeouts_.response);
  answer_due_ = std::chrono::steady_clock::now() + timeouts_.answer;
  co_return tag;
}

asio::awaitable<ImapStatus> ImapSession::await_tagged(std::string tag, const Visitor& visit) {
  while (true) {
    ImapResponse response = co_await next_response();
    auto* status = std::get_if<ImapStatus>(&response);
    if (status != nullptr && status->tag == tag) co_return std::move(*status);
    take_untagged(response);
    if (visit) visit(response);
  }
}

asio::awaitable<ImapStatus> ImapSession::run(std::string text, const Visitor& visit) {
  std::string tag = co_await send_command(std::move(text));
  ImapStatus status = co_await await_tagged(std::move(tag), visit);
  co_return status;
}

asio::awaitable<ImapStatus> ImapSession::run(std::string text) {
  const Visitor nobody;
  ImapStatus status = co_await run(std::move(text), nobody);
  co_return status;
}

/// What concerns the session whatever command is under way.
void ImapSession::take_untagged(const ImapResponse& response) {
  if (std::holds_alternative<ImapExists>(response) || std::holds_alternative<ImapExpunge>(response)) ++moves_;
  if (const auto* exists = std::get_if<ImapExists>(&response)) {
    news_ = news_ || exists->count != exists_;
    exists_ = exists->count;
  } else if (std::holds_alternative<ImapExpunge>(response)) {
    exists_ -= exists_ > 0 ? 1 : 0;
    news_ = news_ || hears_changes_;
  } else if (std::holds_alternative<ImapFetch>(response)) {
    news_ = news_ || (hears_changes_ && !idle_tag_.empty());  // else it is an answer
  } else if (const auto* told = std::get_if<ImapMailboxStatus>(&response)) {
    told_about_ = *told;
  } else if (const auto* capabilities = std::get_if<ImapCapabilities>(&response)) {
    capabilities_ = capabilities->names;
  } else if (const auto* status = std::get_if<ImapStatus>(&response)) {
    if (!status->tag.empty()) throw nonsense("an answer to nothing");
    if (status->kind == ImapStatus::Kind::bye && !leaving_)
      throw NetError(NetError::Kind::unreachable,
                     fmt::format("{}: the server says good-bye: {}", url_, printable_line(status->text)));
  }
}

NetError ImapSession::nonsense(std::string_view what) const {
  return {NetError::Kind::protocol, fmt::format("{}: the server speaks no IMAP that we know: {}", url_, what)};
}

void ImapSession::require_ok(const ImapStatus& status, std::string_view what) const {
  if (status.kind == ImapStatus::Kind::ok) return;
  const std::string text = fmt::format("{}: {}: the server says \"{}{}{}\"", url_, what,
                                       status.code.name.empty() ? "" : "[" + status.code.name + "] ",
                                       status.kind == ImapStatus::Kind::bad ? "BAD " : "", printable_line(status.text));
  if (status.kind == ImapStatus::Kind::bad) throw NetError(NetError::Kind::protocol, text);
  throw ImapRefused(text);
}

}  // namespace ticketd
