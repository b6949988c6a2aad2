#pragma once

#include "parsers/embedded_file.h"

namespace ticketd {

/// rules/templates/*, in name order.
const std::vector<EmbeddedFile>& embedded_templates();

}  // namespace ticketd
