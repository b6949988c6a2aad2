#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <new>

#include "parsers/body_selection.h"
#include "parsers/email.h"
#include "parsers/enclosures.h"
#include "parsers/mime_splitter.h"

namespace ticketd {
namespace {

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  /// The length goes first, so that no two lists of values give the same octets.
  void add(std::string_view value) {
    const std::string length = fmt::format("{}:", value.size());
    check(EVP_DigestUpdate(context_.get(), length.data(), length.size()) == 1);
    check(EVP_DigestUpdate(context_.get(), value.data(), value.size()) == 1);
  }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1);
    std::string result;
    for (unsigned int i = 0; i < size; ++i) result += fmt::format("{:02x}", digest[i]);
    return result;
  }

 private:
  /// SHA-256 of memory fails only when memory is short.
  static void check(bool ok) {
    if (!ok) throw std::bad_alloc();
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

/// Where a mail comes by another way, the lines of its texts may end otherwise.
std::string without_line_ends(const Enclosure& enclosure) {
  auto octets = enclosure.octets();
  const std::string_view type = enclosure.media_type;
  if (type.starts_with("text/") || type.starts_with("message/")) std::erase(octets, '\r');
  return octets;
}

}  // namespace

std::string content_digest(const Email& email, std::string_view octets, const ParseLimits& limits) {
  Sha256 digest;
  digest.add(email.from ? email.from->display_name : "");
  digest.add(email.from ? email.from->addr_spec : "");
  digest.add(email.date ? fmt::format("{}", email.date->time_since_epoch().count()) : "");
  digest.add(email.subject);
  digest.add(email.text);
  if (email.attachments.empty()) return digest.hex();
  for (const Attachment& attachment : email.attachments) digest.add(attachment.name);
  const SplitMail mail = split_mail(octets, limits);
  TextBudget budget;
  visit_enclosures(mail, select_bodies(mail), {}, budget, ContainerTexts::unwanted, [&](const Enclosure& enclosure) {
    digest.add(without_line_ends(enclosure));
    return true;
  });
  return digest.hex();
}

}  // namespace ticketd
