#include "daemon/desk/mail_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "parsers/ascii.h"
#include "parsers/printable.h"

namespace ticketd {
namespace {

// A process may end for other reasons: so often in a row at the same mail it does not.
constexpr unsigned kDeathsUntilCore = 3;
constexpr unsigned kDeathsUntilQuarantine = 6;

Decided decide(const MailWork& work, const ReadMail& read) {
  if (const auto* error = std::get_if<ParseError>(&read))
    return {decide_unreadable(work.arrived, error->reason), {}, {}};
  const auto& email = std::get<Email>(read);
  const auto& rules = work.rules;
  auto query = lookup_for(email, work.arrived, rules.ruleset, work.now);
  const auto context = work.store.load_context(query);
  return {decide_mail(email, work.arrived, context, rules.ruleset, rules.templates, work.now, work.tokens),
          std::move(query),
          {}};
}

Decided decide_and_write(const MailWork& work, const ReadMail& read) {
  auto decided = decide(work, read);
  if (decided.decision.outcome != Outcome::quarantined)
    work.store.apply(decided.decision, work.arrived.octets, decided.query ? &*decided.query : nullptr, work.now);
  return decided;
}

Decided apply(const MailWork& work, const ReadMail& read) {
  Store::Savepoint savepoint(work.store);
  auto decided = decide_and_write(work, read);
  savepoint.release();
  return decided;
}

ReadMail parse(const ArrivedMail& arrived, const ParseLimits& limits) {
  try {
    return parse_email(arrived.octets, limits);
  } catch (const std::exception& error) {
    return ParseError{std::string("The mail could not be read: ") + error.what()};
  }
}

/// Of a mail that can't be worked on as a whole: its header, and the beginning of its text as it stands there.
ReadMail read_core(const ArrivedMail& arrived, const ParseLimits& limits, const std::string& why) {
  constexpr std::size_t kLongestHeader = 64 * 1024, kText = 10'000;
  const std::string_view octets = std::string_view(arrived.octets).substr(0, kLongestHeader + kText);
  const auto crlf = octets.find("\r\n\r\n"), lf = octets.find("\n\n");
  const auto end = std::min({crlf == octets.npos ? octets.npos : crlf + 2, lf == octets.npos ? octets.npos : lf + 1,
                             std::min(octets.size(), kLongestHeader)});
  ArrivedMail head;
  head.octets = octets.substr(0, end);
  auto read = parse(head, limits);
  if (auto* email = std::get_if<Email>(&read)) {
    std::string text(trim(octets.substr(end, kText)));
    std::erase(text, '\r');
    email->text = printable_text(text);
    email->attachments.clear();
    email->defects.push_back("only its header and its beginning could be worked on: " + why);
  }
  return read;
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
  std::string why;
  if (const auto* error = std::get_if<ParseError>(&read)) why = error->reason;
  if (why.empty())
    if (auto decided = try_step(step, work, read, why)) return std::move(*decided);
  const auto core = read_core(work.arrived, work.rules.limits, why);
  if (std::holds_alternative<Email>(core))
    if (auto decided = try_step(step, work, core, why)) return std::move(*decided);
  return {decide_unreadable(work.arrived, "The mail could not be worked on: " + why), {}, {}};
}

}  // namespace

ReadMail read_mail(const ArrivedMail& arrived, const ParseLimits& limits, unsigned deaths) {
  if (deaths < kDeathsUntilCore) return parse(arrived, limits);
  return ParseError{fmt::format("The program ended {} times while it worked on this mail.", deaths)};
}

Decided decide_and_apply(const MailWork& work, const ReadMail& read) {
  const bool is_plain = !work.takes_back && std::holds_alternative<Email>(read);
  return is_plain ? decide_and_write(work, read) : with_fallback(apply, work, read);
}

Decided decide_only(const MailWork& work, const ReadMail& read) { return with_fallback(decide, work, read); }

Decided decide_or_quarantine(const MailWork& work, const ReadMail& read, unsigned deaths) {
  auto decided = deaths < kDeathsUntilQuarantine
                     ? decide_and_apply(work, read)
                     : Decided{decide_unreadable(work.arrived, std::get<ParseError>(read).reason), {}, {}};
  if (decided.decision.outcome == Outcome::quarantined)
    decided.quarantine = work.store.quarantine(work.arrived, decided.decision.reason, work.now);
  return decided;
}

}  // namespace ticketd
