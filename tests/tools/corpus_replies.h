#pragma once

#include <functional>
#include <string>

namespace ticketd {

/// Judges folder `replies/` (tests/README.md, "Corpora"): `judge(path, expected, got, same)` for each of its texts.
using ReplyJudge = std::function<void(const std::string&, const std::string&, const std::string&, bool)>;
void judge_replies(const std::string& folder, const ReplyJudge& judge);

}  // namespace ticketd
