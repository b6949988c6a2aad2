#include "parsers/html_charset.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

/// The value behind `charset`, which may stand in quotes, also in those of the `content` attribute around it.
std::string value_at(std::string_view rest) {
  const auto skip_spaces = [&rest] {
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
  };
  skip_spaces();
  if (!rest.starts_with('=')) return {};
  rest.remove_prefix(1);
  skip_spaces();
  if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) rest.remove_prefix(1);
  skip_spaces();
  return std::string(rest.substr(0, rest.find_first_of(" \t\r\n\f;\"'>/")));
}

}  // namespace

std::string html_charset(std::string_view octets) {
  constexpr std::size_t searched = 4096;
  constexpr std::string_view key = "charset";
  const std::string start = to_lower(octets.substr(0, searched));
  for (std::size_t tag = start.find("<meta"); tag != std::string::npos; tag = start.find("<meta", tag + 1)) {
    const std::string_view meta = std::string_view(start).substr(tag, start.find('>', tag) - tag);
    for (std::size_t at = meta.find(key); at != std::string_view::npos; at = meta.find(key, at + 1))
      if (std::string value = value_at(meta.substr(at + key.size())); !value.empty())
        return value.starts_with("utf-16") ? "utf-8" : value;
  }
  return {};
}

}  // namespace ticketd
