#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/ctl/setup/dialogue.h"
#include "daemon/ctl/setup/interview.h"
#include "daemon/ctl/setup/mail_servers.h"

namespace ticketd {

/// A person who answers what stands in `answers` (by key, one after the other), and else presses Enter. Faulty answers
/// are asked for again, as at a terminal.
class ScriptedInterview : public Interview {
 public:
  std::map<std::string, std::deque<std::string>> answers;
  std::vector<std::string> asked;   ///< keys, in order
  std::vector<std::string> faults;  ///< what was said against answers
  std::string told;

  std::string ask(const Question& question) override {
    for (;;) {
      asked.push_back(question.key);
      told += question.explanation + "\n";
      auto& waiting = answers[question.key];
      if (waiting.empty() && !question.fallback) throw std::runtime_error("no answer to " + question.key);
      if (waiting.empty()) return *question.fallback;
      std::string answer = waiting.front();
      waiting.pop_front();
      if (answer.empty() && question.fallback) return *question.fallback;
      const auto fault = fault_of(question, answer);
      if (fault.empty()) return answer;
      faults.push_back(question.key + ": " + fault);
    }
  }
  void say(std::string_view text) override { told += text; }
  void show(std::string_view lines) override { told += lines; }
  [[nodiscard]] std::size_t width() const override { return 80; }
  [[nodiscard]] bool can_correct() const override { return true; }
  [[nodiscard]] auto times_asked(const std::string& key) const { return std::ranges::count(asked, key); }
};

/// Servers that answer as they are told to; then they let everybody in.
class ScriptedServers : public MailServers {
 public:
  std::deque<LoginTrial> imap, smtp;  ///< what the next tries come to
  std::deque<TokenTrial> tokens;
  MailboxLook inside{{}, {"INBOX"}, 3, ""};
  std::map<std::string, std::string> refused_folders;  ///< and why
  std::vector<Endpoint> looked, tried;
  std::vector<OAuth2Secrets> asked_with;

  TokenTrial fetch_token(const ServerSettings&, const OAuth2Secrets& secrets) override {
    asked_with.push_back(secrets);
    if (tokens.empty()) return {{}, {"access", "", {}, ""}};
    const auto result = tokens.front();
    tokens.pop_front();
    return result;
  }
  MailboxLook look(const Endpoint& endpoint, const std::string& folder) override {
    looked.push_back(endpoint);
    MailboxLook result = inside;
    if (!imap.empty()) {
      result.login = imap.front();
      imap.pop_front();
    }
    result.folder_error = refused_folders[folder];
    return result;
  }
  LoginTrial try_relay(const Endpoint& endpoint) override {
    tried.push_back(endpoint);
    if (smtp.empty()) return {};
    const auto result = smtp.front();
    smtp.pop_front();
    return result;
  }
};

inline const DialogueOptions kSystem{{"Europe/Berlin", "ann"}, ""};

/// What a person has to type at least.
inline ScriptedInterview hasty_person() {
  ScriptedInterview person;
  person.answers = {{"address", {"support@example.com"}},
                    {"imap_password", {"pass-1", "pass-2"}},
                    {"staff_name", {"Ann Engineer"}},
                    {"staff_email", {"ann@example.com"}}};
  return person;
}

}  // namespace ticketd
