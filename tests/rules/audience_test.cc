#include "rules/audience.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "parsers/ascii.h"
#include "tests/rules/calendar_desk.h"
#include "tests/rules/desk_samples.h"

namespace ticketd {
namespace {

using enum StaffEvent;
constexpr auto kUrgent = Priority::urgent, kHigh = Priority::high, kNormal = Priority::normal;

constexpr auto kOpen = "2026-11-24 10:00";     // a Tuesday
constexpr auto kClosed = "2026-11-24 20:00";   // the night engineer's time
constexpr auto kWeekend = "2026-11-28 10:00";  // no engineer's time
constexpr auto kSpam = "The mail counts as spam.";

void hire(Ruleset& rules, const std::string& name, const std::string& role, const std::string& available) {
  StaffMember member;
  member.name = name;
  member.email = to_lower(name) + "@example.com";
  if (!role.empty()) member.roles = {role};
  member.available = std::get<0>(parse_weekly_windows(available));
  rules.staff.push_back(member);
}

/// Ann by day and Ned by night are engineers, on weekdays; Eve is one who never works; Dee is duty staff.
Ruleset staffed_desk() {
  auto rules = desk("UTC", {"mon-fri 09:00-17:30"}, {"2026-11-25"});
  rules.support.admins = {"ops@example.com", "OPS@example.com"};
  hire(rules, "Ann", "engineer", "mon-fri 08:00-18:00");
  hire(rules, "Ned", "engineer", "mon-fri 18:00-08:00");
  hire(rules, "Eve", "engineer", "always");
  hire(rules, "Dee", "duty", "always");
  hire(rules, "Dora", "director", "always");
  hire(rules, "Max", "managing-director", "always");
  rules.staff[2].available.clear();
  return rules;
}

/// "@09:00" before those who hear of it in a digest; "!" behind the paged.
std::string heard(const Audience& audience) {
  std::string words;
  if (audience.in_digest) words = "@" + written(audience.at) + " ";
  for (const auto& listener : audience.listeners)
    words += (listener.member ? listener.member->name : listener.address) + (listener.is_paged ? "! " : " ");
  return words.empty() ? "nobody" : words.substr(0, words.size() - 1);
}

std::string heard(const StaffNews& news, const char* at, const Ruleset& rules = staffed_desk()) {
  return heard(audience_of(news, rules, utc(at)));
}

std::string reason(const StaffNews& news, const char* at, const Ruleset& rules = staffed_desk()) {
  return audience_of(news, rules, utc(at)).reason;
}

struct Cell {
  const char* name;
  StaffNews news;
  const char* at;
  const char* heard;
};

void check_cells(const std::vector<Cell>& cells) {
  for (const auto& cell : cells) {
    INFO(cell.name);
    CHECK(heard(cell.news, cell.at) == cell.heard);
  }
}

TEST_CASE("Who hears of a new, raised or reopened ticket") {
  for (const auto event : {opened, raised, reopened}) {
    INFO(static_cast<int>(event));
    check_cells({
        {"Urgent, office open", {event, kUrgent}, kOpen, "Ann! Dora! Max!"},
        {"Urgent at night", {event, kUrgent}, kClosed, "Ned! Dora! Max!"},
        {"Urgent when no engineer works", {event, kUrgent}, kWeekend, "Ann! Ned! Eve! Dora! Max!"},
        {"Urgent, somebody has it", {event, kUrgent, "Ned"}, kClosed, "Ned! Dora! Max!"},
        {"Urgent, somebody has it who sleeps", {event, kUrgent, "Ned"}, kOpen, "Ned Ann! Dora! Max!"},
        {"High, office open: the queue", {event, kHigh}, kOpen, "Dee Dora"},
        {"High at night", {event, kHigh}, kClosed, "Ned! Dora"},
        {"High when no engineer works", {event, kHigh}, kWeekend, "Ann! Ned! Eve! Dora"},
        {"High, somebody has it", {event, kHigh, "Ann"}, kOpen, "Ann Dee Dora"},
        {"Normal, office open: the queue", {event, kNormal}, kOpen, "Dee"},
        {"Normal at night, before a holiday", {event, kNormal}, kClosed, "@2026-11-26 09:00 Dee"},
        {"Normal at the weekend", {event, kNormal}, kWeekend, "@2026-11-30 09:00 Dee"},
        {"Normal, somebody has it", {event, kNormal, "Ann"}, kOpen, "Ann Dee"},
    });
  }
}

TEST_CASE("Who hears that a target is close") {
  check_cells({
      {"Urgent, nobody has it", {target_close, kUrgent}, kOpen, "Ann!"},
      {"Urgent at night", {target_close, kUrgent}, kClosed, "Ned!"},
      {"Urgent when no engineer works", {target_close, kUrgent}, kWeekend, "Ann! Ned! Eve!"},
      {"Urgent, somebody has it", {target_close, kUrgent, "Ann"}, kOpen, "Ann!"},
      {"Urgent, somebody has it who sleeps", {target_close, kUrgent, "Ann"}, kClosed, "Ann Ned!"},
      {"High, nobody has it", {target_close, kHigh}, kOpen, "Ann!"},
      {"High at night", {target_close, kHigh}, kClosed, "Ned!"},
      {"High, somebody has it", {target_close, kHigh, "Ann"}, kOpen, "Ann!"},
      {"Normal, nobody has it", {target_close, kNormal}, kOpen, "Dee"},
      {"Normal, somebody has it", {target_close, kNormal, "Ann"}, kOpen, "Ann"},
      {"Normal on a clock that always runs", {target_close, kNormal}, kClosed, "Dee"},
  });
}

TEST_CASE("Who hears that a target was missed") {
  check_cells({
      {"Urgent, nobody has it", {breached, kUrgent}, kOpen, "Ann! Dora! Max!"},
      {"Urgent, somebody has it", {breached, kUrgent, "Ned"}, kClosed, "Ned! Dora! Max!"},
      {"Urgent, somebody has it who sleeps", {breached, kUrgent, "Ann"}, kClosed, "Ann Ned! Dora! Max!"},
      {"High, nobody has it", {breached, kHigh}, kOpen, "Ann! Dora!"},
      {"High at night", {breached, kHigh}, kClosed, "Ned! Dora!"},
      {"High, somebody has it", {breached, kHigh, "Ann"}, kOpen, "Ann! Dora!"},
      {"Normal, nobody has it", {breached, kNormal}, kOpen, "Dee"},
      {"Normal, somebody has it", {breached, kNormal, "Ann"}, kOpen, "Dee"},
  });
}

TEST_CASE("Who hears again of a page that nobody took") {
  check_cells({
      {"the first time", {page_unanswered, kUrgent, "", 1}, kOpen, "Ann! Dora! Max!"},
      {"the last time, to who is available by then", {page_unanswered, kUrgent, "", 3}, kClosed, "Ned! Dora! Max!"},
      {"after that everyone", {page_unanswered, kUrgent, "", 4}, kOpen, "Ann! Ned! Eve! Dora! Max!"},
      {"and again", {page_unanswered, kUrgent, "", 40}, kClosed, "Ann! Ned! Eve! Dora! Max!"},
      {"it was assigned, not taken", {page_unanswered, kUrgent, "Ned", 1}, kOpen, "Ned Ann! Dora! Max!"},
      {"High never", {page_unanswered, kHigh, "", 1}, kClosed, "nobody"},
      {"Normal never", {page_unanswered, kNormal, "", 1}, kClosed, "nobody"},
      {"nor spam", {page_unanswered, kUrgent, "", 1, kSpam}, kOpen, "nobody"},
  });
}

TEST_CASE("Who hears that a customer wrote again") {
  check_cells({
      {"Urgent, nobody has it: as new", {customer_wrote, kUrgent}, kClosed, "Ned! Dora! Max!"},
      {"Urgent, somebody has it", {customer_wrote, kUrgent, "Ann"}, kOpen, "Ann!"},
      {"Urgent, somebody has it who sleeps", {customer_wrote, kUrgent, "Ann"}, kClosed, "Ann Ned! Dora! Max!"},
      {"High, nobody has it, office open", {customer_wrote, kHigh}, kOpen, "Dee Dora"},
      {"High, nobody has it, at night", {customer_wrote, kHigh}, kClosed, "Ned! Dora"},
      {"High, somebody has it", {customer_wrote, kHigh, "Ann"}, kOpen, "Ann"},
      {"High, somebody has it, at night", {customer_wrote, kHigh, "Ned"}, kClosed, "Ned!"},
      {"Normal, nobody has it", {customer_wrote, kNormal}, kOpen, "Dee"},
      {"Normal, nobody has it, at night", {customer_wrote, kNormal}, kClosed, "@2026-11-26 09:00 Dee"},
      {"Normal, somebody has it", {customer_wrote, kNormal, "Ann"}, kOpen, "Ann"},
      {"Normal, somebody has it who sleeps: mail waits", {customer_wrote, kNormal, "Ann"}, kClosed, "Ann"},
  });
}

TEST_CASE("Who hears that a raise was refused") {
  check_cells({
      {"High, nobody has it", {raise_refused, kHigh}, kOpen, "Ann"},
      {"High at night", {raise_refused, kHigh}, kClosed, "Ned!"},
      {"High, somebody has it", {raise_refused, kHigh, "Ann"}, kOpen, "Ann"},
      {"Normal, nobody has it, office open", {raise_refused, kNormal}, kOpen, "Dee"},
      {"Normal, nobody has it, at night", {raise_refused, kNormal}, kClosed, "Ned!"},
      {"Normal, somebody has it", {raise_refused, kNormal, "Ann"}, kOpen, "Ann"},
      {"Normal, somebody has it who sleeps", {raise_refused, kNormal, "Ann"}, kClosed, "Ann Ned!"},
      {"Urgent", {raise_refused, kUrgent}, kOpen, "Ann!"},
  });
}

TEST_CASE("Who hears of a bounce and of a passed estimate") {
  for (const auto priority : kPriorities)
    for (const auto* at : {kOpen, kClosed})
      for (const auto event : {mail_bounced, estimate_passed}) {
        INFO(category_name(priority) << " " << at << " " << static_cast<int>(event));
        CHECK(heard({event, priority, "Ann"}, at) == "Ann");
        CHECK(heard({event, priority}, at) == "Dee");
      }
}

TEST_CASE("Who hears of what staff did") {
  for (const auto* at : {kOpen, kClosed, kWeekend}) {
    INFO(at);
    CHECK(heard({assigned, kHigh, "Ann"}, at) == "Ann");
    CHECK(heard({category_kept, kUrgent, "Ann"}, at) == "Ann");
    CHECK(heard({category_kept, kUrgent, "Bob"}, at) == "Dee");
    CHECK(heard({standing_changed}, at) == "Dee Dora");
  }
  CHECK(heard({assigned, kUrgent, "Ann"}, kOpen) == "Ann!");
  CHECK(heard({assigned, kUrgent, "Ann"}, kClosed) == "Ann");  // she is not available then
  CHECK(heard({assigned, kUrgent, "Ann", 0, "The customer has an answer."}, kOpen) == "Ann");
}

TEST_CASE("What nobody is paged for waits in the queue") {
  check_cells({
      {"a new Urgent", {opened, kUrgent, "", 0, kSpam}, kOpen, "Dee"},
      {"a new Urgent at night", {opened, kUrgent, "", 0, kSpam}, kClosed, "@2026-11-26 09:00 Dee"},
      {"a new High at night", {opened, kHigh, "", 0, kSpam}, kClosed, "@2026-11-26 09:00 Dee"},
      {"one that was raised", {raised, kUrgent, "Ned", 0, kSpam}, kOpen, "Ned Dee"},
      {"one that was written to", {customer_wrote, kUrgent, "", 0, kSpam}, kOpen, "Dee"},
      {"one that was written to, somebody has it", {customer_wrote, kUrgent, "Ned", 0, kSpam}, kOpen, "Ned Dee"},
      {"a target that is close", {target_close, kUrgent, "", 0, kSpam}, kOpen, "Ann"},
      {"a target that was missed", {breached, kUrgent, "", 0, kSpam}, kOpen, "Ann Dora Max"},
      {"a refused raise", {raise_refused, kNormal, "", 0, kSpam}, kClosed, "Ned"},
  });
}

TEST_CASE("An assignee who can't be reached") {
  auto rules = staffed_desk();
  rules.staff[0].away = {{day("2026-11-20"), day("2026-11-24")}};
  CHECK(heard({customer_wrote, kNormal, "Ann"}, kOpen, rules) == "Ann Dee");
  CHECK(heard({customer_wrote, kNormal, "Ann"}, kClosed, rules) == "@2026-11-26 09:00 Ann Dee");
  CHECK(heard({mail_bounced, kUrgent, "Ann"}, kOpen, rules) == "Ann Dee");
  CHECK(heard({target_close, kUrgent, "ann"}, kOpen, rules) == "Ann! Ned! Eve!");
  CHECK(
      reason({target_close, kHigh, "Ann"}, kClosed, rules) ==
      "The time to answer is nearly used up. Ann, who has the ticket, is not available now. Paged: Ned. Told by mail: "
      "Ann.");
  CHECK(heard({estimate_passed, kNormal, "Bob"}, kOpen, rules) == "Dee");
  CHECK(reason({customer_wrote, kHigh, "Bob"}, kClosed, rules) ==
        "The customer wrote again. Bob, who has the ticket, is not on the staff any more. Paged: Ned. Told by mail: "
        "Dora.");
}

TEST_CASE("Directors are paged while they are available") {
  auto rules = staffed_desk();
  rules.staff[4].available = std::get<0>(parse_weekly_windows("mon-fri 09:00-17:00"));
  rules.staff[5].away = {{day("2026-11-24"), day("2026-11-24")}};
  CHECK(heard({opened, kUrgent}, kOpen, rules) == "Ann! Dora! Max");
  CHECK(heard({opened, kUrgent}, kClosed, rules) == "Ned! Dora Max");
}

struct Understaffed {
  const char* name;
  std::vector<std::pair<std::string, std::string>> staff;
  StaffNews news;
  const char* heard;
  const char* reason;
};

const std::vector<Understaffed>& understaffed() {
  static const std::vector<Understaffed> kCases{
      {"engineers alone", {{"Ann", "engineer"}}, {opened, kUrgent}, "Ann!", "A new Urgent ticket. Paged: Ann."},
      {"no engineers: the directors",
       {{"Dora", "director"}, {"Max", "managing-director"}},
       {target_close, kUrgent},
       "Dora!",
       "The time to answer is nearly used up. No engineer is configured, so the directors were told. Paged: Dora."},
      {"no directors either: the managing director",
       {{"Dee", "duty"}, {"Max", "managing-director"}},
       {target_close, kUrgent},
       "Max!",
       "The time to answer is nearly used up. No engineer is configured, so the managing directors were told. Paged: "
       "Max."},
      {"nobody with a role for it: all of the staff",
       {{"Dee", "duty"}, {"Pat", ""}},
       {opened, kUrgent},
       "Dee! Pat!",
       "A new Urgent ticket. No engineer is configured, so all of the staff were told. Paged: Dee, Pat."},
      {"no staff: the admins, each once",
       {},
       {opened, kUrgent},
       "ops@example.com",
       "A new Urgent ticket. No engineer is configured, so the admins were told. Told by mail: ops@example.com."},
      {"every engineer, of whom there is none",
       {{"Dora", "director"}},
       {page_unanswered, kUrgent, "", 4},
       "Dora!",
       "No engineer has taken the ticket: the page goes to every engineer, available or not. No engineer is "
       "configured, so the directors were told. Paged: Dora."},
      {"no duty staff: engineers",
       {{"Ann", "engineer"}},
       {opened, kNormal},
       "Ann",
       "A new Normal ticket. No duty staff are configured, so engineers were told. Told by mail: Ann."},
      {"no duty staff for a High one",
       {{"Ann", "engineer"}, {"Dora", "director"}},
       {opened, kHigh},
       "Ann Dora",
       "A new High ticket. No duty staff are configured, so engineers were told. Told by mail: Ann, Dora."},
  };
  return kCases;
}

TEST_CASE("Somebody is told, whoever is missing") {
  for (const auto& example : understaffed()) {
    INFO(example.name);
    auto rules = staffed_desk();
    rules.staff.clear();
    for (const auto& [name, role] : example.staff) hire(rules, name, role, "always");
    CHECK(heard(example.news, kOpen, rules) == example.heard);
    CHECK(reason(example.news, kOpen, rules) == example.reason);
  }
  auto deserted = desk("UTC", {});
  CHECK(heard({opened, kUrgent}, kOpen, deserted) == "nobody");
  CHECK(reason({opened, kUrgent}, kOpen, deserted) ==
        "A new Urgent ticket. No engineer is configured, nor anybody else who could be told. Nobody was told.");
}

TEST_CASE("Duty staff on leave, and an office without hours") {
  auto rules = staffed_desk();
  rules.staff[3].away = {{day("2026-11-26"), day("2026-11-30")}};
  CHECK(heard({opened, kNormal}, kOpen, rules) == "Dee");
  CHECK(reason({opened, kNormal}, kWeekend, rules) ==
        "A new Normal ticket. All duty staff are away then, so engineers will be told too. To be told when the office "
        "opens, at 09:00 on Monday, 30 November: Dee, Ann.");
  rules.office_hours.weekly.clear();
  CHECK(heard({opened, kNormal}, kOpen, rules) == "Dee");
}

TEST_CASE("A digest is told of whoever is there when the office opens") {
  auto rules = staffed_desk();
  rules.staff.erase(rules.staff.begin() + 3);
  CHECK(heard({opened, kNormal}, kClosed, rules) == "@2026-11-26 09:00 Ann");
}

TEST_CASE("One person in several roles hears once") {
  auto rules = staffed_desk();
  rules.staff.clear();
  hire(rules, "Ann", "engineer", "always");
  rules.staff[0].roles = {"engineer", "duty", "director", "managing-director"};
  for (const auto priority : kPriorities) CHECK(heard({breached, priority, "Ann"}, kOpen, rules).starts_with("Ann"));
  CHECK(heard({opened, kUrgent, "Ann"}, kOpen, rules) == "Ann!");
  CHECK(heard({opened, kHigh, "Ann"}, kOpen, rules) == "Ann");
  CHECK(heard({opened, kNormal, "Ann"}, kOpen, rules) == "Ann");
}

}  // namespace

TEST_CASE("Who hears of what, the whole table") {
  struct Row {
    const char* name;
    StaffEvent event;
    std::uint32_t repetition = 0;
  };
  const std::vector<Row> rows{
      {"new ticket", opened},
      {"raised to it", raised},
      {"target close", target_close},
      {"target missed", breached},
      {"page not taken, 1st", page_unanswered, 1},
      {"page not taken, 3rd", page_unanswered, 3},
      {"page not taken, 4th", page_unanswered, 4},
      {"customer wrote", customer_wrote},
      {"reopened", reopened},
      {"raise refused", raise_refused},
      {"mail bounced", mail_bounced},
      {"estimate passed", estimate_passed},
      {"stranger wrote", stranger_wrote},
      {"given by somebody else", assigned},
      {"category kept", category_kept},
      {"standing changed", standing_changed},
      {"waits no more", released},
  };
  struct Moment {
    const char* name;
    const char* at;
  };
  struct Circumstance {
    const char* words;
    const char* at;
    const char* assignee = "";
    const char* because = "";
  };
  const std::vector<Circumstance> circumstances{
      {"open", kOpen},
      {"open, of Ann", kOpen, "Ann"},
      {"open, spam", kOpen, "", kSpam},
      {"night", kClosed},
      {"night, of Ann", kClosed, "Ann"},
      {"night, spam", kClosed, "", kSpam},
      {"weekend, of Bob who left", kWeekend, "Bob"},
  };
  const auto rules = staffed_desk();
  std::string table;
  for (const auto& row : rows)
    for (const auto priority : kPriorities)
      for (const auto& [words, at, assignee, because] : circumstances) {
        const StaffNews news{row.event, priority, assignee, row.repetition, because};
        const auto audience = audience_of(news, rules, utc(at));
        table += fmt::format("{}, {}, {}: {}\n    {}\n", row.name, category_name(priority), words, heard(audience),
                             audience.reason);
      }
  check_golden("audience.txt", table);
}

}  // namespace ticketd
