#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "daemon/smtp/delivery.h"
#include "store/store.h"

namespace ticketd {

/// Remembers over the end of the process how far the leased rows have come: what the mail server has answered stands
/// here before the store has it, so that one that fails, or is locked by others, loses no answer. As a DeathMark, it is
/// a piece of a file that the kernel keeps whatever becomes of the process; what an earlier start of the machine left,
/// a power cut perhaps, says nothing. One thread at a time; one process, the daemon.
class SendMark {
 public:
  /// Where the file can't be used there is no memory, and nothing else changes.
  explicit SendMark(const std::filesystem::path& file);
  ~SendMark();
  SendMark(const SendMark&) = delete;
  SendMark& operator=(const SendMark&) = delete;

  void note_leased(const OutboxRow& row);
  /// Before anything of it is sent: from now on nothing is sure until the server has answered.
  void note_tried(const OutboxRow& row);
  void note_answered(const OutboxRow& row, const Delivery& delivery);
  /// The store knows.
  void forget(std::string_view message_id);
  void forget_all();

  /// What is sure of a row that the store has as `sending`: to whom it was delivered and to whom not, each by the
  /// server's word; nobody at all: it was not tried. nullopt: nothing is sure.
  [[nodiscard]] std::optional<Delivery> find(const OutboxRow& row) const;

 private:
  struct Entry;
  struct Page;
  [[nodiscard]] Entry* entry_of(const OutboxRow& row) const;

  Page* page_ = nullptr;
};

}  // namespace ticketd
