#include "daemon/oauth2/token_calls.h"

#include <exception>

#include "daemon/sources.h"

namespace ticketd {

boost::asio::awaitable<HttpAnswer> TokenCalls::call(HttpRequest request) {
  HttpCall call(network_, std::move(request));
  under_way_.insert(&call);
  HttpAnswer answer;
  std::exception_ptr error;
  try {
    answer = co_await call.run();
  } catch (...) {
    error = std::current_exception();
  }
  under_way_.erase(&call);
  if (error) std::rethrow_exception(error);
  co_return answer;
}

void TokenCalls::interrupt() {
  for (HttpCall* call : under_way_) call->interrupt();
}

AccessTokens::World TokenCalls::world() {
  AccessTokens::World world;
  world.call = [this](HttpRequest request) { return call(std::move(request)); };
  world.interrupt = [this] { interrupt(); };
  world.now = [] { return std::chrono::steady_clock::now(); };
  world.random = random_fraction;
  return world;
}

}  // namespace ticketd
