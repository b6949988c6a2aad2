// What undoes charsets, transfer encodings and forms of text: any octets, any label. The first line is the label.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "parsers/attachments.h"
#include "parsers/charset.h"
#include "parsers/html_charset.h"
#include "parsers/rtf_text.h"
#include "parsers/said_words.h"
#include "parsers/transfer.h"
#include "parsers/utf8_evidence.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_transfer(std::string_view octets, ticketd::TransferEncoding encoding) {
  const std::string decoded = ticketd::decode_transfer(octets, encoding);
  check(decoded.size() <= octets.size());
  check(ticketd::decoded_size(octets, encoding) == decoded.size());
  check(octets.ends_with(ticketd::text_behind(octets, encoding)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(all.find('\n'), all.size());
  const std::string_view label = all.substr(0, line);
  const std::string_view octets = all.substr(std::min(line + 1, all.size()));
  const std::string text = ticketd::decode_charset(octets, label, ticketd::html_charset(octets));
  check(ticketd::is_valid_utf8(text));
  check(ticketd::is_valid_utf8(ticketd::rtf_to_text(octets)));
  const std::string name = ticketd::safe_file_name(text);
  check(ticketd::is_valid_utf8(name) && name.size() <= 200 && ticketd::safe_file_name(name) == name);
  ticketd::SaidWords said;
  said.add(text);
  check(said.all_of(text));
  check_transfer(octets, ticketd::TransferEncoding::identity);
  check_transfer(octets, ticketd::TransferEncoding::base64);
  check_transfer(octets, ticketd::TransferEncoding::quoted_printable);
  return 0;
}
