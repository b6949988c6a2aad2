#include "daemon/config/sections.h"

#include "daemon/config/value_types.h"

namespace ticketd {
namespace {

using std::chrono::days;

Ruleset& ruleset(Settings& settings) { return settings.ruleset; }

Section<Settings> store_section() {
  return {key("path", path(), &Settings::store_path,
              "The database; by default tickets.db in $STATE_DIRECTORY, else in /var/lib/ticketd.")
              .example("/var/lib/ticketd/tickets.db")};
}

Section<Settings> retention_section() {
  return {
      key("raw_mails", or_none("forever", duration(days(30), days(36'500))), &Settings::raw_mail_retention,
          "How long mails are kept as they came. Their text stays, the attachments go with them; what is in quarantine "
          "stays.")
          .otherwise("forever")};
}

Section<Settings> templates_section() {
  return {key("directory", path(), &Settings::template_directory,
              "A folder with texts that replace the built-in ones, file by file; closed.txt, which is not built in, "
              "makes a mail of closing, and breach-normal.txt tells customers of a Normal ticket that its answer is "
              "overdue, as breach.txt does for Urgent and High: an empty one tells nobody. What stands in it is the "
              "default, and English; folders in it, such as \"de\", "
              "hold mails to customers in other languages. phrases.txt has the words within mails, a line for each.")
              .otherwise("")
              .example("/etc/ticketd/templates"),
          key<Settings>(
              "language", language(), [](Settings& s) -> std::string& { return s.ruleset.language; },
              "The language of mails to customers whose organization names none; \"en\" and \"de\" are built in.")
              .otherwise("en")};
}

Section<Settings> status_page_section() {
  return {key("directory", path(), &Settings::status_page_directory, "The folder that the status page is written to.")
              .otherwise("")
              .example("/var/cache/ticketd")};
}

Section<Ruleset> trust_section() {
  return {key("authserv_id", line(), &Ruleset::authserv_id,
              "The server whose Authentication-Results (RFC 8601) are believed; without one, none are. It has to take "
              "those of others that bear its name out of the mails that it receives.")
              .otherwise("")
              .example("mx.example.com")};
}

Section<Settings> metrics_section() {
  return {key("listen", listen_address(), &Settings::metrics_listen,
              "Where Prometheus finds /metrics, and others /health; without one, nowhere. Whoever reaches this address "
              "may read them: there is no password.")
              .otherwise("")
              .example("127.0.0.1:9464")};
}

template <class U, class Member>
Setting<Settings> ruleset_table(const char* name, Section<U> section, Member member, const char* doc) {
  auto place = [member](Settings& settings) -> U& { return std::invoke(member, settings.ruleset); };
  return table<Settings>(name, std::move(section), place, doc);
}

template <class U>
Setting<Settings> ruleset_tables(const char* name, Section<U> section, std::vector<U> Ruleset::*member,
                                 const char* doc) {
  auto place = [member](Settings & settings) -> auto& { return settings.ruleset.*member; };
  return tables<Settings>(name, std::move(section), place, doc);
}

Settings& whole(Settings& settings) { return settings; }
Ruleset& whole_ruleset(Ruleset& rules) { return rules; }

}  // namespace

Section<Settings> limits_section() {
  using S = Settings;
  return {
      key("message_size", size(10'000, 500'000'000), &S::message_size,
          "Of a larger mail only the beginning is read; its sender is told.")
          .otherwise("35MB"),
      key("mime_depth", whole_number(1, 200), &S::mime_depth, "How deep the parts of a mail are followed.")
          .otherwise(32),
      key("mime_parts", whole_number(1, 100'000), &S::mime_parts, "How many parts of a mail are read.").otherwise(1000),
      key<S>(
          "acknowledgements_per_sender", rate(),
          [](S& s) -> RateLimit& { return ruleset(s).acknowledgements_per_sender; },
          "The most acknowledgements that one address is sent.")
          .otherwise("10/1h"),
      key<S>(
          "acknowledgements_per_domain", rate(),
          [](S& s) -> RateLimit& { return ruleset(s).acknowledgements_per_domain; },
          "The most automatic answers that all addresses of one domain are sent; for domains of abuse.free_mail and of "
          "an organization there is none.")
          .otherwise("100/1h"),
      key<S>(
          "tickets_per_sender", rate(), [](S& s) -> RateLimit& { return ruleset(s).tickets_per_sender; },
          "The most tickets that one address opens.")
          .otherwise("50/1h"),
      key<S>(
          "acknowledgements", rate(), [](S& s) -> RateLimit& { return ruleset(s).acknowledgements; },
          "The most automatic answers in all; beyond it tickets open silently, and the admins are told once.")
          .otherwise("1000/1h"),
  };
}

Section<Settings> root_section() {
  using S = Settings;
  using R = Ruleset;
  return {
      ruleset_table("support", support_section(), &R::support, "Whom and where the desk is."),
      table<S>("store", store_section(), whole, "Where everything is kept."),
      tables<S>("mailbox", mailbox_section(), &S::mailboxes, "A mailbox to read; one or more.").required(),
      table<S>("smtp", smtp_section(), whole, "How mail goes out."),
      ruleset_table("office_hours", office_hours_section(), &R::office_hours, "When the office is open."),
      ruleset_table("priority", priority_section(), whole_ruleset, "What each category promises."),
      ruleset_tables("staff", staff_section(), &R::staff, "Who works the desk."),
      ruleset_table("page", page_section(), whole_ruleset, "How staff are called."),
      ruleset_tables("organization", organization_section(), &R::organizations, "A customer with several addresses."),
      ruleset_table("abuse", abuse_section(), whole_ruleset, "What wrong labels lead to."),
      ruleset_table("channel", channel_section(), whole_ruleset,
                    "Senders that are not customers but machines of theirs."),
      ruleset_table("lifecycle", lifecycle_section(), whole_ruleset, "When tickets close and reopen."),
      table<S>("retention", retention_section(), whole, "What is kept for how long."),
      ruleset_table("block", block_section(), whole_ruleset, "Who is not heard."),
      table<S>("limits", limits_section(), whole, "What protects the desk from floods and monsters."),
      table<S>("templates", templates_section(), whole, "The texts of mails."),
      table<S>("status_page", status_page_section(), whole, "The public status page."),
      ruleset_table("trust", trust_section(), whole_ruleset, "Which checks of others are believed."),
      ruleset_tables("rule", rule_section(), &R::mail_rules, "Your own rules; the first that matches counts."),
      table<S>("metrics", metrics_section(), whole, "For the monitoring."),
  };
}

std::vector<SettingRow> settings_table() { return rows_of(root_section()); }

}  // namespace ticketd
