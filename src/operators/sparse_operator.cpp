// A sparse matrix as an operator; the products are in sparse_products.hpp.

#include <algorithm>
#include <mutex>

#include <eckart/error.hpp>
#include <eckart/sparse.hpp>

#include "operators/norm.hpp"
#include "operators/sparse_products.hpp"

namespace eckart {
using namespace sparse_products;

// The copy of X, kept from product to product: to have it from the system anew takes as long as the product. Who comes while
// another thread uses it has a copy of their own.
template <Scalar T>
struct SparseOperator<T>::Scratch {
  template <class F>
  void with(std::size_t count, const F& f) {
    const std::unique_lock lock(mutex, std::try_to_lock);
    Matrix<T> aside;
    Matrix<T>& used = lock.owns_lock() ? kept : aside;
    if (static_cast<std::size_t>(used.rows()) < count) {
      used = Matrix<T>::uninitialized(static_cast<Index>(count), 1);
    }
    f(used.data());
  }
  std::mutex mutex;
  Matrix<T> kept;
};

template <Scalar T>
SparseOperator<T>::SparseOperator(SparseMatrix<T> a, const SparseOptions& options)
    : a_(std::make_shared<const SparseMatrix<T>>(std::move(a))),
      pieces_(pieces_of(*a_)),
      scratch_(std::make_shared<Scratch>()) {
  if (options.keep_adjoint) {
    adjoint_ = std::make_shared<const SparseMatrix<T>>(a_->adjoint());
    adjoint_pieces_ = pieces_of(*adjoint_);
  }
}

// The vectors are taken two units at a time.
template <Scalar T, class F>
static void for_blocks(MatrixView<const T> x, MatrixView<T> y, const F& f) {
  constexpr Index most = most_units * unit_lanes<T> / parts<T>;
  for (Index k = 0; k < x.cols(); k += most) {
    const Index count = std::min(most, x.cols() - k);
    f(x.columns(k, count), y.columns(k, count));
  }
}

template <Scalar T>
static std::size_t packed_size(MatrixView<const T> x) {
  constexpr Index most = most_units * unit_lanes<T> / parts<T>;
  const Index b = std::min(x.cols(), most);
  return b <= 1 ? 0
                : static_cast<std::size_t>(x.rows() * units_for<T>(b) * unit_lanes<T> / parts<T>);
}

template <Scalar T>
void SparseOperator<T>::apply(const Execution& execution, MatrixView<const T> x,
                              MatrixView<T> y) const {
  scratch_->with(packed_size(x), [&](T* packed) {
    std::visit(
        [&](const auto& columns) {
          for_blocks<T>(x, y, [&](MatrixView<const T> part, MatrixView<T> to) {
            multiply(execution, *a_, columns, pieces_, part, packed, to);
          });
        },
        a_->columns());
  });
}

template <Scalar T>
void SparseOperator<T>::apply_adjoint(const Execution& execution, MatrixView<const T> x,
                                      MatrixView<T> y) const {
  const auto of_x = static_cast<Index>(packed_size(x));
  const Index of_y = x.rows() > 0 ? of_x / x.rows() * cols() : 0;
  const auto is_large = [](Index count) {
    return count * static_cast<Index>(sizeof(T)) > most_bytes_of_one_pass;
  };
  if (x.cols() > 1 && !is_large(of_y) && (!adjoint_ || is_large(of_x))) {
    scratch_->with(static_cast<std::size_t>(parts_of(a_->entries()) * of_y), [&](T* sums) {
      std::visit(
          [&](const auto& columns) {
            for_blocks<T>(x, y, [&](MatrixView<const T> part, MatrixView<T> to) {
              back(execution, *a_, columns, part, sums, to);
            });
          },
          a_->columns());
    });
    return;
  }
  const SparseMatrix<T>& s = adjoint_ ? *adjoint_ : *a_;
  const std::size_t size = std::max(packed_size(x), static_cast<std::size_t>(x.rows()));
  scratch_->with(size, [&](T* packed) {
    std::visit(
        [&](const auto& columns) {
          for_blocks<T>(x, y, [&](MatrixView<const T> part, MatrixView<T> to) {
            if (adjoint_) {
              multiply(execution, s, columns, adjoint_pieces_, part, packed, to);
            } else {
              scatter(execution, s, columns, part, packed, to);
            }
          });
        },
        s.columns());
  });
}

template <Scalar T>
bool SparseOperator<T>::goes_back_in_one_pass(bool adjoint) const noexcept {
  constexpr Index widest = most_units * unit_lanes<T> / parts<T> * static_cast<Index>(sizeof(T));
  return adjoint_ != nullptr || (!adjoint && cols() <= most_bytes_of_one_pass / widest);
}

template <Scalar T>
void SparseOperator<T>::apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                                       MatrixView<const T> x, MatrixView<T> y,
                                       MatrixView<T> z) const {
  if (!goes_back_in_one_pass(adjoint)) {
    throw InvalidArgument("a sparse operator goes back in one pass where goes_back_in_one_pass()");
  }
  constexpr Index most = most_units * unit_lanes<T> / parts<T>;
  const SparseMatrix<T>& s = adjoint ? *adjoint_ : *a_;
  const Index b = std::min(x.cols(), most);
  const Index width = units_for<T>(b) * unit_lanes<T> / parts<T>;
  const bool in_one_pass =
      !adjoint_ || s.cols() * width * static_cast<Index>(sizeof(T)) <= most_bytes_of_one_pass;
  const Index behind_x = in_one_pass ? parts_of(s.entries()) * s.cols() : s.rows();
  scratch_->with(static_cast<std::size_t>((s.cols() + behind_x) * width), [&](T* packed) {
    const auto in_blocks = [&](const auto& f) {
      for (Index k = 0; k < x.cols(); k += most) {
        const Index count = std::min(most, x.cols() - k);
        f(x.columns(k, count), y.empty() ? y : y.columns(k, count), z.columns(k, count));
      }
    };
    if (in_one_pass) {
      std::visit(
          [&](const auto& columns) {
            in_blocks([&](MatrixView<const T> from, MatrixView<T> between, MatrixView<T> to) {
              there_and_back(execution, s, columns, factor, from, packed, between,
                             MatrixView<const T>(), to);
            });
          },
          s.columns());
      return;
    }
    const SparseMatrix<T>& sh = adjoint ? *a_ : *adjoint_;
    const auto &pieces = adjoint ? adjoint_pieces_ : pieces_,
               &pieces_sh = adjoint ? pieces_ : adjoint_pieces_;
    std::visit(
        [&](const auto& columns, const auto& columns_sh) {
          in_blocks([&](MatrixView<const T> from, MatrixView<T> between, MatrixView<T> to) {
            there_and_back_by_rows(execution, s, columns, pieces, sh, columns_sh, pieces_sh, factor,
                                   from, packed, between, to);
          });
        },
        s.columns(), sh.columns());
  });
}

template <Scalar T>
void SparseOperator<T>::apply_both(const Execution& execution, MatrixView<const T> x,
                                   MatrixView<T> y, MatrixView<const T> w, MatrixView<T> z) const {
  constexpr Index most = most_units * unit_lanes<T> / parts<T>;
  const Index b = std::min(x.cols(), most), width = units_for<T>(b) * unit_lanes<T> / parts<T>;
  if (x.cols() != w.cols() ||
      cols() * width * static_cast<Index>(sizeof(T)) > most_bytes_of_one_pass) {
    apply(execution, x, y);
    apply_adjoint(execution, w, z);
    return;
  }
  const Index size = (1 + parts_of(a_->entries())) * cols() * width;
  scratch_->with(static_cast<std::size_t>(size), [&](T* packed) {
    std::visit(
        [&](const auto& columns) {
          for (Index k = 0; k < x.cols(); k += most) {
            const Index count = std::min(most, x.cols() - k);
            there_and_back(execution, *a_, columns, Real<T>{1}, x.columns(k, count), packed,
                           y.columns(k, count), w.columns(k, count), z.columns(k, count));
          }
        },
        a_->columns());
  });
}

template <Scalar T>
std::optional<Real<T>> SparseOperator<T>::frobenius_norm(const Execution& execution) const {
  return stated_norm_of<T>(execution, MatrixView<const T>(a_->values().data(), a_->entries(), 1));
}

template <Scalar T>
OperatorCost SparseOperator<T>::cost() const {
  return {.flops = (ComplexScalar<T> ? 8.0 : 2.0) * static_cast<double>(a_->entries()),
          .bytes = static_cast<double>(a_->bytes())};
}

template <Scalar T>
std::string SparseOperator<T>::description() const {
  return "sparse, " + std::to_string(a_->entries()) + " entries";
}

template class SparseOperator<float>;
template class SparseOperator<double>;
template class SparseOperator<std::complex<float>>;
template class SparseOperator<std::complex<double>>;

}  // namespace eckart
