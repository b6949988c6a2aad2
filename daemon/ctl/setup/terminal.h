#pragma once

#include <signal.h>

#include <cstdio>
#include <string_view>

#include "daemon/ctl/setup/interview.h"
#include "daemon/ctl/setup/screen.h"

namespace ticketd {

/// While it lives, a signal that ends the program (Ctrl-C, …) does so only after the terminal shows again what is
/// typed, and after telling that nothing was written. One at a time.
class InterruptNotice {
 public:
  InterruptNotice();
  ~InterruptNotice();
  /// From now on it tells of a refresh token too that is lost with it.
  void tell_of_lost_token();
  InterruptNotice(const InterruptNotice&) = delete;
  InterruptNotice& operator=(const InterruptNotice&) = delete;
};

/// What whoever has typed a refresh token has to know when it was replaced, and the new one is nowhere.
inline constexpr std::string_view kLostToken =
    "The provider has replaced the refresh token meanwhile, and the new one is lost: if the old one is not taken any "
    "more, a new consent is needed.";

/// While it lives, such signals wait.
class SignalsHeld {
 public:
  SignalsHeld();
  ~SignalsHeld();
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

/// A person at the terminal on standard input. Asks again until an answer is usable; never shows a secret.
class TerminalInterview : public Interview {
 public:
  /// Questions go to `screen`.
  explicit TerminalInterview(std::FILE* screen) : screen_(screen) {}
  [[nodiscard]] std::string ask(const Question& question) override;
  void say(std::string_view text) override { screen_.say(text); }
  void show(std::string_view lines) override { screen_.show(lines); }
  [[nodiscard]] std::size_t width() const override { return screen_.width(); }
  [[nodiscard]] bool can_correct() const override { return true; }

 private:
  Screen screen_;
};

}  // namespace ticketd
