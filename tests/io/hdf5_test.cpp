#include "io/hdf5.hpp"

#include <complex>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/io.hpp>
#include <eckart/random.hpp>

#include "io/read.hpp"
#include "npy_bytes.hpp"
#include "temporary_folder.hpp"

namespace eckart::io {
namespace {

/// A file that h5py wrote; hdf5_files.py says how.
std::string corpus(const std::string& name) {
  return ECKART_SOURCE_DIR "/fuzz/corpus/hdf5/" + name + ".h5";
}

class Hdf5 : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!reads_hdf5()) {
      GTEST_SKIP() << "built without the HDF5 library";
    }
  }
};

using Complex = std::complex<double>;

/// The 4 x 3 matrix that every file of one type holds.
template <class T>
T expected(Index i, Index j) {
  const auto x = static_cast<Real<T>>(3 * i + j - 5);
  if constexpr (ComplexScalar<T>) {
    return {x, x + 1};
  } else {
    return x;
  }
}

template <class T>
void expect_matrix(const std::string& path, Index rows = 4, Index cols = 3) {
  SCOPED_TRACE(path);
  const MatrixFile file = read_matrix(path);
  const auto* a = std::get_if<Matrix<T>>(&file.matrix);
  ASSERT_NE(a, nullptr);
  ASSERT_EQ(a->rows(), rows);
  ASSERT_EQ(a->cols(), cols);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < cols; ++j) {
      EXPECT_EQ((*a)(i, j), expected<T>(i, j));
    }
  }
  const Description d = describe(path);
  EXPECT_EQ(d.format, Format::hdf5);
  EXPECT_EQ(d.rows, rows);
  EXPECT_EQ(d.cols, cols);
  EXPECT_EQ(d.computed_type, file.description.computed_type);
  EXPECT_EQ(d.stored_type, file.description.stored_type);
}

TEST_F(Hdf5, EveryTypeAndStorageOfH5py) {
  for (const char* name : {"f8", "i8", "chunks", "gzip", "version_110", "userblock", "compact",
                           "group", "labelled", "links"}) {
    expect_matrix<double>(corpus(name));
  }
  for (const char* name : {"big_f4", "f2", "i1"}) {
    expect_matrix<float>(corpus(name));
  }
  expect_matrix<Complex>(corpus("c16"));
  expect_matrix<std::complex<float>>(corpus("big_c8"));
  EXPECT_EQ(std::get<Matrix<float>>(read_matrix(corpus("big_u2")).matrix)(3, 2), 11);
  EXPECT_EQ(std::get<Matrix<float>>(read_matrix(corpus("bool")).matrix)(1, 2), 0);
  EXPECT_EQ(std::get<Matrix<float>>(read_matrix(corpus("bool")).matrix)(2, 0), 1);
  EXPECT_EQ(std::get<Matrix<double>>(read_matrix(corpus("fill")).matrix)(3, 2), 1.5);
  EXPECT_EQ(std::get<Matrix<double>>(read_matrix(corpus("scalar")).matrix)(0, 0), 2.5);
  const auto vector = std::get<Matrix<double>>(read_matrix(corpus("vector")).matrix);
  EXPECT_EQ(vector.rows(), 4);
  EXPECT_EQ(vector(3, 0), 4);
}

TEST_F(Hdf5, AMatrixOfManyTilesHasItsEntriesInTheirPlaces) {
  const MatrixFile file = read_matrix(corpus("tiles"));
  const auto& a = std::get<Matrix<float>>(file.matrix);
  ASSERT_EQ(a.rows(), 2000);
  ASSERT_EQ(a.cols(), 1500);
  Index wrong = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.cols(); ++j) {
      wrong += a(i, j) != static_cast<float>((i / 8 + j / 16) % 2);
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(Hdf5, ADescriptionSaysHowItIsStored) {
  EXPECT_EQ(describe(corpus("gzip")).stored_type,
            "<f8, chunks of 2 x 2, shuffle, gzip, fletcher32");
  EXPECT_EQ(describe(corpus("big_c8")).stored_type, ">c8");
}

TEST_F(Hdf5, ADatasetIsNamedInThePathOrByTheMember) {
  expect_matrix<double>(corpus("two") + ":/first");
  expect_matrix<double>(corpus("two") + ":second", 2);
  expect_matrix<double>(corpus("group") + ":/deep/er/matrix");
  expect_matrix<double>(corpus("links") + ":/soft");
  EXPECT_EQ(describe(corpus("two"), {.member = "labels"}).cols, 1);
}

/// The error about a file without its folder.
template <class E>
void expect_error(const std::string& name, const std::string& text) {
  const std::string folder = ECKART_SOURCE_DIR "/fuzz/corpus/hdf5/";
  std::string says = message_of<E>([&] { static_cast<void>(read_matrix(folder + name)); });
  ASSERT_EQ(says.substr(0, folder.size()), folder) << says;
  EXPECT_NE(says.find(text), std::string::npos) << says;
}

TEST_F(Hdf5, WhatIsNotReadIsSaidAndHowToMendIt) {
  expect_error<InvalidArgument>("two.h5",
                                "Name one, as FILE:/first; it has /first (4 x 3), /second (2 x 3)");
  expect_error<InvalidArgument>("two.h5:/third",
                                "has no dataset '/third'; it has /first (4 x 3), /second (2 x 3)");
  expect_error<InvalidArgument>("group.h5:/deep",
                                "'/deep' is a group and no dataset; it has /deep/er/matrix");
  expect_error<InvalidArgument>("links.h5:/out", "links into other files are not followed");
  expect_error<InvalidArgument>("links.h5:/loop", "'/loop' leads nowhere in this file");
  expect_error<FormatError>("cube.h5", "/a has 3 dimensions");
  expect_error<FormatError>("none.h5", "/a is empty");
  expect_error<FormatError>("record.h5", "/a holds records");
  expect_error<FormatError>("text.h5", "/a holds text");
  expect_error<FormatError>("lzf.h5", "the filter 32000 (lzf)");
  expect_error<FormatError>("scaleoffset.h5", "the filter 6 (scaleoffset)");
  expect_error<FormatError>("external.h5", "in other files");
  expect_error<FormatError>("virtual.h5", "a virtual one");
  EXPECT_THROW(static_cast<void>(read_matrix(corpus("gzip"), {.max_bytes = 95})), OutOfMemory);
}

// Seen with a file of HDF5 2.0 and the library 1.10: whatever cannot be opened must say why.
TEST_F(Hdf5, AFileOfALaterLibraryIsReadOrSaysWhatTheLibrarySays) {
  try {
    expect_matrix<double>(corpus("latest"));
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("the HDF5 library says 'bad version"),
              std::string::npos)
        << error.what();
  }
}

// Seen with a file of 3 MB and 20,000 groups, each in the one before: the library looked for datasets in it for more than ten minutes.
TEST_F(Hdf5, DatasetsAreLookedForInGroups64DeepAndFurtherDownByTheirNames) {
  std::string path;
  for (int group = 0; group < 66; ++group) {
    path += "/g";
  }
  expect_matrix<double>(corpus("deep") + ":" + path + "/m");
  expect_error<InvalidArgument>("deep.h5", "holds no dataset; what lies in more than 64 groups");
}

// As MATLAB writes them (-v7.3): neither the first bytes nor the name tell.
TEST_F(Hdf5, AFileWithABlockOfTheUsersOwnIsKnownByTheSignatureBehindIt) {
  const TemporaryFolder folder;
  std::string bytes = bytes_of(corpus("userblock"));
  bytes.replace(0, 10, "MATLAB 7.3");
  expect_matrix<double>(folder.file("a.mat", bytes));
  expect_matrix<double>(folder / "a.mat:/a");
}

TEST_F(Hdf5, WhatAFileHoldsCountsMoreThanItsName) {
  const TemporaryFolder folder;
  const Matrix<double> a(2, 3);
  write_matrix(folder / "a.npy", a.view());
  const std::string path = folder.file("a.h5", bytes_of(folder / "a.npy"));
  EXPECT_EQ(describe(path).format, Format::npy);
}

TEST_F(Hdf5, TheLibraryPrintsNothing) {
  ::testing::internal::CaptureStderr();
  EXPECT_THROW(static_cast<void>(read_matrix(corpus("links") + ":/loop")), InvalidArgument);
  const TemporaryFolder folder;
  EXPECT_THROW(static_cast<void>(read_matrix(
                   folder.file("a.h5", std::string(hdf5_signature) + std::string(200, 'x')))),
               FormatError);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(Hdf5, EveryBeginningOfAFileIsReadOrRefused) {
  for (const char* name : {"f8", "gzip", "compact", "version_110", "two"}) {
    const std::string bytes = bytes_of(corpus(name));
    for (std::size_t size = 0; size < bytes.size(); size += 7) {
      try {
        const Input input = Input::in_memory("cut", std::as_bytes(std::span(bytes).first(size)));
        static_cast<void>(read_input(input, "cut", {.format = Format::hdf5}));
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).substr(0, 5), "cut: ") << error.what();
      }
    }
  }
}

TEST_F(Hdf5, ThreadsReadTheSameMatrix) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 20; ++i) {
        expect_matrix<double>((t + i) % 2 == 0 ? corpus("gzip") : corpus("two") + ":first");
      }
    });
  }
}

template <class T>
Matrix<T> some(Index rows, Index cols, Layout layout) {
  Matrix<T> a(rows, cols, layout);
  fill_normal(a.view(), Random(5));
  return a;
}

template <class T>
void expect_round_trip(const std::string& path, const MatrixView<const T>& a,
                       const std::string& member = {}) {
  const MatrixFile file = read_matrix(path, {.member = member});
  const auto& back = std::get<Matrix<T>>(file.matrix);
  ASSERT_EQ(back.rows(), a.rows());
  ASSERT_EQ(back.cols(), a.cols());
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.cols(); ++j) {
      ASSERT_EQ(back(i, j), a(i, j));
    }
  }
}

template <class T>
class Hdf5Of : public Hdf5 {};
using Scalars = ::testing::Types<float, double, std::complex<float>, Complex>;
TYPED_TEST_SUITE(Hdf5Of, Scalars);

TYPED_TEST(Hdf5Of, WhatIsWrittenIsReadByTheLibrary) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  for (const Layout layout : {Layout::row_major, Layout::column_major}) {
    for (const auto& [m, n] : {std::pair<Index, Index>{300, 200}, {1, 5}, {5, 1}, {0, 3}, {3, 0}}) {
      const Matrix<T> a = some<T>(m, n, layout);
      write_matrix(path, a.view());
      expect_round_trip<T>(path, a.view());
      const auto b = MatrixView<const T>(a.view()).transposed();
      write_matrix(path, b);
      expect_round_trip<T>(path, b);
    }
  }
}

TEST_F(Hdf5, SeveralArraysHaveTheirNamesAndAddressesAndTheSameBytesEveryTime) {
  const TemporaryFolder folder;
  const Matrix<Complex> u = some<Complex>(7, 3, Layout::column_major);
  const Matrix<double> s = some<double>(3, 1, Layout::column_major);
  const Matrix<float> v = some<float>(3, 5, Layout::row_major);
  const NamedArray arrays[] = {{.name = "U", .values = u.view()},
                               {.name = "S", .values = s.view(), .is_vector = true},
                               {.name = "a name with \xc3\xa4", .values = v.view()}};
  const std::string path = folder / "f.hdf5";
  EXPECT_EQ(write_arrays(path, arrays), std::vector<std::string>{path});
  expect_round_trip<Complex>(path, u.view(), "U");
  expect_round_trip<double>(path, s.view(), "S");
  expect_round_trip<float>(path, v.view(), "a name with \xc3\xa4");
  const std::string bytes = bytes_of(path);
  write_arrays(path, arrays);
  EXPECT_EQ(bytes_of(path), bytes);
}

template <class T>
class Hdf5PartsOf : public ::testing::Test {};
TYPED_TEST_SUITE(Hdf5PartsOf, Scalars);

TYPED_TEST(Hdf5PartsOf, PartsInAnyOrderGiveTheBytesOfTheWhole) {
  using T = TypeParam;
  const TemporaryFolder folder;
  for (const auto& [m, n] : {std::pair<Index, Index>{50, 31}, {1, 7}, {7, 1}, {0, 3}}) {
    const Matrix<T> a = some<T>(m, n, Layout::column_major);
    write_matrix(folder / "whole.h5", a.view());
    Hdf5Parts<T> file(folder / "parts.h5", m, n);
    const Index row = m / 3, col = n / 2;
    file.write(row, col, a.view().block(row, col, m - row, n - col));
    file.write(row, 0, a.view().block(row, 0, m - row, col));
    file.write(0, 0, a.view().block(0, 0, row, n));
    file.commit();
    EXPECT_EQ(bytes_of(folder / "parts.h5"), bytes_of(folder / "whole.h5")) << m << " x " << n;
  }
}

TEST(Hdf5Parts, RefusesWhatReachesOutsideWhatIsMissingAndPipes) {
  const TemporaryFolder folder;
  const Matrix<double> a = some<double>(4, 3, Layout::row_major);
  Hdf5Parts<double> file(folder / "a.h5", 5, 3);
  EXPECT_THROW(file.write(2, 0, a.view()), InvalidArgument);
  EXPECT_THROW(file.write(0, 1, a.view()), InvalidArgument);
  EXPECT_THROW(file.write(-1, 0, a.view()), InvalidArgument);
  file.write(0, 0, a.view());
  EXPECT_THROW(file.commit(), InvalidArgument);
  EXPECT_THROW(Hdf5Parts<double>("/dev/null", 5, 3), InvalidArgument);
}

// A group of as many links as there are message lengths modulo 12 shows every end of the checksum.
TEST_F(Hdf5, NamesOfAnyLengthAreFound) {
  const TemporaryFolder folder;
  const Matrix<double> one = some<double>(1, 1, Layout::row_major);
  for (std::size_t length = 1; length < 30; ++length) {
    const std::string name(length, 'n');
    const NamedArray array{.name = name, .values = one.view()};
    write_arrays(folder / "a.h5", {&array, 1});
    expect_round_trip<double>(folder / "a.h5", one.view(), name);
  }
}

TEST(Hdf5Absent, ABuildWithoutTheLibrarySaysSo) {
  if (reads_hdf5()) {
    GTEST_SKIP() << "built with the HDF5 library";
  }
  const std::string says =
      message_of<InvalidArgument>([] { static_cast<void>(read_matrix(corpus("f8"))); });
  EXPECT_NE(says.find("-DECKART_HDF5=ON"), std::string::npos) << says;
}

TEST(SplitPath, OnlyAFileThatIsThereIsSplit) {
  const TemporaryFolder folder;
  const std::string file = folder.file("a.h5", ""), colon = folder.file("b.h5:x", "");
  EXPECT_EQ(split_path(file + ":/g/x").path, file);
  EXPECT_EQ(split_path(file + ":/g/x").member, "/g/x");
  EXPECT_EQ(split_path(file + ":g:x").member, "g:x");
  EXPECT_EQ(split_path(colon).path, colon);
  EXPECT_EQ(split_path(folder / "c.h5:/g").path, folder / "c.h5:/g");
  EXPECT_EQ(split_path(file + ":/g", "m").path, file + ":/g");
  EXPECT_EQ(split_path("a.npy:x").path, "a.npy:x");
}

}  // namespace
}  // namespace eckart::io
