#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "rules/subject_label.h"

namespace ticketd {

/// A subject, what it claims, and why that is what its writer means.
struct LabelCase {
  const char* why;
  std::string subject;
  std::optional<Priority> claim;
};

inline constexpr auto kUrgent = Priority::urgent;
inline constexpr auto kHigh = Priority::high;
inline constexpr auto kNormal = Priority::normal;
inline constexpr std::nullopt_t kNone = std::nullopt;

inline Ruleset labelling_desk() {
  Ruleset rules;
  rules.support.subject_tag = "SUP";
  rules.urgent.labels = {"dringend", "Urgente", "緊急", "system down"};
  rules.high.labels = {"hoch"};
  rules.normal.labels = {"normale"};
  return rules;
}

inline void check_labels(const std::vector<LabelCase>& cases) {
  const auto rules = labelling_desk();
  for (const auto& example : cases) {
    INFO(example.why << ": " << example.subject.substr(0, 200));
    const auto label = find_subject_label(example.subject, rules);
    CHECK((label ? std::string(category_name(label->priority)) : "none") ==
          (example.claim ? std::string(category_name(*example.claim)) : "none"));
  }
}

}  // namespace ticketd
