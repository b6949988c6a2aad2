#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

#include "daemon/config/value_types.h"
#include "parsers/ascii.h"

namespace ticketd {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit kSpans[] = {
    {"ms", 1'000}, {"s", 1'000'000}, {"m", 60'000'000}, {"h", 3'600'000'000ULL}, {"d", 86'400'000'000ULL}};
constexpr Unit kSizes[] = {{"B", 1},      {"KB", 1'000},    {"MB", 1'000'000},  {"GB", 1'000'000'000},
                           {"KiB", 1024}, {"MiB", 1 << 20}, {"GiB", 1ULL << 30}};
constexpr std::uint64_t kLongestSpan = 36'500 * 86'400'000'000ULL;  // a hundred years stand for all that is longer
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kLargestCount = 1'000'000;

/// A whole number and its unit, in the smallest one, but no more than `most`; nullopt: no such thing.
template <std::size_t N>
std::optional<std::uint64_t> with_unit(std::string_view text, const Unit (&units)[N], std::uint64_t most) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto found = std::ranges::find(units, unit, &Unit::name);
  if (error == std::errc::invalid_argument || found == std::end(units)) return std::nullopt;
  const bool too_many = error == std::errc::result_out_of_range || count > most / found->factor;
  return too_many ? most : count * found->factor;
}

std::optional<Duration> span(std::string_view text) {
  const auto microseconds = with_unit(text, kSpans, kLongestSpan);
  if (!microseconds || *microseconds == 0) return std::nullopt;
  return Duration(static_cast<Duration::rep>(*microseconds));
}

template <std::size_t N>
std::string in_units(std::uint64_t value, const Unit (&units)[N]) {
  const Unit* best = &units[0];
  for (const Unit& unit : units)
    if (value % unit.factor == 0 && unit.factor > best->factor) best = &unit;
  return fmt::format("{}{}", value / best->factor, best->name);
}

std::string in_units(Duration value) { return in_units(static_cast<std::uint64_t>(value.count()), kSpans); }

Parsed<RateLimit> parse_rate(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return Wrong{};
  std::uint32_t count = 0;
  const char* end = text.data() + slash;
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  const auto window = span(std::string_view(text).substr(slash + 1));
  if (error != std::errc() || stop != end || count == 0 || count > kLargestCount || !window) return Wrong{};
  return RateLimit{count, *window};
}

constexpr auto kSpan = "a duration above zero, such as \"200ms\", \"90s\", \"30m\", \"2h\" or \"3d\"";

}  // namespace

ValueType<Duration> duration(Duration wise_least, Duration wise_most) {
  auto type = text_type<Duration>("duration", kSpan, [](const std::string& text) -> Parsed<Duration> {
    if (const auto value = span(text)) return *value;
    return Wrong{};
  });
  type.read = [inner = type.read, wise_least, wise_most](const ConfigNode& node, const Reading& reading) {
    const std::optional<Duration> value = inner(node, reading);
    if (value && (*value < wise_least || *value > wise_most))
      reading.problems.warning(
          node.at, fmt::format("{}: \"{}\" is unwise; from \"{}\" to \"{}\" is usual", reading.path, node.text,
                               in_units(wise_least), in_units(wise_most)));
    return value;
  };
  return type;
}

ValueType<std::uint64_t> size(std::uint64_t least, std::uint64_t most) {
  const std::string allowed = fmt::format("a size from \"{}\" to \"{}\" in B, KB, MB, GB, KiB, MiB or GiB",
                                          in_units(least, kSizes), in_units(most, kSizes));
  return text_type<std::uint64_t>("size", allowed, [least, most](const std::string& text) -> Parsed<std::uint64_t> {
    const auto octets = with_unit(text, kSizes, kNoLimit);
    if (!octets || *octets < least || *octets > most) return Wrong{};
    return *octets;
  });
}

ValueType<RateLimit> rate() {
  return text_type<RateLimit>("rate", "a count from 1 to 1000000, a slash and a duration, such as \"20/1h\"",
                              parse_rate);
}

ValueType<bool> flag() {
  const std::string allowed = "true or false, without quotes";
  auto read = [allowed](const ConfigNode& node, const Reading& reading) -> std::optional<bool> {
    if (node.kind == ConfigNode::Kind::boolean) return node.boolean;
    tell_wrong(node, reading, allowed, ConfigNode::Kind::boolean);
    return std::nullopt;
  };
  return {"boolean", allowed, std::move(read)};
}

ValueType<std::uint32_t> whole_number(std::uint32_t least, std::uint32_t most) {
  const std::string allowed = fmt::format("a whole number from {} to {}, without quotes", least, most);
  auto read = [=](const ConfigNode& node, const Reading& reading) -> std::optional<std::uint32_t> {
    const bool right = node.kind == ConfigNode::Kind::integer && node.integer >= least && node.integer <= most;
    if (right) return static_cast<std::uint32_t>(node.integer);
    tell_wrong(node, reading, allowed, ConfigNode::Kind::integer);
    return std::nullopt;
  };
  return {"number", allowed, std::move(read)};
}

ValueType<double> share() {
  const std::string allowed = "a number between 0 and 1, such as 0.75, without quotes";
  auto read = [allowed](const ConfigNode& node, const Reading& reading) -> std::optional<double> {
    if (node.kind == ConfigNode::Kind::real && node.real > 0 && node.real < 1) return node.real;
    tell_wrong(node, reading, allowed, ConfigNode::Kind::real);
    return std::nullopt;
  };
  return {"share", allowed, std::move(read)};
}

}  // namespace ticketd
