#pragma once

#include <string>

#include "daemon/ctl/setup/answers.h"
#include "daemon/ctl/setup/interview.h"

namespace ticketd {

/// The questions of an OAuth 2 login, which both servers share. What was answered before is suggested.
class OAuth2Dialogue {
 public:
  /// `provider`: "google", "microsoft365" or "own".
  OAuth2Dialogue(Interview& interview, SetupAnswers& answers, std::string provider)
      : interview_(interview), answers_(answers), provider_(std::move(provider)) {}
  /// Fills `oauth2` of the mailbox, whose server is known, and the secrets.
  void ask();

 private:
  void ask_for_grant(OAuth2Settings& oauth2);
  void ask_for_token_endpoint(OAuth2Settings& oauth2);
  void ask_for_tenant(OAuth2Settings& oauth2);
  void ask_for_client_secret(const OAuth2Settings& oauth2);
  void ask_for_refresh_token(const OAuth2Settings& oauth2);
  [[nodiscard]] bool is_personal_microsoft_account() const;

  Interview& interview_;
  SetupAnswers& answers_;
  std::string provider_;
};

}  // namespace ticketd
