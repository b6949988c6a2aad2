#include "daemon/ctl/store_files.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parsers/printable.h"

namespace ticketd {

std::filesystem::path existing_store(const Settings& settings) {
  std::error_code error;
  auto path = std::filesystem::canonical(settings.store_path, error);
  if (!error) return path;
  const bool missing = error == std::errc::no_such_file_or_directory;
  throw CommandFailure(
      missing ? kExitNoInput : kExitNoPermission,
      missing ? fmt::format("{} does not exist: there is no store yet", settings.store_path.string())
              : fmt::format("{}: {} (are you in the group ticketd?)", settings.store_path.string(), error.message()));
}

void hand_over_to_directory_owner(const std::filesystem::path& store) {
  struct stat directory {};
  const auto parent = store.has_parent_path() ? store.parent_path() : std::filesystem::path(".");
  if (::geteuid() != 0 || ::stat(parent.c_str(), &directory) != 0) return;
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    const auto file = store.string() + suffix;
    if (::access(file.c_str(), F_OK) == 0 && ::chown(file.c_str(), directory.st_uid, directory.st_gid) != 0)
      throw CommandFailure(kExitNoPermission, fmt::format("{}: can't be given to its directory's owner", file));
  }
}

void refuse_store_itself(const std::filesystem::path& file, const std::filesystem::path& store) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock", ".restoring"}) {
    const std::filesystem::path own = store.string() + suffix;
    std::error_code ignored;
    if (std::filesystem::equivalent(file, own, ignored) || std::filesystem::weakly_canonical(file, ignored) == own)
      throw CommandFailure(kExitDataError,
                           fmt::format("{} belongs to the store itself", printable_line(file.string())));
  }
}

void fail_of_store(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const StoreBusy& busy) {
    throw CommandFailure(kExitTryAgain, busy.what());
  } catch (const StoreError& failure) {
    throw CommandFailure(kExitUnavailable, failure.what());
  }
}

}  // namespace ticketd
