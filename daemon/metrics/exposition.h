#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ticketd {

enum class MetricType { counter, gauge, histogram };
[[nodiscard]] std::string_view name_of(MetricType type);

/// One metric with all its label values.
struct MetricFamily {
  std::string_view name;
  MetricType type = MetricType::gauge;
  std::string_view labels;  ///< their names, with commas
  std::string_view help;    ///< a sentence
};

using MetricLabel = std::pair<std::string_view, std::string_view>;  ///< name and value

/// Writes the Prometheus text format, version 0.0.4: HELP and TYPE for each family, then its samples. Values of labels
/// may hold anything.
class Exposition {
 public:
  /// Samples that follow belong to it.
  void family(const MetricFamily& family);
  void sample(std::initializer_list<MetricLabel> labels, double value);
  void sample(std::initializer_list<MetricLabel> labels, std::uint64_t value);
  /// `buckets`: upper bound, and how many values are at or below it; ascending.
  void histogram(const MetricLabel& label, std::span<const std::pair<double, std::uint64_t>> buckets,
                 std::uint64_t count, double sum);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void line(std::string_view suffix, std::initializer_list<MetricLabel> labels, std::string_view value);

  std::string text_;
  std::string name_;
};

}  // namespace ticketd
