#include "daemon/ctl/setup/checks.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "daemon/config/checks.h"
#include "daemon/config/value_types.h"
#include "daemon/ctl/setup/presets.h"
#include "parsers/ascii.h"

namespace ticketd {
namespace {

bool is_ip6_address(std::string_view host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

/// A name or an address: what else a URL may have there (";AUTH=…", "%2e") would be read otherwise by libcurl.
bool is_plain_host(std::string_view host) {
  constexpr std::string_view kOfName = "abcdefghijklmnopqrstuvwxyz0123456789.-";
  return to_lower(host).find_first_not_of(kOfName) == std::string::npos || is_ip6_address(host);
}

std::string fault_of_server(const std::string& text, std::vector<std::string> schemes, UrlPath path) {
  auto fault = fault_by(url(std::move(schemes), path, false), text);
  if (!fault.empty() || is_plain_host(url_host(text))) return fault;
  return "a host has letters, digits, '.' and '-' only; an IPv6 address stands in brackets";
}

bool holds_certificate(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "re"), &std::fclose);
  if (!in) return false;
  const std::unique_ptr<X509, void (*)(X509*)> certificate(PEM_read_X509_AUX(in.get(), nullptr, nullptr, nullptr),
                                                           &X509_free);
  ERR_clear_error();
  return certificate != nullptr;
}

}  // namespace

AnswerCheck one_of_words(std::vector<std::string> words) {
  std::vector<std::pair<std::string, bool>> pairs;
  for (auto& word : words) pairs.emplace_back(std::move(word), true);
  auto type = one_of<bool>(std::move(pairs));
  return [type = std::move(type)](std::string& text) {
    text = to_lower(text);
    return fault_by(type, text);
  };
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(", ;"), text.size());
    if (end > 0) items.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return items;
}

AnswerCheck some_addresses() {
  return [](std::string& text) -> std::string {
    const auto items = split_list(text);
    if (items.empty()) return "there is no address";
    for (const auto& item : items)
      if (auto fault = fault_by(address(), item); !fault.empty()) return fault;
    return {};
  };
}

AnswerCheck imap_server(std::string* instead) {
  return [instead](std::string& text) {
    *instead = other_imap_url(text);
    text = imap_url(text);
    return fault_of_server(text, {"imap", "imaps"}, UrlPath::none);
  };
}

AnswerCheck smtp_server(std::string* instead) {
  return [instead](std::string& text) {
    *instead = other_smtp_url(text);
    text = smtp_url(text);
    return fault_of_server(text, {"smtp", "smtps"}, UrlPath::none);
  };
}

AnswerCheck token_url() {
  return [](std::string& text) {
    auto fault = fault_of_server(text, {"https", "http"}, UrlPath::any);
    return fault.empty() ? fault_of_token_url(text) : fault;
  };
}

AnswerCheck certificate_file(const FileReader& daemon, std::string_view where) {
  return [daemon, where = std::string(where)](std::string& text) -> std::string {
    std::error_code error;
    if (!text.starts_with('/')) return "it must be an absolute path";
    if (!std::filesystem::is_regular_file(text, error) || ::access(text.c_str(), R_OK) != 0)
      return "there is no such file that could be read";
    if (!holds_certificate(text)) return "it holds no certificate in PEM (-----BEGIN CERTIFICATE-----)";
    if (auto hindrance = hindrance_to(daemon, text, FileFor::everybody, where); !hindrance.empty()) return hindrance;
    return fault_by(path_text(), text);
  };
}

AnswerCheck user_name() {
  return [](std::string& text) -> std::string {
    // Directories have DOMAIN\ann and ann@example.com; useradd(8) allows less.
    constexpr std::string_view kAlso = "._-@\\+$";
    constexpr std::size_t kLongest = 255;  // LOGIN_NAME_MAX
    const auto may_be = [&](char c) { return is_letter(c) || is_digit(c) || kAlso.find(c) != std::string_view::npos; };
    if (text.size() > kLongest || text.starts_with('-') || !std::ranges::all_of(text, may_be))
      return "a user name is one word of letters, digits, '.', '_' and '-', such as \"ann\" (`id ann` shows whether "
             "there is one); none: she has no account here";
    return fault_by(line(), text);
  };
}

}  // namespace ticketd
