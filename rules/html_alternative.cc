#include "rules/html_alternative.h"

#include "rules/html_fragment.h"

namespace ticketd {
namespace {

constexpr std::string_view kHead =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "</head>\n"
    "<body style=\"font-family: sans-serif; line-height: 1.5; max-width: 42em\">\n";

}  // namespace

std::string html_alternative(std::string_view text, std::string_view language) {
  std::string html = "<!DOCTYPE html>\n<html";
  if (!language.empty()) html.append(" lang=\"").append(escape_html(language)).append("\"");
  html.append(">\n<head>\n").append(kHead);
  return html + html_paragraphs(text) + "</body>\n</html>\n";
}

}  // namespace ticketd
