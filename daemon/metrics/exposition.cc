#include "daemon/metrics/exposition.h"

#include <fmt/format.h>

#include <cmath>

#include "parsers/printable.h"

namespace ticketd {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

/// The format knows these three; everything else in a value is text, made printable and valid UTF-8.
std::string escaped(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\') out += "\\\\";
    if (c == '"') out += "\\\"";
    if (c == '\n') out += "\\n";
    if (c != '\\' && c != '"' && c != '\n') out += c;
  }
  return printable_line(out);
}

}  // namespace

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::gauge:
      return "gauge";
    case MetricType::histogram:
      return "histogram";
  }
  return {};
}

void Exposition::family(const MetricFamily& family) {
  name_ = family.name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, family.help, name_, name_of(family.type));
}

void Exposition::sample(std::initializer_list<MetricLabel> labels, double value) { line("", labels, number(value)); }

void Exposition::sample(std::initializer_list<MetricLabel> labels, std::uint64_t value) {
  line("", labels, fmt::format("{}", value));
}

void Exposition::histogram(const MetricLabel& label, std::span<const std::pair<double, std::uint64_t>> buckets,
                           std::uint64_t count, double sum) {
  for (const auto& [bound, below] : buckets)
    line("_bucket", {label, {"le", fmt::format("{}", bound)}}, fmt::format("{}", below));
  line("_bucket", {label, {"le", "+Inf"}}, fmt::format("{}", count));
  line("_sum", {label}, number(sum));
  line("_count", {label}, fmt::format("{}", count));
}

void Exposition::line(std::string_view suffix, std::initializer_list<MetricLabel> labels, std::string_view value) {
  text_ += name_;
  text_ += suffix;
  char before = '{';
  for (const auto& [name, text] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, name, escaped(text));
    before = ',';
  }
  text_ += fmt::format("{} {}\n", before == ',' ? "}" : "", value);
}

}  // namespace ticketd
