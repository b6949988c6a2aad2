#include <cstdint>
#include <cstdlib>

#include "parsers/imap_response.h"

namespace {

ticketd::ImapLimits small_limits() {
  ticketd::ImapLimits limits;
  limits.line_octets = 4096;
  limits.literal_octets = 100'000;
  limits.whole_octets = 512;
  limits.head_octets = 16;
  limits.literals = 4;
  return limits;
}

struct Result {
  std::size_t responses = 0;
  std::size_t kept = 0;
  bool refused = false;
  bool operator==(const Result&) const = default;
};

Result read(std::string_view octets, std::size_t piece) {
  const auto limits = small_limits();
  ticketd::ImapResponseReader reader(limits);
  Result result;
  try {
    for (std::size_t at = 0; at < octets.size(); at += piece) {
      auto part = octets.substr(at, piece);
      while (auto response = reader.next(part)) {
        ++result.responses;
        const auto* fetch = std::get_if<ticketd::ImapFetch>(&*response);
        if (fetch == nullptr || !fetch->body) continue;
        result.kept += fetch->body->octets.size();
        if (fetch->body->octets.size() > limits.line_octets || fetch->body->octets.size() > fetch->body->size) abort();
      }
    }
  } catch (const ticketd::ImapSyntaxError&) {
    result.refused = true;
  }
  return result;
}

}  // namespace

/// However the network cuts the octets, the responses are the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const Result whole = read(octets, size + 1);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}})
    if (!(read(octets, piece) == whole)) abort();
  return 0;
}
