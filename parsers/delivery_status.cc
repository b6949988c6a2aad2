#include "parsers/delivery_status.h"

#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestValue = 500;

/// A value without its type ("rfc822; ", "smtp; "), on one line. Some write no type.
std::string untyped(std::string_view value) {
  const auto semicolon = value.find(';');
  const auto type = trim(value.substr(0, semicolon));
  const bool is_typed =
      semicolon != value.npos && !type.empty() && type.size() <= 20 && type.find_first_of(" @<") == type.npos;
  return squeeze(printable_line((is_typed ? value.substr(semicolon + 1) : value).substr(0, kLongestValue)));
}

std::string address_in(std::string_view value) {
  auto address = untyped(value);
  const auto open = address.rfind('<'), close = address.rfind('>');
  if (open != address.npos && close != address.npos && close > open)
    address = address.substr(open + 1, close - open - 1);
  return address;
}

/// "failed" of `Failed (expanded)`.
std::string word_in(std::string_view value) {
  value = trim(value);
  std::size_t end = 0;
  while (end < value.size() && end < 20 && is_letter(value[end])) ++end;
  return to_lower(value.substr(0, end));
}

class Reader {
 public:
  explicit Reader(std::size_t limit) : limit_(limit) {}

  void read(std::string_view body) {
    while (!body.empty() && found_.size() < limit_) {
      const auto end = body.find('\n');
      line(body.substr(0, end));
      body.remove_prefix(end == body.npos ? body.size() : end + 1);
    }
    end_group();
  }

  std::vector<DeliveryStatus> take() { return std::move(found_); }

 private:
  void line(std::string_view text) {
    if (trim(text).empty()) return end_group();
    if (is_blank(text.front())) {
      if (value_.size() < kLongestValue) value_.append(" ").append(trim(text).substr(0, kLongestValue));
      return;
    }
    end_field();
    const auto colon = text.find(':');
    if (colon == text.npos) return;
    name_ = to_lower(trim(text.substr(0, colon)));
    value_ = trim(text.substr(colon + 1)).substr(0, kLongestValue);
  }

  void end_field() {
    if (name_ == "final-recipient") {
      if (!now_.final_recipient.empty()) end_recipient();  // the blank line between two is missing
      now_.final_recipient = address_in(value_);
    }
    if (name_ == "original-recipient") now_.original_recipient = address_in(value_);
    if (name_ == "action") now_.action = word_in(value_);
    if (name_ == "status") now_.status = leading_status_code(trim(value_));
    if (name_ == "diagnostic-code") now_.diagnostic = untyped(value_);
    name_.clear();
    value_.clear();
  }

  void end_recipient() {
    const bool says_something = !now_.final_recipient.empty() || !now_.original_recipient.empty() ||
                                !now_.action.empty() || !now_.status.empty();
    if (says_something && found_.size() < limit_) found_.push_back(std::move(now_));
    now_ = {};
  }

  void end_group() {
    end_field();
    end_recipient();
  }

  std::size_t limit_;
  std::vector<DeliveryStatus> found_;
  DeliveryStatus now_;
  std::string name_, value_;
};

}  // namespace

std::vector<DeliveryStatus> parse_delivery_status(std::string_view body, std::size_t limit) {
  Reader reader(limit);
  reader.read(body);
  return reader.take();
}

std::string_view leading_status_code(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&](std::size_t most) {
    const auto from = at;
    while (at < text.size() && at - from <= most && is_digit(text[at])) ++at;
    return at > from && at - from <= most;
  };
  const auto dot = [&] { return at < text.size() && text[at++] == '.'; };
  if (!digits(1) || (text[0] != '2' && text[0] != '4' && text[0] != '5')) return {};
  if (!dot() || !digits(3) || !dot() || !digits(3)) return {};
  const auto rest = text.substr(at);  // "5.2.1.44" is an address of a host
  if (rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) return {};
  return text.substr(0, at);
}

}  // namespace ticketd
