#include "parsers/parameters.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <tuple>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/encoded_words.h"

namespace ticketd {
namespace {

bool is_name_octet(char c) {
  return c > ' ' && c != 0x7F && std::string_view(";=\"()<>@,:\\/[]?").find(c) == std::string_view::npos;
}

/// One piece as written: `name`, `name*`, `name*0`, `name*0*`.
struct Piece {
  std::string name;
  std::size_t section = 0;
  bool continued = false;
  bool extended = false;
  std::string value;
};

class Scanner {
 public:
  explicit Scanner(std::string_view raw) : rest_(raw) {}

  /// Up to the first semicolon, or to the first parameter when that is missing.
  std::string main_value() {
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != ';' && !parameter_starts(end))
      end += rest_[end] == '(' ? comment(end) : 1;
    std::string value;
    for (char c : without_comments(take(end)))
      if (!is_space(c)) value += to_lower(c);
    return value;
  }

  std::optional<Piece> next() {
    skip_separators();
    while (!rest_.empty()) {
      std::size_t end = 0;
      while (end < rest_.size() && is_name_octet(rest_[end])) ++end;
      std::size_t sign = end;
      while (sign < rest_.size() && is_space(rest_[sign])) ++sign;
      if (end > 0 && sign < rest_.size() && rest_[sign] == '=') {
        Piece piece = named(rest_.substr(0, end));
        rest_.remove_prefix(sign + 1);
        piece.value = value(piece.name);
        return piece;
      }
      rest_.remove_prefix(std::min(rest_.size(), std::max<std::size_t>(1, sign)));
      skip_separators();
    }
    return std::nullopt;
  }

 private:
  static Piece named(std::string_view written) {
    Piece piece;
    if (written.size() > 1 && written.ends_with('*')) {
      piece.extended = true;
      written.remove_suffix(1);
    }
    if (const auto star = written.rfind('*'); star != std::string_view::npos) {
      const std::string_view digits = written.substr(star + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), piece.section);
      piece.continued = error == std::errc() && end == digits.data() + digits.size();
      if (piece.continued) written = written.substr(0, star);
    }
    piece.name = to_lower(written);
    return piece;
  }

  std::string_view take(std::size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  void skip_separators() {
    while (!rest_.empty() && (is_space(rest_.front()) || rest_.front() == ';' || rest_.front() == '('))
      rest_.remove_prefix(rest_.front() == '(' ? comment(0) : 1);
  }

  /// The length of the comment at `at`; all the rest when it is not closed.
  std::size_t comment(std::size_t at) const {
    std::size_t depth = 0;
    std::size_t i = at;
    for (; i < rest_.size(); ++i) {
      if (rest_[i] == '\\')
        ++i;
      else if (rest_[i] == '(')
        ++depth;
      else if (rest_[i] == ')' && --depth == 0)
        return i + 1 - at;
    }
    return rest_.size() - at;
  }

  /// White space at `at` with `name=` behind it: the semicolon before a parameter is missing.
  bool parameter_starts(std::size_t at) const {
    if (!is_space(rest_[at])) return false;
    std::size_t i = at + 1;
    while (i < rest_.size() && is_name_octet(rest_[i])) ++i;
    return i > at + 1 && i < rest_.size() && rest_[i] == '=';
  }

  std::string value(const std::string& name) {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    if (rest_.starts_with('"')) return quoted();
    std::size_t end = 0;
    while (end < rest_.size() && rest_[end] != ';' && !parameter_starts(end)) ++end;
    const std::string_view raw = trim(take(end));
    const bool file = name == "filename" || name == "name";
    return file ? std::string(raw) : std::string(trim(without_comments(raw)));
  }

  /// A backslash escapes only `"` and itself, for Windows paths are sent unescaped.
  std::string quoted() {
    std::string result;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      const bool escape = rest_[i] == '\\' && i + 1 < rest_.size() && (rest_[i + 1] == '"' || rest_[i + 1] == '\\');
      if (escape) ++i;
      result += rest_[i];
    }
    rest_.remove_prefix(std::min(rest_.size(), i + 1));
    return result;
  }

  std::string_view rest_;
};

std::string undo_percent(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int octet = text[i] == '%' ? hex_octet(text, i + 1) : -1;
    if (octet >= 0) i += 2;
    result += octet >= 0 ? static_cast<char>(octet) : text[i];
  }
  return result;
}

/// RFC 2231 §4: `charset'language'text` at the start of an extended value.
std::string_view take_charset(std::string_view value, std::string& charset) {
  const auto first = value.find('\'');
  const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos) return value;
  charset = value.substr(0, first);
  return value.substr(second + 1);
}

/// Some senders put `charset'` or `charset''` before every section.
bool repeats_charset(std::string_view value, std::string_view charset) {
  return !charset.empty() && value.size() > charset.size() && starts_with_ignoring_case(value, charset) &&
         value[charset.size()] == '\'';
}

Parameter joined(const std::vector<Piece>& pieces) {
  Parameter result;
  result.name = pieces.front().name;
  for (const Piece& piece : pieces) {
    std::string_view value = piece.value;
    if (piece.extended && !result.extended)
      value = take_charset(value, result.charset);
    else if (piece.extended && repeats_charset(value, result.charset))
      value.remove_prefix(value.find_first_not_of('\'', result.charset.size()));
    result.extended = result.extended || piece.extended;
    result.octets += piece.extended ? undo_percent(value) : std::string(value);
  }
  return result;
}

/// Continuations in the order of their numbers, a number once; each other piece is a parameter of its own.
std::vector<Parameter> join(std::vector<Piece> pieces) {
  const auto key = [](const Piece& p) {
    return std::tuple(std::string_view(p.name), !p.extended && !p.continued, p.continued, p.section);
  };
  std::stable_sort(pieces.begin(), pieces.end(), [&](const Piece& a, const Piece& b) { return key(a) < key(b); });
  std::vector<Parameter> result;
  for (auto piece = pieces.begin(); piece != pieces.end();) {
    std::vector<Piece> group{*piece};
    for (++piece;
         group.front().continued && piece != pieces.end() && piece->continued && piece->name == group.front().name;
         ++piece)
      if (piece->section != group.back().section) group.push_back(*piece);
    result.push_back(joined(group));
  }
  return result;
}

}  // namespace

const Parameter* ParameterizedValue::find(std::string_view name) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == name; });
  return found == parameters.end() ? nullptr : &*found;
}

const std::string* ParameterizedValue::octets(std::string_view name) const {
  const Parameter* found = find(name);
  return found != nullptr ? &found->octets : nullptr;
}

std::string ParameterizedValue::text(std::string_view name, std::string_view hint) const {
  const Parameter* found = find(name);
  if (found == nullptr) return {};
  const bool labelled = found->extended && !found->charset.empty();
  return labelled ? decode_charset(found->octets, found->charset, hint) : decode_encoded_words(found->octets, hint);
}

ParameterizedValue parse_parameterized(std::string_view raw, std::size_t max_parameters) {
  ParameterizedValue result;
  Scanner scanner(raw);
  result.value = scanner.main_value();
  if (result.value.starts_with('/')) result.value.clear();
  std::vector<Piece> pieces;
  while (auto piece = scanner.next()) {
    result.truncated = pieces.size() == max_parameters;
    if (result.truncated) break;
    pieces.push_back(*std::move(piece));
  }
  result.parameters = join(std::move(pieces));
  return result;
}

std::string without_comments(std::string_view text) {
  std::string result;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(')
      ++depth;
    else if (text[i] == ')' && depth > 0)
      --depth;
    else if (text[i] == '\\' && depth > 0)
      ++i;
    else if (depth == 0)
      result += text[i];
  }
  return result;
}

}  // namespace ticketd
