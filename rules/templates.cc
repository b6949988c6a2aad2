#include "rules/templates.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>

#include "parsers/ascii.h"
#include "rules/embedded_templates.h"
#include "rules/language.h"
#include "rules/placeholders.h"
#include "rules/template_specs.h"

namespace ticketd {
namespace {

constexpr std::string_view kSubject = "Subject:";
constexpr std::string_view kPhrases = "phrases.txt";

std::optional<std::string> layout_error(const std::vector<std::string_view>& lines) {
  if (lines.empty() || !lines[0].starts_with(kSubject)) return "line 1: a template starts with \"Subject: …\"";
  if (lines.size() > 1 && !trim(lines[1]).empty()) return "line 2: a blank line must follow the subject";
  if (std::ranges::all_of(lines.begin() + 1, lines.end(), [](auto line) { return trim(line).empty(); }))
    return "the template has no text";
  return std::nullopt;
}

std::vector<std::string> template_errors(const TemplateSpec& spec, std::string_view text) {
  const auto lines = split_lines(text);
  const auto allowed = allowed_placeholders(spec);
  std::vector<std::string> errors;
  if (auto wrong = layout_error(lines)) errors.push_back(std::move(*wrong));
  for (std::size_t i = 0; i < lines.size(); ++i)
    std::ranges::move(placeholder_errors(lines[i], i + 1, allowed), std::back_inserter(errors));
  return errors;
}

/// "de/acknowledgement.txt"
struct FileName {
  std::string_view language, file;
};
FileName split_name(std::string_view name) {
  const auto slash = name.find('/');
  return slash == std::string_view::npos ? FileName{{}, name} : FileName{name.substr(0, slash), name.substr(slash + 1)};
}

std::optional<std::string> name_error(const FileName& name) {
  if (!name.language.empty())
    if (auto wrong = Templates::folder_error(name.language); !wrong.empty()) return wrong;
  if (name.file == kPhrases) return std::nullopt;
  const auto* spec = find_template_spec(name.file);
  if (name.language.empty() && spec == nullptr)
    return fmt::format("no such template; there are {}, {}", fmt::join(template_files(), ", "), kPhrases);
  if (!name.language.empty() && (spec == nullptr || !spec->is_to_customers()))
    return fmt::format("no such template in a language; there are {}, {}", fmt::join(customer_files(), ", "), kPhrases);
  return std::nullopt;
}

/// What a placeholder of a template stands for.
std::string value_of(const TemplateValues& values, std::string_view name, const Vocabulary& vocabulary) {
  return values.find(name)->second.in(vocabulary);
}

/// The line with its values; nullopt when all that it holds are placeholders that are empty.
std::optional<std::string> render_line(const PlaceholderLine& line, const TemplateValues& values,
                                       const Vocabulary& vocabulary) {
  auto text = line.filled([&](std::string_view name) { return value_of(values, name, vocabulary); });
  if (line.holds_placeholder() && trim(text).empty()) return std::nullopt;
  return text;
}

/// The lines with their values. The blank line behind a dropped one goes too, when another stands before it.
std::string render_body(const std::vector<PlaceholderLine>& lines, const TemplateValues& values,
                        const Vocabulary& vocabulary) {
  std::string body;
  bool dropped = false;
  for (const auto& line : lines) {
    const auto rendered = render_line(line, values, vocabulary);
    const bool is_spare = dropped && line.empty() && (body.empty() || body.ends_with("\n\n"));
    if (rendered && !is_spare) body.append(*rendered).append("\n");
    dropped = !rendered || (dropped && is_spare);
  }
  while (body.ends_with("\n\n")) body.pop_back();
  return body;
}

}  // namespace

Templates::Templates() {
  for (const auto& file : embedded_templates()) {
    const auto errors = replace(file.name, file.text);
    if (!errors.empty()) throw std::logic_error(fmt::format("{}: {}", file.name, errors.front()));
  }
}

std::vector<std::string> Templates::replace(std::string_view file, std::string_view text) {
  const auto name = split_name(file);
  if (auto wrong = name_error(name)) return {std::move(*wrong)};
  if (name.file == kPhrases) return phrases_[std::string(name.language)].add(text);
  const auto& spec = *find_template_spec(name.file);
  if (spec.is_optional() && trim(text).empty()) {
    switch_off(name.language, name.file);
    return {};
  }
  auto errors = template_errors(spec, text);
  if (errors.empty()) texts_.insert_or_assign(std::string(file), text_of(text));
  return errors;
}

Templates::Text Templates::text_of(std::string_view file) {
  const auto lines = split_lines(file);
  Text text;
  text.subject = PlaceholderLine(lines[0].substr(kSubject.size()));
  for (std::size_t i = 2; i < lines.size(); ++i) text.body.emplace_back(lines[i]);
  return text;
}

/// An empty text stands for no mail in that language.
void Templates::switch_off(std::string_view language, std::string_view file) {
  if (!language.empty()) {
    texts_.insert_or_assign(fmt::format("{}/{}", language, file), Text());
    return;
  }
  const auto in_language = fmt::format("/{}", file);
  std::erase_if(texts_, [&](const auto& text) { return text.first == file || text.first.ends_with(in_language); });
}

Templates::Found Templates::find(std::string_view file, const Languages& languages) const {
  const auto standard = texts_.find(file);
  Found by_default{standard == texts_.end() ? nullptr : &standard->second, std::string(kDefaultLanguage), {}};
  for (const auto& wanted : languages)
    for (auto& tag : language_range(wanted)) {
      const auto own = texts_.find(fmt::format("{}/{}", tag, file));
      if (own != texts_.end()) return {own->second.is_off() ? nullptr : &own->second, std::move(tag), wanted};
      if (tag != kDefaultLanguage || by_default.text == nullptr) continue;
      by_default.wanted = wanted;
      return by_default;
    }
  return by_default;
}

/// An exact language first; of the default one, whatever stands for all.
std::vector<const Phrases*> Templates::phrases_of(std::string_view language) const {
  std::vector<const Phrases*> found;
  for (const auto& tag : language_range(language)) {
    if (const auto own = phrases_.find(tag); own != phrases_.end()) found.push_back(&own->second);
    if (tag == kDefaultLanguage) found.push_back(&phrases_.at(""));
  }
  return found;
}

Phrases Templates::own_phrases(std::string_view language) const {
  auto sources = phrases_of(language);
  std::ranges::reverse(sources);
  Phrases phrases;
  for (const auto* source : sources) phrases.add(*source);
  return phrases;
}

Vocabulary Templates::vocabulary_of(std::string_view language) const {
  auto sources = phrases_of(language);
  sources.push_back(&phrases_.at(""));
  return Vocabulary(std::move(sources));
}

bool Templates::has(std::string_view file, const Languages& languages) const {
  return find(file, languages).text != nullptr;
}

Templates::Rendered Templates::render(std::string_view file, const TemplateValues& values,
                                      const Languages& languages) const {
  auto [text, language, wanted] = find(file, languages);
  if (text == nullptr) throw std::logic_error(fmt::format("no template {}", file));
  for (const auto name : allowed_placeholders(*find_template_spec(file)))
    if (!values.contains(name)) throw std::logic_error(fmt::format("{}: no value for {{{}}}", file, name));
  const auto vocabulary = vocabulary_of(wanted);
  return {squeeze(render_line(text->subject, values, vocabulary).value_or("")),
          render_body(text->body, values, vocabulary), std::move(language)};
}

bool Templates::speaks(std::string_view language) const {
  return std::ranges::any_of(language_range(language), [this](const std::string& tag) {
    const auto first = texts_.lower_bound(tag + "/");
    return tag == kDefaultLanguage || (first != texts_.end() && first->first.starts_with(tag + "/"));
  });
}

std::vector<std::string> Templates::missing_phrases(std::string_view language) const {
  return own_phrases(language).missing();
}

std::vector<std::string> Templates::lost_facts(std::string_view language) const {
  return language.empty() ? phrases_.at("").lost_facts() : own_phrases(language).lost_facts();
}

std::string Templates::folder_error(std::string_view name) {
  if (!is_language_tag(name))
    return fmt::format("the folder \"{}\" is named by no language, such as \"de\" or \"pt-BR\"", name);
  const auto tag = canonical_language(name);
  return tag == name ? std::string() : fmt::format("the folder \"{}\" has to be named \"{}\"", name, tag);
}

std::vector<std::string> Templates::files() { return template_files(); }

}  // namespace ticketd
