#include "daemon/config/checks.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "daemon/config/value_types.h"
#include "parsers/ascii.h"

namespace ticketd {
namespace {

enum class Case { matters, ignored };

// Every value of that key (or each item, of a list) may stand once only.
void check_unique(const ConfigNode& root, const std::string& table, const char* key, Case letters, Problems& problems) {
  std::map<std::string, const ConfigNode*> seen;
  auto see = [&](const ConfigNode& node) {
    if (node.kind != ConfigNode::Kind::text || node.text.empty()) return;
    if (!seen.emplace(letters == Case::ignored ? to_lower(node.text) : node.text, &node).second)
      problems.error(node.at,
                     fmt::format("{0}.{1}: \"{2}\" is taken; each {0} must have its own {1}", table, key, node.text));
  };
  for (const ConfigNode& item : root[table].items) {
    see(item[key]);
    for (const ConfigNode& one : item[key].items) see(one);
  }
}

void check_names(const ConfigNode& root, Problems& problems) {
  check_unique(root, "mailbox", "name", Case::ignored, problems);
  check_unique(root, "staff", "name", Case::ignored, problems);
  check_unique(root, "staff", "email", Case::ignored, problems);
  check_unique(root, "staff", "login", Case::matters, problems);
  check_unique(root, "organization", "name", Case::ignored, problems);
  check_unique(root, "organization", "domains", Case::ignored, problems);
  check_unique(root, "organization", "addresses", Case::ignored, problems);
}

void check_mailboxes(const ConfigNode& root, Problems& problems) {
  const ConfigNode& mailboxes = root["mailbox"];
  if (mailboxes.kind == ConfigNode::Kind::list && mailboxes.items.empty())
    problems.error(mailboxes.at, "mailbox: there must be one at least, under a header [[mailbox]]");
  std::vector<std::string> seen;
  for (const ConfigNode& mailbox : mailboxes.items) {
    if (equals_ignoring_case(mailbox["name"].text, kPipeMailbox))
      problems.error(mailbox["name"].at,
                     fmt::format("mailbox.name: \"{}\" is taken; what comes by \"ticketctl ingest\" "
                                 "goes by that name",
                                 mailbox["name"].text));
    const std::string folder = mailbox["folder"].absent() ? "INBOX" : mailbox["folder"].text;
    const std::string& lease = mailbox["lease_folder"].text;
    const bool is_read =
        lease == folder || (equals_ignoring_case(lease, "INBOX") && equals_ignoring_case(folder, "INBOX"));
    if (!lease.empty() && (is_read || mailbox["processed"].text == "move:" + lease ||
                           mailbox["failed"].text == "move:" + lease || equals_ignoring_case(lease, "INBOX")))
      problems.error(
          mailbox["lease_folder"].at,
          fmt::format("mailbox.lease_folder: \"{}\" has other mails; it must be a folder of its own", lease));
    std::string what = fmt::format("{} {} {}", mailbox["url"].text, mailbox["user"].text, folder);
    if (std::ranges::find(seen, what) != seen.end())
      problems.warning(mailbox.at,
                       "mailbox: an earlier one reads the same folder of the same user; its mails are found twice");
    seen.push_back(std::move(what));
  }
}

// A mail to staff that came back as a customer's mail would make a ticket, which is told to staff …
void check_staff(const ConfigNode& root, Problems& problems) {
  std::vector<std::string> own{to_lower(root["support"]["address"].text)};
  for (const ConfigNode& alias : root["support"]["aliases"].items) own.push_back(to_lower(alias.text));
  for (const ConfigNode& member : root["staff"].items) {
    const ConfigNode& email = member["email"];
    if (!email.text.empty() && std::ranges::find(own, to_lower(email.text)) != own.end())
      problems.error(email.at,
                     fmt::format("staff.email: \"{}\" is the desk's own address; it must be the person's", email.text));
  }
}

bool is_empty_table(const ConfigNode& node) {
  return node.absent() || (node.kind == ConfigNode::Kind::table && node.entries.empty());
}

void check_useless(const ConfigNode& root, Problems& problems) {
  for (const ConfigNode& one : root["organization"].items)
    if (one.kind == ConfigNode::Kind::table && one["domains"].items.empty() && one["addresses"].items.empty())
      problems.warning(one.at, "organization: without domains and addresses nobody belongs to it");
  for (const ConfigNode& rule : root["rule"].items) {
    if (rule.kind != ConfigNode::Kind::table) continue;
    if (is_empty_table(rule["match"])) problems.warning(rule.at, "rule: without a match it means every mail");
    if (is_empty_table(rule["set"])) problems.warning(rule.at, "rule: it sets nothing");
  }
  const ConfigNode& weekly = root["office_hours"]["weekly"];
  if (weekly.kind == ConfigNode::Kind::list && weekly.items.empty())
    problems.warning(weekly.at, "office_hours.weekly: the office never opens, so that its clock runs always");
}

std::optional<Duration> quiet_duration(const ConfigNode& node) {
  Problems unheard;
  return duration(Duration(1), Duration::max()).read(node, {unheard, "", {}});
}

void check_order(const ConfigNode& root, const char* less, const char* more, Problems& problems) {
  const ConfigNode& smtp = root["smtp"];
  const auto first = quiet_duration(smtp[less]), second = quiet_duration(smtp[more]);
  if (first && second && *first > *second)
    problems.warning(smtp[less].at, fmt::format("smtp.{} is longer than smtp.{}", less, more));
}

}  // namespace

void check_settings(const ConfigNode& root, const std::filesystem::path& base, Problems& problems) {
  check_servers(root, base, problems);
  check_names(root, problems);
  check_mailboxes(root, problems);
  check_staff(root, problems);
  check_useless(root, problems);
  check_order(root, "retry_first", "retry_max", problems);
  check_order(root, "retry_max", "give_up", problems);
}

}  // namespace ticketd
