#pragma once

// An iteration for leading triplets that was left, and goes on later as if nothing had happened:
//
//   TruncatedState<double> left;
//   truncated_svd<double>(A, rank(20), {.stop = token}, {.save = [&](const auto& state) { left = state; }});    // throws Cancelled
//   auto top = truncated_svd<double>(A, rank(20), {}, {.from = &left});                                        // the rest of the work
//
// A state holds all that the next step of block Lanczos depends on (src/truncated/krylov_space.hpp), so what is found from it is what
// would have been found without the interruption, bit for bit where the products are. Rule and options need not be those it was begun
// with: -k 30 goes on from -k 20. The randomized and the dense method have none: they take a few readings of A.
//
// A state belongs to one matrix. That is not taken on trust: its relation A^H A V = V H + V' S is tried, with a random combination of its
// vectors, before it is gone on from. Cost: two products, and one reading of A.
//
// save_checkpoint() and load_checkpoint() of checkpoint_file.hpp are the way to a file and back.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/matrix.hpp>

namespace eckart {

/// In the notation of src/truncated/krylov_space.hpp; the side of V is A's right one, its left one where `adjoint`.
template <Scalar T>
struct TruncatedState {
  Index rows = 0, cols = 0;              // of A
  std::optional<double> frobenius_norm;  // of A, where it is known
  Index found = 0;                       // triplets within the tolerance at the last look
  Index products = 0;                    // vectors that A and A^H were applied to so far

  // The space: V has p + block columns, the last of them the next block; U has p: an orthonormal basis where both
  // sides are kept, A V (A^H V) where that is; else none.
  bool adjoint = false, two_sided = false;
  Index block = 0, basis = 0;
  Matrix<T> V, U, H, S;                             // H p x p, S block x block
  std::vector<Real<T>> given_up;                    // p
  std::vector<Real<T>> values, residuals, in_hand;  // of the last look
  Index coupled = 0;
  bool uncoupled = false, scaled = false;
  Index exponent = 0;
  std::uint64_t seed = 0, streams = 0;

  // The iteration
  Index target = 0, restarts = 0, looked_at = 0, next_look = 0;
  bool to_look = false, to_renew = false, verifying = false;
  std::vector<Real<T>> verified;
  double work = 0, excess = 0;
};

/// A state that is of another matrix, or makes no sense; the message says which.
class StateMismatch : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
};

/// Throws StateMismatch where the state is none of a rows x cols matrix: sizes, numbers that are not finite, vectors that are not
/// orthonormal.
template <Scalar T>
void check_state(const TruncatedState<T>& state, Index rows, Index cols);

/// Where truncated_svd() goes on from, and whom it hands states.
template <Scalar T>
struct Checkpoints {
  /// It is read at once, and checked; null: from the beginning. The method is block Lanczos then.
  const TruncatedState<T>* from = nullptr;
  /// Called between steps, at most `every` so often; before an exception leaves the iteration (Cancelled, an error of the operator);
  /// and when the iteration has ended, since the vectors and residuals that follow take readings of A, too. The state is a copy,
  /// another basis in memory, and the callee's for the time of the call. What it throws leaves truncated_svd().
  std::function<void(const TruncatedState<T>&)> save = {};
  std::chrono::steady_clock::duration every = std::chrono::minutes(5);
};

}  // namespace eckart
