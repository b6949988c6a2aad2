#include "daemon/config/template_files.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "rules/language.h"

namespace ticketd {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::filesystem::filesystem_error("cannot be read", file, std::make_error_code(std::errc::io_error));
  return {std::istreambuf_iterator<char>(in), {}};
}

// "line 4: …" names its own place.
SourceAt take_line(std::uint32_t file, std::string& message) {
  unsigned line = 0;
  int used = 0;
  if (std::sscanf(message.c_str(), "line %u: %n", &line, &used) != 1 || used == 0) return {file};
  message.erase(0, static_cast<std::size_t>(used));
  return {file, line, 1};
}

/// What stands in a folder, in name order, without what editors and version control put there.
std::vector<std::filesystem::directory_entry> entries_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::directory_entry> entries;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && !name.ends_with('~')) entries.push_back(entry);
  }
  std::ranges::sort(entries);
  return entries;
}

class TemplateReader {
 public:
  TemplateReader(Templates& templates, const SourceAt& at, Problems& problems)
      : templates_(templates), at_(at), problems_(problems) {}

  void read(const std::filesystem::path& directory) {
    const auto entries = entries_in(directory);
    for (const auto& entry : entries)
      if (entry.is_regular_file()) read_file(entry.path(), entry.path().filename().string());
    warn_of_lost_facts("");
    for (const auto& entry : entries)
      if (entry.is_directory()) read_language(entry.path());
  }

 private:
  void read_file(const std::filesystem::path& path, const std::string& name) {
    const std::uint32_t file = problems_.add_file(path.string());
    for (std::string& wrong : templates_.replace(name, content(path))) {
      const SourceAt at = take_line(file, wrong);
      problems_.error(at, std::move(wrong));
    }
  }

  void read_language(const std::filesystem::path& folder) {
    const std::string language = folder.filename().string();
    if (const auto wrong = Templates::folder_error(language); !wrong.empty())
      return problems_.error(at_, fmt::format("templates.directory: {}", wrong));
    for (const auto& entry : entries_in(folder))
      if (entry.is_regular_file())
        read_file(entry.path(), fmt::format("{}/{}", language, entry.path().filename().string()));
    if (const auto missing = templates_.missing_phrases(language); !missing.empty())
      problems_.warning(
          at_, fmt::format("templates.directory: mails in \"{0}\" are English in part; {0}/phrases.txt lacks {1}",
                           language, fmt::join(missing, ", ")));
    warn_of_lost_facts(language);
  }

  void warn_of_lost_facts(const std::string& language) {
    const auto lost = templates_.lost_facts(language);
    if (lost.empty()) return;
    problems_.warning(at_, fmt::format("templates.directory: mails would leave out what they have to say; put it into "
                                       "the texts of {}phrases.txt: {}",
                                       language.empty() ? language : language + "/", fmt::join(lost, ", ")));
  }

  Templates& templates_;
  const SourceAt at_;
  Problems& problems_;
};

}  // namespace

Templates read_templates(const std::filesystem::path& directory, const ConfigNode& root, Problems& problems) {
  Templates templates;
  const SourceAt at = root["templates"]["directory"].at;
  try {
    if (!directory.empty()) TemplateReader(templates, at, problems).read(directory);
  } catch (const std::filesystem::filesystem_error& error) {
    problems.error(at, fmt::format("templates.directory: \"{}\": {}", error.path1().string(), error.code().message()));
  }
  return templates;
}

void check_languages(const Templates& templates, const std::string& desk_language, const ConfigNode& root,
                     Problems& problems) {
  const std::string instead(templates.speaks(desk_language) ? desk_language : kDefaultLanguage);
  const auto check = [&](const ConfigNode& node, const char* key) {
    if (!is_language_tag(node.text) || templates.speaks(node.text)) return;
    problems.warning(node.at,
                     fmt::format("{}: there are no texts in \"{}\", and \"{}\" is used instead; texts of your own go "
                                 "into the folder \"{}\" of templates.directory",
                                 key, node.text, instead, canonical_language(node.text)));
  };
  for (const ConfigNode& organization : root["organization"].items)
    check(organization["language"], "organization.language");
  check(root["templates"]["language"], "templates.language");
}

}  // namespace ticketd
