#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace ticketd {

/// Remembers over the end of the process which mails it was working on, so that a mail that kills its reader is not
/// read for ever, however many there are of the kind. It is a piece of a file that the kernel keeps whatever becomes of
/// the process; a power cut may lose it, and no mail kills a machine. One process, the daemon; each of its threads
/// that work on mails has a place of its own.
class DeathMark {
 public:
  /// Where the file can't be used there is no memory, and nothing else changes.
  explicit DeathMark(const std::filesystem::path& file);
  ~DeathMark();
  DeathMark(const DeathMark&) = delete;
  DeathMark& operator=(const DeathMark&) = delete;

  /// How often the process ended while it worked on this mail.
  [[nodiscard]] unsigned deaths(std::string_view mail) const;

  enum class Place { worker, reading_ahead, writing_out };
  /// Work on a mail; the mark is gone at scope exit. `mark` may be null.
  class Work {
   public:
    Work(DeathMark* mark, std::string_view mail, Place place = Place::worker);
    ~Work();
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    std::uint64_t* at_work_ = nullptr;
  };

 private:
  struct Page;
  Page* page_ = nullptr;
};

}  // namespace ticketd
