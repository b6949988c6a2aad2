#include "rules/language.h"

#include <catch2/catch.hpp>

namespace ticketd {

TEST_CASE("What is a language tag") {
  const std::tuple<const char*, bool> cases[] = {
      {"en", true},
      {"de-AT", true},
      {"yue", true},
      {"zh-Hans-TW", true},
      {"sl-rozaj-biske", true},
      {"de-1996", true},
      {"", false},
      {"e", false},
      {"German", false},
      {"de_AT", false},
      {"de-", false},
      {"-de", false},
      {"de--AT", false},
      {"d1", false},
      {"de/AT", false},
      {"de-AT ", false},
      {"..", false},
      {"déutsch", false},
      {"de-überall", false},
      {"de-waytoolong", false},
      {"en-aaaaaaaa-bbbbbbbb-cccccccc-dddddd", false},
  };
  for (const auto& [text, is] : cases) {
    INFO(text);
    CHECK(is_language_tag(text) == is);
  }
}

TEST_CASE("A language is looked for by its tag, then by less exact ones") {
  const std::tuple<const char*, std::vector<std::string>> cases[] = {
      {"de", {"de"}},
      {"DE", {"de"}},
      {"de-at", {"de-AT", "de"}},
      {"ZH-hANS-tw", {"zh-Hans-TW", "zh-Hans", "zh"}},
      {"de-1996", {"de-1996", "de"}},
      {"en-x-us", {"en-x-us", "en-x", "en"}},
      {"", {}},
  };
  for (const auto& [tag, range] : cases) {
    INFO(tag);
    CHECK(language_range(tag) == range);
  }
}

}  // namespace ticketd
