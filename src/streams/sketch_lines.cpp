// Rows and columns into a single-pass sketch:  X = Upsilon A,  Y = A Omega^T,  Z = Phi A Psi^T,  W = Theta A        (the header has the method)
//
//   Rows a_i, 64 at a time, i = first, first + 1, ...; upsilon_i, phi_i, theta_i the columns of their test matrices, omega_j, psi_j the
//   others':
//   1. x_j += upsilon_i a_ij and w_j += theta_i a_ij,  a column j after the other, its rows in order
//   2. y_i += sum_j a_ij omega_j,  t_i = sum_j a_ij psi_j,  a row after the other
//   3. Z += phi_i t_i^T
//   Columns are the same with sides exchanged, but for w_j. Every sum is made in the order of what it sums, so neither threads, which
//   share columns in 1 and rows in 2, nor how rows are cut into calls change a bit.
//
// Both are done on vectors (sign_kernels.hpp): in 1 the sums of 128 columns stand side by side, and a row is added to eight of their rows;
// in 2 those of 32 rows.

#include <algorithm>
#include <mutex>

#include "streams/gathered_terms.hpp"
#include "streams/rows.hpp"
#include "streams/sign_kernels.hpp"
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

// Lines, rows or columns, that are taken at a time, those of them whose sums stand side by side, and so many numbers of a line: what is
// worked on stays in the first levels of cache.
constexpr Index lines_together = 128, lines_beside = 32, beside = 128, swept_together = 256;
// Fewer lines are added to X number by number: placing its columns side by side would cost more.
constexpr Index few = 8;
// Entries that are worth a second thread.
constexpr Index worth_sharing = Index{1} << 15;

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

/// Vectors of numbers that belong together, `rows` of them, real parts before imaginary ones; what is beyond `used` is 0.
template <class W>
class BesideEachOther {
 public:
  static constexpr Index planes = ComplexScalar<W> ? 2 : 1;

  BesideEachOther(double*& memory, Index rows, Index used)
      : length_(length_for(used)), data_(memory) {
    memory += rows * planes * length_;
    std::fill_n(data_, rows * planes * length_, 0.0);
  }
  [[nodiscard]] static Index length_for(Index used) noexcept {
    return (used + streams::vector_unit - 1) / streams::vector_unit * streams::vector_unit;
  }
  void set(Index row, Index at, const W& x) noexcept {
    double* const to = data_ + row * planes * length_ + at;
    to[0] = std::real(x);
    if constexpr (planes == 2) {
      to[length_] = std::imag(x);
    }
  }
  [[nodiscard]] W get(Index row, Index at) const noexcept {
    const double* const from = data_ + row * planes * length_ + at;
    if constexpr (planes == 2) {
      return {from[0], from[length_]};
    } else {
      return from[0];
    }
  }
  /// The numbers at one place of all vectors, from a column or to it.
  void put(Index at, const W* column, Index rows) noexcept {
    for (Index p = 0; p < rows; ++p) {
      set(p, at, column[p]);
    }
  }
  void take(Index at, W* column, Index rows) const noexcept {
    for (Index p = 0; p < rows; ++p) {
      column[p] = get(p, at);
    }
  }
  [[nodiscard]] double* data() const noexcept { return data_; }
  [[nodiscard]] Index length() const noexcept { return length_; }

 private:
  Index length_;
  double* data_;
};

/// Memory for every thread, taken before anything is changed.
class Scratch {
 public:
  Scratch(int threads, Index size) {
    for (int i = 0; i < threads; ++i) {
      all_.emplace_back(static_cast<std::size_t>(size));
      free_.push_back(all_.back().data());
    }
  }
  template <class Body>
  void use(const Body& body) {
    double* mine = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      mine = free_.back();
      free_.pop_back();
    }
    body(mine);
    const std::scoped_lock lock(mutex_);
    free_.push_back(mine);
  }

 private:
  std::mutex mutex_;
  std::vector<std::vector<double>> all_;
  std::vector<double*> free_;
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
      tests(q, std::max(lines_together, swept_together));
  const Index r = options.range;
  constexpr Index planes = BesideEachOther<W>::planes;
  const int threads = lines.rows() * n < worth_sharing ? 1 : how.thread_count();
  const Index on_columns = (lines_together + r + q) * beside,
              on_lines = (swept_together + r + s + q) * lines_beside;
  Scratch scratch(threads, planes * std::max(on_columns, on_lines));
  const auto signed_sums = streams::add_signed_vectors();
  const auto multiples = streams::add_multiples();
  std::vector<SparseSigns> ranges(lines_together), places(lines_together);
  streams::LongSketch<W>&swept = are_rows ? x : y, &along = are_rows ? y : x;
  along.reserve(behind);
  if (!are_rows) {
    w.reserve(behind);
    w.set_count(behind);
  }
  along.set_count(behind);  // from here on nothing throws
  meet(are_rows, first, behind);

  const auto take = [&](Index begin, Index end) {
    const ScaledLines<T> values(lines, exponent, weight);
    const Index count = end - begin;
    const auto share = [&](Index parts, const auto& body) {
      parallel_for(threads == 1 ? Execution{.threads = 1, .stop = {}, .progress = {}} : how, parts,
                   body);
    };
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
    share((n + beside - 1) / beside, [&](Index tile) {
      const Index from = tile * beside, used = std::min(beside, n - from);
      scratch.use([&](double* memory) {
        BesideEachOther<W> rows(memory, count, used), sums(memory, r, used), test(memory, q, used);
        for (Index i = 0; i < count; ++i) {
          for (Index l = 0; l < used; ++l) {
            rows.set(i, l, values(begin + i, from + l));
          }
        }
        if (count < few) {
          for (Index l = 0; l < used; ++l) {
            for (Index i = 0; i < count; ++i) {
              add_signed(swept.col(from + l), ranges[static_cast<std::size_t>(i)], rows.get(i, l));
            }
          }
        } else {
          for (Index l = 0; l < used; ++l) {
            sums.put(l, swept.col(from + l), r);
          }
          signed_sums(ranges.data(), count, rows.data(), sums.data(), rows.length(), planes);
          for (Index l = 0; l < used; ++l) {
            sums.take(l, swept.col(from + l), r);
          }
        }
        for (Index l = 0; are_rows && l < used; ++l) {
          test.put(l, w.col(from + l), q);
        }
        if (are_rows) {
          multiples(reinterpret_cast<const double*>(tests.data()), q, count, rows.data(),
                    test.data(), rows.length(), planes);
        }
        for (Index l = 0; are_rows && l < used; ++l) {
          test.take(l, w.col(from + l), q);
        }
      });
    });
    // 2.
    const Index groups = (count + lines_beside - 1) / lines_beside;
    const auto fill = [&](BesideEachOther<W>& columns, Index from, Index to, Index group,
                          Index used) {
      for (Index c = 0; c < used; ++c) {
        for (Index j = from; j < to; ++j) {
          columns.set(j - from, c, values(begin + group * lines_beside + c, j));
        }
      }
    };
    share(groups, [&](Index group) {
      const Index own_first = group * lines_beside,
                  used = std::min(lines_beside, count - own_first);
      scratch.use([&](double* memory) {
        BesideEachOther<W> columns(memory, swept_together, used), sums(memory, r, used),
            core(memory, s, used);
        for (Index c = 0; c < used; ++c) {
          sums.put(c, along.col(first + begin + own_first + c), r);
        }
        for (Index from = 0; from < n; from += swept_together) {
          const Index to = std::min(n, from + swept_together);
          fill(columns, from, to, group, used);
          signed_sums(table.range.data() + from, to - from, columns.data(), sums.data(),
                      columns.length(), planes);
          signed_sums(table.core.data() + from, to - from, columns.data(), core.data(),
                      columns.length(), planes);
        }
        for (Index c = 0; c < used; ++c) {
          sums.take(c, along.col(first + begin + own_first + c), r);
          core.take(c, cores.view().col(own_first + c), s);
        }
      });
    });
    for (Index from = 0; from < (are_rows ? 0 : n); from += swept_together) {
      const Index to = std::min(n, from + swept_together);
      share(to - from, [&](Index i) {
        streams::put_normal<W>(options.seed, from + i,
                               {tests.view().col(i), static_cast<std::size_t>(q)});
      });
      share(groups, [&](Index group) {
        const Index own_first = group * lines_beside,
                    used = std::min(lines_beside, count - own_first);
        scratch.use([&](double* memory) {
          BesideEachOther<W> columns(memory, swept_together, used), test(memory, q, used);
          fill(columns, from, to, group, used);
          for (Index c = 0; c < used; ++c) {
            test.put(c, w.col(first + begin + own_first + c), q);
          }
          multiples(reinterpret_cast<const double*>(tests.data()), q, to - from, columns.data(),
                    test.data(), columns.length(), planes);
          for (Index c = 0; c < used; ++c) {
            test.take(c, w.col(first + begin + own_first + c), q);
          }
        });
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
