#pragma once

#include "daemon/ctl/setup/answers.h"
#include "daemon/ctl/setup/dialogue.h"
#include "daemon/ctl/setup/interview.h"
#include "daemon/ctl/setup/mail_servers.h"
#include "daemon/ctl/setup/presets.h"

namespace ticketd {

/// The part of setup about the two mail servers: what they are, how to log in, and whether that works. What was
/// answered before, be it in an earlier configuration, is suggested.
class ServerDialogue {
 public:
  ServerDialogue(Interview& interview, MailServers* servers, const DialogueOptions& options, SetupAnswers& answers);
  /// Where mail comes from: `answers.address` is there.
  void ask_for_mailbox();
  /// Where it goes to: the mailbox is there.
  void ask_for_relay();

 private:
  void ask_for_provider();
  void forget_servers();
  void ask_for_kind_of_login();
  void ask_for_imap_server(const std::string& suggestion, bool is_guess);
  void ask_for_smtp_server(const std::string& suggestion, bool is_guess);
  void ask_for_imap_login();
  void ask_for_smtp_login();
  [[nodiscard]] std::string ask_for_kind_of_relay_login();
  [[nodiscard]] bool may_suggest_mailbox_login() const;
  void ask_for_smtp_password();
  [[nodiscard]] Secret ask_for_password(SecretQuestion question, const ServerSettings& server, const Secret& usual);
  void ask_for_folder(const MailboxLook& seen);
  void choose_folder(MailboxLook seen);
  void name_mailbox();
  void ask_for_backlog();
  void ask_for_tls(ServerSettings& server, const char* key, std::string& instead);
  /// False: there is none, or only the one of before.
  [[nodiscard]] bool ask_for_authority(ServerSettings& server, const char* key);
  enum class Way { again, correct, keep };
  /// Where the authority of the server's certificate is not known, which is what `what` failed of. `key`: of its file.
  [[nodiscard]] Way ask_for_way(const char* what, ServerSettings& server, const char* key);
  /// Whether it is another one at the same host.
  [[nodiscard]] bool ask_for_other_imap_server();
  [[nodiscard]] bool ask_for_other_smtp_server();
  /// False: it stays as it is, untried.
  [[nodiscard]] bool correct_mailbox(const LoginTrial& trial);
  [[nodiscard]] bool correct_relay(const LoginTrial& trial);
  void try_mailbox();
  /// False: nobody is let in, and that stays as it is.
  [[nodiscard]] bool try_mailbox_login(MailboxLook& seen);
  /// False: there is none, and it stays as it is.
  [[nodiscard]] bool try_token();
  /// False: it stays as it is.
  [[nodiscard]] bool correct_token(const LoginTrial& trial);
  /// Other values for both servers; false: they yield no token.
  [[nodiscard]] bool correct_oauth2();
  void take_refresh_token(const std::string& next);
  /// Somebody else has a secret of the mailbox, so nobody can log in here.
  [[nodiscard]] bool lacks_secret() const;
  void try_relay();
  [[nodiscard]] LoginTrial try_urls(ServerSettings& server, std::string& instead,
                                    const std::function<LoginTrial()>& attempt);
  [[nodiscard]] MailboxLook look();
  [[nodiscard]] LoginTrial try_relay_login();
  /// Whether what failed is to be corrected; throws where it can't be. `authority`: the key of its authority's file.
  [[nodiscard]] bool wants_correction(const char* what, const LoginTrial& trial, const char* authority);

  Interview& interview_;
  MailServers* servers_;
  const DialogueOptions& options_;
  SetupAnswers& answers_;
  std::string provider_;
  ServerGuess guess_;
  bool relay_has_no_login_ = false;          ///< so it was answered before
  bool relay_shares_login_ = true;           ///< the relay has the mailbox's password or tokens, or none yet
  std::string imap_instead_, smtp_instead_;  ///< the other URL that an unusual port may mean; empty: there is none
};

}  // namespace ticketd
