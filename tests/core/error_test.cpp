#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <eckart/error.hpp>

namespace eckart {
namespace {

TEST(Error, CarriesItsKindAndIsCaughtAsOneType) {
  const std::pair<Error, ErrorKind> errors[] = {
      {InvalidArgument("m"), ErrorKind::invalid_argument},
      {NonFinite(0, 0, "NaN"), ErrorKind::non_finite},
      {SizeLimit("m"), ErrorKind::size_limit},
      {OutOfMemory("m", 1), ErrorKind::out_of_memory},
      {OutOfRange("m"), ErrorKind::out_of_range},
      {Cancelled(), ErrorKind::cancelled},
      {FileError("m"), ErrorKind::unreadable},
      {FormatError("m"), ErrorKind::malformed},
      {NumericalError("m"), ErrorKind::numerical},
  };
  for (const auto& [error, kind] : errors) {
    EXPECT_EQ(error.kind(), kind) << error.what();
  }
  EXPECT_THROW(throw FormatError("file, line 1"), std::runtime_error);
}

TEST(NonFinite, NamesTheEntryAndHowItCounts) {
  const NonFinite error(2, 5, "-inf");
  EXPECT_EQ(error.row(), 2);
  EXPECT_EQ(error.column(), 5);
  EXPECT_STREQ(error.what(),
               "entry (2, 5) is -inf; a singular value decomposition needs finite entries (counted "
               "from 0)");
}

TEST(OutOfMemory, SaysBytesForPeopleAndExactly) {
  constexpr std::uint64_t kib = 1024;
  const std::pair<std::uint64_t, const char*> sizes[] = {
      {0, "0 bytes"},
      {1023, "1023 bytes"},
      {1024, "1.0 KiB"},
      {1536, "1.5 KiB"},
      {kib * kib - 1, "1023.9 KiB"},
      {kib * kib, "1.0 MiB"},
      {5 * kib * kib * kib / 2, "2.5 GiB"},
      {kib * kib * kib * kib, "1.0 TiB"},
      {std::uint64_t{1} << 50, "1.0 PiB"},
      {std::uint64_t{1} << 60, "1.0 EiB"},
      {std::uint64_t{1} << 62, "4 EiB"},
      {std::numeric_limits<std::uint64_t>::max(), "15 EiB"},
  };
  for (const auto& [bytes, text] : sizes) {
    const OutOfMemory error("the plan", bytes);
    EXPECT_EQ(error.bytes(), bytes);
    EXPECT_EQ(error.what(), "the plan needs " + std::string(text) + " (" + std::to_string(bytes) +
                                " bytes), which cannot be had");
  }
}

}  // namespace
}  // namespace eckart
