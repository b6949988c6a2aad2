#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/desk/desk.h"
#include "daemon/metrics/event_counts.h"
#include "daemon/metrics/process_figures.h"
#include "rules/alarms.h"
#include "store/operating_counts.h"

namespace ticketd {

/// What the store says at one moment.
struct Snapshot {
  Time at{};
  std::vector<MailboxHealth> mailboxes;
  DeskCounts counts;
  OperatingCounts operating;
  std::vector<Problem> problems;  ///< as `ticketctl status` tells them
};
/// One job of the worker. Throws StoreError.
[[nodiscard]] Snapshot take_snapshot(Desk& desk, const Settings& settings);

/// The access token for one server (RFC 6749 §5.1).
struct TokenHealth {
  std::string server;              ///< "mailbox NAME", or the SMTP server's host
  bool is_good = true;             ///< the latest try to get one was
  std::optional<Time> expires_at;  ///< of the present one
};

struct PageInput {
  const Settings& settings;
  const Snapshot* snapshot = nullptr;  ///< nullptr: the store gave no answer in time
  EventCounts::Totals events{};
  ProcessFigures process{};
  Time started_at{};
  std::vector<TokenHealth> tokens{};
  std::uint64_t log_dropped = 0, connections_cut = 0, worker_jobs = 0;
};
/// The text of /metrics.
[[nodiscard]] std::string metrics_page(const PageInput& input);

/// The text of /health: "ok", or a line for each problem; as JSON {"ok", "problems"}.
[[nodiscard]] std::string health_text(const std::vector<std::string>& problems);
[[nodiscard]] std::string health_json(const std::vector<std::string>& problems);

}  // namespace ticketd
