#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// What the text of one kind of mail may say. Mails to customers may have a text for each language; those that are
/// optional go out only where there is a text.
struct TemplateSpec {
  std::string_view file;
  enum class Use { always, to_customers, optional } use = Use::always;
  std::array<std::span<const std::string_view>, 4> placeholders;

  [[nodiscard]] bool is_to_customers() const { return use != Use::always; }
  [[nodiscard]] bool is_optional() const { return use == Use::optional; }
};

[[nodiscard]] const TemplateSpec* find_template_spec(std::string_view file);
/// The names of its placeholders.
[[nodiscard]] std::vector<std::string_view> allowed_placeholders(const TemplateSpec& spec);
/// The names of all template files, or of those for mails to customers.
[[nodiscard]] std::vector<std::string> template_files();
[[nodiscard]] std::vector<std::string> customer_files();

}  // namespace ticketd
