#pragma once

// The columns of a matrix C as tiles (tile_kernels.hpp), in strips of one or more tiles that a core's own cache holds together.
// Columns of C do not meet in a product from the left, so threads share the strips, and what becomes of a column does not depend on
// those beside it.

#include <algorithm>
#include <atomic>
#include <span>
#include <thread>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>

#include "dense/reduction/tile_kernels.hpp"

namespace eckart::dense {

/// One tile of a strip: some columns of C.
struct Tile {
  Index first, columns;  // of C
  Index packs;           // of a row's real parts
};

/// How the columns of an n x c matrix are cut.
template <Scalar T>
class Strips {
 public:
  static constexpr Index parts = ComplexScalar<T> ? 2 : 1;
  /// Rows that a tile has beyond n: a kernel that takes up to eight rows at a time may begin at the last.
  static constexpr Index spare_rows = 7;

  Strips(Index n, Index c, const TileShape& shape, Index tiles)
      : n_(n), c_(c), shape_(shape), tiles_(tiles) {}

  [[nodiscard]] Index tiles() const { return tiles_; }
  [[nodiscard]] Index count() const { return (c_ + columns() - 1) / columns(); }
  [[nodiscard]] Index lanes() const { return shape_.lanes; }
  /// Tile t of a strip; no columns where the matrix ends before it.
  [[nodiscard]] Tile tile(Index strip, Index t) const {
    const Index width = shape_.full * shape_.lanes, first = strip * columns() + t * width;
    const Index count = std::clamp<Index>(c_ - first, 0, width);
    return {first, count, shape_.width_for(count)};
  }
  /// Reals in a tile, in whole cache lines; the first tile of a strip is its widest.
  [[nodiscard]] Index tile_reals() const {
    return whole_lines(parts * (n_ + spare_rows) * shape_.width_for(std::min(c_, columns())) *
                       shape_.lanes);
  }
  /// Reals in `rows` rows of a tile besides.
  [[nodiscard]] Index scratch_reals(Index rows) const {
    return whole_lines(parts * rows * shape_.full * shape_.lanes);
  }
  /// What one worker needs: a strip and so many rows.
  [[nodiscard]] Index worker_reals(Index rows) const {
    return tiles_ * tile_reals() + scratch_reals(rows);
  }
  [[nodiscard]] Index workers(Index threads) const {
    return std::clamp<Index>(threads, 1, count());
  }

 private:
  [[nodiscard]] Index columns() const { return tiles_ * shape_.full * shape_.lanes; }
  static Index whole_lines(Index reals) {
    constexpr Index line = 64 / static_cast<Index>(sizeof(Real<T>));
    return (reals + line - 1) / line * line;
  }

  Index n_, c_;
  TileShape shape_;
  Index tiles_;
};

/// Columns of C to rows of a tile, `width` reals a part, and back. Columns that the tile has and C has not are zero, as are the
/// spare rows.
template <Scalar T>
void copy_to_tile(MatrixView<const T> c, Index width, Real<T>* tile);
template <Scalar T>
void copy_from_tile(const Real<T>* tile, Index width, MatrixView<T> c);

/// Copies each strip of C into tiles, runs  transform(tile, rows, scratch)  as it likes on them through `body`, and copies it back:
/// body(for_each_tile, scratch), where for_each_tile(f) calls f(tile, its rows). memory: workers() times worker_reals(rows).
template <Scalar T, class Body>
void transform_strips(const Execution& execution, const char* name, const Strips<T>& strips,
                      MatrixView<T> c, Index rows, std::span<Real<T>> memory, const Body& body) {
  const Index workers = strips.workers(execution.thread_count()), reals = strips.tile_reals();
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<Index> next{0};
  parallel_for(execution, workers, [&](Index worker) {
    Real<T>* const own = memory.data() + worker * strips.worker_reals(rows);
    for (Index strip = next++; strip < strips.count(); strip = next++) {
      if (std::this_thread::get_id() == caller) {
        execution.step(name, static_cast<double>(strip) / static_cast<double>(strips.count()));
      } else {
        execution.check_stop();
      }
      const auto for_each_tile = [&](auto&& f) {
        for (Index t = 0; t < strips.tiles(); ++t) {
          const Tile tile = strips.tile(strip, t);
          if (tile.columns > 0) {
            f(tile, own + t * reals);
          }
        }
      };
      for_each_tile([&](const Tile& tile, Real<T>* to) {
        copy_to_tile<T>(c.columns(tile.first, tile.columns), tile.packs * strips.lanes(), to);
      });
      body(for_each_tile, own + strips.tiles() * reals);
      for_each_tile([&](const Tile& tile, const Real<T>* from) {
        copy_from_tile<T>(from, tile.packs * strips.lanes(), c.columns(tile.first, tile.columns));
      });
    }
  });
}

}  // namespace eckart::dense
