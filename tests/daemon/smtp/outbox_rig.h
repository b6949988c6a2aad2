#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/desk/worker.h"
#include "daemon/smtp/outbox_sender.h"
#include "tests/store/store_fixture.h"

namespace ticketd {

/// A store in a temporary folder, its worker thread, and a sender with a clock that stands still between `pass`es.
class OutboxRig {
 public:
  explicit OutboxRig(const std::vector<OutgoingMail>& mails) {
    Store store(folder_.path());
    Decision decision = make_decision(1, "request@customer");
    decision.outgoing = mails;
    decision.outgoing.front().ticket = TicketId{1};  // the others need not wait for it
    file(store, decision);
    auto desk = std::make_unique<Desk>(
        std::move(store), nullptr, [] { return at(0); }, [] { return std::string(); });
    worker_ = std::make_unique<Worker>(std::move(desk));
  }

  /// The servers in order, the main one first.
  OutboxSender& sender_to(const std::vector<std::string>& urls, OutboxSender::Options options) {
    SmtpSettings settings;
    for (const auto& url : urls) settings.servers.emplace_back().url = url;
    sender_ = std::make_unique<OutboxSender>(
        network_, *worker_, mark_, settings, &plain_endpoint, [this] { return now_; }, [] { return 0.0; }, options);
    return *sender_;
  }

  /// Lets `work` run to its end.
  void run(boost::asio::awaitable<void> work) {
    std::exception_ptr error;
    boost::asio::co_spawn(io_, std::move(work), [&](std::exception_ptr thrown) { error = thrown; });
    io_.restart();
    io_.run();
    if (error) std::rethrow_exception(error);
  }
  /// As `OutboxSender::run_once`; afterwards it is three hours later.
  bool pass() {
    bool reached = false;
    run([](OutboxSender& sender, bool& result) -> boost::asio::awaitable<void> { result = co_await sender.run_once(); }(
                                                   *sender_, reached));
    now_ += std::chrono::hours{3};
    return reached;
  }

  [[nodiscard]] std::vector<OutboxRow> rows() { return Store(folder_.path()).outbox(); }
  [[nodiscard]] std::uint64_t worker_jobs() const { return worker_->finished(); }
  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  [[nodiscard]] const SendMark& mark() const { return mark_; }
  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path(); }

 private:
  static boost::asio::awaitable<Endpoint> plain_endpoint(const ServerSettings& settings) {
    Endpoint endpoint;
    endpoint.url = settings.url;
    endpoint.tls_required = settings.url.find("127.0.0.1") == std::string::npos;
    co_return endpoint;
  }

  StoreFolder folder_;
  boost::asio::io_context io_;
  Network network_{io_};
  Time now_ = at(1);
  SendMark mark_{folder_.path().string() + ".sending"};
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<OutboxSender> sender_;
};

}  // namespace ticketd
