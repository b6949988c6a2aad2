#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ticketd {

/// A file written into a text by uuencode(1) (POSIX.1-2017), in its own alphabet or in base64.
struct UuFile {
  std::string_view name;   ///< as written
  std::string_view lines;  ///< the encoded lines
  bool base64 = false;
  bool complete = true;  ///< its end line is there
};

struct UuText {
  std::string text;  ///< what is no file
  std::vector<UuFile> files;
};

/// How many files are taken out of one text.
inline constexpr std::size_t kMostUuFiles = 100;

/// Takes the files out of a text, at most `limit`, in linear time. Only what is a begin line followed by encoded lines
/// up to the end line is a file; a begin line alone ("begin 100 days") is text. A file may lack its end line where the
/// text ends, as a mail that is cut does; its lines are then full ones. `text` must outlive the result.
[[nodiscard]] UuText take_uu_files(std::string_view text, std::size_t limit);

[[nodiscard]] std::string decode_uu(const UuFile& file);

}  // namespace ticketd
