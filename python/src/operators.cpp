// Operators from arrays, compressed rows and Python functions, those made of others, and their products.
//
// A function of the user's is called with the interpreter's lock taken, from whatever thread the engine computes in. What it raises
// travels through the engine as it is and comes out of the call that needed the product.

#include "operators.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <eckart/operators.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "lock.hpp"
#include "results.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

template <class T>
constexpr char type_char() {
  return std::is_same_v<T, float>                 ? 'f'
         : std::is_same_v<T, double>              ? 'd'
         : std::is_same_v<T, std::complex<float>> ? 'F'
                                                  : 'D';
}

// A view of an array that is held.
template <Scalar T>
class HeldDense : public DenseOperator<T> {
 public:
  explicit HeldDense(std::shared_ptr<Array> array)
      : DenseOperator<T>(MatrixView<const T>(array->matrix<T>(0))), array_(std::move(array)) {}

 private:
  std::shared_ptr<Array> array_;
};

// product(adjoint, x) returns A x or A^H x, an array of y's shape and type. It gets vectors that are its own: the function may keep
// them, and so does the traceback of what it raises.
//
// The function belongs to the Python object that the operator is part of, and is only known here: Python's collector of cycles does not
// see into the engine, and a function sees the object through its globals as a rule.
template <Scalar T>
class PythonProducts {
 public:
  PythonProducts(Index rows, Index cols, const nb::object& product)
      : rows_(rows), cols_(cols), product_(held(nb::weakref(product))) {}

  [[nodiscard]] Index rows() const noexcept { return rows_; }
  [[nodiscard]] Index cols() const noexcept { return cols_; }
  void apply(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    call(execution, false, x, y);
  }
  void apply_adjoint(const Execution& execution, MatrixView<const T> x, MatrixView<T> y) const {
    call(execution, true, x, y);
  }
  [[nodiscard]] std::string description() const { return "Python functions"; }

 private:
  void call(const Execution& execution, bool adjoint, MatrixView<const T> x,
            MatrixView<T> y) const {
    execution.check_stop();
    const Locked locked;
    try {
      const nb::object function = (*product_)();
      const nb::object result = function(adjoint, to_numpy(Matrix<T>(x)));
      const Array product(result, Access::read);
      const MatrixView<const T> found = product.matrix<T>(0);
      for (Index j = 0; j < y.cols(); ++j) {
        for (Index i = 0; i < y.rows(); ++i) {
          y(i, j) = found(i, j);
        }
      }
    } catch (const std::exception&) {
      throw;
    } catch (...) {
      sleep_to_the_end();
    }
  }

  Index rows_, cols_;
  std::shared_ptr<nb::weakref> product_;
};

HeldOperator dense(nb::handle a) {
  auto array = held(Array(a, Access::read));
  return array->with_type(
      [&]<class T>() { return HeldOperator{Operator<T>(HeldDense<T>(array))}; });
}

template <class I>
using Indices = nb::ndarray<const I, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

template <class I>
std::vector<I> copied(const Indices<I>& x) {
  return {x.data(), x.data() + x.size()};
}

// Compressed rows, or columns.
template <class I>
HeldOperator compressed(Index rows, Index cols, const Indices<I>& pointers,
                        const Indices<I>& indices, nb::handle values, bool by_columns) {
  const Array array(values, Access::read);
  return array.with_type([&]<class T>() {
    const std::span<const T> entries = array.vector<T>(0);
    const Unlocked released;
    std::vector<T> copy(entries.begin(), entries.end());
    auto matrix = by_columns ? SparseMatrix<T>::from_csc(rows, cols, copied(pointers),
                                                         copied(indices), std::move(copy))
                             : SparseMatrix<T>::from_csr(rows, cols, copied(pointers),
                                                         copied(indices), std::move(copy));
    return HeldOperator{Operator<T>(SparseOperator<T>(std::move(matrix)))};
  });
}

HeldOperator callback(Index rows, Index cols, char type, const nb::object& product) {
  switch (type) {
    case 'f':
      return {Operator<float>(PythonProducts<float>(rows, cols, product))};
    case 'd':
      return {Operator<double>(PythonProducts<double>(rows, cols, product))};
    case 'F':
      return {
          Operator<std::complex<float>>(PythonProducts<std::complex<float>>(rows, cols, product))};
    default:
      return {Operator<std::complex<double>>(
          PythonProducts<std::complex<double>>(rows, cols, product))};
  }
}

// make(a) of an operator of any type.
template <class Make>
HeldOperator of_one(const HeldOperator& a, const Make& make) {
  return std::visit([&](const auto& x) { return HeldOperator{make(x)}; }, a.value);
}
// make(a, b) of two operators of one type.
template <class Make>
HeldOperator of_two(const HeldOperator& a, const HeldOperator& b, const Make& make) {
  return std::visit(
      [&]<class T>(const Operator<T>& x) {
        const auto* y = std::get_if<Operator<T>>(&b.value);
        if (y == nullptr) {
          throw nb::type_error("eckart: operators of one formula must have one type");
        }
        return HeldOperator{make(x, *y)};
      },
      a.value);
}

template <class T>
T as_scalar(std::complex<double> z) {
  if constexpr (ComplexScalar<T>) {
    return T(static_cast<Real<T>>(z.real()), static_cast<Real<T>>(z.imag()));
  } else {
    return static_cast<T>(z.real());
  }
}

HeldOperator scaled_of(const HeldOperator& a, double re, double im) {
  return of_one(
      a, [&]<class T>(const Operator<T>& x) { return scaled<T>(x, as_scalar<T>({re, im})); });
}
HeldOperator shifted_of(const HeldOperator& a, double re, double im) {
  return of_one(
      a, [&]<class T>(const Operator<T>& x) { return shifted<T>(x, as_scalar<T>({re, im})); });
}
HeldOperator centred_of(const HeldOperator& a, nb::handle means_) {
  const Array means(means_, Access::read);
  return of_one(a,
                [&]<class T>(const Operator<T>& x) { return centred<T>(x, means.vector<T>(0)); });
}
HeldOperator low_rank_plus_of(const HeldOperator& a, nb::handle u_, nb::handle s_, nb::handle vh_) {
  const Array u(u_, Access::read), s(s_, Access::read), vh(vh_, Access::read);
  return of_one(a, [&]<class T>(const Operator<T>& x) {
    return low_rank_plus<T>(x, u.matrix<T>(0), s.vector<Real<T>>(0), vh.matrix<T>(0));
  });
}
HeldOperator masked_of(const HeldOperator& a, const Indices<std::int64_t>& rows,
                       const Indices<std::int64_t>& cols) {
  return of_one(a, [&]<class T>(const Operator<T>& x) {
    return masked<T>(x, std::span<const Index>(rows.data(), rows.size()),
                     std::span<const Index>(cols.data(), cols.size()));
  });
}

HeldOperator toeplitz_of(nb::handle c_, nb::handle r_, bool is_hankel) {
  const Array c(c_, Access::read), r(r_, Access::read);
  return c.with_type([&]<class T>() {
    const std::span<const T> first = c.vector<T>(0), other = r.vector<T>(0);
    return HeldOperator{is_hankel ? hankel<T>(first, other) : toeplitz<T>(first, other)};
  });
}
HeldOperator trajectory_of(nb::handle series_, Index rows) {
  const Array series(series_, Access::read);
  return series.with_type([&]<class T>() {
    return HeldOperator{hankel<T>(std::span<const T>(series.vector<T>(0)), rows)};
  });
}
HeldOperator circulant_of(nb::handle c_) {
  const Array c(c_, Access::read);
  return c.with_type(
      [&]<class T>() { return HeldOperator{circulant<T>(std::span<const T>(c.vector<T>(0)))}; });
}

// The stride between columns says nothing where there is one, nor that between rows; NumPy leaves anything there.
template <class T>
MatrixView<T> columns(MatrixView<T> a) {
  return {a.data(), a.rows(), a.cols(), a.rows() > 1 ? a.row_stride() : 1,
          a.cols() > 1 ? a.col_stride() : std::max<Index>(a.rows(), 1)};
}

// y <- A x or A^H x, blocks of vectors whose columns are contiguous.
void apply(const HeldOperator& a, nb::handle x_, nb::handle y_, bool adjoint, int threads) {
  const Array x(x_, Access::read), y(y_, Access::write);
  std::visit(
      [&]<class T>(const Operator<T>& op) {
        const MatrixView<const T> from = columns(x.matrix<T>(0));
        const MatrixView<T> to = columns(y.matrix<T>(0));
        run(threads, op.cost().flops * static_cast<double>(from.cols()), nb::none(),
            [&](const Execution& execution) {
              adjoint ? op.apply_adjoint(execution, from, to) : op.apply(execution, from, to);
            });
      },
      a.value);
}

nb::object column_means_of(const HeldOperator& a, int threads) {
  return std::visit(
      [&]<class T>(const Operator<T>& op) {
        std::vector<T> means;
        run(threads, op.cost().flops, nb::none(),
            [&](const Execution& execution) { means = column_means(op, execution); });
        return to_numpy(std::move(means));
      },
      a.value);
}

std::optional<double> frobenius_norm_of(const HeldOperator& a, int threads) {
  return std::visit(
      [&]<class T>(const Operator<T>& op) {
        std::optional<double> norm;
        run(threads, op.cost().flops, nb::none(), [&](const Execution& execution) {
          if (const auto known = op.frobenius_norm(execution)) {
            norm = static_cast<double>(*known);
          }
        });
        return norm;
      },
      a.value);
}

}  // namespace

void bind_operators(nb::module_& m) {
  using nb::literals::operator""_a;
  nb::class_<HeldOperator>(m, "Operator")
      .def_prop_ro("rows",
                   [](const HeldOperator& a) {
                     return std::visit([](const auto& op) { return op.rows(); }, a.value);
                   })
      .def_prop_ro("cols",
                   [](const HeldOperator& a) {
                     return std::visit([](const auto& op) { return op.cols(); }, a.value);
                   })
      .def_prop_ro("type",
                   [](const HeldOperator& a) {
                     return std::visit(
                         []<class T>(const Operator<T>&) { return std::string(1, type_char<T>()); },
                         a.value);
                   })
      .def_prop_ro("description",
                   [](const HeldOperator& a) {
                     return std::visit([](const auto& op) { return op.description(); }, a.value);
                   })
      .def_prop_ro("knows_norm",
                   [](const HeldOperator& a) {
                     return std::visit([](const auto& op) { return op.knows_norm(); }, a.value);
                   })
      .def("frobenius_norm", &frobenius_norm_of, "threads"_a)
      .def("column_means", &column_means_of, "threads"_a)
      .def("apply", &apply, "x"_a, "y"_a, "adjoint"_a, "threads"_a);

  m.def("dense", &dense, "a"_a);
  m.def("compressed", &compressed<std::int32_t>, "rows"_a, "cols"_a, "pointers"_a, "indices"_a,
        "values"_a, "by_columns"_a);
  m.def("compressed", &compressed<std::int64_t>, "rows"_a, "cols"_a, "pointers"_a, "indices"_a,
        "values"_a, "by_columns"_a);
  m.def("callback", &callback, "rows"_a, "cols"_a, "type"_a, "product"_a);
  m.def("adjoint", [](const HeldOperator& a) {
    return of_one(a, []<class T>(const Operator<T>& x) { return adjoint<T>(x); });
  });
  m.def("scaled", &scaled_of, "a"_a, "re"_a, "im"_a);
  m.def("shifted", &shifted_of, "a"_a, "re"_a, "im"_a);
  m.def("centred", &centred_of, "a"_a, "means"_a);
  m.def("sum", [](const HeldOperator& a, const HeldOperator& b) {
    return of_two(a, b,
                  []<class T>(const Operator<T>& x, const Operator<T>& y) { return sum<T>(x, y); });
  });
  m.def("product", [](const HeldOperator& a, const HeldOperator& b) {
    return of_two(
        a, b, []<class T>(const Operator<T>& x, const Operator<T>& y) { return product<T>(x, y); });
  });
  m.def("kronecker", [](const HeldOperator& a, const HeldOperator& b) {
    return of_two(a, b, []<class T>(const Operator<T>& x, const Operator<T>& y) {
      return kronecker<T>(x, y);
    });
  });
  m.def("with_inverse", [](const HeldOperator& a, const HeldOperator& b) {
    return of_two(a, b, []<class T>(const Operator<T>& x, const Operator<T>& y) {
      return with_inverse<T>(x, y);
    });
  });
  m.def("low_rank_plus", &low_rank_plus_of, "a"_a, "u"_a, "s"_a, "vh"_a);
  m.def("masked", &masked_of, "a"_a, "rows"_a, "cols"_a);
  m.def("toeplitz", &toeplitz_of, "c"_a, "r"_a, "hankel"_a);
  m.def("trajectory", &trajectory_of, "series"_a, "rows"_a);
  m.def("circulant", &circulant_of, "c"_a);
}

}  // namespace eckart::python
