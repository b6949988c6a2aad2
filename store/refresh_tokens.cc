#include "store/impl.h"

namespace ticketd {

std::optional<std::string> Store::refresh_token(std::string_view credential, std::string_view origin) {
  auto rows = impl_->query(sql::refresh_token, credential, origin);
  if (!rows.next()) return std::nullopt;
  return rows.text();
}

void Store::save_refresh_token(const RefreshToken& token, Time now) {
  impl_->run(sql::save_refresh_token, token.credential, token.origin, token.token, now);
}

void Store::note_token_failure(std::string_view login, std::string_view error, Time now) {
  if (error.empty())
    impl_->run(sql::forget_token_failure, login);
  else
    impl_->run(sql::note_token_failure, login, error, now);
}

std::vector<TokenFailure> Store::token_failures() {
  std::vector<TokenFailure> failures;
  auto rows = impl_->query(sql::token_failures);
  while (rows.next()) {
    TokenFailure& failure = failures.emplace_back();
    failure.login = rows.text();
    failure.error = rows.text();
    failure.since = rows.time();
  }
  return failures;
}

}  // namespace ticketd
