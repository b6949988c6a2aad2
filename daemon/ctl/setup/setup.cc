#include "daemon/ctl/setup/setup.h"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "daemon/config/draft.h"
#include "daemon/config/toml_file.h"
#include "daemon/ctl/session.h"
#include "daemon/ctl/setup/answers_file.h"
#include "daemon/ctl/setup/checks.h"
#include "daemon/ctl/setup/dialogue.h"
#include "daemon/ctl/setup/earlier.h"
#include "daemon/ctl/setup/file_set.h"
#include "daemon/ctl/setup/preview.h"
#include "daemon/ctl/setup/screen.h"
#include "daemon/ctl/setup/surroundings.h"
#include "daemon/ctl/setup/target_file.h"
#include "daemon/ctl/setup/terminal.h"
#include "daemon/service/booted.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::size_t kPreviewed = 10;

/// Where everything goes.
struct Places {
  std::string file;  ///< absolute
  SecretFolder secrets;
  bool is_system = false;
  TargetFile target;  ///< what `file` leads to
};

Places places_of(const std::string& config) {
  Places places;
  places.file = std::filesystem::absolute(config).lexically_normal().string();
  places.is_system = places.file == kSystemConfiguration;
  places.secrets = {(std::filesystem::path(places.file).parent_path() / "credentials").string(), places.is_system};
  places.target = look_at_target(places.file);
  return places;
}

std::unique_ptr<Interview> open_interview(const SetupOptions& options) {
  std::FILE* told = options.json || ::isatty(STDOUT_FILENO) == 0 ? stderr : stdout;
  if (!options.answers.empty()) return std::make_unique<AnswersFile>(options.answers, setup_keys(), told);
  if (::isatty(STDIN_FILENO) == 0)
    throw CommandFailure(kExitUsage,
                         "standard input is no terminal; scripts give their answers by --answers FILE, or "
                         "--answers - for standard input");
  return std::make_unique<TerminalInterview>(told);
}

/// There is nothing, or a file that is all comments, as packages bring it.
bool says_nothing(const TargetFile& target) {
  Problems problems;
  const auto root = parse_toml(target.content, problems.add_file(target.path), problems);
  return root.entries.empty() && !problems.any_error();
}

/// False: whoever was asked wants to keep it. Throws where nobody could be.
bool may_replace(Interview& interview, const Places& places) {
  const bool may = ask_yes_or_no(
      interview, {.key = "overwrite",
                  .words = "Replace it",
                  .explanation = fmt::format("There is a configuration in {} already. Its values would be "
                                             "suggested, what is not asked for taken over (without comments), and "
                                             "the old file kept beside the new one, as .bak.",
                                             printable_line(places.file)),
                  .fallback = "no"});
  const auto file = printable_line(places.file);
  if (!may && !interview.can_correct())
    throw CommandFailure(kExitDataError, fmt::format("{} is there already and stays as it is (--force replaces it, and "
                                                     "keeps the old one as .bak)",
                                                     file));
  if (!may) interview.say(fmt::format("\nNothing is changed: {} stays as it is.\n", file));
  return may;
}

/// As the daemon will read it. Another file may have come into conf.d meanwhile.
Settings check_or_fail(const std::string& text, const Places& places, Interview& interview) {
  require_nothing_over(places.file, !places.is_system);
  auto loaded = load_draft(text, places.file);
  for (const auto& problem : loaded.problems)
    if (problem.warning) interview.say(to_string(problem) + "\n");
  return valid_or_fail(std::move(loaded), kCountsAsWell);
}

/// As one types it, for this configuration.
std::string command_of(const Places& places, const std::string& program, const std::string& rest = {}) {
  const auto config = places.is_system ? std::string() : " --config " + shell_word(places.file);
  return shell_word(program_to_call(program)) + config + (rest.empty() ? "" : " " + rest);
}

boost::json::value offer_preview(Interview& interview, const Places& places, const SetupAnswers& answers,
                                 const Settings& settings, bool has_begun, bool json) {
  if (answers.messages.value_or(0) == 0) return nullptr;
  const auto count = std::min<std::size_t>(*answers.messages, kPreviewed);
  const bool wanted = ask_yes_or_no(
      interview, {.key = "preview",
                  .words = count == 1 ? std::string("Show what this mail would become")
                                      : fmt::format("Show what the newest {} of these mails would become", count),
                  .explanation = "A rehearsal: nothing is changed on the server, and nothing is sent.",
                  .fallback = interview.can_correct() ? "yes" : "no"});
  if (!wanted) return nullptr;
  try {
    auto desk = empty_desk(settings);
    auto preview = preview_mailbox(desk, answers.mailbox, mailbox_endpoint(answers), kPreviewed, settings.message_size);
    if (has_begun) preview.backlog.reset();
    if (!json) {
      interview.say("\n" + preview_heading(preview) + "\n");
      interview.show(preview_lines(preview, interview.width()));
      interview.say(fmt::format("\nOnce this is written, `{}` shows the reasons of each.\n",
                                command_of(places, "ticketctl", "preview")));
    }
    return preview_json(preview);
  } catch (const std::exception& error) {
    interview.say(fmt::format("  That did not work: {}\n", printable_line(error.what())));
    return nullptr;
  }
}

std::vector<FileSet::Written> write_all(const Places& places, const std::string& file, const SetupAnswers& answers,
                                        const std::string& text, std::optional<InterruptNotice>& notice) {
  constexpr mode_t kSecretFolder = 0700, kSecret = 0600, kFolder = 0755, kReadable = 0644;
  const auto& folder = places.secrets.path;
  FileSet files;
  if (!answers.new_secrets.empty()) files.add_folder(folder, kSecretFolder);
  files.add_folder(std::filesystem::path(file).parent_path().string(), kFolder);
  for (const auto& secret : answers.new_secrets)
    files.add_new(folder + "/" + secret.name, secret.value + "\n", kSecret);
  files.add(file, text, kReadable, places.target.path);  // the last one: where it stands, all else does
  return files.write([&notice] { notice.reset(); });
}

/// `replaces`: it may run already, with the old configuration and the old secrets.
std::vector<std::string> next_commands(const Places& places, const SetupAnswers& answers, bool replaces) {
  std::vector<std::string> commands;
  const bool lacks_token = answers.mailbox.server.oauth2 && answers.access_token.empty();
  const bool is_untried = answers.imap_password.is_elsewhere() || answers.smtp_password.is_elsewhere();
  if (lacks_token || is_untried || answers.relay_has_own_oauth2 || !answers.failed_trials.empty())
    commands.push_back(command_of(places, "ticketctl", "probe"));
  if (has_systemd() && places.is_system) {
    commands.emplace_back(replaces ? "systemctl restart ticketd" : "systemctl enable --now ticketd");
  } else {
    commands.push_back(command_of(places, "ticketd"));
  }
  const auto& login = answers.member.login;
  if (places.is_system && !login.empty()) {
    if (!this_machine().has_user(login)) commands.push_back("adduser " + shell_word(login));
    commands.push_back("usermod -aG ticketd " + shell_word(login));
  }
  commands.push_back(command_of(places, "ticketctl", "status"));
  return commands;
}

/// What was kept though it did not work.
std::string failures(const Places& places, const SetupAnswers& answers) {
  std::string text;
  for (const auto& what : answers.failed_trials) text += fmt::format("\nDid not work when it was tried: {}.", what);
  if (text.empty()) return text;
  return text + fmt::format("\nTry again with `{}`, which says what is wrong, before ticketd starts.\n",
                            command_of(places, "ticketctl", "probe"));
}

/// A script that names no zone gets the machine's.
std::string zone_hint(const Interview& interview, const SetupAnswers& answers) {
  if (!interview.is_left_out("time_zone") || !is_utc(answers.time_zone)) return {};
  return "\nThis machine is set to UTC, and so is the desk: time_zone names the zone of your office, such as "
         "Europe/Berlin.\n";
}

/// What setup does not ask for, and many want: as far as it is not set.
std::string other_keys(const Places& places, const Settings& settings) {
  const auto& rules = settings.ruleset;
  std::string text = fmt::format("\nAlso worth a look, in {} (man ticketd.toml):\n", printable_line(places.file));
  if (rules.authserv_id.empty())
    text +=
        "  trust.authserv_id    your mail server's name in Authentication-Results; without it every From: is "
        "believed\n";
  if (rules.support.subject_tag == Support().subject_tag)
    text += fmt::format("  support.subject_tag  what stands before a ticket's number in subjects: [{}-123]\n",
                        rules.support.subject_tag);
  return text +
         "  office_hours.weekly  when your office is open; mon-fri 09:00-17:00 where nothing is said\n"
         "  staff                everybody else who answers; available: when one can be called, page: where calls go\n"
         "  page.repeat          how soon a call that nobody took is repeated\n";
}

/// What setup ends with.
struct Result {
  std::vector<FileSet::Written> written;
  std::vector<std::string> commands;
  boost::json::value preview;
  std::string hints;
};

void print_json(const Result& result) {
  boost::json::array files, next;
  for (const auto& file : result.written)
    files.push_back(boost::json::object{
        {"path", file.path},
        {"backup", file.backup.empty() ? boost::json::value(nullptr) : boost::json::value(file.backup)},
        {"changed", !file.is_unchanged}});
  for (const auto& command : result.commands) next.emplace_back(command);
  print(boost::json::serialize(
            boost::json::object{{"files", std::move(files)}, {"preview", result.preview}, {"next", std::move(next)}}) +
        "\n");
}

/// `replaces`: what was there had something to say.
void print_text(const Result& result, bool replaces) {
  std::string files = "\n", commands;
  for (const auto& file : result.written)
    files +=
        fmt::format("{} {}{}\n", file.is_unchanged ? "unchanged:" : "written:  ", printable_line(file.path),
                    replaces && !file.backup.empty() ? fmt::format(" (the old one: {})", printable_line(file.backup))
                                                     : std::string());
  for (const auto& command : result.commands) commands += "  " + command + "\n";
  const Screen screen(stdout);
  print(screen.fitted(files + "\nNext:\n") + commands + screen.fitted(result.hints));
}

/// One call of setup. `has_new_token` tells, however it ends, that the provider has replaced the refresh token and the
/// new one was not written.
class Run {
 public:
  Run(const SetupOptions& options, bool& has_new_token)
      : options_(options), places_(places_of(options.config)), has_new_token_(has_new_token) {}
  [[nodiscard]] ExitCode go();

 private:
  [[nodiscard]] SetupAnswers ask(Interview& interview, bool replaces);
  [[nodiscard]] std::vector<FileSet::Written> write(const SetupAnswers& answers, const std::string& text);
  [[noreturn]] void write_beside(const SetupAnswers& answers, const std::string& text, const std::string& change);
  void note_new_token() {
    has_new_token_ = true;
    notice_->tell_of_lost_token();
  }

  const SetupOptions& options_;
  Places places_;
  bool& has_new_token_;
  FileReader daemon_;
  SetupAnswers before_;
  std::optional<InterruptNotice> notice_;
};

SetupAnswers Run::ask(Interview& interview, bool replaces) {
  const auto& text = places_.target.content;
  DialogueOptions options;
  options.machine = this_machine();
  if (!places_.is_system)
    options.store_path = (std::filesystem::path(places_.file).parent_path() / "tickets.db").string();
  // A script says all that it wants.
  if (replaces && interview.can_correct()) options.before = before_ = earlier_answers(text, places_.file);
  if (const auto store = store_of(text, places_.file); !before_.address.empty()) {
    if (!places_.is_system) options.store_path = store;
    options.has_begun = [this, store](const MailboxSettings& mailbox) { return has_begun(store, before_, mailbox); };
  }
  options.secrets = places_.secrets;
  options.taken = taken_beside(places_.file, text, options.before, places_.secrets);
  options.daemon = daemon_;
  options.on_new_refresh_token = [this] { note_new_token(); };
  RealMailServers servers;
  return ask_for_setup(interview, options_.probes ? &servers : nullptr, options);
}

/// Over nothing but what was looked at in the beginning.
std::vector<FileSet::Written> Run::write(const SetupAnswers& answers, const std::string& text) {
  const auto change = change_of(places_.target);
  if (!change.empty()) write_beside(answers, text, change);
  auto written = write_all(places_, places_.target.path, answers, text, notice_);
  has_new_token_ = false;
  return written;
}

/// Somebody else has been at the file, as `change` says.
void Run::write_beside(const SetupAnswers& answers, const std::string& text, const std::string& change) {
  const auto file = printable_line(places_.target.path), beside = places_.target.path + ".new";
  try {
    static_cast<void>(write_all(places_, beside, answers, text, notice_));
  } catch (const CommandFailure& failure) {
    throw CommandFailure(failure.code(), fmt::format("{} {} meanwhile, and what you have answered could not be kept "
                                                     "beside it: {}",
                                                     file, change, failure.what()));
  }
  has_new_token_ = false;
  std::error_code error;
  const bool is_there = std::filesystem::exists(places_.target.path, error);
  throw CommandFailure(kExitDataError,
                       fmt::format("{} {} meanwhile, and {}. What you have answered is in {}, with its secrets in "
                                   "place: {}rename it",
                                   file, change, is_there ? "stays as it is" : "is not made again",
                                   printable_line(beside), is_there ? "compare the two, and " : "to use it, "));
}

ExitCode Run::go() {
  require_rights(places_.target, places_.secrets.path);
  daemon_ = reader_of(places_.file);
  const auto interview = open_interview(options_);
  notice_.emplace();
  require_nothing_over(places_.file, !places_.is_system);
  if (interview->can_correct())
    interview->say(fmt::format(
        "This asks for what ticketd needs, tries it, and writes {}.\nEnter takes what stands in brackets. Until the "
        "end nothing is written; Ctrl-C leaves all as it is.\n",
        printable_line(places_.file)));
  const bool replaces = !says_nothing(places_.target);
  if (replaces && !options_.force && !may_replace(*interview, places_)) return kExitDataError;
  const auto answers = ask(*interview, replaces);
  const auto text = render_configuration(answers);
  const auto settings = check_or_fail(text, places_, *interview);
  tell_unreadable_files(*interview, settings, std::filesystem::path(places_.file).parent_path(), daemon_);
  auto preview = offer_preview(*interview, places_, answers, settings,
                               has_begun(settings.store_path.string(), before_, answers.mailbox), options_.json);
  if (interview->can_correct()) interview->show("\n" + printable_text(text) + "\n");
  if (!ask_yes_or_no(*interview, {.key = "write", .words = "Write this", .fallback = "yes"}))
    throw CommandFailure(kExitDataError, "nothing was written");
  interview->tell_unneeded();
  auto written = write(answers, text);
  if (const auto left = secrets_left_behind(places_.target.content, text, places_.file, places_.secrets); !left.empty())
    interview->say(
        fmt::format("Secrets that only the old configuration and its .bak name, and that can be removed once the new "
                    "one works: {}\n",
                    printable_line(fmt::format("{}", fmt::join(left, ", ")))));
  const Result result{std::move(written), next_commands(places_, answers, replaces), std::move(preview),
                      failures(places_, answers) + zone_hint(*interview, answers) + other_keys(places_, settings)};
  if (options_.json)
    print_json(result);
  else
    print_text(result, replaces);
  return kExitOk;
}

}  // namespace

ExitCode run_setup(const SetupOptions& options) {
  bool has_new_token = false;
  try {
    return Run(options, has_new_token).go();
  } catch (const CommandFailure& failure) {
    if (!has_new_token) throw;
    // Another try would bring the old token.
    const auto code = failure.code() == kExitTryAgain ? kExitUnavailable : failure.code();
    throw CommandFailure(code, fmt::format("{}\n{}", failure.what(), kLostToken));
  } catch (const std::exception& error) {
    if (!has_new_token) throw;
    throw CommandFailure(kExitUnavailable, fmt::format("{}\n{}", error.what(), kLostToken));
  }
}

}  // namespace ticketd
