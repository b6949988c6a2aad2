#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/text_budget.h"

namespace ticketd {

/// Bounds of one TNEF stream; what is beyond them is left out and named.
struct TnefLimits {
  std::size_t files = 200;
  std::size_t properties = 20000;  ///< of all objects together
  std::size_t depth = 4;           ///< messages inside messages
};

/// A file inside a TNEF stream. `name`, `media_type` and `content_id` are the sender's, as UTF-8, not yet safe to show.
struct TnefFile {
  std::string name;
  std::string media_type;  ///< empty when the stream names none
  std::string content_id;
  std::string_view octets;  ///< a view into the stream, or into `TnefMessage::texts`
};

/// What Outlook and Exchange put into a winmail.dat (MS-OXTNEF): a message's body forms and files. A message inside is
/// a text file that starts with its From, To, Date and Subject, then its body as it was if that is HTML or RTF, then
/// its files.
struct TnefMessage {
  std::string message_class;         ///< PidTagMessageClass or attMessageClass: `IPM.Note`; may be empty
  std::string text;                  ///< PidTagBody or attBody, as UTF-8; may be empty
  std::string html;                  ///< PidTagBodyHtml, as UTF-8; may be empty
  std::string_view compressed_rtf;   ///< PidTagRtfCompressed (MS-OXRTFCP); a view into the stream
  std::vector<TnefFile> files;       ///< in the order of the stream; those of messages inside stand in their place
  std::deque<std::string> texts;     ///< keeps the bodies of messages inside, which `files` look at
  std::vector<std::string> missing;  ///< names or paths, as UTF-8, of files that the stream names but does not hold
  std::string defect;                ///< where reading stopped early; empty when the whole stream was read
};

/// Reads a stream in time linear in its size. nullopt when it does not start like one; damage further on ends the
/// reading with a defect, and what came before stays. `stream` must outlive the result.
[[nodiscard]] std::optional<TnefMessage> read_tnef(std::string_view stream, const TnefLimits& limits = {});
/// The same; the HTML and RTF of messages inside are taken off the budget.
[[nodiscard]] std::optional<TnefMessage> read_tnef(std::string_view stream, const TnefLimits& limits,
                                                   TextBudget& budget);

/// Undoes MS-OXRTFCP; nullopt when the octets are damaged or more than `limit` would come out. The checksum does not
/// count.
[[nodiscard]] std::optional<std::string> decompress_rtf(std::string_view octets, std::size_t limit);
/// As much as the budget allows, from which it is taken off, also what could not be used.
[[nodiscard]] std::optional<std::string> decompress_rtf(std::string_view octets, TextBudget& budget);

}  // namespace ticketd
