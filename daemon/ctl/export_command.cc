#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "daemon/ctl/data_commands.h"
#include "daemon/ctl/json.h"
#include "daemon/ctl/output_file.h"
#include "daemon/ctl/store_files.h"
#include "parsers/printable.h"
#include "rules/when.h"

namespace ticketd {
namespace {

using Sink = std::function<void(const std::string& line)>;

std::size_t write_tickets(CtlSession& session, Time since, const Sink& sink) {
  constexpr std::size_t kAtOnce = 200;
  auto& store = session.store();
  std::size_t count = 0;
  TicketId last{};
  for (auto numbers = store.tickets_after(last, since, kAtOnce); !numbers.empty();
       numbers = store.tickets_after(last, since, kAtOnce)) {
    for (const TicketId number : numbers) {
      const auto row = store.ticket(number);
      if (!row) continue;
      sink(boost::json::serialize(case_json(*row, store.messages(number), store.events(number), session.now())) + "\n");
      ++count;
    }
    last = numbers.back();
  }
  return count;
}

std::size_t write_into(const std::string& draft, const std::function<std::size_t(const Sink&)>& writer) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(draft.c_str(), "wb"), close);
  const auto fail = [] { throw CommandFailure(kExitTryAgain, fmt::format("the export: {}", std::strerror(errno))); };
  if (!file) fail();
  const auto count = writer([&](const std::string& line) {
    if (std::fwrite(line.data(), 1, line.size(), file.get()) != line.size()) fail();
  });
  if (std::fflush(file.get()) != 0) fail();
  return count;
}

}  // namespace

void export_tickets(CtlSession& session, const ExportOptions& options) {
  Time since = Time::min();
  if (!options.since.empty()) {
    const auto from = parse_earlier_time(options.since, session.now(), session.settings().ruleset);
    if (!from) refuse_value("--since", options.since, "30d, 12h, 2026-11-01, \"2026-11-01 08:00\"; not in the future");
    since = *from;
  }
  const auto writer = [&](const Sink& sink) { return write_tickets(session, since, sink); };
  if (options.output.empty()) {
    writer([](const std::string& line) { print(line); });
    return;
  }
  refuse_store_itself(options.output, existing_store(session.settings()));
  std::size_t count = 0;
  write_file_by(options.output, options.replace ? Existing::replaced : Existing::kept,
                [&](const std::string& draft) { count = write_into(draft, writer); });
  if (session.json())
    print(boost::json::serialize(boost::json::object{{"file", options.output}, {"tickets", count}}) + "\n");
  else
    print(fmt::format("{} tickets are in {}\n", count, printable_line(options.output)));
}

}  // namespace ticketd
