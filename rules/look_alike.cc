#include "rules/look_alike.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include "parsers/ascii.h"
#include "rules/address_key.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestName = 1000;

using Checker = std::unique_ptr<USpoofChecker, decltype(&uspoof_close)>;
using Words = std::vector<std::string>;

constexpr std::size_t kRemembered = 10'000;

icu::UnicodeString to_utf16(std::string_view text) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string to_utf8(const icu::UnicodeString& text) {
  std::string result;
  return text.toUTF8String(result);
}

icu::UnicodeString skeleton_by_icu(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  static const Checker kChecker(uspoof_open(&status), &uspoof_close);
  icu::UnicodeString result;
  if (kChecker) uspoof_getSkeletonUnicodeString(kChecker.get(), 0, text, result, &status);
  return U_FAILURE(status) != 0 || !kChecker ? icu::UnicodeString(text).foldCase() : result.foldCase();
}

/// Whether a letter is small is lost in the skeleton, and "O" is that of "0": so case is folded behind it as well. It
/// is made character by character (UTS #39 §4), and those of ASCII are known.
icu::UnicodeString skeleton(const icu::UnicodeString& text) {
  static const auto kOfAscii = [] {
    std::array<icu::UnicodeString, 128> known;
    for (char16_t c = 0; c < known.size(); ++c) known[c] = skeleton_by_icu(icu::UnicodeString(c));
    return known;
  }();
  icu::UnicodeString result;
  for (std::int32_t i = 0; i < text.length(); ++i) {
    if (text[i] >= kOfAscii.size()) return skeleton_by_icu(text);
    result += kOfAscii[text[i]];
  }
  return result;
}

bool is_of_word(UChar32 c) { return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0; }

Words words_of(const icu::UnicodeString& text) {
  Words words;
  icu::UnicodeString word;
  const auto end_word = [&] {
    if (!word.isEmpty()) words.push_back(to_utf8(word));
    word.remove();
  };
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
    if (const auto c = text.char32At(i); is_of_word(c))
      word.append(c);
    else
      end_word();
  end_word();
  return words;
}

/// As it is written ("I" looks like "l"), and in small letters ("В" does not look like "b", but "в" is its small one).
Look look_of(std::string_view text) {
  const auto written = to_utf16(text);
  Look look;
  std::size_t i = 0;
  for (const auto& form : {skeleton(written), skeleton(icu::UnicodeString(written).foldCase())}) {
    look.words[i] = words_of(form);
    look.forms[i++] = to_utf8(form);
  }
  return look;
}

using Looks = std::unordered_map<std::string, Look>;

const Look& remembered(Looks& looks, const std::string& text, Look (*make)(std::string_view)) {
  if (const auto found = looks.find(text); found != looks.end()) return found->second;
  if (looks.size() >= kRemembered) looks.clear();
  return looks.emplace(text, make(text)).first->second;
}

bool names_same(const Words& words, const Words& other) {
  if (words == other) return true;
  if (other.size() < 2) return false;
  return !std::ranges::search(words, other).empty() ||
         (words.size() == other.size() && std::ranges::is_permutation(words, other));
}

}  // namespace

std::string visible_name(std::string_view name) {
  const auto source = to_utf16(name.substr(0, kLongestName));
  icu::UnicodeString visible;
  for (std::int32_t i = 0; i < source.length(); i = source.moveIndex32(i, 1)) {
    const auto c = source.char32At(i);
    if (!u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) visible.append(u_isUWhiteSpace(c) ? ' ' : c);
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfkc = icu::Normalizer2::getNFKCInstance(status);
  if (U_SUCCESS(status) != 0) visible = nfkc->normalize(visible, status);
  return squeeze(to_utf8(visible));
}

Look look_of_name(std::string_view name) { return look_of(name); }

Look look_of_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  return look_of(visible_name(local_part_key(address.substr(0, at)) + '@' + domain_to_unicode(address.substr(at + 1))));
}

bool imitates_name(const Look& name, const std::string& other) {
  thread_local Looks looks;
  const auto& wanted = remembered(looks, other, [](std::string_view text) { return look_of(visible_name(text)); });
  for (std::size_t i = 0; i < wanted.words.size(); ++i)
    if (!wanted.words[i].empty() && names_same(name.words[i], wanted.words[i])) return true;
  return false;
}

bool imitates_address(const Look& address, const std::string& other) {
  thread_local Looks looks;
  const auto& wanted = remembered(looks, other, &look_of_address);
  for (std::size_t i = 0; i < wanted.forms.size(); ++i)
    if (!wanted.forms[i].empty() && address.forms[i] == wanted.forms[i]) return true;
  return false;
}

std::string word_of_mixed_scripts(std::string_view name) {
  if (std::ranges::none_of(name, is_8bit)) return {};
  UErrorCode status = U_ZERO_ERROR;
  const Checker checker(uspoof_open(&status), &uspoof_close);
  if (U_FAILURE(status) != 0) return {};
  uspoof_setRestrictionLevel(checker.get(), USPOOF_MODERATELY_RESTRICTIVE);
  uspoof_setChecks(checker.get(), USPOOF_RESTRICTION_LEVEL, &status);
  for (const auto& word : words_of(to_utf16(name)))
    if (uspoof_checkUTF8(checker.get(), word.data(), static_cast<std::int32_t>(word.size()), nullptr, &status) != 0 &&
        U_SUCCESS(status) != 0)
      return word;
  return {};
}

}  // namespace ticketd
