#include "daemon/config/value_type.h"

namespace ticketd {
namespace {

constexpr std::size_t kShown = 80;

std::string shown(const ConfigNode& node) {
  std::string text = to_toml(node);
  if (text.size() <= kShown) return text;
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

void tell_wrong(const ConfigNode& node, const Reading& reading, const std::string& allowed, ConfigNode::Kind expected,
                const Wrong& wrong) {
  const std::string what = wrong.secret ? "this" : shown(node);
  std::string message = node.kind == expected ? fmt::format("{}: {} is not allowed; it must be {}{}", reading.path,
                                                            what, reading.also, allowed)
                                              : fmt::format("{}: this is {}, but it must be {}{}", reading.path,
                                                            describe(node.kind), reading.also, allowed);
  if (!wrong.why.empty()) message += fmt::format(" ({})", wrong.why);
  reading.problems.error(node.at, std::move(message));
}

}  // namespace ticketd
