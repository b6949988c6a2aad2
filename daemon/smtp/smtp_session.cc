#include "daemon/smtp/smtp_session.h"

#include <unistd.h>

#include <algorithm>

#include "daemon/net/connect_error.h"
#include "daemon/smtp/smtp_data.h"
#include "parsers/ascii.h"

namespace ticketd {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// Commands in one group: its replies must fit into the sockets' buffers, for nobody reads them meanwhile.
constexpr std::size_t kGroup = 50;
constexpr std::size_t kContentPiece = 64 * 1024;

/// RFC 5321 §4.1.1.1: this machine's name, or an address literal when it has none that could stand there.
std::string ehlo_name() {
  std::array<char, 256> name{};
  const bool known = gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0';
  const std::string_view text(name.data());
  const bool clean =
      std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; });
  return known && clean ? std::string(text) : "[127.0.0.1]";
}

}  // namespace

SmtpSession::SmtpSession(Network& network, Endpoint endpoint, SmtpTimeouts timeouts)
    : connection_(network, endpoint), server_(public_url(endpoint.url)), timeouts_(timeouts) {}

asio::awaitable<void> SmtpSession::open() {
  co_await connection_.open(timeouts_.open);
  const std::string ehlo = "EHLO " + ehlo_name() + "\r\n";
  co_await connection_.write(ehlo, timeouts_.command);
  const SmtpReply reply = co_await read_reply(timeouts_.open);
  if (reply.transient())
    throw NetError(NetError::Kind::unreachable, server_ + ": EHLO was refused: " + to_string(reply));
  extensions_ = parse_smtp_extensions(reply);
  usable_ = true;
}

/// Octets that nobody has asked for.
bool SmtpSession::spoken_to() const { return !unread_.empty() || !parser_.idle(); }

void SmtpSession::note_progress() { waits_since_ = SteadyClock::now(); }

asio::awaitable<Delivery> SmtpSession::send(const OutgoingMail& mail, const NextMail& next) {
  note_progress();
  const bool announced = announced_.has_value();
  SmtpTransaction transaction = announced ? std::move(*announced_) : SmtpTransaction(mail, extensions_, needs_reset_);
  announced_.reset();
  std::string failure;
  if (!usable_) failure = server_ + ": the connection is closed";
  if (!announced && spoken_to()) failure = server_ + ": the server spoke out of turn";
  if (failure.empty()) {
    try {
      co_await converse(transaction, mail, next);
    } catch (const NetError& error) {
      failure = error.what();
    }
  }
  if (!failure.empty()) transaction.lose(failure);
  usable_ = usable_ && !transaction.connection_done();
  needs_reset_ = transaction.leaves_transaction_open();
  Delivery delivery = transaction.delivery();
  const bool in_vain = !usable_ && !interrupted_ && transaction.untouched();
  delivery.stale_connection = in_vain && served_;
  delivery.service_closed = in_vain && !served_ && transaction.service_closed();
  served_ = true;
  waits_since_.reset();
  co_return delivery;
}

asio::awaitable<void> SmtpSession::converse(SmtpTransaction& transaction, const OutgoingMail& mail,
                                            const NextMail& next) {
  co_await run_envelope(transaction);
  if (!transaction.wants_content() || transaction.connection_done()) co_return;
  co_await write_content(transaction, mail, next);
  const SmtpReply reply = co_await read_reply(timeouts_.final_reply);
  transaction.take_final_reply(reply);
}

asio::awaitable<void> SmtpSession::run_envelope(SmtpTransaction& transaction) {
  while (!transaction.connection_done()) {
    while (transaction.awaited() > 0 && !transaction.connection_done()) {
      const auto timeout = transaction.awaits_data_reply() ? timeouts_.data : timeouts_.command;
      const SmtpReply reply = co_await read_reply(timeout);
      transaction.take_reply(reply);
      note_progress();
    }
    const std::string commands = transaction.take_commands(extensions_.pipelining ? kGroup : 1);
    if (commands.empty()) co_return;
    co_await connection_.write(commands, timeouts_.command);
  }
}

/// The end of the content and what announces the next mail leave in one piece: a server that gets them one after the
/// other answers twice, and may hold back the second answer until the first is acknowledged, 40 ms later (RFC 896, RFC
/// 1122 §4.2.3.2). When a write fails before the lone dot has left, the mail is sure to be unsent; when it fails behind
/// that, the answer may be there already, and is read.
asio::awaitable<void> SmtpSession::write_content(SmtpTransaction& transaction, const OutgoingMail& mail,
                                                 const NextMail& next) {
  std::string_view rest = transaction.has_recipients() ? std::string_view(mail.octets) : std::string_view{};
  SmtpDataEncoder encoder;
  std::string wire;
  wire.reserve(std::min(rest.size(), kContentPiece) * 17 / 16 + 512);
  while (rest.size() > kContentPiece) {
    encoder.encode(rest.substr(0, kContentPiece), wire);
    rest.remove_prefix(kContentPiece);
    co_await connection_.write(wire, timeouts_.block);
    note_progress();
    wire.clear();
  }
  encoder.encode(rest, wire);
  encoder.finish(wire);
  const std::size_t content = wire.size();
  if (extensions_.pipelining) wire += announce(next());
  try {
    co_await connection_.write(wire, timeouts_.block);
  } catch (const NetError&) {
    if (connection_.written() < content) throw;
    usable_ = false;
  }
  note_progress();
  transaction.content_sent();
}

/// The commands that go ahead of its content.
std::string SmtpSession::announce(const OutgoingMail* next) {
  if (next == nullptr) return {};
  announced_.emplace(*next, extensions_, false);
  return announced_->take_commands(kGroup);
}

asio::awaitable<SmtpReply> SmtpSession::read_reply(milliseconds timeout) {
  const auto deadline = SteadyClock::now() + timeout;
  while (true) {
    unread_.remove_prefix(parser_.feed(unread_));
    if (parser_.state() == SmtpReplyParser::State::complete) co_return parser_.take();
    if (parser_.state() == SmtpReplyParser::State::malformed)
      throw NetError(NetError::Kind::protocol, server_ + ": " + parser_.defect());
    const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyClock::now());
    if (left <= milliseconds::zero()) throw NetError(NetError::Kind::timeout, server_ + ": no answer in time");
    const std::size_t octets = co_await connection_.read_some(buffer_.data(), buffer_.size(), left);
    if (octets == 0) throw NetError(NetError::Kind::unreachable, server_ + ": the server closed the connection");
    unread_ = std::string_view(buffer_.data(), octets);
  }
}

asio::awaitable<void> SmtpSession::quit() {
  const bool possible = usable_ && !announced_;
  usable_ = false;
  if (!possible) co_return;
  const std::string command = "QUIT\r\n";
  try {
    co_await connection_.write(command, timeouts_.quit);
    co_await read_reply(timeouts_.quit);
  } catch (const NetError&) {
    // Good-byes may fail.
  }
}

void SmtpSession::interrupt() {
  interrupted_ = true;
  connection_.abandon();
}

}  // namespace ticketd
