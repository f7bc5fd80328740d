#pragma once

// What can be applied: a matrix A of which nothing is known but its size and its products with blocks of vectors.
//
//   Y = A X        X  n x b    Y  m x b
//   Y = A^H X      X  m x b    Y  n x b
//
// That is all a truncated decomposition asks for, so a sparse matrix, a product of two matrices, a convolution, a file larger
// than memory or a program of the caller serve it alike. Blocks of b vectors at a time, because A is read once for all of them.
//
// Anything with the members of OperatorLike turns into an Operator<T>, which is a handle: copying it copies no entries. Those
// that Eckart brings along are in operators.hpp.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/types.hpp>

namespace eckart {

/// What one application to a block of one vector costs, for the choice of a method and for --dry-run.
struct OperatorCost {
  double flops = 0;  // real operations for each vector
  double bytes = 0;  // memory that is read however many vectors there are
  double reading =
      0;  // what waiting for A costs beside that, in flops, where A is no memory: a file
};

template <Scalar T>
class SparseMatrix;  // sparse.hpp

/// Where the entries of an operator are, for who does better with them than with products.
enum class Storage { none, dense, sparse };

/// Size and products. apply() and apply_adjoint() overwrite y, whose columns are contiguous, as are those of x; x and y do not
/// overlap. They are called from one thread at a time, may use execution.thread_count() threads themselves, and give the same
/// result for any number of them.
template <class A, class T>
concept OperatorLike = Scalar<T> && requires(const A& a, const Execution& execution,
                                             MatrixView<const T> x, MatrixView<T> y) {
  { a.rows() } -> std::convertible_to<Index>;
  { a.cols() } -> std::convertible_to<Index>;
  a.apply(execution, x, y);
  a.apply_adjoint(execution, x, y);
};

/// An operator of any kind, as a value. The caller keeps alive what a view inside it points at.
///
/// Optional members of what it is made of are passed on where they exist:
///
///   frobenius_norm(execution)    to rounding, nothing where it is no number of all digits; from it a truncated decomposition states
///                                what it left out
///   knows_norm()                 whether that gives anything, where it depends; without this member it is taken to
///   cost()                       else that of a dense matrix: 2 m n flops a vector, 8 m n complex, and reading m n entries
///   description()                "sparse, 2000000 entries"
///   goes_back_in_one_pass(adjoint), and where it says yes
///   apply_and_back(execution, adjoint, factor, x, y, z)
///                                y = factor A x,  z = A^H y from one reading of A; A and A^H exchanged where `adjoint`
///   apply_both(execution, x, y, w, z)
///                                y = A x,  z = A^H w from one reading of A
///   dense_entries()              a view of A in memory;  sparse_entries()  a pointer to it in compressed rows. They live as long as the
///                                operator does
///   storage()                    which of these there is; of what has none of the three: none
///   inverse()                    A^-1 of a square A as an operator, where the caller knows it: with_inverse() of composed.hpp
template <Scalar T>
class Operator {
 public:
  template <class A>
    requires(OperatorLike<A, T> && !std::same_as<std::remove_cvref_t<A>, Operator>)
  Operator(A a) : model_(std::make_shared<Model<A>>(std::move(a))) {}  // NOLINT: meant to convert

  [[nodiscard]] Index rows() const { return model_->rows(); }
  [[nodiscard]] Index cols() const { return model_->cols(); }

  /// y <- A x. Throws InvalidArgument for sizes that do not fit, and what the operator throws.
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    check(x, cols(), y, rows());
    model_->apply(execution, x, y);
  }
  /// y <- A^H x.
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    check(x, rows(), y, cols());
    model_->apply_adjoint(execution, x, y);
  }

  /// y <- factor A x,  z <- A^H y; `adjoint`: y <- factor A^H x,  z <- A y. Where goes_back_in_one_pass(adjoint), y may be a view
  /// without columns: it is not wanted then, and no memory for it is needed.
  void apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                      MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) const {
    const Index inner = adjoint ? rows() : cols(), outer = adjoint ? cols() : rows();
    check(x, inner, z, inner);
    if (y.cols() > 0 || !goes_back_in_one_pass(adjoint)) {
      check(x, inner, y, outer);
    }
    model_->apply_and_back(execution, adjoint, factor, x, y, z);
  }
  /// Whether that costs one reading of A.
  [[nodiscard]] bool goes_back_in_one_pass(bool adjoint) const {
    return model_->goes_back_in_one_pass(adjoint);
  }

  /// y <- A x,  z <- A^H w, from one reading of A where the operator knows how.
  void apply_both(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
                  MatrixView<const T> w, MatrixView<T> z) const {
    check(x, cols(), y, rows());
    check(w, rows(), z, cols());
    model_->apply_both(execution, x, y, w, z);
  }

  /// ||A||_F where it is known or cheap, and neither too large nor too small for a number: at the price of reading A once.
  [[nodiscard]] std::optional<Real<T>> frobenius_norm(const Execution& execution) const {
    return model_->frobenius_norm(execution);
  }
  /// Whether frobenius_norm() gives a norm, without the price of it, as long as that is a number.
  [[nodiscard]] bool knows_norm() const { return model_->knows_norm(); }
  [[nodiscard]] OperatorCost cost() const { return model_->cost(); }
  [[nodiscard]] std::string description() const { return model_->description(); }

  [[nodiscard]] Storage storage() const { return model_->storage(); }
  /// The entries, where they are in memory that way.
  [[nodiscard]] std::optional<MatrixView<const T>> dense_entries() const {
    return model_->dense_entries();
  }
  [[nodiscard]] const SparseMatrix<T>* sparse_entries() const { return model_->sparse_entries(); }
  /// A^-1, where it is known.
  [[nodiscard]] std::optional<Operator> inverse() const { return model_->inverse(); }

 private:
  struct Concept {
    Concept() = default;
    Concept(const Concept&) = delete;
    Concept& operator=(const Concept&) = delete;
    virtual ~Concept() = default;
    [[nodiscard]] virtual Index rows() const = 0;
    [[nodiscard]] virtual Index cols() const = 0;
    virtual void apply(const Execution&, MatrixView<const T>, MatrixView<T>) const = 0;
    virtual void apply_adjoint(const Execution&, MatrixView<const T>, MatrixView<T>) const = 0;
    virtual void apply_and_back(const Execution&, bool, Real<T>, MatrixView<const T>, MatrixView<T>,
                                MatrixView<T>) const = 0;
    virtual void apply_both(const Execution&, MatrixView<const T>, MatrixView<T>,
                            MatrixView<const T>, MatrixView<T>) const = 0;
    [[nodiscard]] virtual bool goes_back_in_one_pass(bool) const = 0;
    [[nodiscard]] virtual std::optional<Real<T>> frobenius_norm(const Execution&) const = 0;
    [[nodiscard]] virtual bool knows_norm() const = 0;
    [[nodiscard]] virtual OperatorCost cost() const = 0;
    [[nodiscard]] virtual std::string description() const = 0;
    [[nodiscard]] virtual Storage storage() const = 0;
    [[nodiscard]] virtual std::optional<MatrixView<const T>> dense_entries() const = 0;
    [[nodiscard]] virtual const SparseMatrix<T>* sparse_entries() const = 0;
    [[nodiscard]] virtual std::optional<Operator> inverse() const = 0;
  };

  template <class A>
  struct Model final : Concept {
    explicit Model(A value) : a(std::move(value)) {}
    [[nodiscard]] Index rows() const override { return a.rows(); }
    [[nodiscard]] Index cols() const override { return a.cols(); }
    void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const override {
      a.apply(execution, x, y);
    }
    void apply_adjoint(const Execution& execution, MatrixView<const T> x,
                       MatrixView<T> y) const override {
      a.apply_adjoint(execution, x, y);
    }
    void apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                        MatrixView<const T> x, MatrixView<T> y, MatrixView<T> z) const override {
      if constexpr (requires { a.apply_and_back(execution, adjoint, factor, x, y, z); }) {
        if (goes_back_in_one_pass(adjoint)) {
          a.apply_and_back(execution, adjoint, factor, x, y, z);
          return;
        }
      }
      adjoint ? a.apply_adjoint(execution, x, y) : a.apply(execution, x, y);
      for (Index j = 0; j < y.cols(); ++j) {
        std::for_each_n(y.col(j), y.rows(), [&](T& entry) { entry *= factor; });
      }
      adjoint ? a.apply(execution, y, z) : a.apply_adjoint(execution, y, z);
    }
    void apply_both(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
                    MatrixView<const T> w, MatrixView<T> z) const override {
      if constexpr (requires { a.apply_both(execution, x, y, w, z); }) {
        a.apply_both(execution, x, y, w, z);
      } else {
        a.apply(execution, x, y);
        a.apply_adjoint(execution, w, z);
      }
    }
    [[nodiscard]] bool goes_back_in_one_pass(bool adjoint) const override {
      if constexpr (requires { a.goes_back_in_one_pass(adjoint); }) {
        return a.goes_back_in_one_pass(adjoint);
      } else {
        return false;
      }
    }
    [[nodiscard]] std::optional<Real<T>> frobenius_norm(const Execution& execution) const override {
      if constexpr (requires { a.frobenius_norm(execution); }) {
        return a.frobenius_norm(execution);
      } else {
        return std::nullopt;
      }
    }
    [[nodiscard]] bool knows_norm() const override {
      if constexpr (requires { a.knows_norm(); }) {
        return a.knows_norm();
      } else {
        return requires(const Execution& execution) { a.frobenius_norm(execution); };
      }
    }
    [[nodiscard]] OperatorCost cost() const override {
      if constexpr (requires { a.cost(); }) {
        return a.cost();
      } else {
        const double entries = static_cast<double>(rows()) * static_cast<double>(cols());
        return {.flops = (ComplexScalar<T> ? 8 : 2) * entries, .bytes = sizeof(T) * entries};
      }
    }
    [[nodiscard]] std::string description() const override {
      if constexpr (requires { a.description(); }) {
        return a.description();
      } else {
        return "operator";
      }
    }
    [[nodiscard]] Storage storage() const override {
      if constexpr (requires { a.storage(); }) {
        return a.storage();
      } else if constexpr (requires { a.dense_entries(); }) {
        return Storage::dense;
      } else if constexpr (requires { a.sparse_entries(); }) {
        return Storage::sparse;
      } else {
        return Storage::none;
      }
    }
    [[nodiscard]] std::optional<MatrixView<const T>> dense_entries() const override {
      if constexpr (requires { a.dense_entries(); }) {
        return a.dense_entries();
      } else {
        return std::nullopt;
      }
    }
    [[nodiscard]] const SparseMatrix<T>* sparse_entries() const override {
      if constexpr (requires { a.sparse_entries(); }) {
        return a.sparse_entries();
      } else {
        return nullptr;
      }
    }
    [[nodiscard]] std::optional<Operator> inverse() const override {
      if constexpr (requires { a.inverse(); }) {
        return a.inverse();
      } else {
        return std::nullopt;
      }
    }
    A a;
  };

  static void check(MatrixView<const T> x, Index x_rows, MatrixView<T> y, Index y_rows);

  std::shared_ptr<const Concept> model_;
};

}  // namespace eckart
