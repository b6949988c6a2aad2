#include "parsers/imap_response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "parsers/ascii.h"

namespace ticketd {

namespace {

constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::uint32_t>::max();

/// Of capabilities and flags, in one response.
constexpr std::size_t kMaxWords = 1000;
/// A longer text's memory is given back at once.
constexpr std::size_t kUsualLine = 64 * 1024;

void add_word(std::vector<std::string>& words, std::string word) {
  if (words.size() == kMaxWords) throw ImapSyntaxError("IMAP response with too many words");
  words.push_back(std::move(word));
}

std::uint32_t number32(ImapTokens& tokens) { return static_cast<std::uint32_t>(tokens.number(kMaxNumber)); }

std::optional<ImapStatus::Kind> status_kind(std::string_view word) {
  using Kind = ImapStatus::Kind;
  static constexpr std::array<std::pair<std::string_view, Kind>, 5> kKinds{
      {{"OK", Kind::ok}, {"NO", Kind::no}, {"BAD", Kind::bad}, {"BYE", Kind::bye}, {"PREAUTH", Kind::preauth}}};
  for (const auto& [name, kind] : kKinds)
    if (equals_ignoring_case(word, name)) return kind;
  return std::nullopt;
}

/// The first word of `text`; takes it and one space behind it.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

ImapCode take_code(std::string_view& text) {
  const auto end = text.find(']');
  if (!text.starts_with('[') || end == std::string_view::npos) return {};
  std::string_view inside = text.substr(1, end - 1);
  text.remove_prefix(std::min(text.find_first_not_of(' ', end + 1), text.size()));
  ImapCode code;
  code.name = to_upper(take_word(inside));
  code.argument = inside;
  return code;
}

ImapStatus parse_status(std::string_view tag, ImapStatus::Kind kind, std::string_view text) {
  ImapStatus status;
  status.tag = tag;
  status.kind = kind;
  status.code = take_code(text);
  status.text = text;
  return status;
}

ImapResponse parse_tagged(std::string_view text) {
  const auto tag = take_word(text);
  const auto kind = status_kind(take_word(text));
  const bool tagged_kind = kind && *kind != ImapStatus::Kind::bye && *kind != ImapStatus::Kind::preauth;
  if (tag.empty() || !tagged_kind) throw ImapSyntaxError("neither a tagged nor an untagged IMAP response");
  return parse_status(tag, *kind, text);
}

ImapCapabilities parse_capabilities(ImapTokens& tokens) {
  ImapCapabilities capabilities;
  while (tokens.take(' '))
    if (!tokens.at_end()) add_word(capabilities.names, to_upper(tokens.word()));
  return capabilities;
}

ImapSearch parse_search(ImapTokens& tokens) {
  ImapSearch search;
  while (tokens.take(' ')) {
    if (tokens.at_end()) break;
    if (tokens.next_is('(')) {  // (MODSEQ n), RFC 7162 §3.1.5
      tokens.skip_value();
      continue;
    }
    search.numbers.push_back(number32(tokens));
  }
  return search;
}

std::vector<SequenceRange> parse_set(std::string_view word) {
  auto ranges = parse_sequence_set(word);
  if (!ranges) throw ImapSyntaxError("IMAP response with an impossible set of numbers");
  return std::move(*ranges);
}

void parse_search_correlator(ImapTokens& tokens, ImapEsearch& search) {
  tokens.expect('(');
  tokens.word();
  tokens.expect(' ');
  search.tag = tokens.next_is('"') ? tokens.string().octets : std::string(tokens.word());
  tokens.expect(')');
}

ImapEsearch parse_esearch(ImapTokens& tokens) {
  ImapEsearch search;
  while (tokens.take(' ')) {
    if (tokens.at_end()) break;
    if (tokens.next_is('(')) {
      parse_search_correlator(tokens, search);
      continue;
    }
    const auto name = tokens.word();
    if (equals_ignoring_case(name, "UID")) {
      search.uid = true;
      continue;
    }
    tokens.expect(' ');
    if (equals_ignoring_case(name, "ALL"))
      search.all = parse_set(tokens.word());
    else
      tokens.skip_value();
  }
  return search;
}

ImapVanished parse_vanished(ImapTokens& tokens) {
  ImapVanished vanished;
  tokens.expect(' ');
  if (tokens.take('(')) {
    vanished.earlier = equals_ignoring_case(tokens.word(), "EARLIER");
    tokens.expect(')');
    tokens.expect(' ');
  }
  vanished.uids = parse_set(tokens.word());
  return vanished;
}

std::vector<std::string> parse_flags(ImapTokens& tokens) {
  std::vector<std::string> flags;
  tokens.expect('(');
  while (!tokens.take(')')) {
    if (!tokens.take(' ')) add_word(flags, std::string(tokens.word()));
  }
  return flags;
}

ImapList parse_list(ImapTokens& tokens) {
  ImapList list;
  tokens.expect(' ');
  for (const auto& flag : parse_flags(tokens))
    if (equals_ignoring_case(flag, "\\Noselect") || equals_ignoring_case(flag, "\\NonExistent"))
      list.selectable = false;
  tokens.expect(' ');
  if (!tokens.take_nil()) tokens.skip_value();  // what separates the levels of a name
  tokens.expect(' ');
  const bool is_word = !tokens.next_is('"') && !tokens.next_is('{');
  list.name = is_word ? std::string(tokens.word()) : tokens.string().octets;
  return list;
}

void parse_fetch_item(ImapTokens& tokens, ImapFetch& fetch) {
  const auto name = tokens.item_name();
  tokens.expect(' ');
  if (equals_ignoring_case(name, "UID")) {
    fetch.uid = number32(tokens);
  } else if (equals_ignoring_case(name, "RFC822.SIZE")) {
    fetch.rfc822_size = tokens.number(std::numeric_limits<std::uint64_t>::max());
  } else if (equals_ignoring_case(name, "FLAGS")) {
    fetch.flags = parse_flags(tokens);
  } else if (equals_ignoring_case(name, "INTERNALDATE") && tokens.next_is('"')) {
    fetch.internal_date = parse_internal_date(tokens.string().octets);
  } else if (equals_ignoring_case(name, "BODY[]") && !tokens.take_nil()) {
    fetch.body = tokens.string();
  } else if (!equals_ignoring_case(name, "BODY[]")) {
    tokens.skip_value();
  }
}

ImapFetch parse_fetch(ImapTokens& tokens, std::uint32_t sequence_number) {
  ImapFetch fetch;
  fetch.sequence_number = sequence_number;
  tokens.expect(' ');
  tokens.expect('(');
  while (!tokens.take(')')) {
    if (!tokens.take(' ')) parse_fetch_item(tokens, fetch);
  }
  if (!tokens.at_end()) throw ImapSyntaxError("IMAP FETCH response that does not end where its list ends");
  return fetch;
}

ImapMailboxStatus parse_mailbox_status(ImapTokens& tokens) {
  ImapMailboxStatus status;
  tokens.expect(' ');
  tokens.skip_value();
  tokens.expect(' ');
  tokens.expect('(');
  while (!tokens.take(')')) {
    if (tokens.take(' ')) continue;
    const auto name = tokens.item_name();
    tokens.expect(' ');
    if (equals_ignoring_case(name, "MESSAGES"))
      status.messages = number32(tokens);
    else if (equals_ignoring_case(name, "UIDNEXT"))
      status.uid_next = number32(tokens);
    else if (equals_ignoring_case(name, "UIDVALIDITY"))
      status.uid_validity = number32(tokens);
    else
      tokens.skip_value();
  }
  return status;
}

ImapResponse parse_numbered(ImapTokens& tokens) {
  const std::uint32_t number = number32(tokens);
  tokens.expect(' ');
  const auto name = tokens.word();
  if (equals_ignoring_case(name, "FETCH")) return parse_fetch(tokens, number);
  if (equals_ignoring_case(name, "EXISTS")) return ImapExists{number};
  if (equals_ignoring_case(name, "EXPUNGE")) return ImapExpunge{number};
  return ImapOther{to_upper(name)};
}

ImapResponse parse_untagged(std::string_view text, std::span<ImapLiteral> literals) {
  std::string_view rest = text;
  if (const auto kind = status_kind(take_word(rest))) return parse_status("", *kind, rest);
  ImapTokens tokens(text, literals);
  if (!text.empty() && text.front() >= '0' && text.front() <= '9') return parse_numbered(tokens);
  const auto name = tokens.word();
  if (equals_ignoring_case(name, "CAPABILITY")) return parse_capabilities(tokens);
  if (equals_ignoring_case(name, "SEARCH")) return parse_search(tokens);
  if (equals_ignoring_case(name, "ESEARCH")) return parse_esearch(tokens);
  if (equals_ignoring_case(name, "VANISHED")) return parse_vanished(tokens);
  if (equals_ignoring_case(name, "STATUS")) return parse_mailbox_status(tokens);
  if (equals_ignoring_case(name, "LIST")) return parse_list(tokens);
  return ImapOther{to_upper(name)};
}

ImapResponse parse_response(std::string_view text, std::span<ImapLiteral> literals) {
  if (text.starts_with("* ")) return parse_untagged(text.substr(2), literals);
  if (text == "+") return ImapContinuation{};
  if (text.starts_with("+ ")) return ImapContinuation{std::string(text.substr(2))};
  return parse_tagged(text);
}

int month_number(std::string_view name) {
  static constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  const auto at = kMonths.find(to_lower(name));
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<int>(at / 3) + 1;
}

/// A number of exactly these digits (a leading space counts as 0); -1 when it is none or above `max`.
int fixed_number(std::string_view digits, int max) {
  if (digits.starts_with(' ')) digits.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() && value >= 0 && value <= max ? value : -1;
}

std::optional<std::chrono::minutes> parse_zone(std::string_view zone) {
  const int hours = fixed_number(zone.substr(1, 2), 23), minutes = fixed_number(zone.substr(3, 2), 59);
  if ((zone[0] != '+' && zone[0] != '-') || hours < 0 || minutes < 0) return std::nullopt;
  const std::chrono::minutes offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return zone[0] == '-' ? -offset : offset;
}

}  // namespace

std::optional<std::uint32_t> ImapCode::number() const {
  std::uint32_t value = 0;
  const char* last = argument.data() + argument.size();
  const auto [end, error] = std::from_chars(argument.data(), last, value);
  if (error != std::errc{} || end != last || value == 0) return std::nullopt;
  return value;
}

std::optional<ImapCopyUid> parse_copy_uid(const ImapCode& code) {
  if (code.name != "COPYUID") return std::nullopt;
  std::string_view rest = code.argument;
  ImapCode validity;
  validity.argument = take_word(rest);
  const auto from = parse_sequence_set(take_word(rest));
  const auto to = parse_sequence_set(rest);
  if (!validity.number() || !from || !to) return std::nullopt;
  return ImapCopyUid{*validity.number(), *from, *to};
}

std::optional<ImapResponse> ImapResponseReader::next(std::string_view& octets) {
  while (!octets.empty()) {
    if (literal_left_ > 0) {
      take_literal(octets);
      continue;
    }
    if (!take_line(octets)) return std::nullopt;
    if (begin_literal()) continue;
    text_.resize(text_.size() - 2);
    auto response = parse_response(text_, literals_);
    text_.clear();
    if (text_.capacity() > kUsualLine) text_.shrink_to_fit();
    literals_.clear();
    kept_ = 0;
    return response;
  }
  return std::nullopt;
}

/// Up to and with the next line feed; false when there is none yet.
bool ImapResponseReader::take_line(std::string_view& octets) {
  const auto feed = octets.find('\n');
  const auto count = feed == std::string_view::npos ? octets.size() : feed + 1;
  if (text_.size() + count > limits_.line_octets) throw ImapSyntaxError("IMAP response beyond the limit of a line");
  text_.append(octets.substr(0, count));
  octets.remove_prefix(count);
  if (feed == std::string_view::npos) return false;
  if (!text_.ends_with("\r\n")) throw ImapSyntaxError("IMAP response whose line does not end in CR LF");
  return true;
}

/// The text of a status response is free: a `{5}` at its end announces nothing.
bool ImapResponseReader::may_hold_literals() const {
  std::string_view rest = text_;
  if (take_word(rest) != "*") return false;
  return !status_kind(take_word(rest));
}

bool ImapResponseReader::begin_literal() {
  const std::string_view line(text_.data(), text_.size() - 2);
  const auto brace = find_literal_announcement(line);
  if (brace == std::string_view::npos || !may_hold_literals()) return false;
  std::uint64_t size = 0;
  const auto parsed = std::from_chars(line.data() + brace + 1, line.data() + line.size() - 1, size);
  if (parsed.ec != std::errc{} || size > limits_.literal_octets)
    throw ImapSyntaxError("IMAP literal beyond the limit: " + std::string(line.substr(brace)));
  if (literals_.size() == limits_.literals) throw ImapSyntaxError("IMAP response with too many literals");
  const std::uint64_t wanted = size <= limits_.whole_octets ? size : limits_.head_octets;
  keep_left_ = std::min(wanted, limits_.whole_octets - std::min(limits_.whole_octets, kept_));
  kept_ += keep_left_;
  literal_left_ = size;
  literals_.emplace_back().size = size;
  literals_.back().octets.reserve(keep_left_);
  return true;
}

void ImapResponseReader::take_literal(std::string_view& octets) {
  const auto count = std::min<std::uint64_t>(octets.size(), literal_left_);
  const auto kept = std::min(count, keep_left_);
  literals_.back().octets.append(octets.substr(0, kept));
  octets.remove_prefix(count);
  literal_left_ -= count;
  keep_left_ -= kept;
}

std::optional<Time> parse_internal_date(std::string_view text) {
  if (text.size() != 26 || text[2] != '-' || text[6] != '-' || text[11] != ' ' || text[14] != ':' || text[17] != ':' ||
      text[20] != ' ')
    return std::nullopt;
  const int day = fixed_number(text.substr(0, 2), 31), month = month_number(text.substr(3, 3));
  const int year = fixed_number(text.substr(7, 4), 9999);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  const int hour = fixed_number(text.substr(12, 2), 23), minute = fixed_number(text.substr(15, 2), 59);
  const int second = fixed_number(text.substr(18, 2), 60);
  const auto zone = parse_zone(text.substr(21));
  if (year < 1 || !date.ok() || hour < 0 || minute < 0 || second < 0 || !zone) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} - *zone;
}

}  // namespace ticketd
