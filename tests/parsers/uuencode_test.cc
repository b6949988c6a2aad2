#include "parsers/uuencode.h"

#include <catch2/catch.hpp>

#include "parsers/flowed_text.h"

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string_view text;
  std::string_view rest;
  std::string_view files;
};

/// `name=octets` of every file.
std::string shown(const UuText& text) {
  std::string result;
  for (const UuFile& file : text.files)
    result += std::string(file.name) + "=" + decode_uu(file) + (file.complete ? ";" : "...");
  return result;
}

TEST_CASE("take_uu_files") {
  const auto c = GENERATE(values<Case>({
      {"nothing", "hello\n", "hello\n", ""},
      {"a file between lines", "a\nbegin 644 c.txt\n#0V%T\n`\nend\nb\n", "a\nb\n", "c.txt=Cat;"},
      {"at the start, blanks in the name", "begin 0644 my cat.txt\r\n#0V%T\r\n`\r\nend\r\nb", "b", "my cat.txt=Cat;"},
      {"a blank for a zero", "begin 644 c\n#0V%T\n \nend\n", "", "c=Cat;"},
      {"no zero line", "begin 644 c\n#0V%T\nend\n", "", "c=Cat;"},
      {"blanks at the end of a line lost", "begin 644 c\n#0V%\n`\nend\n", "", "c=Ca@;"},
      {"two files", "begin 644 a\n#0V%T\n`\nend\nx\nbegin 644 b\n#0V%T\n`\nend\n", "x\n", "a=Cat;b=Cat;"},
      {"base64", "a\nbegin-base64 644 c.txt\nQ2F0\n====\nb", "a\nb", "c.txt=Cat;"},
      {"short lines without an end", "begin 644 c\n#0V%T\n#0V%T\n#0V%T\n", "begin 644 c\n#0V%T\n#0V%T\n#0V%T\n", ""},
      {"blank lines without an end", "begin 100 x\n\n\n\n", "begin 100 x\n\n\n\n", ""},
      {"blank lines up to an end", "begin 100 x\n\nend\n", "begin 100 x\n\nend\n", ""},
      {"capitals", "begin 100 X\nMORE TEXT\nend\n", "begin 100 X\nMORE TEXT\nend\n", ""},
      {"a mode that is none", "begin 10 x\n#0V%T\nend\n", "begin 10 x\n#0V%T\nend\n", ""},
      {"too little to be cut off", "begin 644 c\n#0V%T\n", "begin 644 c\n#0V%T\n", ""},
      {"a hundred days", "begin 100 days\nbefore it all\nend\n", "begin 100 days\nbefore it all\nend\n", ""},
      {"no mode", "begin it now\n#0V%T\nend\n", "begin it now\n#0V%T\nend\n", ""},
      {"not at the start of a line", "x begin 644 c\n#0V%T\nend\n", "x begin 644 c\n#0V%T\nend\n", ""},
      {"no name", "begin 644 \n#0V%T\nend\n", "begin 644 \n#0V%T\nend\n", ""},
      {"prose inside", "begin 644 c\n#0V%T\nand so on\nend\n", "begin 644 c\n#0V%T\nand so on\nend\n", ""},
      {"a begin line that another follows", "begin 644 a\nbegin 644 b\n#0V%T\n`\nend\n", "begin 644 a\n", "b=Cat;"},
  }));
  INFO(c.name);
  const UuText got = take_uu_files(c.text, 10);
  CHECK(got.text == c.rest);
  CHECK(shown(got) == c.files);
}

TEST_CASE("A uuencoded file may be cut where the text ends") {
  std::string line = "M";
  for (int group = 0; group < 15; ++group) line += "0V%T";
  const std::string cut = "begin 644 c\n" + line + "\n" + line + "\n" + line.substr(0, 20);
  const UuText got = take_uu_files(cut, 10);
  CHECK(got.text.empty());
  REQUIRE(got.files.size() == 1);
  CHECK_FALSE(got.files.front().complete);
  CHECK(decode_uu(got.files.front()).starts_with("CatCat"));
}

TEST_CASE("take_uu_files stops at its limit and stays linear") {
  std::string many;
  for (int i = 0; i < 20; ++i) many += "begin 644 a\n#0V%T\n`\nend\n";
  CHECK(take_uu_files(many, 5).files.size() == 5);
  std::string begins;
  for (int i = 0; i < 300000; ++i) begins += "begin 644 a\n";
  CHECK(take_uu_files(begins, 5).text == begins);
  std::string open = "begin 644 a\n";
  for (int i = 0; i < 300000; ++i) open += "#0V%T\nbegin 1\n";
  CHECK(take_uu_files(open, 5).files.empty());
}

struct FlowedCase {
  const char* name;
  std::string_view text;
  bool delete_space;
  std::string_view joined;
};

TEST_CASE("join_flowed_lines") {
  const auto c = GENERATE(values<FlowedCase>({
      {"fixed lines stay", "a\nb\n", false, "a\nb\n"},
      {"a flowed line goes on", "a \nb\nc\n", false, "a b\nc\n"},
      {"DelSp", "日 \n本\n", true, "日本\n"},
      {"stuffed", " From me\n >x\n", false, "From me\n>x\n"},
      {"quotes", "> a \n> b\n>> c\nd\n", false, "> a b\n>> c\nd\n"},
      {"another depth ends the paragraph", "> a \n>> b\n", false, "> a\n>> b\n"},
      {"signature", "bye \n-- \nAnn \nLee\n", false, "bye\n-- \nAnn Lee\n"},
      {"quoted signature", "> bye\n> -- \n> Ann\n", false, "> bye\n> -- \n> Ann\n"},
      {"no line end", "a \nb", false, "a b"},
      {"flowed to the end", "a \n", false, "a \n"},
      {"empty", "", false, ""},
  }));
  INFO(c.name);
  CHECK(join_flowed_lines(c.text, c.delete_space) == c.joined);
}

}  // namespace
}  // namespace ticketd
