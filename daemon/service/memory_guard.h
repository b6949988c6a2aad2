#pragma once

namespace ticketd {

/// For the start of a program whose memory holds passwords and customers' mails: no image of it is written to a disk,
/// whoever starts it and however it ends, and no other process of its user attaches to it or reads its /proc/PID/mem
/// and environ (prctl(2), PR_SET_DUMPABLE). Root still may. For a debugger that runs as that user, TICKETD_DEBUGGABLE=1
/// in the environment leaves all as it is.
void guard_memory();

}  // namespace ticketd
