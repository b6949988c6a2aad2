#pragma once

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "rules/ruleset.h"
#include "rules/ticket.h"

namespace ticketd {

/// Tuesday, 24 November 2026, 10:00 UTC; in office hours of `sample_ruleset`.
inline Time tuesday_ten() {
  using namespace std::chrono;
  return sys_days{year{2026} / 11 / 24} + hours{10};
}

/// A desk as a small company would configure it.
inline Ruleset sample_ruleset() {
  using namespace std::chrono_literals;
  Ruleset ruleset;
  ruleset.support.address = "support@example.com";
  ruleset.support.name = "Example Support";
  ruleset.support.aliases = {"help@example.com"};
  ruleset.support.subject_tag = "SUP";
  ruleset.support.phone = "+1 555 0100";
  ruleset.support.portal_url = "https://portal.example.com/cases";
  for (unsigned day = 1; day <= 5; ++day)
    ruleset.office_hours.weekly.push_back({std::chrono::weekday{day}, 9h, 17h + 30min});
  ruleset.urgent = {30min, Clock::always, {}, {"all inbound numbers have ceased to work", "the portal is down"}, {}};
  ruleset.high = {2h, Clock::always, {}, {"one or more inbound numbers fail"}, {}};
  ruleset.normal = {4h, Clock::office_hours, {}, {"phone provisioning"}, {}};
  StaffMember ann;
  ann.name = "Ann Engineer";
  ann.email = "ann@example.com";
  ann.login = "ann";
  ann.roles = {"engineer"};
  ruleset.staff.push_back(ann);
  ruleset.organizations.push_back(
      {.name = "Acme", .domains = {"acme.example", "acme.test"}, .addresses = {}, .language = "en"});
  ruleset.free_mail = {"freemail.example"};
  ruleset.sms_senders = {"@sms.example.net"};
  ruleset.phone_senders = {"voicemail@pbx.example.com"};
  return ruleset;
}

/// The header fields of a composed mail: name and unfolded value.
inline std::vector<std::pair<std::string, std::string>> header_of(const std::string& octets) {
  std::vector<std::pair<std::string, std::string>> fields;
  std::istringstream lines(octets.substr(0, octets.find("\r\n\r\n")));
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with(' '))
      fields.back().second += line;
    else
      fields.emplace_back(line.substr(0, line.find(':')), line.substr(std::min(line.size(), line.find(':') + 2)));
  }
  return fields;
}

inline std::string field_of(const std::string& octets, const std::string& name) {
  for (const auto& [field, value] : header_of(octets))
    if (field == name) return value;
  return {};
}

inline std::vector<std::string> field_names(const std::string& octets) {
  std::vector<std::string> names;
  for (const auto& [field, value] : header_of(octets)) names.push_back(field);
  return names;
}

/// The text/plain alternative, decoded (RFC 2045 §6.7), with LF line ends.
inline std::string plain_text_of(const std::string& octets) {
  const std::size_t header = octets.find("\r\n\r\n", octets.find("Content-Type: text/plain"));
  const std::string encoded = octets.substr(header + 4, octets.find("\r\n--=_", header) - header - 4);
  std::string text;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '\r') continue;
    if (encoded[i] != '=') {
      text += encoded[i];
    } else if (encoded[i + 1] == '\r') {
      i += 2;
    } else {
      text += static_cast<char>(std::stoi(encoded.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
  }
  return text;
}

/// Compares with tests/rules/golden/NAME; with TICKETD_ACCEPT=1 in the environment the file is written instead.
inline void check_golden(const std::string& name, const std::string& octets) {
  std::string text;
  for (const char c : octets)
    if (c != '\r') text += c;
  const std::string path = fmt::format("{}/rules/golden/{}", TESTS_DIR, name);
  if (std::getenv("TICKETD_ACCEPT") != nullptr) {
    std::ofstream(path) << text;
    WARN("accepted, not compared: " << path);
    return;
  }
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  INFO(path);
  CHECK(text == golden.str());
}

}  // namespace ticketd
