#include "parsers/attachments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/clean_text.h"
#include "parsers/code_points.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestExtension = 20;

std::size_t extension_at(std::string_view name) {
  const auto dot = name.rfind('.');
  const bool usable = dot != std::string_view::npos && dot > 0 && name.size() - dot <= kLongestExtension;
  return usable ? dot : name.size();
}

/// Without characters that make a name look like another; what Windows allows in no name becomes `_` (a colon names an
/// NTFS stream).
std::string without_deceptions(std::string_view name) {
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t start = at;
    const auto kind = character_kind(next_code_point(name, at));
    if (kind == CharacterKind::direction || kind == CharacterKind::reorder) continue;
    const bool refused = std::string_view("<>:\"|?*").find(name[start]) != std::string_view::npos;
    result += refused ? "_" : name.substr(start, at - start);
  }
  return result;
}

/// The names of devices, which Windows knows in every folder and with every extension.
bool is_device(std::string_view name) {
  const std::string stem = to_lower(trim(name.substr(0, name.find('.'))));
  constexpr std::array<std::string_view, 6> devices{"con", "prn", "aux", "nul", "conin$", "conout$"};
  if (std::find(devices.begin(), devices.end(), stem) != devices.end()) return true;
  return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && is_digit(stem[3]);
}

std::string default_name(std::string_view media_type) {
  if (media_type == "image/jpeg" || media_type == "image/jpg") return "image.jpg";
  if (media_type == "image/svg+xml") return "image.svg";
  if (media_type.starts_with("image/")) {
    const std::string name = safe_file_name(fmt::format("image.{}", media_type.substr(6)));
    return name.empty() ? "image" : name;
  }
  if (media_type == "text/html") return "document.html";
  if (media_type == "text/plain") return "document.txt";
  if (media_type == "text/calendar") return "invitation.ics";
  if (media_type == "message/rfc822" || media_type == "message/global") return "message.eml";
  if (media_type == "application/pdf") return "document.pdf";
  if (media_type == "application/pkcs7-signature") return "smime.p7s";
  if (media_type.ends_with("/ms-tnef") || media_type.ends_with("/vnd.ms-tnef")) return "winmail.dat";
  if (media_type == "application/pkcs7-mime" || media_type == "application/x-pkcs7-mime") return "smime.p7m";
  if (media_type == "application/pgp-signature") return "signature.asc";
  return "file";
}

/// Gives every name once: `a.pdf`, `a (2).pdf`.
class Names {
 public:
  std::string unique(const std::string& name) {
    std::string candidate = name;
    while (!taken_.insert(to_lower(std::string_view(candidate))).second) {
      const std::size_t dot = extension_at(name);
      candidate = fmt::format("{} ({}){}", name.substr(0, dot), ++last_[name] + 1, name.substr(dot));
    }
    return candidate;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> last_;
};

}  // namespace

std::string safe_file_name(std::string_view utf8) {
  if (const auto folder = utf8.find_last_of("/\\"); folder != std::string_view::npos) utf8.remove_prefix(folder + 1);
  std::string clean = one_line(without_deceptions(utf8));
  if (is_device(clean)) clean.insert(0, 1, '_');
  std::string_view name = clean;
  const auto unwanted = [](char c) { return c == '.' || c == ' '; };
  while (!name.empty() && unwanted(name.front())) name.remove_prefix(1);
  while (!name.empty() && unwanted(name.back())) name.remove_suffix(1);
  const std::string_view extension = name.substr(extension_at(name));
  if (name.size() <= kLongestName) return std::string(name);
  const std::string_view stem = name.substr(0, name.size() - extension.size());
  return std::string(utf8_prefix(stem, kLongestName - extension.size())).append(extension);
}

std::vector<Attachment> describe_attachments(const SplitMail& mail, const BodySelection& selection,
                                             std::string_view hint, EnclosureNotes& notes) {
  std::vector<Attachment> result;
  Names names;
  notes = visit_enclosures(mail, selection, hint, [&](const Enclosure& enclosure) {
    Attachment attachment;
    attachment.id = static_cast<std::uint32_t>(result.size() + 1);
    attachment.name = names.unique(enclosure.name.empty() ? default_name(enclosure.media_type) : enclosure.name);
    attachment.media_type = enclosure.media_type;
    attachment.size = enclosure.size();
    attachment.content_id = enclosure.content_id;
    attachment.inlined = enclosure.inlined;
    result.push_back(std::move(attachment));
    return true;
  });
  return result;
}

}  // namespace ticketd
