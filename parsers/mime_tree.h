#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/email.h"

namespace ticketd {

/// The entities of a mail (RFC 2045 §2.4) as mimetic's tree. mimetic is this file's secret: it holds what our splitter
/// found and never parses received mail (its parser and typed getters crash on some). Entities are numbered in the
/// order of the mail, the mail itself is 0. Only for one thread at a time: mimetic's getters are not const at heart.
class MimeTree {
 public:
  MimeTree();
  ~MimeTree();
  MimeTree(MimeTree&&) noexcept;
  MimeTree& operator=(MimeTree&&) noexcept;

  /// Adds the mail itself, or a part of `parent`, with its fields; returns its number.
  std::size_t add(std::optional<std::size_t> parent, const std::vector<HeaderField>& fields);

  /// The unfolded raw value of the entity's first field of that name.
  [[nodiscard]] std::optional<std::string> field(std::size_t entity, std::string_view name) const;
  [[nodiscard]] std::vector<HeaderField> fields(std::size_t entity) const;

 private:
  struct Dom;
  std::unique_ptr<Dom> dom_;
};

}  // namespace ticketd
