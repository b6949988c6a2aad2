#include <algorithm>

#include "parsers/ascii.h"
#include "rules/address_key.h"
#include "rules/sender_key.h"
#include "store/impl.h"

namespace ticketd {
namespace {

using Impl = Store::Impl;

/// Tickets that one mail may point at; a mail that names more is a mistake or an attack.
constexpr std::size_t kCandidates = 50;
/// How many subjects of a ticket's mails are compared with a new one.
constexpr std::size_t kSubjects = 50;
/// How many of those are known who wrote after a mail that came back.
constexpr std::size_t kHeardFrom = 200;
/// How many warnings about senders of a ticket are known when a new one is written.
constexpr std::size_t kWarnings = 200;

std::vector<KnownMail> known_mails(Impl& impl, const ContextQuery& query) {
  std::vector<KnownMail> known;
  const auto key = message_key(query.message_id);
  if (!impl.may_know(key)) return known;
  auto rows = impl.query(sql::known_mails, key, query.message_id, query.content_digest);
  while (rows.next()) {
    KnownMail mail;
    mail.mailbox = rows.text();
    if (const auto ticket = rows.optional_integer()) mail.ticket = impl.conversation_of(TicketId{*ticket});
    known.push_back(std::move(mail));
  }
  return known;
}

std::optional<Candidate> load_candidate(Impl& impl, TicketId number, Candidate::Via via) {
  auto row = impl.load_ticket_to_change(number);
  if (!row) return std::nullopt;
  Candidate candidate;
  candidate.via = via;
  candidate.ticket = std::move(row->ticket);
  candidate.participants = impl.load_participants(candidate.ticket);
  candidate.downgraded_until = impl.load_downgrade(candidate.ticket.organization);
  auto rows = impl.query(sql::incoming_subjects, number, kSubjects);
  while (rows.next()) candidate.earlier_subjects.push_back(rows.text());
  auto warnings = impl.query(sql::sender_warnings, number, kWarnings);
  while (warnings.next()) candidate.sender_warnings.push_back(warnings.text());
  return candidate;
}

/// A ticket that a reference names, by a mail of ours or of somebody else.
struct Hit {
  TicketId ticket{};
  bool ours = false;
};

/// Ours first: whoever reuses its id for mails of his own can't push it out.
std::vector<Hit> hits_of(Impl& impl, std::string_view reference) {
  std::vector<Hit> hits;
  const auto key = message_key(reference);
  if (!impl.may_know(key)) return hits;
  auto ours = impl.query(sql::our_mail, key, reference);
  if (ours.next())
    if (const auto ticket = ours.optional_integer()) hits.push_back({impl.conversation_of(TicketId{*ticket}), true});
  auto others = impl.query(sql::tickets_of_message_id, key, reference);
  while (others.next()) hits.push_back({impl.conversation_of(others.id<TicketId>()), false});
  return hits;
}

Candidate* find_candidate(std::vector<Candidate>& candidates, TicketId ticket) {
  const auto found = std::ranges::find(candidates, ticket, [](const Candidate& c) { return c.ticket.number; });
  return found == candidates.end() ? nullptr : &*found;
}

/// A mail that names several mails of one ticket is one candidate, and one of our ids says more than a customer's.
void add_hit(Impl& impl, std::vector<Candidate>& candidates, const Hit& hit, bool is_direct) {
  auto* candidate = find_candidate(candidates, hit.ticket);
  if (candidate == nullptr) {
    if (candidates.size() >= kCandidates) return;
    auto loaded = load_candidate(impl, hit.ticket, Candidate::Via::customer_message_id);
    if (!loaded) return;
    candidate = &candidates.emplace_back(std::move(*loaded));
  }
  if (hit.ours) candidate->via = Candidate::Via::our_message_id;
  candidate->answers_us = candidate->answers_us || (hit.ours && is_direct);
}

std::vector<Candidate> load_candidates(Impl& impl, const ContextQuery& query) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < query.references.size(); ++i)
    for (const auto& hit : hits_of(impl, query.references[i]))
      add_hit(impl, candidates, hit, i < query.direct_references);
  if (!query.tag) return candidates;
  const auto tagged = impl.conversation_of(*query.tag);
  if (find_candidate(candidates, tagged) == nullptr)
    if (auto candidate = load_candidate(impl, tagged, Candidate::Via::tag)) candidates.push_back(std::move(*candidate));
  return candidates;
}

std::uint32_t read_count(Rows rows) { return rows.next() ? static_cast<std::uint32_t>(rows.integer()) : 0; }

/// Since each of these instants.
std::vector<std::uint32_t> count_ticket_answers(Impl& impl, TicketId ticket, const std::vector<Time>& since, Time now) {
  std::vector<std::uint32_t> counts;
  for (const Time from : since) counts.push_back(read_count(impl.query(sql::count_ticket_answers, ticket, from, now)));
  return counts;
}

std::optional<ReturnedMail> load_returned(Impl& impl, std::string_view message_id) {
  const auto key = message_key(message_id);
  if (!impl.may_know(key)) return std::nullopt;
  auto rows = impl.query(sql::returned_mail, key, message_id);
  if (!rows.next()) return std::nullopt;
  ReturnedMail mail;
  mail.outbox = rows.integer();
  mail.kind = outbox_kind_from_name(rows.view()).value_or(OutboxKind::answer);
  if (const auto ticket = rows.optional_integer()) mail.ticket = impl.conversation_of(TicketId{*ticket});
  auto recipients = impl.query(sql::recipients, mail.outbox);
  while (recipients.next()) {
    auto address = to_lower(recipients.view());
    if (recipients.view() != "barred") mail.recipients.push_back(std::move(address));
  }
  if (!mail.ticket) return mail;
  auto heard = impl.query(sql::heard_since, mail.outbox, *mail.ticket, kHeardFrom);
  while (heard.next()) mail.heard_from.push_back(heard.text());
  return mail;
}

std::vector<ReturnedMail> load_returned(Impl& impl, const std::vector<std::string>& ids) {
  std::vector<ReturnedMail> result;
  for (const auto& id : ids)
    if (auto mail = load_returned(impl, id);
        mail && std::ranges::find(result, mail->outbox, &ReturnedMail::outbox) == result.end())
      result.push_back(std::move(*mail));
  return result;
}

bool is_ours(Impl& impl, std::string_view message_id) {
  if (message_id.empty()) return false;
  const auto key = message_key(message_id);
  return impl.may_know(key) && impl.query(sql::our_mail, key, message_id).next();
}

std::uint32_t count_activity(Impl& impl, std::string_view sender, std::string_view kind, Time since, Time now) {
  return read_count(impl.query(sql::count_activity, sender, kind, since, now));
}

std::uint64_t count_answers(Impl& impl, Time since, Time now) {
  auto rows = impl.query(sql::count_answers, answer_span(since), now);
  return rows.next() ? static_cast<std::uint64_t>(rows.integer()) : 0;
}

std::optional<TicketId> blocked_by(Impl& impl, std::string_view sender) {
  auto rows = impl.query(sql::blocked_by, sender);
  return rows.next() ? std::optional(rows.id<TicketId>()) : std::nullopt;
}

std::vector<std::string> thread_message_ids(Impl& impl, TicketId ticket) {
  std::vector<std::string> ids;
  auto rows = impl.query(sql::thread_message_ids, ticket);
  while (rows.next()) ids.push_back(rows.text());
  return ids;
}

std::vector<std::string> texts_of_customer(Impl& impl, TicketId ticket) {
  constexpr std::int64_t kTexts = 30;
  constexpr std::int64_t kCharacters = 20'000;
  std::vector<std::string> texts;
  auto rows = impl.query(sql::texts_of_customer, ticket, kTexts, kCharacters);
  while (rows.next()) texts.push_back(rows.text());
  return texts;
}

std::optional<AnsweredMail> load_answered(Impl& impl, std::string_view message_id) {
  const auto key = message_key(message_id);
  if (!impl.may_know(key)) return std::nullopt;
  auto rows = impl.query(sql::returned_mail, key, message_id);
  if (!rows.next()) return std::nullopt;
  AnsweredMail mail;
  mail.message_id = message_id;
  const auto outbox = rows.integer();
  mail.kind = outbox_kind_from_name(rows.view()).value_or(OutboxKind::answer);
  if (const auto ticket = rows.optional_integer()) mail.ticket = impl.conversation_of(TicketId{*ticket});
  auto recipients = impl.query(sql::recipients, outbox);
  while (recipients.next()) mail.recipients.push_back(to_lower(recipients.view()));
  auto octets = impl.query(sql::outbox_octets, outbox);
  if (octets.next()) mail.octets = impl.compressor.decompress(octets.view());
  return mail;
}

/// What only a mail of staff needs.
void load_staff_context(Impl& impl, const ContextQuery& query, TicketContext& context) {
  for (std::size_t i = 0; i < query.answers; ++i)
    if (auto mail = load_answered(impl, query.references[i])) context.answered.push_back(std::move(*mail));
  if (query.answers > 0)
    for (auto& candidate : context.candidates) {
      candidate.message_ids = thread_message_ids(impl, candidate.ticket.number);
      candidate.texts_of_customer = texts_of_customer(impl, candidate.ticket.number);
      candidate.undeliverable = impl.load_undeliverable(candidate.ticket.reply_to);
      candidate.blocked_by = blocked_by(impl, address_key(candidate.ticket.requester.addr_spec));
    }
  if (query.answers > 0 && query.strikes_since != Time::max())
    for (auto& candidate : context.candidates)
      candidate.record = impl.load_record(candidate.ticket.organization, query.strikes_since, query.now);
  if (query.other)
    if (auto row = impl.load_ticket_to_change(*query.other)) context.other = std::move(row->ticket);
}

/// What lies ahead of `now` was written before the clock was set back, and counts for nothing.
NewsCounts count_news(Impl& impl, std::string_view sender, std::string_view organization, const NewsWindow& window) {
  NewsCounts counts;
  counts.of_sender = read_count(impl.query(sql::count_news_of_sender, sender, window.since, window.now));
  counts.of_organization =
      read_count(impl.query(sql::count_news_of_organization, organization, window.since, window.now));
  counts.in_all = read_count(impl.query(sql::count_news, window.since, window.now));
  return counts;
}

}  // namespace

std::string news_key(std::string_view whose, bool is_unproven) {
  return is_unproven ? std::string("?").append(whose) : std::string(whose);
}

TicketId Store::Impl::next_number() {
  auto rows = query(sql::next_number);
  return rows.next() ? rows.id<TicketId>() : TicketId{1};
}

TicketId Store::Impl::conversation_of(TicketId number) {
  auto rows = query(sql::merged_into, number);
  return rows.next() ? rows.id<TicketId>() : number;
}

std::vector<std::string> Store::Impl::load_participants(const Ticket& ticket) {
  std::vector<std::string> addresses;
  auto rows = query(sql::participants, ticket.number);
  while (rows.next()) addresses.push_back(rows.text());
  const auto found = std::ranges::find_if(
      addresses, [&](const auto& address) { return is_same_address(address, ticket.requester.addr_spec); });
  if (found != addresses.end()) std::rotate(addresses.begin(), found, found + 1);
  return addresses;
}

TicketContext Store::load_context(const ContextQuery& query) {
  TicketContext context;
  context.next_number = impl_->next_number();
  context.is_ours = is_ours(*impl_, query.message_id);
  context.known = known_mails(*impl_, query);
  context.candidates = load_candidates(*impl_, query);
  for (auto& candidate : context.candidates)
    candidate.automatic_answers =
        count_ticket_answers(*impl_, candidate.ticket.number, query.ticket_answers_since, query.now);
  const auto sender = sender_key(query.sender);
  context.automatic_answers_to_sender =
      count_activity(*impl_, sender, "answered", query.acknowledgements_since, query.now);
  context.automatic_answers_to_domain = count_activity(*impl_, sender_domain_key(query.sender), "answered",
                                                       query.domain_acknowledgements_since, query.now);
  context.automatic_answers_in_all = count_answers(*impl_, query.all_acknowledgements_since, query.now);
  context.tickets_of_sender = count_activity(*impl_, sender, "opened", query.tickets_since, query.now);
  context.returned = load_returned(*impl_, query.returned_ids);
  context.undeliverable = impl_->load_undeliverable(query.sender);
  load_staff_context(*impl_, query, context);
  context.downgraded_until = impl_->load_downgrade(query.organization);
  context.news = count_news(*impl_, news_key(sender, query.is_unproven),
                            news_key(query.organization, query.is_unproven), {query.news_since, query.now});
  context.blocked_by = blocked_by(*impl_, address_key(query.sender));
  context.incidents = impl_->load_open_incidents();
  return context;
}

AnswerCounts Store::answer_counts(const Ticket& ticket, const AnswerWindows& windows) {
  AnswerCounts counts;
  const auto& requester = ticket.requester.addr_spec;
  counts.to_sender = count_activity(*impl_, sender_key(requester), "answered", windows.to_sender_since, windows.now);
  counts.to_domain =
      count_activity(*impl_, sender_domain_key(requester), "answered", windows.to_domain_since, windows.now);
  counts.in_all = count_answers(*impl_, windows.in_all_since, windows.now);
  counts.in_ticket = count_ticket_answers(*impl_, ticket.number, windows.in_ticket_since, windows.now);
  return counts;
}

CommandContext Store::load_command_context(std::optional<TicketId> ticket, std::string_view organization,
                                           std::optional<TicketId> other, const NewsWindow& news) {
  CommandContext context;
  context.next_number = impl_->next_number();
  std::string standing(organization);
  if (ticket) {
    if (auto row = impl_->load_ticket_to_change(*ticket)) {
      context.participants = impl_->load_participants(row->ticket);
      context.thread_message_ids = thread_message_ids(*impl_, *ticket);
      if (standing.empty()) standing = row->ticket.organization;
      const auto& requester = row->ticket.requester.addr_spec;
      context.blocked_by = blocked_by(*impl_, address_key(requester));
      context.undeliverable = impl_->load_undeliverable(row->ticket.reply_to);
      context.news = count_news(*impl_, sender_key(requester), row->ticket.organization, news);
      context.ticket = std::move(row->ticket);
    }
  }
  if (other)
    if (auto row = impl_->load_ticket_to_change(*other)) context.other = std::move(row->ticket);
  context.downgraded_until = impl_->load_downgrade(standing);
  context.incidents = impl_->load_open_incidents();
  return context;
}

}  // namespace ticketd
