#include "daemon/ctl/setup/terminal.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "daemon/ctl/session.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr int kEndings[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
/// What a terminal takes as one line; the rest would be lost without a word (termios(3), canonical mode).
constexpr std::size_t kLongestLine = 4095;

// A signal handler has no other way to know.
struct Echo {
  volatile sig_atomic_t is_off = 0;
  termios usual{};
};
Echo& echo() {
  static Echo state;
  return state;
}
volatile sig_atomic_t& token_is_lost() {
  static volatile sig_atomic_t state = 0;
  return state;
}

/// Only what is allowed in a handler (signal-safety(7)). Whoever does not listen is not told.
void tell(std::string_view text) {
  const auto count = ::write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(count);
}

/// The same.
void tell_and_end(int signal) {
  if (echo().is_off != 0) ::tcsetattr(STDIN_FILENO, TCSANOW, &echo().usual);
  tell("\nNothing was written.\n");
  if (token_is_lost() != 0) {
    tell(kLostToken);
    tell("\n");
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

/// What whoever started us has it ignore stays ignored (nohup(1), a job in the background).
void handle_endings(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_NODEFER;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : kEndings) {
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      ::sigaction(signal, &action, nullptr);
  }
}

/// What is typed does not appear on the terminal.
class EchoOff {
 public:
  EchoOff() {
    if (::tcgetattr(STDIN_FILENO, &echo().usual) != 0) return;
    termios hidden = echo().usual;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden.c_cc[VSUSP] = _POSIX_VDISABLE;  // a shell to which Ctrl-Z leads would stay without echo
    echo().is_off = 1;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~EchoOff() {
    if (echo().is_off != 0) ::tcsetattr(STDIN_FILENO, TCSANOW, &echo().usual);
    echo().is_off = 0;
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
};

/// nullopt: there is nobody who would answer any more.
std::optional<std::string> read_line() {
  std::string line;
  for (char c = 0;;) {
    const auto count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    if (c == '\n') return line;
    line += c;
  }
}

}  // namespace

SignalsHeld::SignalsHeld() {
  sigset_t endings;
  ::sigemptyset(&endings);
  for (const int signal : kEndings) ::sigaddset(&endings, signal);
  ::sigprocmask(SIG_BLOCK, &endings, &before_);
}

SignalsHeld::~SignalsHeld() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

InterruptNotice::InterruptNotice() {
  echo();
  token_is_lost() = 0;
  handle_endings(tell_and_end);
}
InterruptNotice::~InterruptNotice() { handle_endings(SIG_DFL); }
void InterruptNotice::tell_of_lost_token() { token_is_lost() = 1; }

std::string TerminalInterview::ask(const Question& question) {
  if (!question.explanation.empty()) say("\n" + question.explanation + "\n");
  const bool may_be_shown = question.shown_fallback.empty() && !question.is_secret;
  const auto shown = may_be_shown ? question.fallback.value_or("") : question.shown_fallback;
  const auto prompt =
      fmt::format("{}{}: ", question.words, shown.empty() ? "" : fmt::format(" [{}]", printable_line(shown)));
  for (;;) {
    std::optional<std::string> line;
    {
      std::optional<EchoOff> hidden;
      if (question.is_secret) hidden.emplace();
      say(prompt);
      line = read_line();
      if (question.is_secret || !line) say("\n");
    }
    if (!line) throw CommandFailure(kExitDataError, "there is no answer any more; nothing was written");
    std::string fault, answer = *line;
    if (answer.size() >= kLongestLine) fault = "a terminal takes no line as long as that; use --answers FILE";
    if (answer.empty() && question.fallback) return *question.fallback;
    if (fault.empty()) fault = fault_of(question, answer);
    if (fault.empty()) return answer;
    say(fmt::format("  That can't be used: {}.\n", printable_line(fault)));
  }
}

}  // namespace ticketd
