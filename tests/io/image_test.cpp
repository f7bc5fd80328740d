#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "io/format_reader.hpp"
#include "io/image_bytes.hpp"
#include "io/temporary_folder.hpp"
#include "io/text_input.hpp"

namespace eckart::io {
namespace {

using Floats = std::vector<float>;
using Shape = std::pair<Index, Index>;

Floats entries(const std::string& bytes, Channel channel = Channel::grey) {
  return entries_of<float>(read_image_matrix(input_of(bytes), {.channel = channel}).matrix);
}

std::string stored_type(const std::string& bytes) {
  return describe_image(input_of(bytes), {}).stored_type;
}

std::string error(const std::string& bytes) {
  return message_of<FormatError>(
      [&] { static_cast<void>(read_image_matrix(input_of(bytes), {})); });
}

float luma(float r, float g, float b) {
  return .299F * r + .587F * g + .114F * b;
}

// 2 x 3 grey samples 0 1 2 / 253 254 255.
const PngFile grey8{.width = 3, .height = 2, .rows = "00 00 01 02  00 fd fe ff"};

TEST(Png, ReadsGreyOfEveryDepth) {
  EXPECT_EQ(entries(grey8.bytes()), (Floats{0, 1, 2, 253, 254, 255}));
  EXPECT_EQ(entries(PngFile{.width = 3, .height = 1, .depth = 1, .rows = "00 a0"}.bytes()),
            (Floats{255, 0, 255}));
  EXPECT_EQ(entries(PngFile{.width = 4, .height = 1, .depth = 2, .rows = "00 1b"}.bytes()),
            (Floats{0, 85, 170, 255}));
  EXPECT_EQ(entries(PngFile{.width = 2, .height = 1, .depth = 4, .rows = "00 1f"}.bytes()),
            (Floats{17, 255}));
  const std::string wide =
      PngFile{.width = 2, .height = 1, .depth = 16, .rows = "00 0102 ffff"}.bytes();
  EXPECT_EQ(entries(wide), (Floats{258, 65535}));
  EXPECT_EQ(stored_type(wide), "uint16 grey");
}

TEST(Png, ReadsColourChannelByChannelAndAsGrey) {
  const std::string file =
      PngFile{.width = 2, .height = 1, .type = 2, .rows = "00 c86432 000102"}.bytes();
  EXPECT_EQ(entries(file, Channel::red), (Floats{200, 0}));
  EXPECT_EQ(entries(file, Channel::green), (Floats{100, 1}));
  EXPECT_EQ(entries(file, Channel::blue), (Floats{50, 2}));
  EXPECT_EQ(entries(file), (Floats{luma(200, 100, 50), luma(0, 1, 2)}));
  EXPECT_EQ(stored_type(file), "uint8 colour");
  EXPECT_EQ(stored_type(PngFile{.depth = 16, .type = 2, .rows = "00 000000000000"}.bytes()),
            "uint16 colour");
}

TEST(Png, ReadsPalettesAndAlpha) {
  const PngFile palette{
      .width = 2, .height = 1, .depth = 2, .type = 3, .rows = "00 10", .palette = "010203 c86432"};
  EXPECT_EQ(entries(palette.bytes(), Channel::red), (Floats{1, 200}));
  PngFile transparent = palette;
  transparent.transparency = "07";
  EXPECT_EQ(stored_type(transparent.bytes()), "uint8 colour and alpha");
  EXPECT_EQ(entries(transparent.bytes(), Channel::alpha), (Floats{7, 255}));
  const std::string both = PngFile{.width = 1, .height = 1, .type = 4, .rows = "00 2a07"}.bytes();
  EXPECT_EQ(entries(both), Floats{42});
  EXPECT_EQ(entries(both, Channel::blue), Floats{42});
  EXPECT_EQ(entries(both, Channel::alpha), Floats{7});
  EXPECT_EQ(entries(PngFile{.type = 6, .rows = "00 01020304"}.bytes(), Channel::alpha), Floats{4});
  const auto none = message_of<InvalidArgument>([] {
    static_cast<void>(read_image_matrix(input_of(grey8.bytes()), {.channel = Channel::alpha}));
  });
  expect_contains(none, "no alpha channel; it has grey");
}

TEST(Png, ReadsInterlacedFiles) {
  // Adam7 of 3 x 2: pass 1 has (0,0); pass 4 has (0,2); pass 6 has (0,1); pass 7 has row 1.
  const PngFile file{
      .width = 3, .height = 2, .interlace = 1, .rows = "00 00  00 02  00 01  00 fd fe ff"};
  EXPECT_EQ(entries(file.bytes()), (Floats{0, 1, 2, 253, 254, 255}));
}

TEST(Png, EveryTruncationIsAnErrorWithItsByte) {
  const std::string file = grey8.bytes();
  for (std::size_t size = 4; size < file.size(); ++size) {
    expect_contains(error(file.substr(0, size)), "table: byte ");
  }
  expect_contains(error(file.substr(0, 40)), "byte 40: PNG: the file ends too soon");
}

TEST(Png, DamageIsAnError) {
  std::string file = grey8.bytes();
  file[file.size() - 20] ^= 1;  // in the samples: their checksum no longer fits
  expect_contains(error(file), "PNG: ");
  expect_contains(error(PngFile{.width = 0, .rows = "00"}.bytes()), "PNG: ");
  expect_contains(error(PngFile{.depth = 3, .rows = "00 00"}.bytes()), "PNG: ");
  expect_contains(error("\x89PNG"), "PNG: ");
  expect_contains(error("GIF89a"), "byte 0: neither a PNG");
}

TEST(Png, BelievesNoSizeThatTheFileCannotHold) {
  for (const std::uint32_t size : {100'000U, 0x7FFFFFFFU}) {
    const PngFile file{.width = size, .height = size, .depth = 16, .type = 6, .rows = "00 00"};
    expect_contains(error(file.bytes()), "more than the file's 70 bytes can hold");
    EXPECT_THROW(static_cast<void>(describe_image(input_of(file.bytes()), {})), FormatError);
  }
}

TEST(Png, HonoursTheLimitOfMemory) {
  const std::string file = grey8.bytes();
  const auto message = message_of<OutOfMemory>(
      [&] { static_cast<void>(read_image_matrix(input_of(file), {.max_bytes = 23})); });
  expect_contains(message, "2 x 3 needs 24 bytes");
  EXPECT_EQ(shape_of(read_image_matrix(input_of(file), {.max_bytes = 24}).matrix), Shape(2, 3));
}

// JPEG files of 3 x 2 equal pixels, written by libjpeg at quality 100; Q0 and Q1 are its
// quantization tables of ones.
std::string jpeg(std::string hex) {
  for (const char k : {'0', '1'}) {
    std::string table = std::string("ffdb00430") + k;
    for (int i = 0; i < 64; ++i) {
      table += "01";
    }
    if (const auto at = hex.find(std::string("Q") + k); at != std::string::npos) {
      hex.replace(at, 2, table);
    }
  }
  return from_hex(hex);
}

const std::string grey_jpeg = jpeg(
    "ffd8ffe000104a46494600010100000100010000 Q0 "
    "ffc0000b080002000301011100ffc40014000100000000000000000000000000000008"
    "ffc40014100100000000000000000000000000000000ffda0008010100003f000fbfffd9");
const std::string colour_jpeg = jpeg(
    "ffd8ffe000104a46494600010100000100010000 Q0 Q1 "
    "ffc00011080002000303011100021101031101ffc4001400010000000000000000"
    "0000000000000006ffc40014100100000000000000000000000000000000ffc4001401010000000000000000000000"
    "0000000009ffc4001411"
    "0100000000000000000000000000000000ffda000c03010002110311003f003e2bcd83ffd9");
const std::string rgb_jpeg = jpeg(
    "ffd8ffee000e41646f626500640000000000 Q0 "
    "ffc00011080002000303521100471100421100ffc400150001010000000000000000000000"
    "0000000a08ffc40014100100000000000000000000000000000000ffda000c03520047004200003f0048087c63dfff"
    "d9");
const std::string progressive_jpeg = jpeg(
    "ffd8ffe000104a46494600010100000100010000 Q0 Q1 "
    "ffc20011080002000303011100021101031101ffc4001400010000000000000000"
    "0000000000000005ffc40014010100000000000000000000000000000008ffda000c030100021003100000013caed8"
    "ffc40014100100000000"
    "000000000000000000000000ffda00080101000105027fffc40014110100000000000000000000000000000000ffda"
    "0008010301013f017fff"
    "c40014110100000000000000000000000000000000ffda0008010201013f017fffc400141001000000000000000000"
    "00000000000000ffda00"
    "08010100063f027fffc40014100100000000000000000000000000000000ffda0008010100013f217fffda000c0301"
    "00020003000000101fff"
    "c40014110100000000000000000000000000000000ffda0008010301013f107fffc400141101000000000000000000"
    "00000000000000ffda00"
    "08010201013f107fffc40014100100000000000000000000000000000000ffda0008010100013f107fffd9");
const std::string arithmetic_jpeg = jpeg(
    "ffd8ffe000104a46494600010100000100010000 Q0 "
    "ffc9000b080002000301011100ffcc000600101005ffda0008010100003f00ff00e860"
    "ffd9");
const std::string adobe_cmyk_jpeg = jpeg(
    "ffd8ffee000e41646f626500640000000000 Q0 "
    "ffc000140800020003044311004d11005911004b1100ffc400150001010000000000000000"
    "000000000000080affc40014100100000000000000000000000000000000ffda000e0443004d0059004b00003f00bd"
    "05201600fbffd9");
const std::string adobe_ycck_jpeg = jpeg(
    "ffd8ffee000e41646f626500640000000002 Q0 Q1 "
    "ffc00014080002000304011100021101031101041100ffc40015000101000000000000"
    "0000000000000000080affc40014100100000000000000000000000000000000ffc400150101010000000000000000"
    "00000000000008"
    "09ffc40014110100000000000000000000000000000000ffda000e040100021103110400003f0096f50805c1f7ffd"
    "9");
const std::string plain_cmyk_jpeg = jpeg(
    "ffd8 Q0 "
    "ffc000140800020003044311004d11005911004b1100ffc400150001010000000000000000000000000000080affc4"
    "001410010000"
    "0000000000000000000000000000ffda000e0443004d0059004b00003f008274db88e6c3ffd9");

// 15 x 31 pixels, colours at half the resolution: (200, 100, 50) up to column 15, (10, 220, 130)
// behind it. A restart marker stands between the two blocks of 16 x 16.
const std::string subsampled_jpeg = jpeg(
    "ffd8ffe000104a46494600010100000100010000 Q0 Q1 "
    "ffc0001108000f001f03012200021101031101ffc400160001010100000000000000000000000000000608ffc4"
    "0014100100000000000000000000000000000000ffc40016010101010000000000000000000000000009070aff"
    "c40014110100000000000000000000000000000000ffdd00040001ffda000c03010002110311003f009f00579b"
    "07ffd0d30025ec77bfffd9");

void expect_colour(const std::string& file, float red, float green, float blue) {
  const std::pair<Channel, float> expected[] = {{Channel::red, red},
                                                {Channel::green, green},
                                                {Channel::blue, blue},
                                                {Channel::grey, luma(red, green, blue)}};
  for (const auto& [channel, value] : expected) {
    const Floats samples = entries(file, channel);
    ASSERT_EQ(samples.size(), 6U);
    for (const float sample : samples) {
      EXPECT_NEAR(sample, value, 1.5);  // the rounding of the colour transform
    }
  }
}

TEST(Jpeg, ReadsGreyAndColour) {
  EXPECT_EQ(entries(grey_jpeg), Floats(6, 100));
  EXPECT_EQ(entries(grey_jpeg, Channel::blue), Floats(6, 100));
  EXPECT_EQ(stored_type(grey_jpeg), "uint8 grey");
  expect_colour(colour_jpeg, 200, 100, 50);
  expect_colour(rgb_jpeg, 200, 100, 50);
  expect_colour(progressive_jpeg, 200, 100, 50);
  const Description description = describe_image(input_of(colour_jpeg), {});
  EXPECT_EQ(description.rows, 2);
  EXPECT_EQ(description.cols, 3);
  EXPECT_EQ(description.computed_type, "float32");
}

TEST(Jpeg, TurnsInksIntoColour) {
  // Brightness 250, 200, 150 under black of brightness 100: 250 * 100 / 255 = 98, 78, 59.
  expect_colour(adobe_cmyk_jpeg, 98, 78, 59);
  expect_colour(adobe_ycck_jpeg, 98, 78, 59);
  expect_colour(plain_cmyk_jpeg, 98, 78, 59);  // stored as darkness, without Adobe's marker
}

/// The file with other bytes behind the start of its frame header: precision, height, width.
std::string with_frame(std::string file, const std::string& hex) {
  const std::string bytes = from_hex(hex);
  return file.replace(file.find("\xff\xc0") + 4, bytes.size(), bytes);
}

/// The file with a segment behind the mark of its beginning.
std::string with_segment(const std::string& file, const std::string& hex) {
  return file.substr(0, 2) + from_hex(hex) + file.substr(2);
}

TEST(Jpeg, ReadsOnePixelAndALine) {
  for (const auto& [size, shape] : {std::pair{"0001 0001", Shape(1, 1)},
                                    {"0001 0008", Shape(1, 8)},
                                    {"0008 0001", Shape(8, 1)}}) {
    const std::string file = with_frame(grey_jpeg, std::string("08") + size);
    const MatrixFile matrix = read_image_matrix(input_of(file), {});
    EXPECT_EQ(shape_of(matrix.matrix), shape);
    EXPECT_EQ(entries_of<float>(matrix.matrix),
              Floats(static_cast<std::size_t>(shape.first * shape.second), 100));
  }
  const std::string pixel = with_frame(colour_jpeg, "08 0001 0001");
  EXPECT_NEAR(entries(pixel, Channel::red).at(0), 200, 1.5);
  EXPECT_NEAR(entries(pixel, Channel::blue).at(0), 50, 1.5);
  EXPECT_EQ(entries(pixel).size(), 1U);
}

TEST(Jpeg, ReadsSubsampledColoursAndRestarts) {
  const std::pair<Channel, std::pair<float, float>> expected[] = {
      {Channel::red, {200, 10}}, {Channel::green, {100, 220}}, {Channel::blue, {50, 130}}};
  for (const auto& [channel, colours] : expected) {
    const Floats samples = entries(subsampled_jpeg, channel);
    ASSERT_EQ(samples.size(), 15U * 31U);
    for (std::size_t k = 0; k < samples.size(); ++k) {
      const std::size_t column = k % 31;
      if (column < 15 || column > 16) {  // between the two the halved colours blend
        EXPECT_NEAR(samples[k], column < 16 ? colours.first : colours.second, 1.5) << k;
      }
    }
  }
}

// Samples are what the file holds: a camera held upright says so by EXIF, and that changes nothing
// here.
TEST(Jpeg, IgnoresTheOrientationOfExif) {
  for (const char* orientation : {"0001", "0003", "0006", "0008"}) {
    const std::string file = with_segment(
        subsampled_jpeg,
        std::string("ffe1 0022 457869660000 4d4d002a00000008 0001 0112 0003 00000001 ") +
            orientation + "0000 00000000");
    EXPECT_EQ(shape_of(read_image_matrix(input_of(file), {}).matrix), Shape(15, 31));
    EXPECT_EQ(entries(file), entries(subsampled_jpeg)) << orientation;
  }
  // A segment that lies about its contents is passed over with the rest.
  EXPECT_EQ(entries(with_segment(grey_jpeg, "ffe1 000a 457869660000 ffff")), Floats(6, 100));
  EXPECT_EQ(entries(with_segment(grey_jpeg, "fffe 0005 c3a9ff")), Floats(6, 100)) << "a comment";
}

// Cameras append previews and depth maps behind the picture.
TEST(Jpeg, IgnoresWhatStandsBehindTheEnd) {
  EXPECT_EQ(entries(grey_jpeg + colour_jpeg), Floats(6, 100));
  EXPECT_EQ(entries(grey_jpeg + std::string(1000, '\0')), Floats(6, 100));
}

TEST(Jpeg, RefusesFramesThatCannotBeRead) {
  expect_contains(error(with_frame(grey_jpeg, "0c")), "JPEG: Unsupported JPEG data precision 12");
  expect_contains(error(with_frame(grey_jpeg, "08 0000 0003")), "JPEG: ");
  expect_contains(error(with_frame(grey_jpeg, "08 0002 0000")), "JPEG: ");
  std::string lossless = grey_jpeg;
  lossless[lossless.find("\xff\xc0") + 1] = '\xc3';
  expect_contains(error(lossless), "JPEG: ");
  expect_contains(error(from_hex("ffd8ffd9")), "JPEG: ");
}

TEST(Jpeg, EveryTruncationIsAnErrorWithItsByte) {
  for (const std::string& file :
       {grey_jpeg, colour_jpeg, rgb_jpeg, progressive_jpeg, arithmetic_jpeg, adobe_cmyk_jpeg,
        adobe_ycck_jpeg, plain_cmyk_jpeg, subsampled_jpeg}) {
    for (std::size_t size = 3; size < file.size(); ++size) {
      expect_contains(error(file.substr(0, size)), "table: byte ");
    }
  }
  expect_contains(error(grey_jpeg.substr(0, 50)), "byte 50: JPEG: the file ends too soon");
}

TEST(Jpeg, DamagedCodesAreAnErrorNotGrey) {
  std::string file = grey_jpeg;
  file.replace(file.size() - 4, 2, "\xff\xd9");  // the end marker where a code should stand
  expect_contains(error(file), "JPEG: ");
}

TEST(Jpeg, BelievesNoSizeThatTheFileCannotHold) {
  std::string file = grey_jpeg;
  const std::size_t frame = file.find("\xff\xc0");
  file.replace(frame + 5, 4, "\xff\x00\xff\x00", 4);
  expect_contains(error(file),
                  "promises 65280 x 65280 pixels, more than the file's 160 bytes can hold");
}

TEST(Jpeg, RefusesArithmeticCoding) {
  expect_contains(error(arithmetic_jpeg), "arithmetic coding is not read");
}

TEST(Jpeg, RefusesAProgressiveFileOfEndlessScans) {
  // The scan that refines the last bit of the grey AC coefficients, again and again.
  const std::size_t end = progressive_jpeg.size() - 2;
  const std::size_t scan = progressive_jpeg.rfind("\xff\xda");
  std::string file = progressive_jpeg.substr(0, end);
  for (int k = 0; k < 600; ++k) {
    file += progressive_jpeg.substr(scan, end - scan);
  }
  expect_contains(error(file + "\xff\xd9"), "more than 500 scans");
}

Image gradient(std::size_t channels, float maximum) {
  Image image;
  image.maximum = maximum;
  for (std::size_t c = 0; c < channels; ++c) {
    Matrix<float> a(16, 24);
    for (Index i = 0; i < a.rows(); ++i) {
      for (Index j = 0; j < a.cols(); ++j) {
        a(i, j) = std::floor(maximum * static_cast<float>(i + j + static_cast<Index>(c)) / 64);
      }
    }
    image.channels.push_back(std::move(a));
  }
  return image;
}

float largest_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.channels.size(), b.channels.size());
  EXPECT_EQ(a.maximum, b.maximum);
  float largest = 0;
  for (std::size_t c = 0; c < a.channels.size(); ++c) {
    for (Index i = 0; i < a.channels[c].rows(); ++i) {
      for (Index j = 0; j < a.channels[c].cols(); ++j) {
        largest = std::max(largest, std::abs(a.channels[c](i, j) - b.channels[c](i, j)));
      }
    }
  }
  return largest;
}

TEST(Image, PngKeepsEverySampleOfEveryKind) {
  const TemporaryFolder folder;
  for (const float maximum : {255.0F, 65535.0F}) {
    for (std::size_t channels = 1; channels <= 4; ++channels) {
      const Image image = gradient(channels, maximum);
      write_image(folder / "a.png", image);
      EXPECT_EQ(largest_difference(read_image(folder / "a.png"), image), 0) << channels;
    }
  }
}

TEST(Image, JpegComesClose) {
  const TemporaryFolder folder;
  for (const std::size_t channels : {1U, 3U}) {
    const Image image = gradient(channels, 255);
    write_image(folder / "a.jpg", image);
    EXPECT_LT(largest_difference(read_image(folder / "a.jpg"), image), 6) << channels;
  }
  expect_contains(
      message_of<InvalidArgument>([&] { write_image(folder / "b.jpg", gradient(4, 255)); }),
      "no alpha channel");
  expect_contains(
      message_of<InvalidArgument>([&] { write_image(folder / "b.gif", gradient(1, 255)); }),
      "png or jpeg");
  EXPECT_EQ(folder.files(), 1);
}

TEST(Image, RoundsAndClips) {
  Image image;
  image.channels.emplace_back(1, 6);
  const float values[] = {-3, 0.49F, 0.5F, 254.5F, 1e30F, std::numeric_limits<float>::quiet_NaN()};
  std::copy(std::begin(values), std::end(values), image.channels[0].data());
  const std::vector<std::uint8_t> file = encode_png(image);
  EXPECT_EQ(entries(std::string(file.begin(), file.end())), (Floats{0, 0, 1, 255, 255, 0}));
}

TEST(Image, CountsWhatItClips) {
  Matrix<double> a(2, 4);
  const double values[] = {-3,
                           -0.5,
                           0,
                           255.5,
                           255.6,
                           1e300,
                           std::numeric_limits<double>::quiet_NaN(),
                           -std::numeric_limits<double>::infinity()};
  std::copy(std::begin(values), std::end(values), a.data());
  const Clipping c = image_clipping(std::as_const(a).view());
  EXPECT_EQ(c.entries, 8);
  EXPECT_EQ(c.clipped, 4);  // what lies within half a step is rounded, as everything is
  EXPECT_EQ(c.nan, 1);
  EXPECT_EQ(c.smallest, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(c.largest, 1e300);
  EXPECT_EQ(image_clipping(std::as_const(a).view(), 65535).clipped, 3);
  EXPECT_EQ(image_clipping(Matrix<float>(0, 3).view()).entries, 0);
}

TEST(Image, EncodesSixteenBitsAsEightInMemory) {
  Image image = gradient(1, 65535);
  image.channels[0](0, 0) = 65535;
  const std::vector<std::uint8_t> file = encode_png(image);
  EXPECT_EQ(entries(std::string(file.begin(), file.end())).front(), 255);
}

TEST(Image, WritesAMatrixOfEveryRealType) {
  const TemporaryFolder folder;
  Matrix<double> a(2, 3);
  a(1, 2) = 1e300;
  a(0, 1) = 127.6;
  write_matrix(folder / "a.png", std::as_const(a).view());
  const MatrixFile file = read_matrix(folder / "a.png");
  EXPECT_EQ(file.description.format, Format::png);
  EXPECT_EQ(entries_of<float>(file.matrix), (Floats{0, 128, 0, 0, 0, 255}));
  const Matrix<std::complex<float>> z(2, 2);
  EXPECT_THROW(write_matrix(folder / "z.png", z.view()), InvalidArgument);
  EXPECT_THROW(write_matrix(folder / "e.png", Matrix<float>(0, 3).view()), InvalidArgument);
  EXPECT_EQ(folder.files(), 1);
}

TEST(Image, RefusesImagesThatCannotBe) {
  EXPECT_THROW(static_cast<void>(encode_png(Image{})), InvalidArgument);
  Image image = gradient(3, 255);
  image.channels[1] = Matrix<float>(2, 2);
  EXPECT_THROW(static_cast<void>(encode_png(image)), InvalidArgument);
}

}  // namespace
}  // namespace eckart::io
