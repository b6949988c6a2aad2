// The reader of TNEF and its neighbours: files inside foreign octets.
#include <cstdlib>
#include <string_view>

#include "parsers/flowed_text.h"
#include "parsers/tnef.h"
#include "parsers/utf8_evidence.h"
#include "parsers/uuencode.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_text(std::string_view text) { check(ticketd::is_valid_utf8(text)); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto message = ticketd::read_tnef(octets)) {
    check_text(message->text);
    check_text(message->html);
    check(message->files.size() <= ticketd::TnefLimits{}.files);
    for (const auto& file : message->files) {
      check_text(file.name);
      check_text(file.media_type);
      check_text(file.content_id);
      check(std::string(file.octets).size() == file.octets.size());
    }
    (void)ticketd::decompress_rtf(message->compressed_rtf, 1 << 20);
  }
  const auto rtf = ticketd::decompress_rtf(octets, 1 << 16);
  check(!rtf || rtf->size() <= 1 << 16);
  const auto text = ticketd::take_uu_files(octets, 10);
  check(text.text.size() <= size && text.files.size() <= 10);
  for (const auto& file : text.files) check(ticketd::decode_uu(file).size() <= size);
  check(ticketd::join_flowed_lines(octets, size % 2 == 0).size() <= 3 * size + 1);
  return 0;
}
