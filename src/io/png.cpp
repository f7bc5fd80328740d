// PNG through libpng: grey, palette and colour of 1 to 16 bits, with alpha, interlaced or not.
//
//   1. The header. A deflate stream of n bytes unpacks to at most 1032 n, so a picture larger than
//   that is a lie, found before anything is allocated.
//   2. The rows, widened to 8 or 16 bits a sample: palettes become colour, a transparent colour
//   becomes an alpha channel. All chunks that change nothing of the samples (text, time, colour
//   profiles) are passed over unread; so no profile or compressed text can fill the memory.
//   3. The end of the file: a picture cut short behind its last row is an error too.
//
// 16-bit samples keep their 16 bits.
//
// libpng reports errors by longjmp, and a longjmp over a C++ frame with a destructor is undefined.
// So every call that can fail runs inside guarded(), whose frame and whose steps hold plain data
// only; what must be destroyed lives in the caller's frame, which the jump does not cross.

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstring>
#include <string>

#include <png.h>

#include <eckart/error.hpp>

#include "io/raster.hpp"

namespace eckart::io {
namespace {

constexpr std::uint64_t deflate_ratio = 1032;  // zlib's own figure for its best case
constexpr std::uint64_t state_bytes = 4096;  // about what libpng takes before it has read anything

struct PngStream {
  const Input* input = nullptr;                 // reading
  std::size_t at = 0;                           // bytes consumed
  std::vector<std::uint8_t>* output = nullptr;  // writing
  bool out_of_memory = false;
  std::string message;
};

PngStream& stream_of(png_structp png) {
  return *static_cast<PngStream*>(png_get_io_ptr(png));
}

void on_error(png_structp png, png_const_charp message) {
  auto& text = static_cast<PngStream*>(png_get_error_ptr(png))->message;
  try {
    text = message;
  } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
    // an empty message is still an error
  }
  png_longjmp(png, 1);
}

void on_warning(png_structp /*png*/, png_const_charp /*message*/) {}

void read_bytes(png_structp png, png_bytep to, std::size_t count) {
  PngStream& stream = stream_of(png);
  if (count > stream.input->size() - stream.at) {
    stream.at = stream.input->size();
    png_error(png, "the file ends too soon");
  }
  std::memcpy(to, stream.input->bytes().data() + stream.at, count);
  stream.at += count;
}

void write_bytes(png_structp png, png_bytep from, std::size_t count) {
  PngStream& stream = stream_of(png);
  try {
    stream.output->insert(stream.output->end(), from, from + count);
  } catch (const std::bad_alloc&) {
    stream.out_of_memory = true;
  }
  if (stream.out_of_memory) {
    png_error(png, "out of memory");
  }
}

void flush_nothing(png_structp /*png*/) {}

/// A libpng structure, for reading or for writing.
class Png {
 public:
  Png(PngStream& stream, bool writing) : writing_(writing) {
    png_ = writing ? png_create_write_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning)
                   : png_create_read_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning);
    info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
    if (info_ == nullptr) {
      destroy();
      throw OutOfMemory("the state of libpng", state_bytes);
    }
  }
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;
  ~Png() { destroy(); }

  [[nodiscard]] png_structp png() const noexcept { return png_; }
  [[nodiscard]] png_infop info() const noexcept { return info_; }

  /// Runs step(png, info, argument); false when libpng jumped out of it. `step` holds nothing that
  /// a jump must not cross.
  template <class Argument>
  [[nodiscard]] bool guarded(void (*step)(png_structp, png_infop, Argument),
                             Argument argument) const {
    if (setjmp(png_jmpbuf(png_)) != 0) {
      return false;
    }
    step(png_, info_, argument);
    return true;
  }

 private:
  void destroy() noexcept {
    if (writing_) {
      png_destroy_write_struct(&png_, &info_);
    } else {
      png_destroy_read_struct(&png_, &info_, nullptr);
    }
  }

  bool writing_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
};

[[noreturn]] void fail(const PngStream& stream) {
  stream.input->fail(stream.at, "PNG: " + (stream.message.empty() ? "unreadable" : stream.message));
}

/// Step 1.
void header_step(png_structp png, png_infop info, PngStream* stream) {
  png_set_read_fn(png, stream, read_bytes);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_read_info(png, info);
}

/// Step 2: the transformations.
void widen_step(png_structp png, png_infop info, PngStream* /*stream*/) {
  png_set_expand(png);
  if (std::endian::native == std::endian::little) {
    png_set_swap(png);
  }
  static_cast<void>(png_set_interlace_handling(png));
  png_read_update_info(png, info);
}

/// Steps 2 and 3.
void rows_step(png_structp png, png_infop info, png_bytepp rows) {
  png_read_image(png, rows);
  png_read_end(png, info);
}

ImageHeader read_header(const Png& png, PngStream& stream) {
  if (!png.guarded(header_step, &stream)) {
    fail(stream);
  }
  ImageHeader header;
  header.width = png_get_image_width(png.png(), png.info());
  header.height = png_get_image_height(png.png(), png.info());
  const std::uint64_t row_bytes = png_get_rowbytes(png.png(), png.info());  // not 0, up to 2^34
  const std::uint64_t most_rows = (stream.input->size() + 1) * deflate_ratio / row_bytes;
  if (static_cast<std::uint64_t>(header.height) > most_rows) {
    stream.input->fail(stream.at, "PNG: the header promises " + std::to_string(header.width) +
                                      " x " + std::to_string(header.height) +
                                      " pixels, more than the file's " +
                                      std::to_string(stream.input->size()) + " bytes can hold");
  }
  if (!png.guarded(widen_step, &stream)) {
    fail(stream);
  }
  header.channels = png_get_channels(png.png(), png.info());
  header.sample_bytes = png_get_bit_depth(png.png(), png.info()) == 16 ? 2 : 1;
  return header;
}

std::vector<png_bytep> row_pointers(Raster& raster) {
  std::vector<png_bytep> rows(static_cast<std::size_t>(raster.header.height));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = raster.samples.data() + i * raster.row_bytes();
  }
  return rows;
}

struct WriteStep {
  PngStream* stream;
  const ImageHeader* header;
  png_bytepp rows;
};

void write_step(png_structp png, png_infop info, const WriteStep* step) {
  constexpr int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                           PNG_COLOR_TYPE_RGB_ALPHA};
  const ImageHeader& header = *step->header;
  png_set_write_fn(png, step->stream, write_bytes, flush_nothing);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(png, info, static_cast<png_uint_32>(header.width),
               static_cast<png_uint_32>(header.height), 8 * header.sample_bytes,
               types[header.channels - 1], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (header.sample_bytes == 2 && std::endian::native == std::endian::little) {
    png_set_swap(png);
  }
  png_write_image(png, step->rows);
  png_write_end(png, info);
}

}  // namespace

ImageHeader describe_png(const Input& input) {
  PngStream stream;
  stream.input = &input;
  const Png png(stream, false);
  return read_header(png, stream);
}

Raster read_png(const Input& input, const RasterLimit& limit) {
  PngStream stream;
  stream.input = &input;
  const Png png(stream, false);
  Raster raster{read_header(png, stream), {}};
  require_image_memory(input, raster.header, limit);
  raster.samples.resize(raster.row_bytes() * static_cast<std::size_t>(raster.header.height));
  std::vector<png_bytep> rows = row_pointers(raster);
  if (!png.guarded(rows_step, rows.data())) {
    fail(stream);
  }
  return raster;
}

std::vector<std::uint8_t> write_png(const Raster& raster) {
  std::vector<std::uint8_t> file;
  PngStream stream;
  stream.output = &file;
  const Png png(stream, true);
  // libpng's write functions take pointers to non-const and do not write through them.
  std::vector<png_bytep> rows = row_pointers(const_cast<Raster&>(raster));
  const WriteStep step{&stream, &raster.header, rows.data()};
  if (!png.guarded(write_step, &step)) {
    if (stream.out_of_memory) {
      throw OutOfMemory("a PNG file in memory", file.size());
    }
    throw InvalidArgument("PNG: " + stream.message);
  }
  return file;
}

}  // namespace eckart::io
