// JPEG through libjpeg (libjpeg-turbo): grey, YCbCr, RGB, and the inks CMYK and YCCK, baseline and
// progressive.
//
//   1. The header. Huffman coding spends at least one bit on a block of 8 x 8 samples, so a picture
//   of more than 512 pixels a byte is a lie, found before anything is allocated. Arithmetic coding
//   has no such bound, no browser reads it, and it is refused.
//   2. The rows. Inks become colour by R = C K / 255 with C and K as brightness: Adobe writes them
//   so; files without Adobe's marker hold them as darkness, and are inverted first.
//
// A file that ends too soon is an error with its byte, and so are codes that make no sense, where
// libjpeg would only warn and fill in grey. Other warnings change no sample and are passed over. A
// progressive file may hold any number of scans, each costing time in proportion to the whole
// picture: more than 500 (a sane one has about 10) are refused.
//
// Errors leave libjpeg by longjmp: see png.cpp for why each call that can fail runs inside
// guarded().

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

// jpeglib.h needs size_t and FILE from the headers above.
#include <jpeglib.h>
//
#include <jerror.h>

#include <eckart/error.hpp>

#include "io/raster.hpp"

namespace eckart::io {
namespace {

constexpr std::uint64_t pixels_per_byte = 512;  // 64 pixels a block, 8 blocks a byte
constexpr int most_scans = 500;

struct JpegErrors {
  jpeg_error_mgr manager;  // the first member: libjpeg's pointer to it is a pointer to the whole
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

JpegErrors& errors_of(j_common_ptr jpeg) {
  return *reinterpret_cast<JpegErrors*>(jpeg->err);
}

void on_error(j_common_ptr jpeg) {
  JpegErrors& errors = errors_of(jpeg);
  jpeg->err->format_message(jpeg, errors.message);
  std::longjmp(errors.jump, 1);
}

void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) {
    return;  // a trace
  }
  switch (jpeg->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_JPEG_EOF:
      on_error(jpeg);
      break;
    default:
      break;
  }
}

void on_progress(j_common_ptr jpeg) {
  if (jpeg->is_decompressor != 0 &&
      reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > most_scans) {
    std::strcpy(errors_of(jpeg).message, "more than 500 scans");
    std::longjmp(errors_of(jpeg).jump, 1);
  }
}

void install(JpegErrors& errors, jpeg_error_mgr*& slot) {
  slot = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = on_error;
  errors.manager.emit_message = on_message;
  errors.message[0] = '\0';
}

/// Runs step(argument); false when libjpeg jumped out of it. `step` holds nothing that a jump must
/// not cross.
template <class Argument>
[[nodiscard]] bool guarded(JpegErrors& errors, void (*step)(Argument&), Argument& argument) {
  if (setjmp(errors.jump) != 0) {
    return false;
  }
  step(argument);
  return true;
}

// A source that holds the whole file: asked for more, the file has ended too soon.
void do_nothing(j_decompress_ptr /*jpeg*/) {}
boolean no_more(j_decompress_ptr jpeg) {
  jpeg->src->bytes_in_buffer = 0;  // the error stands at the end of the file
  std::strcpy(errors_of(reinterpret_cast<j_common_ptr>(jpeg)).message, "the file ends too soon");
  std::longjmp(errors_of(reinterpret_cast<j_common_ptr>(jpeg)).jump, 1);
}
void skip(j_decompress_ptr jpeg, long count) {
  jpeg_source_mgr& source = *jpeg->src;
  if (count > 0 && static_cast<std::size_t>(count) > source.bytes_in_buffer) {
    no_more(jpeg);
  }
  if (count > 0) {
    source.next_input_byte += count;
    source.bytes_in_buffer -= static_cast<std::size_t>(count);
  }
}

class JpegReader {
 public:
  explicit JpegReader(const Input& input) : input_(&input) {
    install(errors_, jpeg_.err);
    run(+[](JpegReader& self) { jpeg_create_decompress(&self.jpeg_); });
    source_.next_input_byte = reinterpret_cast<const JOCTET*>(input.bytes().data());
    source_.bytes_in_buffer = input.size();
    source_.init_source = do_nothing;
    source_.fill_input_buffer = no_more;
    source_.skip_input_data = skip;
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = do_nothing;
    jpeg_.src = &source_;
    progress_.progress_monitor = on_progress;
    jpeg_.progress = &progress_;
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }

  /// Step 1.
  ImageHeader header() {
    run(+[](JpegReader& self) { static_cast<void>(jpeg_read_header(&self.jpeg_, TRUE)); });
    inks_ = jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
    const bool grey = jpeg_.jpeg_color_space == JCS_GRAYSCALE;
    jpeg_.out_color_space = inks_ ? JCS_CMYK : (grey ? JCS_GRAYSCALE : JCS_RGB);
    if (jpeg_.arith_code != 0) {
      fail("arithmetic coding is not read; convert it without loss: jpegtran -optimize");
    }
    const std::uint64_t pixels = std::uint64_t{jpeg_.image_width} * jpeg_.image_height;
    if (pixels / pixels_per_byte > input_->size()) {
      fail("the header promises " + std::to_string(jpeg_.image_width) + " x " +
           std::to_string(jpeg_.image_height) + " pixels, more than the file's " +
           std::to_string(input_->size()) + " bytes can hold");
    }
    return {static_cast<Index>(jpeg_.image_width), static_cast<Index>(jpeg_.image_height),
            grey ? 1 : 3, 1};
  }

  /// Step 2.
  void rows(Raster& raster) {
    run(+[](JpegReader& self) { static_cast<void>(jpeg_start_decompress(&self.jpeg_)); });
    std::vector<std::uint8_t> inks(inks_ ? static_cast<std::size_t>(jpeg_.image_width) * 4 : 0);
    for (Index i = 0; i < raster.header.height; ++i) {
      std::uint8_t* to = raster.samples.data() + static_cast<std::size_t>(i) * raster.row_bytes();
      row_ = inks_ ? inks.data() : to;
      run(+[](JpegReader& self) {
        static_cast<void>(jpeg_read_scanlines(&self.jpeg_, &self.row_, 1));
      });
      if (inks_) {
        colours(inks, to);
      }
    }
    run(+[](JpegReader& self) { static_cast<void>(jpeg_finish_decompress(&self.jpeg_)); });
  }

 private:
  void run(void (*step)(JpegReader&)) {
    if (!guarded(errors_, step, *this)) {
      fail(errors_.message);
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    input_->fail(input_->size() - source_.bytes_in_buffer, "JPEG: " + what);
  }

  void colours(const std::vector<std::uint8_t>& inks, std::uint8_t* to) const {
    const unsigned flip = jpeg_.saw_Adobe_marker != 0 ? 0 : 255;
    for (std::size_t k = 0; k < inks.size(); k += 4) {
      const unsigned black = inks[k + 3] ^ flip;
      for (std::size_t c = 0; c < 3; ++c) {
        *to++ = static_cast<std::uint8_t>(((inks[k + c] ^ flip) * black + 127) / 255);
      }
    }
  }

  const Input* input_;
  JpegErrors errors_{};
  jpeg_decompress_struct jpeg_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  JSAMPROW row_ = nullptr;
  bool inks_ = false;
};

struct JpegWriter {
  JpegErrors errors{};
  jpeg_compress_struct jpeg{};
  unsigned char* file = nullptr;  // malloc'ed by libjpeg
  unsigned long size = 0;
  const Raster* raster = nullptr;
  int quality = 0;

  JpegWriter() = default;
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() {
    jpeg_destroy_compress(&jpeg);
    std::free(file);
  }
};

void write_step(JpegWriter& writer) {
  jpeg_compress_struct& jpeg = writer.jpeg;
  const Raster& raster = *writer.raster;
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &writer.file, &writer.size);
  jpeg.image_width = static_cast<JDIMENSION>(raster.header.width);
  jpeg.image_height = static_cast<JDIMENSION>(raster.header.height);
  jpeg.input_components = raster.header.channels;
  jpeg.in_color_space = raster.header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, writer.quality, TRUE);
  for (int c = 0; c < jpeg.num_components; ++c) {
    jpeg.comp_info[c].h_samp_factor = 1;
    jpeg.comp_info[c].v_samp_factor = 1;
  }
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row =
        const_cast<JSAMPROW>(raster.samples.data() + jpeg.next_scanline * raster.row_bytes());
    static_cast<void>(jpeg_write_scanlines(&jpeg, &row, 1));
  }
  jpeg_finish_compress(&jpeg);
}

}  // namespace

ImageHeader describe_jpeg(const Input& input) {
  return JpegReader(input).header();
}

Raster read_jpeg(const Input& input, const RasterLimit& limit) {
  JpegReader reader(input);
  Raster raster{reader.header(), {}};
  require_image_memory(input, raster.header, limit);
  raster.samples.resize(raster.row_bytes() * static_cast<std::size_t>(raster.header.height));
  reader.rows(raster);
  return raster;
}

std::vector<std::uint8_t> write_jpeg(const Raster& raster, int quality) {
  JpegWriter writer;
  install(writer.errors, writer.jpeg.err);
  writer.raster = &raster;
  writer.quality = quality;
  if (!guarded(writer.errors, write_step, writer)) {
    throw InvalidArgument(std::string("JPEG: ") + writer.errors.message);
  }
  return {writer.file, writer.file + writer.size};
}

}  // namespace eckart::io
