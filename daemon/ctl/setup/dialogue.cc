#include "daemon/ctl/setup/dialogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "daemon/config/value_types.h"
#include "daemon/ctl/setup/checks.h"
#include "daemon/ctl/setup/secret_names.h"
#include "daemon/ctl/setup/server_dialogue.h"
#include "parsers/ascii.h"

namespace ticketd {
namespace {

constexpr std::string_view kKeys[] = {"overwrite",
                                      "address",
                                      "name",
                                      "time_zone",
                                      "provider",
                                      "login",
                                      "imap_server",
                                      "imap_tls",
                                      "imap_user",
                                      "imap_password",
                                      "imap_ca_file",
                                      "folder",
                                      "backlog",
                                      "smtp_server",
                                      "smtp_tls",
                                      "smtp_user",
                                      "smtp_login",
                                      "smtp_password",
                                      "smtp_ca_file",
                                      "oauth2_tenant",
                                      "oauth2_client_id",
                                      "oauth2_client_secret",
                                      "oauth2_grant",
                                      "oauth2_token_url",
                                      "oauth2_scope",
                                      "oauth2_refresh_token",
                                      "staff_name",
                                      "staff_email",
                                      "staff_login",
                                      "staff_role",
                                      "staff_page",
                                      "admins",
                                      "store",
                                      "preview",
                                      "write"};

/// support@my-shop.example → My-shop Support
std::string desk_name(const std::string& address) {
  const auto domain = address.substr(address.rfind('@') + 1);
  auto word = domain.substr(0, domain.find('.'));
  word.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(word.front())));
  return word + " Support";
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::any_of(names, [&](const std::string& each) { return equals_ignoring_case(each, name); });
}

std::string or_else(const std::string& text, const std::string& other) { return text.empty() ? other : text; }

std::string joined(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, ", ")); }

void ask_for_time_zone(Interview& interview, const std::string& of_machine, SetupAnswers& answers) {
  const auto usual = or_else(answers.time_zone, of_machine);
  const std::string warning = is_utc(of_machine) && is_utc(usual)
                                  ? "\nThis machine is set to UTC; name the zone of your office, such as Europe/Berlin."
                                  : "";
  answers.time_zone = interview.ask(
      {.key = "time_zone",
       .words = "Time zone",
       .explanation =
           "Times in mails are told in it, and your office hours are meant in it: Monday to Friday from 09:00 "
           "to 17:00, unless [office_hours] of the configuration says otherwise." +
           warning,
       .fallback = usual,
       .check = checked_by(time_zone())});
}

void ask_for_desk(Interview& interview, const DialogueOptions& options, SetupAnswers& answers) {
  const auto before = answers.address;
  const bool is_rerun = !before.empty();
  answers.address =
      interview.ask({.key = "address",
                     .words = "Support address",
                     .explanation = "The address that your customers write to. ticketd reads its mailbox, "
                                    "and every mail of the desk comes from it.",
                     .fallback = if_any(before),
                     .check = checked_by(address())});
  answers.name =
      interview.ask({.key = "name",
                     .words = "Name that customers see",
                     .explanation = "It stands beside the address in the mails that they get.",
                     .fallback = or_else(answers.name, is_rerun ? answers.address : desk_name(answers.address)),
                     .check = checked_by(name())});
  ask_for_time_zone(interview, options.machine.time_zone, answers);
  for (auto* user : {&answers.mailbox.server.user, &answers.smtp.user})
    if (!before.empty() && *user == before) *user = answers.address;
}

AnswerCheck none_or(AnswerCheck check) {
  return [check = std::move(check)](std::string& text) { return text == "none" ? std::string() : check(text); };
}

/// Of an answer that this check has let pass.
std::vector<std::string> list_of(const std::string& answer) {
  return answer == "none" ? std::vector<std::string>() : split_list(answer);
}

AnswerCheck personal_address(const std::string& desk, const TakenNames& taken) {
  return [desk, &taken](std::string& text) -> std::string {
    if (auto fault = fault_by(address(), text); !fault.empty()) return fault;
    if (equals_ignoring_case(text, desk)) return "it is the desk's own address; it must be the person's";
    return has(taken.emails, text) ? "another [[staff]] of the configuration has it already" : "";
  };
}

AnswerCheck name_of_nobody_else(const TakenNames& taken) {
  return [&taken](std::string& text) -> std::string {
    if (auto fault = fault_by(name(), text); !fault.empty()) return fault;
    return has(taken.people, text) ? "another [[staff]] of the configuration has it already" : "";
  };
}

/// The guess where there is no better: how the address begins.
std::string login_of(const Machine& machine, const std::string& email) {
  return machine.login.empty() ? to_lower(email.substr(0, email.find_first_of("@.+"))) : machine.login;
}

AnswerCheck own_user_name(const TakenNames& taken) {
  return [check = user_name(), &taken](std::string& text) -> std::string {
    if (auto fault = check(text); !fault.empty()) return fault;
    const bool is_taken = std::ranges::find(taken.logins, text) != taken.logins.end();
    return is_taken ? "another [[staff]] of the configuration has it already" : "";
  };
}

void ask_for_login(Interview& interview, const DialogueOptions& options, StaffMember& member, bool is_rerun) {
  const auto check = own_user_name(options.taken);
  auto usual = is_rerun ? or_else(member.login, "none") : login_of(options.machine, member.email);
  const bool may_be_usual = check(usual).empty();
  member.login = interview.ask({.key = "staff_login",
                                .words = "First staff member: user name on this machine (none: no account)",
                                .explanation = "Whoever is logged in here by that name works the desk as this person "
                                               "(ticketctl take 1, …). Mails can be answered without it.",
                                .fallback = may_be_usual ? std::optional(usual) : std::nullopt,
                                .is_guess = !is_rerun,
                                .check = check});
  if (member.login == "none") return member.login.clear();
  if (options.machine.has_user && !options.machine.has_user(member.login))
    interview.say(fmt::format("  There is no user {0} on this machine yet; `adduser {0}` makes one.\n", member.login));
}

void ask_for_role(Interview& interview, StaffMember& member, bool is_rerun) {
  constexpr std::string_view kEngineer = "engineer";
  const auto before = !member.roles.empty() ? member.roles.front() : std::string(is_rerun ? "none" : kEngineer);
  const auto role = interview.ask(
      {.key = "staff_role",
       .words = "First staff member: role (engineer, duty, director, managing-director, none)",
       .explanation = "engineer: works on tickets, and is called (\"paged\") when an urgent one comes.\n"
                      "duty: hears of normal ones.\n"
                      "director, managing-director: hear of urgent ones, and of those that nobody answered in time.\n"
                      "Where a role has nobody, the others hear of it. More roles go into [[staff]] later.",
       .fallback = before,
       .check = one_of_words({"engineer", "duty", "director", "managing-director", "none"})});
  if (role == "none")
    member.roles.clear();
  else if (member.roles.empty() || role != before)
    member.roles = {role};  // there may be more of them
  if (role != kEngineer) return;
  const auto page =
      list_of(interview.ask({.key = "staff_page",
                             .words = "First staff member: address for urgent calls (none: only the own one)",
                             .explanation = "Where a page goes as well: an SMS gateway, say, or a mailbox that rings.",
                             .fallback = member.page.empty() ? member.email : joined(member.page),
                             .takes = Question::Takes::list,
                             .check = none_or(some_addresses())}));
  member.page = page == std::vector{member.email} ? std::vector<std::string>() : page;
}

void ask_for_people(Interview& interview, const DialogueOptions& options, SetupAnswers& answers) {
  auto& member = answers.member;
  const bool is_rerun = !member.email.empty();
  member.name = interview.ask({.key = "staff_name",
                               .words = "First staff member: name",
                               .explanation = "Somebody who answers customers. More people go into [[staff]] of the "
                                              "configuration later.",
                               .fallback = if_any(member.name),
                               .check = name_of_nobody_else(options.taken)});
  member.email =
      interview.ask({.key = "staff_email",
                     .words = "First staff member: own address",
                     .explanation = "Where news of tickets goes. What this person sends to the desk from there "
                                    "counts as written by staff.",
                     .fallback = if_any(member.email),
                     .check = personal_address(answers.address, options.taken)});
  ask_for_login(interview, options, member, is_rerun);
  ask_for_role(interview, member, is_rerun);
  answers.admins = list_of(interview.ask(
      {.key = "admins",
       .words = "Admins' addresses, with commas (none: nobody)",
       .explanation = "Who looks after ticketd itself, and is told when it needs a person: a mailbox that fails, mail "
                      "that can't be sent.",
       .fallback = or_else(joined(answers.admins), options.before.address.empty() ? member.email : "none"),
       .takes = Question::Takes::list,
       .check = none_or(some_addresses())}));
}

}  // namespace

std::span<const std::string_view> setup_keys() { return kKeys; }

SetupAnswers ask_for_setup(Interview& interview, MailServers* servers, const DialogueOptions& options) {
  SetupAnswers answers = options.before;
  ask_for_desk(interview, options, answers);
  ServerDialogue mail(interview, servers, options, answers);
  mail.ask_for_mailbox();
  mail.ask_for_relay();
  ask_for_people(interview, options, answers);
  if (!options.store_path.empty())
    answers.store_path = interview.ask({.key = "store",
                                        .words = "Where everything is kept",
                                        .explanation = "The file of the database: all tickets and mails.",
                                        .fallback = or_else(answers.store_path, options.store_path),
                                        .check = checked_by(path_text())});
  name_secret_files(answers, options.secrets, options.taken.files);
  return answers;
}

}  // namespace ticketd
