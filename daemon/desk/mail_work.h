#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/desk/death_mark.h"
#include "daemon/desk/desk.h"
#include "daemon/desk/frame_packer.h"
#include "rules/mail_facts.h"

namespace ticketd {

/// A mail on its way through the desk, and what is needed for it. Refers to its owner's values.
struct MailWork {
  Store& store;
  const DeskRules& rules;
  const TokenSource& tokens;
  const ArrivedMail& arrived;
  Time now{};
  /// Whether what a mail that can be read has written is taken back when it fails half-way. That has its price: SQLite
  /// keeps a copy of each page. Without it the error goes to whoever has the transaction, which is worth nothing then.
  bool takes_back = true;
  /// Takes what is sent, to be written out and compressed; nullptr: that is done at once.
  FramePacker* packer = nullptr;
  std::string_view name = {};  ///< by what the packer's DeathMark knows the mail
};

/// What one mail leads to, with the key that recognises it when it comes again.
struct Decided {
  Decision decision;
  std::optional<ContextQuery> query;
  std::optional<std::int64_t> quarantine;
};

/// All that can be known of a mail before the store is asked. Refers to the mail and the rules that it was read with.
struct ReadMail {
  std::unique_ptr<const Email> email;      ///< nullptr when it can't be read
  std::unique_ptr<const MailFacts> facts;  ///< of `email`
  std::string error;                       ///< why it can't
  std::string frame = {};                  ///< its octets compressed; empty: not yet
};

/// `deaths`: how often the process ended over this mail; after some the mail counts as one that can't be read.
[[nodiscard]] ReadMail read_mail(const ArrivedMail& arrived, const DeskRules& rules, unsigned deaths = 0);

/// What reading or deciding stumbles over is left out, and the header with the beginning of the text becomes a ticket
/// all the same. A mail of which nothing can be used writes nothing: its outcome is "quarantined". Throws StoreError.
[[nodiscard]] Decided decide_and_apply(const MailWork& work, const ReadMail& read);
/// The same decision; nothing is written.
[[nodiscard]] Decided decide_only(const MailWork& work, const ReadMail& read);
/// One poisonous mail never stops the rest: its octets go to quarantine. Throws anything where MailWork::takes_back is
/// false.
[[nodiscard]] Decided decide_or_quarantine(const MailWork& work, const ReadMail& read, unsigned deaths = 0);

}  // namespace ticketd
