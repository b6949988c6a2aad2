#include "parsers/subject.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

struct BaseCase {
  const char* name;
  std::string_view subject;
  std::string_view base;
};

TEST_CASE("base_subject strips prefixes and tags only") {
  const auto c = GENERATE(values<BaseCase>({
      {"nothing to strip", "Printer on fire", "Printer on fire"},
      {"reply", "Re: Printer", "Printer"},
      {"case and no blank", "RE:Printer", "Printer"},
      {"several", "Re: AW: Fwd: WG: Printer", "Printer"},
      {"count in brackets", "Re[2]: Printer", "Printer"},
      {"count in parentheses", "Re (3): Printer", "Printer"},
      {"count with caret", "Re^4: Printer", "Printer"},
      {"blank before the colon", "Antw : Printer", "Printer"},
      {"Italian", "R: I: RIF: Stampante", "Stampante"},
      {"Chinese, wide colon", "回复：打印机", "打印机"},
      {"Greek folds", "ΠΡΘ: Εκτυπωτής", "Εκτυπωτής"},
      {"Hungarian", "VÁ: Nyomtató", "Nyomtató"},
      {"forward trailer", "Printer (fwd)", "Printer"},
      {"forward frame", "[Fwd: Re: Printer]", "Printer"},
      {"tag", "[SUP-12] Printer", "Printer"},
      {"tag between prefixes", "Re: [sup-12] Re: Printer", "Printer"},
      {"tag in the middle", "Printer [SUP-12] again", "Printer again"},
      {"several tags", "[SUP-1] [SUP-2] Printer", "Printer"},
      {"a label is no prefix", "[URGENT] Re: Printer", "[URGENT] Re: Printer"},
      {"another list's tag stays", "[ABC-12] Printer", "[ABC-12] Printer"},
      {"a word with a colon is no prefix", "URGENT: Printer", "URGENT: Printer"},
      {"a prefix alone", "Re:", ""},
      {"white space", "  Re:\t Printer   is  down ", "Printer is down"},
      {"brackets without end", "[Fwd: Printer", "[Fwd: Printer"},
      {"only digits are no prefix", "2: Printer", "2: Printer"},
  }));
  INFO(c.name);
  CHECK(base_subject(c.subject, "SUP") == c.base);
}

struct TagCase {
  const char* name;
  std::string_view subject;
  std::optional<std::int64_t> number;
};

TEST_CASE("find_subject_tag takes the first whole tag") {
  const auto c = GENERATE(values<TagCase>({
      {"none", "Printer", std::nullopt},
      {"plain", "[SUP-123] Printer", 123},
      {"case", "Re: [sup-7]", 7},
      {"the first of two", "[SUP-1] [SUP-2]", 1},
      {"other tag first", "[ABC-1] [SUP-2]", 2},
      {"no digits", "[SUP-]", std::nullopt},
      {"blank inside", "[SUP- 1]", std::nullopt},
      {"not closed", "[SUP-1", std::nullopt},
      {"letters behind the digits", "[SUP-1a]", std::nullopt},
      {"63 bits", "[SUP-9223372036854775807]", 9223372036854775807},
      {"more than 63 bits", "[SUP-9223372036854775808]", std::nullopt},
      {"longer name", "[SUPER-1]", std::nullopt},
  }));
  INFO(c.name);
  CHECK(find_subject_tag(c.subject, "SUP") == c.number);
}

TEST_CASE("An empty tag never matches") {
  CHECK(find_subject_tag("[-1]", "") == std::nullopt);
  CHECK(base_subject("[-1] x", "") == "[-1] x");
}

TEST_CASE("fold_for_comparison makes equal what people read as equal") {
  CHECK(fold_for_comparison("STRASSE") == fold_for_comparison("straße"));
  CHECK(fold_for_comparison("u\xCC\x88") == fold_for_comparison("Ü"));
  CHECK(fold_for_comparison("ＵＲＧＥＮＴ") == "urgent");
  CHECK(fold_for_comparison("a\xFF") == "a\xEF\xBF\xBD");
  CHECK(fold_for_comparison("").empty());
}

TEST_CASE("Long hostile subjects are read at once") {
  std::string prefixes;
  for (int i = 0; i < 20000; ++i) prefixes += "Re: ";
  CHECK(base_subject(prefixes + "end", "SUP") == "end");
  CHECK(base_subject(std::string(200000, '['), "SUP").size() == 200000);
  std::string tags;
  for (int i = 0; i < 20000; ++i) tags += "[SUP-1]";
  CHECK(base_subject(tags, "SUP").empty());
}

}  // namespace
}  // namespace ticketd
