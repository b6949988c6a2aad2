#include "rules/folded_words.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "parsers/ascii.h"
#include "parsers/code_points.h"

namespace ticketd {
namespace {

class Folder {
 public:
  explicit Folder(std::size_t size) {
    UErrorCode status = U_ZERO_ERROR;
    nfkd_ = icu::Normalizer2::getNFKDInstance(status);
    result_.words.reserve(size);
    result_.origins.reserve(size);
  }
  void add_ascii(char c, std::size_t origin) {
    if (is_letter(c) || is_digit(c))
      add_letter(static_cast<char32_t>(to_lower(c)), origin);
    else
      is_between_ = true;
  }
  void add(UChar32 c, std::size_t origin);
  [[nodiscard]] FoldedText take() { return std::move(result_); }

 private:
  void add_part(UChar32 c, std::size_t origin);
  void add_letter(char32_t c, std::size_t origin) {
    if (is_between_ && !result_.words.empty()) {
      result_.words += U' ';
      result_.origins.push_back(origin);
    }
    is_between_ = false;
    result_.words += c;
    result_.origins.push_back(origin);
  }

  const icu::Normalizer2* nfkd_ = nullptr;
  FoldedText result_;
  bool is_between_ = false;
};

void Folder::add(UChar32 c, std::size_t origin) {
  if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return;
  icu::UnicodeString parts;
  if (nfkd_ == nullptr || !nfkd_->getDecomposition(c, parts)) parts = icu::UnicodeString(c);
  parts.foldCase();
  for (std::int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) add_part(parts.char32At(i), origin);
}

void Folder::add_part(UChar32 c, std::size_t origin) {
  const auto category = U_MASK(u_charType(c));
  if ((category & U_GC_M_MASK) != 0) return;
  if ((category & (U_GC_L_MASK | U_GC_N_MASK)) != 0)
    add_letter(static_cast<char32_t>(c), origin);
  else
    is_between_ = true;
}

}  // namespace

FoldedText fold_words(std::string_view utf8) {
  Folder folder(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    const auto origin = i;
    const auto c = next_code_point(utf8, i);
    if (c < 0x80)
      folder.add_ascii(static_cast<char>(c), origin);
    else if (c != kNoCodePoint)
      folder.add(static_cast<UChar32>(c), origin);
  }
  return folder.take();
}

}  // namespace ticketd
