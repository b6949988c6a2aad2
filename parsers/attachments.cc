#include "parsers/attachments.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

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

/// What Windows allows in no name (a colon names an NTFS stream), and what looks like a slash, or becomes one where a
/// name is converted to another charset.
bool is_forbidden(char32_t c) {
  constexpr std::u32string_view kForbidden = U"<>:\"|?*\u2044\u2215\u2216\u29F5\u29F8\uFE68\uFF0F\uFF3C";
  return kForbidden.find(c) != kForbidden.npos;
}

/// Without characters that are not seen but make a name look like another. The joiners that scripts need for their
/// letters stay.
std::string without_deceptions(std::string_view name) {
  constexpr char32_t kSoftHyphen = 0xAD;
  std::string result;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t start = at;
    const char32_t c = next_code_point(name, at);
    const auto kind = character_kind(c);
    const bool is_hidden = kind == CharacterKind::direction || kind == CharacterKind::reorder ||
                           kind == CharacterKind::invisible || c == kSoftHyphen;
    if (!is_hidden) result += is_forbidden(c) ? "_" : name.substr(start, at - start);
  }
  return result;
}

/// The names of devices, which Windows knows in every folder and with every extension.
bool is_device(std::string_view name) {
  const std::string stem = to_lower(trim(name.substr(0, name.find('.'))));
  constexpr std::array<std::string_view, 7> devices{"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"};
  if (std::find(devices.begin(), devices.end(), stem) != devices.end()) return true;
  if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
  const std::string_view port = std::string_view(stem).substr(3);
  return (port.size() == 1 && is_digit(port[0])) || port == "¹" || port == "²" || port == "³";
}

std::string_view trim_dots(std::string_view name) {
  const auto unwanted = [](char c) { return c == '.' || c == ' '; };
  while (!name.empty() && unwanted(name.front())) name.remove_prefix(1);
  while (!name.empty() && unwanted(name.back())) name.remove_suffix(1);
  return name;
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

/// What file systems that fold case and normalise Unicode take for the same name.
std::string folded(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  if (U_FAILURE(status)) return to_lower(name);
  std::string result;
  return fold->normalize(icu::UnicodeString::fromUTF8(name), status).toUTF8String(result);
}

/// Gives every name once: `a.pdf`, `a (2).pdf`.
class Names {
 public:
  std::string unique(const std::string& name) {
    const std::size_t dot = extension_at(name);
    std::string candidate = name;
    int& last = last_.try_emplace(folded(name), 1).first->second;
    while (!taken_.insert(folded(candidate)).second)
      candidate = fmt::format("{} ({}){}", name.substr(0, dot), ++last, name.substr(dot));
    return candidate;
  }

 private:
  std::set<std::string> taken_;
  std::map<std::string, int> last_;
};

}  // namespace

std::string safe_file_name(std::string_view utf8) {
  if (const auto folder = utf8.find_last_of("/\\"); folder != std::string_view::npos) utf8.remove_prefix(folder + 1);
  std::string name(trim_dots(one_line(without_deceptions(utf8))));
  if (is_device(name) || name.starts_with('-')) name.insert(0, 1, '_');
  if (name.size() > kLongestName) {
    const std::string extension = name.substr(extension_at(name));
    name.resize(utf8_prefix(name, kLongestName - extension.size()).size());
    name = std::string(trim_dots(name += extension));
  }
  return is_blank_text(name) ? std::string() : name;  // what could be seen of it may be gone
}

std::vector<Attachment> describe_attachments(const SplitMail& mail, const BodySelection& selection,
                                             std::string_view hint, TextBudget& budget, EnclosureNotes& notes) {
  std::vector<Attachment> result;
  Names names;
  notes = visit_enclosures(mail, selection, hint, budget, ContainerTexts::wanted, [&](const Enclosure& enclosure) {
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
