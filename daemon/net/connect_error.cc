#include "daemon/net/connect_error.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <boost/algorithm/string/predicate.hpp>
#include <cctype>

#include "daemon/net/without_secrets.h"
#include "parsers/printable.h"

namespace ticketd {

namespace {

constexpr std::size_t kMaxRefusal = 300;

/// Calls `visit` with each line, without its line end.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    visit(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool is_smtp_refusal(std::string_view line) {
  return line.size() >= 3 && (line[0] == '4' || line[0] == '5') && std::isdigit(static_cast<unsigned char>(line[1])) &&
         std::isdigit(static_cast<unsigned char>(line[2]));
}

/// What follows the tag (or `*`) when that is a refusal; else empty.
std::string_view imap_refusal(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return {};
  const auto rest = line.substr(space + 1);
  if (line.starts_with("*")) return boost::istarts_with(rest, "BYE") ? rest : std::string_view{};
  return boost::istarts_with(rest, "NO") || boost::istarts_with(rest, "BAD") ? rest : std::string_view{};
}

NetError::Kind kind_of(CURLcode code) {
  // Not a switch: CURLcode has a hundred enumerators, and what is not named here is worth another try.
  for (const CURLcode tls : {CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_USE_SSL_FAILED,
                             CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
                             CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT})
    if (code == tls) return NetError::Kind::tls;
  for (const CURLcode protocol : {CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT})
    if (code == protocol) return NetError::Kind::protocol;
  if (code == CURLE_LOGIN_DENIED || code == CURLE_AUTH_ERROR) return NetError::Kind::login;
  return code == CURLE_OPERATION_TIMEDOUT ? NetError::Kind::timeout : NetError::Kind::unreachable;
}

/// What a person could do about it.
std::string_view hint_for(const ConnectReport& report) {
  const bool implicit_tls = report.url.starts_with("imaps:") || report.url.starts_with("smtps:");
  const auto code = static_cast<CURLcode>(report.curl_code);
  if (code == CURLE_OPERATION_TIMEDOUT && !implicit_tls && report.transcript.empty())
    return " (if that port speaks TLS at once, the URL must begin with imaps:// or smtps://)";
  if (code == CURLE_SSL_CONNECT_ERROR && implicit_tls)
    return " (if that port begins in plain text, the URL must begin with imap:// or smtp://)";
  if (code == CURLE_PEER_FAILED_VERIFICATION) return " (a certificate authority of your own goes into ca_file)";
  if (code == CURLE_USE_SSL_FAILED && !is_smtp(report.url) && is_preauth(report.transcript))
    return " (the server logs us in unasked, by PREAUTH, which leaves no way to TLS; nothing was sent in plain text)";
  if (code == CURLE_USE_SSL_FAILED && !refusal_in(report.transcript, is_smtp(report.url)).empty())
    return " (the server refuses STARTTLS; nothing was sent in plain text)";
  if (code == CURLE_USE_SSL_FAILED) return " (the server does not offer STARTTLS; nothing was sent in plain text)";
  if (code == CURLE_WEIRD_SERVER_REPLY && !implicit_tls && boost::icontains(report.transcript, "STARTTLS"))
    return " (perhaps lines behind the answer to STARTTLS, which somebody between put there; the login was not sent)";
  return "";
}

/// The whole of the last one, as the server has sent it.
std::string_view refusal_line(std::string_view transcript, bool smtp) {
  std::string_view last;
  for_each_line(transcript, [&](std::string_view line) {
    const auto refusal = smtp ? (is_smtp_refusal(line) ? line : std::string_view{}) : imap_refusal(line);
    if (!refusal.empty()) last = refusal;
  });
  return last;
}

std::string shown(std::string_view refusal) { return printable_line(refusal.substr(0, kMaxRefusal)); }

std::string words_for(const ConnectReport& report) {
  const auto code = static_cast<CURLcode>(report.curl_code);
  if (code == CURLE_OPERATION_TIMEDOUT)
    return fmt::format("no answer within {} s", static_cast<double>(report.timeout.count()) / 1000.0);
  if (code == CURLE_ABORTED_BY_CALLBACK) return "interrupted";
  if (code == CURLE_LOGIN_DENIED) return "the login was refused";
  return report.detail.empty() ? curl_easy_strerror(code) : printable_line(report.detail);
}

}  // namespace

NetError connect_error(const ConnectReport& report) {
  const bool smtp = is_smtp(report.url);
  const auto refusal = refusal_line(report.transcript, smtp);
  auto kind = kind_of(static_cast<CURLcode>(report.curl_code));
  const bool refused = kind == NetError::Kind::login || kind == NetError::Kind::protocol;
  if (refused && is_temporary(refusal, smtp)) kind = NetError::Kind::unreachable;
  std::string text = fmt::format("{}: {}{}", public_url(report.url), words_for(report), hint_for(report));
  if (!refusal.empty())
    text += fmt::format(": the server says \"{}\"", shown(without_secrets(refusal, report.secrets)));
  return {kind, text};
}

std::string public_url(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return printable_line(url);
  const auto authority = scheme_end + 3;
  const auto at = url.substr(0, url.find('/', authority)).rfind('@');
  if (at == std::string_view::npos || at < authority) return printable_line(url);
  return printable_line(std::string(url.substr(0, authority)).append(url.substr(at + 1)));
}

bool is_smtp(std::string_view url) { return boost::istarts_with(url, "smtp"); }

std::string refusal_in(std::string_view transcript, bool smtp) { return shown(refusal_line(transcript, smtp)); }

bool is_temporary(std::string_view refusal, bool smtp) {
  if (smtp) return refusal.starts_with('4');
  for (const char* code : {"[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]"})
    if (boost::icontains(refusal, code)) return true;
  return false;
}

bool is_preauth(std::string_view transcript) { return boost::istarts_with(transcript, "* PREAUTH"); }

bool offers_login_command_only(std::string_view transcript) {
  return boost::icontains(transcript, "CAPABILITY") && !boost::icontains(transcript, "AUTH=PLAIN") &&
         !boost::icontains(transcript, "AUTH=LOGIN") && !boost::icontains(transcript, "LOGINDISABLED");
}

bool smtp_login_accepted(std::string_view transcript) {
  bool accepted = false;
  for_each_line(transcript, [&](std::string_view line) { accepted = accepted || line.starts_with("235"); });
  return accepted;
}

}  // namespace ticketd
