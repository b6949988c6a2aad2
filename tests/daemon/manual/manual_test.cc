// The manual pages and completions in docs/ say what the programs declare. TICKETD_ACCEPT=1 writes the generated parts
// anew.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "daemon/app/command_line.h"
#include "daemon/ctl/command_line.h"
#include "daemon/manual/command_manual.h"
#include "daemon/manual/command_words.h"
#include "daemon/manual/completion.h"
#include "daemon/manual/roff.h"
#include "daemon/manual/settings_manual.h"

namespace ticketd {
namespace {

const std::filesystem::path kDocs = std::filesystem::path(TESTS_DIR).parent_path() / "docs";

struct TicketdLine {
  TicketdOptions options;
  CLI::App app{"", "ticketd"};
  TicketdLine() { declare_command_line(app, options); }
};

struct TicketctlLine {
  Invocation invocation;
  CLI::App app{"", "ticketctl"};
  TicketctlLine() { declare_command_line(app, invocation); }
};

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// `page` with what stands between the two comments about `part` replaced.
std::string with_part(const std::string& page, const std::string& part, const std::string& text) {
  const std::string begin = ".\\\" begin: " + part + "\n", end = ".\\\" end: " + part + "\n";
  const auto from = page.find(begin), to = page.find(end);
  REQUIRE(from != page.npos);
  REQUIRE(to != page.npos);
  return page.substr(0, from + begin.size()) + text + page.substr(to);
}

void check_file(const std::filesystem::path& file, const std::string& expected) {
  if (std::getenv("TICKETD_ACCEPT") != nullptr) {
    std::ofstream(file) << expected;
    FAIL("skipped: written anew");
  }
  INFO("after a change that is meant, TICKETD_ACCEPT=1 writes " << file);
  CHECK(content(file) == expected);
}

/// The entry of a generated list that begins with `tag`.
bool has_entry(const std::string& list, const std::string& tag) { return list.find(".TP\n" + tag) != list.npos; }

const CLI::App& command(const CLI::App& program, const std::string& name) {
  for (const auto* one : commands_of(program))
    if (one->get_name() == name) return *one;
  FAIL("no command " << name);
  return program;
}

const CLI::Option& option(const CLI::App& owner, const std::string& name) {
  for (const auto* one : options_of(owner))
    if (one->check_name(name)) return *one;
  FAIL("no option " << name);
  return *options_of(owner).front();
}

}  // namespace

TEST_CASE("ticketd(8) has the options and exit codes of the program", "[manual]") {
  const TicketdLine line;
  const auto file = kDocs / "man" / "ticketd.8";
  auto page = with_part(content(file), "options", options_manual(line.app));
  check_file(file, with_part(page, "exit codes", exit_codes_manual(line.app)));
}

TEST_CASE("ticketctl(1) has the commands, options and exit codes of the program", "[manual]") {
  const TicketctlLine line;
  const auto file = kDocs / "man" / "ticketctl.1";
  auto page = with_part(content(file), "options", options_manual(line.app));
  page = with_part(page, "commands", commands_manual(line.app));
  check_file(file, with_part(page, "exit codes", exit_codes_manual(line.app)));
}

TEST_CASE("ticketd.toml(5) has every setting", "[manual]") {
  const auto file = kDocs / "man" / "ticketd.toml.5";
  check_file(file, with_part(content(file), "settings", settings_manual()));
}

TEST_CASE("the completion of ticketd is that of its declarations", "[manual]") {
  check_file(kDocs / "completion" / "ticketd", bash_completion(TicketdLine().app));
}

TEST_CASE("the completion of ticketctl is that of its declarations", "[manual]") {
  check_file(kDocs / "completion" / "ticketctl", bash_completion(TicketctlLine().app));
}

TEST_CASE("a page lists each command with its own ones, arguments and options", "[manual]") {
  const TicketctlLine line;
  const auto list = commands_manual(line.app);
  CHECK(has_entry(list, "\\fBshow\\fR \\fIN\\fR [\\fB\\-\\-full\\fR]\n"));
  CHECK(has_entry(list, "\\fBoutbox retry\\fR \\fIID\\fR\n"));
  CHECK(has_entry(list, "\\fBnew\\fR \\fB\\-\\-from\\fR \\fIFROM\\fR \\fB\\-\\-subject\\fR \\fISUBJECT\\fR ["));
  CHECK(has_entry(list, "\\fB\\-o\\fR, \\fB\\-\\-output\\fR \\fIOUTPUT\\fR\n"));
}

TEST_CASE("a page lists each exit code that the help names", "[manual]") {
  const TicketctlLine line;
  const auto list = exit_codes_manual(line.app);
  for (const char* code : {"0", "1", "64", "65", "66", "69", "75", "77", "78"})
    CHECK(list.find(std::string(".TP\n.B ") + code + "\n") != list.npos);
  CHECK(list.find("unusable input, or refused\n") != list.npos);
}

TEST_CASE("the help of ticketd names its exit codes too", "[manual]") {
  const auto list = exit_codes_manual(TicketdLine().app);
  for (const char* code : {"0", "64", "69", "75", "78"})
    CHECK(list.find(std::string(".TP\n.B ") + code + "\n") != list.npos);
}

TEST_CASE("an option that names its few words has them completed", "[manual]") {
  const TicketctlLine line;
  CHECK(choices(option(command(line.app, "list"), "--status")) ==
        std::vector<std::string>{"new", "open", "resolved", "closed", "any"});
  CHECK(choices(option(command(line.app, "new"), "--channel")) ==
        std::vector<std::string>{"phone", "sms", "direct", "portal"});
  CHECK(choices(option(command(line.app, "list"), "--limit")).empty());
  CHECK(choices(option(command(line.app, "prioritize"), "--reason")).empty());
}

TEST_CASE("what roff would take for its own is escaped", "[manual]") {
  CHECK(roff::text_line(".so /etc/passwd") == "\\&.so /etc/passwd\n");
  CHECK(roff::text_line("'so it goes") == "\\&\\(aqso it goes\n");
  CHECK(roff::text_line("a\\b and\n'--c'") == "a\\eb and \\(aq\\-\\-c\\(aq\n");
  CHECK(roff::typed("a-b") == "a\\-b");
}

}  // namespace ticketd
