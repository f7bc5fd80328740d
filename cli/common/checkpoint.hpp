#pragma once

// --checkpoint FILE: an iteration for leading triplets that can be left.
//
//   1. where the file is there the iteration goes on from it
//   2. while it runs it is saved every few minutes; on Ctrl-C, on an error while the input is read, and where the restarts are used up,
//      too. What is said then is how far it is and that the same command goes on
//   3. what was found and written makes the file superfluous: it is removed
//
// Ctrl-C waits for the product that is being formed, since the state is one between two steps: within a second for most inputs. A
// second Ctrl-C ends at once, with what was saved before.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <eckart/truncated_state.hpp>

#include "common/console.hpp"
#include "common/interrupt.hpp"

namespace eckart::cli {

template <Scalar T>
class Checkpoint {
 public:
  /// Step 1; without a path nothing is saved. Throws FileError, FormatError.
  Checkpoint(const Console& console, const std::string& path);

  /// There was a state.
  [[nodiscard]] bool goes_on() const noexcept { return from_.has_value(); }

  /// Nobody is told to name a file: this run has no state.
  void has_nothing_to_save() noexcept { advises_ = false; }

  /// Step 2: find(checkpoints), and what is said where it throws.
  template <class Find>
  auto during(Find&& find) {
    try {
      return find(checkpoints());
    } catch (const Cancelled&) {
      tell(true);
      throw;
    } catch (const StateMismatch& error) {
      refuse(error.what());
    } catch (...) {
      tell(false);
      throw;
    }
  }

  /// Step 3, or that it did not converge and can go on.
  void end(bool converged);

 private:
  [[nodiscard]] Checkpoints<T> checkpoints();
  void save(const TruncatedState<T>& state);
  void tell(bool interrupted) const;
  [[noreturn]] void refuse(const std::string& why) const;

  const Console& console_;
  std::string path_;
  bool advises_ = true;
  std::optional<SavesOnInterrupt> patience_;
  std::optional<TruncatedState<T>> from_;
  std::string saved_;  // what the file has of this run, in words
  std::string failure_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace eckart::cli
