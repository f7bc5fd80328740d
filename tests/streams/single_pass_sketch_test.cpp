#include <cmath>
#include <limits>
#include <numeric>
#include <stop_token>

#include <eckart/error.hpp>
#include <eckart/random.hpp>
#include <eckart/single_pass_sketch.hpp>

#include "streams/sketch_tools.hpp"

namespace eckart {
namespace {

using namespace eckart::testing;

template <class T>
class SinglePassSketchOf : public ::testing::Test {};
TYPED_TEST_SUITE(SinglePassSketchOf, ScalarTypes);

TYPED_TEST(SinglePassSketchOf, ExactLowRankIsRecoveredToRounding) {
  using T = TypeParam;
  const double unit = double{epsilon<T>};
  for (const auto& [m, n] : {std::pair<Index, Index>{200, 60}, {60, 200}, {300, 300}, {70, 20}}) {
    for (int seed = 1; seed <= 5; ++seed) {
      const Matrix<T> a = low_rank<T>(m, n, 5, static_cast<std::uint64_t>(seed));
      const auto sketch = sketch_of<T>(a, {.rank = 5, .seed = 77U + static_cast<unsigned>(seed)});
      const SketchedSvd<T> d = sketch.result(5);
      ASSERT_EQ(d.s.size(), 5U);
      const Matrix<WideEntry<T>> whole = wide<T>(a.view());
      const double norm = frobenius<WideEntry<T>>(whole.view());
      EXPECT_LE(error_of<T>(whole, d), 100 * unit * norm) << m << " x " << n;
      expect_statements<T>(a, d, "low rank");
      EXPECT_LE(d.left_out_at_most, 1e4 * unit * norm);
      EXPECT_LE(orthogonality_loss<T>(d.U.view()), 20 * unit * static_cast<double>(m));
      EXPECT_LE(orthogonality_loss<T>(transposed<T>(d.Vh).view()),
                20 * unit * static_cast<double>(n));
    }
  }
}

TYPED_TEST(SinglePassSketchOf, StatementsHoldForManyMatrices) {
  using T = TypeParam;
  for (const std::string kind : {"normal", "svd_geo cond=1e6", "svd_clusters", "svd_step", "sign",
                                 "duplicated", "zeros", "hilbert"}) {
    for (const std::string shape : {"90x40", "40x90", "30x5", "1x50", "50x1"}) {
      for (int seed = 1; seed <= 3; ++seed) {
        const std::string line =
            kind.substr(0, kind.find(' ')) + " " + shape +
            (kind == "hilbert" || kind == "zeros" ? "" : " seed=" + std::to_string(seed)) +
            (kind.find(' ') == std::string::npos ? "" : kind.substr(kind.find(' ')));
        const Matrix<T> a = generate<T>(line);
        const auto sketch = sketch_of<T>(
            a, {.rank = 4, .probes = 10 + seed, .seed = static_cast<std::uint64_t>(seed)});
        expect_statements<T>(a, sketch.result(seed), line);
        expect_statements<T>(a, sketch.result(100), line + ", all");
      }
    }
  }
}

/// As long as nothing comes twice at a place, however rows and columns take turns, are forgotten, saved and gone on with; and for ever
/// after it is bounded by the test sketch alone.
TYPED_TEST(SinglePassSketchOf, TheNormOfLinesInOrderIsKnown) {
  using T = TypeParam;
  using W = WideEntry<T>;
  const Matrix<T> a = generate<T>("normal 60x40 seed=5");
  SinglePassSketch<T> sketch(20, 30, {.rank = 3, .threads = 1});
  const auto norm_of_sketch = [&](double norm, bool known) {
    const SketchedSvd<T> d = sketch.result(3);
    EXPECT_EQ(std::abs(d.frobenius_norm - norm) <= 1e-11 * norm, known);
    EXPECT_LE(d.norm_at_least, norm);
    EXPECT_GE(d.norm_at_most, norm);
    EXPECT_EQ(d.norm_at_most <= norm * (1 + 1e-11), known);
    for (std::size_t j = 0; j < d.s.size(); ++j) {
      EXPECT_LE(d.at_most[j], d.norm_at_most / std::sqrt(static_cast<double>(j) + 1) * (1 + 1e-12));
      EXPECT_LE(d.tail_at_most[j], d.norm_at_most);
    }
  };
  sketch.add_rows(2, a.view().block(2, 0, 10, 30));  // of zeros that were there
  sketch.add_rows(12, a.view().block(12, 0, 8, 30));
  sketch = SinglePassSketch<T>(sketch.state());
  sketch.append_rows(a.view().block(20, 0, 40, 30));
  sketch.append_columns(a.view().block(0, 30, 60, 10));
  Matrix<T> whole(a.view());
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 30; ++j) {
      whole(i, j) = T{};
    }
  }
  expect_statements<T>(whole, sketch.result(3), "in order");
  const double norm = frobenius<W>(wide<T>(whole.view()).view());
  norm_of_sketch(norm, true);
  for (int i = 0; i < 5; ++i) {
    sketch.scale(0.7);
  }
  norm_of_sketch(norm * std::pow(0.7, 5), true);
  sketch.add_rows(0,
                  whole.view().block(0, 0, 1, 40));  // zeros and ten numbers, where something was
  norm_of_sketch(
      std::sqrt(std::pow(0.7, 10) * norm * norm +
                (1 + 2 * std::pow(0.7, 5)) *
                    std::pow(frobenius<W>(wide<T>(whole.view().block(0, 0, 1, 40)).view()), 2)),
      false);
}

TYPED_TEST(SinglePassSketchOf, OrderAndKindOfUpdatesChangeRoundingAlone) {
  using T = TypeParam;
  using W = WideEntry<T>;
  const Matrix<T> a = generate<T>("normal 70x50 seed=5");
  const SketchOptions options{.rank = 3, .threads = 1};
  const auto by_rows = sketch_of<T>(a, options);
  // Columns from the last to the first; rows in any order; entries; a change of rank one and its opposite; half twice.
  SinglePassSketch<T> columns(70, 50, options), rows(70, 50, options), entries(70, 50, options),
      changed(70, 50, options), halves(70, 50, options), grown(0, 50, options),
      grown2(70, 0, options);
  for (Index j = 49; j >= 0; --j) {
    columns.add_columns(j, a.view().columns(j, 1));
  }
  for (Index i = 0; i < 70; ++i) {
    const Index at = i * 27 % 70;
    rows.add_rows(at, a.view().block(at, 0, 1, 50));
    grown.append_rows(a.view().block(i, 0, 1, 50));
  }
  std::vector<SketchEntry<T>> list;
  for (Index p = 0; p < 70 * 50; ++p) {
    const Index at = p * 1009 % 3500;
    list.push_back({at / 50, at % 50, a(at / 50, at % 50)});
  }
  entries.add_entries(list);
  const Matrix<T> x = generate<T>("normal 70x3 seed=9"), y = generate<T>("normal 50x3 seed=10");
  Matrix<T> minus(x.view());
  for (Index p = 0; p < 210; ++p) {
    minus.data()[p] = -minus.data()[p];
  }
  changed.change(x.view(), y.view());
  changed.add_rows(0, a.view());
  changed.change(minus.view(), y.view());
  halves.add_rows(0, a.view());
  halves.scale(0.5);
  SinglePassSketch<T> other(halves);
  halves.merge(other);
  grown2.append_columns(a.view());
  // A change of full rank is the matrix itself.
  SinglePassSketch<T> product(70, 50, options);
  const Matrix<T> one = Matrix<T>::identity(70, 70);
  Matrix<T> adjoint(50, 70);
  for (Index i = 0; i < 70; ++i) {
    for (Index j = 0; j < 50; ++j) {
      adjoint(j, i) = conjugate(a(i, j));
    }
  }
  product.change(one.view(), adjoint.view());

  const SketchedSvd<T> first = by_rows.result(3);
  const double norm = frobenius<W>(wide<T>(a.view()).view()),
               estimated = columns.result(3).frobenius_norm;
  EXPECT_GT(std::abs(estimated - norm), 1e-6 * norm);
  for (const SinglePassSketch<T>* each :
       {&columns, &rows, &entries, &changed, &halves, &grown, &grown2, &product}) {
    const SketchedSvd<T> d = each->result(3);
    ASSERT_EQ(d.s.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(double{d.s[i]}, double{first.s[i]},
                  1e-10 * double{first.s[0]} + 4 * double{epsilon<T>} * double{first.s[0]});
    }
    EXPECT_NEAR(d.left_out, first.left_out, 1e-10 * first.frobenius_norm);
    // It is known of lines in order.
    const bool in_order = each == &grown || each == &grown2;
    EXPECT_NEAR(d.frobenius_norm, in_order ? norm : estimated, 1e-11 * norm);
    expect_statements<T>(a, d, "any order");
  }
  EXPECT_TRUE(same_state(by_rows.state(), grown.state()));
  EXPECT_EQ(sizeof(W), sizeof(typename SinglePassSketch<T>::W));
}

TYPED_TEST(SinglePassSketchOf, PiecesThreadsAndStatesDoNotChangeABit) {
  using T = TypeParam;
  for (const char* line : {"normal 1300x40 seed=2", "normal 40x2500 seed=3"}) {
    const Matrix<T> a = generate<T>(line);
    const Matrix<T> x = generate<T>("normal " + std::to_string(a.rows()) + "x2 seed=4"),
                    y = generate<T>("normal " + std::to_string(a.cols()) + "x2 seed=5");
    const SketchOptions one{.rank = 6, .threads = 1}, two{.rank = 6, .threads = 3};
    SinglePassSketch<T> whole(a.rows(), a.cols(), one), pieces(a.rows(), a.cols(), two);
    const auto all = [&](SinglePassSketch<T>& sketch) {
      sketch.scale(0.7);
      sketch.change(x.view(), y.view());
      sketch.add_columns(3, a.view().columns(0, 30));
    };
    whole.add_rows(0, a.view());
    all(whole);
    Index row = 0;
    for (const Index count : {1, 0, 13, 5}) {
      pieces.add_rows(row, a.view().block(row, 0, count, a.cols()));
      row += count;
    }
    SinglePassSketch<T> resumed(pieces.state(), two);
    resumed.add_rows(row, a.view().block(row, 0, a.rows() - row, a.cols()));
    all(resumed);
    EXPECT_TRUE(same_state(whole.state(), resumed.state())) << line;
    const SketchedSvd<T> p = whole.result(6), q = resumed.result(6);
    EXPECT_TRUE(equal_bits<T>(p.U, q.U));
    EXPECT_TRUE(equal_bits<T>(p.Vh, q.Vh));
    EXPECT_EQ(p.s, q.s);
    EXPECT_EQ(p.errors, q.errors);
    EXPECT_EQ(p.at_most, q.at_most);
  }
}

TYPED_TEST(SinglePassSketchOf, SketchesOfPartsAddUp) {
  using T = TypeParam;
  const Matrix<T> a = generate<T>("svd_geo 80x30 cond=1e3 seed=6");
  const SketchOptions options{.rank = 4};
  SinglePassSketch<T> top(30, 30, options), bottom(80, 30, options);
  top.add_rows(0, a.view().block(0, 0, 30, 30));
  bottom.add_rows(30, a.view().block(30, 0, 50, 30));
  top.merge(bottom);
  EXPECT_EQ(top.rows(), 80);
  const SketchedSvd<T> d = top.result(4), whole = sketch_of<T>(a, options).result(4);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(double{d.s[i]}, double{whole.s[i]}, 8 * double{epsilon<T>} * double{d.s[0]});
  }
  expect_statements<T>(a, d, "merged");
  SinglePassSketch<T> seed(80, 30, {.rank = 4, .seed = 1}), size(80, 30, {.rank = 5});
  EXPECT_THROW(top.merge(seed), InvalidArgument);
  EXPECT_THROW(top.merge(size), InvalidArgument);
}

TYPED_TEST(SinglePassSketchOf, HugeDenormalAndGradedEntries) {
  using T = TypeParam;
  using R = Real<T>;
  const Matrix<T> a = generate<T>("normal 40x25 seed=7");
  const auto times = [&](R factor) {
    Matrix<T> b(a.view());
    for (Index p = 0; p < 1000; ++p) {
      b.data()[p] *= factor;
    }
    return b;
  };
  const SketchedSvd<T> d = sketch_of<T>(a, {.rank = 25}).result(25);
  // Near the largest numbers of the type, and where only a few bits are left.
  constexpr R large = std::numeric_limits<R>::max() / 256,
              small = std::numeric_limits<R>::denorm_min() * 1024;
  for (const R factor : {large, R(1) / large, small}) {
    const Matrix<T> b = times(factor);
    const SketchedSvd<T> e = sketch_of<T>(b, {.rank = 25}).result(25);
    for (std::size_t i = 0; i < 25; ++i) {
      EXPECT_NEAR(double{e.s[i]} / double{factor}, double{d.s[i]}, 2e-3 * double{d.s[0]});
    }
    expect_statements<T>(b, e, "scaled");
  }
  // The small ones first, then the large ones: what was there is nothing beside them.
  SinglePassSketch<T> both(80, 25, {.rank = 25});
  both.add_rows(0, times(small).view());
  both.add_rows(40, times(large).view());
  EXPECT_NEAR(double{both.result(1).s[0]} / double{large}, double{d.s[0]}, 1e-5 * double{d.s[0]});
  both.scale(1.0 / double{large});
  both.scale(1.0 / double{large});
  EXPECT_NEAR(double{both.result(1).s[0]} * double{large}, double{d.s[0]}, 1e-2 * double{d.s[0]});
  // Graded rows: all that is above rounding of the largest.
  Matrix<T> graded(a.view());
  for (Index i = 0; i < 40; ++i) {
    for (Index j = 0; j < 25; ++j) {
      graded(i, j) *= std::ldexp(R(1), static_cast<int>(-i));
    }
  }
  const SketchedSvd<T> g = sketch_of<T>(graded, {.rank = 25}).result(25);
  const std::vector<double> sigma = singular_values(wide<T>(graded.view()), {.threads = 1});
  for (std::size_t i = 0; i < 25; ++i) {
    EXPECT_NEAR(double{g.s[i]}, sigma[i], 1e-11 * sigma[0] + 4 * double{epsilon<T>} * sigma[i]);
  }
  expect_statements<T>(graded, g, "graded");
}

TYPED_TEST(SinglePassSketchOf, NothingIsZero) {
  using T = TypeParam;
  SinglePassSketch<T> zero(30, 20), none(0, 20);
  zero.scale(0.5);
  zero.add_rows(3, Matrix<T>(5, 20).view());
  const SketchedSvd<T> d = zero.result(3);
  EXPECT_EQ(d.s, std::vector<Real<T>>(3, 0));
  EXPECT_EQ(d.left_out_at_most, 0);
  EXPECT_EQ(d.norm_at_most, 0);
  EXPECT_LE(orthogonality_loss<T>(d.U.view()), 1e-3);
  EXPECT_EQ(none.result(5).s.size(), 0U);
  EXPECT_EQ(none.result(5).errors.size(), 1U);
  // Forgotten a thousand times and more, it is there still, in other units.
  SinglePassSketch<T> kept(0, 3, {.rank = 1});
  const Matrix<T> row = Matrix<T>::identity(1, 3);
  for (int i = 0; i < 5000; ++i) {
    kept.scale(0.5);
    kept.append_rows(row.view());
  }
  EXPECT_NEAR(double{kept.result(1).s[0]}, std::sqrt(4.0 / 3), 1e-6);
}

TYPED_TEST(SinglePassSketchOf, WhatIsWrongIsNamedAndChangesNothing) {
  using T = TypeParam;
  Matrix<T> a = generate<T>("normal 20x10 seed=8");
  SinglePassSketch<T> sketch(20, 10, {.rank = 2});
  sketch.add_rows(0, a.view());
  const StreamState before = sketch.state();
  a(7, 4) = T(std::numeric_limits<Real<T>>::quiet_NaN());
  const auto place = [](const auto& call) {
    try {
      call();
    } catch (const NonFinite& error) {
      return std::pair(error.row(), error.column());
    }
    return std::pair<Index, Index>(-1, -1);
  };
  using Place = std::pair<Index, Index>;
  const auto part = a.view().block(5, 0, 10, 10);
  EXPECT_EQ(place([&] { sketch.add_rows(6, part); }), Place(8, 4));
  EXPECT_EQ(place([&] { sketch.append_rows(part); }), Place(22, 4));
  EXPECT_EQ(place([&] { sketch.add_columns(2, a.view().columns(3, 5)); }), Place(7, 3));
  EXPECT_EQ(place([&] { sketch.append_columns(a.view().columns(3, 5)); }), Place(7, 11));
  EXPECT_EQ(place([&] { sketch.change(a.view(), Matrix<T>(10, 10).view()); }), Place(7, 4));
  const SketchEntry<T> entries[] = {{1, 2, T(1)}, {3, 9, a(7, 4)}};
  EXPECT_EQ(place([&] { sketch.add_entries(entries); }), Place(3, 9));
  const SketchEntry<T> outside[] = {{1, 2, T(1)}, {20, 0, T(1)}};
  EXPECT_THROW(sketch.add_entries(outside), InvalidArgument);
  EXPECT_THROW(sketch.add_rows(11, part), InvalidArgument);
  EXPECT_THROW(sketch.add_rows(-1, part), InvalidArgument);
  EXPECT_THROW(sketch.add_rows(0, part.columns(0, 9)), InvalidArgument);
  EXPECT_THROW(sketch.add_columns(1, a.view()), InvalidArgument);
  EXPECT_THROW(sketch.append_columns(part), InvalidArgument);
  EXPECT_THROW(sketch.change(a.view(), a.view()), InvalidArgument);
  EXPECT_THROW(sketch.grow(19, 10), InvalidArgument);
  for (const double factor : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    EXPECT_THROW(sketch.scale(factor), InvalidArgument);
  }
  EXPECT_THROW(static_cast<void>(sketch.result(-1)), InvalidArgument);
  EXPECT_THROW(static_cast<void>(sketch.result(1, 0)), InvalidArgument);
  std::stop_source stop;
  SinglePassSketch<T> stopped(sketch.state(), {.stop = stop.get_token()});
  stop.request_stop();
  EXPECT_THROW(stopped.append_rows(part.block(3, 0, 2, 10)), Cancelled);
  EXPECT_THROW(static_cast<void>(sketch.result(1, 1e-6, stop.get_token())), Cancelled);
  EXPECT_TRUE(same_state(before, stopped.state()));
  EXPECT_TRUE(same_state(before, sketch.state()));
  for (const SketchOptions& bad :
       {SketchOptions{.rank = 0}, SketchOptions{.rank = -3}, SketchOptions{.range = 4},
        SketchOptions{.range = 20, .core = 19}, SketchOptions{.probes = 0},
        SketchOptions{.threads = -1}, SketchOptions{.range = Index{1} << 40}}) {
    EXPECT_THROW(SinglePassSketch<T>(5, 5, bad), InvalidArgument);
  }
  EXPECT_THROW(SinglePassSketch<T>(-1, 5), InvalidArgument);
}

TEST(SinglePassSketch, SumsOfSketchesStayInRangeWhateverTheirUnits) {
  const Matrix<double> a = generate<double>("normal 40x25 seed=7");
  const auto times = [&](int exponent) {
    Matrix<double> b(a.view());
    for (Index p = 0; p < 1000; ++p) {
      b.data()[p] = std::ldexp(b.data()[p], exponent);
    }
    return b;
  };
  SinglePassSketch<double> tiny(40, 25, {.rank = 25}), grown(40, 25, {.rank = 25});
  tiny.add_rows(0, times(-508).view());
  grown.add_rows(0, times(-254).view());
  grown.add_rows(0, a.view());  // in units of 2^-254
  tiny.merge(grown);
  const SketchedSvd<double> d = tiny.result(3);
  const std::vector<double> sigma = singular_values(a, {.threads = 1});
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(d.s[i], sigma[i], 1e-11 * sigma[0]);
  }
  expect_statements<double>(a, d, "merged");
}

TEST(SinglePassSketch, DamagedStatesAreRefused) {
  SinglePassSketch<double> sketch(6, 5, {.rank = 1});
  sketch.add_rows(0, generate<double>("normal 6x5 seed=1").view());
  const StreamState good = sketch.state();
  EXPECT_TRUE(same_state(good, SinglePassSketch<double>(good).state()));
  for (const auto& [name, array] : good.arrays()) {
    EXPECT_THROW(SinglePassSketch<double>(changed(good, name)), InvalidArgument) << name;
    const StreamState::Array odd = Matrix<double>(3, 7);
    EXPECT_THROW(SinglePassSketch<double>(changed(good, name, &odd)), InvalidArgument) << name;
    Matrix<double> vast(1, 1);
    vast(0, 0) = 0x1p40;
    const StreamState::Array number = vast;
    if (name != "came" && name != "terms" && name != "exponent") {
      EXPECT_THROW(SinglePassSketch<double>(changed(good, name, &number)), InvalidArgument) << name;
    }
  }
  EXPECT_THROW(SinglePassSketch<float>{good}, InvalidArgument);
  EXPECT_THROW(SinglePassSketch<std::complex<double>>{good}, InvalidArgument);
}

}  // namespace
}  // namespace eckart
