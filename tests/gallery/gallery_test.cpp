#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>

namespace eckart {
namespace {

constexpr std::pair<Index, Index> shapes[] = {{0, 0}, {0, 3}, {4, 0}, {1, 1}, {1, 6},   {7, 1},
                                              {2, 2}, {5, 5}, {9, 4}, {4, 9}, {13, 12}, {30, 30}};

GallerySpec spec_of(const GalleryKind& kind, Index rows, Index cols) {
  return {kind.name, rows, cols};
}

template <class T>
class GalleryOfType : public ::testing::Test {};
using Types = ::testing::Types<float, double, std::complex<float>, std::complex<double>>;
TYPED_TEST_SUITE(GalleryOfType, Types);

template <Scalar T>
bool all_finite(const Matrix<T>& a) {
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      if (!std::isfinite(std::abs(a(i, j)))) {
        return false;
      }
    }
  }
  return true;
}

template <Scalar T>
bool equal_bits(const Matrix<T>& a, const Matrix<T>& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::equal(a.data(), a.data() + a.rows() * a.cols(), b.data());
}

// Largest modulus of a part, without overflow.
template <Scalar T>
double largest_part(const Matrix<T>& a) {
  double largest = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      const std::complex<double> x(a(i, j));
      largest = std::max({largest, std::abs(x.real()), std::abs(x.imag())});
    }
  }
  return largest;
}

// sum s_i^2 and sum s_i^4, from the entries.
template <Scalar T>
std::pair<double, double> power_sums(const Matrix<T>& a) {
  double second = 0, fourth = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index k = 0; k < a.cols(); ++k) {
      std::complex<double> dot{};
      for (Index i = 0; i < a.rows(); ++i) {
        dot += std::conj(std::complex<double>(a(i, j))) * std::complex<double>(a(i, k));
      }
      fourth += std::norm(dot);
      second += j == k ? dot.real() : 0;
    }
  }
  return {second, fourth};
}

TYPED_TEST(GalleryOfType, EveryKindGivesFiniteMatricesOfEveryShapeAndScaling) {
  for (const GalleryKind& kind : gallery_kinds()) {
    for (const auto& [rows, cols] : shapes) {
      for (const GalleryScalingInfo& info : gallery_scalings()) {
        GallerySpec spec = spec_of(kind, rows, cols);
        spec.scaling = info.scaling;
        const Matrix<TypeParam> a = generate<TypeParam>(spec);
        EXPECT_EQ(a.rows(), rows) << to_string(spec);
        EXPECT_EQ(a.cols(), cols) << to_string(spec);
        EXPECT_TRUE(all_finite(a)) << to_string(spec);
      }
    }
  }
}

TYPED_TEST(GalleryOfType, ALineReadBackGivesTheSameMatrix) {
  for (const GalleryKind& kind : gallery_kinds()) {
    GallerySpec spec = spec_of(kind, 6, 5);
    spec.seed = 77;
    for (const GalleryParameter& parameter : kind.parameters) {
      spec.parameters[parameter.name] = parameter.default_value;
    }
    const GallerySpec again = parse_gallery(to_string(spec));
    EXPECT_EQ(to_string(again), to_string(spec));
    EXPECT_TRUE(equal_bits(generate<TypeParam>(spec), generate<TypeParam>(again)))
        << to_string(spec);
    GallerySpec defaults = spec;
    defaults.parameters.clear();
    EXPECT_TRUE(equal_bits(generate<TypeParam>(spec), generate<TypeParam>(defaults)))
        << to_string(spec);
  }
}

// Every kind, shape and scaling, in blocks of one column, of three, and of all.
TYPED_TEST(GalleryOfType, ColumnsAreThoseOfTheWholeMatrix) {
  int made = 0;
  const auto compare = [&made](const GallerySpec& spec) {
    if (!generates_columns(spec)) {
      EXPECT_THROW(generate_columns<TypeParam>({}, spec, 1, [](MatrixView<const TypeParam>) {}),
                   InvalidArgument);
      return;
    }
    ++made;
    const Matrix<TypeParam> whole = generate<TypeParam>(spec);
    for (const Index width : {1, 3, 100}) {
      Index done = 0;
      generate_columns<TypeParam>(
          {.threads = width == 3 ? 3 : 1, .stop = {}, .progress = {}}, spec, width,
          [&](MatrixView<const TypeParam> columns) {
            ASSERT_LE(columns.cols(), width);
            ASSERT_LE(done + columns.cols(), spec.cols);
            EXPECT_TRUE(equal_bits(Matrix<TypeParam>(columns),
                                   Matrix<TypeParam>(whole.view().columns(done, columns.cols()))))
                << to_string(spec) << " from column " << done;
            done += columns.cols();
          });
      EXPECT_EQ(done, spec.cols) << to_string(spec);
    }
  };
  for (const GalleryKind& kind : gallery_kinds()) {
    for (const auto& [rows, cols] :
         {std::pair<Index, Index>{0, 3}, {4, 0}, {1, 6}, {7, 1}, {9, 4}, {4, 9}}) {
      for (const GalleryScalingInfo& info : gallery_scalings()) {
        GallerySpec spec = spec_of(kind, rows, cols);
        spec.scaling = info.scaling;
        compare(spec);
        for (const double reflectors : {1, 3}) {
          if (kind.family == "spectrum" && kind.name.starts_with("svd_")) {
            spec.parameters["reflectors"] = reflectors;
            compare(spec);
          }
        }
      }
    }
  }
  compare(parse_gallery("orthogonal 9x7 reflectors=2"));
  compare(parse_gallery("wild 9x7 spread=300"));
  compare(parse_gallery("uniform 9x7 low=-1e300 high=1e300"));
  compare(parse_gallery("svd_geo 300x250 reflectors=2"));  // several pieces of work
  EXPECT_GT(made, 1000);
}

TEST(Gallery, ColumnsAreMadeInTheMemoryThatIsSaid) {
  const GallerySpec spec = parse_gallery("svd_geo 1000x500 reflectors=2");
  EXPECT_TRUE(generates_columns(spec));
  EXPECT_FALSE(generates_columns(parse_gallery("svd_geo 1000x500")));
  // Two pairs of reflectors, products for each, and a column.
  EXPECT_GE(generate_columns_memory<double>(spec, 1).bytes(), 4U * 1500 * 8);
  EXPECT_LE(generate_columns_memory<double>(spec, 1).bytes(), 4U * 1500 * 8 + 1000 * 8 + 4096);
  const GallerySpec normal = parse_gallery("normal 1000x500");
  EXPECT_LE(generate_columns_memory<float>(normal, 2).bytes(), 2U * 1000 * 12 + 4096);
}

// sum s^2 = ||A||_F^2 and sum s^4 = ||A^H A||_F^2 pin values down without any solver.
TYPED_TEST(GalleryOfType, KnownSingularValuesHaveThePowerSumsOfTheMatrix) {
  int checked = 0;
  for (const GalleryKind& kind : gallery_kinds()) {
    for (const auto& [rows, cols] : shapes) {
      const GallerySpec spec = spec_of(kind, rows, cols);
      const auto values = known_singular_values(spec);
      if (!values ||
          (std::is_same_v<Real<TypeParam>, float> && kind.name == "companion" && rows > 13)) {
        continue;  // the companion matrix of order 30 does not fit float unscaled
      }
      ++checked;
      ASSERT_EQ(static_cast<Index>(values->size()), std::min(rows, cols)) << to_string(spec);
      EXPECT_TRUE(std::is_sorted(values->rbegin(), values->rend())) << to_string(spec);
      double second = 0, fourth = 0;
      for (const double s : *values) {
        EXPECT_GE(s, 0) << to_string(spec);
        second += s * s;
        fourth += s * s * s * s;
      }
      const auto [have_second, have_fourth] = power_sums(generate<TypeParam>(spec));
      const double tolerance = 200 * static_cast<double>(epsilon<TypeParam>);
      EXPECT_NEAR(have_second, second, tolerance * second) << to_string(spec);
      EXPECT_NEAR(have_fourth, fourth, tolerance * fourth) << to_string(spec);
    }
  }
  EXPECT_GT(checked, 300);
}

TYPED_TEST(GalleryOfType, ScalingsReachTheSizesTheyName) {
  using Limits = std::numeric_limits<Real<TypeParam>>;
  const auto largest = [](const char* text) { return largest_part(generate<TypeParam>(text)); };
  const double normal = Limits::min(), maximum = Limits::max();
  EXPECT_GE(largest("normal 8 scaling=ufl"), normal);
  EXPECT_LT(largest("normal 8 scaling=ufl"), 2 * normal);
  EXPECT_LT(largest("normal 8 scaling=denormal"), normal / 4);
  EXPECT_GE(largest("normal 8 scaling=denormal"), 500 * static_cast<double>(Limits::denorm_min()));
  EXPECT_GT(largest("normal 8 scaling=ofl"), maximum / 100);
  EXPECT_LT(largest("normal 8 scaling=small"), std::sqrt(normal));
  EXPECT_GT(largest("normal 8 scaling=large"), std::sqrt(maximum));
  EXPECT_EQ(largest("zeros 8 scaling=ofl"), 0);
}

TEST(Gallery, ParametersAtTheEndsOfTheirRangesGiveAMatrixOrAnError) {
  for (const GalleryKind& kind : gallery_kinds()) {
    for (const GalleryParameter& parameter : kind.parameters) {
      for (const double value : {parameter.minimum, parameter.maximum}) {
        GallerySpec spec = spec_of(kind, 6, 4);
        spec.parameters[parameter.name] = value;
        try {
          EXPECT_TRUE(all_finite(generate<float>(spec))) << to_string(spec);
        } catch (const InvalidArgument& error) {
          EXPECT_NE(std::string(error.what()).find("exceeds double precision"), std::string::npos)
              << error.what();
        }
      }
    }
  }
}

TEST(Gallery, KindsHaveDistinctNamesAndTheirDefaultsAreInRange) {
  std::set<std::string> names;
  for (const GalleryKind& kind : gallery_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(kind.description.empty()) << kind.name;
    EXPECT_FALSE(kind.family.empty()) << kind.name;
    for (const GalleryParameter& p : kind.parameters) {
      EXPECT_LE(p.minimum, p.default_value) << kind.name << " " << p.name;
      EXPECT_LE(p.default_value, p.maximum) << kind.name << " " << p.name;
      EXPECT_FALSE(p.description.empty()) << kind.name << " " << p.name;
    }
  }
}

TEST(Gallery, SeedsChangeRandomKindsAndNoOthers) {
  const auto differs = [](const std::string& kind) {
    return !equal_bits(generate<double>(kind + " 5 seed=1"), generate<double>(kind + " 5 seed=2"));
  };
  for (const char* kind :
       {"normal", "uniform", "sign", "binary", "wild", "permutation", "svd_flat", "svd_rand",
        "orthogonal", "toeplitz", "bidiagonal_normal", "duplicated"}) {
    EXPECT_TRUE(differs(kind)) << kind;
  }
  for (const char* kind :
       {"hilbert", "ones", "identity", "diag_geo", "design01", "companion", "dft"}) {
    EXPECT_FALSE(differs(kind)) << kind;
  }
}

TEST(Gallery, CompanionMatrixHoldsTheCoefficientsOfItsPolynomial) {
  // (x-1)(x-2)(x-3) = x^3 - 6 x^2 + 11 x - 6
  const Matrix<double> a = generate<double>("companion 3");
  EXPECT_EQ(a(0, 0), 6);
  EXPECT_EQ(a(0, 1), -11);
  EXPECT_EQ(a(0, 2), 6);
  EXPECT_EQ(a(1, 0), 1);
  EXPECT_EQ(a(2, 1), 1);
  EXPECT_EQ(a(1, 1), 0);
  EXPECT_GT(largest_part(generate<double>("companion 26")), 1e26);
}

TEST(Gallery, ClassicsHaveTheirKnownEntries) {
  EXPECT_EQ(generate<double>("hilbert 4")(2, 3), 1.0 / 6);
  EXPECT_EQ(generate<double>("pascal 6")(4, 3), 35);
  EXPECT_EQ(generate<double>("frank 4")(1, 0), 3);
  EXPECT_EQ(generate<double>("frank 4")(2, 0), 0);
  EXPECT_EQ(generate<double>("lauchli 4x3 mu=0.5")(1, 0), 0.5);
  EXPECT_EQ(generate<double>("wilkinson 21")(0, 0), 10);
  EXPECT_EQ(generate<double>("glued_wilkinson 42 glue=0.25")(20, 21), 0.25);
  const Matrix<double> krawtchouk = generate<double>("binomial 3");  // (1+x)^2, (1-x)(1+x), (1-x)^2
  EXPECT_EQ(krawtchouk(0, 1), 2);
  EXPECT_EQ(krawtchouk(1, 1), 0);
  EXPECT_EQ(krawtchouk(1, 2), -1);
  EXPECT_EQ(krawtchouk(2, 1), -2);
  const Matrix<double> chebyshev = generate<double>("chebspec 3");  // Trefethen 2000, page 54
  EXPECT_NEAR(chebyshev(0, 0), 1.5, 1e-14);
  EXPECT_NEAR(chebyshev(0, 1), -2, 1e-14);
  EXPECT_NEAR(chebyshev(1, 2), -0.5, 1e-14);
}

TEST(Gallery, DesignMatricesHaveAOneARowInEveryFactor) {
  for (const char* text :
       {"design01 20x9 factors=3", "design01 20x9 factors=3 random=1", "design01 5x2 factors=7"}) {
    const Matrix<double> a = generate<double>(text);
    for (Index i = 0; i < a.rows(); ++i) {
      double sum = 0;
      for (Index j = 0; j < a.cols(); ++j) {
        sum += a(i, j);
      }
      EXPECT_EQ(sum, std::min<Index>(3, a.cols())) << text;
    }
  }
}

// First column of a Haar matrix of order 3 is uniform on the sphere: each coordinate uniform in
// (-1, 1), mean square 1/3.
TEST(Gallery, OrthogonalMatricesAreUniform) {
  constexpr int samples = 2000;
  double mean[9] = {}, square[9] = {};
  for (int seed = 0; seed < samples; ++seed) {
    const Matrix<double> q = generate<double>("orthogonal 3 seed=" + std::to_string(seed));
    for (int e = 0; e < 9; ++e) {
      mean[e] += q.data()[e] / samples;
      square[e] += q.data()[e] * q.data()[e] / samples;
    }
  }
  for (int e = 0; e < 9; ++e) {
    EXPECT_NEAR(mean[e], 0, 0.06) << e;  // five standard deviations: 5 sqrt(1/3) / sqrt(2000)
    EXPECT_NEAR(square[e], 1.0 / 3, 0.04) << e;
  }
}

std::string message_of(const char* text) {
  try {
    static_cast<void>(parse_gallery(text));
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "";
}

TEST(Gallery, ErrorsNameTheWordAndTheWayOut) {
  const auto expect = [](const char* text, std::initializer_list<const char*> parts) {
    const std::string message = message_of(text);
    for (const char* part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << text << " -> " << message;
    }
  };
  expect("", {"empty", "KIND ROWSxCOLS"});
  expect("svd_gep 3", {"'svd_gep'", "did you mean 'svd_geo'", "hilbert"});
  expect("normal", {"lacks a size"});
  expect("normal 3y4", {"'3y4'", "100x50"});
  expect("normal -3x4", {"'-3x4'"});
  expect("normal 99999999999999999999x2", {"not a size"});
  expect("svd_geo 3 conf=2", {"'conf'", "cond, rank, reverse, reflectors, seed, scaling"});
  expect("svd_geo 3 cond", {"'cond'", "name=value"});
  expect("svd_geo 3 cond=abc", {"cond=abc", "from 1 to 1e+300"});
  expect("svd_geo 3 cond=nan", {"cond=nan"});
  expect("svd_geo 3 cond=0.5", {"cond=0.5", "from 1"});
  expect("svd_geo 3 rank=1.5", {"whole number"});
  expect("svd_geo 3 cond=2 cond=3", {"'cond'", "twice"});
  expect("svd_geo 3 seed=-1", {"seed=-1", "whole number"});
  expect("svd_geo 3 scaling=tiny", {"'tiny'", "none, small, large, ufl, denormal, ofl, mixed"});
}

TEST(Gallery, HandWrittenSpecsAreCheckedAndOverflowIsAnError) {
  EXPECT_THROW(static_cast<void>(generate<double>(GallerySpec{"nothing", 2, 2})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(generate<double>(GallerySpec{"normal", 2, 2, {{"cond", 3}}})),
               InvalidArgument);
  EXPECT_THROW(static_cast<void>(generate<double>("pascal 600")), InvalidArgument);
  EXPECT_THROW(static_cast<void>(generate<double>("companion 200")), InvalidArgument);
  EXPECT_TRUE(all_finite(generate<float>("companion 60")));
}

}  // namespace
}  // namespace eckart
