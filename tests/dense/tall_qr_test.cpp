#include "dense/tall/tall_qr.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>

#include "blas/gemm.hpp"
#include "tall_paths.hpp"

namespace eckart::dense {
namespace {

using blas::Op;

constexpr double threshold = 10;

template <Scalar T>
double norm_of(MatrixView<const T> a) {
  double sum = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      sum += static_cast<double>(std::norm(a(i, j)));
    }
  }
  return std::sqrt(sum);
}

template <Scalar T>
struct Result {
  Matrix<T> q, r;
  TallMethod method = TallMethod::tree;
  TallFigures figures;
  Index rank = 0;
  double norm = 0;
  bool is_planned = false;
};

// A = Q R with the explicit Q = Q U_R for U_R = I, in exactly the memory of the plan.
template <Scalar T>
Result<T> decompose(const TallRows<T>& a, const TallOptions& options, int threads) {
  const Execution execution{.threads = threads, .stop = {}, .progress = {}};
  const Index m = a.rows(), n = a.cols(), p = std::min<Index>(n, 4);
  Result<T> result{Matrix<T>::uninitialized(m, n), Matrix<T>(n, n), {}, {}, 0, 0, false};
  Workspace work(tall_memory<T>(m, n, n, p, options));
  Matrix<T> x = Matrix<T>::identity(n, p);
  if (p < n) {
    fill_normal(x.view(), Random(7));
  }
  TallQr<T> qr = tall_factor<T>(execution, a, result.q, result.r, x.view(), options, work);
  // S Vh X stands for R X here: the "U" is Q itself.
  Matrix<T> rx(n, p);
  blas::gemm<T>(Op::none, Op::none, T(1), result.r.view(), x.view(), T(0), rx.view());
  const Matrix<T> identity = Matrix<T>::identity(n, n);
  result.figures = tall_vectors<T>(execution, qr, identity.view(), result.q,
                                   {.x = x.view(), .g = rx.view(), .rest = {}, .r = {}}, work);
  result.method = qr.method;
  result.rank = qr.rank;
  result.norm = qr.norm;
  result.is_planned = work.peak() <= work.size();
  return result;
}

template <Scalar T>
void expect_qr(MatrixView<const T> a, const Result<T>& result, const std::string& what) {
  const Index m = a.rows(), n = a.cols();
  const double unit = static_cast<double>(m) * double{epsilon<T>};
  Matrix<T> gram(n, n), rest(a);
  blas::gemm<T>(Op::adjoint, Op::none, T(1), result.q.view(), result.q.view(), T(0), gram.view());
  blas::gemm<T>(Op::none, Op::none, T(-1), result.q.view(), result.r.view(), T(1), rest.view());
  for (Index j = 0; j < n; ++j) {
    gram(j, j) -= T{1};
  }
  const double largest = double{singular_values(Matrix<T>(a)).front()};
  EXPECT_LE(norm_of<T>(gram.view()), threshold * unit) << what;
  EXPECT_LE(norm_of<T>(rest.view()), threshold * unit * largest) << what;
  EXPECT_LE(result.figures.orthogonality, threshold * unit) << what;
  EXPECT_LE(result.figures.residual, threshold * unit * largest) << what;
  EXPECT_NEAR(result.norm, norm_of<T>(a), threshold * unit * result.norm) << what;
  EXPECT_TRUE(result.is_planned);
}

template <Scalar T>
void expect_values(MatrixView<const T> a, MatrixView<const T> r, const std::string& what) {
  SvdOptions options;
  options.driver = Driver::jacobi;
  const std::vector<Real<T>> of_a = singular_values(Matrix<T>(a), options),
                             of_r = singular_values(Matrix<T>(r), options);
  const double unit = static_cast<double>(a.rows()) * double{epsilon<T>} * double{of_a.front()};
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    EXPECT_NEAR(double{of_a[i]}, double{of_r[i]}, unit) << what << ", value " << i;
  }
}

template <class T>
class TallQrTest : public ::testing::Test {};
using Scalars = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(TallQrTest, Scalars);

TYPED_TEST(TallQrTest, EveryPathAndShape) {
  using T = TypeParam;
  for (const auto& [path, method] :
       {std::pair{Path::automatic, TallMethod::cholesky_once},
        std::pair{Path::twice, TallMethod::cholesky_twice},
        std::pair{Path::sketched, TallMethod::sketched}, std::pair{Path::tree, TallMethod::tree}}) {
    for (const auto& [m, n] :
         {std::pair<Index, Index>{40, 3}, {1000, 7}, {5000, 33}, {300, 1}, {700, 70}}) {
      const Matrix<T> a = generate<T>("normal " + std::to_string(m) + "x" + std::to_string(n));
      const Result<T> result = decompose<T>({a.view()}, options_for(path), 2);
      const std::string what = std::string(to_string(result.method)) + " of " + std::to_string(m) +
                               " x " + std::to_string(n);
      if (m > 40) {  // there S A is no smaller than A, and 8 is no small condition
        EXPECT_EQ(result.method, method) << what;
      }
      expect_qr<T>(a.view(), result, what);
      expect_values<T>(a.view(), result.r.view(), what);
    }
  }
}

TYPED_TEST(TallQrTest, AlmostSquare) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Index, Index>{1, 1}, {7, 7}, {31, 30}, {200, 150}}) {
    for (const Path path : every_path) {
      const Matrix<T> a = generate<T>("normal " + std::to_string(m) + "x" + std::to_string(n));
      const Result<T> result = decompose<T>({a.view()}, options_for(path), 1);
      expect_qr<T>(a.view(), result, std::to_string(m) + " x " + std::to_string(n));
    }
  }
}

TYPED_TEST(TallQrTest, HardMatrices) {
  using T = TypeParam;
  for (const char* spec :
       {"svd_geo 600x20 cond=1e2", "svd_geo 600x20 cond=1e5", "svd_geo 600x20 cond=1e16",
        "svd_cluster0 600x20 cond=1e12", "ones 600x20", "zero_columns", "duplicates", "graded",
        "tiny_columns", "identity 600x20", "hilbert 300x20", "vandermonde 300x20"}) {
    Matrix<T> a;
    const std::string name = spec;
    if (name.find(' ') != std::string::npos) {
      a = generate<T>(name);
    } else {
      a = generate<T>("normal 600x20");
      for (Index j = 0; j < 20; ++j) {
        const auto power = static_cast<int>(j);
        for (Index i = 0; i < 600; ++i) {
          if (name == "zero_columns" && j % 3 == 1) {
            a(i, j) = T{};
          } else if (name == "duplicates" && j >= 10) {
            a(i, j) = a(i, j - 10);
          } else if (name == "graded") {
            a(i, j) *= std::ldexp(Real<T>{1}, -2 * power);
          } else if (name == "tiny_columns" && j > 5) {
            a(i, j) *= smallest_normal<T>;
          }
        }
      }
    }
    for (const Path path : {Path::automatic, Path::tree}) {
      const Result<T> result = decompose<T>({a.view()}, options_for(path), 2);
      const std::string what = name + ", " + to_string(result.method);
      expect_qr<T>(a.view(), result, what);
      expect_values<T>(a.view(), result.r.view(), what);
      if (path == Path::automatic) {
        EXPECT_NE(result.method, TallMethod::tree) << name;  // none of these needs it
      }
    }
  }
}

TYPED_TEST(TallQrTest, StridesAndScaling) {
  using T = TypeParam;
  const Index m = 500, n = 9;
  const Matrix<T> a = generate<T>("normal 500x9");
  const Result<T> reference = decompose<T>({a.view()}, options_for(Path::automatic), 1);
  const Matrix<T> row_major(a.view(), Layout::row_major);
  Matrix<T> padded(m + 3, n), upside_down(m, n), conjugated(a), scaled(a);
  for (Index j = 0; j < n; ++j) {
    for (Index i = 0; i < m; ++i) {
      padded(i, j) = a(i, j);
      upside_down(m - 1 - i, n - 1 - j) = a(i, j);
      conjugated(i, j) = conjugate(a(i, j));
      scaled(i, j) = a(i, j) * std::ldexp(Real<T>{1}, -100);
    }
  }
  const TallRows<T> views[] = {{row_major.view()},
                               {padded.view().top_rows(m)},
                               {MatrixView<const T>(upside_down.data() + m * n - 1, m, n, -1, -m)},
                               {conjugated.view(), 0, true},
                               {scaled.view(), 100}};
  for (const TallRows<T>& view : views) {
    const Result<T> result = decompose<T>(view, options_for(Path::automatic), 1);
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < m; ++i) {
        ASSERT_EQ(result.q(i, j), reference.q(i, j));
      }
      for (Index i = 0; i < n; ++i) {
        ASSERT_EQ(result.r(i, j), reference.r(i, j));
      }
    }
  }
}

TYPED_TEST(TallQrTest, ThreadsChangeNoBit) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 3000x17 cond=1e3 reflectors=4");
  for (const Path path : every_path) {
    const Result<T> one = decompose<T>({a.view()}, options_for(path), 1);
    for (const int threads : {2, 3}) {
      const Result<T> many = decompose<T>({a.view()}, options_for(path), threads);
      EXPECT_TRUE(std::equal(one.q.data(), one.q.data() + 3000 * 17, many.q.data()));
      EXPECT_TRUE(std::equal(one.r.data(), one.r.data() + 17 * 17, many.r.data()));
      EXPECT_EQ(one.figures.residual, many.figures.residual);
      EXPECT_EQ(one.figures.orthogonality, many.figures.orthogonality);
    }
  }
}

// R alone: no m x n memory, the same R, and a link at rounding level.
TYPED_TEST(TallQrTest, TriangularFactorAlone) {
  using T = TypeParam;
  const Execution execution{.threads = 2, .stop = {}, .progress = {}};
  const Index m = 2000, n = 13, p = 5;
  Matrix<T> x(n, p);
  fill_normal(x.view(), Random(3));
  for (const char* spec : {"normal 2000x13", "svd_geo 2000x13 cond=1e3", "ones 2000x13"}) {
    const Matrix<T> a = generate<T>(spec);
    const double unit =
        static_cast<double>(m) * double{epsilon<T>} * double{singular_values(a).front()};
    for (const Path path : every_path) {
      const TallOptions options = options_for(path);
      Matrix<T> r(n, n);
      Workspace work(tall_memory<T>(m, n, 0, p, options));
      const TallQr<T> qr = tall_factor<T>(execution, {a.view()}, {}, r, x.view(), options, work);
      EXPECT_GT(qr.link, 0) << spec;
      EXPECT_LE(qr.link, threshold * unit) << spec << ", " << to_string(qr.method);
      expect_values<T>(a.view(), r.view(), spec);
      const Result<T> with_q = decompose<T>({a.view()}, options, 1);
      EXPECT_TRUE(std::equal(r.data(), r.data() + n * n, with_q.r.data())) << spec;
    }
  }
}

// R^H (Q^H b) = A^H b, and Q^H b is no longer than b; columns multiplied row by row and by the library; in the memory of the plan.
TYPED_TEST(TallQrTest, CarriesRightHandSides) {
  using T = TypeParam;
  const Index p = 3;
  for (const auto& [m, n] : {std::pair<Index, Index>{2000, 13}, {1000, 260}}) {
    const Matrix<T> a = generate<T>("normal " + std::to_string(m) + "x" + std::to_string(n));
    Matrix<T> b(m, p), of_a(n, p);
    fill_normal(b.view(), Random(3));
    blas::gemm<T>(Op::adjoint, Op::none, T(1), a.view(), b.view(), T(0), of_a.view());
    for (const Path path : {Path::automatic, Path::twice, Path::sketched}) {
      Matrix<T> first;
      for (const int threads : {1, 2}) {
        const Execution execution{.threads = threads, .stop = {}, .progress = {}};
        const TallOptions options = options_for(path);
        Matrix<T> r(n, n), c(n, p), product(of_a);
        Workspace work(tall_memory<T>(m, n, 0, 0, options, p));
        const TallQr<T> qr = tall_factor<T>(execution, {a.view()}, {}, r, {}, options, work,
                                            {.b = b.view(), .c = c.view()});
        ASSERT_NE(qr.method, TallMethod::tree);
        blas::gemm<T>(Op::adjoint, Op::none, T(-1), r.view(), c.view(), T(1), product.view());
        EXPECT_LE(norm_of<T>(product.view()),
                  threshold * static_cast<double>(m) * double{epsilon<T>} * norm_of<T>(of_a.view()))
            << to_string(qr.method) << ", n = " << n;
        EXPECT_LE(norm_of<T>(c.view()), (1 + 1e-3) * norm_of<T>(b.view()));
        if (threads == 1) {
          first = c;
        }
        EXPECT_TRUE(std::equal(c.data(), c.data() + n * p, first.data()));
      }
    }
  }
}

// R from a Gram matrix that was formed before.
TYPED_TEST(TallQrTest, TakesAGramMatrixThatIsThere) {
  using T = TypeParam;
  const Execution execution;
  const Matrix<T> a = generate<T>("normal 2000x13");
  Matrix<T> x(13, 5), g(13, 13);
  fill_normal(x.view(), Random(3));
  const auto factor = [&](TallOptions options, Matrix<T> r) {
    Workspace work(tall_memory<T>(2000, 13, 0, 5, options));
    const TallQr<T> qr = tall_factor<T>(execution, {a.view()}, {}, r, x.view(), options, work);
    EXPECT_LE(qr.link, threshold * 2000 * double{epsilon<T>} * double{singular_values(a).front()});
    return r;
  };
  blas::gemm<T>(Op::adjoint, Op::none, T(1), a.view(), a.view(), T(0), g.view());
  for (const Path path : every_path) {
    TallOptions options = options_for(path);
    const Matrix<T> want = factor(options, Matrix<T>(13, 13));
    options.gram_given = true;
    const Matrix<T> got = factor(options, g);
    expect_values<T>(a.view(), got.view(), "given");
    EXPECT_NEAR(std::abs(got(0, 0)), std::abs(want(0, 0)), 1e-3 * std::abs(want(0, 0)));
  }
}

TEST(TallQr, UsesItsWholePlanAndNoMore) {
  using T = double;
  const Execution execution{.threads = 1, .stop = {}, .progress = {}};
  for (const Index columns : {0, 12}) {
    for (const Path path : every_path) {
      const TallOptions options = options_for(path);
      const Matrix<T> a = generate<T>("normal 900x12");
      Matrix<T> r(12, 12), q(900, 12), x(12, 3), rx(12, 3);
      fill_normal(x.view(), Random(1));
      const MemoryPlan plan = tall_memory<T>(900, 12, columns, 3, options);
      Workspace work(plan);
      TallQr<T> qr =
          tall_factor<T>(execution, {a.view()}, columns == 0 ? MatrixView<T>() : q.view(), r,
                         x.view(), options, work);
      if (columns > 0) {
        const Matrix<T> identity = Matrix<T>::identity(12, 12);
        static_cast<void>(tall_vectors<T>(execution, qr, identity.view(), q,
                                          {.x = x.view(), .g = rx.view(), .rest = {}, .r = {}},
                                          work));
      }
      EXPECT_LE(work.peak(), plan.bytes());
      // The sketch is the largest part of R alone, the product with A itself that of U.
      if (path == (columns == 0 ? Path::sketched : Path::automatic)) {
        EXPECT_EQ(work.peak(), plan.bytes());
      }
    }
  }
}

TEST(TallQr, StopsWhenAsked) {
  std::stop_source source;
  source.request_stop();
  const Execution execution{.threads = 2, .stop = source.get_token(), .progress = {}};
  const Matrix<double> a = generate<double>("normal 900x12");
  Matrix<double> r(12, 12), q(900, 12);
  Workspace work(tall_memory<double>(900, 12, 12, 0, {}));
  EXPECT_THROW(static_cast<void>(tall_factor<double>(execution, {a.view()}, q, r, {}, {}, work)),
               Cancelled);
}

// A NaN must hang nothing and never pass for a decomposition.
TEST(TallQr, NotANumberEndsInTheTree) {
  const Execution execution{.threads = 2, .stop = {}, .progress = {}};
  Matrix<double> a = generate<double>("normal 900x12");
  a(500, 3) = std::nan("");
  Matrix<double> r(12, 12), q(900, 12);
  Workspace work(tall_memory<double>(900, 12, 12, 0, {}));
  const TallQr<double> qr = tall_factor<double>(execution, {a.view()}, q, r, {}, {}, work);
  EXPECT_EQ(qr.method, TallMethod::tree);
}

}  // namespace
}  // namespace eckart::dense
