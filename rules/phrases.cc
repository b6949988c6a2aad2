#include "rules/phrases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>

#include "parsers/ascii.h"
#include "rules/embedded_templates.h"
#include "rules/placeholders.h"

namespace ticketd {
namespace {

struct PhraseSpec {
  std::string_view key;
  std::array<std::string_view, 5> placeholders = {};  ///< empty ones don't count
};

constexpr std::array kSpecs{
    // In place of a subject.
    PhraseSpec{"no_subject"},
    PhraseSpec{"unquoted_subject"},
    // Durations.
    PhraseSpec{"day"},
    PhraseSpec{"days", {"count"}},
    PhraseSpec{"hour"},
    PhraseSpec{"hours", {"count"}},
    PhraseSpec{"minute"},
    PhraseSpec{"minutes", {"count"}},
    PhraseSpec{"second"},
    PhraseSpec{"seconds", {"count"}},
    PhraseSpec{"less_than_a_second"},
    PhraseSpec{"working_day"},
    PhraseSpec{"working_days", {"count"}},
    PhraseSpec{"office_time", {"duration"}},
    PhraseSpec{"duration_and_more", {"duration", "more"}},
    // Points in time.
    PhraseSpec{"today", {"time"}},
    PhraseSpec{"tomorrow", {"time"}},
    PhraseSpec{"on_day", {"time", "weekday", "day", "month"}},
    PhraseSpec{"on_day_of_year", {"time", "weekday", "day", "month", "year"}},
    PhraseSpec{"sunday"},
    PhraseSpec{"monday"},
    PhraseSpec{"tuesday"},
    PhraseSpec{"wednesday"},
    PhraseSpec{"thursday"},
    PhraseSpec{"friday"},
    PhraseSpec{"saturday"},
    PhraseSpec{"january"},
    PhraseSpec{"february"},
    PhraseSpec{"march"},
    PhraseSpec{"april"},
    PhraseSpec{"may"},
    PhraseSpec{"june"},
    PhraseSpec{"july"},
    PhraseSpec{"august"},
    PhraseSpec{"september"},
    PhraseSpec{"october"},
    PhraseSpec{"november"},
    PhraseSpec{"december"},
    // When an answer comes.
    PhraseSpec{"target", {"duration"}},
    PhraseSpec{"target_in_office_time", {"duration"}},
    PhraseSpec{"target_day_and_night", {"target"}},
    PhraseSpec{"due", {"when", "time_zone"}},
    PhraseSpec{"promise", {"target", "due"}},
    PhraseSpec{"promise_missed"},
    PhraseSpec{"promise_incident", {"incident"}},
    // Sentences of mails.
    PhraseSpec{"contact_phone", {"phone"}},
    PhraseSpec{"contact_portal", {"portal_url"}},
    PhraseSpec{"contact_phone_and_portal", {"phone", "portal_url"}},
    PhraseSpec{"size_notice", {"size"}},
    PhraseSpec{"status_page", {"status_url"}},
    PhraseSpec{"raise_offer"},
    PhraseSpec{"raise_offer_portal", {"raise_offer", "portal_url"}},
    // What belongs in a category.
    PhraseSpec{"examples", {"examples"}},
    PhraseSpec{"urgent_examples"},
    PhraseSpec{"high_examples"},
    PhraseSpec{"normal_examples"},
    // Why a ticket has its category.
    PhraseSpec{"reason_rule", {"rule"}},
    PhraseSpec{"reason_rule_over_label", {"rule", "label"}},
    PhraseSpec{"reason_machine", {"class", "evidence"}},
    PhraseSpec{"reason_no_label"},
    PhraseSpec{"reason_label_negated", {"label"}},
    PhraseSpec{"reason_label_of_before", {"label"}},
    PhraseSpec{"reason_label", {"label"}},
    PhraseSpec{"reason_label_in_reply", {"label"}},
    PhraseSpec{"reason_label_refused", {"category", "obstacle"}},
    PhraseSpec{"obstacle_channel", {"way", "support_address"}},
    PhraseSpec{"obstacle_channel_portal", {"way", "support_address"}},
    PhraseSpec{"obstacle_staff"},
    PhraseSpec{"obstacle_downgraded", {"when", "organization"}},
    PhraseSpec{"obstacle_too_early"},
    PhraseSpec{"obstacle_tag_alone"},
    PhraseSpec{"obstacle_not_own"},
    PhraseSpec{"way_direct"},
    PhraseSpec{"way_sms"},
    PhraseSpec{"way_phone"},
};

const PhraseSpec* find_spec(std::string_view key) {
  const auto spec = std::ranges::find(kSpecs, key, &PhraseSpec::key);
  return spec == kSpecs.end() ? nullptr : &*spec;
}

std::vector<std::string_view> allowed_placeholders(const PhraseSpec& spec) {
  std::vector<std::string_view> names;
  std::ranges::copy_if(spec.placeholders, std::back_inserter(names), [](auto name) { return !name.empty(); });
  return names;
}

std::vector<std::string_view> keys() {
  std::vector<std::string_view> names;
  for (const auto& spec : kSpecs) names.push_back(spec.key);
  return names;
}

bool is_comment(std::string_view line) { return trim(line).empty() || line.starts_with('#'); }

/// `key: text`
struct Entry {
  std::string_view key, text;
};
Entry entry_of(std::string_view line) {
  const auto colon = std::min(line.find(':'), line.size());
  return {trim(line.substr(0, colon)), trim(line.substr(std::min(colon + 1, line.size())))};
}

std::vector<std::string> line_errors(std::string_view line, std::size_t number, bool is_repeated) {
  const auto [key, text] = entry_of(line);
  const auto* spec = find_spec(key);
  if (line.find(':') == std::string_view::npos)
    return {fmt::format("line {}: a phrase is written as \"key: text\"", number)};
  if (spec == nullptr)
    return {fmt::format("line {}: no such phrase \"{}\"; there are {}", number, key, fmt::join(keys(), ", "))};
  if (is_repeated) return {fmt::format("line {}: \"{}\" has a text already", number, key)};
  if (text.empty()) return {fmt::format("line {}: \"{}\" has no text", number, key)};
  return placeholder_errors(text, number, allowed_placeholders(*spec));
}

}  // namespace

std::vector<std::string> Phrases::add(std::string_view text) {
  Phrases added;
  std::vector<std::string> errors;
  const auto lines = split_lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_comment(lines[i])) continue;
    const auto entry = entry_of(lines[i]);
    auto wrong = line_errors(lines[i], i + 1, added.texts_.contains(entry.key));
    added.texts_.emplace(entry.key, wrong.empty() ? PlaceholderLine(entry.text) : PlaceholderLine());
    std::ranges::move(wrong, std::back_inserter(errors));
  }
  if (errors.empty()) add(added);
  return errors;
}

void Phrases::add(const Phrases& more) {
  for (const auto& [key, text] : more.texts_) texts_.insert_or_assign(key, text);
}

const PlaceholderLine* Phrases::find(std::string_view key) const {
  const auto found = texts_.find(key);
  return found == texts_.end() ? nullptr : &found->second;
}

const PlaceholderLine& Vocabulary::text(std::string_view key) const {
  for (const auto* source : sources_)
    if (const auto* text = source->find(key)) return *text;
  throw std::logic_error(fmt::format("no phrase {}", key));
}

std::vector<std::string> Phrases::missing() const {
  std::vector<std::string> names;
  for (const auto& spec : kSpecs)
    if (!texts_.contains(spec.key)) names.emplace_back(spec.key);
  return names;
}

std::vector<std::string> Phrases::lost_facts() const {
  std::vector<std::string> lost;
  for (const auto& [key, text] : texts_) {
    const auto said = text.names();
    for (const auto& fact : english_phrases().find(key)->names())
      if (std::ranges::find(said, fact) == said.end()) lost.push_back(fmt::format("{} without {{{}}}", key, fact));
  }
  return lost;
}

const Phrases& english_phrases() {
  static const Phrases kEnglish = [] {
    Phrases phrases;
    for (const auto& file : embedded_templates())
      if (file.name == "phrases.txt" && !phrases.add(file.text).empty()) throw std::logic_error("bad built-in phrases");
    return phrases;
  }();
  return kEnglish;
}

Words Words::phrase(std::string_view key, Values values) {
  Words words;
  words.key_ = key;
  words.values_ = std::move(values);
  return words;
}

const Words& Words::value(std::string_view name) const {
  const auto found = std::ranges::find(values_, name, &Values::value_type::first);
  if (found == values_.end()) throw std::logic_error(fmt::format("{}: no value for {{{}}}", key_, name));
  return found->second;
}

std::string Words::in(const Vocabulary& vocabulary) const {
  if (key_.empty()) return text_;
  const auto* spec = find_spec(key_);
  if (spec == nullptr) throw std::logic_error(fmt::format("no phrase {}", key_));
  for (const auto name : spec->placeholders)
    if (!name.empty()) static_cast<void>(value(name));
  return vocabulary.text(key_).filled([&](std::string_view name) { return value(name).in(vocabulary); });
}

std::string in_english(const Words& words) { return words.in(english_phrases()); }

}  // namespace ticketd
