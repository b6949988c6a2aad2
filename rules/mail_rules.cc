#include "rules/mail_rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <memory>

#include "parsers/ascii.h"
#include "rules/classify.h"

namespace ticketd {
namespace {

constexpr std::int64_t kPatternMemory = 1 << 20;

std::unique_ptr<const RE2> compile(const std::string& pattern) {
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(kPatternMemory);
  return std::make_unique<const RE2>(pattern, options);
}

/// A pattern that is no pattern matches nothing.
bool finds(const RE2& pattern, std::string_view text) {
  return pattern.ok() && RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

/// `^ann@` and `example\.com$` mean the address, `Ann Smith` the name.
bool finds(const RE2& pattern, const Mailbox& mailbox) {
  return finds(pattern, mailbox.addr_spec) || finds(pattern, mailbox.display_name + " <" + mailbox.addr_spec + ">");
}

bool finds(const RE2& pattern, const std::vector<Mailbox>& mailboxes) {
  return std::ranges::any_of(mailboxes, [&](const auto& mailbox) { return finds(pattern, mailbox); });
}

}  // namespace

/// The patterns of one rule, compiled; those that are empty are null.
struct CompiledMailRule {
  std::unique_ptr<const RE2> from, to, subject;
  std::vector<std::unique_ptr<const RE2>> header;
};

namespace {

std::unique_ptr<const RE2> compile_unless_empty(const std::string& pattern) {
  return pattern.empty() ? nullptr : compile(pattern);
}

std::shared_ptr<const CompiledMailRule> compile(const MailRule& rule) {
  auto compiled = std::make_shared<CompiledMailRule>();
  compiled->from = compile_unless_empty(rule.from);
  compiled->to = compile_unless_empty(rule.to);
  compiled->subject = compile_unless_empty(rule.subject);
  for (const auto& [name, pattern] : rule.header) compiled->header.push_back(compile_unless_empty(pattern));
  return compiled;
}

bool is_of(const std::unique_ptr<const RE2>& compiled, const std::string& pattern) {
  return compiled ? compiled->pattern() == pattern : pattern.empty();
}

bool is_current(const CompiledMailRule& compiled, const MailRule& rule) {
  return is_of(compiled.from, rule.from) && is_of(compiled.to, rule.to) && is_of(compiled.subject, rule.subject) &&
         std::ranges::equal(compiled.header, rule.header,
                            [](const auto& pattern, const auto& field) { return is_of(pattern, field.second); });
}

bool finds_field(const RE2& pattern, std::string_view name, const Email& email) {
  return std::ranges::any_of(email.header, [&](const auto& field) {
    return equals_ignoring_case(field.name, name) && finds(pattern, field.value);
  });
}

bool matches(const MailRule& rule, const CompiledMailRule& compiled, const Email& email) {
  if (compiled.from && !(email.from && finds(*compiled.from, *email.from))) return false;
  if (compiled.to && !finds(*compiled.to, email.to) && !finds(*compiled.to, email.cc)) return false;
  if (compiled.subject && !finds(*compiled.subject, email.subject)) return false;
  for (std::size_t i = 0; i < rule.header.size(); ++i)
    if (compiled.header[i] && !finds_field(*compiled.header[i], rule.header[i].first, email)) return false;
  return true;
}

}  // namespace

void compile_mail_rules(Ruleset& ruleset) {
  for (auto& rule : ruleset.mail_rules) rule.compiled = compile(rule);
}

const MailRule* first_matching_rule(const Email& email, const Ruleset& ruleset) {
  for (const auto& rule : ruleset.mail_rules) {
    const auto compiled = rule.compiled && is_current(*rule.compiled, rule) ? rule.compiled : compile(rule);
    if (matches(rule, *compiled, email)) return &rule;
  }
  return nullptr;
}

}  // namespace ticketd
