#include "daemon/desk/open_desk.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>

#include "daemon/sources.h"
#include "rules/mail_rules.h"

namespace ticketd {

std::string random_token() {
  std::array<unsigned char, 16> octets{};
  if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1)
    throw std::runtime_error("the system gives no random numbers");
  return fmt::format("{:02x}", fmt::join(octets, ""));
}

std::shared_ptr<const DeskRules> make_desk_rules(const Settings& settings) {
  auto rules = std::make_shared<DeskRules>();
  rules->ruleset = settings.ruleset;
  compile_mail_rules(rules->ruleset);
  rules->templates = settings.templates;
  rules->raw_mail_retention = settings.raw_mail_retention;
  rules->limits.depth = settings.mime_depth;
  rules->limits.parts = settings.mime_parts;
  rules->status_page_directory = settings.status_page_directory;
  rules->status_page_lock = settings.store_path.string() + ".status-page";
  return rules;
}

std::unique_ptr<Desk> open_desk(const Settings& settings, const std::filesystem::path& path,
                                const Store::Options& options) {
  return std::make_unique<Desk>(Store(path, options), make_desk_rules(settings), system_now, random_token);
}

}  // namespace ticketd
