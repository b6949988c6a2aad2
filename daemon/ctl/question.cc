#include "daemon/ctl/question.h"

#include <fmt/format.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include "parsers/ascii.h"

namespace ticketd {

bool can_ask(const CtlSession& session) {
  return !session.json() && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
}

bool says_yes(std::string_view question) {
  fmt::print(stderr, "{} (yes or no) ", question);
  std::string answer;
  if (!std::getline(std::cin, answer)) return false;
  const auto word = trim(answer);
  return equals_ignoring_case(word, "y") || equals_ignoring_case(word, "yes");
}

}  // namespace ticketd
