#include "rules/phrases.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <stdexcept>

#include "rules/templates.h"
#include "rules/time_words.h"

namespace ticketd {
namespace {

using Errors = std::vector<std::string>;

Phrases english_with(const std::string& text) {
  auto phrases = english_phrases();
  REQUIRE(phrases.add(text) == Errors{});
  return phrases;
}

std::string said(const Phrases& phrases, const char* key) {
  return phrases.find(key)->filled([](std::string_view name) { return fmt::format("{{{}}}", name); });
}

}  // namespace

TEST_CASE("The built-in languages lack no phrase") {
  CHECK(english_phrases().missing() == Errors{});
  CHECK(Templates().missing_phrases("en") == Errors{});
  CHECK(Templates().missing_phrases("de") == Errors{});
  CHECK(Templates().missing_phrases("de-AT") == Errors{});
  for (const auto* language : {"", "en", "de", "de-AT", "fr"}) CHECK(Templates().lost_facts(language) == Errors{});
  Templates poor;
  CHECK(poor.replace("de/phrases.txt", "promise: Bald.").empty());
  CHECK(poor.lost_facts("de-AT") == Errors{"promise without {target}", "promise without {due}"});
  CHECK(poor.lost_facts("") == Errors{});
  CHECK(Templates().missing_phrases("fr").size() == Phrases().missing().size());
  CHECK(Phrases().missing().size() > 60);
}

TEST_CASE("A phrase is said with its values") {
  const auto target = [](const Words& duration) { return Words::phrase("target", {{"duration", duration}}); };
  const std::tuple<const char*, std::string, Words, std::string> cases[] = {
      {"a text", "", "as it is {target}", "as it is {target}"},
      {"nothing", "", Words(), ""},
      {"a phrase", "", Words::phrase("way_sms"), "by text message"},
      {"with a value", "", target("2 hours"), "within 2 hours"},
      {"with a phrase as its value", "", target(Words::phrase("hour")), "within 1 hour"},
      {"a value is not read again", "", target("{duration} {{ }"), "within {duration} {{ }"},
      {"replaced", "target: in {duration}", target("2 hours"), "in 2 hours"},
      {"without its value", "target: soon", target("2 hours"), "soon"},
      {"twice, and literal braces", "target: {{{duration}}} {duration}", target("x"), "{x} x"},
      {"colons and blanks", "  target :  at: {duration}  ", target("x"), "at: x"},
      {"comments, blank lines, CRLF", "# target: a\r\n\r\ntarget: b\r\n", target("x"), "b"},
  };
  for (const auto& [name, text, words, expected] : cases) {
    INFO(name);
    CHECK(words.in(english_with(text)) == expected);
    CHECK(words.empty() == expected.empty());
  }
}

TEST_CASE("Bad phrases are refused with the line and the reason, and the old ones stay") {
  const std::tuple<const char*, std::string, Errors> cases[] = {
      {"unknown placeholder",
       "# a\ntarget: in {span}\n",
       {"line 2: unknown placeholder {span}; allowed are {duration}"}},
      {"none allowed", "way_sms: {text}\n", {"line 1: unknown placeholder {text}; none is allowed here"}},
      {"every error",
       "\ntarget: {\nway_sms: }\n",
       {"line 2: '{' is not closed; a literal brace is written twice: {{",
        "line 3: '}' without '{'; a literal brace is written twice: }}"}},
      {"no colon", "target\n", {"line 1: a phrase is written as \"key: text\""}},
      {"no text", "target: \n", {"line 1: \"target\" has no text"}},
      {"twice", "target: a\ntarget: b\n", {"line 2: \"target\" has a text already"}},
      {"another charset", "target: f\xFCr {duration}\n", {"line 1: this is not UTF-8"}},
  };
  auto phrases = english_phrases();
  for (const auto& [name, text, errors] : cases) {
    INFO(name);
    CHECK(phrases.add(text) == errors);
    CHECK(said(phrases, "target") == "within {duration}");
    CHECK(said(phrases, "way_sms") == "by text message");
  }
  const auto errors = phrases.add("way_sms: by SMS\ntraget: a\n");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].starts_with("line 2: no such phrase \"traget\"; there are no_subject, unquoted_subject, day, "));
  CHECK(said(phrases, "way_sms") == "by text message");
}

TEST_CASE("A phrase or a value that is missing is a mistake of the program") {
  CHECK_THROWS_AS(in_english(Words::phrase("none")), std::logic_error);
  CHECK_THROWS_AS(in_english(Words::phrase("target")), std::logic_error);
  CHECK_THROWS_AS(Words::phrase("way_sms").in(Phrases()), std::logic_error);
  CHECK_THROWS_AS(Words::phrase("target").in(english_with("target: soon")), std::logic_error);
}

}  // namespace ticketd
