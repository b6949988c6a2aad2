#pragma once

#include "parsers/embedded_file.h"

namespace ticketd {

/// store/migrations/*.sql, in name order: the number in front of a name is the schema version that it leads to.
const std::vector<EmbeddedFile>& embedded_migrations();

}  // namespace ticketd
