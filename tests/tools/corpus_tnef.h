#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace ticketd {

using JudgeNames =
    std::function<void(const std::string& where, const std::string& expected, const std::string& got, bool same)>;

/// Reads each NAME.tnef of the folder as a mail without a text and gives what is read beside NAME.list.
void judge_tnef(const std::filesystem::path& folder, const JudgeNames& judge);

}  // namespace ticketd
