#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// What the text of one kind of mail may say.
struct TemplateSpec {
  std::string_view file;
  bool to_customers = false;  ///< there may be one for each language
  std::array<std::span<const std::string_view>, 4> placeholders;
};

[[nodiscard]] const TemplateSpec* find_template_spec(std::string_view file);
/// The names of its placeholders.
[[nodiscard]] std::vector<std::string_view> allowed_placeholders(const TemplateSpec& spec);
/// The names of all template files, or of those for mails to customers.
[[nodiscard]] std::vector<std::string> template_files();
[[nodiscard]] std::vector<std::string> customer_files();

}  // namespace ticketd
