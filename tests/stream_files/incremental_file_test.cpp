// Incremental decompositions in files, arrays without entries among theirs.

#include <gtest/gtest.h>

#include <eckart/incremental_svd.hpp>
#include <eckart/stream_files.hpp>

#include "io/temporary_folder.hpp"
#include "streams/stream_tools.hpp"

namespace eckart::io {
namespace {

template <class T>
class IncrementalFile : public ::testing::Test {};
TYPED_TEST_SUITE(IncrementalFile, eckart::testing::ScalarTypes);

TYPED_TEST(IncrementalFile, ResumesToTheSameBits) {
  using T = TypeParam;
  const TemporaryFolder folder;
  const std::string path = folder / "state.npz";
  IncrementalSvd<T> svd(6, 0, {.rank = 3, .block = 4, .threads = 1});
  IncrementalSvd<T> rows(0, 5, {.rank = 3, .block = 4, .u = Vectors::none, .threads = 1});
  const auto expect_saved = [&](const IncrementalSvd<T>& saved) {
    save_stream(path, saved.state());
    const StreamState state = load_stream(path);
    EXPECT_EQ(kind_of(state), StreamKind::incremental);
    EXPECT_TRUE(eckart::testing::same_state(IncrementalSvd<T>(state).state(), saved.state()));
  };
  expect_saved(svd);
  svd.append_columns(Matrix<T>(6, 5));  // zeros: no values, no vectors
  expect_saved(svd);
  for (int i = 0; i < 8; ++i) {
    svd.append_columns(generate<T>("normal 6x3 seed=" + std::to_string(i)));
    rows.append_rows(generate<T>("normal 3x5 seed=" + std::to_string(i)));
    expect_saved(svd);
    expect_saved(rows);
  }
}

}  // namespace
}  // namespace eckart::io
