// Products with a file, a block of lines at a time. Two kinds of product come from a block (operators of the matrix read as A or A^H):
//
//   across the lines    y_i  = A_i x          lines of the result, each from its own line
//   along the lines     z   += A_i^H x_i      a sum over all lines
//
// In C order apply() goes across and apply_adjoint() along; in Fortran order it is the other way round.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <type_traits>

#include <eckart/error.hpp>
#include <eckart/file_operator.hpp>

#include "blas/block_product.hpp"
#include "core/sums.hpp"
#include "io/bad_entry.hpp"
#include "operators/norm.hpp"
#include "outofcore/block_reader.hpp"
#include "outofcore/file_cost.hpp"

namespace eckart {

using blas::Op;
using outofcore::Block;
using outofcore::EntriesFile;

/// What the copies of an operator share and change.
struct outofcore::Traffic {
  std::mutex mutex;
  FileTraffic traffic;
  std::optional<double> norm;
};

namespace {

// A block is no larger: several of them in a file are what reading ahead lives on.
constexpr std::uint64_t largest_block = std::uint64_t{64} << 20;
// What comes from the system's cache is copied as fast as the memory allows, and then both products read the copy. While two blocks fit
// the last level of the processor's cache, that costs no memory traffic: 8 vectors at a time go at 10 GB/s with 8 MiB, at 7 with 64.
// With fewer lines than these in a block the vectors are read as often as the block, and a large one is better.
constexpr std::uint64_t cached_block = std::uint64_t{8} << 20, fewest_lines = 100;
// In turn: two are needed to read one block while another is used, more are taken where the memory has room for them.
constexpr std::uint64_t fewest_buffers = 2, most_buffers = 4;
// Entries converted in one piece of work.
constexpr Index piece_entries = Index{1} << 15;

/// Whether every number of type C is one of type T.
template <class C, class T>
constexpr bool holds =
    (!ComplexScalar<C> || ComplexScalar<T>) && sizeof(Real<C>) <= sizeof(Real<T>);

template <class C, class T>
T widened(const C& x) noexcept {
  if constexpr (ComplexScalar<C>) {
    return {static_cast<Real<T>>(x.real()), static_cast<Real<T>>(x.imag())};
  } else {
    return T(static_cast<Real<T>>(x));
  }
}

/// `count` stored entries as T's, by way of C, what the type is read as.
template <class C, class T>
void convert(const io::NpyDtype& dtype, const std::byte* from, T* to, Index count) {
  if constexpr (std::same_as<C, T>) {
    dtype.convert(from, to, static_cast<std::size_t>(count));
  } else {
    constexpr Index together = 512;
    C between[together];
    for (Index done = 0; done < count; done += together) {
      const Index n = std::min(together, count - done);
      dtype.convert(from + static_cast<std::size_t>(done) * dtype.entry_bytes, between,
                    static_cast<std::size_t>(n));
      std::transform(between, between + n, to + done, widened<C, T>);
    }
  }
}

template <Scalar T>
bool is_used_as_stored(const EntriesFile& file) noexcept {
  return file.dtype().is_native && file.dtype().computed == io::scalar_type<T>;
}

/// The entries of a block as T's: where they lie, or converted into `to`.
template <Scalar T>
const T* entries_of(const Execution& execution, const EntriesFile& file, const Block& block,
                    Matrix<T>& to) {
  if (is_used_as_stored<T>(file)) {
    return reinterpret_cast<const T*>(block.bytes);
  }
  const Index count = block.count * file.length();
  io::with_scalar_type(file.dtype().computed, [&]<class C>() {
    if constexpr (holds<C, T>) {
      parallel_for(execution, (count + piece_entries - 1) / piece_entries, [&](Index piece) {
        const Index first = piece * piece_entries;
        convert<C>(file.dtype(),
                   block.bytes + static_cast<std::size_t>(first) * file.dtype().entry_bytes,
                   to.data() + first, std::min(piece_entries, count - first));
      });
    }
  });
  return to.data();
}

/// Throws when T does not hold what the file's entries become.
template <Scalar T>
void require_held(const EntriesFile& file) {
  const bool is_held =
      io::with_scalar_type(file.dtype().computed, []<class C>() { return holds<C, T>; });
  if (!is_held) {
    throw InvalidArgument(file.name() + ": entries of type '" + file.type() + "' become " +
                          io::to_string(file.dtype().computed) + ", which " +
                          io::to_string(io::scalar_type<T>) +
                          " does not hold; take a FileOperator of that type");
  }
}

/// Bytes that a line takes where it is converted.
template <Scalar T>
std::uint64_t converted_bytes(const EntriesFile& file) noexcept {
  return is_used_as_stored<T>(file) ? 0 : sizeof(T) * static_cast<std::uint64_t>(file.length());
}

/// Lines of a block, so that all blocks fit the memory.
template <Scalar T>
Index lines_for(const EntriesFile& file, std::uint64_t memory, bool is_cached) {
  const std::uint64_t line =
      std::max<std::uint64_t>(1, fewest_buffers * file.line_bytes() + converted_bytes<T>(file));
  const std::uint64_t fitting = memory / line;
  if (fitting == 0) {
    throw OutOfMemory(file.name() + ": two blocks of one " + (file.has_rows() ? "row" : "column") +
                          " under a limit of " + std::to_string(memory) + " bytes",
                      line);
  }
  const auto lines_in = [&file](std::uint64_t bytes) {
    return std::max<std::uint64_t>(1, bytes / std::max<std::uint64_t>(1, file.line_bytes()));
  };
  const bool is_small = is_cached && lines_in(cached_block) >= fewest_lines;
  const std::uint64_t wanted = lines_in(is_small ? cached_block : largest_block);
  std::uint64_t lines = std::min(fitting, wanted);
  // Whole chunks, even where that makes a larger block; where none fits, the fewest pieces decompress each the fewest times.
  if (const auto together = static_cast<std::uint64_t>(file.lines_together()); together > 1) {
    lines = fitting >= together ? std::max(lines / together, std::uint64_t{1}) * together : fitting;
  }
  return static_cast<Index>(std::clamp<std::uint64_t>(
      lines, 1, static_cast<std::uint64_t>(std::max<Index>(1, file.lines()))));
}

/// As many blocks of `lines` lines as the memory holds.
template <Scalar T>
Index buffers_for(const EntriesFile& file, Index lines, std::uint64_t memory) {
  const std::uint64_t block =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(lines) * file.line_bytes());
  const std::uint64_t taken = static_cast<std::uint64_t>(lines) * converted_bytes<T>(file);
  return static_cast<Index>(
      std::clamp((memory - std::min(memory, taken)) / block, fewest_buffers, most_buffers));
}

/// Throws the error about the first entry of a block that is not finite, if there is one.
template <Scalar T>
void name_bad_entry(const EntriesFile& file, const Block& block, const T* entries) {
  const Index count = block.count * file.length();
  const Index at = std::find_if_not(entries, entries + count, is_finite<T>) - entries;
  if (at == count) {
    return;
  }
  const bool is_across =
      file.has_rows() != (file.block_layout() == Layout::row_major) && file.length() > 1;
  const Index line = block.first + (is_across ? at % block.count : at / file.length());
  const Index inside = is_across ? at / block.count : at % file.length();
  throw io::bad_entry(file.name(), file.place_of(line, inside), file.has_rows() ? line : inside,
                      file.has_rows() ? inside : line, name_of_non_finite(entries[at]));
}

template <Scalar T>
void clear(MatrixView<T> y) noexcept {
  for (Index k = 0; k < y.cols(); ++k) {
    std::fill_n(y.col(k), y.rows(), T{});
  }
}

template <class T>
MatrixView<T> lines_of(MatrixView<T> x, const Block& block) noexcept {
  return x.block(block.first, 0, block.count, x.cols());
}

}  // namespace

template <Scalar T>
FileOperator<T>::FileOperator(const std::string& path, const FileOperatorOptions& options)
    : FileOperator(std::make_shared<const EntriesFile>(path, options.member, options.memory),
                   options) {}

template <Scalar T>
FileOperator<T>::FileOperator(const std::string& path, const RawMatrix& raw,
                              const FileOperatorOptions& options)
    : FileOperator(std::make_shared<const EntriesFile>(path, raw), options) {}

template <Scalar T>
FileOperator<T>::FileOperator(std::shared_ptr<const EntriesFile> file,
                              const FileOperatorOptions& options)
    : file_(std::move(file)), traffic_(std::make_shared<outofcore::Traffic>()) {
  require_held<T>(*file_);
  forget_ = options.forget.value_or(outofcore::is_too_large_to_stay(file_->bytes()));
  lines_ = lines_for<T>(*file_, options.memory, is_cached());
  buffers_ = buffers_for<T>(*file_, lines_, options.memory);
}

template <Scalar T>
Index FileOperator<T>::rows() const noexcept {
  return file_->rows();
}

template <Scalar T>
Index FileOperator<T>::cols() const noexcept {
  return file_->cols();
}

/// Calls visit(block, its entries, the same as a matrix of whole rows or columns) for every block in order.
template <Scalar T>
template <class Visit>
void FileOperator<T>::pass(const Execution& execution, const Visit& visit) const {
  using Clock = std::chrono::steady_clock;
  const EntriesFile& file = *file_;
  if (file.lines() == 0 || file.length() == 0) {
    return;
  }
  const Clock::time_point start = Clock::now();
  outofcore::BlockReader reader(file, lines_, buffers_, forget_, execution.stop);
  Matrix<T> converted =
      is_used_as_stored<T>(file) ? Matrix<T>() : Matrix<T>::uninitialized(lines_, file.length());
  const Layout layout = file.block_layout();
  while (const std::optional<Block> block = reader.next()) {
    const T* entries = entries_of<T>(execution, file, *block, converted);
    visit(*block, entries,
          file.has_rows() ? MatrixView<const T>(entries, block->count, file.length(), layout)
                          : MatrixView<const T>(entries, file.length(), block->count, layout));
  }
  file.require_unchanged();
  const std::lock_guard lock(traffic_->mutex);
  FileTraffic& traffic = traffic_->traffic;
  ++traffic.passes;
  traffic.bytes += file.bytes();
  traffic.seconds += std::chrono::duration<double>(Clock::now() - start).count();
  traffic.waited += reader.waited();
}

template <Scalar T>
void FileOperator<T>::apply(const Execution& execution, MatrixView<const T> x,
                            MatrixView<T> y) const {
  clear(y);
  pass(execution, [&](const Block& block, const T*, MatrixView<const T> a) {
    if (file_->has_rows()) {
      blas::block_product<T>(execution, Op::none, a, x, false, lines_of(y, block));
    } else {
      blas::block_product<T>(execution, Op::none, a, lines_of(x, block), true, y);
    }
  });
}

template <Scalar T>
void FileOperator<T>::apply_adjoint(const Execution& execution, MatrixView<const T> x,
                                    MatrixView<T> y) const {
  clear(y);
  pass(execution, [&](const Block& block, const T*, MatrixView<const T> a) {
    if (file_->has_rows()) {
      blas::block_product<T>(execution, Op::adjoint, a, lines_of(x, block), true, y);
    } else {
      blas::block_product<T>(execution, Op::adjoint, a, x, false, lines_of(y, block));
    }
  });
}

template <Scalar T>
bool FileOperator<T>::goes_back_in_one_pass(bool adjoint) const noexcept {
  return adjoint != file_->has_rows();
}

template <Scalar T>
void FileOperator<T>::apply_and_back(const Execution& execution, bool adjoint, Real<T> factor,
                                     MatrixView<const T> x, MatrixView<T> y,
                                     MatrixView<T> z) const {
  const auto scale = [factor](MatrixView<T> part) {
    for (Index k = 0; k < part.cols(); ++k) {
      std::for_each_n(part.col(k), part.rows(), [factor](T& entry) { entry *= factor; });
    }
  };
  if (!goes_back_in_one_pass(adjoint)) {
    throw InvalidArgument(file_->name() + ": goes back in one pass where goes_back_in_one_pass()");
  }
  const Op across = adjoint ? Op::adjoint : Op::none, along = adjoint ? Op::none : Op::adjoint;
  // Of a y that is not wanted a block is kept for as long as its lines are in memory.
  Matrix<T> passing = y.cols() == 0 ? Matrix<T>::uninitialized(lines_, x.cols()) : Matrix<T>();
  clear(y);
  clear(z);
  pass(execution, [&](const Block& block, const T*, MatrixView<const T> a) {
    const MatrixView<T> part =
        y.cols() == 0 ? passing.view().top_rows(block.count) : lines_of(y, block);
    blas::block_product<T>(execution, across, a, x, false, part);
    scale(part);
    blas::block_product<T>(execution, along, a, part, true, z);
  });
}

template <Scalar T>
void FileOperator<T>::apply_both(const Execution& execution, MatrixView<const T> x, MatrixView<T> y,
                                 MatrixView<const T> w, MatrixView<T> z) const {
  clear(y);
  clear(z);
  pass(execution, [&](const Block& block, const T*, MatrixView<const T> a) {
    if (file_->has_rows()) {
      blas::block_product<T>(execution, Op::none, a, x, false, lines_of(y, block));
      blas::block_product<T>(execution, Op::adjoint, a, lines_of(w, block), true, z);
    } else {
      blas::block_product<T>(execution, Op::none, a, lines_of(x, block), true, y);
      blas::block_product<T>(execution, Op::adjoint, a, w, false, lines_of(z, block));
    }
  });
}

template <Scalar T>
std::optional<Real<T>> FileOperator<T>::frobenius_norm(const Execution& execution) const {
  const auto stated = [](double norm) {
    const auto rounded = static_cast<Real<T>>(norm);
    return is_rounded_well(rounded) ? std::optional(rounded) : std::nullopt;
  };
  {
    const std::lock_guard lock(traffic_->mutex);
    if (traffic_->norm) {
      return stated(*traffic_->norm);
    }
  }
  core::SumOfSquares sum;
  bool overflows = false;
  pass(execution, [&](const Block& block, const T* entries, MatrixView<const T>) {
    // Pieces of one size, whatever the lines are.
    const Index count = block.count * file_->length(), whole = count / piece_entries,
                rest = count % piece_entries;
    for (const MatrixView<const T> part :
         {MatrixView<const T>(entries, piece_entries, whole),
          MatrixView<const T>(entries + whole * piece_entries, rest, 1)}) {
      const double norm = double{frobenius_norm_of<T>(execution, part)};
      if (std::isfinite(norm)) {
        sum.add(norm);
      } else {
        name_bad_entry(*file_, block, entries);
        overflows = true;
      }
    }
  });
  const std::lock_guard lock(traffic_->mutex);
  traffic_->norm = overflows ? std::numeric_limits<double>::infinity() : sum.norm();
  return stated(*traffic_->norm);
}

// What is not forgotten is in the system's cache from the second pass on. Chunks are decompressed anew, at the speed of a disk.
template <Scalar T>
bool FileOperator<T>::is_cached() const noexcept {
  return !forget_ && !file_->is_decoded();
}

template <Scalar T>
OperatorCost FileOperator<T>::cost() const noexcept {
  return outofcore::file_cost<T>(rows(), cols(), file_->bytes(), is_cached());
}

template <Scalar T>
std::string FileOperator<T>::description() const {
  return "file " + file_->name() + " of " + file_->type() + " by " +
         (file_->has_rows() ? "rows" : "columns");
}

template <Scalar T>
FileTraffic FileOperator<T>::traffic() const {
  const std::lock_guard lock(traffic_->mutex);
  return traffic_->traffic;
}

template class FileOperator<float>;
template class FileOperator<double>;
template class FileOperator<std::complex<float>>;
template class FileOperator<std::complex<double>>;

}  // namespace eckart
