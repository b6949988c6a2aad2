#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "daemon/ctl/probe.h"
#include "daemon/ctl/session.h"
#include "daemon/ctl/setup/preview.h"
#include "daemon/ctl/setup/setup.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

std::vector<MailboxSettings> wanted_mailboxes(const Settings& settings, const std::string& name) {
  auto mailboxes = settings.mailboxes;
  if (!name.empty()) std::erase_if(mailboxes, [&](const MailboxSettings& each) { return each.name != name; });
  if (mailboxes.empty())
    throw CommandFailure(kExitNoInput, fmt::format("there is no mailbox '{}'", printable_line(name)));
  return mailboxes;
}

}  // namespace

ExitCode run_preview(const PreviewOptions& options) {
  CtlSession session(options.config, options.json, CtlSession::Access::none);
  const auto& settings = session.settings();
  const auto mailboxes = wanted_mailboxes(settings, options.mailbox);
  auto desk = open_looking_desk(settings);
  const auto store = [&session]() -> Store& { return session.open_store(); };
  boost::json::array all;
  bool is_whole = true;
  for (const auto& mailbox : mailboxes) {
    try {
      const auto preview = preview_mailbox(desk, mailbox, login_of(settings, mailbox.server, store), options.count,
                                           settings.message_size);
      if (!options.json)
        print((&mailbox == &mailboxes.front() ? "" : "\n") + present_preview(preview, session.style()));
      for (auto& mail : preview_json(preview)) all.push_back(std::move(mail));
    } catch (const CommandFailure&) {
      throw;
    } catch (const std::exception& error) {
      is_whole = false;
      fmt::print(stderr, "ticketctl: {}: {}\n", printable_line(mailbox.name), printable_line(error.what()));
    }
  }
  if (options.json) print(boost::json::serialize(all) + "\n");
  return is_whole ? kExitOk : kExitProblem;
}

}  // namespace ticketd
