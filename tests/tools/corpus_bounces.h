#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace ticketd {

/// Where, what the corpus says, what the rules found and why, whether both agree.
using BounceVerdict =
    std::function<void(const std::string& path, const std::string& expected, const std::string& got, bool same)>;

/// Bounces told from all other mail, as the rules do.
void judge_bounces(const std::filesystem::path& folder, const BounceVerdict& verdict);

}  // namespace ticketd
