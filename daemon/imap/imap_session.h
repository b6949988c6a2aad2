#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/net/connection.h"
#include "parsers/imap_response.h"
#include "store/store.h"

namespace ticketd {

/// The server answered NO: this command can't be done; the conversation goes on.
class ImapRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
/// `ImapSession::stop` ended a wait.
class ImapStopped : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "stopped"; }
};

struct ImapTimeouts {
  std::chrono::milliseconds connect{30'000};
  std::chrono::milliseconds response{60'000};  ///< without a single octet while an answer is due
  std::chrono::milliseconds answer{600'000};   ///< for the end of an answer, however much of it comes
  std::chrono::milliseconds idle{540'000};     ///< longest IDLE: RFC 2177 says 29 minutes, NAT boxes forget sooner
  std::chrono::milliseconds logout{2'000};
  std::chrono::milliseconds reconnect_first{1'000};  ///< before the next connection; doubled with each failure in a row
  std::chrono::milliseconds reconnect_longest{300'000};
};

struct SelectedMailbox {
  UidValidity uid_validity{};
  std::optional<Uid> uid_next;
  std::uint32_t exists = 0;
  bool read_only = false;
};

/// One mail as the server gave it. `octets` are only its beginning when `size` is larger (ImapLimits::whole_octets).
struct ImapMail {
  Uid uid{};
  std::optional<Time> internal_date;
  std::uint64_t size = 0;                    ///< of the whole, by the literal that came
  std::optional<std::uint64_t> listed_size;  ///< RFC822.SIZE, which some servers only guess
  std::string octets;
  /// The server named the mail and gave nothing of it (NIL or no body): not there yet, or gone already.
  [[nodiscard]] bool empty() const { return octets.empty(); }
};

struct MailboxList {
  SelectedMailbox selected;
  std::vector<Uid> uids;
};

struct FlaggedUid {
  Uid uid{};
  std::vector<std::string> flags;
};

/// Our IMAP conversation (RFC 9051/3501) on one connection with one selected mailbox. Every function throws NetError
/// (the session is over), ImapStopped, and where a command can be refused ImapRefused. One coroutine at a time, but for
/// `stop`.
class ImapSession {
 public:
  ImapSession(Network& network, Endpoint endpoint, const ImapLimits& limits, const ImapTimeouts& timeouts);
  ~ImapSession();

  /// Connects, logs in and asks what the server can do.
  boost::asio::awaitable<void> open();
  /// And opens a folder in the same flight as the question; nullopt: the server refuses that.
  boost::asio::awaitable<std::optional<SelectedMailbox>> open_and_select(std::string folder);
  [[nodiscard]] bool has(std::string_view capability) const;
  boost::asio::awaitable<SelectedMailbox> select(std::string folder);
  /// With the UIDs that are there, ascending, listed after UIDNEXT was told; one flight.
  boost::asio::awaitable<MailboxList> select_and_list(std::string folder);
  /// The same for a look that changes nothing (EXAMINE): no flag, not even \Recent.
  boost::asio::awaitable<SelectedMailbox> examine(std::string folder);
  /// The folders that can be opened, in the server's order; of very many the first ones.
  boost::asio::awaitable<std::vector<std::string>> list_folders();

  /// The UIDs from `first` on, ascending.
  boost::asio::awaitable<std::vector<Uid>> list_uids(Uid first);
  /// How many messages the server said there were (EXISTS) when it listed them last.
  [[nodiscard]] std::uint32_t counted() const { return counted_; }
  /// INTERNALDATEs of those that are there; `with_sizes`: and RFC822.SIZEs, for which some servers open each mail.
  /// `may_lack`: where the server refuses (one of them is damaged), each is asked for by itself, up to a hundred; what
  /// it refuses even then is left out.
  boost::asio::awaitable<std::vector<DatedUid>> fetch_dates(std::vector<Uid> uids, bool with_sizes, bool may_lack);

  /// Begins to fetch mails (ascending UIDs), without setting \Seen; `next_mail` gives them as they arrive, nullopt
  /// after the last. What is not asked for stays in the network: two commands at most are under way, and nothing is
  /// read ahead.
  void start_fetch(std::vector<Uid> uids);
  boost::asio::awaitable<std::optional<ImapMail>> next_mail();
  /// One of the commands since `start_fetch` was answered with NO.
  [[nodiscard]] bool fetch_refused() const { return fetching_.refused; }

  // Changes. Mails that are gone are passed over.
  /// UID MOVE (RFC 6851), else COPY, \Deleted and UID EXPUNGE (RFC 4315); without UIDPLUS the mail stays, marked
  /// \Deleted, for a bare EXPUNGE would take other people's mails with it. Creates the folder when it is missing. How
  /// many moved, as far as the server gives receipts (COPYUID); else how many were asked for.
  boost::asio::awaitable<std::size_t> move(std::vector<Uid> uids, std::string folder);
  /// \Deleted, and UID EXPUNGE where the server has it.
  boost::asio::awaitable<void> remove(std::vector<Uid> uids);
  boost::asio::awaitable<void> mark_seen(std::vector<Uid> uids);

  // Leases.
  /// From now on each FETCH of mails is preceded by the question how that folder stands (STATUS), in the same flight.
  void ask_about(std::string folder) { asked_about_ = std::move(folder); }
  /// The latest answer to it since `start_fetch`; nullopt: there is none.
  [[nodiscard]] const std::optional<ImapMailboxStatus>& told_about() const { return told_about_; }
  /// One that is there already is opened all the same. What is said of CREATE, and of the commands below, with BAD
  /// counts as refused: servers that can't do it differ in how they say so.
  boost::asio::awaitable<SelectedMailbox> create_and_select(std::string folder);
  boost::asio::awaitable<void> append(std::string folder, std::string octets);
  /// Of the selected mailbox's mails, ascending; of more than `most` the others are left out.
  boost::asio::awaitable<std::vector<FlaggedUid>> fetch_flags(std::size_t most);
  boost::asio::awaitable<void> set_flag(Uid uid, std::string flag, bool is_set);
  /// `wait_for_news` ends at once, or does not begin to wait the next time.
  void wake();
  /// Mails that go, and flags that others change, are news as well.
  void listen_for_changes() { hears_changes_ = true; }

  /// Waits until the number of messages changes or `longest` has passed: IDLE (RFC 2177), or NOOP at the end where the
  /// server has none. Ends with a round trip in any case, so that a silent server is found out.
  boost::asio::awaitable<void> wait_for_news(std::chrono::milliseconds longest);
  /// Says good-bye, for a short time at most; never throws. Also after `stop`.
  boost::asio::awaitable<void> logout();
  /// Whatever waits for the server throws ImapStopped.
  void stop();

 private:
  using Visitor = std::function<void(ImapResponse&)>;
  struct Fetching {
    std::vector<Uid> uids;
    std::size_t next = 0;            ///< the first one not asked for yet
    std::deque<std::string> tags;    ///< of the commands under way
    std::deque<std::string> checks;  ///< of the STATUS commands under way
    bool refused = false;
    std::size_t given = 0;  ///< mails, repeated ones too
  };

  boost::asio::awaitable<std::optional<ImapResponse>> try_response(std::chrono::milliseconds timeout);
  boost::asio::awaitable<ImapResponse> next_response();
  boost::asio::awaitable<std::string> send_command(std::string text);
  boost::asio::awaitable<ImapStatus> await_tagged(std::string tag, const Visitor& visit);
  boost::asio::awaitable<ImapStatus> run(std::string text, const Visitor& visit);
  boost::asio::awaitable<ImapStatus> run(std::string text);
  void take_untagged(const ImapResponse& response);
  [[nodiscard]] NetError nonsense(std::string_view what) const;
  void require_ok(const ImapStatus& status, std::string_view what) const;

  boost::asio::awaitable<ImapStatus> await_opened(std::string tag, SelectedMailbox& selected);
  void judge_opened(const ImapStatus& status, std::string_view what, const SelectedMailbox& selected) const;
  [[nodiscard]] std::string search_from(Uid first) const;
  boost::asio::awaitable<std::vector<Uid>> await_list(std::string tag, Uid first);
  boost::asio::awaitable<SelectedMailbox> open_folder(std::string verb, std::string folder);
  boost::asio::awaitable<void> send_fetch();
  boost::asio::awaitable<void> await_flags(std::string tag, const Visitor& visit);
  boost::asio::awaitable<ImapStatus> append_literal(std::string folder, std::string octets);
  void require_done(const ImapStatus& status, std::string_view what) const;
  std::optional<ImapMail> take_mail(ImapResponse& response);
  boost::asio::awaitable<std::size_t> transfer(std::string verb, std::string set, std::string folder);
  boost::asio::awaitable<void> delete_uids(std::string set);
  boost::asio::awaitable<bool> begin_idle();
  boost::asio::awaitable<void> end_idle();
  boost::asio::awaitable<void> listen(std::chrono::milliseconds longest);
  void interrupt_after(std::chrono::milliseconds delay);

  std::string url_;
  ImapTimeouts timeouts_;
  std::shared_ptr<Connection> connection_;
  boost::asio::steady_timer renewal_;
  ImapResponseReader reader_;
  std::vector<char> buffer_;
  std::string_view unread_;  ///< what `reader_` has not had yet of `buffer_`
  std::vector<std::string> capabilities_;
  std::uint32_t exists_ = 0;
  std::uint32_t moves_ = 0;   ///< EXISTS and EXPUNGE that came; for whoever set it to 0
  bool just_opened_ = false;  ///< nothing was asked in the selected mailbox
  std::uint32_t counted_ = 0;
  bool news_ = false;  ///< `exists_` has changed since the last look
  bool hears_changes_ = false;
  std::string asked_about_;
  std::optional<ImapMailboxStatus> told_about_;
  bool stopping_ = false;
  bool leaving_ = false;  ///< a BYE is no surprise
  std::uint64_t commands_ = 0;
  std::chrono::steady_clock::time_point answer_due_{};
  std::string idle_tag_;  ///< empty: not in IDLE
  Fetching fetching_;
};

}  // namespace ticketd
