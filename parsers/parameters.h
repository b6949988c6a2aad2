#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// One parameter of RFC 2045 §5.1 or RFC 2231, its continuations joined.
struct Parameter {
  std::string name;     ///< lower case, without `*`
  std::string octets;   ///< quoting and per cent encoding undone, otherwise as sent
  std::string charset;  ///< what RFC 2231 §4 declares; empty when it does not
  bool extended = false;
};

/// A Content-Type or Content-Disposition value.
struct ParameterizedValue {
  std::string value;  ///< `type/subtype` or the disposition: lower case, no white space, no comments; may be empty
  std::vector<Parameter> parameters;
  bool truncated = false;  ///< there were more parameters than the limit

  /// The octets of a parameter, nullptr when there is none. Of two of one name RFC 2231's wins, then the first.
  [[nodiscard]] const std::string* octets(std::string_view name) const;
  /// The parameter as UTF-8: RFC 2231's charset, else RFC 2047 (against its rules, as many write it); empty when
  /// absent.
  [[nodiscard]] std::string text(std::string_view name, std::string_view hint = {}) const;

 private:
  [[nodiscard]] const Parameter* find(std::string_view name) const;
};

/// Reads an unfolded raw field value in linear time; forgives missing semicolons and quotes.
[[nodiscard]] ParameterizedValue parse_parameterized(std::string_view raw, std::size_t max_parameters = 100);

/// `text` without RFC 5322 comments; an unclosed one ends with the text.
[[nodiscard]] std::string without_comments(std::string_view text);

}  // namespace ticketd
