#pragma once

#include "parsers/embedded_file.h"

namespace ticketd {

/// rules/templates/*, in name order; those of a language as "de/acknowledgement.txt".
const std::vector<EmbeddedFile>& embedded_templates();

}  // namespace ticketd
