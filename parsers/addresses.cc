#include "parsers/addresses.h"

#include <algorithm>
#include <string>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/encoded_words.h"

namespace ticketd {
namespace {

bool has_at(std::string_view text) { return text.find('@') != std::string_view::npos; }

/// What stands between two commas, as written.
struct Draft {
  std::string phrase;   ///< outside brackets and comments, quoting undone: a display name
  std::string bare;     ///< the same with its quoting: perhaps an address
  std::string angle;    ///< inside brackets, without white space and comments
  std::string comment;  ///< of all comments, without the outer parentheses
};

/// Without what people and programs put around an address: `[mailto:a@b]` (Outlook), `'a@b'` (Exchange), a scheme, and
/// the full stops behind it.
std::string_view without_wrapping(std::string_view spec) {
  const auto framed = [&](char open, char close) { return spec.front() == open && spec.back() == close; };
  while (spec.size() > 2 && (framed('[', ']') || framed('\'', '\''))) spec = spec.substr(1, spec.size() - 2);
  if (starts_with_ignoring_case(spec, "mailto:")) spec.remove_prefix(7);
  return has_at(spec) ? spec.substr(0, spec.find_last_not_of('.') + 1) : spec;
}

/// "joe.doe"@b.c is joe.doe@b.c (RFC 5321 §4.1.2); what needs its quotes keeps them.
std::string without_needless_quotes(std::string spec) {
  const auto at = spec.rfind('@');
  if (!spec.starts_with('"') || at == std::string::npos || at < 3 || spec[at - 1] != '"') return spec;
  const std::string_view local = std::string_view(spec).substr(1, at - 2);
  const auto is_plain = [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("._-+").find(c) != std::string_view::npos;
  };
  const bool dots = local.starts_with('.') || local.ends_with('.') || local.find("..") != std::string_view::npos;
  return dots || !std::ranges::all_of(local, is_plain) ? spec : std::string(local) + spec.substr(at);
}

/// An address as it is kept: no route, no scheme, no control character, the domain in lower case.
std::string clean_spec(std::string spec) {
  if (spec.find("=?") != std::string::npos) {
    auto decoded = decode_encoded_words(spec);
    // What decodes to more than an address is none: joining its pieces would invent one.
    const auto is_special = [](char c) {
      return is_space(c) || std::string_view("<>,;()\"").find(c) != std::string_view::npos;
    };
    if (std::ranges::none_of(decoded, is_special)) spec = std::move(decoded);
  }
  if (spec.starts_with('@'))
    if (const auto colon = spec.rfind(':'); colon != std::string::npos) spec.erase(0, colon + 1);
  spec = without_needless_quotes(std::string(without_wrapping(spec)));
  std::erase_if(spec, is_control);
  spec = one_value(decode_charset(spec, {}));
  const auto at = spec.rfind('@');
  if (at != std::string::npos) spec.replace(at, std::string::npos, to_lower(std::string_view(spec).substr(at)));
  return spec;
}

/// Words outside quotes; white space around `@`, and around dots behind it, joins them (RFC 5322 §4.4).
std::vector<std::string> words_of(std::string_view bare) {
  std::vector<std::string> words;
  bool quoted = false;
  bool apart = true;
  bool address = false;
  for (std::size_t i = 0; i < bare.size(); ++i) {
    const char c = bare[i];
    if (is_space(c) && !quoted) {
      apart = true;
      continue;
    }
    if (c == '"') quoted = !quoted;
    const char before = words.empty() ? ' ' : words.back().back();
    const bool joins = !words.empty() && (c == '@' || before == '@' || (address && (c == '.' || before == '.')));
    if (apart && !joins) words.emplace_back();
    address = c == '@' || (address && (!apart || joins));
    apart = false;
    words.back() += c;
    if (c == '\\' && quoted && i + 1 < bare.size()) words.back() += bare[++i];
  }
  return words;
}

/// Takes the addresses out of a draft without brackets, more than one where a comma is missing; what is left of it is a
/// name.
std::vector<std::string> take_bare_addresses(Draft& draft) {
  auto words = words_of(draft.bare);
  const auto names = std::stable_partition(words.begin(), words.end(), has_at);
  if (names == words.begin()) {
    if (words.size() != 1 || words.front().starts_with('"')) return {};
    draft.phrase.clear();
    return words;
  }
  draft.phrase.clear();
  for (auto word = names; word != words.end(); ++word) draft.phrase.append(*word) += ' ';
  std::erase(draft.phrase, '"');
  words.erase(names, words.end());
  return words;
}

class Reader {
 public:
  Reader(std::string_view raw, std::size_t limit, std::string_view hint)
      : raw_(raw), limit_(limit), hint_(hint), last_word_end_(raw.rfind("?=")) {}

  std::vector<Mailbox> read() {
    while (at_ < raw_.size() && mailboxes_.size() < limit_) step();
    finish();
    return std::move(mailboxes_);
  }

 private:
  void step() {
    switch (const char c = raw_[at_]) {
      case '"':
        return quoted_string();
      case '(':
        return comment();
      case '<':
        return angle();
      case '[':
        return domain_literal();
      case ',':
      case ';':
        finish();
        break;
      case ':':
        draft_ = {};
        break;
      case '>':
        break;
      case '=':
        return encoded_word();
      default:
        keep(std::string_view(&c, 1));
    }
    ++at_;
  }

  void keep(std::string_view text) {
    draft_.phrase += text;
    draft_.bare += text;
  }

  void encoded_word() {
    const bool may_end = last_word_end_ != std::string_view::npos && at_ < last_word_end_;
    const std::size_t length = may_end ? encoded_word_length(raw_.substr(at_)) : 0;
    keep(raw_.substr(at_, std::max<std::size_t>(length, 1)));
    at_ += std::max<std::size_t>(length, 1);
  }

  /// The position of the quote that closes the one at `open`; the end when there is none.
  std::size_t closing_quote(std::size_t open) {
    std::size_t i = open + 1;
    while (i < raw_.size() && raw_[i] != '"') i += raw_[i] == '\\' ? 2 : 1;
    return std::min(i, raw_.size());
  }

  /// Without a closing quote, neither this nor a later one means anything.
  void quoted_string() {
    const std::size_t close = all_quotes_closed_ ? closing_quote(at_) : raw_.size();
    if (close == raw_.size()) {
      all_quotes_closed_ = false;
      ++at_;
      return;
    }
    for (std::size_t i = at_ + 1; i < close; ++i) {
      if (raw_[i] == '\\' && i + 1 < close) ++i;
      draft_.phrase += raw_[i];
    }
    draft_.bare += raw_.substr(at_, close + 1 - at_);
    at_ = close + 1;
  }

  /// Moves behind the comment at the position and gives its text; an unclosed one takes all the rest.
  std::string read_comment() {
    std::string text;
    std::size_t depth = 0;
    for (; at_ < raw_.size(); ++at_) {
      const char c = raw_[at_];
      if (c == ')' && depth == 1) {
        ++at_;
        break;
      }
      if (c == '(' && depth++ == 0) continue;
      if (c == ')') --depth;
      if (c == '\\' && at_ + 1 < raw_.size()) ++at_;
      text += raw_[at_];
    }
    return text;
  }

  void comment() {
    const std::string text = read_comment();
    if (!draft_.comment.empty()) draft_.comment += ' ';
    draft_.comment += text;
    keep(" ");
  }

  void domain_literal() {
    const std::size_t close = brackets_closed_ ? raw_.find(']', at_) : std::string_view::npos;
    brackets_closed_ = close != std::string_view::npos;
    const std::size_t end = brackets_closed_ ? close + 1 : at_ + 1;
    keep(raw_.substr(at_, end - at_));
    at_ = end;
  }

  /// RFC 5322 angle-addr; a route before the address (obs-route) may hold commas. A second address is another mailbox,
  /// for which of the two others would take for the sender is unknown.
  void angle() {
    auto spec = read_angle();
    if (has_at(draft_.angle) && has_at(spec)) finish();
    if (draft_.angle.empty() || (!has_at(draft_.angle) && has_at(spec))) draft_.angle = std::move(spec);
  }

  std::string read_angle() {
    std::string spec;
    for (++at_; at_ < raw_.size() && raw_[at_] != '>';) {
      const char c = raw_[at_];
      if (c == ',' && !spec.starts_with('@')) break;
      if (c == '(') {
        read_comment();
        continue;
      }
      if (c == '"' && all_quotes_closed_) {
        const std::size_t close = closing_quote(at_);
        all_quotes_closed_ = close < raw_.size();
        if (all_quotes_closed_) {
          spec += raw_.substr(at_, close + 1 - at_);
          at_ = close + 1;
          continue;
        }
      }
      if (c == '<') spec.clear();
      if (!is_space(c) && c != '<') spec += c;
      ++at_;
    }
    if (at_ < raw_.size() && raw_[at_] == '>') ++at_;
    return spec;
  }

  void finish() {
    Draft draft = std::exchange(draft_, {});
    std::vector<std::string> specs;
    if (!draft.angle.empty())
      specs.push_back(std::move(draft.angle));
    else
      specs = take_bare_addresses(draft);
    if (specs.empty() && trim(draft.phrase).empty()) return;
    specs.resize(std::max<std::size_t>(specs.size(), 1));
    auto name = one_line(decode_encoded_words(draft.phrase, hint_));
    if (name.empty()) name = one_line(decode_encoded_words(draft.comment, hint_));
    for (auto& spec : specs) {
      if (mailboxes_.size() >= limit_) return;
      Mailbox mailbox{std::exchange(name, {}), clean_spec(std::move(spec))};
      if (!mailbox.display_name.empty() || !mailbox.addr_spec.empty()) mailboxes_.push_back(std::move(mailbox));
    }
  }

  std::string_view raw_;
  std::size_t limit_;
  std::string_view hint_;
  std::size_t last_word_end_;
  std::size_t at_ = 0;
  bool all_quotes_closed_ = true;
  bool brackets_closed_ = true;
  Draft draft_;
  std::vector<Mailbox> mailboxes_;
};

}  // namespace

std::vector<Mailbox> parse_addresses(std::string_view raw, std::size_t limit, std::string_view hint) {
  auto mailboxes = Reader(raw, limit, hint).read();
  const bool readable =
      std::any_of(mailboxes.begin(), mailboxes.end(), [](const Mailbox& m) { return has_at(m.addr_spec); });
  if (readable || raw.find("=?") == std::string_view::npos) return mailboxes;
  // Some senders encode the whole field, address and all.
  auto decoded = Reader(decode_encoded_words(raw, hint), limit, hint).read();
  const bool better = std::any_of(decoded.begin(), decoded.end(), [](const Mailbox& m) { return has_at(m.addr_spec); });
  return better ? decoded : mailboxes;
}

}  // namespace ticketd
