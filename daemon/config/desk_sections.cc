#include "daemon/config/sections.h"
#include "daemon/config/value_types.h"
#include "rules/mail_values.h"

namespace ticketd {
namespace {

using std::chrono::days;
using std::chrono::minutes;

ConfigNode examples_of(Priority priority) {
  auto list = ConfigNode::list({});
  for (const auto& example : default_examples(priority)) list.items.push_back(ConfigNode(example));
  return list;
}

Section<PriorityRule> category_section(const char* response, const char* clock, const char* label, Priority priority) {
  using S = PriorityRule;
  return {
      key("response", duration(minutes(5), days(14)), &S::response, "The time within which a person answers.")
          .otherwise(response),
      key("clock", one_of<Clock>({{"always", Clock::always}, {"office_hours", Clock::office_hours}}), &S::clock,
          "When that time runs.")
          .otherwise(clock),
      key("labels", list_of(name()), &S::labels, "Further words in a subject that ask for this category.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({label})),
      key("examples", list_of(line()), &S::examples,
          "What belongs here, as customers are told; as long as it is left as it is, in the language of the mail.")
          .otherwise(examples_of(priority)),
      key("update", or_none("off", duration(minutes(5), days(14))), &S::update,
          "The time within which a customer's further mail on an open ticket is answered.")
          .otherwise("off"),
  };
}

}  // namespace

Section<Support> support_section() {
  using S = Support;
  const auto web = url({"https", "http"}, UrlPath::any, true);
  return {
      key("address", address(), &S::address, "Customers write to it, and all mail comes from it.")
          .example("support@example.com")
          .required(),
      key("name", line(), &S::name, "The name that customers see beside the address; without one, the address.")
          .otherwise("")
          .example("Example Support"),
      key("aliases", list_of(address()), &S::aliases, "Further addresses that count as the support address.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"help@example.com"})),
      key("time_zone", time_zone(), &S::time_zone, "The zone of office hours, rosters and the times in mails.")
          .otherwise("UTC")
          .example("America/New_York"),
      key("phone", line(), &S::phone, "Shown in mails when set.").otherwise("").example("+1 555 0100"),
      key("portal_url", web, &S::portal_url, "\"My Cases\": shown in mails when set.")
          .otherwise("")
          .example("https://portal.example.com"),
      key("admins", list_of(address()), &S::admins,
          "Who hears of what needs a person: a dead mailbox, a dead token, an outbox that ages.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"ops@example.com"})),
      key("status_url", web, &S::status_url, "Shown in mails during an incident.")
          .otherwise("")
          .example("https://status.example.com"),
      key("subject_tag", subject_tag(), &S::subject_tag, "Subjects carry it with the ticket's number: [Ticket-123].")
          .otherwise("Ticket")
          .example("SUP"),
      key("copy_participants", flag(), &S::copy_participants,
          "Whether answers go to the others of the customer's first mail as well.")
          .otherwise(true),
  };
}

Section<OfficeHours> office_hours_section() {
  using S = OfficeHours;
  return {
      key("weekly", weekly_windows(), &S::weekly, "When the office is open, in local time.")
          .otherwise(ConfigNode::list({"mon-fri 09:00-17:00"})),
      key("holidays", list_of(day()), &S::holidays, "Days on which it stays closed.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"2026-12-25"})),
  };
}

Section<Ruleset> priority_section() {
  using S = Ruleset;
  return {
      table<S>("urgent", category_section("30m", "always", "dringend", Priority::urgent), &S::urgent,
               "Category Urgent (10)."),
      table<S>("high", category_section("2h", "always", "hoch", Priority::high), &S::high, "Category High (7)."),
      table<S>("normal", category_section("4h", "office_hours", "normale", Priority::normal), &S::normal,
               "Category Normal (5): everything without a label."),
  };
}

Section<Organization> organization_section() {
  using S = Organization;
  return {
      key("name", name(), &S::name, "Unique.").example("Acme").required(),
      key("domains", list_of(domain()), &S::domains, "Whoever writes from these domains belongs to it.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"acme.example"})),
      key("addresses", list_of(lower_address()), &S::addresses, "So do these addresses.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"acme@provider.example"})),
      key("language", language(), &S::language,
          "The language of mails to it, as far as there are texts in it; without one, templates.language.")
          .otherwise("")
          .example("de"),
  };
}

Section<Ruleset> channel_section() {
  using S = Ruleset;
  return {
      key("sms", list_of(address_or_domain()), &S::sms_senders, "Senders that are SMS gateways.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"@sms.example.net"})),
      key("phone", list_of(address_or_domain()), &S::phone_senders, "Senders that turn voicemail into mail.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"voicemail@pbx.example.com"})),
  };
}

Section<Ruleset> block_section() {
  using S = Ruleset;
  return {
      key("addresses", list_of(lower_address()), &S::blocked_addresses, "Senders whose mail counts as spam.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"offers@spam.example"})),
      key("domains", list_of(domain()), &S::blocked_domains, "Domains whose mail counts as spam, and all below them.")
          .otherwise(ConfigNode::list({}))
          .example(ConfigNode::list({"spam.example"})),
  };
}

}  // namespace ticketd
