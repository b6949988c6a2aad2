#include "daemon/ctl/setup/folders.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::size_t kShown = 20;
constexpr std::string_view kInbox = "INBOX";

}  // namespace

std::string listed(const std::vector<std::string>& folders) {
  std::string text;
  for (std::size_t i = 0; i < std::min(folders.size(), kShown); ++i)
    text += (i == 0 ? "" : ", ") + printable_line(folders[i]);
  return folders.size() > kShown ? text + ", …" : text;
}

std::string prefix_of(const std::vector<std::string>& folders) {
  std::string prefix;
  for (const auto& folder : folders) {
    if (is_inbox(folder)) continue;
    const auto start = folder.substr(0, kInbox.size() + 1);
    const bool is_below = start.size() > kInbox.size() && starts_with_ignoring_case(start, kInbox) &&
                          (start.back() == '.' || start.back() == '/');
    if (!is_below || (!prefix.empty() && prefix != start)) return {};
    prefix = start;
  }
  return prefix;
}

bool is_inbox(std::string_view folder) { return equals_ignoring_case(folder, kInbox); }

bool has_folder(const std::vector<std::string>& folders, const std::string& folder) {
  return folders.empty() || is_inbox(folder) || std::ranges::find(folders, folder) != folders.end();
}

}  // namespace ticketd
