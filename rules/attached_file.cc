#include "rules/attached_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "parsers/ascii.h"
#include "rules/base64.h"
#include "rules/mail_encoder.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestName = 200;

bool is_token_char(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!#$&^_.+-").find(c) != std::string_view::npos;
}

/// Types that base64 may not carry (RFC 2046 §5.1, §5.2), and what is none, are octets.
std::string safe_media_type(std::string_view claimed) {
  const auto slash = claimed.find('/');
  const bool is_type = slash != claimed.npos && slash > 0 && slash + 1 < claimed.size() && claimed.size() < 100 &&
                       std::ranges::all_of(claimed.substr(0, slash), is_token_char) &&
                       std::ranges::all_of(claimed.substr(slash + 1), is_token_char);
  if (!is_type || claimed.starts_with("multipart/") || claimed.starts_with("message/"))
    return "application/octet-stream";
  return std::string(claimed);
}

/// RFC 5987 §3.2: what stands for itself in an extended value.
bool is_attr_char(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("!#$&+-.^_`|~").find(c) != std::string_view::npos;
}

std::string extended_value(std::string_view name) {
  std::string value = "UTF-8''";
  for (const char c : name)
    if (is_attr_char(c))
      value += c;
    else
      value += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return value;
}

/// Both ways of writing it, for old programs know only the first.
std::string name_parameters(std::string_view foreign) {
  const auto name = shortened(header_line(foreign), kLongestName);
  if (name.empty()) return {};
  std::string plain;
  for (const char c : name) plain += is_8bit(c) || c == '"' || c == '\\' || c == '%' ? '_' : c;
  return fmt::format(";\r\n filename=\"{}\";\r\n filename*={}", plain, extended_value(name));
}

}  // namespace

std::string attachment_part(const OutgoingFile& file) {
  constexpr std::size_t kLine = 76;
  auto part =
      fmt::format("Content-Type: {}\r\nContent-Disposition: attachment{}\r\nContent-Transfer-Encoding: base64\r\n\r\n",
                  safe_media_type(file.media_type), name_parameters(file.name));
  const auto encoded = base64(file.octets);
  for (std::size_t at = 0; at < encoded.size(); at += kLine) part.append(encoded, at, kLine).append("\r\n");
  return part;
}

}  // namespace ticketd
