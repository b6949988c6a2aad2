#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/body_selection.h"
#include "parsers/text_budget.h"

namespace ticketd {

/// What a mail encloses beside its text: a part, a file of a TNEF part, or one that is uuencoded in the text.
struct Enclosure {
  std::string name;  ///< safe to show; empty when the sender gives none
  std::string media_type;
  std::string content_id;
  bool inlined = false;
  std::function<std::uint64_t()> size;
  std::function<std::string()> octets;
};

/// Gets each enclosure, whose functions are valid only during the call; false ends the visit.
using EnclosureVisitor = std::function<bool(const Enclosure&)>;

/// Are the texts wanted, or the enclosures alone? HTML is read then only where it decides what the enclosures are.
enum class ContainerTexts { wanted, unwanted };

struct EnclosureNotes {
  std::vector<std::string> texts;  ///< the bodies that TNEF parts hold, as plain text with words, in their order
  std::string message_class;       ///< of the first TNEF part that names one
  std::vector<std::string> defects;
};

/// Visits the enclosures in the order of the mail. The files of a TNEF part stand in its place; the part itself is an
/// enclosure only when something of it could not be read, or nothing is in it that can be shown. The order and number
/// of enclosures depend on `budget`, too: a fresh one gives what `Email::attachments` numbers.
EnclosureNotes visit_enclosures(const SplitMail& mail, const BodySelection& selection, std::string_view hint,
                                TextBudget& budget, ContainerTexts texts, const EnclosureVisitor& visitor);

}  // namespace ticketd
