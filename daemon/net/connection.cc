#include "daemon/net/connection.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/net/connect_error.h"
#include "daemon/net/network_impl.h"

namespace ticketd {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using Descriptor = asio::posix::stream_descriptor;
using SteadyTime = std::chrono::steady_clock::time_point;

namespace {

constexpr std::size_t kMaxTranscript = 64 * 1024;
/// One TLS record: OpenSSL takes what it is given whole or not at all, so small pieces make progress visible.
constexpr std::size_t kWritePiece = 16 * 1024;
/// After so many reads that never had to wait, other conversations get a turn.
constexpr unsigned kReadsPerTurn = 64;

std::size_t append_to_transcript(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transcript = *static_cast<std::string*>(user);
  const std::size_t octets = size * count;
  transcript.append(data, std::min(octets, kMaxTranscript - std::min(kMaxTranscript, transcript.size())));
  return octets;
}

void set_text(CURL* easy, CURLoption option, const std::string& value) {
  if (!value.empty()) curl_easy_setopt(easy, option, value.c_str());
}

/// ca_file comes on top of the system's authorities: it is read as CAINFO, while libcurl's default CAPATH (the system's
/// directory, where OpenSSL looks up one issuer at a time) stays. Without it the system's bundle is read once and
/// cached, which libcurl does only when CAPATH is unset.
void set_tls(CURL* easy, const Endpoint& endpoint) {
  const long use_ssl = endpoint.tls_required ? CURLUSESSL_ALL : CURLUSESSL_NONE;
  curl_easy_setopt(easy, CURLOPT_USE_SSL, use_ssl);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (endpoint.ca_file.empty())
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  else
    curl_easy_setopt(easy, CURLOPT_CAINFO, endpoint.ca_file.c_str());
  set_text(easy, CURLOPT_SSLCERT, endpoint.client_certificate_file);
  set_text(easy, CURLOPT_SSLKEY, endpoint.client_key_file);
}

/// Left alone, libcurl would try GSSAPI, NTLM and more first when they are offered.
void set_login(CURL* easy, const Endpoint& endpoint, bool by_login_command) {
  if (endpoint.user.empty()) return;
  curl_easy_setopt(easy, CURLOPT_USERNAME, endpoint.user.c_str());
  if (!endpoint.bearer.empty()) {
    curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, endpoint.bearer.c_str());
    curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=OAUTHBEARER;AUTH=XOAUTH2");
    return;
  }
  curl_easy_setopt(easy, CURLOPT_PASSWORD, endpoint.password.c_str());
  if (endpoint.password.empty() && !endpoint.client_certificate_file.empty()) {
    // The certificate may be the whole login (RFC 4422 §A); where it only opens the door, the password is empty.
    curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=EXTERNAL;AUTH=PLAIN;AUTH=LOGIN");
    return;
  }
  // libcurl turns to the LOGIN command only where no mechanism is named.
  if (!by_login_command) curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
}

void set_transport(CURL* easy, const Endpoint& endpoint, milliseconds timeout) {
  curl_easy_setopt(easy, CURLOPT_URL, endpoint.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "imap,imaps,smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, endpoint.proxy.c_str());  // empty: none, whatever the environment says
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "");                    // likewise
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a slow resolver must not block the loop
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 60L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 30L);
}

}  // namespace

Network::Network(asio::io_context& io) : impl_(std::make_unique<Impl>()) {
  impl_->multi = std::make_shared<CurlMulti>(io);
}
Network::~Network() = default;
asio::io_context& Network::io() { return impl_->multi->io(); }

struct Connection::Impl {
  Impl(std::shared_ptr<CurlMulti> the_multi, Endpoint the_endpoint)
      : multi(std::move(the_multi)),
        endpoint(std::move(the_endpoint)),
        transfer(multi->io()),
        read_deadline(multi->io()),
        write_deadline(multi->io()) {}
  ~Impl() { close(); }

  void prepare(milliseconds timeout, bool by_login_command);
  asio::awaitable<CURLcode> attempt(milliseconds timeout, bool by_login_command);
  [[nodiscard]] bool is_token_refused() const;
  void check_login() const;
  void adopt_socket();
  asio::awaitable<void> wait(Descriptor::wait_type event, asio::steady_timer& timer, SteadyTime deadline);
  void require_patience() const;
  [[nodiscard]] NetError broken(CURLcode code) const;
  [[nodiscard]] NetError silent(milliseconds timeout) const;
  void close();

  std::shared_ptr<CurlMulti> multi;
  Endpoint endpoint;
  std::string transcript;
  std::size_t written = 0;
  std::array<char, CURL_ERROR_SIZE> detail{};
  CurlMulti::Transfer transfer;
  std::unique_ptr<CURL, EasyDeleter> easy;
  std::shared_ptr<Descriptor> socket;  ///< a dup of curl's, for waiting only
  asio::steady_timer read_deadline, write_deadline;
  bool interrupted = false;
  bool abandoned = false;
  bool opening = false;
  unsigned reads_in_turn = 0;
};

void Connection::Impl::prepare(milliseconds timeout, bool by_login_command) {
  close();
  easy.reset(curl_easy_init());
  if (!easy) throw std::bad_alloc();
  transcript.clear();
  transfer.result.reset();
  set_transport(easy.get(), endpoint, timeout);
  set_tls(easy.get(), endpoint);
  set_login(easy.get(), endpoint, by_login_command);
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail.data());
  curl_easy_setopt(easy.get(), CURLOPT_HEADERFUNCTION, &append_to_transcript);
  curl_easy_setopt(easy.get(), CURLOPT_HEADERDATA, &transcript);
}

asio::awaitable<CURLcode> Connection::Impl::attempt(milliseconds timeout, bool by_login_command) {
  prepare(timeout, by_login_command);
  opening = true;
  const CURLcode code = co_await multi->run(easy.get(), transfer);
  opening = false;
  co_return code;
}

/// And another one might not be.
bool Connection::Impl::is_token_refused() const {
  const bool smtp = is_smtp(endpoint.url);
  return endpoint.renew_bearer && !is_temporary(refusal_in(transcript, smtp), smtp);
}

void Connection::Impl::check_login() const {
  const bool smtp = is_smtp(endpoint.url);
  if (!smtp && is_preauth(transcript))
    throw NetError(NetError::Kind::login, public_url(endpoint.url) + ": the server logs us in unasked (PREAUTH)");
  if (smtp && !endpoint.user.empty() && !smtp_login_accepted(transcript))
    throw NetError(NetError::Kind::login,
                   public_url(endpoint.url) + ": the server offers no login (AUTH) that we know");
}

void Connection::Impl::adopt_socket() {
  curl_socket_t fd = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy.get(), CURLINFO_ACTIVESOCKET, &fd);
  const int copy = fd == CURL_SOCKET_BAD ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) throw NetError(NetError::Kind::unreachable, public_url(endpoint.url) + ": the connection is lost");
  socket = std::make_shared<Descriptor>(multi->io(), copy);
}

asio::awaitable<void> Connection::Impl::wait(Descriptor::wait_type event, asio::steady_timer& timer,
                                             SteadyTime deadline) {
  timer.expires_at(deadline);
  timer.async_wait([weak = std::weak_ptr(socket)](error_code ec) {
    auto waiting = weak.lock();
    if (waiting && !ec) waiting->cancel();
  });
  error_code ignored;  // whatever woke us, the next try to read or write tells
  co_await socket->async_wait(event, asio::redirect_error(asio::use_awaitable, ignored));
  timer.cancel();
}

NetError Connection::Impl::broken(CURLcode code) const {
  return {NetError::Kind::unreachable,
          fmt::format("{}: the connection broke: {}", public_url(endpoint.url), curl_easy_strerror(code))};
}

void Connection::Impl::require_patience() const {
  if (abandoned)
    throw NetError(NetError::Kind::unreachable, public_url(endpoint.url) + ": given up while ticketd stops");
}

NetError Connection::Impl::silent(milliseconds timeout) const {
  return {NetError::Kind::timeout, fmt::format("{}: the server is silent for {} s", public_url(endpoint.url),
                                               static_cast<double>(timeout.count()) / 1000.0)};
}

/// The copy goes first: as long as it is open the peer sees no end.
void Connection::Impl::close() {
  socket.reset();
  if (easy) multi->remove(easy.get());
  easy.reset();
}

Connection::Connection(Network& network, Endpoint endpoint)
    : impl_(std::make_unique<Impl>(network.impl().multi, std::move(endpoint))) {}
Connection::~Connection() = default;

asio::awaitable<void> Connection::open(milliseconds timeout) {
  const bool has_login_command = !is_smtp(impl_->endpoint.url) && impl_->endpoint.bearer.empty();
  CURLcode code = co_await impl_->attempt(timeout, false);
  if (code == CURLE_LOGIN_DENIED && has_login_command && offers_login_command_only(impl_->transcript))
    code = co_await impl_->attempt(timeout, true);
  if (code == CURLE_LOGIN_DENIED && impl_->is_token_refused()) {
    impl_->endpoint.bearer = co_await impl_->endpoint.renew_bearer();
    impl_->require_patience();
    code = co_await impl_->attempt(timeout, false);
  }
  if (code != CURLE_OK) {
    const Endpoint& endpoint = impl_->endpoint;
    ConnectReport report{code, impl_->detail.data(), endpoint.url, impl_->transcript, timeout};
    report.secrets = {endpoint.password, endpoint.bearer};
    throw connect_error(report);
  }
  impl_->check_login();
  impl_->adopt_socket();
}

const std::string& Connection::transcript() const { return impl_->transcript; }

asio::awaitable<std::size_t> Connection::read_some(char* buffer, std::size_t capacity, milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (++impl_->reads_in_turn > kReadsPerTurn) {
    impl_->reads_in_turn = 0;
    co_await asio::post(impl_->multi->io(), asio::use_awaitable);
  }
  while (true) {
    std::size_t octets = 0;
    const CURLcode code = curl_easy_recv(impl_->easy.get(), buffer, capacity, &octets);
    if (code == CURLE_OK) co_return octets;
    if (code != CURLE_AGAIN) throw impl_->broken(code);
    impl_->require_patience();
    if (std::exchange(impl_->interrupted, false)) co_return kInterrupted;
    if (std::chrono::steady_clock::now() >= deadline) throw impl_->silent(timeout);
    impl_->reads_in_turn = 0;
    co_await impl_->wait(Descriptor::wait_read, impl_->read_deadline, deadline);
  }
}

asio::awaitable<void> Connection::write(std::string_view octets, milliseconds timeout) {
  impl_->written = 0;
  auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!octets.empty()) {
    std::size_t sent = 0;  // after CURLE_AGAIN TLS demands the very same octets again: the piece does not change
    const CURLcode code = curl_easy_send(impl_->easy.get(), octets.data(), std::min(octets.size(), kWritePiece), &sent);
    if (code != CURLE_OK && code != CURLE_AGAIN) throw impl_->broken(code);
    if (code == CURLE_OK) {
      octets.remove_prefix(sent);
      impl_->written += sent;
      deadline = std::chrono::steady_clock::now() + timeout;
      continue;
    }
    impl_->require_patience();
    if (std::chrono::steady_clock::now() >= deadline) throw impl_->silent(timeout);
    co_await impl_->wait(Descriptor::wait_write, impl_->write_deadline, deadline);
  }
}

std::size_t Connection::written() const { return impl_->written; }

void Connection::interrupt() {
  impl_->interrupted = true;
  if (impl_->socket) impl_->socket->cancel();
  if (!impl_->opening || impl_->transfer.result) return;
  impl_->transfer.result = CURLE_ABORTED_BY_CALLBACK;
  impl_->transfer.wake.cancel();
}

void Connection::abandon() {
  impl_->abandoned = true;
  interrupt();
}

}  // namespace ticketd
