#include <algorithm>
#include <unordered_set>

#include "parsers/printable.h"
#include "store/impl.h"
#include "store/search_index.h"

namespace ticketd {
namespace {

/// Shorter beginnings would match a large part of all words.
constexpr std::size_t kPrefixOctets = 3;

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  constexpr std::string_view kSpaces(" \t\r\n\v\f\0", 7);
  while (true) {
    const auto start = text.find_first_not_of(kSpaces);
    if (start == std::string_view::npos) return words;
    const auto end = std::min(text.find_first_of(kSpaces, start), text.size());
    words.push_back(text.substr(start, end - start));
    text.remove_prefix(end);
  }
}

/// FTS5 string: nothing in it is an operator, column or wildcard.
std::string quoted(std::string_view word) {
  std::string result = "\"";
  for (const char c : word) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

/// All words, the last one as a beginning. Empty when there is none.
std::string match_expression(std::string_view text) {
  std::string expression;
  const auto words = split_words(text);
  for (const auto word : words) expression += (expression.empty() ? "" : " ") + quoted(word);
  if (!words.empty() && words.back().size() >= kPrefixOctets) expression += '*';
  return expression;
}

/// One printable line: the text's own line ends become single spaces.
std::string one_line(std::string_view snippet) {
  std::string line;
  for (const auto word : split_words(snippet)) {
    if (!line.empty()) line += ' ';
    line += word;
  }
  return printable_line(line);
}

/// The last one of a piece of so many messages, and of about so many octets at most.
std::int64_t end_of_piece(Store::Impl& impl, std::int64_t from, std::size_t most, std::size_t octets) {
  std::int64_t end = from;
  std::size_t sum = 0;
  auto rows = impl.query(sql::unindexed_messages, from, most);
  while (sum < octets && rows.next()) {
    end = rows.integer();
    sum += static_cast<std::size_t>(rows.integer());
  }
  return end;
}

}  // namespace

bool Store::index_messages(std::size_t most, std::size_t octets) {
  const Impatience impatience(*impl_);
  const auto last = read_integer(impl_->query(sql::last_message));
  if (read_integer(impl_->query(sql::indexed_up_to)) >= last)
    return false;  // nothing is locked while nothing is lacking
  WriteScope scope(*impl_);
  const auto from = read_integer(impl_->query(sql::indexed_up_to));
  const auto to = end_of_piece(*impl_, from, most, octets);
  if (to > from) {
    impl_->run(sql::index_messages, from, to);
    impl_->run(sql::note_indexed, to);
  }
  scope.done();
  return to < last;
}

void Store::empty_search_index() { ticketd::empty_search_index(impl_->database.path(), {}); }

std::vector<TicketRow> Store::search(std::string_view words, std::uint32_t limit) {
  std::vector<TicketRow> result;
  const auto expression = match_expression(words);
  if (expression.empty()) return result;
  std::unordered_set<std::int64_t> seen;
  auto rows = impl_->query(sql::search, expression);
  while ((limit == 0 || result.size() < limit) && rows.next()) {
    const auto number = rows.integer();
    if (!seen.insert(number).second) continue;
    auto row = impl_->load_ticket(TicketId{number});
    if (!row) continue;
    row->snippet = one_line(rows.view());
    result.push_back(std::move(*row));
  }
  return result;
}

}  // namespace ticketd
