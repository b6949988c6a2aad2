#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/body_selection.h"
#include "parsers/email.h"
#include "parsers/enclosures.h"

namespace ticketd {

/// The attachments of a selection, in its order, with ids from 1. `hint` is the charset of unlabelled names;
/// `notes` is what else their containers told, as far as `budget` allows.
[[nodiscard]] std::vector<Attachment> describe_attachments(const SplitMail& mail, const BodySelection& selection,
                                                           std::string_view hint, TextBudget& budget,
                                                           EnclosureNotes& notes);

/// A sender's file name as a name to show and to save under: the part behind the last slash of any form, no control or
/// bidirectional character, no leading or trailing dot or blank, no leading dash (an option to a command), no device of
/// Windows, at most 200 octets; empty when nothing is left. A safe name stays as it is.
[[nodiscard]] std::string safe_file_name(std::string_view utf8);

}  // namespace ticketd
