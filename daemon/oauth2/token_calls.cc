#include "daemon/oauth2/token_calls.h"

#include <exception>

#include "daemon/sources.h"

namespace ticketd {

boost::asio::awaitable<HttpAnswer> TokenCalls::call(HttpRequest request, AccessTokens::CallKind kind) {
  HttpCall call(network_, std::move(request));
  under_way_.emplace(&call, kind);
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

void TokenCalls::interrupt(AccessTokens::CallKind kind) {
  for (const auto& [call, its_kind] : under_way_)
    if (its_kind == kind) call->interrupt();
}

AccessTokens::World TokenCalls::world() {
  AccessTokens::World world;
  world.call = [this](HttpRequest request, AccessTokens::CallKind kind) { return call(std::move(request), kind); };
  world.interrupt = [this](AccessTokens::CallKind kind) { interrupt(kind); };
  world.now = [] { return std::chrono::steady_clock::now(); };
  world.random = random_fraction;
  return world;
}

}  // namespace ticketd
