#include "daemon/net/curl_multi.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <new>

namespace ticketd {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

void init_curl_once() {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialized != CURLE_OK) throw std::bad_alloc();
}

}  // namespace

CurlMulti::CurlMulti(asio::io_context& io) : io_(io), timer_(io), multi_(nullptr) {
  init_curl_once();
  std::signal(SIGPIPE, SIG_IGN);  // curl_easy_send and curl_easy_recv do not guard against it
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlMulti::~CurlMulti() {
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  curl_multi_cleanup(multi_);
  while (!sockets_.empty()) forget(sockets_.begin()->first);
}

asio::awaitable<CURLcode> CurlMulti::run(CURL* easy, Transfer& transfer) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
  if (curl_multi_add_handle(multi_, easy) != CURLM_OK) co_return CURLE_FAILED_INIT;
  while (!transfer.result) {
    error_code ignored;
    co_await transfer.wake.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return *transfer.result;
}

void CurlMulti::remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }

int CurlMulti::on_socket(CURL*, curl_socket_t fd, int what, void* self, void*) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (what == CURL_POLL_REMOVE) {
    multi.forget(fd);
    return 0;
  }
  auto& socket = multi.sockets_[fd];
  if (!socket) socket = std::make_shared<Socket>(multi.io_, fd);
  socket->wanted = what;
  multi.arm(fd, socket);
  return 0;
}

/// curl calls this before it closes the socket, which stays curl's own: release, never close.
void CurlMulti::forget(curl_socket_t fd) {
  auto found = sockets_.find(fd);
  if (found == sockets_.end()) return;
  found->second->gone = true;
  found->second->descriptor.release();
  sockets_.erase(found);
}

void CurlMulti::arm(curl_socket_t fd, const std::shared_ptr<Socket>& socket) {
  static_assert(CURL_POLL_IN == CURL_CSELECT_IN && CURL_POLL_OUT == CURL_CSELECT_OUT);
  for (const int event : {CURL_POLL_IN, CURL_POLL_OUT})
    if ((socket->wanted & event) != 0 && (socket->pending & event) == 0) wait(fd, socket, event);
}

void CurlMulti::wait(curl_socket_t fd, const std::shared_ptr<Socket>& socket, int event) {
  using Descriptor = asio::posix::stream_descriptor;
  socket->pending |= event;
  socket->descriptor.async_wait(event == CURL_POLL_IN ? Descriptor::wait_read : Descriptor::wait_write,
                                [weak = weak_from_this(), fd, socket, event](error_code ec) {
                                  socket->pending &= ~event;
                                  auto multi = weak.lock();
                                  if (!multi || socket->gone || ec == asio::error::operation_aborted) return;
                                  if ((socket->wanted & event) == 0) return;
                                  multi->act(fd, ec ? CURL_CSELECT_ERR : event);
                                  if (!socket->gone) multi->arm(fd, socket);
                                });
}

/// Zero goes through the timer too: curl must not be called from inside its own callback.
int CurlMulti::on_timer(CURLM*, long milliseconds, void* self) {
  auto& multi = *static_cast<CurlMulti*>(self);
  if (milliseconds < 0) {
    multi.timer_.cancel();
    return 0;
  }
  multi.timer_.expires_after(std::chrono::milliseconds{milliseconds});
  multi.timer_.async_wait([weak = multi.weak_from_this()](error_code ec) {
    auto alive = weak.lock();
    if (alive && !ec) alive->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlMulti::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  deliver_results();
}

void CurlMulti::deliver_results() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->result = message->data.result;
    transfer->wake.cancel();
  }
}

}  // namespace ticketd
