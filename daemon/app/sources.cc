#include "daemon/app/sources.h"

#include <random>

#include "daemon/app/endpoint.h"

namespace ticketd {

double random_fraction() {
  static thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(generator);
}

Time system_now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

boost::asio::awaitable<Endpoint> endpoint_of(const ServerSettings& server) { co_return make_endpoint(server); }

}  // namespace ticketd
