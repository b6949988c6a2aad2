#include "daemon/imap/lease_mail.h"

#include <date/date.h>
#include <fmt/format.h>

#include <array>

#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::string_view kFolder = "X-Ticketd-Folder", kHost = "X-Ticketd-Host", kHolder = "X-Ticketd-Store",
                           kToken = "X-Ticketd-Lease", kPlace = "X-Ticketd-Place";
/// No value of ours is longer, encoded.
constexpr std::size_t kLongestValue = 900;
/// Whose mail is larger wrote no lease.
constexpr std::size_t kLargest = 16 * 1024;
constexpr std::size_t kLongestShown = 100;

bool is_plain(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("-._/@").find(c) != std::string_view::npos;
}

std::string encoded(std::string_view value) {
  std::string result;
  for (const char c : value) {
    if (result.size() > kLongestValue - 3) break;
    if (is_plain(c))
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

std::string decoded(std::string_view value) {
  std::string result;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const int octet = value[at] == '%' ? hex_octet(value, at + 1) : -1;
    result += octet < 0 ? value[at] : static_cast<char>(octet);
    at += octet < 0 ? 0 : 2;
  }
  return result;
}

/// Its value; empty: not there, there twice, or longer than any of ours.
std::string field(std::string_view header, std::string_view name) {
  std::string value;
  bool is_there = false;
  while (!header.empty()) {
    const auto end = header.find('\n');
    const auto line = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    if (!starts_with_ignoring_case(line, name) || line.substr(name.size(), 1) != ":") continue;
    const auto text = trim(line.substr(name.size() + 1));
    if (std::exchange(is_there, true) || text.size() > kLongestValue) return {};
    value = decoded(text);
  }
  return value;
}

std::string_view header_of(std::string_view octets) {
  for (const std::string_view end : {"\r\n\r\n", "\n\n"})
    if (const auto at = octets.find(end); at != std::string_view::npos) return octets.substr(0, at + 1);
  return octets;
}

}  // namespace

std::string compose_lease_mail(const LeaseMail& lease, Time now) {
  const auto host = encoded(lease.host), folder = encoded(lease.folder), token = encoded(lease.token);
  const auto date = date::format("%a, %d %b %Y %H:%M:%S +0000", std::chrono::floor<std::chrono::seconds>(now));
  std::string mail;
  const auto add = [&mail](std::string_view name, std::string_view value) {
    mail += fmt::format("{}: {}\r\n", name, value);
  };
  add("From", "ticketd <ticketd@localhost>");
  add("Date", date);
  add("Message-ID", fmt::format("<{}@lease.ticketd>", token));
  add("Subject", fmt::format("ticketd on {}: leave this mail alone", host.substr(0, kLongestShown)));
  add("MIME-Version", "1.0");
  add("Content-Type", "text/plain; charset=us-ascii");
  add("Auto-Submitted", "auto-generated");
  add(kFolder, folder);
  add(kHost, host);
  add(kHolder, encoded(lease.holder));
  add(kToken, token);
  add(kPlace, encoded(lease.place));
  return mail +
         "\r\nBy this mail ticketd tells others of its kind that it reads a folder of this account, so that no\r\n"
         "customer is answered twice. It changes the mail's flags every other minute as long as it runs,\r\n"
         "and takes the mail away when it is stopped.\r\n";
}

std::optional<LeaseMail> parse_lease_mail(std::string_view octets) {
  if (octets.size() > kLargest) return std::nullopt;
  const auto header = header_of(octets);
  LeaseMail lease;
  lease.folder = field(header, kFolder);
  lease.host = printable_line(field(header, kHost)).substr(0, kLongestShown);
  lease.holder = field(header, kHolder);
  lease.token = field(header, kToken);
  lease.place = field(header, kPlace);
  if (lease.folder.empty() || lease.holder.empty() || lease.token.empty()) return std::nullopt;
  lease.host = printable_line(lease.host);  // a character may have been cut
  if (lease.host.empty()) lease.host = "an unnamed host";
  return lease;
}

unsigned next_mark(unsigned mark) {
  constexpr std::array<unsigned, 4> kNext{1, 3, 0, 2};
  return kNext.at(mark % kNext.size());
}

}  // namespace ticketd
