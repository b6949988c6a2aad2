#include "rules/staff_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/word_list.h"

namespace ticketd {
namespace {

/// A mail, or what mail programs pack a mail into: our own may be inside.
bool is_packed_mail(const Attachment& attachment) {
  constexpr std::string_view kTypes[] = {"message/",
                                         "multipart/",
                                         "text/rfc822-headers",
                                         "application/mbox",
                                         "application/ms-tnef",
                                         "application/vnd.ms-tnef",
                                         "application/pkcs7-",
                                         "application/x-pkcs7-",
                                         "application/vnd.ms-outlook",
                                         "application/x-mimearchive"};
  constexpr std::string_view kEnds[] = {".msg", ".eml", ".emlx", ".mht", ".mhtml", ".mbox", ".oft", ".p7m", ".pst"};
  const auto name = to_lower(trim(attachment.name));
  return starts_with_any(to_lower(attachment.media_type), kTypes) || ends_with_any(name, kEnds) ||
         name == "winmail.dat";
}

/// `From: …`, or mbox's `From …`, at the very beginning.
bool begins_like_mail(std::string_view octets) {
  constexpr std::string_view kFields[] = {"from",
                                          "to",
                                          "cc",
                                          "subject",
                                          "date",
                                          "sender",
                                          "reply-to",
                                          "received",
                                          "return-path",
                                          "delivered-to",
                                          "message-id",
                                          "mime-version",
                                          "in-reply-to",
                                          "references",
                                          "auto-submitted",
                                          "dkim-signature",
                                          "authentication-results"};
  const auto begin = trim(octets.substr(0, 2000));
  const auto line = to_lower(begin.substr(0, begin.find('\n')));
  const auto name = std::string_view(line).substr(0, line.find(':'));
  if (line.starts_with("from ")) return true;
  return name.size() < line.size() &&
         (is_one_of(trim(name), kFields) || name.starts_with("content-") || name.starts_with("x-"));
}

std::string as_utf16(std::string_view ascii) {
  std::string result;
  for (char c : ascii) {
    result += c;
    result += '\0';
  }
  return result;
}

/// An item of Outlook's in a compound file (MS-OXMSG §2.1), whatever it is called.
bool is_outlook_item(std::string_view octets) {
  return octets.starts_with("\xD0\xCF\x11\xE0") && octets.find(as_utf16("__substg1.0_")) != octets.npos;
}

bool holds_answered(const Attachment& attachment, std::string_view octets, std::string_view cut_line,
                    const AnsweredWords& answered) {
  constexpr std::size_t kLongestText = 1'000'000;
  if (octets.find(cut_line) != octets.npos || octets.find(as_utf16(cut_line)) != octets.npos) return true;
  return attachment.media_type.starts_with("text/") && octets.size() <= kLongestText && answered.stand_in(octets);
}

/// Pictures of a signature are small; a pasted picture of a screen is not.
bool is_decoration(const Attachment& attachment) {
  constexpr std::uint64_t kSmall = 20'000;
  return attachment.inlined && !attachment.content_id.empty() && attachment.size < kSmall;
}

}  // namespace

std::variant<std::vector<OutgoingFile>, OrdersRefused> files_of(const MailCase& mail, std::string_view cut_line,
                                                                const AnsweredWords& answered) {
  std::vector<OutgoingFile> files;
  for (const auto& attachment : mail.email.attachments) {
    if (is_decoration(attachment)) continue;
    const auto refused = [&](std::string_view why) {
      return OrdersRefused{fmt::format("The attached file \"{}\" {}", printable_line(attachment.name), why)};
    };
    constexpr std::string_view kHoldsMail = "holds a mail, which may be ours. Please send it without.";
    if (is_packed_mail(attachment)) return refused(kHoldsMail);
    auto octets = extract_attachment(mail.arrived.octets, attachment.id);
    if (!octets || holds_answered(attachment, *octets, cut_line, answered))
      return refused("holds words of our own mail, or can't be read.");
    if (begins_like_mail(*octets) || is_outlook_item(*octets)) return refused(kHoldsMail);
    files.push_back({attachment.name, attachment.media_type, std::move(*octets)});
  }
  return files;
}

}  // namespace ticketd
