#include "daemon/net/without_secrets.h"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>

namespace ticketd {
namespace {

constexpr std::string_view kMask = "***";
/// Fewer octets of Base64 than this hold nobody's name and password.
constexpr std::size_t kShortestRun = 4;

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

/// What whole groups of four stand for; empty when they stand for nothing.
std::string decoded(std::string_view run) {
  run = run.substr(0, run.size() / 4 * 4);
  std::string octets(run.size() / 4 * 3, '\0');
  const auto length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                                      reinterpret_cast<const unsigned char*>(run.data()), static_cast<int>(run.size()));
  octets.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return octets;
}

bool holds_secret(std::string_view octets, std::span<const std::string_view> secrets) {
  return std::ranges::any_of(
      secrets, [&](auto secret) { return !secret.empty() && octets.find(secret) != std::string_view::npos; });
}

std::string without_encoded(std::string_view text, std::span<const std::string_view> secrets) {
  std::string result;
  while (!text.empty()) {
    const auto begin = std::ranges::find_if(text, is_base64);
    result.append(text.begin(), begin);
    auto end = std::find_if_not(begin, text.end(), is_base64);
    while (end != begin && end != text.end() && *end == '=') ++end;  // padding
    const std::string_view run(begin, end);
    const bool is_secret = run.size() >= kShortestRun && holds_secret(decoded(run), secrets);
    result += is_secret ? kMask : run;
    text = std::string_view(end, text.end());
  }
  return result;
}

/// As in an IMAP quoted string.
std::string escaped(std::string_view secret) {
  std::string text;
  for (const char c : secret) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::string without_secrets(std::string_view text, std::span<const std::string_view> secrets) {
  std::string result(text);
  for (const auto secret : secrets) {
    if (secret.empty()) continue;
    boost::replace_all(result, escaped(secret), kMask);
    boost::replace_all(result, secret, kMask);
  }
  return without_encoded(result, secrets);
}

}  // namespace ticketd
