#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>

#include "daemon/app/store_lock.h"
#include "daemon/ctl/data_commands.h"
#include "daemon/ctl/removed_on_signal.h"
#include "daemon/ctl/store_files.h"
#include "daemon/sources.h"
#include "parsers/printable.h"
#include "store/backup.h"
#include "store/schema.h"
#include "store/search_index.h"
#include "store/soundness.h"

namespace ticketd {
namespace {

namespace fs = std::filesystem;

/// Longer than anybody waits for a locked store (Store::Options::busy_timeout).
constexpr std::chrono::seconds kOthersPatience{6};

[[noreturn]] void fail(const fs::path& path, std::string_view what) {
  throw CommandFailure(kExitTryAgain, fmt::format("{} {}: {}", path.string(), what, std::strerror(errno)));
}

void sync(const fs::path& path, int flags) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (file < 0) fail(path, "can't be opened");
  const bool synced = ::fsync(file) == 0 || errno == EINVAL;
  const int error = errno;
  ::close(file);
  errno = error;
  if (!synced) fail(path, "can't be made safe on the disk");
}

/// The backup under a name beside the store, fit to take its place; gone unless it has.
class Replacement {
 public:
  Replacement(const fs::path& backup, const fs::path& store, Time now) : path_(store.string() + ".restore-XXXXXX") {
    const int file = ::mkostemp(path_.data(), O_CLOEXEC);
    if (file < 0) fail(path_, "can't be created");
    ::close(file);
    try {
      const RemovedOnSignal removed(path_);
      copy_store(backup, path_);
      mend_search_index(path_);
      mend_key_filters(path_);
      facts_ = verify_store(path_);
      held_back_ = prepare_restored(path_, store, now);
      take_after(store);
      sync(path_, 0);
    } catch (...) {
      remove();
      throw;
    }
  }
  ~Replacement() { remove(); }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  /// The store of before is `aside` then.
  void take_place_of(const fs::path& store, const fs::path& aside) {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, store.c_str(), RENAME_EXCHANGE) != 0)
      fail(store, "can't be exchanged with the backup");
    const auto before = std::exchange(path_, {});  // that is the store of before now: nothing deletes it
    if (::renameat2(AT_FDCWD, before.c_str(), AT_FDCWD, aside.c_str(), RENAME_NOREPLACE) != 0)
      fail(before, "is the store of before, and can't be renamed");
    sync(store.parent_path(), O_DIRECTORY);
  }

  [[nodiscard]] bool has_taken_place() const { return path_.empty(); }
  [[nodiscard]] const StoreFacts& facts() const { return facts_; }
  [[nodiscard]] std::int64_t held_back() const { return held_back_; }

 private:
  void remove() {
    if (path_.empty()) return;
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) ::unlink((path_ + suffix).c_str());
  }

  /// Owner, group and mode, for the daemon runs as another user than the one who restores.
  void take_after(const fs::path& store) const {
    struct stat old {};
    if (::stat(store.c_str(), &old) != 0) fail(store, "can't be looked at");
    struct stat own {};
    const bool is_same = ::stat(path_.c_str(), &own) == 0 && own.st_uid == old.st_uid && own.st_gid == old.st_gid;
    if ((!is_same && ::chown(path_.c_str(), old.st_uid, old.st_gid) != 0) ||
        ::chmod(path_.c_str(), old.st_mode & 0777U) != 0)
      throw CommandFailure(
          kExitNoPermission,
          fmt::format("{} can't be given to the owner of the store: restore as that user, or as root", path_));
  }

  std::string path_;
  StoreFacts facts_;
  std::int64_t held_back_ = 0;
};

constexpr std::array<const char*, 3> kLogSuffixes{"-wal", "-shm", "-journal"};

bool is_taken(const fs::path& name) {
  const auto exists = [&](const char* suffix) { return fs::exists(fs::symlink_status(name.string() + suffix)); };
  return exists("") || std::ranges::any_of(kLogSuffixes, exists);
}

/// Several restores may come in one second.
fs::path aside_name(const fs::path& store, Time now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto first = fmt::format("{}.before-restore-{}", store.string(), seconds.time_since_epoch().count());
  fs::path name = first;
  for (int number = 2; is_taken(name); ++number) name = fmt::format("{}-{}", first, number);
  return name;
}

/// A store too damaged to be read goes aside with all that belongs to it, the log first: it must not be taken for the
/// new one's.
void move_log(const fs::path& store, const fs::path& aside) {
  for (const char* suffix : kLogSuffixes) {
    const auto from = store.string() + suffix;
    if (std::rename(from.c_str(), (aside.string() + suffix).c_str()) != 0 && errno != ENOENT)
      fail(from, "can't be moved");
  }
}

/// Nobody opens the store while that stands beside it, whoever is killed.
void set_mark(const fs::path& store) {
  const auto mark = restoring_mark(store);
  const int file = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
  if (file < 0) fail(mark, "can't be created");
  ::close(file);
  sync(store.parent_path(), O_DIRECTORY);
}

void exchange_damaged(Replacement& replacement, const fs::path& store, const fs::path& aside) {
  const BarredStore barred(store);
  set_mark(store);
  try {
    move_log(store, aside);
    replacement.take_place_of(store, aside);
  } catch (...) {
    if (replacement.has_taken_place()) throw;
    move_log(aside, store);
    ::unlink(restoring_mark(store).c_str());
    throw;
  }
}

/// nullptr: the store is too damaged for that.
std::unique_ptr<FoldedStore> fold(const fs::path& store) {
  try {
    return std::make_unique<FoldedStore>(store);
  } catch (const StoreBusy&) {
    throw;
  } catch (const StoreDamaged& error) {
    fmt::print(stderr, "ticketctl: the store can't be read any more ({}): it is put aside as it is\n", error.what());
    return nullptr;
  } catch (const StoreError& error) {
    throw CommandFailure(kExitTryAgain,
                         fmt::format("nothing was restored, for the store can't be put aside whole: {}", error.what()));
  }
}

/// Nobody can open the store meanwhile.
void exchange(Replacement& replacement, const fs::path& store, const fs::path& aside) {
  if (const auto folded = fold(store)) {
    replacement.take_place_of(store, aside);
    // Whoever waits for the old file would get it, and write where nobody looks.
    std::this_thread::sleep_for(kOthersPatience);
  } else {
    exchange_damaged(replacement, store, aside);
  }
  ::unlink(restoring_mark(store).c_str());
}

/// Where no store was, what keeps a daemon off makes an empty file.
std::unique_ptr<StoreLock> lock_or_fail(const fs::path& store) {
  try {
    auto lock = std::make_unique<StoreLock>(store);
    if (fs::file_size(store) == 0) hand_over_to_directory_owner(store);
    return lock;
  } catch (const StoreError& error) {
    throw CommandFailure(kExitUnavailable, error.what());
  } catch (const CommandFailure&) {
    throw;
  } catch (const std::exception& error) {
    throw CommandFailure(kExitTryAgain, error.what());
  }
}

void tell(const CtlSession& session, const std::string& file, const Replacement& replacement, const fs::path& aside) {
  const auto& facts = replacement.facts();
  if (session.json())
    return print(boost::json::serialize(boost::json::object{{"store", session.settings().store_path.string()},
                                                            {"aside", aside.string()},
                                                            {"tickets", facts.tickets},
                                                            {"messages", facts.messages},
                                                            {"ledger_entries", facts.ledger_entries},
                                                            {"held_back", replacement.held_back()}}) +
                 "\n");
  print(fmt::format("{} is the store now: {} tickets, {} messages. The one before is {}\n", printable_line(file),
                    facts.tickets, facts.messages, aside.string()));
  print("What was told or became due after the backup (warnings, pages, digests) is due again, and is told once.\n");
  if (replacement.held_back() > 0)
    print(
        fmt::format("{} mails that waited when the backup was made are held back, for they may have gone out since: "
                    "ticketctl outbox, ticketctl outbox retry ID\n",
                    replacement.held_back()));
}

}  // namespace

void restore_store(CtlSession& session, const std::string& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    throw CommandFailure(kExitNoInput, fmt::format("{} is no file", printable_line(file)));
  const auto lock = lock_or_fail(session.settings().store_path);
  const auto store = existing_store(session.settings());
  refuse_store_itself(file, store);
  const Time now = system_now();
  const auto aside = aside_name(store, now);
  try {
    Replacement replacement(file, store, now);
    exchange(replacement, store, aside);
    print_done([&] {
      tell(session, file, replacement, aside);
      return std::string();
    });
  } catch (const StoreError&) {
    fail_of_store(std::current_exception());
  }
}

}  // namespace ticketd
