#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "daemon/config/file_reader.h"
#include "daemon/config/settings.h"
#include "daemon/ctl/table.h"
#include "daemon/desk/desk.h"
#include "daemon/exit_code.h"

namespace ticketd {

/// A command ends without success: what to tell the caller, and the exit code.
class CommandFailure : public std::runtime_error {
 public:
  CommandFailure(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// What every command of ticketctl works with: configuration, desk, caller, and how to print.
class CtlSession {
 public:
  /// How a command uses the store. A reader finds an empty desk where no store exists yet; without any there is no
  /// desk.
  enum class Access { none, read, write };
  /// Throws CommandFailure: configuration, store unusable.
  CtlSession(const std::string& config_file, bool json, Access access);

  [[nodiscard]] const std::string& config_file() const { return config_file_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] Desk& desk() { return *desk_; }
  [[nodiscard]] Store& store() { return desk_->store(); }
  /// To write, for a command that asked for none and finds that it needs it. Throws CommandFailure.
  [[nodiscard]] Store& open_store();
  [[nodiscard]] Time now() const { return desk_->now(); }
  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] const TextStyle& style() const { return style_; }
  /// The calling user (behind sudo: who called sudo), and the staff member with that login, if any.
  [[nodiscard]] Actor actor() const;

  /// Throws CommandFailure (66) when there is no such ticket.
  void require_ticket(TicketId number);
  /// The ticket; throws CommandFailure (66) when there is none.
  [[nodiscard]] TicketRow ticket(TicketId number);
  /// Prints a ticket that was just changed, and tells the daemon.
  void print_change(TicketId number);

 private:
  std::string config_file_;
  Settings settings_;
  bool json_;
  TextStyle style_;
  std::unique_ptr<Desk> desk_;
};

/// The text of `--message`: as given; standard input for "-" or when it is absent. Throws CommandFailure (65) when
/// empty.
[[nodiscard]] std::string read_message(const std::optional<std::string>& argument);
/// A value that is none of those allowed: throws CommandFailure (64).
[[noreturn]] void refuse_value(std::string_view name, std::string_view value, std::string_view allowed);
/// "urgent", "high" or "normal"; throws CommandFailure (64).
[[nodiscard]] Priority read_priority(std::string_view name, std::string_view value);
/// All of standard input, at most `limit` octets; throws CommandFailure (65) beyond.
[[nodiscard]] std::string read_standard_input(std::size_t limit);
/// Writes to standard output; throws CommandFailure (75) when that fails (a full disk, a closed pipe).
void print(std::string_view text);
/// Foreign octets: as they are to a file or a pipe, to a terminal only made harmless.
void print_foreign(std::string_view octets);
/// Tells what is done already: when the text can't be had or written, that is told on standard error, and is no failure
/// of the command.
void print_done(const std::function<std::string()>& text);

}  // namespace ticketd
