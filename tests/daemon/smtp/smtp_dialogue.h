#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "rules/ticket.h"
#include "tests/daemon/smtp/scripted_smtp_server.h"

namespace ticketd {

/// A dialogue file: mails, what has to become of them, and what the server does on each connection.
///   # comment
///   TIMEOUT ms                 for whatever is awaited
///   PASSES n                   so often the outbox is worked off, three hours between
///   MAIL from to to…           `<>` is the null reverse-path
///   CONTENT text               of the mail before
///   FILL n                     n octets of content for the mail before
///   RESULT n …                 for mail n; the words depend on the test
///   CONNECTION                 from here the steps of the next connection
/// \r \n \x.. are escapes everywhere.
struct SmtpDialogue {
  std::chrono::milliseconds timeout{5'000};
  int passes = 1;
  std::vector<OutgoingMail> mails;
  std::vector<std::string> results;
  std::vector<SmtpScript> scripts;
};

/// Is the outcome the wanted one? A `*` at the end of `wanted` stands for any words.
inline bool fits(const std::string& outcome, std::string wanted) {
  if (!wanted.ends_with('*')) return outcome == wanted;
  wanted.pop_back();
  return outcome.starts_with(wanted);
}

inline std::string unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char kind = text[++i];
    if (kind == 'r') result += '\r';
    if (kind == 'n') result += '\n';
    if (kind != 'x') continue;
    result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return result;
}

inline std::string filler(std::size_t octets) {
  std::string text = "Subject: long\r\n\r\n";
  while (text.size() + 64 < octets) text += std::string(62, 'x') + "\r\n";
  return text;
}

inline OutgoingMail mail_for(std::istringstream& words, std::size_t number) {
  OutgoingMail mail;
  mail.id = static_cast<std::int64_t>(number);
  words >> mail.reverse_path;
  if (mail.reverse_path == "<>") mail.reverse_path.clear();
  mail.reverse_path = unescape(mail.reverse_path);
  for (std::string to; words >> to;) mail.recipients.push_back(unescape(to));
  mail.message_id = "mail-" + std::to_string(number) + "@desk.example";
  mail.octets = "Message-ID: <" + mail.message_id + ">\r\nSubject: test\r\n\r\nHello\r\n";
  return mail;
}

inline void read_dialogue_line(SmtpDialogue& dialogue, const std::string& line) {
  std::istringstream words(line);
  std::string word;
  words >> word;
  const std::string rest = line.substr(std::min(word.size() + 1, line.size()));
  if (word.empty() || word.starts_with('#')) return;
  if (word == "CONNECTION")
    dialogue.scripts.emplace_back();
  else if (!dialogue.scripts.empty())
    dialogue.scripts.back().push_back(unescape(line));
  else if (word == "TIMEOUT")
    dialogue.timeout = std::chrono::milliseconds{std::stoi(rest)};
  else if (word == "PASSES")
    dialogue.passes = std::stoi(rest);
  else if (word == "MAIL")
    dialogue.mails.push_back(mail_for(words, dialogue.mails.size() + 1));
  else if (word == "CONTENT")
    dialogue.mails.back().octets = unescape(rest);
  else if (word == "FILL")
    dialogue.mails.back().octets = filler(std::stoul(rest));
  else if (word == "RESULT")
    dialogue.results.push_back(unescape(rest));
  else
    throw std::runtime_error("unknown word: " + word);
}

inline SmtpDialogue read_dialogue(const std::filesystem::path& file) {
  SmtpDialogue dialogue;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) read_dialogue_line(dialogue, line);
  return dialogue;
}

/// All files NAME*.txt of the dialogues' folder, by name.
inline std::vector<std::filesystem::path> dialogue_files(std::string_view name) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(TESTS_DIR "/daemon/dialogues"))
    if (entry.path().filename().string().starts_with(name)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace ticketd
