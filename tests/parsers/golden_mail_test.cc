// tests/mail/NAME.eml is read as NAME.expected says. With TICKETD_ACCEPT=1 the expectations are written anew.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "parsers/email.h"
#include "parsers/forwarded_text.h"
#include "parsers/reply_text.h"

namespace ticketd {
namespace {

using std::filesystem::path;

std::string read_file(const path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// One value on one line.
std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '\n')
      result += "\\n";
    else if (c == '\\')
      result += "\\\\";
    else
      result += c;
  }
  return result;
}

std::string shown(const Mailbox& mailbox) { return fmt::format("{} <{}>", mailbox.display_name, mailbox.addr_spec); }

class Lines {
 public:
  void add(const char* key, const std::string& value) {
    if (!value.empty()) text_ += fmt::format("{}: {}\n", key, escaped(value));
  }
  void add(const char* key, const std::optional<Mailbox>& mailbox) {
    if (mailbox) add(key, shown(*mailbox));
  }
  void add(const char* key, const std::vector<Mailbox>& mailboxes) {
    for (const Mailbox& mailbox : mailboxes) add(key, shown(mailbox));
  }
  void add(const char* key, const std::vector<std::string>& values) {
    for (const std::string& value : values) add(key, value);
  }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

std::string described(const std::string& octets, const Email& email) {
  Lines lines;
  lines.add("from", email.from);
  lines.add("sender", email.sender);
  lines.add("to", email.to);
  lines.add("cc", email.cc);
  lines.add("reply_to", email.reply_to);
  lines.add("subject", email.subject);
  lines.add("message_id", email.message_id);
  lines.add("in_reply_to", email.in_reply_to);
  lines.add("references", email.references);
  if (email.date) lines.add("date", fmt::format("{}", email.date->time_since_epoch().count() / 1'000'000));
  lines.add("media_type", email.media_type);
  lines.add("report_type", email.report_type);
  if (!email.report_type.empty()) lines.add("returned_id", email.returned_ids);
  lines.add("text", email.text);
  if (email.text_origin != TextOrigin::own)
    lines.add("text_origin", email.text_origin == TextOrigin::attached ? "attached" : "enclosed");
  const auto reply = split_reply(email.text, email.subject);
  if (reply.ranges.size() > 1) lines.add("reply_text", reply.written(email.text));
  for (const ForwardedHeader& header : find_forwarded(email.text, email.subject).headers) {
    lines.add("forwarded_from", shown(header.from));
    lines.add("forwarded_to", header.to);
  }
  for (const Attachment& a : email.attachments) {
    lines.add("attachment", fmt::format("{}; {}; {}{}{}", a.name, a.media_type, a.size, a.inlined ? "; inline" : "",
                                        a.content_id.empty() ? "" : "; " + a.content_id));
    const auto content = extract_attachment(octets, a.id);
    CHECK((content && content->size() == a.size));
  }
  lines.add("defect", email.defects);
  return lines.text();
}

std::string described(const std::string& octets) {
  const auto parsed = parse_email(octets);
  if (const auto* error = std::get_if<ParseError>(&parsed)) return "error: " + error->reason + "\n";
  return described(octets, std::get<Email>(parsed));
}

std::vector<path> mails() {
  std::vector<path> result;
  for (const auto& entry : std::filesystem::directory_iterator(path(TESTS_DIR) / "mail"))
    if (entry.path().extension() == ".eml") result.push_back(entry.path());
  std::sort(result.begin(), result.end());
  return result;
}

TEST_CASE("Golden mails") {
  const bool accept = std::getenv("TICKETD_ACCEPT") != nullptr;
  const auto all = mails();
  REQUIRE(all.size() >= 20);
  for (const path& mail : all) {
    INFO(mail.filename().string());
    const path expected = path(mail).replace_extension(".expected");
    const std::string got = described(read_file(mail));
    if (accept)
      std::ofstream(expected, std::ios::binary) << got;
    else
      CHECK(got == read_file(expected));
  }
  if (accept) WARN("skipped: the expectations were written, not checked; look at the difference before committing it");
}

}  // namespace
}  // namespace ticketd
