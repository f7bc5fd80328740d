#pragma once

// Where the entries of a Cholesky factor are, before any of them is computed.
//
//   P H P^T = R^H S R      H  n x n Hermitian, given by the places of its lower triangle;  R  n x n upper triangular
//
//   1. the elimination tree: parent(j) is the first k > j with R(j, k) other than zero                     Liu, 1986
//   2. its postorder, so that a column stands right behind its children: as many entries, in longer runs
//   3. the number of entries in each row of R, by walking the tree from the entries of H up: O(|R|) steps
//   4. supernodes: neighbouring rows of R with the same entries; and rows nearly the same, where zeros that are stored cost less than the
//      calls of a product with many small blocks that they save                                  Ashcraft, Grimes, 1989
//   5. the columns of each, from those of H and of its children in the tree
//
// A supernode is a dense block of R, w x c: w rows of R, whose first w columns are its own (an upper triangle).
//
// Source: Davis, Direct Methods for Sparse Linear Systems, chapter 4; Davis, Rajamanickam, Sid-Lakhdar, Acta Numerica 25, 2016.

#include <span>
#include <vector>

#include <eckart/types.hpp>

namespace eckart {

/// The lower triangle of H without its diagonal: entry k is in row row[k] > col[k].
struct LowerPlaces {
  std::vector<Index> row, col;
};

struct Supernodes {
  std::vector<Index> place;    // row and column i of H are place[i] of R
  std::vector<Index> first;    // row of R that each begins with; n behind the last
  std::vector<Index> begin;    // of its columns in `columns`; their number behind the last
  std::vector<Index> columns;  // ascending, its own ones first
  std::vector<Index>
      values;  // where its block begins, w x c, column by column; their number behind the last
  std::vector<Index> of_row;   // the supernode of a row
  Index fill = 0;              // entries of R, without the zeros that are stored
  double multiplications = 0;  // of the factorisation

  [[nodiscard]] Index count() const noexcept { return static_cast<Index>(first.size()) - 1; }
  [[nodiscard]] Index rows() const noexcept { return first.back(); }
  [[nodiscard]] Index width(Index s) const noexcept { return first[at(s + 1)] - first[at(s)]; }
  [[nodiscard]] std::span<const Index> columns_of(Index s) const noexcept {
    return std::span(columns).subspan(at(begin[at(s)]), at(begin[at(s + 1)] - begin[at(s)]));
  }
  [[nodiscard]] static std::size_t at(Index i) noexcept { return static_cast<std::size_t>(i); }
};

/// `place`: an order that keeps R sparse; another with as many entries comes back.
[[nodiscard]] Supernodes supernodes_of(Index n, std::vector<Index> place, const LowerPlaces& lower);

}  // namespace eckart
