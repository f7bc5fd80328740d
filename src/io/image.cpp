// Images as matrices: entry (i, j) is the sample in row i from the top and column j from the left,
// in [0, 255], or [0, 65535] for 16 bits. png.cpp and jpeg.cpp turn files into samples and back;
// here the samples become one matrix of float, which holds them exactly, and back.
//
//   grey     0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), alpha left out; a grey image as it is
//   red ...  one channel; a grey image has the same in red, green and blue
//
// Samples are what the file holds: no gamma, no colour profile, no rotation by EXIF. Written values are
// rounded to the nearest integer and clipped; NaN becomes 0.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include <eckart/error.hpp>

#include "io/format_reader.hpp"
#include "io/memory.hpp"
#include "io/raster.hpp"
#include "io/read.hpp"

namespace eckart::io {
namespace {

constexpr int jpeg_quality = 95;
constexpr Index longest_png = INT32_MAX;  // of a side; the format's own limit
constexpr Index longest_jpeg = 65500;     // libjpeg's, below the format's 65535
constexpr double half_step = 0.5;         // what rounding to a sample may change
constexpr float red_weight = 0.299F, green_weight = 0.587F, blue_weight = 0.114F;

bool is_png(const Input& input) noexcept {
  return input.text().starts_with("\x89PNG");
}
bool is_jpeg(const Input& input) noexcept {
  return input.text().starts_with("\xFF\xD8\xFF");
}

[[noreturn]] void fail_unknown(const Input& input) {
  input.fail(std::uint64_t{0},
             "neither a PNG (89 50 4E 47) nor a JPEG (FF D8 FF) begins like this");
}

Raster read_raster(const Input& input, const RasterLimit& limit) {
  if (is_png(input)) {
    return read_png(input, limit);
  }
  if (is_jpeg(input)) {
    return read_jpeg(input, limit);
  }
  fail_unknown(input);
}

ImageHeader read_header(const Input& input) {
  if (is_png(input)) {
    return describe_png(input);
  }
  if (is_jpeg(input)) {
    return describe_jpeg(input);
  }
  fail_unknown(input);
}

/// Sample k of the image, counted through all channels.
float sample(const Raster& raster, std::size_t k) noexcept {
  if (raster.header.sample_bytes == 1) {
    return raster.samples[k];
  }
  std::uint16_t wide = 0;
  std::memcpy(&wide, raster.samples.data() + 2 * k, sizeof wide);
  return wide;
}

/// The matrix of one channel of the raster, or of `value(k)` where k is a pixel's first sample.
template <class Value>
Matrix<float> matrix_of(const Raster& raster, Value value) {
  const ImageHeader& header = raster.header;
  auto matrix = Matrix<float>::uninitialized(header.height, header.width, Layout::row_major);
  const auto step = static_cast<std::size_t>(header.channels);
  std::size_t k = 0;
  for (float& entry :
       std::span(matrix.data(), static_cast<std::size_t>(header.height * header.width))) {
    entry = value(k);
    k += step;
  }
  return matrix;
}

Matrix<float> channel_of(const Raster& raster, std::size_t channel) {
  return matrix_of(raster, [&](std::size_t k) { return sample(raster, k + channel); });
}

Matrix<float> grey_of(const Raster& raster) {
  return matrix_of(raster, [&](std::size_t k) {
    return red_weight * sample(raster, k) + green_weight * sample(raster, k + 1) +
           blue_weight * sample(raster, k + 2);
  });
}

Description description_of(const ImageHeader& header) {
  Description description;
  description.rows = header.height;
  description.cols = header.width;
  constexpr const char* kinds[] = {"grey", "grey and alpha", "colour", "colour and alpha"};
  description.stored_type =
      std::string(header.sample_bytes == 1 ? "uint8 " : "uint16 ") + kinds[header.channels - 1];
  description.computed_type = "float32";
  description.channels = header.channels;
  return description;
}

void require_alpha(const Input& input, const ImageHeader& header, Channel channel) {
  if (channel == Channel::alpha && header.channels % 2 != 0) {
    throw InvalidArgument(input.name() + ": the image has no alpha channel; it has " +
                          (header.channels == 1 ? "grey" : "red, green and blue"));
  }
}

/// Throws for an image that no file of the format can hold.
void require_image(const std::string& name, Index rows, Index cols, std::size_t channels,
                   Format format) {
  if (format != Format::png && format != Format::jpeg) {
    throw InvalidArgument(name +
                          ": an image is written as png or jpeg; end the name with .png or .jpg");
  }
  if (format == Format::jpeg && channels % 2 == 0) {
    throw InvalidArgument(name + ": JPEG has no alpha channel; write png, or leave alpha out");
  }
  const Index longest = format == Format::jpeg ? longest_jpeg : longest_png;
  if (rows < 1 || cols < 1 || rows > longest || cols > longest) {
    throw InvalidArgument(name + ": an image of " + std::to_string(rows) + " x " +
                          std::to_string(cols) + " pixels cannot be written; both sizes are 1 to " +
                          std::to_string(longest));
  }
}

/// The samples of the matrices, rounded and clipped, `sample_bytes` each.
Raster raster_of(std::span<const MatrixView<const float>> channels, float maximum,
                 int sample_bytes) {
  if (channels.empty() || channels.size() > 4 || !(maximum > 0)) {
    throw InvalidArgument("an image has 1 to 4 channels and a positive maximum");
  }
  Raster raster;
  raster.header = {channels[0].cols(), channels[0].rows(), static_cast<int>(channels.size()),
                   sample_bytes};
  for (const auto& channel : channels) {
    if (channel.rows() != raster.header.height || channel.cols() != raster.header.width) {
      throw InvalidArgument("the channels of an image have one size");
    }
  }
  const float full = sample_bytes == 1 ? 255.0F : 65535.0F;
  const float scale = full / maximum;
  raster.samples.resize(raster.row_bytes() * static_cast<std::size_t>(raster.header.height));
  std::uint8_t* to = raster.samples.data();
  for (Index i = 0; i < raster.header.height; ++i) {
    for (Index j = 0; j < raster.header.width; ++j) {
      for (const auto& channel : channels) {
        const float x = channel(i, j) * scale;
        const float rounded = x > 0 ? std::round(std::min(x, full)) : 0.0F;  // NaN is not > 0
        if (sample_bytes == 1) {
          *to = static_cast<std::uint8_t>(rounded);
        } else {
          const auto wide = static_cast<std::uint16_t>(rounded);
          std::memcpy(to, &wide, sizeof wide);
        }
        to += sample_bytes;
      }
    }
  }
  return raster;
}

Raster raster_of(const Image& image, int sample_bytes) {
  const std::vector<MatrixView<const float>> views(image.channels.begin(), image.channels.end());
  return raster_of(views, image.maximum, sample_bytes);
}

std::vector<std::uint8_t> encode(const Raster& raster, Format format) {
  return format == Format::png ? write_png(raster) : write_jpeg(raster, jpeg_quality);
}

Format image_format(const std::string& path, const WriteOptions& options) {
  return options.format == Format::automatic ? format_of_path(path) : options.format;
}

}  // namespace

void require_image_memory(const Input& input, const ImageHeader& header, const RasterLimit& limit) {
  const int channels = limit.channels_wanted == 0 ? header.channels : limit.channels_wanted;
  // max_bytes is a limit of the matrices; the machine's memory has to hold the samples beside them.
  const int samples = limit.max_bytes == 0 ? header.channels * header.sample_bytes : 0;
  static_cast<void>(require_memory(
      input.name(), header.height, header.width,
      sizeof(float) * static_cast<std::size_t>(channels) + static_cast<std::size_t>(samples),
      limit.max_bytes));
}

void check_image_shape(const std::string& name, const ArrayShape& shape, Format format) {
  if (shape.is_complex) {
    throw InvalidArgument(name + ": an image has real entries; write npy for complex ones");
  }
  require_image(name, shape.rows, shape.cols, 1, format);
}

MatrixFile read_image_matrix(const Input& input, const ReadOptions& options) {
  const Raster raster = read_raster(input, {.channels_wanted = 1, .max_bytes = options.max_bytes});
  const ImageHeader& header = raster.header;
  require_alpha(input, header, options.channel);
  const bool colour = header.channels >= 3;
  MatrixFile file;
  file.description = description_of(header);
  switch (options.channel) {
    case Channel::grey:
      file.matrix = colour ? grey_of(raster) : channel_of(raster, 0);
      break;
    case Channel::red:
      file.matrix = channel_of(raster, 0);
      break;
    case Channel::green:
      file.matrix = channel_of(raster, colour ? 1 : 0);
      break;
    case Channel::blue:
      file.matrix = channel_of(raster, colour ? 2 : 0);
      break;
    case Channel::alpha:
      file.matrix = channel_of(raster, static_cast<std::size_t>(header.channels) - 1);
      break;
  }
  return file;
}

Description describe_image(const Input& input, const ReadOptions& options) {
  const ImageHeader header = read_header(input);
  require_alpha(input, header, options.channel);
  return description_of(header);
}

void write_image_matrix(OutputFile& out, const AnyView& a, const WriteOptions& options) {
  std::visit(
      [&](const auto& view) {
        using T = typename std::remove_cvref_t<decltype(view)>::value_type;
        check_image_shape(out.name(), {"", view.rows(), view.cols(), ComplexScalar<T>},
                          options.format);
        if constexpr (RealScalar<T>) {
          auto grey = Matrix<float>::uninitialized(view.rows(), view.cols(), Layout::row_major);
          for (Index i = 0; i < view.rows(); ++i) {
            for (Index j = 0; j < view.cols(); ++j) {
              grey(i, j) = static_cast<float>(std::clamp<T>(view(i, j), 0, 255));
            }
          }
          const MatrixView<const float> channel = grey;
          const Raster raster = raster_of(std::span(&channel, 1), 255, 1);
          const std::vector<std::uint8_t> file = encode(raster, options.format);
          out.write(std::as_bytes(std::span(file)));
        }
      },
      a);
}

Clipping image_clipping(const AnyView& a, double maximum) {
  Clipping clipping;
  std::visit(
      [&](const auto& view) {
        clipping.entries = view.rows() * view.cols();
        double smallest = std::numeric_limits<double>::infinity();
        double largest = -smallest;
        for (Index j = 0; j < view.cols(); ++j) {
          for (Index i = 0; i < view.rows(); ++i) {
            const auto x = static_cast<double>(real_part(view(i, j)));
            clipping.nan += std::isnan(x) ? 1 : 0;
            clipping.clipped += x < -half_step || x > maximum + half_step ? 1 : 0;
            smallest = std::min(smallest, std::isnan(x) ? smallest : x);
            largest = std::max(largest, std::isnan(x) ? largest : x);
          }
        }
        if (clipping.nan < clipping.entries) {
          clipping.smallest = smallest;
          clipping.largest = largest;
        }
      },
      a);
  return clipping;
}

Image read_image_input(const Input& input, std::uint64_t max_bytes) {
  const Raster raster = read_raster(input, {.channels_wanted = 0, .max_bytes = max_bytes});
  Image image;
  image.maximum = raster.header.sample_bytes == 1 ? 255.0F : 65535.0F;
  for (int channel = 0; channel < raster.header.channels; ++channel) {
    image.channels.push_back(channel_of(raster, static_cast<std::size_t>(channel)));
  }
  return image;
}

Image read_image(const std::string& path) {
  return read_image_input(Input::open(path), 0);
}

void check_image(const std::string& path, const Image& image, const WriteOptions& options) {
  if (image.channels.empty()) {
    throw InvalidArgument(path + ": an image has at least one channel");
  }
  require_image(path, image.channels[0].rows(), image.channels[0].cols(), image.channels.size(),
                image_format(path, options));
}

void write_image(const std::string& path, const Image& image, const WriteOptions& options) {
  check_image(path, image, options);
  const Format format = image_format(path, options);
  const int sample_bytes = format == Format::png && image.maximum > 255 ? 2 : 1;
  const std::vector<std::uint8_t> file = encode(raster_of(image, sample_bytes), format);
  OutputFile out(path);
  out.write(std::as_bytes(std::span(file)));
  out.commit();
}

std::vector<std::uint8_t> encode_png(const Image& image) {
  check_image("the image", image, {.format = Format::png});
  return write_png(raster_of(image, 1));
}

}  // namespace eckart::io
