#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rules/ticket.h"

namespace ticketd {

struct ErasureOrder {
  std::string address;                  ///< whose data goes
  std::string actor;                    ///< who wants it, for the event
  std::string mark;                     ///< unguessable; stands in addresses and Message-IDs instead
  std::vector<std::string> kept_names;  ///< of staff and of the desk: never replaced, whoever bears them too
  Time now{};
  bool dry_run = false;  ///< all is done, counted, and taken back
};

/// What an erasure did, or would do.
struct Erasure {
  std::vector<TicketId> tickets;  ///< that the person had asked for
  std::vector<TicketId> open;     ///< of these, those that are not closed: nothing was done because of them
  std::int64_t messages = 0;      ///< from the person, to the person alone, and all of those tickets
  std::int64_t mentions = 0;      ///< other messages in which address or name was replaced
  std::int64_t originals = 0;     ///< raw mails that went
  std::int64_t outgoing = 0;      ///< mails in the outbox whose octets went
  std::int64_t withheld = 0;      ///< of these, mails to others that waited and told of the person: they are not sent
  std::int64_t quarantined = 0;   ///< mails that left the quarantine
  std::int64_t rows = 0;          ///< others in which something was replaced
  bool is_under_way = false;  ///< a mail to the person, or one that tells of him, is being sent right now: nothing was
                              ///< done because of it
  bool files_are_clean = false;  ///< nothing is left in free pages, nor in the write-ahead log

  [[nodiscard]] bool is_empty() const {
    return tickets.empty() && messages + mentions + originals + outgoing + quarantined + rows == 0;
  }
};

/// Removes a person's data from a store, in one transaction, while others work on it; then writes the file anew, for
/// what was deleted lies in its free pages. Numbers, times, categories and the ledger's rows stay. A call for a person
/// of whom nothing is left cleans the files again. Throws StoreError, StoreBusy.
[[nodiscard]] Erasure erase_person(const std::filesystem::path& store, const ErasureOrder& order);

}  // namespace ticketd
