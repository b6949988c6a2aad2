#pragma once

#include <memory>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace ticketd {

/// Whether it can be unpacked, with no more memory than the window of zstd takes.
[[nodiscard]] bool is_whole_frame(std::string_view frame);

/// Octets ↔ one zstd frame that knows its size. Keeps its contexts, for making them costs more than a small mail.
class Compressor {
 public:
  Compressor();

  /// The frame lives until the next call.
  std::string_view compress(std::string_view octets);
  /// Throws StoreDamaged when the frame is.
  [[nodiscard]] std::string decompress(std::string_view frame);
  void release_memory();  ///< gives back the buffer of a large mail

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> compressing_;
  std::unique_ptr<ZSTD_DCtx_s, Free> decompressing_;
  std::string frame_;
};

}  // namespace ticketd
