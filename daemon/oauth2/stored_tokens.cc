#include "daemon/oauth2/stored_tokens.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "daemon/sources.h"

namespace ticketd {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// Another process needs it for one exchange with the provider.
constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::milliseconds kPause{50};

/// A file with an flock(2), until destruction.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0660)) {
    if (descriptor_ < 0)
      throw std::runtime_error(fmt::format("cannot open {}: {}{}", path.string(), std::strerror(errno),
                                           errno == EACCES ? " (are you in the group ticketd?)" : ""));
    hand_over(path);
  }
  ~FileLock() { ::close(descriptor_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  [[nodiscard]] bool lock() const { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

 private:
  /// What root has made belongs to whom its directory belongs to, for the daemon does not run as root.
  void hand_over(const std::filesystem::path& path) const {
    struct stat directory {};
    const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const bool is_root = ::geteuid() == 0 && ::stat(parent.c_str(), &directory) == 0;
    if (is_root && ::fchown(descriptor_, directory.st_uid, directory.st_gid) != 0)
      throw std::runtime_error(fmt::format("{} can't be given to its directory's owner", path.string()));
  }

  int descriptor_;
};

/// Commits a write that leaves all as it is.
void prove_writable(Store& store) {
  constexpr std::string_view kNobody;
  Store::Transaction transaction(store);
  store.note_token_failure(kNobody, "proof", system_now());
  store.note_token_failure(kNobody, {}, system_now());
  transaction.commit();
}

std::filesystem::path beside(std::filesystem::path store) { return store += ".tokens"; }

}  // namespace

StoredTokens::StoredTokens(asio::io_context& io, const std::filesystem::path& store, Visit visit)
    : io_(io), lock_file_(beside(store)), visit_(std::move(visit)) {}

asio::awaitable<std::shared_ptr<void>> StoredTokens::lock() {
  const std::shared_ptr<FileLock> file = std::make_shared<FileLock>(lock_file_);
  const auto deadline = SteadyClock::now() + kPatience;
  asio::steady_timer pause(io_);
  while (!file->lock()) {
    if (SteadyClock::now() >= deadline)
      throw std::runtime_error(
          fmt::format("another process holds {} for {} s", lock_file_.string(), kPatience.count()));
    pause.expires_after(kPause);
    co_await pause.async_wait(asio::use_awaitable);
  }
  co_return file;
}

asio::awaitable<std::optional<std::string>> StoredTokens::load(RefreshToken chain) {
  const auto latest = std::make_shared<std::optional<std::string>>();
  Job job = [chain = std::move(chain), latest](Store& store) {
    prove_writable(store);
    *latest = store.refresh_token(chain.credential, chain.origin);
  };
  co_await visit_(std::move(job));
  co_return *latest;
}

asio::awaitable<void> StoredTokens::save(RefreshToken token) {
  Job job = [token = std::move(token)](Store& store) { store.save_refresh_token(token, system_now()); };
  co_await visit_(std::move(job));
}

asio::awaitable<void> StoredTokens::note(std::string login, std::string error) {
  Job job = [login = std::move(login), error = std::move(error)](Store& store) {
    store.note_token_failure(login, error, system_now());
  };
  co_await visit_(std::move(job));
}

}  // namespace ticketd
