#include "daemon/ctl/setup/mail_servers.h"

#include <catch2/catch.hpp>

#include "tests/daemon/imap/scripted_imap_server.h"

namespace ticketd {
namespace {

Endpoint endpoint_at(const std::string& url) {
  Endpoint endpoint;
  endpoint.url = url;
  endpoint.user = "support";
  endpoint.password = "secret";
  endpoint.tls_required = false;
  return endpoint;
}

TEST_CASE("setup's look into a mailbox is EXAMINE, and tells folders and mails") {
  ScriptedImapServer server(
      {{"LOGIN IDLE", "C: t2 LIST \"\" \"*\"", "S: * LIST () \"/\" INBOX", "S: * LIST () \"/\" \"Gr&APYA3w-e\"",
        "S: * LIST (\\Noselect) \"/\" Shelf", "S: t2 OK", "C: t3 EXAMINE \"INBOX\"", "S: * 7 EXISTS",
        "S: * OK [UIDVALIDITY 77] valid", "S: t3 OK [READ-ONLY] done"}});
  RealMailServers servers;
  const auto look = servers.look(endpoint_at(server.url()), "INBOX");
  CHECK(look.login.error.empty());
  CHECK(look.folders == std::vector<std::string>{"INBOX", "Größe"});
  CHECK(look.messages == 7);
  CHECK(look.folder_error.empty());
  CHECK(server.join().empty());
}

TEST_CASE("a folder that is refused is no refused login") {
  ScriptedImapServer server({{"LOGIN IDLE", "C: t2 LIST \"\" \"*\"", "S: t2 OK", "C: t3 EXAMINE \"Nowhere\"",
                              "S: t3 NO [NONEXISTENT] not here"}});
  RealMailServers servers;
  const auto look = servers.look(endpoint_at(server.url()), "Nowhere");
  CHECK(look.login.error.empty());
  CHECK(look.folder_error.find("not here") != std::string::npos);
}

TEST_CASE("a server that hangs up in the middle is told as such") {
  ScriptedImapServer server({{"LOGIN IDLE", "C: t2 LIST \"\" \"*\"", "CLOSE"}});
  RealMailServers servers;
  const auto look = servers.look(endpoint_at(server.url()), "INBOX");
  CHECK(look.login.kind == NetError::Kind::unreachable);
  CHECK(look.login.error.find("closed the connection") != std::string::npos);
}

TEST_CASE("the newest mails are read by EXAMINE and BODY.PEEK, the newest last") {
  ScriptedImapServer server(
      {{"LOGIN IDLE", "C: t2 EXAMINE \"INBOX\"", "S: * 4 EXISTS", "S: * OK [UIDVALIDITY 77] valid",
        "S: t2 OK [READ-ONLY] done", "C: t3 UID SEARCH UID 1:[*]", "S: * SEARCH 9 2 5 7", "S: t3 OK",
        "C: t4 UID FETCH 7,9 (*BODY.PEEK*", "MAIL 3 7 printer", "MAIL 4 9 fax", "S: t4 OK"}});
  std::vector<Uid> uids;
  const auto all = fetch_newest(endpoint_at(server.url()), "INBOX", 2, ImapLimits{}, [&](ImapMail mail) {
    uids.push_back(mail.uid);
    CHECK(mail.octets.find("Subject: ") != std::string::npos);
  });
  CHECK(all == 4);
  CHECK(uids == std::vector<Uid>{Uid{7}, Uid{9}});
  CHECK(server.join().empty());
}

}  // namespace
}  // namespace ticketd
