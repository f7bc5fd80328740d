#pragma once

// The samples of an image as integers, row by row, between the PNG and JPEG libraries and the
// matrices of image.cpp.

#include <cstddef>
#include <cstdint>
#include <vector>

#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::io {

struct ImageHeader {
  Index width = 0, height = 0;
  int channels = 0;      // 1 grey, 2 grey + alpha, 3 colour, 4 colour + alpha
  int sample_bytes = 1;  // 1, or 2 in the machine's byte order
};

struct Raster {
  ImageHeader header;
  std::vector<std::uint8_t> samples;  // height * width * channels * sample_bytes

  [[nodiscard]] std::size_t row_bytes() const noexcept {
    return static_cast<std::size_t>(header.width) * static_cast<std::size_t>(header.channels) *
           static_cast<std::size_t>(header.sample_bytes);
  }
};

/// Readers throw FormatError, and OutOfMemory when the matrices of `channels_wanted` channels (0:
/// all) of float need more than max_bytes (0: the machine's memory).
struct RasterLimit {
  int channels_wanted = 0;
  std::uint64_t max_bytes = 0;
};

/// Throws OutOfMemory or SizeLimit for a header whose image is past the limit.
void require_image_memory(const Input& input, const ImageHeader& header, const RasterLimit& limit);

[[nodiscard]] ImageHeader describe_png(const Input& input);
[[nodiscard]] Raster read_png(const Input& input, const RasterLimit& limit);
[[nodiscard]] std::vector<std::uint8_t> write_png(const Raster& raster);

[[nodiscard]] ImageHeader describe_jpeg(const Input& input);
[[nodiscard]] Raster read_jpeg(const Input& input, const RasterLimit& limit);
/// 1 or 3 channels of 1 byte. `quality` is libjpeg's, 1 to 100; colour is not subsampled.
[[nodiscard]] std::vector<std::uint8_t> write_jpeg(const Raster& raster, int quality);

}  // namespace eckart::io
