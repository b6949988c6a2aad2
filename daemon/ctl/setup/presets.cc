#include "daemon/ctl/setup/presets.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

struct Known {
  std::string_view domains;  ///< with a space on each side
  std::string_view imap, smtp, advice;
};

constexpr std::string_view kAppPassword = "It wants an app password, which is made in the account's security settings.";
constexpr std::string_view kSwitchOn = "Access by IMAP has to be switched on in the account's settings first.";

constexpr Known kGoogle{" gmail.com googlemail.com ", "imaps://imap.gmail.com", "smtp://smtp.gmail.com:587",
                        "Google wants an app password (myaccount.google.com/apppasswords), or OAuth 2."};
constexpr Known kMicrosoft{" outlook.com outlook.de hotmail.com live.com msn.com ", "imaps://outlook.office365.com",
                           "smtp://smtp.office365.com:587", "Microsoft 365 takes no passwords any more: OAuth 2."};
constexpr Known kOthers[] = {
    {" icloud.com me.com mac.com ", "imaps://imap.mail.me.com", "smtp://smtp.mail.me.com:587", kAppPassword},
    {" yahoo.com yahoo.de yahoo.fr yahoo.co.uk ", "imaps://imap.mail.yahoo.com", "smtps://smtp.mail.yahoo.com",
     kAppPassword},
    {" gmx.de gmx.net gmx.at ", "imaps://imap.gmx.net", "smtp://mail.gmx.net:587", kSwitchOn},
    {" web.de ", "imaps://imap.web.de", "smtp://smtp.web.de:587", kSwitchOn},
    {" t-online.de ", "imaps://secureimap.t-online.de", "smtps://securesmtp.t-online.de", ""},
    {" fastmail.com ", "imaps://imap.fastmail.com", "smtps://smtp.fastmail.com", kAppPassword},
    {" posteo.de ", "imaps://posteo.de", "smtps://posteo.de", ""},
    {" mailbox.org ", "imaps://imap.mailbox.org", "smtps://smtp.mailbox.org", ""},
    {" zoho.com ", "imaps://imap.zoho.com", "smtps://smtp.zoho.com", kSwitchOn},
};

bool serves(const Known& known, std::string_view domain) {
  return known.domains.find(' ' + to_lower(domain) + ' ') != std::string_view::npos;
}

ServerGuess guess_of(const Known& known) {
  return {std::string(known.imap), std::string(known.smtp), {}, {}, true, std::string(known.advice)};
}

bool has_port(std::string_view host, std::string_view port) {
  return host.size() > port.size() + 1 && host.ends_with(port) && host[host.size() - port.size() - 1] == ':';
}

/// Colons of a bare IPv6 address are none of a port.
bool has_any_port(std::string_view host) {
  const auto after = host.substr(host.starts_with('[') ? std::min(host.find(']'), host.size()) : 0);
  return after.find(':') != std::string_view::npos;
}

}  // namespace

ServerGuess guess_servers(std::string_view domain) {
  for (const auto& known : {kGoogle, kMicrosoft})
    if (serves(known, domain)) return guess_of(known);
  for (const auto& known : kOthers)
    if (serves(known, domain)) return guess_of(known);
  const std::string name(domain);
  return {"imaps://imap." + name, "smtp://smtp." + name + ":587", "imaps://mail." + name,
          "smtp://mail." + name + ":587"};
}

std::string_view guess_provider(std::string_view domain) {
  return serves(kGoogle, domain) ? "google" : serves(kMicrosoft, domain) ? "microsoft365" : "own";
}

ServerGuess servers_of_provider(std::string_view provider) {
  return guess_of(provider == "google" ? kGoogle : kMicrosoft);
}

std::string imap_url(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return std::string(text);
  const bool is_plain_at_first = has_any_port(text) && !has_port(text, "993");
  return (is_plain_at_first ? "imap://" : "imaps://") + std::string(text);
}

std::string smtp_url(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return std::string(text);
  if (has_port(text, "465")) return "smtps://" + std::string(text);
  return "smtp://" + std::string(text) + (has_any_port(text) ? "" : ":587");
}

}  // namespace ticketd
