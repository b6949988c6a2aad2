#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/oauth2/access_tokens.h"
#include "store/store.h"

namespace ticketd {

/// Refresh tokens in the store. The daemon and `ticketctl probe` may ask at the same time, and the second use of a
/// token would find it worthless: whoever uses one holds an flock(2) on "STORE.tokens" meanwhile.
class StoredTokens : public TokenVault {
 public:
  using Job = std::function<void(Store&)>;
  /// Runs a job with the store; throws what the job threw.
  using Visit = std::function<boost::asio::awaitable<void>(Job)>;
  StoredTokens(boost::asio::io_context& io, const std::filesystem::path& store, Visit visit);

  boost::asio::awaitable<std::shared_ptr<void>> lock() override;
  boost::asio::awaitable<std::optional<std::string>> load(RefreshToken chain) override;
  boost::asio::awaitable<void> save(RefreshToken token) override;
  boost::asio::awaitable<void> note(std::string login, std::string error) override;

 private:
  boost::asio::io_context& io_;
  std::filesystem::path lock_file_;
  Visit visit_;
};

}  // namespace ticketd
