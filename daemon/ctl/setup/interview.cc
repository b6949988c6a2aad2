#include "daemon/ctl/setup/interview.h"

#include <algorithm>

#include "parsers/ascii.h"
#include "parsers/utf8_evidence.h"

namespace ticketd {

std::string fault_of(const Question& question, std::string& answer) {
  if (!is_valid_utf8(answer)) return "it is not UTF-8";
  if (question.is_secret && std::ranges::any_of(answer, is_control))
    return "it holds a line end or a control character";
  if (!question.is_secret) answer = trim(std::string(answer));
  if (answer.empty()) return "it can't be empty";
  return question.check ? question.check(answer) : std::string();
}

bool ask_yes_or_no(Interview& interview, Question question) {
  question.takes = Question::Takes::yes_or_no;
  question.check = [](std::string& answer) -> std::string {
    const auto word = to_lower(answer);
    const bool yes = word == "yes" || word == "y" || word == "true";
    if (!yes && word != "no" && word != "n" && word != "false") return "it must be yes or no";
    answer = yes ? "yes" : "no";
    return {};
  };
  return interview.ask(question) == "yes";
}

}  // namespace ticketd
