#pragma once

#include "daemon/ctl/setup/answers.h"
#include "daemon/ctl/setup/interview.h"
#include "daemon/ctl/setup/mail_servers.h"
#include "daemon/ctl/setup/presets.h"

namespace ticketd {

/// The part of setup about the two mail servers: what they are, how to log in, and whether that works.
class ServerDialogue {
 public:
  ServerDialogue(Interview& interview, MailServers* servers, SetupAnswers& answers)
      : interview_(interview), servers_(servers), answers_(answers) {}
  /// Where mail comes from: `answers.address` is there.
  void ask_for_mailbox();
  /// Where it goes to: the mailbox is there.
  void ask_for_relay();

 private:
  void ask_for_provider();
  void ask_for_oauth2();
  void ask_for_token_endpoint(OAuth2Settings& oauth2);
  void ask_for_oauth2_secrets(OAuth2Settings& oauth2);
  void ask_for_imap_server(const std::string& suggestion, bool is_guess);
  void ask_for_smtp_server(const std::string& suggestion, bool is_guess);
  void ask_for_imap_login();
  void ask_for_smtp_login();
  void ask_for_folder(const MailboxLook& seen);
  void choose_folder(MailboxLook seen);
  void ask_for_backlog();
  void ask_for_tls(ServerSettings& server, const char* key);
  /// False: there is none.
  [[nodiscard]] bool ask_for_authority(ServerSettings& server, const char* key);
  /// False: it stays as it is, untried.
  [[nodiscard]] bool correct_mailbox(const LoginTrial& trial);
  [[nodiscard]] bool correct_relay(const LoginTrial& trial);
  void try_mailbox();
  /// False: there is none, and it stays as it is.
  [[nodiscard]] bool try_token();
  void correct_token(const LoginTrial& trial);
  void take_refresh_token(const std::string& next);
  void try_relay();
  [[nodiscard]] MailboxLook look();
  /// Whether what failed is to be corrected; throws where it can't be.
  [[nodiscard]] bool wants_correction(const char* what, const LoginTrial& trial);

  Interview& interview_;
  MailServers* servers_;
  SetupAnswers& answers_;
  std::string provider_;
  ServerGuess guess_;
};

}  // namespace ticketd
