#include <algorithm>
#include <chrono>
#include <complex>
#include <cstring>
#include <filesystem>
#include <limits>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <eckart/file_operator.hpp>
#include <eckart/io.hpp>
#include <eckart/truncated_svd.hpp>

#include "io/npy_bytes.hpp"
#include "io/temporary_folder.hpp"
#include "operators/operator_test_tools.hpp"

namespace eckart {
namespace {

using io::big;
using io::little;
using io::message_of;
using io::npy_file;
using io::npy_header;
using io::TemporaryFolder;

TEST(FileOperator, GivesTheSameBitsWithTwoBlocksInTurnAndWithFour) {
  // Lines of 64 KiB, of which a block of 8 MiB holds 128: six blocks.
  const TemporaryFolder folder;
  const Matrix<double> a(random_matrix<double>(700, 8192, 3).view(), Layout::row_major);
  io::write_matrix(folder / "a.npy", a.view());
  const FileOperator<double> two(folder / "a.npy", {.memory = std::uint64_t{16} << 20}),
      four(folder / "a.npy", {.memory = std::uint64_t{32} << 20});
  const Matrix<double> x = random_matrix<double>(8192, 3, 4), w = random_matrix<double>(700, 3, 5);
  std::vector<Matrix<double>> results;
  for (const FileOperator<double>* op : {&two, &four}) {
    EXPECT_EQ(op->lines_of_block(), 128);
    Matrix<double>& y = results.emplace_back(700, 3);
    op->apply({}, x.view(), y.view());
    Matrix<double>& z = results.emplace_back(8192, 3);
    op->apply_adjoint({}, w.view(), z.view());
  }
  EXPECT_TRUE(
      std::ranges::equal(std::span(results[0].data(), 2100), std::span(results[2].data(), 2100)));
  EXPECT_TRUE(std::ranges::equal(std::span(results[1].data(), 8192 * 3),
                                 std::span(results[3].data(), 8192 * 3)));
}

/// Room for two blocks of `lines` lines of `length` entries of `size` bytes, and the lines converted to `converted` bytes each.
FileOperatorOptions room_for(Index lines, Index length, std::size_t size,
                             std::size_t converted = 0) {
  return {.memory = static_cast<std::uint64_t>(lines * length) * (2 * size + converted)};
}

template <class T>
class FileOperatorOf : public ::testing::Test {};
TYPED_TEST_SUITE(FileOperatorOf, Scalars);

TYPED_TEST(FileOperatorOf, MultipliesAsTheMatrixInMemoryInBothOrdersWhateverTheBlocks) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const std::pair<Index, Index> shapes[] = {{37, 23}, {23, 37}, {1, 29}, {29, 1}, {1, 1}, {60, 2}};
  for (const auto& [m, n] : shapes) {
    const Matrix<T> a = random_matrix<T>(m, n, 3);
    for (const Layout layout : {Layout::row_major, Layout::column_major}) {
      const Matrix<T> stored(a.view(), layout);
      io::write_matrix(path, stored.view());
      const bool has_rows = n == 1 || (m != 1 && layout == Layout::row_major);
      const Index length = has_rows ? n : m;
      for (const Index lines : {1, 5, 1000}) {
        const FileOperator<T> op(path, room_for(lines, length, sizeof(T)));
        EXPECT_EQ(op.lines_of_block(), std::min(lines, has_rows ? m : n));
        EXPECT_EQ(op.goes_back_in_one_pass(false), has_rows);
        EXPECT_EQ(op.goes_back_in_one_pass(true), !has_rows);
        expect_stands_for<T>(op, a.view(), 8);
      }
    }
  }
}

TYPED_TEST(FileOperatorOf, GivesBothProductsFromOneReading) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const Matrix<T> a = random_matrix<T>(31, 19, 5), x = random_matrix<T>(19, 4, 6),
                  w = random_matrix<T>(31, 3, 7);
  for (const Layout layout : {Layout::row_major, Layout::column_major}) {
    io::write_matrix(path, Matrix<T>(a.view(), layout).view());
    const FileOperator<T> op(path, {.memory = 31 * 3 * 2 * sizeof(T)});
    const auto expect_both = [&](const Operator<T>& any, bool adjoint) {
      Matrix<T> y(any.rows(), adjoint ? 3 : 4), z(any.cols(), adjoint ? 4 : 3);
      any.apply_both({}, adjoint ? w.view() : x.view(), y.view(), adjoint ? x.view() : w.view(),
                     z.view());
      const Matrix<T> ax = plain_product<T>(a.view(), x.view()),
                      ahw = plain_product<T>(a.view(), w.view(), true);
      EXPECT_LE(largest_difference<T>(y.view(), adjoint ? ahw.view() : ax.view()),
                2000 * epsilon<T>);
      EXPECT_LE(largest_difference<T>(z.view(), adjoint ? ax.view() : ahw.view()),
                2000 * epsilon<T>);
    };
    expect_both(op, false);
    EXPECT_EQ(op.traffic().passes, 1);
    expect_both(adjoint<T>(op), true);
    EXPECT_EQ(op.traffic().passes, 2);
    expect_both(DenseOperator<T>(a.view()), false);  // two products
  }
}

TYPED_TEST(FileOperatorOf, GoesBackWithoutKeepingWhatItPassedThrough) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const Matrix<T> a = random_matrix<T>(31, 19, 5), x = random_matrix<T>(19, 4, 6),
                  w = random_matrix<T>(31, 3, 7);
  for (const Layout layout : {Layout::row_major, Layout::column_major}) {
    io::write_matrix(path, Matrix<T>(a.view(), layout).view());
    const FileOperator<T> file(path, {.memory = 31 * 3 * 2 * sizeof(T)});
    const Operator<T> op(file);
    const bool adjoint = !op.goes_back_in_one_pass(false);
    const Matrix<T>& from = adjoint ? w : x;
    Matrix<T> y(adjoint ? 19 : 31, from.cols()), kept(from.rows(), from.cols()),
        passed(from.rows(), from.cols());
    op.apply_and_back({}, adjoint, 2, from.view(), y.view(), kept.view());
    op.apply_and_back({}, adjoint, 2, from.view(), MatrixView<T>(), passed.view());
    EXPECT_EQ(largest_difference<T>(kept.view(), passed.view()), 0);
    EXPECT_EQ(file.traffic().passes, 2);
  }
}

TYPED_TEST(FileOperatorOf, KnowsItsNormAfterOnePass) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const Matrix<T> a = random_matrix<T>(300, 200, 9);  // more entries than a piece of work has
  const Real<T> want = *DenseOperator<T>(a.view()).frobenius_norm({});
  for (const Real<T> size :
       {Real<T>(1), std::sqrt(std::numeric_limits<Real<T>>::max()), smallest_normal<T>}) {
    Matrix<T> scaled = a;
    for (Index i = 0; i < 300 * 200; ++i) {
      scaled.data()[i] *= size;
    }
    io::write_matrix(path, scaled.view());
    const FileOperator<T> op(path, {.memory = 300 * 90 * 2 * sizeof(T)});
    for (const int threads : {1, 3}) {
      EXPECT_NEAR(static_cast<double>(*op.frobenius_norm(with_threads(threads)) / size / want), 1,
                  3000 * double{epsilon<T>});
    }
    EXPECT_EQ(op.traffic().passes, 1);
    EXPECT_EQ(op.traffic().bytes, 300 * 200 * sizeof(T));
  }
}

TYPED_TEST(FileOperatorOf, EmptyMatricesGiveZeros) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const std::pair<Index, Index> shapes[] = {{0, 5}, {5, 0}, {0, 0}, {0, 1}, {1, 0}};
  for (const auto& [m, n] : shapes) {
    io::write_matrix(path, Matrix<T>(m, n).view());
    const FileOperator<T> op(path);
    EXPECT_EQ(op.rows(), m);
    EXPECT_EQ(op.cols(), n);
    Matrix<T> y(m, 2), x(n, 2);
    std::fill_n(y.data(), 2 * m, T{7});
    op.apply({}, x.view(), y.view());
    EXPECT_EQ(std::count(y.data(), y.data() + 2 * m, T{0}), 2 * m);
    EXPECT_EQ(*op.frobenius_norm({}), Real<T>{0});
  }
}

TYPED_TEST(FileOperatorOf, HasTheTripletsOfTheMatrixInMemory) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  Matrix<T> a = random_matrix<T>(240, 150, 4);
  for (Index j = 0; j < 150; ++j) {
    for (Index i = 0; i < 240; ++i) {
      a(i, j) *= static_cast<Real<T>>(std::pow(0.8, static_cast<double>(j)));
    }
  }
  const auto want = truncated_svd<T>(Operator<T>(DenseOperator<T>(a.view())), rank(5));
  for (const Layout layout : {Layout::row_major, Layout::column_major}) {
    io::write_matrix(path, Matrix<T>(a.view(), layout).view());
    const FileOperator<T> op(path, {.memory = 240 * 40 * sizeof(T)});
    Matrix<T> first;
    for (const int threads : {1, 3}) {
      const auto got = truncated_svd<T>(Operator<T>(op), rank(5), {.threads = threads});
      ASSERT_TRUE(got.report.converged);
      for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_NEAR(static_cast<double>(got.s[i]), static_cast<double>(want.s[i]),
                    200 * double{epsilon<T>} * static_cast<double>(want.s[0]));
      }
      if (threads == 1) {
        first = got.U;
      } else {
        EXPECT_EQ(largest_difference<T>(got.U.view(), first.view()), 0);
      }
    }
  }
}

/// Entry number i of a file, a whole number that every type holds.
double entry(Index i, bool is_signed) {
  return static_cast<double>(i % 7) * (is_signed && i % 2 == 1 ? -1 : 1);
}

template <class Stored>
std::string bytes_of_entries(Index count, bool is_big) {
  std::string bytes;
  for (Index i = 0; i < count; ++i) {
    const auto x = static_cast<Stored>(entry(i, std::numeric_limits<Stored>::is_signed));
    bytes += is_big ? big({x}) : little({x});
  }
  return bytes;
}

std::string bytes_of_halves(Index count, bool is_big) {
  std::string bytes;
  for (Index i = 0; i < count; ++i) {
    const double x = entry(i, true);
    int exponent = 0;
    const double fraction = std::frexp(std::abs(x), &exponent);  // in [1/2, 1)
    const int bits = x == 0 ? 0
                            : (exponent + 14) * 1024 + static_cast<int>(fraction * 2048) - 1024 +
                                  (x < 0 ? 0x8000 : 0);
    const auto word = static_cast<std::uint16_t>(bits);
    bytes += is_big ? big({word}) : little({word});
  }
  return bytes;
}

std::string bytes_of_long_doubles(Index count, bool is_big) {
  std::string bytes;
  for (Index i = 0; i < count; ++i) {
    const auto x = static_cast<long double>(entry(i, true));
    char raw[sizeof x] = {};
    std::memcpy(raw, &x, 10);
    bytes += is_big ? std::string(std::make_reverse_iterator(raw + sizeof raw),
                                  std::make_reverse_iterator(raw))
                    : std::string(raw, sizeof raw);
  }
  return bytes;
}

/// The file against what read_matrix() makes of it, in the type that it becomes and in a wider one.
void expect_read_as_the_reader_reads(const std::string& path) {
  const io::MatrixFile file = io::read_matrix(path);
  std::visit(
      [&]<class C>(const Matrix<C>& a) {
        const auto expect_in = [&]<class T>(T) {
          Matrix<T> wide(a.rows(), a.cols());
          for (Index j = 0; j < a.cols(); ++j) {
            for (Index i = 0; i < a.rows(); ++i) {
              if constexpr (ComplexScalar<T>) {
                const auto z = std::complex<double>(a(i, j));
                wide(i, j) = {static_cast<Real<T>>(z.real()), static_cast<Real<T>>(z.imag())};
              } else if constexpr (RealScalar<C>) {
                wide(i, j) = static_cast<T>(a(i, j));
              }
            }
          }
          const FileOperator<T> op(path, {.memory = 400});
          EXPECT_GT(op.rows(), op.lines_of_block());
          // Products with unit vectors are the entries themselves.
          const Matrix<T> unit = Matrix<T>::identity(a.cols(), a.cols());
          Matrix<T> y(a.rows(), a.cols());
          op.apply(with_threads(2), unit.view(), y.view());
          EXPECT_EQ(largest_difference<T>(y.view(), wide.view()), 0) << op.description();
          EXPECT_NEAR(static_cast<double>(*op.frobenius_norm({})),
                      static_cast<double>(*DenseOperator<T>(wide.view()).frobenius_norm({})), 1e-4);
        };
        expect_in(C{});
        expect_in(std::complex<double>{});
        if constexpr (RealScalar<C>) {
          expect_in(double{});
        }
      },
      file.matrix);
}

TEST(FileOperator, ReadsEveryTypeInBothByteOrders) {
  const TemporaryFolder folder;
  constexpr Index m = 60, n = 4;
  for (const bool is_big : {false, true}) {
    const std::pair<const char*, std::string> types[] = {
        {"b1", bytes_of_entries<std::uint8_t>(m * n, is_big)},
        {"i1", bytes_of_entries<std::int8_t>(m * n, is_big)},
        {"u1", bytes_of_entries<std::uint8_t>(m * n, is_big)},
        {"i2", bytes_of_entries<std::int16_t>(m * n, is_big)},
        {"u2", bytes_of_entries<std::uint16_t>(m * n, is_big)},
        {"i4", bytes_of_entries<std::int32_t>(m * n, is_big)},
        {"u4", bytes_of_entries<std::uint32_t>(m * n, is_big)},
        {"i8", bytes_of_entries<std::int64_t>(m * n, is_big)},
        {"u8", bytes_of_entries<std::uint64_t>(m * n, is_big)},
        {"f2", bytes_of_halves(m * n, is_big)},
        {"f4", bytes_of_entries<float>(m * n, is_big)},
        {"f8", bytes_of_entries<double>(m * n, is_big)},
        {"f16", bytes_of_long_doubles(m * n, is_big)},
        {"c8", bytes_of_entries<float>(2 * m * n, is_big)},
        {"c16", bytes_of_entries<double>(2 * m * n, is_big)},
        {"c32", bytes_of_long_doubles(2 * m * n, is_big)},
    };
    for (const auto& [type, entries] : types) {
      expect_read_as_the_reader_reads(folder.file(
          "a.npy", npy_file(npy_header((is_big ? ">" : "<") + std::string(type), false, "(60, 4)"),
                            entries)));
    }
  }
}

TEST(FileOperator, RefusesATypeThatWouldBeRounded) {
  const TemporaryFolder folder;
  io::write_matrix(folder / "a.npy", Matrix<double>(3, 2).view());
  EXPECT_NE(message_of<InvalidArgument>([&] {
              const FileOperator<float> op(folder / "a.npy");
            }).find("entries of type '<f8' become float64, which float32 does not hold"),
            std::string::npos);
  EXPECT_THROW(FileOperator<std::complex<float>>(folder / "a.npy"), InvalidArgument);
  io::write_matrix(folder / "a.npy", Matrix<std::complex<float>>(3, 2).view());
  EXPECT_THROW(FileOperator<double>(folder / "a.npy"), InvalidArgument);
}

TEST(FileOperator, ReadsRawFilesFromAnyByteOn) {
  const TemporaryFolder folder;
  const std::string entries = bytes_of_entries<std::int16_t>(6, true);
  const std::string path = folder.file("a.bin", "abc" + entries + "what follows");
  const RawMatrix by_rows{
      .rows = 2, .cols = 3, .type = ">i2", .layout = Layout::row_major, .offset = 3};
  const Matrix<float> unit = Matrix<float>::identity(3, 3);
  Matrix<float> y(2, 3);
  FileOperator<float>(path, by_rows).apply({}, unit.view(), y.view());
  for (Index i = 0; i < 6; ++i) {
    EXPECT_EQ(y(i / 3, i % 3), static_cast<float>(entry(i, true)));
  }
  RawMatrix by_columns = by_rows;
  by_columns.layout = Layout::column_major;
  FileOperator<float>(path, by_columns).apply({}, unit.view(), y.view());
  for (Index i = 0; i < 6; ++i) {
    EXPECT_EQ(y(i % 2, i / 2), static_cast<float>(entry(i, true)));
  }
}

TEST(FileOperator, RefusesRawFilesThatAreTooShort) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.bin", std::string(100, '\0'));
  EXPECT_NO_THROW(FileOperator<double>(path, {.rows = 3, .cols = 4, .offset = 4}));
  EXPECT_EQ(message_of<FormatError>(
                [&] { const FileOperator<double> op(path, {.rows = 3, .cols = 4, .offset = 5}); }),
            path +
                ": byte 100: the file ends inside the entries: 3 x 4 of type '<f8' from byte 5 "
                "on need 101 bytes");
  EXPECT_THROW(FileOperator<double>(path, {.rows = -1, .cols = 4}), InvalidArgument);
  EXPECT_THROW(FileOperator<double>(path, {.rows = Index{1} << 40, .cols = Index{1} << 40}),
               InvalidArgument);
  EXPECT_THROW(FileOperator<double>(path, {.rows = 1, .cols = 1, .type = "<f3"}), InvalidArgument);
}

TEST(FileOperator, RefusesWhatIsNoFileOfEntries) {
  const TemporaryFolder folder;
  EXPECT_THROW(FileOperator<double>(folder / "none.npy"), FileError);
  EXPECT_THROW(FileOperator<double>(folder.path().string()), FileError);
  EXPECT_THROW(FileOperator<double>("/dev/null"), FileError);
  EXPECT_THROW(FileOperator<double>(folder.file("a.npy", "1,2\n3,4\n")), FormatError);
  const std::string whole = npy_file(npy_header("<f8", false, "(2, 2)"), std::string(32, '\0'));
  EXPECT_NE(
      message_of<FormatError>([&] {
        const FileOperator<double> op(folder.file("b.npy", whole.substr(0, whole.size() - 1)));
      }).find("truncated: the shape 2 x 2"),
      std::string::npos);
}

TEST(FileOperator, NeedsMemoryForALineInEachBlock) {
  const TemporaryFolder folder;
  io::write_matrix(folder / "a.npy", Matrix<double>(10, 6, Layout::row_major).view());
  EXPECT_EQ(FileOperator<double>(folder / "a.npy", {.memory = 2 * 6 * 8}).lines_of_block(), 1);
  try {
    const FileOperator<double> op(folder / "a.npy", {.memory = 2 * 6 * 8 - 1});
    FAIL();
  } catch (const OutOfMemory& error) {
    EXPECT_EQ(error.bytes(), 2U * 6 * 8);
  }
}

TEST(FileOperator, SaysWhereAFileWasCutShort) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  for (const Index lines : {3, 100}) {
    io::write_matrix(path, random_matrix<double>(50, 4, 1).view().transposed());  // 4 x 50, by rows
    const FileOperator<double> op(path, room_for(lines, 50, 8));
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 500);
    Matrix<double> x(50, 2), y(4, 2);
    const std::string what = message_of<FormatError>([&] { op.apply({}, x.view(), y.view()); });
    EXPECT_EQ(what, path +
                        ": byte 1228: the file ends inside the entries; it had 1728 bytes when "
                        "it was opened");
    EXPECT_EQ(op.traffic().passes, 0);
  }
}

TEST(FileOperator, ANormThatIsNoNumberIsAbsentAndRemembered) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  for (const double entry : {1e308, 1e-320}) {
    Matrix<double> a(50, 4);
    for (Index i = 0; i < 50; ++i) {
      a(i, i % 4) = entry;
    }
    io::write_matrix(path, a.view());
    const FileOperator<double> op(path, room_for(1, 50, 8));
    EXPECT_FALSE(op.frobenius_norm({}));
    EXPECT_FALSE(op.frobenius_norm({}));
    EXPECT_EQ(op.traffic().passes, 1);
  }
}

TEST(FileOperator, NoticesAFileThatSomebodyWritesTo) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  io::write_matrix(path, random_matrix<double>(50, 4, 1).view());
  const FileOperator<double> op(path, room_for(1, 50, 8));
  EXPECT_NO_THROW(static_cast<void>(op.frobenius_norm({})));
  std::filesystem::last_write_time(
      path, std::filesystem::last_write_time(path) + std::chrono::seconds(1));
  Matrix<double> x(4, 2), y(50, 2);
  EXPECT_NE(message_of<FileError>([&] {
              op.apply({}, x.view(), y.view());
            }).find("was changed while it was read"),
            std::string::npos);
}

TEST(FileOperator, NamesTheFirstEntryThatIsNotFinite) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  const double infinity = std::numeric_limits<double>::infinity();
  Matrix<double> a = random_matrix<double>(20, 6, 2);
  a(12, 3) = std::numeric_limits<double>::quiet_NaN();
  a(13, 1) = -infinity;
  const auto message = [&](Layout layout) {
    io::write_matrix(path, Matrix<double>(a.view(), layout).view());
    const FileOperator<double> op(path, {.memory = 20 * 2 * 8});
    try {
      static_cast<void>(op.frobenius_norm({}));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::non_finite);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_TRUE(message(Layout::row_major)
                  .starts_with(path + ": byte " + std::to_string(128 + 8 * (12 * 6 + 3)) +
                               ": row 13, column 4 of the matrix (counted from 1) is NaN;"));
  EXPECT_TRUE(message(Layout::column_major)
                  .starts_with(path + ": byte " + std::to_string(128 + 8 * (1 * 20 + 13)) +
                               ": row 14, column 2 of the matrix (counted from 1) is -infinity;"));
}

TEST(FileOperator, HearsAStopBetweenBlocks) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.npy";
  io::write_matrix(path, random_matrix<double>(200, 40, 1).view());
  const FileOperator<double> op(path, room_for(1, 200, 8));
  std::stop_source source;
  const Execution execution{.threads = 1, .stop = source.get_token(), .progress = {}};
  Matrix<double> x(40, 2), y(200, 2);
  EXPECT_NO_THROW(op.apply(execution, x.view(), y.view()));
  std::jthread stops([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    source.request_stop();
  });
  const auto for_ever = [&] {
    for (;;) {
      op.apply(execution, x.view(), y.view());
    }
  };
  EXPECT_THROW(for_ever(), Cancelled);
  EXPECT_THROW(static_cast<void>(op.frobenius_norm(execution)), Cancelled);
}

}  // namespace
}  // namespace eckart
