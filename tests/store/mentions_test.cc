#include "store/mentions.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

Person jane() {
  Person person;
  person.addresses = {"jane@acme.example"};
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
      {"behind an apostrophe of its own", "o'jane@acme.example", nullptr},
      {"behind signs of a local part", "a!jane@acme.example b#jane@acme.example c&jane@acme.example", nullptr},
      {"behind an apostrophe of its own, in a link", "mailto:o'jane%40acme.example", nullptr},
      {"in a query", "https://x.example/?to=jane@acme.example", "https://x.example/?to=X@erased.invalid"},
      {"between other quotation marks", "\u00bbjane@acme.example\u00ab", "\u00bbX@erased.invalid\u00ab"},
      {"with the root's dot", "jane@acme.example.", "X@erased.invalid."},
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

TEST_CASE("an address is found in every spelling") {
  Person person;
  person.addresses = {"jörg@xn--bcher-kva.example"};
  for (auto& form : canonical_forms(person.addresses[0])) person.addresses.push_back(std::move(form));
  person.address_mark = "X@erased.invalid";
  for (const char* text : {"jörg@xn--bcher-kva.example", "JÖRG@XN--BCHER-KVA.example", "jörg@bücher.example",
                           "Jo\u0308rg@BÜCHER.example", "jörg@bu\u0308cher.example"})
    CHECK(without_person(text, person).value_or(text) == "X@erased.invalid");
  for (const char* text : {"jörg@bucher.example", "jorg@bücher.example", "xjörg@bücher.example", "\xf6rg@b\xfc"})
    CHECK_FALSE(without_person(text, person));
}

TEST_CASE("a name is found in any case, over line ends, and composed in any way") {
  Person person;
  person.names = canonical_forms("Jörg Müller");
  for (const char* text :
       {"JÖRG MÜLLER", "jörg\u00a0 müller", "Jörg\nMüller", "Jörg\r\n> > Müller", "Jo\u0308rg Mu\u0308ller"})
    CHECK(without_person(text, person).value_or(text) == "(erased)");
  for (const char* text : {"Jörg > Müller", "JörgMüller", "Jörg Müllers", "éJörg Müller", "Jörg M\xfcller", "Jörg"})
    CHECK_FALSE(without_person(text, person));
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
  CHECK(holds_line("Jane wrote: \nMy number is 555-7788.", lines));
  CHECK_FALSE(holds_line("My number is", lines));
}

TEST_CASE("lines that many write are not taken from others") {
  const std::string long_line = "The machine at Baker Street stands beside the second door.";
  const auto lines = own_lines("My fax is mute.\n" + long_line + "\nBest regards,\nMit freundlichen Grüßen\n");
  CHECK(lines == std::unordered_set<std::string>{"My fax is mute.", long_line});
  CHECK_FALSE(without_lines("My fax is mute.", lines));
  CHECK(without_lines("  > My fax is mute.\n" + long_line, lines) == "  > (erased)\n(erased)");
}

}  // namespace
}  // namespace ticketd
