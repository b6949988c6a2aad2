#include "daemon/ctl/session.h"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "daemon/ctl/caller.h"
#include "daemon/ctl/json.h"
#include "daemon/ctl/present.h"
#include "daemon/ctl/store_files.h"
#include "daemon/desk/nudge.h"
#include "daemon/desk/open_desk.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

std::string words_of_absence(const std::string& file) {
  if (file == kSystemConfiguration)
    return fmt::format("{} does not exist; to write a first one, as root: ticketctl setup", file);
  return fmt::format("{} does not exist; to write a first one: ticketctl --config {} setup", printable_line(file),
                     shell_word(file));
}

Settings load_or_fail(const std::string& file) {
  auto loaded = load_settings(file, SecretFiles::left_alone);  // `probe` tells of each by itself
  if (loaded.settings) return std::move(*loaded.settings);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored) && !ignored) throw CommandFailure(kExitConfig, words_of_absence(file));
  std::string text;
  for (const auto& problem : loaded.problems)
    if (!problem.warning) text += (text.empty() ? "" : "\n") + to_string(problem);
  throw CommandFailure(kExitConfig, text);
}

std::unique_ptr<Desk> open_or_fail(const Settings& settings, CtlSession::Access access) {
  std::error_code error;
  const bool exists = std::filesystem::exists(settings.store_path, error);
  if (error)
    throw CommandFailure(kExitNoPermission,
                         fmt::format("{}: {} (are you in the group ticketd? it counts from the next login on)",
                                     settings.store_path.string(), error.message()));
  try {
    if (!exists && access == CtlSession::Access::read) {
      fmt::print(stderr,
                 "ticketctl: {} does not exist yet, so this is an empty desk; ticketd makes it when it starts\n",
                 settings.store_path.string());
      return open_desk(settings, ":memory:");
    }
    Store::Options options;
    options.recovers = access == CtlSession::Access::write;  // a look at the desk must not wait for the disk
    auto desk = open_desk(settings, settings.store_path, options);
    if (!exists) hand_over_to_directory_owner(settings.store_path);
    return desk;
  } catch (const StoreBusy& error) {
    throw CommandFailure(kExitTryAgain, error.what());
  } catch (const StoreError& error) {
    const bool denied = exists && ::access(settings.store_path.c_str(), R_OK | W_OK) != 0;
    throw CommandFailure(
        denied ? kExitNoPermission : kExitUnavailable,
        fmt::format("{}: {}{}", settings.store_path.string(), error.what(),
                    denied ? " (are you in the group ticketd? it counts from the next login on)" : ""));
  }
}

bool wants_colour() { return ::isatty(STDOUT_FILENO) != 0 && !std::getenv("NO_COLOR"); }

}  // namespace

CtlSession::CtlSession(const std::string& config_file, bool json, Access access)
    : config_file_(config_file),
      settings_(load_or_fail(config_file)),
      json_(json),
      style_{wants_colour() && !json, terminal_width(STDOUT_FILENO)} {
  ::umask(0007);  // whoever is in the group works the desk
  if (access != Access::none) desk_ = open_or_fail(settings_, access);
}

Store& CtlSession::open_store() {
  if (!desk_) desk_ = open_or_fail(settings_, Access::write);
  return desk_->store();
}

Actor CtlSession::actor() const {
  Actor actor{calling_user(), nullptr};
  const auto& staff = desk_->rules().ruleset.staff;
  const auto found = std::ranges::find(staff, actor.name, &StaffMember::login);
  if (found != staff.end()) actor = Actor{found->name, &*found};
  return actor;
}

TicketRow CtlSession::ticket(TicketId number) {
  auto row = store().ticket(number);
  if (!row) throw CommandFailure(kExitNoInput, fmt::format("there is no ticket {}", shown_number(number)));
  return std::move(*row);
}

void CtlSession::require_ticket(TicketId number) { static_cast<void>(ticket(number)); }

void CtlSession::print_change(TicketId number) {
  nudge_daemon();
  print_done([&] {
    const auto row = ticket(number);
    return json_ ? boost::json::serialize(ticket_json(row, now())) + "\n" : present_change(row, now());
  });
}

std::string read_standard_input(std::size_t limit) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const auto count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw CommandFailure(kExitTryAgain, "standard input can't be read");
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > limit)
      throw CommandFailure(kExitDataError, fmt::format("standard input is larger than {} octets", limit));
  }
}

std::string read_message(const std::optional<std::string>& argument) {
  constexpr std::size_t kMessageLimit = 1'000'000;
  std::string text;
  if (argument && *argument != "-") {
    text = *argument;
  } else {
    if (::isatty(STDIN_FILENO) != 0)
      fmt::print(stderr, "Write the text, then end it with Ctrl-D on a line of its own.\n");
    text = read_standard_input(kMessageLimit);
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    throw CommandFailure(kExitDataError, "the text is empty: nothing was sent or changed");
  return text;
}

void refuse_value(std::string_view name, std::string_view value, std::string_view allowed) {
  throw CommandFailure(kExitUsage,
                       fmt::format("{} '{}' is unknown; it is one of: {}", name, printable_line(value), allowed));
}

Priority read_priority(std::string_view name, std::string_view value) {
  const auto priority = priority_from_name(value);
  if (!priority) refuse_value(name, value, "urgent, high, normal");
  return *priority;
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw CommandFailure(kExitTryAgain, "standard output can't be written");
}

void print_foreign(std::string_view octets) {
  print(::isatty(STDOUT_FILENO) != 0 ? printable_text(octets) : std::string(octets));
}

void print_done(const std::function<std::string()>& text) {
  try {
    print(text());
  } catch (const std::exception& failure) {
    fmt::print(stderr, "ticketctl: it is done, but {}\n", failure.what());
  }
}

}  // namespace ticketd
