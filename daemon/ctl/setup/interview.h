#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ticketd {

/// One thing that setup wants to know.
struct Question {
  std::string key;                           ///< what an answers file calls it
  std::string words;                         ///< what a person is asked
  std::string explanation = {};              ///< what is to be known of it; may be empty
  std::optional<std::string> fallback = {};  ///< the answer when there is none; nullopt: there must be one
  std::string shown_fallback = {};           ///< how it is shown where it may not be; empty: as it is
  bool is_guess = false;                     ///< a person may take the fallback; a script has to say what it wants
  bool is_secret = false;
  enum class Takes { text, list, yes_or_no };
  Takes takes = Takes::text;  ///< what an answers file may have in place of text
  /// Why an answer can't be used, in a sentence; empty when it can. May bring it into its usual form.
  std::function<std::string(std::string&)> check = {};
};

/// Whoever answers: a person at a terminal, or a file.
class Interview {
 public:
  virtual ~Interview() = default;
  /// An answer that the question's check has let pass. Throws CommandFailure where there is none.
  [[nodiscard]] virtual std::string ask(const Question& question) = 0;
  /// Tells what is going on: sentences, which have no line ends within a paragraph.
  virtual void say(std::string_view text) = 0;
  /// Shows lines that stay as they are.
  virtual void show(std::string_view lines) = 0;
  /// What such lines may take, in columns.
  [[nodiscard]] virtual std::size_t width() const = 0;
  /// Tells which answers nobody has asked for.
  virtual void tell_unneeded() {}
  /// Whether a question had its fallback as the answer without anybody having seen it.
  [[nodiscard]] virtual bool is_left_out(const std::string& /*key*/) const { return false; }
  /// Is it of any use to ask again?
  [[nodiscard]] virtual bool can_correct() const = 0;
};

/// What is suggested where there may be nothing to suggest.
[[nodiscard]] inline std::optional<std::string> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// Why a text can't be the answer: no UTF-8, or what the question's check says; empty when it can.
[[nodiscard]] std::string fault_of(const Question& question, std::string& answer);

/// A question that wants one of a few words.
[[nodiscard]] bool ask_yes_or_no(Interview& interview, Question question);

}  // namespace ticketd
