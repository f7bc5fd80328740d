#include "dense/reduction/bidiagonalize.hpp"

#include <algorithm>
#include <array>

#include "blas/lapack.hpp"
#include "core/crew.hpp"
#include "dense/reduction/bidiagonalize_in_cache.hpp"
#include "dense/reduction/one_pass.hpp"
#include "dense/reduction/reflector.hpp"

namespace eckart::dense {
namespace {

// Pieces of a pass begin at multiples of so many columns: whole lines of N in every type.
constexpr Index column_grain = 16;
// Each has an x of its own, which is to be cleared and summed up.
constexpr Index most_pieces = 16;

// How vectors of `reals` reals and the columns of a pass are cut; by the problem alone.
template <Scalar T>
struct Cuts {
  static Index vector_piece(const BidiagonalizeOptions& options) {
    return padded_reals<T>(std::max<Index>(options.rows, 1));
  }
  static Index vector_pieces(Index reals, const BidiagonalizeOptions& options) {
    const Index piece = vector_piece(options);
    return (reals + piece - 1) / piece;
  }
  // Columns of a piece where `rows` x `cols` are left.
  static Index pass_piece(Index rows, Index cols, const BidiagonalizeOptions& options) {
    const Index by_bytes = options.piece / (rows * static_cast<Index>(sizeof(T)));
    const Index wanted = std::max(by_bytes, (cols + most_pieces - 2) / (most_pieces - 1));
    return (wanted + column_grain - 1) / column_grain * column_grain;
  }
};

// The first column that is left to bidiagonalize_in_cache.
template <Scalar T>
Index blocked_columns(Index m, Index n, const BidiagonalizeOptions& options) {
  Index j = 0;
  while ((j < n) &&
         (static_cast<std::uint64_t>(m - j) * static_cast<std::uint64_t>(n - j) * sizeof(T) >
          options.cache)) {
    j = std::min(j + options.panel, n);
  }
  return j;
}

template <Scalar T>
class Blocked {
  using R = Real<T>;
  static constexpr int k_parts = parts<T>;

 public:
  static MemoryPlan memory(Index m, Index n, const BidiagonalizeOptions& options) {
    const Index width = std::min(options.panel, n), m_reals = padded_reals<T>(m);
    const Index n_reals = padded_reals<T>(n);
    return MemoryPlan::all_of(
        "panels", {MemoryPlan::block<R>("M", stride(m), 2 * width),
                   MemoryPlan::block<R>("N", stride(n), 2 * width),
                   MemoryPlan::block<R>("x of every piece", most_pieces * k_parts, m_reals),
                   MemoryPlan::block<R>("column and v", 1 + k_parts, m_reals),
                   MemoryPlan::block<R>("w", k_parts, n_reals),
                   MemoryPlan::block<R>("products with M and N", 2 * k_parts, m_reals),
                   MemoryPlan::block<R>("y and r", 2 * k_parts, coefficients(n)),
                   MemoryPlan::block<T>("coefficients", 4, 2 * width),
                   MemoryPlan::block<T>("sums of pieces", Cuts<T>::vector_pieces(m_reals, options),
                                        2 * width)});
  }

  Blocked(const Execution& execution, const Bidiagonal<T>& b, const BidiagonalizeOptions& options,
          Workspace& work)
      : execution_(execution),
        b_(b),
        options_(options),
        phases_(one_pass_phases<T>(options.processor)),
        crew_(execution),
        width_(std::min(options.panel, b.a.cols())) {
    const Index m = b.a.rows(), n = b.a.cols();
    m_reals_ = padded_reals<T>(m);
    n_reals_ = padded_reals<T>(n);
    const auto zeros = [&](Index count) {
      const std::span<R> block = work.take<R>(count);
      std::fill(block.begin(), block.end(), R{});
      return block.data();
    };
    p_.a = {real_pointer(b.a.data()), (n > 1 ? b.a.col_stride() : m) * k_parts};
    p_.m = m;
    p_.n = n;
    p_.mm = {zeros(stride(m) * 2 * width_), stride(m)};
    p_.nn = {zeros(stride(n) * 2 * width_), stride(n)};
    p_.x_reals = m_reals_;
    p_.x = zeros(most_pieces * k_parts * m_reals_);
    p_.column = zeros((1 + k_parts) * m_reals_);
    R* const of_n = zeros(k_parts * n_reals_);
    R* const products = zeros(2 * m_reals_ * k_parts);
    for (int k = 0; k < k_parts; ++k) {
      p_.v[k] = p_.column + (1 + k) * m_reals_;
      p_.w[k] = of_n + k * n_reals_;
      p_.product[0][k] = products + k * m_reals_;
      p_.product[1][k] = products + (k_parts + k) * m_reals_;
    }
    R* const planars = zeros(2 * coefficients(n) * k_parts);
    p_.y = {planars, coefficients(n)};
    p_.r = {planars + k_parts * coefficients(n), coefficients(n)};
    T* const of_panel = work.take<T>(8 * width_).data();
    p_.s = of_panel;
    p_.row_of_m = of_panel + 2 * width_;
    p_.t = of_panel + 4 * width_;
    p_.row_of_n = of_panel + 6 * width_;
    sums_ = work.take<T>(Cuts<T>::vector_pieces(m_reals_, options) * 2 * width_).data();
  }

  // Reduces the first `count` columns and rows.
  void run(Index count) {
    for (Index j = 0; j < count; j += width_) {
      execution_.step("bidiagonalize", static_cast<double>(j) / static_cast<double>(p_.n));
      const Index width = std::min(width_, count - j);
      p_.done = 0;
      for (Index i = j; i < j + width; ++i) {
        p_.i = i;
        make_left();
        if (i + 1 < p_.n) {
          make_right();
        }
      }
      update(j, width);
    }
  }

 private:
  static R* real_pointer(T* entries) { return reinterpret_cast<R*>(entries); }
  // An odd number of lines: columns a power of two apart would compete for the same places in the cache.
  static Index stride(Index n) { return (padded_reals<T>(n) / line<T> | 1) * line<T>; }
  static Index coefficients(Index n) { return padded_reals<R>(n); }

  // Runs body(first, last, piece) on the pieces of the reals [first, last) of a vector.
  template <class Body>
  Index share_vector(Index first, Index last, const Body& body) {
    const Index piece = Cuts<T>::vector_piece(options_);
    const Index pieces = Cuts<T>::vector_pieces(last - first, options_);
    crew_.run(pieces, [&](Index task) {
      const Index from = first + task * piece;
      body(from, std::min(from + piece, last), task);
    });
    return pieces;
  }

  // out <- the sum of the first `count` sums of every piece.
  void add_up(Index pieces, Index count, T* out) const {
    std::copy_n(sums_, count, out);
    for (Index piece = 1; piece < pieces; ++piece) {
      for (Index l = 0; l < count; ++l) {
        out[l] += sums_[piece * 2 * width_ + l];
      }
    }
  }

  // out <- the first `count` entries of row i of M or N, conjugated.
  static void conjugated_row(const Columns<R>& of, Index i, Index count, T* out) {
    for (Index l = 0; l < count; ++l) {
      out[l] = conjugate<T>(entry_of<T>(of.col(l), i));
    }
  }

  // 1. and 2.
  void make_left() {
    const auto at = static_cast<std::size_t>(p_.i);
    const Index first = line_of<T>(p_.i);
    Index pieces = share_vector(first, m_reals_, [&](Index from, Index to, Index piece) {
      sums_[piece] = T(phases_.column(p_, from, to, true));
    });
    T total{};
    for (Index piece = 0; piece < pieces; ++piece) {
      total += sums_[piece];
    }
    R square = real_part(total);
    const R scale = make_safe<T, 1>(
        p_.alpha, square, {std::span(p_.v[0] + first, static_cast<std::size_t>(m_reals_ - first))});
    const Reflector<T> left = make_reflector<T>(p_.alpha, square);
    b_.d[at] = left.beta / scale;
    b_.tau_q[at] = left.tau;
    p_.left_scale = left.scale;
    p_.left_tau = left.tau;
    conjugated_row(p_.mm, p_.i, p_.done, p_.row_of_m);
    pieces = share_vector(first, m_reals_, [&](Index from, Index to, Index piece) {
      phases_.left(p_, from, to, sums_ + piece * 2 * width_);
    });
    add_up(pieces, p_.done, p_.s);
  }

  // 3. to 5.
  void make_right() {
    const Index i = p_.i, n = p_.n, head = i + 1;
    const auto at = static_cast<std::size_t>(i);
    const Index start = head / column_grain * column_grain;
    const Index width = Cuts<T>::pass_piece(p_.m - i, n - start, options_);
    p_.x_pieces = (n - start + width - 1) / width;
    std::array<R, most_pieces> squares{};
    crew_.run(p_.x_pieces, [&](Index piece) {
      const Index from = start + piece * width;
      squares[static_cast<std::size_t>(piece)] =
          phases_.pass(p_, std::max(from, head), std::min(from + width, n), piece);
    });
    R square{};
    for (const R of_piece : squares) {
      square += of_piece;
    }
    T alpha = entry_of<T>(p_.r, head);
    std::array<std::span<R>, std::size_t{k_parts}> row;
    for (int k = 0; k < k_parts; ++k) {
      row[static_cast<std::size_t>(k)] = {p_.r.part(k) + head + 1,
                                          static_cast<std::size_t>(n - head - 1)};
    }
    const R scale = make_safe<T, k_parts>(alpha, square, row);
    const Reflector<T> right = make_reflector<T>(alpha, square);
    b_.e[at] = right.beta / scale;
    b_.tau_p[at] = right.tau;
    p_.right_scale = right.scale;
    p_.of_x = times<T>(right.tau, right.scale);
    p_.of_head = -p_.of_x * right.beta;
    p_.of_product = -right.tau;
    if (scale != 1) [[unlikely]] {
      multiply_again(p_);
      p_.of_x = right.tau;
      p_.of_head = T{};
    }
    const Index pieces =
        share_vector(line_of<T>(head), n_reals_, [&](Index from, Index to, Index piece) {
          phases_.right(p_, from, to, sums_ + piece * 2 * width_);
        });
    add_up(pieces, p_.done + 1, p_.t);
    conjugated_row(p_.nn, head, p_.done + 1, p_.row_of_n);
    p_.done += 2;
  }

  // 6. The rest of A, and the rows that stayed as they were.
  void update(Index j, Index width) {
    const Index end = j + width;
    if (end < p_.n) {
      p_.i = end;
      share_vector(line_of<T>(end), m_reals_, [&](Index from, Index to, Index) {
        static_cast<void>(phases_.column(p_, from, to, false));
      });
      const auto of_panel = [&](const Columns<R>& from, Index rows) {
        return MatrixView<const T>(reinterpret_cast<const T*>(from.data) + end, rows, 2 * width, 1,
                                   from.stride / k_parts);
      };
      blas::gemm<T>(execution_, blas::Op::none, blas::Op::adjoint, T(-1),
                    of_panel(p_.mm, p_.m - end), of_panel(p_.nn, p_.n - end), T(1),
                    b_.a.block(end, end, p_.m - end, p_.n - end));
    }
    for (Index l = j; l < p_.n; ++l) {
      for (Index i = j; i < std::min(end, l - 1); ++i) {
        b_.a(i, l) = conjugate<T>(entry_of<T>(p_.nn.col(2 * (i - j) + 1), l));
      }
    }
    for (Index i = j; i < end; ++i) {
      b_.a(i, i) = T(b_.d[static_cast<std::size_t>(i)]);
      if (i + 1 < p_.n) {
        b_.a(i, i + 1) = T(b_.e[static_cast<std::size_t>(i)]);
      } else {
        b_.tau_p[static_cast<std::size_t>(i)] = T{};
      }
    }
  }

  const Execution& execution_;
  Bidiagonal<T> b_;
  const BidiagonalizeOptions& options_;
  OnePassPhases<T> phases_;
  Crew crew_;
  Index width_, m_reals_ = 0, n_reals_ = 0;
  OnePass<T> p_{};
  T* sums_ = nullptr;
};

}  // namespace

template <Scalar T>
MemoryPlan bidiagonalize_memory(Index m, Index n, const BidiagonalizeOptions& options) {
  const Index j = blocked_columns<T>(m, n, options);
  const MemoryPlan nothing;
  return MemoryPlan::any_of("bidiagonal reduction",
                            {j > 0 ? Blocked<T>::memory(m, n, options) : nothing,
                             j < n ? bidiagonalize_in_cache_memory<T>(m - j, n - j) : nothing});
}

template <Scalar T>
void bidiagonalize(const Execution& execution, Bidiagonal<T> b, const BidiagonalizeOptions& options,
                   Workspace& work) {
  const Index m = b.a.rows(), n = b.a.cols(), j = blocked_columns<T>(m, n, options);
  if (j > 0) {
    const Workspace::Frame frame(work);
    Blocked<T>(execution, b, options, work).run(j);
  }
  if (j < n) {
    execution.step("bidiagonalize", static_cast<double>(j) / static_cast<double>(n));
    const auto rest = [j](auto span) { return span.subspan(static_cast<std::size_t>(j)); };
    bidiagonalize_in_cache<T>(
        {b.a.block(j, j, m - j, n - j), rest(b.d), rest(b.e), rest(b.tau_q), rest(b.tau_p)}, work,
        options.processor);
  }
}

template <Scalar T>
MemoryPlan bidiagonalize_lapack_memory(Index m, Index n, Index panel) {
  const Index width = std::min(panel, n);
  return MemoryPlan::any_of("bidiagonal reduction",
                            {MemoryPlan::all_of("panel", {MemoryPlan::block<T>("X", m * width),
                                                          MemoryPlan::block<T>("Y", n * width)}),
                             MemoryPlan::block<T>("last columns", std::max(m, n))});
}

template <Scalar T>
void bidiagonalize_lapack(const Execution& execution, Bidiagonal<T> b, Index panel,
                          Workspace& work) {
  const MatrixView<T> a = b.a;
  const Index m = a.rows(), n = a.cols(), width = std::min(panel, n);
  const auto part = [](auto span, Index first, Index count) {
    return span.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
  };

  Index j = 0;
  {
    const Workspace::Frame frame(work);
    const MatrixView<T> x_storage(work.take<T>(m * width).data(), m, width);
    const MatrixView<T> y_storage(work.take<T>(n * width).data(), n, width);
    for (; n - j > 2 * width; j += width) {
      execution.step("bidiagonalize", static_cast<double>(j) / static_cast<double>(n));
      const MatrixView<T> rest = a.block(j, j, m - j, n - j);
      const MatrixView<T> x = x_storage.block(0, 0, m - j, width);
      const MatrixView<T> y = y_storage.block(0, 0, n - j, width);
      blas::labrd<T>(rest, width, part(b.d, j, width), part(b.e, j, width), part(b.tau_q, j, width),
                     part(b.tau_p, j, width), x, y);

      const Index below = m - j - width, right = n - j - width;
      const MatrixView<T> a22 = rest.block(width, width, below, right);
      const MatrixView<T> v2 = rest.block(width, 0, below, width),
                          y2 = y.block(width, 0, right, width);
      const MatrixView<T> x2 = x.block(width, 0, below, width),
                          u2 = rest.block(0, width, width, right);
      blas::gemm<T>(execution, blas::Op::none, blas::Op::adjoint, T(-1), v2, y2, T(1), a22);
      blas::gemm<T>(execution, blas::Op::none, blas::Op::none, T(-1), x2, u2, T(1), a22);

      // The panel left the ones of its reflectors where B's entries belong.
      for (Index i = j; i < j + width; ++i) {
        a(i, i) = T(b.d[static_cast<std::size_t>(i)]);
        a(i, i + 1) = T(b.e[static_cast<std::size_t>(i)]);
      }
    }
  }
  const Workspace::Frame frame(work);
  blas::gebd2<T>(a.block(j, j, m - j, n - j), part(b.d, j, n - j), part(b.e, j, n - j - 1),
                 part(b.tau_q, j, n - j), part(b.tau_p, j, n - j), work.take<T>(std::max(m, n)));
}

#define ECKART_INSTANTIATE(T)                                                                  \
  template MemoryPlan bidiagonalize_memory<T>(Index, Index, const BidiagonalizeOptions&);      \
  template void bidiagonalize<T>(const Execution&, Bidiagonal<T>, const BidiagonalizeOptions&, \
                                 Workspace&);                                                  \
  template MemoryPlan bidiagonalize_lapack_memory<T>(Index, Index, Index);                     \
  template void bidiagonalize_lapack<T>(const Execution&, Bidiagonal<T>, Index, Workspace&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart::dense
