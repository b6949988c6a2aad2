#include "parsers/mime_tree.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wconversion"
#include <mimetic/mimeentity.h>
#pragma GCC diagnostic pop

#include "parsers/ascii.h"

namespace ticketd {

/// mimetic's entities own their parts and must never be copied: the copy would own them too.
struct MimeTree::Dom {
  mimetic::MimeEntity root;
  std::vector<mimetic::MimeEntity*> entities;
};

MimeTree::MimeTree() : dom_(std::make_unique<Dom>()) {}
MimeTree::~MimeTree() = default;
MimeTree::MimeTree(MimeTree&&) noexcept = default;
MimeTree& MimeTree::operator=(MimeTree&&) noexcept = default;

std::size_t MimeTree::add(std::optional<std::size_t> parent, const std::vector<HeaderField>& fields) {
  mimetic::MimeEntity* entity = &dom_->root;
  if (parent) {
    auto part = std::make_unique<mimetic::MimeEntity>();
    dom_->entities.at(*parent)->body().parts().push_back(part.get());
    entity = part.release();
  }
  for (const HeaderField& field : fields) entity->header().push_back(mimetic::Field(field.name, field.value));
  dom_->entities.push_back(entity);
  return dom_->entities.size() - 1;
}

std::optional<std::string> MimeTree::field(std::size_t entity, std::string_view name) const {
  for (const mimetic::Field& field : dom_->entities.at(entity)->header())
    if (equals_ignoring_case({field.name().data(), field.name().size()}, name)) return field.value();
  return std::nullopt;
}

std::vector<HeaderField> MimeTree::fields(std::size_t entity) const {
  std::vector<HeaderField> result;
  for (const mimetic::Field& field : dom_->entities.at(entity)->header())
    result.push_back({{field.name().data(), field.name().size()}, field.value()});
  return result;
}

}  // namespace ticketd
