#include "daemon/ctl/setup/secret.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>

#include "daemon/config/settings.h"
#include "daemon/config/value_types.h"
#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

/// A name is looked up among the credentials of whoever asks, and the daemon's may be others.
bool is_for_the_daemon_alone(const std::string& setting) {
  const auto problem = find_secret_problem(setting);
  return !setting.starts_with('/') && problem && !problem->exists;
}

}  // namespace

bool may_go_to(const Secret& secret, std::string_view url) {
  return secret.hosts.empty() || std::ranges::any_of(secret.hosts, [host = url_host(url)](const std::string& each) {
           return equals_ignoring_case(each, host);
         });
}

Secret stored_secret(const std::string& setting, const std::vector<std::string_view>& urls) {
  if (setting.empty()) return {};
  Secret secret;
  for (const auto url : urls) secret.hosts.emplace_back(url_host(url));
  try {
    secret.value = read_secret(setting);
    secret.file = setting;
  } catch (const std::exception& error) {
    if (is_for_the_daemon_alone(setting))
      secret.file = setting;
    else
      secret.obstacle = error.what();
  }
  return secret;
}

Secret ask_for_secret(Interview& interview, const SecretQuestion& question, const Secret& usual) {
  const bool may_lack = !question.when_none.empty(), is_known = !usual.value.empty();
  const bool is_elsewhere = usual.is_elsewhere(), is_lost = !usual.obstacle.empty();
  const bool enter_is_none = may_lack && !is_known && !is_elsewhere && !is_lost;
  std::string explanation;
  if (is_elsewhere)
    explanation = fmt::format(
        "\"{}\" can't be had here. If only the daemon gets it (by a drop-in of its unit, say), Enter leaves it so, "
        "untried.",
        printable_line(usual.file));
  else if (is_lost)
    explanation = fmt::format("The one before can't be had: {}.", printable_line(usual.obstacle));
  const auto none = may_lack ? fmt::format("; {}: {}", enter_is_none ? "Enter" : "none", question.when_none) : "";
  auto answer =
      interview.ask({.key = question.key,
                     .words = fmt::format("{} (not shown{})", question.words, none),
                     .explanation = std::move(explanation),
                     .fallback = is_known || is_elsewhere || enter_is_none ? std::optional(usual.value) : std::nullopt,
                     .shown_fallback = is_known       ? std::string(question.shown)
                                       : is_elsewhere ? "left as it is"
                                                      : "",
                     .is_secret = true});
  if (may_lack && answer == "none") return {};
  return answer == usual.value ? usual : Secret{std::move(answer), ""};
}

}  // namespace ticketd
