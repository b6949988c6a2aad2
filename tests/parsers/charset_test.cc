#include "parsers/charset.h"
#include "parsers/utf8_evidence.h"

#include <catch2/catch.hpp>

#include "parsers/transfer.h"

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string_view octets;
  std::string_view declared;
  std::string_view hint;
  std::string_view text;
};

TEST_CASE("decode_charset") {
  const auto c = GENERATE(values<Case>({
      {"ASCII", "abc", "us-ascii", "", "abc"},
      {"UTF-8", "größer", "UTF-8", "", "größer"},
      {"UTF-8 without a label", "größer", "", "", "größer"},
      {"label with junk",
       "gr\xF6\xDF"
       "er",
       " \"ISO-8859-1\" ", "", "größer"},
      {"Latin 1 means windows-1252", "\x80", "iso-8859-1", "", "€"},
      {"ASCII label on 8-bit text is none", "größer", "us-ascii", "", "größer"},
      {"GB 2312 means GB 18030", "\xC4\xE3\xBA\xC3", "gb2312", "", "你好"},
      {"KS C 5601", "\xBD\xBA\xC6\xBC\xC7\xD8", "ks_c_5601-1987", "", "스티해"},
      {"Shift_JIS", "\x82\xA0\x82\xA2", "Shift_JIS", "", "あい"},
      {"KOI8-R", "\xF0\xD2\xC9\xD7\xC5\xD4", "koi8-r", "", "Привет"},
      {"ISO-2022-JP", "\x1B$B$\"\x1B(B", "iso-2022-jp", "", "あ"},
      {"ISO-2022-JP without a label", "\x1B$B$\"\x1B(B", "", "", "あ"},
      {"wrong UTF-8 label, hint", "\xB1", "utf-8", "iso-8859-2", "ą"},
      {"unknown label, hint", "\xB1", "x-nonsense", "iso-8859-2", "ą"},
      {"a few errors keep the label", "äöüäöüäöüäöüäöüäöüäöü\xFF", "utf-8", "", "äöüäöüäöüäöüäöüäöüäöü\xEF\xBF\xBD"},
      {"no label at all",
       "Sch\xF6ne Gr\xFC\xDF"
       "e aus K\xF6ln",
       "", "", "Schöne Grüße aus Köln"},
      {"UTF-7 where it is declared", "Gr+APY-+AN8-e +- 1", "utf-7", "", "Größe + 1"},
      {"UTF-7 is never guessed", "+APY-", "", "utf-7", "+APY-"},
      {"UTF-7 that is none", "ö +APY-", "utf-7", "", "ö +APY-"},
      {"IMAP's UTF-7 is not believed", "&APY-", "imap-mailbox-name", "", "&APY-"},
      {"Shift_JIS labelled ISO-2022-JP", "\x82\xA0\x82\xA2", "iso-2022-jp", "", "あい"},
      {"ISO-2022-JP with NEC's row", "\x1B$B-!\x1B(B", "iso-2022-jp", "", "①"},
      {"ISO-2022-JP with half-width katakana", "\x1B(I1\x1B(B", "iso-2022-jp", "", "ｱ"},
      {"UTF-8 labelled ISO-2022-JP", "größer", "iso-2022-jp", "", "größer"},
      {"windows-1251", "\xCF\xF0\xE8\xE2\xE5\xF2", "windows-1251", "", "Привет"},
      {"cp1250 as x-cp1250", "\xB3", "x-cp1250", "", "ł"},
      {"GB 18030, four octets", "\x81\x30\x84\x36", "gb18030", "", "¥"},
      {"UTF-16, little-endian BOM",
       std::string_view("\xFF\xFE"
                        "a\0b\0",
                        6),
       "utf-16", "", "ab"},
      {"UTF-16 without BOM, little-endian", std::string_view("a\0b\0", 4), "utf-16", "", "ab"},
      {"UTF-16 without BOM, big-endian", std::string_view("\0a\0b", 4), "utf-16", "", "ab"},
      {"ASCII labelled UTF-16", "abcd", "utf-16", "", "abcd"},
      {"UTF-16", std::string_view("\xFE\xFF\0a\0b", 6), "utf-16", "", "ab"},
      {"empty", "", "utf-8", "", ""},
  }));
  INFO(c.name);
  CHECK(decode_charset(c.octets, c.declared, c.hint) == c.text);
}

TEST_CASE("decode_charset reads what is mislabelled or damaged") {
  const auto c = GENERATE(values<Case>({
      {"UTF-8 labelled ISO 8859-1", "größer", "iso-8859-1", "", "größer"},
      {"UTF-8 labelled windows-1252, one letter", "caf\xC3\xA9", "windows-1252", "", "café"},
      {"UTF-8 labelled KOI8-R", "Привет", "koi8-r", "", "Привет"},
      {"UTF-8 labelled US-ASCII, one octet bad", "Grüße aus Köln\xFF", "us-ascii", "iso-8859-1",
       "Grüße aus Köln\xEF\xBF\xBD"},
      {"UTF-8 labelled ISO 8859-1, one octet bad", "Grüße aus Köln\xFF", "iso-8859-1", "iso-8859-1",
       "Grüße aus Köln\xEF\xBF\xBD"},
      {"UTF-8, one octet bad", "gr\xC3\xB6\xC3\x9F\xFF", "utf-8", "iso-8859-1", "größ\xEF\xBF\xBD"},
      {"UTF-8, its last character cut", "größ\xE2\x82", "utf-8", "", "größ\xEF\xBF\xBD"},
      {"UTF-8 without a label, its last character cut", "größ\xE2\x82", "", "", "größ\xEF\xBF\xBD"},
      {"ISO 8859-1 labelled UTF-8", "Sch\xF6ne Gr\xFC\xDF\x65 aus K\xF6ln", "utf-8", "", "Schöne Grüße aus Köln"},
      {"a sharp s before an ellipsis is no UTF-8", "viel Spa\xDF\x85", "windows-1252", "", "viel Spaß…"},
      {"a capital letter before an ellipsis is no UTF-8", "CAF\xC9\x85", "iso-8859-1", "", "CAFÉ…"},
      {"two capitals of ISO 8859-2 that read as one Cyrillic letter", "SP\xD3\xA3KA Z O.O.", "iso-8859-2", "",
       "SPÓŁKA Z O.O."},
      {"the same word three times",
       "SP\xD3\xA3KA, SP\xD3\xA3KI, SP\xD3\xA3"
       "CE",
       "windows-1250", "", "SPÓŁKA, SPÓŁKI, SPÓŁCE"},
      {"two capitals of windows-1250 that read as an Arabic sign",
       "M\xD9\x8E"
       "ETE VOLAT",
       "windows-1250", "", "MŮŽETE VOLAT"},
      {"three letters of windows-1250 that read as one sign", "zvl\xE1\x9A\x9D", "windows-1250", "", "zvlášť"},
      {"two letters of windows-1251 that read as a figure", "\xC2\xB3", "windows-1251", "", "Ві"},
      {"UTF-8 labelled ISO 8859-1, of another script", "Привет", "iso-8859-1", "", "Привет"},
      {"UTF-8 labelled ISO 8859-1, two letters of another script", "李明", "iso-8859-1", "", "李明"},
      {"UTF-8 labelled ISO 8859-2, a quotation mark", "it’s", "iso-8859-2", "", "it’s"},
      {"CESU-8", "a\xED\xA0\xBD\xED\xB8\x80z", "utf-8", "", "a😀z"},
      {"CESU-8 with halves of characters", "\xED\xB8\x80 a\xED\xA0\xBD\xED\xB8\x80z \xED\xA0\xBD end", "utf-8", "",
       "\uFFFD a😀z \uFFFD end"},
      {"GB 2312 that reads as UTF-8", "\xC4\xA3", "gb2312", "", "模"},
      {"windows-1252 in ISO 8859-1", "\x93quoted\x94", "iso-8859-1", "", "“quoted”"},
      {"cp-850", "\x81", "cp-850", "", "ü"},
      {"x-unknown", "größer", "x-unknown", "", "größer"},
      {"ANSI_X3.4-1968", "gr\xF6\xDF", "ANSI_X3.4-1968", "", "größ"},
      {"a label in quotes, with a semicolon", "größer", "\"utf8\";", "", "größer"},
      {"a label with a parameter behind it", "\xB1", "iso-8859-2; format=flowed", "", "ą"},
      {"GB 18030 under GB 2312", "\x81\x30\x84\x36\x96\x46", "gb2312", "", "¥朏"},
      {"windows-949 under KS C 5601", "\x8C\x63", "ks_c_5601-1987", "", "똠"},
      {"windows-31j under Shift_JIS", "\x87\x40", "shift_jis", "", "①"},
      {"ISO-2022-JP, cut inside a character", "\x1B$B$\"$", "iso-2022-jp", "", "あ\xEF\xBF\xBD"},
      {"ISO-2022-JP, cut, without a label", "\x1B$B$\"$", "", "", "あ\xEF\xBF\xBD"},
      {"ISO-2022-JP, cut before a line end", "\x1B$B$\"$\n$\"\x1B(B", "iso-2022-jp", "", "あ\xEF\xBF\xBD\nあ"},
      {"ISO-2022-JP with an unknown escape", "\x1B$B$\"\x1B(Z\x1B(Bab", "iso-2022-jp", "",
       "あ\xEF\xBF\xBD"
       "ab"},
      {"ISO-2022-JP-2 labelled ISO-2022-JP", "\x1B$A0!\x1B(B", "iso-2022-jp", "", "啊"},
      {"a terminal's colours", "\x1B[1mred", "iso-2022-jp", "", "\x1B[1mred"},
  }));
  INFO(c.name);
  CHECK(decode_charset(c.octets, c.declared, c.hint) == c.text);
}

TEST_CASE("decode_charset tells Thai from UTF-8 under its label") {
  const auto c = GENERATE(values<Case>({
      {"UTF-8 Thai as TIS-620", "สวัสดีครับ", "tis-620", "", "สวัสดีครับ"},
      {"UTF-8 Thai as ISO 8859-11", "ครับ", "ISO-8859-11", "", "ครับ"},
      {"UTF-8 Thai as windows-874, cut", "โทรศัพท์เสียเปิดไม่ติดครับ\xE0\xB8", "windows-874", "", "โทรศัพท์เสียเปิดไม่ติดครับ\uFFFD"},
      {"UTF-8 German as TIS-620", "Grüße, das Telefon läutet", "tis-620", "", "Grüße, das Telefon läutet"},
      {"a UTF-8 quote as TIS-620", "It doesn’t", "tis-620", "", "It doesn’t"},
      {"Thai", "\xCA\xC7\xD1\xCA\xB4\xD5\xA4\xC3\xD1\xBA", "tis-620", "", "สวัสดีครับ"},
      {"Thai of one word", "\xE0\xB9\xB5", "windows-874", "", "เนต"},
      {"Thai before a foreign word", "\xC3\xB6 BMW", "tis-620", "", "รถ BMW"},
      {"Thai with letters of UTF-8", "\xC3\xB6 bus \xE0\xCA\xD5\xC2 \xC3\xB6", "tis-620", "", "รถ bus เสีย รถ"},
      {"Thai that reads as UTF-8", "\xC3\xA1", "tis-620", "", "รก"},
  }));
  INFO(c.name);
  CHECK(decode_charset(c.octets, c.declared, c.hint) == c.text);
}

TEST_CASE("Whatever the octets and labels, the text is valid UTF-8") {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  const auto label = GENERATE(
      values<const char*>({"", "utf-8", "utf-16", "utf-32", "iso-2022-jp", "iso-2022-kr", "hz", "gb18030", "big5",
                           "euc-jp", "cesu-8", "scsu", "bocu-1", "windows-1253", "imap-mailbox-name", "lmbcs"}));
  INFO(label);
  CHECK(is_valid_utf8(decode_charset(all + all, label)));
}

TEST_CASE("is_valid_utf8 knows the edges") {
  CHECK(is_valid_utf8("a\xC2\x80\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xC3", "\xC3(", "\xE2(\xA1"})
    for (std::size_t before = 0; before < 20; ++before)
      CHECK_FALSE(is_valid_utf8(std::string(before, 'a') + bad + "aaaaaaaaa"));
}

TEST_CASE("utf8_prefix cuts no character") {
  CHECK(utf8_prefix("aä", 2) == "a");
  CHECK(utf8_prefix("aä", 3) == "aä");
  CHECK(utf8_prefix("€", 2).empty());
}

struct TransferCase {
  const char* name;
  std::string_view field;
  std::string_view octets;
  std::string_view decoded;
};

TEST_CASE("Transfer encodings") {
  const auto c = GENERATE(values<TransferCase>({
      {"none", "", "a=3D", "a=3D"},
      {"7bit", "7bit", "a=3D", "a=3D"},
      {"base64", "BASE64", "aGVs\r\nbG8=\r\n", "hello"},
      {"base64 with a comment", " base64 (x);", "aGVsbG8=", "hello"},
      {"base64 with junk", "base64", "aG|V!sb G8", "hello"},
      {"base64 in padded pieces", "base64", "aA==ZQ==bGxv", "hello"},
      {"base64 with a digit left", "base64", "aGVsbG8=Q", "hello"},
      {"base64 with a footer behind it", "base64", "aGVs\nbG8=\n-- \nList footer\n", "hello"},
      {"base64 without padding, a footer behind it", "base64", "aGVsbG8h\r\n____\r\nthe list of it all\r\n", "hello!"},
      {"base64, a word and a footer behind it", "base64", "aGVsbG8=\n\nRegards\nthe list, its owner\n", "hello"},
      {"base64 with a junk line", "base64", "aGVs\n!!bG8gd29ybGQgYW5kIGFsbCBpbiBpdA==\n", "hello world and all in it"},
      {"base64, padded lines", "base64", "aA==\nZQ==\nbGxv\n", "hello"},
      {"quoted-printable", "\"quoted-printable\"", "a=3Db=\r\nc=\nd = \r\ne",
       "a=bc"
       "d e"},
      {"quoted-printable, lower case", "quoted-printable", "=c3=a4", "ä"},
      {"quoted-printable, broken", "quoted-printable", "a=b =ZZ 100=", "a=b =ZZ 100"},
      {"quoted-printable keeps blanks before line ends", "quoted-printable", "-- \nx", "-- \nx"},
  }));
  INFO(c.name);
  const auto encoding = transfer_encoding(c.field);
  CHECK(decode_transfer(c.octets, encoding) == c.decoded);
  CHECK(decoded_size(c.octets, encoding) == c.decoded.size());
}

TEST_CASE("text_behind") {
  CHECK(text_behind("aGVsbG8=\n-- \nList", TransferEncoding::base64) == "-- \nList");
  CHECK(text_behind("aGVsbG8=\n\n", TransferEncoding::base64).empty());
  CHECK(text_behind("aGVsbG8=\n-- \nList", TransferEncoding::identity).empty());
}

}  // namespace
}  // namespace ticketd
