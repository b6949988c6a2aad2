// The ranges of any text cover it without gaps, and something is left of it.
#include <cstdlib>
#include <string_view>

#include "parsers/charset.h"
#include "parsers/reply_text.h"
#include "parsers/utf8_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text = ticketd::decode_charset({reinterpret_cast<const char*>(data), size}, "utf-8");
  const std::string_view subject = std::string_view(text).substr(0, text.find('\n'));
  const auto reply = ticketd::split_reply(text, subject);
  std::size_t at = 0;
  for (const auto& range : reply.ranges) {
    if (range.start != at || range.end <= at || range.lines == 0) std::abort();
    at = range.end;
  }
  if (at != text.size()) std::abort();
  if (!ticketd::is_valid_utf8(reply.written(text))) std::abort();
  return 0;
}
