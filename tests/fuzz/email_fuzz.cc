// Whatever octets come: the mail is read without a finding, and what is shown of it is valid UTF-8.
#include <cstdlib>
#include <string_view>

#include "parsers/email.h"
#include "parsers/utf8_evidence.h"

namespace {

using ticketd::Mailbox;

void check(std::string_view text) {
  if (!ticketd::is_valid_utf8(text)) std::abort();
}

void check(const Mailbox& mailbox) {
  check(mailbox.display_name);
  check(mailbox.addr_spec);
}

template <class Range>
void check_all(const Range& range) {
  for (const auto& item : range) check(item);
}

void check(const ticketd::Email& email) {
  if (email.from) check(*email.from);
  if (email.sender) check(*email.sender);
  check_all(email.to);
  check_all(email.cc);
  check_all(email.reply_to);
  check_all(email.in_reply_to);
  check_all(email.references);
  check_all(email.defects);
  for (std::string_view text : {email.subject, email.message_id, email.text, email.media_type, email.report_type})
    check(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto parsed = ticketd::parse_email(octets);
  const auto* email = std::get_if<ticketd::Email>(&parsed);
  if (email == nullptr) return 0;
  check(*email);
  for (const ticketd::Attachment& attachment : email->attachments) {
    check(attachment.name);
    check(attachment.media_type);
    check(attachment.content_id);
    const auto content = ticketd::extract_attachment(octets, attachment.id);
    if (!content || content->size() != attachment.size || attachment.name.empty()) std::abort();
  }
  if (ticketd::content_digest(*email, octets).size() != 64) std::abort();
  return 0;
}
