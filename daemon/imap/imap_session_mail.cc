// Listing and fetching.
#include <fmt/format.h>

#include <algorithm>

#include "daemon/imap/imap_session.h"
#include "daemon/imap/mailbox_name.h"
#include "daemon/imap/uid_sets.h"

namespace ticketd {

namespace asio = boost::asio;

namespace {

/// How many UIDs one FETCH names, and how many FETCHes are under way: what a round trip of 20 ms costs is then hidden.
constexpr std::size_t kFetchUids = 200;
constexpr std::size_t kFetchesUnderWay = 2;
/// No mailbox has more; a set of ranges could claim four thousand million.
constexpr std::size_t kMaxListed = 10'000'000;

/// Whoever chooses one of them reads no longer list.
constexpr std::size_t kFolders = 1000;

/// A mailbox may hold thousands of damaged mails; so many are asked for one by one.
constexpr std::size_t kAskedSingly = 100;

/// So often may a server name each message that it was asked for.
constexpr std::size_t kRepetitions = 2;

/// What a search found, whichever way the server answers.
struct Found {
  std::vector<std::uint32_t> uids;
  bool too_many = false;

  void take(const ImapResponse& response) {
    if (const auto* search = std::get_if<ImapSearch>(&response)) append(search->numbers);
    const auto* extended = std::get_if<ImapEsearch>(&response);
    if (extended == nullptr) return;
    const auto expanded = expand(extended->all, kMaxListed);
    if (expanded) append(*expanded);
    too_many = too_many || !expanded;
  }
  void append(const std::vector<std::uint32_t>& more) {
    too_many = too_many || uids.size() + more.size() > kMaxListed;
    if (!too_many) uids.insert(uids.end(), more.begin(), more.end());
  }
};

/// Ascending, each once. `n:*` names the last message even when its UID is below n: such are dropped.
std::vector<Uid> ascending_from(Uid first, std::vector<std::uint32_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<Uid> uids;
  uids.reserve(numbers.size());
  for (const auto number : numbers)
    if (number != 0 && Uid{number} >= first) uids.push_back(Uid{number});
  return uids;
}

}  // namespace

asio::awaitable<std::vector<std::string>> ImapSession::list_folders() {
  std::vector<std::string> folders;
  const Visitor visit = [&folders](ImapResponse& response) {
    const auto* list = std::get_if<ImapList>(&response);
    if (list != nullptr && list->selectable && folders.size() < kFolders)
      folders.push_back(decode_mailbox_name(list->name));
  };
  const ImapStatus status = co_await run("LIST \"\" \"*\"", visit);
  require_ok(status, "LIST");
  co_return folders;
}

asio::awaitable<std::vector<Uid>> ImapSession::list_uids(Uid first) {
  news_ = false;
  const std::string tag = co_await send_command(search_from(first));
  std::vector<Uid> uids = co_await await_list(tag, first);
  co_return uids;
}

std::string ImapSession::search_from(Uid first) const {
  const auto from = std::max(std::uint32_t{1}, static_cast<std::uint32_t>(first));
  return fmt::format("UID SEARCH {}UID {}:*", has("ESEARCH") ? "RETURN (ALL) " : "", from);
}

asio::awaitable<std::vector<Uid>> ImapSession::await_list(std::string tag, Uid first) {
  Found found;
  bool answered = false;
  const Visitor visit = [this, &found, &answered](ImapResponse& response) {
    found.take(response);
    if (!std::holds_alternative<ImapSearch>(response) && !std::holds_alternative<ImapEsearch>(response)) return;
    answered = true;
    counted_ = exists_;
  };
  const ImapStatus status = co_await await_tagged(std::move(tag), visit);
  require_ok(status, "SEARCH");
  if (!answered) counted_ = exists_;
  if (found.too_many) throw nonsense("more messages than any mailbox holds");
  co_return ascending_from(first, std::move(found.uids));
}

asio::awaitable<std::vector<DatedUid>> ImapSession::fetch_dates(std::vector<Uid> uids, bool with_sizes, bool may_lack) {
  std::vector<DatedUid> dates;
  const Visitor visit = [this, &dates, most = uids.size() * kRepetitions](ImapResponse& response) {
    const auto* fetch = std::get_if<ImapFetch>(&response);
    if (fetch == nullptr || !fetch->uid || !fetch->internal_date) return;
    if (dates.size() == most) throw nonsense("more dates than were asked for");
    dates.push_back(DatedUid{Uid{*fetch->uid}, fetch->internal_date, fetch->rfc822_size});
  };
  const std::string_view sizes = with_sizes ? " RFC822.SIZE" : "";
  bool refused = false;
  for (const auto& set : uid_sets(uids)) {
    const ImapStatus status = co_await run(fmt::format("UID FETCH {} (UID INTERNALDATE{})", set, sizes), visit);
    refused = refused || status.kind == ImapStatus::Kind::no;
    if (!may_lack || status.kind != ImapStatus::Kind::no) require_ok(status, "FETCH");
  }
  if (!refused) co_return dates;
  std::erase_if(uids, [&](Uid uid) { return std::ranges::find(dates, uid, &DatedUid::uid) != dates.end(); });
  uids.resize(std::min(uids.size(), kAskedSingly));
  for (const Uid uid : uids) {
    const auto command = fmt::format("UID FETCH {} (UID INTERNALDATE{})", static_cast<std::uint32_t>(uid), sizes);
    const ImapStatus status = co_await run(command, visit);
    if (status.kind != ImapStatus::Kind::no) require_ok(status, "FETCH");
  }
  co_return dates;
}

void ImapSession::start_fetch(std::vector<Uid> uids) {
  fetching_.uids = std::move(uids);
  fetching_.next = 0;
  fetching_.refused = false;
  fetching_.given = 0;
  told_about_.reset();
}

asio::awaitable<std::optional<ImapMail>> ImapSession::next_mail() {
  answer_due_ = std::chrono::steady_clock::now() + timeouts_.answer;
  while (true) {
    while (fetching_.tags.size() < kFetchesUnderWay && fetching_.next < fetching_.uids.size()) co_await send_fetch();
    if (fetching_.tags.empty() && fetching_.checks.empty()) co_return std::nullopt;
    ImapResponse response = co_await next_response();
    const auto* status = std::get_if<ImapStatus>(&response);
    if (status != nullptr && !fetching_.checks.empty() && status->tag == fetching_.checks.front()) {
      if (status->kind != ImapStatus::Kind::ok) told_about_.reset();  // whoever asked has to find out otherwise
      fetching_.checks.pop_front();
      continue;
    }
    if (status != nullptr && !fetching_.tags.empty() && status->tag == fetching_.tags.front()) {
      // NO: some are gone. Whoever asked sees which ones did not come.
      if (status->kind == ImapStatus::Kind::bad) require_ok(*status, "FETCH");
      fetching_.refused = fetching_.refused || status->kind == ImapStatus::Kind::no;
      fetching_.tags.pop_front();
      continue;
    }
    auto mail = take_mail(response);
    if (mail && ++fetching_.given > fetching_.uids.size() * kRepetitions)
      throw nonsense("more mails than were asked for");
    if (mail) co_return mail;
    take_untagged(response);
  }
}

asio::awaitable<void> ImapSession::send_fetch() {
  const auto count = std::min(kFetchUids, fetching_.uids.size() - fetching_.next);
  if (!asked_about_.empty()) {
    std::string check = co_await send_command(
        fmt::format("STATUS {} (MESSAGES UIDNEXT UIDVALIDITY)", quote_mailbox_name(asked_about_)));
    fetching_.checks.push_back(std::move(check));
  }
  const std::string set = uid_set(std::span(fetching_.uids).subspan(fetching_.next, count));
  std::string tag = co_await send_command(fmt::format("UID FETCH {} (UID INTERNALDATE RFC822.SIZE BODY.PEEK[])", set));
  fetching_.tags.push_back(std::move(tag));
  fetching_.next += count;
}

/// nullopt: something else, or a FETCH that nobody asked for (others' flags).
std::optional<ImapMail> ImapSession::take_mail(ImapResponse& response) {
  auto* fetch = std::get_if<ImapFetch>(&response);
  if (fetch == nullptr || !fetch->uid || (!fetch->body && !fetch->rfc822_size)) return std::nullopt;
  const Uid uid{*fetch->uid};
  if (!std::binary_search(fetching_.uids.begin(), fetching_.uids.end(), uid)) return std::nullopt;
  ImapMail mail;
  mail.uid = uid;
  mail.internal_date = fetch->internal_date;
  mail.size = fetch->body ? fetch->body->size : 0;
  mail.listed_size = fetch->rfc822_size;
  if (fetch->body) mail.octets = std::move(fetch->body->octets);
  return mail;
}

}  // namespace ticketd
