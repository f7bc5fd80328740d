#include "common/checkpoint.hpp"

#include <filesystem>

#include <eckart/checkpoint_file.hpp>
#include <eckart/error.hpp>

#include "report/text.hpp"

namespace eckart::cli {
namespace {

// Runs that were longer might have been saved.
constexpr std::chrono::seconds long_run{30};

template <Scalar T>
std::string progress_of(const TruncatedState<T>& state) {
  return report::counted(state.found, "triplet", "triplets") + " of " +
         report::format_count(state.target) + " found after " +
         report::counted(state.products, "product", "products");
}

}  // namespace

template <Scalar T>
Checkpoint<T>::Checkpoint(const Console& console, const std::string& path)
    : console_(console), path_(path) {
  if (path_.empty()) {
    return;
  }
  patience_.emplace(Patience::whole_product);
  if (std::filesystem::exists(path_)) {
    from_ = io::load_checkpoint<T>(path_);
    console_.note("eckart: goes on from " + path_ + ": " + progress_of(*from_));
  }
}

template <Scalar T>
Checkpoints<T> Checkpoint<T>::checkpoints() {
  if (path_.empty()) {
    return {};
  }
  return {.from = from_ ? &*from_ : nullptr,
          .save = [this](const TruncatedState<T>& state) { save(state); }};
}

template <Scalar T>
void Checkpoint<T>::save(const TruncatedState<T>& state) {
  try {
    io::save_checkpoint(path_, state);
    saved_ = progress_of(state);
    failure_.clear();
  } catch (const Error& error) {
    failure_ = error.what();  // said at the end: a line of progress may stand on the terminal
  }
}

template <Scalar T>
void Checkpoint<T>::tell(bool interrupted) const {
  if (!failure_.empty()) {
    console_.warn(failure_);
  }
  if (!saved_.empty()) {
    console_.note("eckart: " + saved_ + ", saved in " + path_ +
                  "; the same command goes on from there");
  } else if (from_) {
    console_.note("eckart: " + path_ + " is as it was; the same command goes on from there");
  } else if (interrupted && path_.empty() && advises_ &&
             std::chrono::steady_clock::now() - began_ >= long_run) {
    console_.note(
        "eckart: what was found so far is lost; with --checkpoint FILE.npz the same command would "
        "go on from there");
  }
}

template <Scalar T>
void Checkpoint<T>::refuse(const std::string& why) const {
  throw FormatError(path_ + ": " + why +
                    "; remove the file, or name another one, to begin from the beginning");
}

template <Scalar T>
void Checkpoint<T>::end(bool converged) {
  if (path_.empty()) {
    return;
  }
  if (!converged) {
    tell(false);
    return;
  }
  std::error_code failed;
  std::filesystem::remove(path_, failed);
  if (failed) {
    console_.warn(path_ + ": cannot be removed: " + failed.message());
  }
}

template class Checkpoint<float>;
template class Checkpoint<double>;
template class Checkpoint<std::complex<float>>;
template class Checkpoint<std::complex<double>>;

}  // namespace eckart::cli
