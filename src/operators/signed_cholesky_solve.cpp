// Solves of signed_cholesky.hpp: there, R^H y = b, and back, R x = S y.

#include <algorithm>
#include <complex>

#include "core/simd.hpp"
#include "operators/signed_cholesky.hpp"

namespace eckart {
namespace {

constexpr Index vectors_at_once = 8;
// Columns of a block that are read together, so that what is fetched for one serves all.
constexpr std::size_t columns_at_once = 4;

template <class W>
constexpr Index reals = ComplexScalar<W> ? 2 : 1;

/// A supernode, and its signs.
template <class W>
struct SuperBlock {
  const W* values;
  const Index* columns;
  const double* signs;
  Index width, count, first;
};

// Row i of the packed vectors: the real parts of eight, then the imaginary ones.
template <class W>
[[gnu::always_inline]] inline double* row(double* x, Index i) noexcept {
  return x + i * vectors_at_once * reals<W>;
}

// A row in registers.
template <class W, int bytes>
struct Row {
  static constexpr std::size_t packs = 64 / bytes;
  static constexpr std::size_t parts = ComplexScalar<W> ? 2 : 1;
  Pack<double, bytes> part[parts][packs];

  [[gnu::always_inline]] static Index place(std::size_t r, std::size_t p) noexcept {
    return static_cast<Index>(r) * vectors_at_once + static_cast<Index>(p) * lanes<double, bytes>;
  }
  [[gnu::always_inline]] void load_from(const double* x) noexcept {
    for (std::size_t r = 0; r < parts; ++r) {
      for (std::size_t p = 0; p < packs; ++p) {
        part[r][p] = load<bytes>(x + place(r, p));
      }
    }
  }
  [[gnu::always_inline]] void store_to(double* x) const noexcept {
    for (std::size_t r = 0; r < parts; ++r) {
      for (std::size_t p = 0; p < packs; ++p) {
        store(x + place(r, p), part[r][p]);
      }
    }
  }
  [[gnu::always_inline]] void scale(double factor) noexcept {
    for (std::size_t r = 0; r < parts; ++r) {
      for (std::size_t p = 0; p < packs; ++p) {
        part[r][p] *= factor;
      }
    }
  }
  // - a y, or - conj(a) y
  template <bool conjugated>
  [[gnu::always_inline]] void subtract(const W& a, const Row& y) noexcept {
    for (std::size_t p = 0; p < packs; ++p) {
      if constexpr (ComplexScalar<W>) {
        const double re = a.real(), im = conjugated ? -a.imag() : a.imag();
        part[0][p] -= re * y.part[0][p] - im * y.part[1][p];
        part[1][p] -= re * y.part[1][p] + im * y.part[0][p];
      } else {
        part[0][p] -= a * y.part[0][p];
      }
    }
  }
};

// Way::columns for all columns of a supernode behind its triangle, as many together as there are.
template <class Way, int bytes, class W>
[[gnu::always_inline]] inline void every_column(const SuperBlock<W>& s, double* own,
                                                double* x) noexcept {
  constexpr auto group = static_cast<Index>(columns_at_once);
  Index c = s.width;
  for (; c + group <= s.count; c += group) {
    Way::template columns<bytes, columns_at_once>(s, c, own, x);
  }
  for (; c < s.count; ++c) {
    Way::template columns<bytes, 1>(s, c, own, x);
  }
}

// x_s <- R_ss^-H x_s, and what that means for the rows behind.
struct There {
  template <int bytes, class W>
  [[gnu::always_inline]] static void run(const SuperBlock<W>& s, double* x) noexcept {
    using V = Row<W, bytes>;
    double* const own = row<W>(x, s.first);
    for (Index i = 0; i < s.width; ++i) {
      V sum;
      sum.load_from(row<W>(own, i));
      for (Index j = 0; j < i; ++j) {
        V y;
        y.load_from(row<W>(own, j));
        sum.template subtract<true>(s.values[j + i * s.width], y);
      }
      sum.scale(1 / std::real(s.values[i + i * s.width]));
      sum.store_to(row<W>(own, i));
    }
    every_column<There, bytes>(s, own, x);
  }
  template <int bytes, std::size_t count, class W>
  [[gnu::always_inline]] static void columns(const SuperBlock<W>& s, Index c, const double* own,
                                             double* x) noexcept {
    Row<W, bytes> sum[count];
    for (std::size_t i = 0; i < count; ++i) {
      sum[i].load_from(row<W>(x, s.columns[c + static_cast<Index>(i)]));
    }
    const W* const a = s.values + c * s.width;
    for (Index j = 0; j < s.width; ++j) {
      Row<W, bytes> y;
      y.load_from(own + j * vectors_at_once * reals<W>);
      for (std::size_t i = 0; i < count; ++i) {
        sum[i].template subtract<true>(a[j + static_cast<Index>(i) * s.width], y);
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      sum[i].store_to(row<W>(x, s.columns[c + static_cast<Index>(i)]));
    }
  }
};

// x_s <- R_ss^-1 (S_s x_s - R_s x).
struct Back {
  template <int bytes, class W>
  [[gnu::always_inline]] static void run(const SuperBlock<W>& s, double* x) noexcept {
    using V = Row<W, bytes>;
    double* const own = row<W>(x, s.first);
    for (Index j = 0; j < s.width; ++j) {
      V y;
      y.load_from(row<W>(own, j));
      y.scale(s.signs[j]);
      y.store_to(row<W>(own, j));
    }
    every_column<Back, bytes>(s, own, x);
    for (Index i = s.width - 1; i >= 0; --i) {
      V y;
      y.load_from(row<W>(own, i));
      y.scale(1 / std::real(s.values[i + i * s.width]));
      y.store_to(row<W>(own, i));
      for (Index j = 0; j < i; ++j) {
        V sum;
        sum.load_from(row<W>(own, j));
        sum.template subtract<false>(s.values[j + i * s.width], y);
        sum.store_to(row<W>(own, j));
      }
    }
  }
  template <int bytes, std::size_t count, class W>
  [[gnu::always_inline]] static void columns(const SuperBlock<W>& s, Index c, double* own,
                                             double* x) noexcept {
    Row<W, bytes> y[count];
    for (std::size_t i = 0; i < count; ++i) {
      y[i].load_from(row<W>(x, s.columns[c + static_cast<Index>(i)]));
    }
    const W* const a = s.values + c * s.width;
    for (Index j = 0; j < s.width; ++j) {
      Row<W, bytes> sum;
      sum.load_from(row<W>(own, j));
      for (std::size_t i = 0; i < count; ++i) {
        sum.template subtract<false>(a[j + static_cast<Index>(i) * s.width], y[i]);
      }
      sum.store_to(row<W>(own, j));
    }
  }
};

}  // namespace

template <class W>
void SignedCholesky<W>::run(MatrixView<W> x, bool goes_there, bool comes_back) const {
  const Supernodes& shape = *shape_;
  const Index n = shape.rows(), count = shape.count();
  const auto there = compiled<There, void(const SuperBlock<W>&, double*)>();
  const auto back = compiled<Back, void(const SuperBlock<W>&, double*)>();
  const auto block_of = [&](Index s) {
    const std::span<const Index> columns = shape.columns_of(s);
    const Index first = shape.first[static_cast<std::size_t>(s)];
    return SuperBlock<W>{block(s),
                         columns.data(),
                         signs_.data() + first,
                         shape.width(s),
                         static_cast<Index>(columns.size()),
                         first};
  };
  std::vector<double> packed(static_cast<std::size_t>(n * vectors_at_once * reals<W>));
  for (Index from = 0; from < x.cols(); from += vectors_at_once) {
    const Index b = std::min(vectors_at_once, x.cols() - from);
    // Vectors that R is not applied to on this side are in the order of R already.
    const auto move_row = [&](Index i, bool in_order_of_h, const auto& move) {
      const Index place = in_order_of_h ? shape.place[static_cast<std::size_t>(i)] : i;
      double* const to = row<W>(packed.data(), place);
      for (Index j = 0; j < b; ++j) {
        move(x(i, from + j), to + j);
      }
    };
    std::ranges::fill(packed, 0);
    for (Index i = 0; i < n; ++i) {
      move_row(i, goes_there, [](const W& v, double* to) {
        to[0] = std::real(v);
        if constexpr (ComplexScalar<W>) {
          to[vectors_at_once] = std::imag(v);
        }
      });
    }
    for (Index s = 0; goes_there && s < count; ++s) {
      there(block_of(s), packed.data());
    }
    for (Index s = count - 1; comes_back && s >= 0; --s) {
      back(block_of(s), packed.data());
    }
    for (Index i = 0; i < n; ++i) {
      move_row(i, comes_back, [](W& v, const double* to) {
        if constexpr (ComplexScalar<W>) {
          v = W(to[0], to[vectors_at_once]);
        } else {
          v = to[0];
        }
      });
    }
  }
}

#define ECKART_INSTANTIATE(W) template void SignedCholesky<W>::run(MatrixView<W>, bool, bool) const;
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
