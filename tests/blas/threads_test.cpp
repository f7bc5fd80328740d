// What the private BLAS promises: Eckart decides how many threads it uses, nobody else's library is
// touched, and calls from many threads at once do not disturb one another.

#include "blas/threads.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <eckart/gallery.hpp>
#include <eckart/svd.hpp>

#include "blas/info.hpp"
#include "support/cases.hpp"

namespace eckart::blas {
namespace {

TEST(Threads, AreControlledWhereTheLibraryIsOurOwn) {
  const Info found = info();
  EXPECT_EQ(found.controls_threads, controls_threads());
  if (found.choice == "openblas") {
    EXPECT_TRUE(found.is_private);
    EXPECT_TRUE(controls_threads());
  }
}

// A second OpenBLAS in the process: a copy of ours under another name, as another package would
// bring it. This test program links the library, which puts its names into the global scope, where
// the copy would find them before its own and so be no second library at all; RTLD_DEEPBIND makes
// it look at home first. It is not unloaded: its threads may still run.
class OtherOpenBlas {
 public:
  explicit OtherOpenBlas(const std::string& library)
      : file_(std::filesystem::temp_directory_path() /
              ("another_openblas_" + std::to_string(getpid()) + ".so")) {
    std::filesystem::copy_file(library, file_, std::filesystem::copy_options::overwrite_existing);
    handle_ = dlopen(file_.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  }
  ~OtherOpenBlas() {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
  OtherOpenBlas(const OtherOpenBlas&) = delete;
  OtherOpenBlas& operator=(const OtherOpenBlas&) = delete;

  template <class Function>
  [[nodiscard]] Function find(const char* symbol) const {
    return handle_ == nullptr ? nullptr : reinterpret_cast<Function>(dlsym(handle_, symbol));
  }

 private:
  std::filesystem::path file_;
  void* handle_ = nullptr;
};

TEST(Threads, LeaveTheThreadCountOfAnotherOpenBlasAlone) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers do not allow RTLD_DEEPBIND";
#endif
  const Info found = info();
  if (!found.is_private) {
    GTEST_SKIP() << "the BLAS is not the private one but " << found.choice;
  }
  const OtherOpenBlas other(found.library);
  const auto set = other.find<void (*)(int)>("scipy_openblas_set_num_threads64_");
  const auto get = other.find<int (*)()>("scipy_openblas_get_num_threads64_");
  ASSERT_NE(set, nullptr);
  ASSERT_NE(get, nullptr);
  const auto own =
      reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "scipy_openblas_get_num_threads64_"));
  ASSERT_NE(own, nullptr);
  ASSERT_NE(get, own) << "the copy is not a second library";

  set(2);
  ASSERT_EQ(get(), 2);
  const auto a = generate<double>("normal 60x40");
  SvdOptions options;
  options.threads = 3;
  static_cast<void>(svd(a, options));
  EXPECT_EQ(get(), 2) << "Eckart changed the thread count of another library";
  EXPECT_EQ(own(), 1) << "another library changed the thread count of Eckart's";
}

template <class T>
class ConcurrentCalls : public ::testing::Test {};
TYPED_TEST_SUITE(ConcurrentCalls, eckart::testing::ScalarTypes);

TYPED_TEST(ConcurrentCalls, GiveTheBitsOfOneCallAlone) {
  using T = TypeParam;
  constexpr int callers = 8;
  const auto a = generate<T>("normal 90x70");
  std::vector<Svd<T>> results(callers);
  const auto alone = svd(a, SvdOptions{.threads = 1});
  {
    std::atomic<int> waiting{callers};
    std::vector<std::jthread> pool;
    pool.reserve(callers);
    for (int c = 0; c < callers; ++c) {
      pool.emplace_back([&, c] {
        --waiting;
        while (waiting > 0) {
          std::this_thread::yield();
        }
        results.at(static_cast<std::size_t>(c)) = svd(a, SvdOptions{.threads = 1 + c % 3});
      });
    }
  }
  for (const auto& result : results) {
    EXPECT_TRUE(eckart::testing::same_svd(alone, result));
  }
}

}  // namespace
}  // namespace eckart::blas
