#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/settings.h"
#include "daemon/ctl/setup/mail_servers.h"
#include "daemon/ctl/table.h"
#include "daemon/desk/desk.h"

namespace ticketd {

/// What one mail of a mailbox would become.
struct PreviewedMail {
  Uid uid{};
  std::optional<Time> at;  ///< INTERNALDATE
  Decision decision;
  std::optional<Email> email;  ///< nullopt: it could not be read
};

/// What the newest mails of a mailbox would become if they came now, one after the other.
struct Preview {
  std::string mailbox;
  std::size_t all = 0;  ///< mails in the folder
  /// What is done with those that are there already; nullopt: ticketd has begun to take in mails.
  std::optional<MailboxSettings::Backlog> backlog;
  std::vector<PreviewedMail> mails;
};

/// A desk that is only for looking. One that was empty in memory takes the mails in, so that an answer among them finds
/// its ticket; on a real one nothing is written, and each mail is looked at by itself.
struct LookingDesk {
  std::unique_ptr<Desk> desk;
  bool takes_in = false;
};
/// On the store of these settings, if there is one that can be opened. Throws CommandFailure.
[[nodiscard]] LookingDesk open_looking_desk(const Settings& settings);
[[nodiscard]] LookingDesk empty_desk(const Settings& settings);

/// Changes nothing on the server (EXAMINE, BODY.PEEK). Throws NetError, ImapRefused, StoreError.
[[nodiscard]] Preview preview_mailbox(LookingDesk& desk, const MailboxSettings& mailbox, const Endpoint& endpoint,
                                      std::size_t count, std::uint64_t largest);

[[nodiscard]] std::string present_preview(const Preview& preview, const TextStyle& style);
/// What it begins with: which mails, and what `backlog` makes of them. Its paragraphs are not folded.
[[nodiscard]] std::string preview_heading(const Preview& preview);
/// A table with one line a mail, none longer than `width` code points: for who wants no reasons yet.
[[nodiscard]] std::string preview_lines(const Preview& preview, std::size_t width);
/// The objects of `explain` with `mailbox`, `uid` and `at`.
[[nodiscard]] boost::json::array preview_json(const Preview& preview);

}  // namespace ticketd
