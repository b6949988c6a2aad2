#include "daemon/ctl/setup/presets.h"

#include <algorithm>

#include "parsers/ascii.h"

namespace ticketd {
namespace {

struct Known {
  std::string_view domains;  ///< with a space on each side
  std::string_view imap, smtp, advice, token_advice = {};
};

constexpr std::string_view kAppPassword = "It wants an app password, which is made in the account's security settings.";
constexpr std::string_view kSwitchOn = "Access by IMAP has to be switched on in the account's settings first.";

constexpr Known kGoogle{" gmail.com googlemail.com ", "imaps://imap.gmail.com", "smtp://smtp.gmail.com:587",
                        "Google takes no account's own password here: it wants an app password "
                        "(myaccount.google.com/apppasswords), or OAuth 2.",
                        "Look whether the consent was given by this very account, for https://mail.google.com/."};
constexpr Known kMicrosoft{
    " outlook.com outlook.de hotmail.com live.com msn.com ", "imaps://outlook.office365.com",
    "smtp://smtp.office365.com:587",
    "Microsoft has switched passwords (\"basic authentication\") off for IMAP, app passwords too: "
    "ticketd logs in by OAuth 2, with an application that you register in Entra ID "
    "(/usr/share/doc/ticketd/docs/login.md, Microsoft 365, steps 1 to 3).",
    "Look whether the application may use the mailbox (/usr/share/doc/ticketd/docs/login.md, "
    "Microsoft 365, step 3); that takes up to an hour to be in force."};
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
  ServerGuess guess;
  guess.imap = known.imap;
  guess.smtp = known.smtp;
  guess.is_known = true;
  guess.advice = known.advice;
  guess.token_advice = known.token_advice;
  return guess;
}

bool is_url(std::string_view text) { return text.find("://") != std::string_view::npos; }

bool has_port(std::string_view host, std::string_view port) {
  return host.size() > port.size() + 1 && host.ends_with(port) && host[host.size() - port.size() - 1] == ':';
}

/// A port of SMTP (RFC 5321) or of submission (RFC 6409); 2525 is what providers offer where 25 is closed.
bool begins_plain(std::string_view host) {
  return has_port(host, "587") || has_port(host, "25") || has_port(host, "2525");
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
  ServerGuess guess;
  guess.imap = "imaps://imap." + name;
  guess.smtp = "smtp://smtp." + name + ":587";
  guess.next_imap = "imaps://mail." + name;
  guess.next_smtp = "smtp://mail." + name + ":587";
  return guess;
}

std::string_view guess_provider(std::string_view domain) {
  return serves(kGoogle, domain) ? "google" : serves(kMicrosoft, domain) ? "microsoft365" : "own";
}

ServerGuess servers_of_provider(std::string_view provider) {
  return guess_of(provider == "google" ? kGoogle : kMicrosoft);
}

std::string_view provider_of_server(std::string_view imap_host) {
  const auto is_of = [&](const Known& known) {
    return equals_ignoring_case(imap_host, known.imap.substr(known.imap.find("//") + 2));
  };
  return is_of(kGoogle) ? "google" : is_of(kMicrosoft) ? "microsoft365" : "own";
}

std::string imap_url(std::string_view text) {
  if (is_url(text)) return std::string(text);
  return (has_port(text, "143") ? "imap://" : "imaps://") + std::string(text);
}

std::string smtp_url(std::string_view text) {
  if (is_url(text)) return std::string(text);
  if (!has_any_port(text)) return "smtp://" + std::string(text) + ":587";
  return (begins_plain(text) ? "smtp://" : "smtps://") + std::string(text);
}

std::string other_imap_url(std::string_view text) {
  const bool is_told = is_url(text) || !has_any_port(text) || has_port(text, "143") || has_port(text, "993");
  return is_told ? std::string() : "imap://" + std::string(text);
}

std::string other_smtp_url(std::string_view text) {
  const bool is_told = is_url(text) || !has_any_port(text) || begins_plain(text) || has_port(text, "465");
  return is_told ? std::string() : "smtp://" + std::string(text);
}

}  // namespace ticketd
