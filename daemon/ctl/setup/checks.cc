#include "daemon/ctl/setup/checks.h"

#include <unistd.h>

#include "daemon/config/value_types.h"
#include "daemon/ctl/setup/presets.h"
#include "parsers/ascii.h"

namespace ticketd {

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

AnswerCheck imap_server() {
  return [](std::string& text) {
    text = imap_url(text);
    return fault_by(url({"imap", "imaps"}, UrlPath::none, false), text);
  };
}

AnswerCheck smtp_server() {
  return [](std::string& text) {
    text = smtp_url(text);
    return fault_by(url({"smtp", "smtps"}, UrlPath::none, false), text);
  };
}

AnswerCheck readable_file() {
  return [](std::string& text) -> std::string {
    if (!text.starts_with('/')) return "it must be an absolute path";
    if (::access(text.c_str(), R_OK) != 0) return "there is no such file that could be read";
    return fault_by(path_text(), text);
  };
}

}  // namespace ticketd
