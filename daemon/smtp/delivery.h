#pragma once

#include <optional>
#include <string>
#include <vector>

#include "parsers/delivery_status.h"

namespace ticketd {

/// What became of a mail for one recipient. `transient` and `permanent` (RFC 5321 §4.2.1: 4yz, 5yz) are sure not to
/// have been delivered; `uncertain` has lost its connection between the end of DATA and the answer (RFC 5321
/// §4.5.3.2.6).
enum class DeliveryState { sent, transient, permanent, uncertain };

struct RecipientOutcome {
  std::string recipient;
  DeliveryState state = DeliveryState::transient;
  std::string text;  ///< the server's answer, or what went wrong; printable
  /// A 5yz answer to this one's own RCPT: it speaks of nobody else, and not of the mail.
  std::optional<DeliveryStatus> refusal = {};
  bool put_off = false;  ///< transient by a 4yz answer to its RCPT or the mail's content, and not to who sends
};

struct Delivery {
  std::vector<RecipientOutcome> recipients;  ///< all of the mail, in its order
  /// Nothing of it was sent, and not because of it: a connection that had served other mails was closed (421 included).
  /// It is worth another connection at once.
  bool stale_connection = false;
  /// Likewise, but the connection was new, and the server said 421: it serves nobody now.
  bool service_closed = false;
};

}  // namespace ticketd
