#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "parsers/reply_text.h"

namespace ticketd {

inline constexpr auto kNone = QuoteCut::none;
inline constexpr auto kSure = QuoteCut::sure;
inline constexpr auto kUnsure = QuoteCut::unsure;

/// A mail's text, and what its writer newly wrote.
struct ReplyCase {
  const char* name;
  std::string_view text;
  std::string_view written;
  QuoteCut cut;
};

inline void check(const ReplyCase& c) {
  INFO(c.name);
  INFO(c.text);
  const ReplyText reply = split_reply(c.text, "");
  CHECK(reply.written(c.text) == c.written);
  CHECK(reply.cut == c.cut);
}

}  // namespace ticketd
