#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/phrases.h"
#include "rules/placeholders.h"

namespace ticketd {

using TemplateValues = std::map<std::string, Words, std::less<>>;

/// The texts of mails, by file name ("acknowledgement.txt", "resolution.txt", …; the built-in ones stand in
/// rules/templates/ and are embedded at build). A template's first line is `Subject: …`, then a blank line, then the
/// body. Placeholders are `{name}`; `{{` and `}}` are literal braces. A line that holds a placeholder which is empty,
/// and nothing else but white space, is dropped. Mails to customers may have a text for each language besides the
/// default one: "de/acknowledgement.txt". The words that the program puts into mails stand in "phrases.txt", those of a
/// language in "de/phrases.txt".
class Templates {
 public:
  /// The built-in texts.
  Templates();

  /// Replaces the text of `file`; of phrases, those that it holds. Returns what is wrong, one sentence each ("line 4:
  /// unknown placeholder {foo}; allowed are …"); empty on success. An unknown file name is wrong too. Nothing changes
  /// on error. An empty text of an optional mail switches it off: in its language, or in all of them.
  [[nodiscard]] std::vector<std::string> replace(std::string_view file, std::string_view text);

  /// Tags of languages, the best first. Each stands for itself and then for those that are less exact ("de-AT": "de");
  /// behind all of them stands the default text.
  using Languages = std::vector<std::string>;

  /// Is there a text? Of mails that are optional (rules/template_specs.h) there may be none.
  [[nodiscard]] bool has(std::string_view file, const Languages& languages = {}) const;

  struct Rendered {
    std::string subject;   ///< one line
    std::string body;      ///< lines end in \n
    std::string language;  ///< of the text that was found (RFC 5646)
  };
  /// `values` holds every placeholder that the template may use (each file's list is fixed; std::logic_error else).
  /// They are put into words in the language in which the template was found, in English where that has none, and
  /// inserted as they are, once: braces in them mean nothing.
  [[nodiscard]] Rendered render(std::string_view file, const TemplateValues& values,
                                const Languages& languages = {}) const;

  /// Is there any mail in that language, or a less exact one?
  [[nodiscard]] bool speaks(std::string_view language) const;
  /// The keys of phrases.txt that mails in that language would say in English.
  [[nodiscard]] std::vector<std::string> missing_phrases(std::string_view language) const;
  /// What the phrases of that language leave out (Phrases::lost_facts); "": the default ones.
  [[nodiscard]] std::vector<std::string> lost_facts(std::string_view language) const;

  /// Why a folder of that name holds no texts of a language; empty when it does.
  [[nodiscard]] static std::string folder_error(std::string_view name);
  /// Names of all template files, without those of languages.
  [[nodiscard]] static std::vector<std::string> files();

 private:
  struct Text {
    PlaceholderLine subject;
    std::vector<PlaceholderLine> body;
    /// There is no mail in that language.
    [[nodiscard]] bool is_off() const { return body.empty(); }
  };
  /// The text of a file, nullptr when there is none; its language, and which one it was found for ("de" for "de-AT";
  /// empty: it stands in for all).
  struct Found {
    const Text* text = nullptr;
    std::string language, wanted;
  };
  void switch_off(std::string_view language, std::string_view file);
  [[nodiscard]] static Text text_of(std::string_view file);
  [[nodiscard]] Found find(std::string_view file, const Languages& languages) const;
  [[nodiscard]] std::vector<const Phrases*> phrases_of(std::string_view language) const;
  [[nodiscard]] Phrases own_phrases(std::string_view language) const;
  [[nodiscard]] Vocabulary vocabulary_of(std::string_view language) const;

  std::map<std::string, Text, std::less<>> texts_;       ///< by name, behind the folder of a language
  std::map<std::string, Phrases, std::less<>> phrases_;  ///< by language; "": the default
};

}  // namespace ticketd
