// The readers of single header values and texts: each must stand every value.
#include <cstdlib>
#include <string_view>

#include "parsers/addresses.h"
#include "parsers/attachments.h"
#include "parsers/authentication_results.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/date.h"
#include "parsers/encoded_words.h"
#include "parsers/free_form_report.h"
#include "parsers/html_text.h"
#include "parsers/message_ids.h"
#include "parsers/parameters.h"
#include "parsers/subject.h"
#include "parsers/utf8_evidence.h"

namespace {

void check(std::string_view text) {
  if (!ticketd::is_valid_utf8(text)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  for (const auto& mailbox : ticketd::parse_addresses(raw, 500, "iso-8859-2")) {
    check(mailbox.display_name);
    check(mailbox.addr_spec);
  }
  for (const auto& id : ticketd::parse_message_ids(raw, 50)) check(id);
  for (const auto& id : ticketd::message_ids_in_text(raw, 10)) check(id);
  for (const auto& list : {ticketd::parse_delivery_status(raw), ticketd::read_free_form_report(raw)})
    for (const auto& status : list) {
      check(status.final_recipient);
      check(status.original_recipient);
      check(status.diagnostic);
    }
  static_cast<void>(ticketd::parse_authentication_results(raw));
  const auto value = ticketd::parse_parameterized(raw);
  for (const auto& parameter : value.parameters) {
    check(value.text(parameter.name));
    check(ticketd::safe_file_name(value.text(parameter.name)));
  }
  const std::string subject = ticketd::one_line(ticketd::decode_encoded_words(raw, "koi8-r"));
  check(subject);
  check(ticketd::base_subject(subject, "SUP"));
  check(ticketd::fold_for_comparison(raw));
  check(ticketd::html_to_text(subject));
  check(ticketd::decode_charset(raw, raw.substr(0, raw.find('\n'))));
  (void)ticketd::find_subject_tag(subject, "SUP");
  (void)ticketd::parse_date(raw);
  return 0;
}
