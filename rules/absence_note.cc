#include "rules/absence_note.h"

#include <algorithm>

#include "rules/folded_words.h"

namespace ticketd {
namespace {

/// Folded as fold_words does.
constexpr std::u32string_view kPhrases[] = {U"out of the office",
                                            U"out of office",
                                            U"i am on vacation",
                                            U"i am on holiday",
                                            U"i am on leave",
                                            U"i am currently away",
                                            U"automatic reply",
                                            U"limited access to my e mail",
                                            U"limited access to my email",
                                            U"nicht im buro",
                                            U"nicht im buero",
                                            U"im urlaub",
                                            U"bin abwesend",
                                            U"abwesenheitsnotiz",
                                            U"automatische antwort",
                                            U"je suis absent",
                                            U"absent du bureau",
                                            U"reponse automatique",
                                            U"fuera de la oficina",
                                            U"respuesta automatica",
                                            U"fuori sede",
                                            U"risposta automatica",
                                            U"niet op kantoor",
                                            U"afwezig"};

}  // namespace

bool is_absence_note(std::string_view text) {
  constexpr std::size_t kBeginning = 300;
  const auto folded = fold_words(text.substr(0, kBeginning)).words;
  return std::ranges::any_of(kPhrases, [&](std::u32string_view phrase) { return folded.find(phrase) != folded.npos; });
}

}  // namespace ticketd
