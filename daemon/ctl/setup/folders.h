#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What setup makes of the folders that a mailbox has.
namespace ticketd {

/// For people; of very many the first ones.
[[nodiscard]] std::string listed(const std::vector<std::string>& folders);
/// "INBOX." where every other folder has to stand below INBOX, as with some servers; else empty.
[[nodiscard]] std::string prefix_of(const std::vector<std::string>& folders);
[[nodiscard]] bool is_inbox(std::string_view folder);
/// Also when the server does not tell which there are.
[[nodiscard]] bool has_folder(const std::vector<std::string>& folders, const std::string& folder);

}  // namespace ticketd
