#include "daemon/imap/imap_session.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <functional>

#include "tests/daemon/imap/scripted_imap_server.h"

namespace ticketd {
namespace {

namespace asio = boost::asio;
using Client = std::function<asio::awaitable<void>(ImapSession&)>;

ImapTimeouts short_timeouts() {
  ImapTimeouts timeouts;
  timeouts.connect = std::chrono::milliseconds{3000};
  timeouts.response = std::chrono::milliseconds{150};
  timeouts.answer = std::chrono::milliseconds{300};
  timeouts.idle = std::chrono::milliseconds{20};
  timeouts.logout = std::chrono::milliseconds{1000};
  return timeouts;
}

Endpoint endpoint_of(const ScriptedImapServer& server) {
  Endpoint endpoint;
  endpoint.url = server.url();
  endpoint.user = "support";
  endpoint.password = "secret";
  endpoint.tls_required = false;
  return endpoint;
}

asio::awaitable<void> open_and(ImapSession& session, const Client& client) {
  co_await session.open();
  co_await client(session);
  co_await session.logout();
}

/// What a conversation ended with that the client begins itself: "" for a good end.
std::string converse_from_the_start(const std::string& dialogue, const Client& client, const ImapLimits& limits = {}) {
  ScriptedImapServer server(read_imap_dialogue(dialogue));
  std::string ending;
  {
    asio::io_context io;
    Network network(io);
    ImapSession session(network, endpoint_of(server), limits, short_timeouts());
    asio::co_spawn(io, client(session), [&](std::exception_ptr error) {
      try {
        if (error) std::rethrow_exception(error);
      } catch (const NetError& failure) {
        static constexpr const char* kKinds[] = {"unreachable", "timeout", "tls", "login", "protocol"};
        ending = std::string(kKinds[static_cast<int>(failure.kind())]) + ": " + failure.what();
      } catch (const std::exception& failure) {
        ending = failure.what();
      }
    });
    io.run();
  }
  CHECK(server.join() == "");
  return ending;
}

/// With a session that is open.
std::string converse(const std::string& dialogue, const Client& client, const ImapLimits& limits = {}) {
  const Client whole = [&client](ImapSession& session) { return open_and(session, client); };
  return converse_from_the_start(dialogue, whole, limits);
}

std::vector<Uid> uids(std::initializer_list<std::uint32_t> numbers) {
  std::vector<Uid> result;
  for (const auto number : numbers) result.push_back(Uid{number});
  return result;
}

asio::awaitable<void> fetch_into(ImapSession& session, std::vector<Uid> wanted, std::vector<ImapMail>& mails) {
  session.start_fetch(std::move(wanted));
  while (true) {
    auto mail = co_await session.next_mail();
    if (!mail) break;
    mails.push_back(std::move(*mail));
  }
}

TEST_CASE("a session selects, lists, fetches and moves") {
  SelectedMailbox selected;
  std::vector<Uid> listed;
  std::vector<ImapMail> mails;
  std::size_t moved = 0;
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    selected = co_await session.select("INBOX");
    listed = co_await session.list_uids(Uid{5});
    co_await fetch_into(session, listed, mails);
    moved = co_await session.move(listed, "Erledigt & mehr/Größe");
  };
  CHECK(converse("imap_session_ordinary", client) == "");
  CHECK(selected.uid_validity == UidValidity{77});
  CHECK(selected.uid_next == Uid{9});
  CHECK(selected.exists == 2);
  CHECK_FALSE(selected.read_only);
  CHECK(listed == uids({5, 8}));
  REQUIRE(mails.size() == 2);
  CHECK(mails[0].uid == Uid{5});
  CHECK(mails[0].octets.ends_with("Hello, first\r\n"));
  CHECK(mails[0].size == mails[0].octets.size());
  CHECK(mails[0].internal_date == parse_internal_date("17-Jul-2024 02:44:25 +0000"));
  CHECK(mails[1].uid == Uid{8});
  CHECK(moved == 2);
}

TEST_CASE("without ESEARCH, MOVE, UIDPLUS and IDLE") {
  std::vector<Uid> listed;
  const auto eight = uids({8});
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    co_await session.select("INBOX");
    listed = co_await session.list_uids(Uid{8});
    co_await session.move(eight, "Processed");
    co_await session.remove(eight);
    co_await session.wait_for_news(std::chrono::milliseconds{1});
  };
  CHECK(converse("imap_session_old_server", client) == "");
  CHECK(listed.empty());  // `8:*` named the last message, whose UID is 7
}

TEST_CASE("with UIDPLUS only the moved UIDs are expunged, and a missing folder is created once") {
  const auto three = uids({3}), moved = uids({3, 4, 9});
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    co_await session.select("INBOX");
    co_await session.move(moved, "Processed");
    co_await session.mark_seen(three);
  };
  CHECK(converse("imap_session_uidplus", client) == "");
}

TEST_CASE("mails that are odd, or pretend to be answers") {
  std::vector<ImapMail> mails;
  const auto wanted = uids({1, 2, 3, 4, 5});
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    co_await session.select("INBOX");
    co_await fetch_into(session, wanted, mails);
  };
  ImapLimits limits;
  limits.whole_octets = 100;
  limits.head_octets = 10;
  CHECK(converse("imap_session_odd_mails", client, limits) == "");
  REQUIRE(mails.size() == 4);
  CHECK(mails[0].octets == "t3 OK done\r\n* 9 FETCH (UID 666 FLAGS (\\Deleted))\r\n");
  CHECK(mails[1].empty());
  CHECK(mails[2].octets == "quoted");
  CHECK(mails[3].octets == "xxxxxxxxxx");
  CHECK(mails[3].size == 101);
}

TEST_CASE("IDLE ends with news, is renewed without, and survives a refusal") {
  const Client client = [](ImapSession& session) -> asio::awaitable<void> {
    co_await session.select("INBOX");
    co_await session.wait_for_news(std::chrono::hours{1});
    co_await session.list_uids(Uid{1});
    co_await session.wait_for_news(std::chrono::milliseconds{5});
    co_await session.wait_for_news(std::chrono::milliseconds{5});
  };
  CHECK(converse("imap_session_idle", client) == "");
}

TEST_CASE("flags are told again and again, and others change them") {
  std::vector<FlaggedUid> told;
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    co_await session.select("ticketd");
    session.listen_for_changes();
    told = co_await session.fetch_flags(2);
    co_await session.wait_for_news(std::chrono::hours{1});
  };
  CHECK(converse("imap_session_flags", client) == "");
  REQUIRE(told.size() == 2);
  CHECK(told[0].uid == Uid{4});
  CHECK(told[0].flags.size() == 2);
  CHECK(told[1].uid == Uid{9});
}

TEST_CASE("flags of mails that come and go while they are asked for") {
  std::vector<std::vector<Uid>> told;
  std::vector<std::string> last;
  const auto looks = [&](int count) -> Client {
    return [&told, &last, count](ImapSession& session) -> asio::awaitable<void> {
      co_await session.select("ticketd");
      for (int look = 0; look < count; ++look) {
        const auto flags = co_await session.fetch_flags(5);
        auto& seen = told.emplace_back();
        for (const auto& mail : flags) seen.push_back(mail.uid);
        if (!flags.empty()) last = flags.back().flags;
      }
    };
  };
  CHECK(converse("imap_session_flags_moved", looks(5)) == "");
  CHECK(told == std::vector{uids({4, 9}), uids({4}), uids({4, 11}), uids({4, 11}), uids({4, 11})});
  CHECK(last == std::vector<std::string>{"new"});
  told.clear();
  CHECK(converse("imap_session_flags_gone", looks(3)) == "");
  CHECK(told == std::vector{uids({1}), uids({}), uids({2})});
}

TEST_CASE("a folder is opened in the same flight as the session; where it is refused, the session goes on") {
  std::optional<SelectedMailbox> selected, refused;
  const auto opens_into = [](std::optional<SelectedMailbox>& result) -> Client {
    return [&result](ImapSession& session) -> asio::awaitable<void> {
      result = co_await session.open_and_select("ticketd");
      co_await session.logout();
    };
  };
  CHECK(converse_from_the_start("imap_session_opened", opens_into(selected)) == "");
  REQUIRE(selected);
  CHECK(selected->uid_validity == UidValidity{77});
  CHECK(selected->exists == 3);
  refused.emplace();
  CHECK(converse_from_the_start("imap_session_not_opened", opens_into(refused)) == "");
  CHECK_FALSE(refused);
}

TEST_CASE("a folder that was made meanwhile is opened, and a refusal keeps its reason") {
  SelectedMailbox selected;
  std::string refusal;
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    selected = co_await session.create_and_select("ticketd");
    try {
      co_await session.create_and_select("ticketd");
    } catch (const ImapRefused& error) {
      refusal = error.what();
    }
    co_await session.create_and_select("ticketd");
  };
  CHECK(converse("imap_session_created", client).ends_with("[NOPERM] not for you\""));
  CHECK_THAT(refusal, Catch::Contains("SELECT ticketd") && Catch::Contains("[NOPERM] closed"));
  CHECK(selected.uid_validity == UidValidity{77});
  int refused = 0;
  const Client lists = [&](ImapSession& session) -> asio::awaitable<void> {
    try {
      co_await session.select_and_list("INBOX");
    } catch (const ImapRefused&) {
      ++refused;
    }
    co_await session.select_and_list("INBOX");
  };
  CHECK(converse("imap_session_refused_list", lists).ends_with("[UNAVAILABLE] the disk is gone\""));
  CHECK(refused == 1);
}

TEST_CASE("a mail goes with its command where the server takes it so") {
  const Client client = [](ImapSession& session) -> asio::awaitable<void> {
    co_await session.append("ticketd", "To: you\r\n");
  };
  CHECK(converse("imap_session_append", client) == "");
  const Client with_a_long_one = [&](ImapSession& session) -> asio::awaitable<void> {
    co_await client(session);
    co_await session.append("ticketd", std::string(4097, 'x'));
  };
  CHECK(converse("imap_session_append_at_once", with_a_long_one).ends_with("[OVERQUOTA] too much\""));
}

TEST_CASE("more mails than one command names are asked for two commands ahead") {
  std::vector<ImapMail> mails;
  std::vector<Uid> wanted;
  for (std::uint32_t uid = 1; uid <= 601; ++uid) wanted.push_back(Uid{uid});
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    co_await session.select("INBOX");
    co_await fetch_into(session, wanted, mails);
  };
  CHECK(converse("imap_session_pipelined", client) == "");
  CHECK(mails.size() == 3);
}

TEST_CASE("a stopped session says good-bye from inside IDLE") {
  const Client client = [](ImapSession& session) -> asio::awaitable<void> {
    co_await session.select("INBOX");
    session.stop();
    bool stopped = false;
    try {
      co_await session.wait_for_news(std::chrono::hours{1});
    } catch (const ImapStopped&) {
      stopped = true;
    }
    CHECK(stopped);
  };
  CHECK(converse("imap_session_stopped", client) == "");
}

TEST_CASE("servers that lie, stall and hang up") {
  struct Case {
    const char* name;
    const char* dialogue;
    const char* ending;
  };
  const Case cases[] = {
      {"a stall in the middle of a literal", "imap_session_stall_in_literal", "timeout: *silent for 0.15 s"},
      {"a literal of 4 GB", "imap_session_huge_literal", "protocol: *literal beyond the limit: {4294967295}"},
      {"a literal that no number measures", "imap_session_literal_without_measure",
       "protocol: *literal beyond the limit: *"},
      {"a literal in a list of numbers", "imap_session_literal_in_search", "protocol: *impossible number"},
      {"answers without end", "imap_session_talks_on", "timeout: *talks on and does not answer"},
      {"mails without end", "imap_session_endless_mails", "protocol: *more mails than were asked for"},
      {"the end in the middle of a literal", "imap_session_cut_literal", "unreachable: *closed the connection"},
      {"BYE", "imap_session_bye", "unreachable: *good-bye: shutting down"},
      {"no UIDVALIDITY", "imap_session_no_uid_validity", "protocol: *no UIDVALIDITY"},
      {"no such folder", "imap_session_no_folder", "*SELECT INBOX: the server says \"?NONEXISTENT? no such folder\""},
      {"an answer to nothing", "imap_session_foreign_tag", "protocol: *an answer to nothing"},
      {"BAD", "imap_session_bad", "protocol: *BAD what?\""},
      {"a range of 4 thousand million UIDs", "imap_session_endless_list", "protocol: *than any mailbox holds"},
      {"PREAUTH", "imap_session_preauth", "login: *PREAUTH*"},
      {"the login is refused", "imap_session_login_refused",
       "login: *login was refused: the server says \"NO ?AUTHENTICATIONFAILED? wrong\""},
      {"the login is refused for now", "imap_session_login_unavailable", "unreachable: *UNAVAILABLE? later\""},
      {"no login offered", "imap_session_login_disabled", "login: *"},
  };
  const Client client = [](ImapSession& session) -> asio::awaitable<void> {
    std::vector<ImapMail> mails;
    co_await session.select("INBOX");
    const std::vector<Uid> listed = co_await session.list_uids(Uid{1});
    co_await fetch_into(session, listed, mails);
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const std::string ending = converse(c.dialogue, client);
    INFO(ending);
    CHECK(fnmatch(c.ending, ending.c_str(), FNM_NOESCAPE) == 0);
    CHECK(ending.find("secret") == std::string::npos);
  }
}

TEST_CASE("dates without end") {
  const auto two = uids({1, 2});
  const Client client = [&](ImapSession& session) -> asio::awaitable<void> {
    co_await session.fetch_dates(two, true, false);
  };
  CHECK_THAT(converse("imap_session_endless_dates", client), Catch::Contains("more dates than were asked for"));
}

TEST_CASE("a server with the LOGIN command alone") {
  const Client nothing = [](ImapSession&) -> asio::awaitable<void> { co_return; };
  CHECK(converse("imap_session_login_command", nothing) == "");
}

}  // namespace
}  // namespace ticketd
