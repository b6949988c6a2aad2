#include "rules/templates.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "rules/embedded_templates.h"

namespace ticketd {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

/// Every placeholder of reply.txt, empty but for `values`.
Values reply_values(const Values& values) {
  Values all;
  for (const auto* name : {"subject", "number", "tag", "category", "support_name", "support_address", "phone",
                           "portal_url", "time_zone", "contact", "promise", "text", "staff_name"})
    all[name];
  for (const auto& [name, value] : values) all[name] = value;
  return all;
}

std::string body_of(const std::string& body, const Values& values) {
  Templates templates;
  REQUIRE(templates.replace("reply.txt", "Subject: s\n\n" + body) == std::vector<std::string>{});
  return templates.render("reply.txt", reply_values(values)).body;
}

}  // namespace

TEST_CASE("Every template file but that of closing is built in, and every built-in file is known") {
  auto files = Templates::files();
  std::sort(files.begin(), files.end());
  std::erase(files, "closed.txt");
  std::vector<std::string> built_in;
  for (const auto& file : embedded_templates()) built_in.emplace_back(file.name);
  std::sort(built_in.begin(), built_in.end());
  CHECK(files == built_in);
  CHECK_NOTHROW(Templates());
  CHECK_FALSE(Templates().has("closed.txt"));
}

TEST_CASE("Placeholders become their values") {
  const std::tuple<const char*, std::string, Values, std::string> cases[] = {
      {"a value", "Hello {staff_name}!\n", {{"staff_name", "Ann"}}, "Hello Ann!\n"},
      {"twice", "{tag} {tag}\n", {{"tag", "SUP-1"}}, "SUP-1 SUP-1\n"},
      {"literal braces", "{{tag}} }}{{\n", {{"tag", "x"}}, "{tag} }{\n"},
      {"braces around a value", "{{{tag}}}\n", {{"tag", "x"}}, "{x}\n"},
      {"a value with braces is not read again", "{text}\n", {{"text", "{tag} {{ }"}, {"tag", "x"}}, "{tag} {{ }\n"},
      {"several lines in a value", "{text}\n", {{"text", "a\n\n\n\nb"}}, "a\n\n\n\nb\n"},
      {"no line end", "{tag}", {{"tag", "x"}}, "x\n"},
      {"CRLF in the file", "a\r\n\r\n{tag}\r\n", {{"tag", "x"}}, "a\n\nx\n"},
      {"blank lines at the end", "a\n\n\n", {}, "a\n"},
  };
  for (const auto& [name, body, values, expected] : cases) {
    INFO(name);
    CHECK(body_of(body, values) == expected);
  }
}

TEST_CASE("A line of nothing but empty placeholders is dropped") {
  const std::tuple<const char*, std::string, Values, std::string> cases[] = {
      {"alone", "a\n{contact}\nb\n", {}, "a\nb\n"},
      {"with white space", "a\n  {contact} {phone}\t\nb\n", {}, "a\nb\n"},
      {"one of two has a value", "a\n{contact}{phone}\nb\n", {{"phone", "1"}}, "a\n1\nb\n"},
      {"with other text", "a\nTel. {phone}\nb\n", {}, "a\nTel. \nb\n"},
      {"a paragraph goes with its blank line", "a\n\n{contact}\n\nb\n", {}, "a\n\nb\n"},
      {"two paragraphs", "a\n\n{contact}\n\n{phone}\n\nb\n", {}, "a\n\nb\n"},
      {"the first paragraph", "{contact}\n\nb\n", {}, "b\n"},
      {"the last paragraph", "a\n\n{contact}\n", {}, "a\n"},
      {"wanted blank lines stay", "a\n\n\nb\n", {}, "a\n\n\nb\n"},
  };
  for (const auto& [name, body, values, expected] : cases) {
    INFO(name);
    CHECK(body_of(body, values) == expected);
  }
}

TEST_CASE("The subject is one line") {
  Templates templates;
  REQUIRE(templates.replace("reply.txt", "Subject:  Re: {subject} \n\na\n").empty());
  CHECK(templates.render("reply.txt", reply_values({{"subject", "a\r\nBcc: b\n c"}})).subject == "Re: a Bcc: b c");
}

TEST_CASE("A bad template is refused with the line and the reason, and the old one stays") {
  const std::string allowed =
      "allowed are {subject}, {number}, {tag}, {category}, {support_name}, {support_address}, {phone}, {portal_url}, "
      "{time_zone}, {contact}, {promise}, {text}, {staff_name}";
  const std::tuple<const char*, std::string, std::vector<std::string>> cases[] = {
      {"unknown placeholder", "Subject: s\n\na {foo}\n", {"line 3: unknown placeholder {foo}; " + allowed}},
      {"in the subject", "Subject: {due}\n\na\n", {"line 1: unknown placeholder {due}; " + allowed}},
      {"every error",
       "Subject: s\n\n{a}\n{text\n",
       {"line 3: unknown placeholder {a}; " + allowed,
        "line 4: '{' is not closed; a literal brace is written twice: {{"}},
      {"closing brace alone",
       "Subject: s\n\na } b\n",
       {"line 3: '}' without '{'; a literal brace is written twice: }}"}},
      {"empty name", "Subject: s\n\n{}\n", {"line 3: '{}' is no placeholder"}},
      {"no name", "Subject: s\n\n{0:>9}\n", {"line 3: '{0:>9}' is no placeholder"}},
      {"no subject", "Hello\n", {"line 1: a template starts with \"Subject: …\""}},
      {"nothing", "", {"line 1: a template starts with \"Subject: …\""}},
      {"no blank line", "Subject: s\nHello\n", {"line 2: a blank line must follow the subject"}},
      {"no text", "Subject: s\n\n \n", {"the template has no text"}},
  };
  Templates templates;
  const auto before = templates.render("reply.txt", reply_values({{"text", "t"}})).body;
  for (const auto& [name, text, errors] : cases) {
    INFO(name);
    CHECK(templates.replace("reply.txt", text) == errors);
    CHECK(templates.render("reply.txt", reply_values({{"text", "t"}})).body == before);
  }
  CHECK(
      templates.replace("replay.txt", "Subject: s\n\na\n") ==
      std::vector<std::string>{
          "no such template; there are acknowledgement.txt, acknowledgement-incident.txt, "
          "acknowledgement-unlabelled.txt, alarm.txt, alarm-over.txt, answer-category-changed.txt, "
          "answer-category-kept.txt, answer-mail-too-large.txt, breach.txt, closed.txt, "
          "estimate.txt, incident-linked.txt, incident-resolved.txt, incident-unlinked.txt, reply.txt, resolution.txt, "
          "staff-digest.txt, staff-help.txt, staff-news.txt, staff-page.txt, staff-standing.txt, "
          "staff-which-ticket.txt"});
}

TEST_CASE("Rendering with a value missing is a mistake of the program") {
  Templates templates;
  CHECK_THROWS_AS(templates.render("reply.txt", {{"text", "t"}}), std::logic_error);
  CHECK_THROWS_AS(templates.render("none.txt", {}), std::logic_error);
}

}  // namespace ticketd
