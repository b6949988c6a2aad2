#include "daemon/metrics/http_server.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <ctime>
#include <list>
#include <stdexcept>
#include <utility>

namespace ticketd {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{200};
constexpr std::size_t kMostDiscarded = 64 * 1024;

struct Connection {
  Connection(tcp::socket socket, std::size_t most) : stream(std::move(socket)), buffer(most) {}
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  bool has_asked = false;
  bool waits = false;  ///< for us: its answer is being made
};

/// "127.0.0.1:9464" or "[::1]:9464", which the configuration's check has let through.
tcp::endpoint endpoint_of(const std::string& address) {
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  const auto port = colon == std::string::npos ? std::string() : address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  error_code no_address;
  const auto ip = asio::ip::make_address(host, no_address);
  if (no_address || error != std::errc() || end != port.data() + port.size())
    throw std::runtime_error(fmt::format("\"{}\" is no ADDRESS:PORT", address));
  return {ip, number};
}

using Acceptor = std::shared_ptr<tcp::acceptor>;

Acceptor open_acceptor(asio::io_context& io, const std::string& address, error_code& error) {
  const auto endpoint = endpoint_of(address);
  auto acceptor = std::make_shared<tcp::acceptor>(io);
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  return error ? nullptr : acceptor;
}

[[noreturn]] void fail_to_listen(const std::string& address, const error_code& error) {
  const bool is_taken = error == asio::error::address_in_use;
  throw std::runtime_error(fmt::format("metrics.listen: can't listen at {}: {}", address,
                                       is_taken ? "another program has this port; see: ss -ltnp" : error.message()));
}

/// What is wrong with a request that can't be read; 0: nobody is there to be told.
unsigned status_of(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) return 431;
  const bool is_syntax = error.category() == http::make_error_code(http::error::bad_method).category();
  return is_syntax && error != http::error::end_of_stream && error != http::error::partial_message ? 400 : 0;
}

HttpServer::Response plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(asio::io_context& loop, Handler handle, const Limits& most)
      : io(loop), handler(std::move(handle)), limits(most), ended(loop, asio::steady_timer::time_point::max()) {}

  void accept(const Acceptor& from);
  void accepted(tcp::socket socket);
  void accept_later(const Acceptor& from);
  void make_room();
  [[nodiscard]] bool is_full() const;
  void go_on();
  void close_all();
  asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  asio::awaitable<void> answer(std::shared_ptr<Connection> connection, bool is_head, Response response);
  asio::awaitable<Response> respond(http::request<http::empty_body> request);
  asio::awaitable<void> discard(std::shared_ptr<Connection> connection);

  asio::io_context& io;
  Handler handler;
  Limits limits;
  asio::steady_timer ended;
  std::string address;
  Acceptor acceptor;
  Acceptor held;                                       ///< accepts no more until there is room
  std::list<std::shared_ptr<Connection>> connections;  ///< the oldest first
  std::uint64_t cut = 0;
  bool stopping = false;
};

void HttpServer::Impl::accept(const Acceptor& from) {
  if (is_full()) {
    held = from;
    return;
  }
  from->async_accept([self = shared_from_this(), from](const error_code& error, tcp::socket socket) {
    if (error == asio::error::operation_aborted || !from->is_open()) return;
    if (error) return self->accept_later(from);
    self->accepted(std::move(socket));
    self->accept(from);
  });
}

/// There is room again, perhaps.
void HttpServer::Impl::go_on() {
  const auto from = std::exchange(held, nullptr);
  if (from && from->is_open()) accept(from);
}

/// No file handle is left, or the like: it would fail again at once.
void HttpServer::Impl::accept_later(const Acceptor& from) {
  auto pause = std::make_shared<asio::steady_timer>(io, kAcceptPause);
  pause->async_wait([self = shared_from_this(), from, pause](const error_code& error) {
    if (!error && from->is_open()) self->accept(from);
  });
}

void HttpServer::Impl::accepted(tcp::socket socket) {
  if (connections.size() >= limits.connections) make_room();
  auto connection = std::make_shared<Connection>(std::move(socket), limits.header_octets);
  connections.push_back(connection);
  asio::co_spawn(io, serve(connection), [self = shared_from_this(), connection](std::exception_ptr) {
    if (!connection->has_asked) ++self->cut;
    self->connections.remove(connection);
    self->ended.cancel();
    self->go_on();
  });
}

/// Of those for whom we wait, the oldest goes: silent, or slow to take its answer. Its conversation ends by itself
/// then.
void HttpServer::Impl::make_room() {
  const auto oldest = std::ranges::find(connections, false, [](const auto& each) { return each->waits; });
  if (oldest == connections.end()) return;
  (*oldest)->stream.close();
  connections.erase(oldest);
}

bool HttpServer::Impl::is_full() const {
  return connections.size() >= limits.connections &&
         std::ranges::all_of(connections, [](const auto& each) { return each->waits; });
}

void HttpServer::Impl::close_all() {
  for (const auto& connection : connections) connection->stream.close();
}

asio::awaitable<void> HttpServer::Impl::serve(std::shared_ptr<Connection> connection) {
  auto parser = std::make_unique<http::request_parser<http::empty_body>>();
  parser->header_limit(static_cast<std::uint32_t>(limits.header_octets));
  connection->stream.expires_after(limits.request);
  error_code error;
  co_await http::async_read_header(connection->stream, connection->buffer, *parser,
                                   asio::redirect_error(asio::use_awaitable, error));
  const auto status = error ? status_of(error) : 0;
  if (error && status == 0) co_return;
  connection->has_asked = true;
  const bool is_head = !error && parser->get().method() == http::verb::head;
  Response response = plain(status, status == 431 ? "The header is too large.\n" : "This is no HTTP request.\n");
  connection->waits = true;
  if (!error) response = co_await respond(parser->release());
  connection->waits = false;
  go_on();
  co_await answer(connection, is_head, std::move(response));
  co_await discard(connection);
}

asio::awaitable<HttpServer::Response> HttpServer::Impl::respond(http::request<http::empty_body> request) {
  const auto method = request.method();
  if (method != http::verb::get && method != http::verb::head)
    co_return plain(405, "Only GET and HEAD are answered here.\n");
  const std::string target(request.target());
  const auto mark = std::min(target.find('?'), target.size());
  Request asked{target.substr(0, mark), target.substr(std::min(mark + 1, target.size())),
                std::string(request[http::field::accept])};
  std::optional<Response> found;
  bool has_failed = false;
  try {
    found = co_await handler(std::move(asked));
  } catch (const std::exception&) {
    has_failed = true;
  }
  if (has_failed) co_return plain(500, "It could not be read.\n");
  if (!found) co_return plain(404, "There are /metrics and /health.\n");
  co_return std::move(*found);
}

asio::awaitable<void> HttpServer::Impl::answer(std::shared_ptr<Connection> connection, bool is_head,
                                               Response response) {
  auto message = std::make_unique<http::response<http::string_body>>();
  message->version(11);
  message->result(response.status);
  message->set(http::field::content_type, response.type);
  message->set(http::field::date, fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(std::time(nullptr))));
  message->set(http::field::cache_control, "no-store");
  message->set("X-Content-Type-Options", "nosniff");
  if (response.status == 405) message->set(http::field::allow, "GET, HEAD");
  message->keep_alive(false);
  message->content_length(response.body.size());
  if (!is_head) message->body() = std::move(response.body);
  http::response_serializer<http::string_body> serializer(*message);
  connection->stream.expires_after(limits.answer);
  error_code error;
  if (is_head)
    co_await http::async_write_header(connection->stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  else
    co_await http::async_write(connection->stream, serializer, asio::redirect_error(asio::use_awaitable, error));
  connection->stream.socket().shutdown(tcp::socket::shutdown_send, error);
}

/// A socket closed with unread octets takes back what is on its way (RFC 9112 §9.6).
asio::awaitable<void> HttpServer::Impl::discard(std::shared_ptr<Connection> connection) {
  connection->stream.expires_after(limits.linger);
  std::array<char, 4096> octets;
  std::size_t total = 0;
  error_code error;
  while (!error && total < kMostDiscarded) {
    const auto count = co_await connection->stream.async_read_some(asio::buffer(octets),
                                                                   asio::redirect_error(asio::use_awaitable, error));
    total += count;
  }
}

HttpServer::HttpServer(asio::io_context& io, Handler handler, const Limits& limits)
    : impl_(std::make_shared<Impl>(io, std::move(handler), limits)) {}

HttpServer::~HttpServer() { stop(); }

void HttpServer::listen(const std::string& address) {
  if (address == impl_->address && (impl_->acceptor || address.empty())) return;
  error_code error, ignored;
  Acceptor opened = address.empty() ? nullptr : open_acceptor(impl_->io, address, error);
  if (error == asio::error::address_in_use && impl_->acceptor) {  // by our own old one, perhaps
    impl_->acceptor->close(ignored);
    opened = open_acceptor(impl_->io, address, error);
    if (error) impl_->acceptor = open_acceptor(impl_->io, impl_->address, ignored);
    if (error && impl_->acceptor) impl_->accept(impl_->acceptor);
  }
  if (error) fail_to_listen(address, error);
  if (impl_->acceptor) impl_->acceptor->close(ignored);
  impl_->acceptor = std::move(opened);
  impl_->address = address;
  if (impl_->acceptor) impl_->accept(impl_->acceptor);
}

asio::awaitable<void> HttpServer::run() {
  const auto impl = impl_;
  error_code ignored;
  while (!impl->stopping || !impl->connections.empty())
    co_await impl->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void HttpServer::stop() {
  error_code ignored;
  impl_->stopping = true;
  if (impl_->acceptor) impl_->acceptor->close(ignored);
  impl_->close_all();
  impl_->ended.cancel();
}

std::uint64_t HttpServer::cut() const { return impl_->cut; }

}  // namespace ticketd
