#include <algorithm>

#include "daemon/config/sections.h"
#include "daemon/config/value_types.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// Where every mailbox stands for a person of its own, not for an organization.
constexpr auto kFreeMail = {
    "126.com",     "163.com",        "aol.com",      "bigpond.com",    "btinternet.com", "comcast.net",
    "duck.com",    "fastmail.com",   "free.fr",      "freenet.de",     "gmail.com",      "gmx.at",
    "gmx.com",     "gmx.de",         "gmx.net",      "googlemail.com", "hey.com",        "hotmail.co.uk",
    "hotmail.com", "hotmail.fr",     "hushmail.com", "icloud.com",     "laposte.net",    "libero.it",
    "live.com",    "mac.com",        "mail.com",     "mail.ru",        "me.com",         "msn.com",
    "naver.com",   "orange.fr",      "outlook.com",  "outlook.de",     "pm.me",          "posteo.de",
    "proton.me",   "protonmail.com", "qq.com",       "rediffmail.com", "rocketmail.com", "sbcglobal.net",
    "seznam.cz",   "sina.com",       "t-online.de",  "tutanota.com",   "uol.com.br",     "verizon.net",
    "web.de",      "wp.pl",          "yahoo.co.jp",  "yahoo.co.uk",    "yahoo.com",      "yahoo.de",
    "yahoo.fr",    "yandex.ru",      "ymail.com",    "zoho.com"};

ValueType<std::string> role() {
  return one_of<std::string>({{"engineer", "engineer"},
                              {"duty", "duty"},
                              {"director", "director"},
                              {"managing-director", "managing-director"}});
}

constexpr bool is_field_name_character(char c) { return c > ' ' && c < 0x7f && c != ':'; }  // RFC 5322 §2.2

// match.header: any field may stand there, so that this is the one table without a list of keys.
Setting<MailRule> header_patterns() {
  SettingRow row{.key = "header",
                 .type = "table of patterns",
                 .allowed = "a table of header fields and patterns",
                 .doc = "Patterns for any header field: header.X-Origin = \"…\"."};
  row.example = ConfigNode::empty(ConfigNode::Kind::table);
  row.example.entries.push_back({"X-Origin", {}, "monitoring"});
  auto read = [type = pattern()](MailRule& rule, const ConfigNode& node, const Reading& reading) {
    if (!tell_unless_table(node, reading)) return;
    for (const ConfigEntry& entry : node.entries) {
      const Reading inner{reading.problems, join_path(reading.path, entry.key), reading.base};
      if (entry.key.empty() || !std::ranges::all_of(entry.key, is_field_name_character))
        reading.problems.error(entry.at,
                               fmt::format("{}: \"{}\" is no name of a header field", reading.path, entry.key));
      else if (auto pattern = type.read(entry.value, inner))
        rule.header.emplace_back(entry.key, std::move(*pattern));
    }
  };
  return {std::move(row), std::move(read)};
}

Section<MailRule> match_section() {
  using S = MailRule;
  return {
      key("from", pattern(), &S::from, "A pattern for the sender's address.")
          .otherwise("")
          .example("@monitoring\\.example$"),
      key("to", pattern(), &S::to, "A pattern for the addressees.").otherwise(""),
      key("subject", pattern(), &S::subject, "A pattern for the subject.").otherwise("").example("^\\[alert\\]"),
      header_patterns(),
  };
}

Section<MailRule> set_section() {
  using S = MailRule;
  return {
      key("priority",
          one_of<Priority>({{"urgent", Priority::urgent}, {"high", Priority::high}, {"normal", Priority::normal}}),
          &S::priority, "The category.")
          .example("high"),
      key("organization", line(), &S::organization, "The organization.").otherwise("").example("Acme"),
      key("channel",
          one_of<Channel>({{"portal", Channel::portal},
                           {"direct", Channel::direct},
                           {"sms", Channel::sms},
                           {"phone", Channel::phone}}),
          &S::channel, "The channel.")
          .example("direct"),
      key("ignore", flag(), &S::ignore, "Make no ticket of it.").otherwise(false),
      key("spam", flag(), &S::spam, "Treat it as spam.").otherwise(false),
  };
}

MailRule& self(MailRule& rule) { return rule; }

}  // namespace

Section<StaffMember> staff_section() {
  using S = StaffMember;
  return {
      key("name", name(), &S::name, "As tickets show it.").example("Ann Engineer").required(),
      key("email", address(), &S::email, "Where mail to this person goes; unique.")
          .example("ann@example.com")
          .required(),
      key("login", line(), &S::login, "The user name on this system, for `ticketctl`; unique.")
          .otherwise("")
          .example("ann"),
      key("roles", list_of(role()), &S::roles, "What this person does.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"engineer"})),
      key("available", weekly_windows(), &S::available, "When this person can be called, in the desk's time zone.")
          .otherwise(ConfigNode::list({"always"}))
          .example(ConfigNode::list({"mon-fri 18:00-08:00", "sat-sun 00:00-24:00"})),
      key("away", list_of(span_of_days()), &S::away, "Days off, both ends included.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"2026-12-24..2027-01-02"})),
      key("page", list_of(address()), &S::page, "Where pages go, such as an SMS gateway.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"15551234567@sms.example.net"})),
      key("webhook", url({"https", "http"}, UrlPath::any, true), &S::webhook,
          "A URL that pages go to as well, as JSON (docs/webhooks.md).")
          .otherwise("")
          .example("https://hooks.example.com/ann"),
      key("webhook_secret_file", secret_file(), &S::webhook_secret_file,
          "The file of the secret that goes with them, in the field X-Ticketd-Secret.")
          .otherwise("")
          .example("ann-webhook"),
  };
}

Section<Ruleset> page_section() {
  using S = Ruleset;
  return {
      key("repeat", duration(minutes(1), hours(2)), &S::page_repeat,
          "The pause until a page that nobody took goes out again.")
          .otherwise("10m"),
      key("times", whole_number(1, 100), &S::page_times, "How often, before all engineers are called.").otherwise(3),
      key("warn_at", share(), &S::page_warn_at,
          "The share of the response target that is used up when the warning goes out.")
          .otherwise(0.75),
      key("limit", rate(), &S::page_limit, "The most pages per sender and organization; ten times that in all.")
          .otherwise("20/1h"),
  };
}

Section<Ruleset> abuse_section() {
  using S = Ruleset;
  return {
      key("strikes", whole_number(1, 1000), &S::abuse_strikes, "So many wrong labels downgrade an organization …")
          .otherwise(3),
      key("window", duration(days(1), days(366)), &S::abuse_window, "… within this time …").otherwise("30d"),
      key("duration", duration(days(1), days(732)), &S::abuse_duration, "… for so long.").otherwise("90d"),
      key("free_mail", list_of(domain()), &S::free_mail,
          "Domains where every address stands for itself, instead of the whole domain for one organization.")
          .otherwise(ConfigNode::list(kFreeMail)),
  };
}

Section<Ruleset> lifecycle_section() {
  using S = Ruleset;
  return {
      key("close_after", duration(days(1), days(90)), &S::close_after,
          "Resolved tickets close after this long without a word; days on which the office does not open don't count.")
          .otherwise("3d"),
      key("reopen_within", duration(days(1), days(366)), &S::reopen_within,
          "A reply to a closed ticket reopens it within this time; later it makes a new one.")
          .otherwise("14d"),
  };
}

Section<MailRule> rule_section() {
  using S = MailRule;
  return {
      key("name", line(), &S::name, "As the reasons in a ticket's log name it; without one, \"rule 1\" and so on.")
          .otherwise("")
          .example("monitoring"),
      table<S>("match", match_section(), self, "Which mails are meant: all of these must match."),
      table<S>("set", set_section(), self, "What becomes of them."),
  };
}

}  // namespace ticketd
