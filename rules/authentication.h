#pragma once

#include <string>

#include "parsers/email.h"
#include "rules/ruleset.h"

namespace ticketd {

/// Is the address in From: shown to be the sender's?
struct SenderAuthentication {
  enum class Verdict {
    unchecked,  ///< no server's checks are believed (Ruleset::authserv_id is empty)
    passed,     ///< dmarc passed, or dkim or spf did for a domain in line with that of From
    failed      ///< anything else, no word of that server at all included
  };
  Verdict verdict = Verdict::unchecked;
  std::string reason;  ///< a sentence; empty when unchecked

  [[nodiscard]] bool failed() const { return verdict == Verdict::failed; }
};

/// What the server named in Ruleset::authserv_id says (RFC 8601): its Authentication-Results fields above the Received
/// field with which the mail came in from outside, for each of its filters may write one, and a fail there outweighs a
/// pass of the same method; else its topmost field alone, for whoever sends a mail can write further ones below it.
/// Domains are in line when they are the same, or their organizational domain is (RFC 7489 §3.1, relaxed, §3.2): one
/// below a public suffix, such as `co.uk` or `github.io`, by the system's list. A mail with several From fields is
/// nobody's.
[[nodiscard]] SenderAuthentication authenticate_sender(const Email& email, const Ruleset& ruleset);

}  // namespace ticketd
