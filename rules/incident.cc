#include "rules/incident.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <tuple>

#include "parsers/ascii.h"
#include "rules/names.h"

namespace ticketd {
namespace {

constexpr auto kMatches = name_table<IncidentMatch>({{IncidentMatch::by_hand, "by_hand"},
                                                     {IncidentMatch::words, "words"},
                                                     {IncidentMatch::organization, "organization"},
                                                     {IncidentMatch::all, "all"}});

/// As the patterns of [[rule]] are read.
RE2::Options pattern_options() {
  constexpr std::int64_t kPatternMemory = 1 << 20;
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  return options;
}

bool finds(const RE2& pattern, std::string_view text) {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

bool means(const Incident& incident, const IncidentReport& report) {
  switch (incident.match) {
    case IncidentMatch::by_hand:
      return false;
    case IncidentMatch::words: {
      const RE2 pattern(incident.pattern, pattern_options());
      return pattern.ok() && (finds(pattern, report.subject) || finds(pattern, report.text));
    }
    case IncidentMatch::organization:
      return !report.organization.empty() && equals_ignoring_case(incident.pattern, report.organization);
    case IncidentMatch::all:
      return true;
  }
  return false;
}

/// The greater, the more it is the one that is meant.
auto rank(const Incident& incident) {
  const int exactness = incident.match == IncidentMatch::words ? 2 : incident.match == IncidentMatch::organization;
  return std::tuple(exactness, incident.opened_at, incident.number);
}

}  // namespace

std::string shown_incident(IncidentNumber number) {
  return fmt::format("incident {}", static_cast<std::int64_t>(number));
}

std::string_view name_of(IncidentMatch value) { return kMatches.name(value); }
std::optional<IncidentMatch> incident_match_from_name(std::string_view name) { return kMatches.value(name); }

const Incident* matching_incident(const std::vector<Incident>& open, const IncidentReport& report) {
  const Incident* best = nullptr;
  for (const auto& incident : open)
    if (means(incident, report) && (best == nullptr || rank(incident) > rank(*best))) best = &incident;
  return best;
}

std::string pattern_error(const std::string& pattern) {
  const RE2 compiled(pattern, pattern_options());
  return compiled.ok() ? std::string() : compiled.error();
}

}  // namespace ticketd
