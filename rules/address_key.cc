#include "rules/address_key.h"

#include <libpsl.h>
#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

/// Punycode takes quadratic time; RFC 5321 §4.5.3.1.2 allows 255 octets, of A-labels.
constexpr std::size_t kLongestDomain = 1000;

bool is_ascii(std::string_view text) { return std::ranges::none_of(text, is_8bit); }

const icu::IDNA* uts46() {
  UErrorCode status = U_ZERO_ERROR;
  static const std::unique_ptr<icu::IDNA> kIdna(
      icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE, status));
  return kIdna.get();
}

using Conversion = void (icu::IDNA::*)(icu::StringPiece, icu::ByteSink&, icu::IDNAInfo&, UErrorCode&) const;

/// Empty when UTS #46 refuses the domain.
std::string converted(std::string_view domain, Conversion convert) {
  // These say that a name can't be registered, not that it can't be read.
  constexpr std::uint32_t harmless = UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4 |
                                     UIDNA_ERROR_LABEL_TOO_LONG | UIDNA_ERROR_DOMAIN_NAME_TOO_LONG |
                                     UIDNA_ERROR_EMPTY_LABEL;
  const auto* idna = uts46();
  if (idna == nullptr || domain.size() > kLongestDomain) return {};
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  icu::IDNAInfo info;
  UErrorCode status = U_ZERO_ERROR;
  (idna->*convert)(icu::StringPiece(domain.data(), static_cast<std::int32_t>(domain.size())), sink, info, status);
  if (U_FAILURE(status) != 0 || (info.getErrors() & ~harmless) != 0) return {};
  return result;
}

std::string_view without_root(std::string_view domain) {
  while (domain.ends_with('.')) domain.remove_suffix(1);
  return domain;
}

/// RFC 5322 §3.2.3, with dots anywhere: servers take them so.
bool stands_unquoted(char c) {
  return is_letter(c) || is_digit(c) || is_8bit(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
}

bool is_quoted(std::string_view text) { return text.size() > 1 && text.front() == '"' && text.back() == '"'; }

std::string unquoted(std::string_view text) {
  if (!is_quoted(text)) return std::string(text);
  std::string content;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    content += text[i];
  }
  return content;
}

std::string quoted(std::string_view content) {
  std::string text = "\"";
  for (const char c : content) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

/// NFC and simple case folding: full folding makes `weiß` and `weiss` one, who may be two persons.
std::string folded(const std::string& text) {
  if (is_ascii(text)) return to_lower(text);
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfc = icu::Normalizer2::getNFCInstance(status);
  const auto source = icu::UnicodeString::fromUTF8(text);
  icu::UnicodeString lower;
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1))
    lower.append(u_foldCase(source.char32At(i), U_FOLD_CASE_DEFAULT));
  if (U_SUCCESS(status) != 0) lower = nfc->normalize(lower, status);
  std::string result;
  lower.toUTF8String(result);
  return U_FAILURE(status) != 0 ? to_lower(text) : result;
}

}  // namespace

std::string domain_key(std::string_view domain) {
  if (!is_ascii(domain))
    if (auto ascii = converted(domain, &icu::IDNA::nameToASCII_UTF8); !ascii.empty())
      return std::string(without_root(ascii));
  return to_lower(without_root(domain));
}

std::string domain_to_unicode(std::string_view domain) {
  auto unicode = converted(without_root(domain), &icu::IDNA::nameToUnicodeUTF8);
  return unicode.empty() ? domain_key(domain) : unicode;
}

std::string_view organizational_domain(const std::string& domain) {
  // An IP address has no parts of a name.
  if (domain.empty() || domain.ends_with(']') || is_digit(domain.back())) return {};
  const psl_ctx_t* suffixes = psl_builtin();
  const char* found = suffixes != nullptr ? psl_registrable_domain(suffixes, domain.c_str()) : nullptr;
  return found == nullptr ? std::string_view() : std::string_view(found);
}

std::string local_part_key(std::string_view local_part) {
  const auto content = folded(unquoted(local_part));
  const bool needs_quotes =
      is_quoted(local_part) && (content.empty() || !std::ranges::all_of(content, stands_unquoted));
  return needs_quotes ? quoted(content) : content;
}

std::string address_key(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return local_part_key(address);
  return local_part_key(address.substr(0, at)) + '@' + domain_key(address.substr(at + 1));
}

bool is_same_address(std::string_view a, std::string_view b) {
  const auto is_plain = [](std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return is_8bit(c) || c == '"'; }) && !text.ends_with('.');
  };
  return is_plain(a) && is_plain(b) ? equals_ignoring_case(a, b) : address_key(a) == address_key(b);
}

}  // namespace ticketd
