// Subjects: what is left of them is UTF-8, and folding and stripping come to an end.
#include <cstdlib>
#include <string_view>

#include "parsers/charset.h"
#include "parsers/subject.h"
#include "parsers/utf8_evidence.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string subject = ticketd::decode_charset({reinterpret_cast<const char*>(data), size}, "utf-8");
  const std::string base = ticketd::base_subject(subject, "SUP");
  const std::string folded = ticketd::fold_for_comparison(subject);
  if (!ticketd::is_valid_utf8(base) || !ticketd::is_valid_utf8(folded)) std::abort();
  if (ticketd::base_subject(base, "SUP") != base) std::abort();
  const auto number = ticketd::find_subject_tag(subject, "SUP");
  if (number && *number < 0) std::abort();
  return 0;
}
