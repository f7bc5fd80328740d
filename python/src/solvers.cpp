// What is solved with a decomposition: pseudoinverses, least squares, the polar decomposition, the Procrustes problem. Each returns
// its arrays and a dictionary of figures, which the modules turn into results.

#include <algorithm>
#include <optional>
#include <utility>

#include <nanobind/nanobind.h>

#include <eckart/least_squares.hpp>
#include <eckart/norms.hpp>
#include <eckart/polar.hpp>
#include <eckart/procrustes.hpp>
#include <eckart/pseudoinverse.hpp>
#include <eckart/svd_batch.hpp>

#include "array.hpp"
#include "bindings.hpp"
#include "results.hpp"
#include "run.hpp"

namespace eckart::python {
namespace {

SvdOptions options_of(const Execution& execution) {
  SvdOptions options;
  options.threads = execution.threads;
  options.stop = execution.stop;
  options.progress = execution.progress;
  return options;
}

// Both factors, and as much again for what follows.
template <class T>
double cost(const Array& a) {
  return 1.5 * svd_flops<T>(a.from_last(1), a.from_last(0)) * static_cast<double>(a.stack());
}

template <class T>
void copy_to(const Matrix<T>& from, MatrixView<T> to) {
  for (Index j = 0; j < to.cols(); ++j) {
    for (Index i = 0; i < to.rows(); ++i) {
      to(i, j) = from(i, j);
    }
  }
}

// pinv(a, out, rtol, atol, threads): a (..., m, n), out (..., n, m), rtol (...) as float64; figures of the last matrix.
nb::dict pinv(nb::handle a_, nb::handle out_, nb::handle rtol_, double atol, int threads) {
  const Array a(a_, Access::read), out = Array::place(out_, a), rtol(rtol_, Access::read);
  const std::span<const double> tolerances = rtol.vector<double>(0);
  nb::dict facts;
  a.with_type([&]<class T>() {
    Pseudoinverse<T> x;
    run(threads, cost<T>(a), nb::none(), [&](const Execution& execution) {
      const Index count = a.stack();
      const double flops = cost<T>(a) / static_cast<double>(std::max<Index>(count, 1));
      share_stack(execution, count, flops, [&](Index first, Index last, int matrix_threads) {
        SvdOptions options = options_of(execution);
        options.threads = matrix_threads;
        for (Index i = first; i < last; ++i) {
          execution.check_stop();
          const RankRule rule = {.atol = atol, .rtol = tolerances[static_cast<std::size_t>(i)]};
          try {
            const MatrixView<const T> matrix = a.matrix<T>(i);
            Pseudoinverse<T> one = pseudoinverse(matrix, rule, options);
            copy_to(one.inverse, out.matrix<T>(i));
            if (i + 1 == count) {
              x = std::move(one);
            }
          } catch (const NonFinite& error) {
            throw NonFiniteInBatch(error, i);
          }
        }
      });
    });
    facts["rank"] = facts_of(x.rank);
    facts["norm"] = x.norm;
    facts["condition"] = x.condition;
    facts["error_bound"] = x.error_bound;
  });
  return facts;
}

// What the right-hand sides add to the cost of the decomposition.
template <Scalar T>
double cost_of(MatrixView<const T> matrix, MatrixView<const T> right) {
  return 6.0 * static_cast<double>(matrix.rows()) * static_cast<double>(matrix.cols()) *
         static_cast<double>(right.cols());
}

// lstsq(a, b, rtol, atol, damping, threads) -> x, singular values, figures
nb::tuple lstsq(nb::handle a_, nb::handle b_, double rtol, double atol, double damping,
                int threads) {
  const Array a(a_, Access::read), b(b_, Access::read);
  return a.with_type([&]<class T>() {
    LeastSquares<T> x;
    const MatrixView<const T> matrix = a.matrix<T>(0), right = b.matrix<T>(0);
    run(threads, cost<T>(a) + cost_of<T>(matrix, right), nb::none(),
        [&](const Execution& execution) {
          x = least_squares(matrix, right,
                            {.rank = {.atol = atol, .rtol = rtol}, .lambda = damping},
                            options_of(execution));
        });
    nb::dict facts;
    facts["rank"] = facts_of(x.rank);
    facts["condition"] = x.condition;
    facts["degrees_of_freedom"] = x.degrees_of_freedom;
    facts["residual_norms"] = to_numpy(std::move(x.residual_norms));
    facts["solution_norms"] = to_numpy(std::move(x.solution_norms));
    facts["error_bounds"] = to_numpy(std::move(x.error_bounds));
    return nb::make_tuple(to_numpy(std::move(x.X)), to_numpy(std::move(x.s)), facts);
  });
}

// lstsq_into(a, b, x, values, squares, rtol, threads) -> rank: what numpy.linalg.lstsq says, into arrays of the caller, without the
// figures that would take longer than a small problem. squares: ||b - a x||^2 of each right-hand side, as float64.
Index lstsq_into(nb::handle a_, nb::handle b_, nb::handle x_, nb::handle values_,
                 nb::handle squares_, double rtol, int threads) {
  const Array a(a_, Access::read), b(b_, Access::read), x = Array::place(x_, a),
                                                        values = Array::real_place(values_, a),
                                                        squares(squares_, Access::write);
  Index rank = 0;
  a.with_type([&]<class T>() {
    const MatrixView<const T> matrix = a.matrix<T>(0), right = b.matrix<T>(0);
    run(threads, cost<T>(a) + cost_of<T>(matrix, right), nb::none(),
        [&](const Execution& execution) {
          const LeastSquares<T> solved = least_squares(
              matrix, right, {.rank = {.atol = 0, .rtol = rtol}}, options_of(execution));
          rank = solved.rank.rank;
          copy_to(solved.X, x.matrix<T>(0));
          std::ranges::copy(solved.s, values.vector<Real<T>>(0).begin());
          std::ranges::transform(solved.residual_norms, squares.vector<double>(0).begin(),
                                 [](double norm) { return norm * norm; });
        });
  });
  return rank;
}

// polar(a, side, threads) -> W, H, figures
nb::tuple polar(nb::handle a_, int side, int threads) {
  const Array a(a_, Access::read);
  return a.with_type([&]<class T>() {
    Polar<T> x;
    const MatrixView<const T> matrix = a.matrix<T>(0);
    run(threads, cost<T>(a), nb::none(), [&](const Execution& execution) {
      x = polar_decomposition(matrix, static_cast<PolarSide>(side), options_of(execution));
    });
    nb::dict facts;
    facts["unique"] = x.unique;
    facts["smallest_eigenvalue"] = x.smallest_eigenvalue;
    facts["distance_to_orthonormal"] = x.distance_to_orthonormal;
    facts["condition"] = x.condition_w;
    facts["residual"] = x.residual;
    facts["orthogonality"] = x.orthogonality;
    return nb::make_tuple(to_numpy(std::move(x.W)), to_numpy(std::move(x.H)), facts);
  });
}

// procrustes(a, b, scale, rotation_only, centre, threads) -> Q, translation, values, figures
nb::tuple procrustes_of(nb::handle a_, nb::handle b_, bool scale, bool rotation_only, bool centre,
                        int threads) {
  const Array a(a_, Access::read), b(b_, Access::read);
  return a.with_type([&]<class T>() {
    Procrustes<T> x;
    const MatrixView<const T> from = a.matrix<T>(0), onto = b.matrix<T>(0);
    run(threads, cost<T>(a), nb::none(), [&](const Execution& execution) {
      x = procrustes(from, onto, {.scale = scale, .rotation_only = rotation_only, .centre = centre},
                     options_of(execution));
    });
    nb::dict facts;
    facts["scale"] = x.scale;
    facts["residual"] = x.residual;
    facts["relative_residual"] = x.relative_residual;
    facts["reflected"] = x.reflected;
    facts["unique"] = x.unique;
    return nb::make_tuple(to_numpy(std::move(x.Q)), to_numpy(std::move(x.translation)),
                          to_numpy(std::move(x.values)), facts);
  });
}

}  // namespace

void bind_solvers(nb::module_& m) {
  using nb::literals::operator""_a;
  m.def("pinv", &pinv, "a"_a, "out"_a, "rtol"_a, "atol"_a, "threads"_a);
  m.def("lstsq", &lstsq, "a"_a, "b"_a, "rtol"_a, "atol"_a, "damping"_a, "threads"_a);
  m.def("lstsq_into", &lstsq_into, "a"_a, "b"_a, "x"_a, "values"_a, "squares"_a, "rtol"_a,
        "threads"_a);
  m.def("polar", &polar, "a"_a, "side"_a, "threads"_a);
  m.def("procrustes", &procrustes_of, "a"_a, "b"_a, "scale"_a, "rotation_only"_a, "centre"_a,
        "threads"_a);
}

}  // namespace eckart::python
