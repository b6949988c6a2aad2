// The command line of what concerns more than one ticket: incidents, organizations, statistics.
#include "daemon/ctl/invocation.h"

namespace ticketd {
namespace {

void add_incident_number(CLI::App* command, Invocation& invocation) {
  command->add_option("I", invocation.id, "the incident's number, as incident list tells it")
      ->required()
      ->transform(as_number("incident number"));
}

void add_incident_link_commands(CLI::App& incident, Invocation& invocation) {
  auto& in = invocation;
  auto* link = add_command(
      incident, in, "link", "have a ticket wait for an incident", Access::write,
      [&in](CtlSession& session) { change_ticket(session, in.number, IncidentCommand{IncidentNumber{in.id}}); });
  add_incident_number(link, in);
  add_number(link, in);
  add_number(
      add_command(incident, in, "unlink", "take a ticket from its incident: the time to answer runs again",
                  Access::write, [&in](CtlSession& session) { change_ticket(session, in.number, IncidentCommand{}); }),
      in);
}

}  // namespace

void add_incident_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* incident =
      add_command(app, in, "incident", "major incidents: list, open TITLE, update I, resolve I, link I N, unlink N",
                  Access::read, list_incidents);
  incident->footer(
      "While an incident is open, new tickets that match it wait for it: they are acknowledged with its text, nobody\n"
      "is told of them, and no answer is due. When it is resolved, so are they, and each customer is asked to test.\n"
      "Title and messages are public: they stand on the status page ([status_page] of the configuration).");
  incident->require_subcommand(0, 1);
  add_command(*incident, in, "list", "all of them, and their tickets", Access::read, list_incidents);
  auto* open = add_command(*incident, in, "open", "declare one", Access::write, [&in](CtlSession& session) {
    in.incident.message = in.message;
    open_incident(session, in.incident);
  });
  open->add_option("TITLE", in.incident.title, "what the public reads")->required();
  auto* match = open->add_option("--match", in.incident.pattern,
                                 "new tickets belong to it in whose subject or text this regular expression (RE2, any "
                                 "case; \\b is the edge of a word) finds something");
  auto* organization = open->add_option("--organization", in.incident.organization,
                                        "new tickets of this organization (name, domain or address) belong to it");
  auto* all = open->add_flag("--all", in.incident.all, "all new tickets belong to it");
  match->excludes(organization, all);
  organization->excludes(all);
  open->add_option("--message", in.message, "what is known of it, in public; '-': from standard input");

  auto* update = add_command(*incident, in, "update", "say more of it, in public", Access::write,
                             [&in](CtlSession& session) { update_incident(session, in.id, in.message); });
  add_incident_number(update, in);
  add_message(update, in);
  auto* resolve =
      add_command(*incident, in, "resolve",
                  "it is over: the tickets that wait for it are resolved, and their "
                  "customers told",
                  Access::write, [&in](CtlSession& session) { resolve_incident(session, in.id, in.message); });
  add_incident_number(resolve, in);
  resolve->add_option("--message", in.message, "what was done, in public; '-': from standard input");
  add_incident_link_commands(*incident, in);
}

void add_organization_commands(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* organization =
      add_command(app, in, "organization", "customers and their standing: list, show O, downgrade O, restore O",
                  Access::read, list_organizations);
  organization->footer(
      "An organization with several strikes ([abuse] in the configuration) is downgraded for a time: its requests are\n"
      "Normal whatever they claim. A strike is a category that it had claimed and staff lowered.");
  organization->require_subcommand(0, 1);
  add_command(*organization, in, "list", "all of them", Access::read, list_organizations);
  const auto add = [&](const char* name, const char* help, Access access, auto action) {
    add_command(*organization, in, name, help, access, action)
        ->add_option("O", in.organization, "its name, a domain or an address")
        ->required();
  };
  add("show", "one, with its strikes", Access::read,
      [&in](CtlSession& session) { show_organization(session, in.organization); });
  add("downgrade", "its open and new tickets are Normal for a time", Access::write,
      [&in](CtlSession& session) { change_organization(session, in.organization, OrganizationCommand::downgrade); });
  add("restore", "what it claims counts again, and its strikes no more", Access::write,
      [&in](CtlSession& session) { change_organization(session, in.organization, OrganizationCommand::restore); });
}

void add_statistics_command(CLI::App& app, Invocation& invocation) {
  auto& in = invocation;
  auto* stats = add_command(app, in, "stats", "how many tickets came, and how soon they were answered", Access::read,
                            [&in](CtlSession& session) { show_statistics(session, in.since); });
  stats->add_option("--since", in.since, "30d, 12h, 2026-11-01 or \"2026-11-01 08:00\"")->default_val("30d");
  stats->footer(
      "An answer is owed when a ticket is reported, and again whenever its clock is started anew: when it is reopened\n"
      "or raised, leaves an incident, or the customer writes again and priority.*.update sets a time for that. 'In\n"
      "time' is the share of those answers that came within the target; what is still owed and not due is left out.\n"
      "Times count from the report to the first answer by a person, in office hours where the category's clock runs "
      "in\n"
      "office hours. Spam and mail that no answer is owed to is not counted, and a merged ticket counts as the one it\n"
      "went into. A claim that staff lowered is judged by the category that the ticket has since.");
}

}  // namespace ticketd
