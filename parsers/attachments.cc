#include "parsers/attachments.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "parsers/ascii.h"
#include "parsers/charset.h"
#include "parsers/encoded_words.h"
#include "parsers/message_ids.h"

namespace ticketd {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kLongestExtension = 20;

std::size_t extension_at(std::string_view name) {
  const auto dot = name.rfind('.');
  const bool usable = dot != std::string_view::npos && dot > 0 && name.size() - dot <= kLongestExtension;
  return usable ? dot : name.size();
}

/// U+200E, U+200F, U+202A–202E, U+2066–2069 (UAX #9), U+2028, U+2029: they make a name look like another.
bool is_deceptive(std::string_view three) {
  if (three.size() < 3 || three[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(three[1]);
  const auto third = static_cast<unsigned char>(three[2]);
  if (second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xA8 && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

std::string without_deceptions(std::string_view name) {
  std::string result;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (is_deceptive(name.substr(i, 3)))
      i += 2;
    else
      result += name[i];
  }
  return result;
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
  if (media_type == "application/pgp-signature") return "signature.asc";
  return "file";
}

/// The subject of an attached message that was taken apart.
std::string subject_within(const SplitMail& mail, std::size_t part, std::string_view hint) {
  const bool parted = mail.parts[part].kind == PartKind::message && part + 1 < mail.parts.size();
  const auto subject = parted ? mail.tree.field(part + 1, "Subject") : std::nullopt;
  return subject ? decode_encoded_words(*subject, hint) : std::string();
}

std::string shown_type(const SplitMail& mail, std::size_t part) {
  return one_line(decode_charset(mail.parts[part].type.value, {}));
}

std::string given_name(const SplitMail& mail, std::size_t part, const ParameterizedValue& d, std::string_view hint) {
  const ParameterizedValue& type = mail.parts[part].type;
  for (const std::string& name : {d.text("filename", hint), type.text("name", hint), d.text("name", hint)})
    if (std::string safe = safe_file_name(name); !safe.empty()) return safe;
  std::string subject = subject_within(mail, part, hint);
  std::replace_if(
      subject.begin(), subject.end(), [](char c) { return c == '/' || c == '\\'; }, ' ');
  if (std::string safe = safe_file_name(subject); !safe.empty()) return safe + ".eml";
  return default_name(shown_type(mail, part));
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

std::string content_id(const SplitMail& mail, std::size_t part) {
  auto ids = parse_message_ids(mail.tree.field(part, "Content-ID").value_or(""), 1);
  return ids.empty() ? std::string() : std::move(ids.front());
}

}  // namespace

std::string safe_file_name(std::string_view utf8) {
  if (const auto folder = utf8.find_last_of("/\\"); folder != std::string_view::npos) utf8.remove_prefix(folder + 1);
  const std::string clean = one_line(without_deceptions(utf8));
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
                                             std::string_view hint) {
  std::vector<Attachment> result;
  Names names;
  for (const std::size_t part : selection.attachments) {
    const MimePart& p = mail.parts[part];
    const ParameterizedValue d = disposition(mail, part);
    Attachment attachment;
    attachment.id = static_cast<std::uint32_t>(result.size() + 1);
    attachment.name = names.unique(given_name(mail, part, d, hint));
    attachment.media_type = shown_type(mail, part);
    attachment.size = decoded_size(p.body, encoding(mail, part));
    attachment.content_id = content_id(mail, part);
    attachment.inlined = d.value == "inline";
    result.push_back(std::move(attachment));
  }
  return result;
}

}  // namespace ticketd
