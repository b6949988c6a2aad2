#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace ticketd {

/// Remembers over the end of the process which mails it was working on, so that a mail that kills its reader is not
/// read for ever, however many there are of the kind. It is a piece of a file that the kernel keeps whatever becomes of
/// the process; a power cut may lose it, and no mail kills a machine. One thread at a time; one process, the daemon.
class DeathMark {
 public:
  /// Where the file can't be used there is no memory, and nothing else changes.
  explicit DeathMark(const std::filesystem::path& file);
  ~DeathMark();
  DeathMark(const DeathMark&) = delete;
  DeathMark& operator=(const DeathMark&) = delete;

  /// How often the process ended while it worked on this mail.
  [[nodiscard]] unsigned deaths(std::string_view mail) const;

  /// Work on a mail; the mark is gone at scope exit.
  class Work {
   public:
    Work(DeathMark* mark, std::string_view mail);
    ~Work();
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    DeathMark* mark_;
  };

 private:
  struct Page;
  Page* page_ = nullptr;
};

}  // namespace ticketd
