#include "store/mentions.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

Person jane() {
  Person person;
  person.address = "jane@acme.example";
  person.names = {"Jane Doe"};
  person.message_ids = {"one@acme.example"};
  person.address_mark = "X@erased.invalid";
  person.message_id_mark = "M@erased.invalid";
  return person;
}

TEST_CASE("a person is found in texts, and nobody else") {
  struct Case {
    const char* name;
    const char* text;
    const char* expected;  ///< nullptr: nothing is found
  };
  const auto [name, text, expected] = GENERATE(values<Case>({
      {"the address alone", "jane@acme.example", "X@erased.invalid"},
      {"in any case", "Write to Jane@ACME.Example.", "Write to X@erased.invalid."},
      {"twice", "<jane@acme.example>,<jane@acme.example>", "<X@erased.invalid>,<X@erased.invalid>"},
      {"in a link", "mailto:jane%40acme.example?x", "mailto:X%40erased.invalid?x"},
      {"as a part of another address", "bounce+jane=acme.example@list.example", "bounce+X=erased.invalid@list.example"},
      {"as a part of a longer one", "bounce+maryjane=acme.example@list.example", nullptr},
      {"in quotes", "'jane@acme.example'", "'X@erased.invalid'"},
      {"at the end of a sentence", "jane@acme.example.", "X@erased.invalid."},
      {"another local part", "mary.jane@acme.example", nullptr},
      {"another local part, of other letters", "\xc3\xa4jane@acme.example", nullptr},
      {"a domain below", "jane@acme.example.org", nullptr},
      {"a longer domain", "jane@acme.examples", nullptr},
      {"the name in any case", "Dear JANE DOE,", "Dear (erased),"},
      {"a longer name", "Jane Doenitz", nullptr},
      {"a message id", "see <one@acme.example>", "see <M@erased.invalid>"},
      {"a longer message id", "see <x.one@acme.example>", nullptr},
      {"what is called as a message, without brackets", "one@acme.example", nullptr},
      {"all of it", "Jane Doe <jane@acme.example> <one@acme.example>",
       "(erased) <X@erased.invalid> <M@erased.invalid>"},
      {"nothing", "a@b = c%40 @@ ==", nullptr},
      {"empty", "", nullptr},
  }));
  INFO(name);
  CHECK(without_person(text, jane()).value_or("nothing") == (expected ? expected : "nothing"));
}

TEST_CASE("a name counts by itself only where it is sure to be the person's") {
  CHECK_FALSE(without_person("Dear Jane Doe,", jane(), false));
  CHECK(without_person("Jane Doe <jane@acme.example>", jane(), false).value_or("") == "(erased) <X@erased.invalid>");
}

TEST_CASE("pieces of text are replaced as whole words") {
  CHECK(without_pieces("Re: the fax prints", {"The fax"}) == "Re: (erased) prints");
  CHECK_FALSE(without_pieces("faxes", {"fax", ""}));
}

TEST_CASE("what is quoted of a person is told from the quoting") {
  const auto lines = own_lines("Hello,\n  My number is 555-7788.  \r\n> What is your number?\n");
  CHECK(lines == std::unordered_set<std::string>{"My number is 555-7788."});
  CHECK(without_lines("a\n> > My number is 555-7788.\nMy number is 555-7788. Really.", lines) ==
        "a\n> > (erased)\nMy number is 555-7788. Really.");
  CHECK_FALSE(without_lines("", lines));
}

}  // namespace
}  // namespace ticketd
