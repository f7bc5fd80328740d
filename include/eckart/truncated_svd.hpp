#pragma once

// The leading singular triplets of an operator:  A ~ U diag(s) Vh
//
//   A    m x n, known by its products alone (operator.hpp)
//   U    m x k, s  k values, descending, Vh  k x n: the k largest triplets
//
// Methods: block Lanczos with thick restart, on the short side alone (src/truncated/normal_lanczos.hpp) while values are not too far
// below the largest, else block Golub-Kahan bidiagonalisation (src/truncated/golub_kahan.hpp); where k is a good part of
// min(m, n), the dense decomposition of A written out; where a few digits will do, or ||A||_F is wanted and not known, a random
// Krylov space without restart (src/truncated/range_finder.hpp). What is returned was checked, whoever found it: for every triplet
// A v and A^H u are formed after the iteration (A v once: the u of one side alone are made of it; where A V was kept from the products of
// the iteration and turned a few times with V at the most, of that), and residual i is
//
//   r_i = sqrt(||A v_i - s_i u_i||^2 + ||A^H u_i - s_i v_i||^2).
//
// Some singular value of A lies within r_i of s_i, whatever the method did (Weyl); with a gap d to the other values the error of s_i
// is about r_i^2 / d and that of the vectors r_i / d. A method stops at r_i <= tolerance s_i, sqrt(eps) unless said otherwise, where
// values are right to about eps and vectors to half of the digits; the randomized one, where it is asked for, at 0.05, where values
// are right to two or three digits where they fall slowly, less for nearly repeated ones.
//
// Could a triplet be missing? Where ||A||_F is known, ||A||_F^2 - sum s_i^2 bounds all that is left, and `report.next_at_most`
// follows, for certain. Where it is not known, the randomized method bounds both from products with random vectors, and the report
// says with which probability it was fooled. An exactly repeated value shows at most as many copies as there are vectors in a block;
// where that many are seen, iteration goes on from fresh random directions until nothing changes.
//
// Not the largest: `which` asks for the smallest triplets, or those nearest to a value, with rank(k). Both need more than products: the
// entries of A, dense or sparse, or an inverse (with_inverse() of composed.hpp). src/truncated/shift_invert.hpp has the methods; of what has
// nothing but products and is too large to be written out, the smallest come from an iteration that may well end with
// `converged = false`. `report.found_by` says how, `report.certified` whether a count proves that none is missing.
//
// Results are the same, bit for bit, for any number of threads, if the operator's products are.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <eckart/execution.hpp>
#include <eckart/matrix.hpp>
#include <eckart/operators.hpp>
#include <eckart/svd.hpp>
#include <eckart/truncated_state.hpp>
#include <eckart/truncation.hpp>
#include <eckart/workspace.hpp>

namespace eckart {

enum class TruncatedMethod { automatic, lanczos, randomized, dense, shift_invert };

/// "block Lanczos", "randomized", "dense", "shift and invert", "automatic".
[[nodiscard]] const char* to_string(TruncatedMethod method) noexcept;

/// Which singular values. Where A has min(m, n) of them, zeros are values like others.
enum class Which { largest, smallest, nearest };

/// "largest", "smallest", "nearest".
[[nodiscard]] const char* to_string(Which which) noexcept;

struct TruncatedOptions {
  TruncatedMethod method = TruncatedMethod::automatic;
  // `smallest` and `nearest` take rank(k) and no other rule. The triplets descend whatever is asked for.
  Which which = Which::largest;
  double target = 0;  // of `nearest`: a number that is not negative, in units of A
  // Residuals relative to the value, below 1; 0: sqrt(eps), or 0.05 where `randomized` is asked for. Never asks for less than rounding
  // of sigma_1.
  double tolerance = 0;
  // Vectors that are multiplied at a time; 0: as measured.
  Index block = 0;
  // Vectors kept on each side before a restart; 0: by the cost of a product. Of `randomized`: at the most.
  Index basis = 0;
  int restarts = 1000;  // of Lanczos, at the most
  // That a bound from random vectors is wrong, where ||A||_F is not known; between 0 and 1.
  double failure_probability = 1e-6;
  // What needs more memory than this is not chosen, the dense decomposition of a sparse matrix above all; 0: no bound.
  std::uint64_t max_memory = 0;
  int threads = 0;  // 0: as many as the process may use
  std::stop_token stop = {};
  ProgressSink progress = {};
  std::uint64_t seed = 0x45636b617274;
};

struct TruncatedReport {
  Index rows = 0, cols = 0;
  TruncatedMethod method = TruncatedMethod::automatic;
  std::string reason;  // why this method
  std::string operator_description;
  // What was asked for; and of `smallest` and `nearest`, in words, what they were found by.
  Which which = Which::largest;
  double target = 0;
  std::string found_by;
  // A count of eigenvalues, or all values, prove that no singular value between these two is missing; and in words, how sure it is that
  // none is, whether they do or not. Of `smallest` and `nearest`.
  bool certified = false;
  double certified_from = 0, certified_to = 0;
  std::string certainty;
  // Of `smallest` and `nearest`: an estimate of sigma_1, of which rounding is granted to every residual; vectors that an inverse was
  // applied to.
  double largest_value = 0;
  Index solves = 0;
  // The rule that decided k: "rank", "energy", "relative error", "absolute error", "hard threshold", or "all" when every triplet is there;
  // empty when none of the rules was decided within the restarts, or within what a method alone was allowed to look for.
  std::string bound_by;
  // Where that was the hard threshold: the standard deviation of the noise, as given or estimated, and what values had to exceed.
  std::optional<double> noise, threshold;
  std::string shortfall;          // why it did not converge; empty where it did
  bool converged = true;          // a rule was decided, and every residual is within the tolerance
  std::vector<double> residuals;  // r_i, in units of A
  Index within_tolerance = 0;     // triplets whose residual is
  double tolerance = 0;
  double orthogonality_u = 0;  // ||I - U^H U||_F / (m eps)
  double orthogonality_v = 0;  // ||I - Vh Vh^H||_F / (n eps)
  // ||A - U diag(s) Vh||_F from ||A||_F^2 - sum s_i^2, good to about sqrt(eps) ||A||_F; empty when ||A||_F is not known.
  std::optional<double> frobenius_norm, left_out;
  // ||A||_F and ||A - U diag(s) Vh||_F are no larger, to rounding; empty when nothing is known of ||A||_F.
  std::optional<double> norm_at_most, left_out_at_most;
  // Estimate of sigma_{k+1} from what was found beside the k triplets; 0 when nothing was. Of `smallest` and `nearest`: of the value that
  // comes next after them.
  double next_value = 0;
  // No singular value beyond the k is larger; empty as they are.
  std::optional<double> next_at_most;
  // That one of the three bounds is wrong, because random vectors missed something; 0: they are certain, to rounding.
  double failure_probability = 0;
  Index block = 0, basis = 0;
  bool one_sided =
      false;  // the short side alone was orthogonalised: src/truncated/normal_lanczos.hpp
  int restarts = 0;
  Index products = 0;         // vectors that A or A^H were applied to
  Index products_before = 0;  // of these, before the state that it went on from
  std::vector<StageTime> stages;
  double seconds = 0;
  std::uint64_t workspace_bytes = 0;
  int threads = 1;
};

template <Scalar T>
struct TruncatedSvd {
  Matrix<T> U;             // m x k, column-major
  std::vector<Real<T>> s;  // k
  Matrix<T> Vh;            // k x n, row-major
  TruncatedReport report;
};

/// What keeps a method from being used: the memory allowed; or what it is, for this matrix and these rules.
enum class Obstacle { none, memory, unfit };

/// What one method would take.
struct MethodEstimate {
  TruncatedMethod method = TruncatedMethod::automatic;
  Obstacle obstacle = Obstacle::none;
  std::string obstacle_text;  // in words; empty where there is none
  double vectors = 0;         // that A and A^H are applied to
  double passes = 0;          // readings of A
  double flops = 0;           // real operations
  double product_flops =
      0;  // of a matrix product that takes as long; divide by its measured rate for seconds
  MemoryPlan memory;  // without A itself
};

/// What truncated_svd() would do, and why.
struct TruncatedPlan {
  TruncatedMethod method = TruncatedMethod::automatic;
  std::string reason;
  bool is_only_way = false;    // no other method can do it, as the reason says
  Index target = 0;            // triplets looked for first
  Index most = 0;              // and at the most, as the rules need them
  Index block = 0, basis = 0;  // of the method; of dense that of Lanczos
  std::vector<MethodEstimate>
      estimates;  // of every method, for `target` triplets; none where there is nothing to find

  /// That of a method; null where none was made.
  [[nodiscard]] const MethodEstimate* estimate(TruncatedMethod method) const noexcept;
};

/// The choice of truncated_svd() without the work: from sizes, cost() and options alone; nothing is applied. Times are right within a
/// factor of two where nothing is known of the spectrum. Throws InvalidArgument for options that make no sense.
template <Scalar T>
[[nodiscard]] TruncatedPlan plan_truncated_svd(const Operator<T>& a, const Truncation& rule,
                                               const TruncatedOptions& options = {});

/// Throws InvalidArgument (Lanczos asked for with a rule that needs ||A||_F of an operator that does not know it; an iteration asked
/// for with an error so small that only all values tell it, 0 included; options), Error of kind non_finite when products are not
/// finite, OutOfRange where a value is beyond the type, OutOfMemory, Cancelled. Not converging within `restarts` is data:
/// report.converged and the residuals. With `checkpoints` an iteration can be left and gone on with (truncated_state.hpp); from a state
/// that does not fit it throws StateMismatch.
/// Memory: min(m, n) basis entries (for a file the side that its order allows), (m + n) basis where both sides are orthogonalised, or
/// where `randomized` keeps A V.
template <Scalar T>
[[nodiscard]] TruncatedSvd<T> truncated_svd(const Operator<T>& a, const Truncation& rule,
                                            const TruncatedOptions& options = {},
                                            const Checkpoints<T>& checkpoints = {});

template <MatrixLike A>
[[nodiscard]] TruncatedSvd<ScalarOf<A>> truncated_svd(
    const A& a, const Truncation& rule, const TruncatedOptions& options = {},
    const Checkpoints<ScalarOf<A>>& checkpoints = {}) {
  return truncated_svd<ScalarOf<A>>(Operator<ScalarOf<A>>(DenseOperator<ScalarOf<A>>(as_view(a))),
                                    rule, options, checkpoints);
}

}  // namespace eckart
