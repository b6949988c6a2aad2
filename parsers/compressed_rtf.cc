#include <algorithm>
#include <array>

#include "parsers/tnef.h"

namespace ticketd {
namespace {

constexpr std::string_view kFirstDictionary =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS "
    "Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b"
    "\\i\\u\\tab\\tx";
static_assert(kFirstDictionary.size() == 207);

/// MS-OXRTFCP §2.1.3.1: literals, and references into the last 4096 octets.
class Decompressor {
 public:
  Decompressor(std::string_view octets, std::size_t limit) : octets_(octets), limit_(limit) {
    kFirstDictionary.copy(window_.data(), window_.size());
  }

  std::optional<std::string> run() {
    while (!ended_) {
      if (at_ >= octets_.size()) return std::nullopt;
      const auto control = static_cast<unsigned char>(octets_[at_++]);
      for (unsigned bit = 0; bit < 8 && !ended_; ++bit) {
        const bool readable = (control >> bit & 1U) != 0 ? copy_reference() : copy_literal();
        if (!readable || out_.size() > limit_) return std::nullopt;
      }
    }
    return std::move(out_);
  }

 private:
  bool copy_literal() {
    if (at_ >= octets_.size()) return false;
    put(octets_[at_++]);
    return true;
  }

  bool copy_reference() {
    if (octets_.size() - at_ < 2) return false;
    const std::size_t high = static_cast<unsigned char>(octets_[at_]);
    const std::size_t low = static_cast<unsigned char>(octets_[at_ + 1]);
    at_ += 2;
    const std::size_t from = high << 4 | low >> 4;
    ended_ = from == write_;
    for (std::size_t i = 0; !ended_ && i < (low & 0xF) + 2; ++i) put(window_[(from + i) % window_.size()]);
    return true;
  }

  void put(char c) {
    out_ += c;
    window_[write_] = c;
    write_ = (write_ + 1) % window_.size();
  }

  std::string_view octets_;
  std::size_t limit_;
  std::size_t at_ = 0;
  std::array<char, 4096> window_{};
  std::size_t write_ = kFirstDictionary.size();
  bool ended_ = false;
  std::string out_;
};

}  // namespace

std::optional<std::string> decompress_rtf(std::string_view octets, std::size_t limit) {
  constexpr std::size_t header = 16;
  if (octets.size() < header) return std::nullopt;
  const std::string_view kind = octets.substr(8, 4);
  const std::string_view content = octets.substr(header);
  if (kind == "MELA" && content.size() <= limit) return std::string(content);
  return kind == "LZFu" ? Decompressor(content, limit).run() : std::nullopt;
}

std::optional<std::string> decompress_rtf(std::string_view octets, TextBudget& budget) {
  constexpr std::size_t most_of_one = 8;  // 8 references of two octets and their control octet, 17 octets each
  auto rtf = decompress_rtf(octets, budget.rtf);
  budget.rtf -= std::min(budget.rtf, rtf ? rtf->size() : most_of_one * octets.size());
  return rtf;
}

}  // namespace ticketd
