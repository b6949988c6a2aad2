#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// The texts of mails, by file name ("acknowledgement.txt", "resolution.txt", …; the built-in ones stand in
/// rules/templates/ and are embedded at build). A template's first line is `Subject: …`, then a blank line, then the
/// body. Placeholders are `{name}`; `{{` and `}}` are literal braces. A line that holds a placeholder which is empty,
/// and nothing else but white space, is dropped.
class Templates {
 public:
  /// The built-in texts.
  Templates();

  /// Replaces the text of `file`. Returns what is wrong, one sentence each ("line 4: unknown placeholder {foo}; allowed
  /// are …"); empty on success. An unknown file name is wrong too. Nothing changes on error.
  [[nodiscard]] std::vector<std::string> replace(std::string_view file, std::string_view text);

  /// Is there a text? Of "closed.txt" only when `replace` brought one.
  [[nodiscard]] bool has(std::string_view file) const;

  struct Rendered {
    std::string subject;  ///< one line
    std::string body;     ///< lines end in \n
  };
  /// `values` holds every placeholder that the template may use (each file's list is fixed; std::logic_error else).
  /// Values are inserted as they are, once: braces in them mean nothing.
  [[nodiscard]] Rendered render(std::string_view file,
                                const std::map<std::string, std::string, std::less<>>& values) const;

  /// Names of all template files.
  [[nodiscard]] static std::vector<std::string> files();

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace ticketd
