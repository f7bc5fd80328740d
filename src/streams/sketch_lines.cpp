// Rows and columns into a single-pass sketch:  X = Upsilon A,  Y = A Omega^T,  Z = Phi A Psi^T,  W = Theta A        (the header has the method)
//
//   Rows a_i, 64 at a time, i = first, first + 1, ...; upsilon_i, phi_i, theta_i the columns of their test matrices, omega_j, psi_j the
//   others':
//   1. x_j += upsilon_i a_ij and w_j += theta_i a_ij,  a column j after the other, its rows in order
//   2. y_i += sum_j a_ij omega_j,  t_i = sum_j a_ij psi_j,  a row after the other
//   3. Z += phi_i t_i^T
//   Columns are the same with sides exchanged, but for w_j. Every sum is made in the order of what it sums, so neither threads, which
//   share columns in 1 and rows in 2, nor how rows are cut into calls change a bit.

#include <algorithm>

#include "streams/gathered_terms.hpp"
#include "streams/rows.hpp"
#include "streams/sketch_inner.hpp"

namespace eckart {
namespace {

using streams::add_multiple;
using streams::add_signed;
using streams::col_side;
using streams::row_side;
using streams::SideMatrices;
using streams::SignTable;
using streams::sparse_signs;
using streams::SparseSigns;
using streams::Wide;

// Lines, rows or columns, that are taken at a time: enough for a column of X to stay where it is meanwhile.
constexpr Index lines_together = 64;
// Numbers of a line that one thread takes at a time; fewer are not worth it.
constexpr Index swept_together = 1024;
/// Columns [0, count) of both.
void extend(SignTable& table, Index count, const SideMatrices& side, const SketchOptions& options,
            const Execution& how) {
  const auto before = static_cast<Index>(table.core.size());
  if (count <= before) {
    return;
  }
  table.range.resize(static_cast<std::size_t>(count));
  table.core.resize(static_cast<std::size_t>(count));
  parallel_for(how, (count - before + swept_together - 1) / swept_together, [&](Index part) {
    const Index first = before + part * swept_together;
    for (Index j = first; j < std::min(count, first + swept_together); ++j) {
      const auto at = static_cast<std::size_t>(j);
      table.range[at] = sparse_signs(options.seed, side.range, j, options.range);
      table.core[at] = sparse_signs(options.seed, side.core, j, options.core);
    }
  });
}

/// Entries of lines in the units of the sketches.
template <Scalar T>
class ScaledLines {
 public:
  ScaledLines(MatrixView<const T> lines, std::int64_t exponent, double weight)
      : lines_(lines),
        // In two factors: a power of two that takes a denormal number to 1 is out of range.
        first_(streams::times_power(1, exponent / 2)),
        second_(streams::times_power(1, exponent - exponent / 2) / weight) {}

  [[nodiscard]] Wide<T> operator()(Index i, Index j) const noexcept {
    return static_cast<Wide<T>>(lines_(i, j)) * first_ * second_;
  }

 private:
  MatrixView<const T> lines_;
  double first_, second_;
};

}  // namespace

/// A row of Z, or a column, gets `line`, as p says.
template <Scalar T>
void SinglePassSketch<T>::Inner::add_core_line(bool is_row, streams::SignedPlace p,
                                               const W* line) noexcept {
  const auto at = static_cast<Index>(streams::place_of(p));
  const W sign = streams::turned(W{1})[streams::turn_of(p)];
  if (is_row) {
    add_multiple<W>(sign, line, z.view().col(at), options.core);
    return;
  }
  for (Index l = 0; l < options.core; ++l) {
    z(at, l) += sign * line[l];
  }
}

template <Scalar T>
void SinglePassSketch<T>::Inner::add_lines(bool are_rows, Index first, MatrixView<const T> lines) {
  const Execution how = execution();
  how.check_stop();
  const Index n = lines.cols(), q = options.probes, s = options.core, behind = first + lines.rows();
  SignTable& table = are_rows ? of_cols : of_rows;
  extend(table, n, are_rows ? col_side : row_side, options, how);
  const SideMatrices& own = are_rows ? row_side : col_side;
  Matrix<W> line(n, 1), cores(s, lines_together),
      tests(q, are_rows ? lines_together : swept_together);
  std::vector<SparseSigns> ranges(lines_together), places(lines_together);
  streams::LongSketch<W>&swept = are_rows ? x : y, &along = are_rows ? y : x;
  along.reserve(behind);
  if (!are_rows) {
    w.reserve(behind);
    w.set_count(behind);
  }
  along.set_count(behind);  // from here on nothing throws

  const auto take = [&](Index begin, Index end) {
    const ScaledLines<T> values(lines, exponent, weight);
    const Index count = end - begin;
    const auto share = [&](Index parts, const auto& body) {
      if (count * n < swept_together * lines_together / 2) {
        for (Index part = 0; part < parts; ++part) {
          body(part);
        }
      } else {
        parallel_for(how, parts, body);
      }
    };
    const Index tiles = (n + swept_together - 1) / swept_together;
    for (Index i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const Index number = first + begin + i;
      ranges[at] = sparse_signs(options.seed, own.range, number, options.range);
      places[at] = sparse_signs(options.seed, own.core, number, s);
      if (are_rows) {
        streams::put_normal<W>(options.seed, number,
                               {tests.view().col(i), static_cast<std::size_t>(q)});
      }
    }
    // 1.
    share(tiles, [&](Index tile) {
      for (Index j = tile * swept_together; j < std::min(n, (tile + 1) * swept_together); ++j) {
        W* const sums = swept.col(j);
        W* const test = are_rows ? w.col(j) : nullptr;
        for (Index i = 0; i < count; ++i) {
          const W value = values(begin + i, j);
          if (value == W{}) {
            continue;
          }
          add_signed(sums, ranges[static_cast<std::size_t>(i)], value);
          if (are_rows) {
            add_multiple<W>(value, tests.view().col(i), test, q);
          }
        }
      }
    });
    // 2.
    share(count, [&](Index i) {
      W* const sums = along.col(first + begin + i);
      W* const core = cores.view().col(i);
      std::fill_n(core, s, W{});
      for (Index j = 0; j < n; ++j) {
        const W value = values(begin + i, j);
        if (value == W{}) {
          continue;
        }
        const auto at = static_cast<std::size_t>(j);
        add_signed(sums, table.range[at], value);
        add_signed(core, table.core[at], value);
      }
    });
    for (Index tile = 0; tile < (are_rows ? 0 : tiles); ++tile) {
      const Index from = tile * swept_together, to = std::min(n, from + swept_together);
      share(to - from, [&](Index i) {
        streams::put_normal<W>(options.seed, from + i,
                               {tests.view().col(i), static_cast<std::size_t>(q)});
      });
      share(count, [&](Index c) {
        for (Index i = from; i < to; ++i) {
          add_multiple<W>(values(begin + c, i), tests.view().col(i - from),
                          w.col(first + begin + c), q);
        }
      });
    }
    // 3.
    for (Index i = 0; i < count; ++i) {
      for (const streams::SignedPlace p : places[static_cast<std::size_t>(i)]) {
        add_core_line(are_rows, p, cores.view().col(i));
      }
    }
  };

  const MatrixView<const T> turned_lines = lines.transposed();
  for (Index begin = 0; begin < lines.rows();) {
    Index end = begin;
    for (; end < std::min(lines.rows(), begin + lines_together); ++end) {
      const auto [binary, length] =
          streams::put_scaled<T>(turned_lines.columns(end, 1), false, line.view());
      if (length == 0) {
        continue;
      }
      if (!fits(binary)) {
        if (end > begin) {
          break;  // what came before is taken in the units that it was counted in
        }
        fit(binary);
      }
      count(binary, length, 1);
    }
    take(begin, end);
    begin = end;
  }
}

#define ECKART_INSTANTIATE(T)                                                         \
  template void SinglePassSketch<T>::Inner::add_core_line(bool, streams::SignedPlace, \
                                                          const W*) noexcept;         \
  template void SinglePassSketch<T>::Inner::add_lines(bool, Index, MatrixView<const T>);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)

}  // namespace eckart
