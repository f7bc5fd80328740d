// The state of an iteration in a file: the same bits back, and nothing but a clear word for a file that is not whole.

#include <fstream>
#include <iterator>
#include <optional>

#include <gtest/gtest.h>

#include <eckart/checkpoint_file.hpp>
#include <eckart/file_operator.hpp>
#include <eckart/gallery.hpp>
#include <eckart/io.hpp>
#include <eckart/truncated_svd.hpp>

#include "io/temporary_folder.hpp"
#include "streams/stream_tools.hpp"

namespace eckart::io {
namespace {

TruncatedOptions small_spaces() {
  return {.method = TruncatedMethod::lanczos, .block = 2, .basis = 12, .threads = 1};
}

/// The state before the step that would be number `steps`, and the values that a run without interruption finds.
template <Scalar T>
TruncatedState<T> state_after(const Operator<T>& a, int steps, std::vector<Real<T>>& values) {
  std::optional<TruncatedState<T>> state;
  const TruncatedSvd<T> d =
      truncated_svd<T>(a, rank(3), small_spaces(),
                       {.save =
                            [&, left = steps](const TruncatedState<T>& s) mutable {
                              if (--left >= 0) {
                                state = s;
                              }
                            },
                        .every = {}});
  values = d.s;
  return *state;
}

template <class T>
class CheckpointFile : public ::testing::Test {};
TYPED_TEST_SUITE(CheckpointFile, eckart::testing::ScalarTypes);

TYPED_TEST(CheckpointFile, GoesOnToTheSameBits) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "state.npz";
  const Matrix<T> a = generate<T>("svd_poly 50x40 power=1");
  for (int steps = 1; steps < 12; ++steps) {
    std::vector<Real<T>> values;
    save_checkpoint(path, state_after<T>(DenseOperator<T>(a.view()), steps, values));
    const TruncatedState<T> state = load_checkpoint<T>(path);
    EXPECT_EQ(
        truncated_svd<T>(DenseOperator<T>(a.view()), rank(3), small_spaces(), {.from = &state}).s,
        values);
  }
}

TEST(CheckpointFiles, OfAMatrixInAFile) {
  const TemporaryFolder folder;
  write_matrix(folder / "A.npy", generate<double>("svd_poly 300x90 power=1"));
  const FileOperator<double> a(folder / "A.npy", {.memory = 20000});
  std::vector<double> values;
  save_checkpoint(folder / "state.npz", state_after<double>(a, 5, values));
  const auto state = load_checkpoint<double>(folder / "state.npz");
  const Index passes = a.traffic().passes;
  const auto d = truncated_svd<double>(a, rank(3), small_spaces(), {.from = &state});
  const Index rest = a.traffic().passes - passes;
  EXPECT_EQ(d.s, values);
  EXPECT_LT(rest, passes - 1);
  EXPECT_EQ(d.report.products_before, state.products);
}

TEST(CheckpointFiles, CutShortOrDamagedAnywhereIsNamed) {
  const TemporaryFolder folder;
  const std::string path = folder / "state.npz", bad = folder / "bad.npz";
  const Matrix<double> a = generate<double>("svd_poly 14x12 power=1");
  const DenseOperator<double> dense(a.view());
  std::vector<double> values;
  save_checkpoint(path, state_after<double>(dense, 2, values));
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto try_bytes = [&](const std::string& changed) {
    std::ofstream(bad, std::ios::binary) << changed;
    try {
      const auto state = load_checkpoint<double>(bad);
      // What reads as a state is that of the matrix, or is refused.
      EXPECT_EQ(truncated_svd<double>(dense, rank(3), small_spaces(), {.from = &state}).s, values);
      return true;
    } catch (const FormatError& error) {
      EXPECT_NE(std::string(error.what()).find("bad.npz"), std::string::npos);
    } catch (const StateMismatch&) {
    }
    return false;
  };
  EXPECT_TRUE(try_bytes(bytes));
  // Every byte was tried once, which takes a minute and a half; a prime step meets all kinds of fields.
  constexpr std::size_t step = 37;
  for (std::size_t length = 0; length < bytes.size(); length += step) {
    EXPECT_FALSE(try_bytes(bytes.substr(0, length))) << length;
  }
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    static_cast<void>(try_bytes(changed));
  }
}

TEST(CheckpointFiles, OfAnotherTypeOrKind) {
  const TemporaryFolder folder;
  const Matrix<double> a = generate<double>("svd_poly 50x40 power=1");
  std::vector<double> values;
  save_checkpoint(folder / "double.npz",
                  state_after<double>(DenseOperator<double>(a.view()), 3, values));
  EXPECT_THROW(static_cast<void>(load_checkpoint<float>(folder / "double.npz")), FormatError);
  const NamedArray array{"A", a.view(), false};
  write_arrays(folder / "other.npz", {&array, 1});
  EXPECT_THROW(static_cast<void>(load_checkpoint<double>(folder / "other.npz")), FormatError);
  EXPECT_THROW(static_cast<void>(load_checkpoint<double>(folder / "none.npz")), FileError);
  EXPECT_THROW(
      save_checkpoint(folder / "no/folder.npz", load_checkpoint<double>(folder / "double.npz")),
      FileError);
}

}  // namespace
}  // namespace eckart::io
