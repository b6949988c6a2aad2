#include "daemon/sources.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>

namespace ticketd {
namespace {

/// Without the dashes; empty when it is none.
std::string as_boot_id(std::string text) {
  constexpr std::size_t kDigits = 32;
  std::erase(text, '-');
  const bool is_one = text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
  return is_one ? text : std::string();
}

}  // namespace

double random_fraction() {
  static thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(generator);
}

Time system_now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

std::string boot_id() {
  std::string text;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> text;
  if (auto id = as_boot_id(std::move(text)); !id.empty()) return id;
  const char* told = std::getenv("TICKETD_BOOT_ID");
  return as_boot_id(told == nullptr ? "" : told);
}

}  // namespace ticketd
