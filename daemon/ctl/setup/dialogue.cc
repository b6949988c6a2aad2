#include "daemon/ctl/setup/dialogue.h"

#include <fmt/format.h>

#include <cctype>

#include "daemon/config/value_types.h"
#include "daemon/ctl/setup/checks.h"
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

/// The ledger's name for the mailbox.
std::string mailbox_name(const std::string& address) {
  const auto local = to_lower(address.substr(0, address.rfind('@')));
  return local == kPipeMailbox ? "support" : local;
}

void ask_for_desk(Interview& interview, const Machine& machine, SetupAnswers& answers) {
  answers.address = interview.ask({.key = "address",
                                   .words = "Support address",
                                   .explanation = "Customers write to it, and all mail comes from it.",
                                   .check = checked_by(address())});
  answers.name = interview.ask({.key = "name",
                                .words = "Name that customers see",
                                .fallback = desk_name(answers.address),
                                .check = checked_by(name())});
  answers.time_zone = interview.ask({.key = "time_zone",
                                     .words = "Time zone",
                                     .explanation = "Of office hours (mon-fri 09:00-17:00, which is [office_hours] of "
                                                    "the configuration) and of times in mails.",
                                     .fallback = machine.time_zone,
                                     .check = checked_by(time_zone())});
  answers.mailbox.name = mailbox_name(answers.address);
}

AnswerCheck personal_address(const std::string& desk) {
  return [desk](std::string& text) {
    auto fault = fault_by(address(), text);
    return fault.empty() && equals_ignoring_case(text, desk) ? "it is the desk's own address; it must be the person's"
                                                             : fault;
  };
}

/// The guess where there is no better: how the address begins.
std::string login_of(const Machine& machine, const std::string& email) {
  return machine.login.empty() ? to_lower(email.substr(0, email.find_first_of("@.+"))) : machine.login;
}

void ask_for_people(Interview& interview, const Machine& machine, SetupAnswers& answers) {
  auto& member = answers.member;
  member.name = interview.ask({.key = "staff_name",
                               .words = "First staff member: name",
                               .explanation = "Who answers customers; more people go into [[staff]] later.",
                               .check = checked_by(name())});
  member.email = interview.ask(
      {.key = "staff_email", .words = "First staff member: own address", .check = personal_address(answers.address)});
  member.login = interview.ask({.key = "staff_login",
                                .words = "First staff member: user name on this machine",
                                .fallback = login_of(machine, member.email),
                                .is_guess = true,
                                .check = checked_by(name())});
  member.roles = {interview.ask(
      {.key = "staff_role",
       .words = "First staff member: role (engineer, duty, director, managing-director)",
       .explanation = "engineer: works tickets, and is paged for urgent ones. duty: hears of normal ones. director, "
                      "managing-director:\nhear of urgent ones and of missed targets.",
       .fallback = "engineer",
       .check = one_of_words({"engineer", "duty", "director", "managing-director"})})};
  answers.admins = split_list(
      interview.ask({.key = "admins",
                     .words = "Admins' addresses, with commas",
                     .explanation = "They hear of what needs a person: a mailbox that fails, mail that can't be sent.",
                     .fallback = member.email,
                     .check = some_addresses()}));
}

}  // namespace

std::span<const std::string_view> setup_keys() { return kKeys; }

SetupAnswers ask_for_setup(Interview& interview, MailServers* servers, const DialogueOptions& options) {
  SetupAnswers answers;
  ask_for_desk(interview, options.machine, answers);
  ServerDialogue mail(interview, servers, answers);
  mail.ask_for_mailbox();
  mail.ask_for_relay();
  ask_for_people(interview, options.machine, answers);
  if (!options.store_path.empty())
    answers.store_path = interview.ask({.key = "store",
                                        .words = "Where everything is kept",
                                        .fallback = options.store_path,
                                        .check = checked_by(path_text())});
  return answers;
}

}  // namespace ticketd
