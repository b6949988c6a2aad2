#include "daemon/desk/mail_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "parsers/ascii.h"
#include "parsers/printable.h"
#include "rules/compose.h"

namespace ticketd {
namespace {

// A process may end for other reasons: so often in a row at the same mail it does not.
constexpr unsigned kDeathsUntilCore = 3;
constexpr unsigned kDeathsUntilQuarantine = 6;

Decided decide(const MailWork& work, const ReadMail& read) {
  if (!read.email) return {decide_unreadable(work.arrived, read.error), {}, {}};
  auto query = lookup_for(*read.facts, work.now);
  const auto context = work.store.load_context(query);
  return {decide_mail(*read.facts, context, work.rules.templates, work.now, work.tokens), std::move(query), {}};
}

/// What is sent, without its octets: those are for the packer.
std::vector<FramePacker::Frame> take_octets(std::vector<OutgoingMail>& outgoing, const MailWork& work) {
  std::vector<FramePacker::Frame> frames;
  for (auto& mail : outgoing)
    frames.push_back({0, std::exchange(mail.octets, {}), std::exchange(mail.write, {}), std::string(work.name)});
  return frames;
}

/// What the packer will bring is missing in the store until then.
void write(const MailWork& work, const ReadMail& read, Decided& decided) {
  auto& outgoing = decided.decision.outgoing;
  std::vector<FramePacker::Frame> frames;
  if (work.packer != nullptr)
    frames = take_octets(outgoing, work);
  else
    std::ranges::for_each(outgoing, write_out);
  const auto* known = decided.query ? &*decided.query : nullptr;
  const auto applied = work.store.apply(decided.decision, work.arrived.octets, known, work.now, read.frame);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i].outbox = applied.outbox_ids[i];
    work.packer->add(std::move(frames[i]));
  }
}

Decided decide_and_write(const MailWork& work, const ReadMail& read) {
  auto decided = decide(work, read);
  if (decided.decision.outcome != Outcome::quarantined) write(work, read, decided);
  return decided;
}

Decided decide_and_write_out(const MailWork& work, const ReadMail& read) {
  auto decided = decide(work, read);
  std::ranges::for_each(decided.decision.outgoing, write_out);
  return decided;
}

Decided apply(const MailWork& work, const ReadMail& read) {
  Store::Savepoint savepoint(work.store);
  auto decided = decide_and_write(work, read);
  savepoint.release();
  return decided;
}

ReadMail unreadable(std::string why) { return {nullptr, nullptr, std::move(why)}; }

/// What `parse` makes of the mail, and its facts. Whatever that throws makes it unreadable.
template <class Parse>
ReadMail read_by(const Parse& parse, const ArrivedMail& arrived, const Ruleset& ruleset) {
  try {
    std::variant<Email, ParseError> parsed = parse();
    if (auto* error = std::get_if<ParseError>(&parsed)) return unreadable(std::move(error->reason));
    ReadMail read;
    read.email = std::make_unique<const Email>(std::move(std::get<Email>(parsed)));
    read.facts = std::make_unique<const MailFacts>(find_facts(*read.email, arrived, ruleset));
    return read;
  } catch (const std::exception& error) {
    return unreadable(std::string("The mail could not be read: ") + error.what());
  }
}

/// Of a mail that can't be worked on as a whole: its header, and the beginning of its text as it stands there.
std::variant<Email, ParseError> parse_core(std::string_view octets, const ParseLimits& limits, const std::string& why) {
  constexpr std::size_t kLongestHeader = 64 * 1024, kText = 10'000;
  octets = octets.substr(0, kLongestHeader + kText);
  const auto crlf = octets.find("\r\n\r\n"), lf = octets.find("\n\n");
  const auto end = std::min({crlf == octets.npos ? octets.npos : crlf + 2, lf == octets.npos ? octets.npos : lf + 1,
                             std::min(octets.size(), kLongestHeader)});
  auto parsed = parse_email(octets.substr(0, end), limits);
  if (auto* email = std::get_if<Email>(&parsed)) {
    std::string text(trim(octets.substr(end, kText)));
    std::erase(text, '\r');
    email->text = printable_text(text);
    email->attachments.clear();
    email->defects.push_back("only its header and its beginning could be worked on: " + why);
  }
  return parsed;
}

ReadMail read_core(const ArrivedMail& arrived, const DeskRules& rules, const std::string& why) {
  return read_by([&] { return parse_core(arrived.octets, rules.limits, why); }, arrived, rules.ruleset);
}

using Step = Decided (*)(const MailWork&, const ReadMail&);

/// nullopt, and nothing written, when that throws: why.
std::optional<Decided> try_step(Step step, const MailWork& work, const ReadMail& read, std::string& why) {
  try {
    return step(work, read);
  } catch (const StoreError&) {
    throw;
  } catch (const std::exception& error) {
    why = error.what();
    return std::nullopt;
  }
}

Decided with_fallback(Step step, const MailWork& work, const ReadMail& read) {
  std::string why = read.error;
  if (read.email)
    if (auto decided = try_step(step, work, read, why)) return std::move(*decided);
  const auto core = read_core(work.arrived, work.rules, why);
  if (core.email)
    if (auto decided = try_step(step, work, core, why)) return std::move(*decided);
  return {decide_unreadable(work.arrived, "The mail could not be worked on: " + why), {}, {}};
}

}  // namespace

ReadMail read_mail(const ArrivedMail& arrived, const DeskRules& rules, unsigned deaths) {
  if (deaths >= kDeathsUntilCore)
    return unreadable(fmt::format("The program ended {} times while it worked on this mail.", deaths));
  return read_by([&] { return parse_email(arrived.octets, rules.limits); }, arrived, rules.ruleset);
}

Decided decide_and_apply(const MailWork& work, const ReadMail& read) {
  const bool is_plain = !work.takes_back && read.email;
  return is_plain ? decide_and_write(work, read) : with_fallback(apply, work, read);
}

Decided decide_only(const MailWork& work, const ReadMail& read) {
  return with_fallback(decide_and_write_out, work, read);
}

Decided decide_or_quarantine(const MailWork& work, const ReadMail& read, unsigned deaths) {
  auto decided = deaths < kDeathsUntilQuarantine ? decide_and_apply(work, read)
                                                 : Decided{decide_unreadable(work.arrived, read.error), {}, {}};
  if (decided.decision.outcome == Outcome::quarantined)
    decided.quarantine = work.store.quarantine(work.arrived, decided.decision.reason, work.now);
  return decided;
}

}  // namespace ticketd
