#include "parsers/encoded_words.h"

#include <catch2/catch.hpp>

namespace ticketd {
namespace {

struct Case {
  const char* name;
  std::string_view raw;
  std::string_view text;
};

TEST_CASE("decode_encoded_words") {
  const auto c = GENERATE(values<Case>({
      {"plain", "plain text", "plain text"},
      {"Q", "=?iso-8859-1?Q?Gr=FC=DFe_an?= alle", "Grüße an alle"},
      {"B", "=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"},
      {"language", "=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore"},
      {"blanks between words go", "=?utf-8?q?a?= \t =?utf-8?q?b?=", "ab"},
      {"blanks beside text stay", "x =?utf-8?q?a?= y", "x a y"},
      {"no blank between words", "=?utf-8?q?a?==?utf-8?q?b?=", "ab"},
      {"inside a word", "[SPAM]=?utf-8?q?a?=!", "[SPAM]a!"},
      {"character split over two words", "=?utf-8?B?U3TD?= =?utf-8?B?tnJ1bmc=?=", "Störung"},
      {"padded word followed by another", "=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?= x", "äö x"},
      {"different charsets", "=?iso-8859-1?Q?=E4?= =?utf-8?Q?=C3=B6?=", "äö"},
      {"ISO-2022-JP one by one", "=?ISO-2022-JP?B?GyRCJWEbKEI=?= =?ISO-2022-JP?B?GyRCJSIbKEI=?=", "メア"},
      {"ISO-2022-JP, cut between characters", "=?ISO-2022-JP?B?GyRCRUU=?= =?ISO-2022-JP?B?T0MbKEI=?=", "電話"},
      {"ISO-2022-JP, cut inside a character", "=?ISO-2022-JP?B?GyRCRUVP?= =?ISO-2022-JP?B?Q0VFT0MbKEI=?=", "電話電話"},
      {"ISO-2022-JP, cut, with an end of no escape", "=?ISO-2022-JP?B?GyRCRUVP?= =?ISO-2022-JP?B?Qw==?=", "電話"},
      {"ISO-2022-JP that does not return, and ASCII", "=?ISO-2022-JP?B?GyRCRUU=?= =?ISO-2022-JP?Q?fax?=", "電fax"},
      {"ISO-2022-JP that does not return, and another",
       "=?ISO-2022-JP?B?GyRCRUU=?= =?ISO-2022-JP?B?GyRCT0MbKEI=?=", "電話"},
      {"blanks inside", "=?iso-8859-1?q?this is some text?=", "this is some text"},
      {"raw octets inside", "=?iso-8859-1?Q?Fr\xF6sche?=", "Frösche"},
      {"raw octets beside", "\xFC =?utf-8?q?a?=", "ü a"},
      {"raw UTF-8", "größer", "größer"},
      {"question mark inside",
       "=?utf-8?q?why?"
       "?=",
       "why?"},
      {"empty word",
       "a =?utf-8?Q?"
       "?= b",
       "a  b"},
      {"unknown charset", "=?x-nonsense?q?abc?=", "abc"},
      {"wrong charset", "=?us-ascii?q?=C3=A4?=", "ä"},
      {"UTF-7", "=?utf-7?q?+APY-?=", "ö"},
      {"no end", "=?utf-8?q?abc", "=?utf-8?q?abc"},
      {"no charset", "=??q?abc?=", "=??q?abc?="},
      {"other encoding", "=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
      {"blank in the charset", "=?utf 8?q?abc?=", "=?utf 8?q?abc?="},
      {"half a word before a word", "=? =?utf-8?q?a?=", "=? a"},
  }));
  INFO(c.name);
  CHECK(decode_encoded_words(c.raw) == c.text);
}

TEST_CASE("The hint counts for raw octets only") {
  CHECK(decode_encoded_words("\xB1 =?iso-8859-1?q?=B1?=", "iso-8859-2") == "ą ±");
}

}  // namespace
}  // namespace ticketd
