#pragma once

#include "rules/ruleset.h"

namespace ticketd {

/// Compiles the patterns of all rules, once after a configuration is read, for all copies of the ruleset: RE2 compiles
/// slowly and matches fast. A rule that was not compiled, or was changed since, is compiled anew for each mail.
void compile_mail_rules(Ruleset& ruleset);

}  // namespace ticketd
