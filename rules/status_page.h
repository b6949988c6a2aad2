#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/time.h"
#include "rules/ruleset.h"

namespace ticketd {

/// The names under which the page and the document stand beside each other; the page links to the document.
inline constexpr std::string_view kStatusPageFile = "index.html";
inline constexpr std::string_view kStatusDocumentFile = "status.json";

/// How long a resolved incident is shown.
inline constexpr Duration kStatusPageHistory = std::chrono::days{90};

/// A major incident as the world may see it: nothing of its tickets.
struct PublicIncident {
  struct Update {
    Time at{};
    std::string text;  ///< plain, lines end in \n
  };
  std::int64_t number = 0;
  std::string title;
  Time opened_at{};
  std::optional<Time> resolved_at;
  std::vector<Update> updates;  ///< oldest first: what was said when it was declared, and all since
};

/// The public status page (service-rules §7), whole: HTML without script, and with nothing to load. All incidents that
/// are open, and those resolved within kStatusPageHistory before `now`, whatever their order; the latest comes first.
/// It stays true however long it is not written anew: its times are dated, in the desk's time zone.
[[nodiscard]] std::string status_page(std::span<const PublicIncident> incidents, const Ruleset& ruleset, Time now);

/// The same as JSON: `{name, status: "ok"|"incident", updated_at, open [incident], past [incident]}` with incident
/// `{number, title, status: "open"|"resolved", opened_at, resolved_at, message, updates [{at, text}]}`, `message` being
/// the text of the latest update or null, updates oldest first. Times are ISO 8601, UTC.
[[nodiscard]] std::string status_document(std::span<const PublicIncident> incidents, const Ruleset& ruleset, Time now);

}  // namespace ticketd
