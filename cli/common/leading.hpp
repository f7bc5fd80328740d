#pragma once

// The way of every verb that can do with the leading triplets:
//
//   1. --dry-run ends here: every method with what it would take, from the header
//   2. read the input: a sparse one as it is, where a rule says how many triplets are wanted; a dense npy file that the memory does not
//      hold stays where it is, and the numbers of a text table go into a file of their own
//   3. the method: plan_truncated_svd() within the memory that the input leaves
//   4. dense: whole(opened, matrix), which decomposes it; else leading(opened, triplets) with what was found
//
// Without a rule a sparse input is written out, within --max-memory.

#include <stdexcept>

#include "common/checkpoint.hpp"
#include "common/decompose.hpp"
#include "common/operator_input.hpp"
#include "common/state_file.hpp"
#include "common/truncation.hpp"
#include "dense/scale.hpp"

namespace eckart::cli {

/// Step 1.
ExitCode show_truncated_forecast(const Console& console, const DecompositionOptions& command,
                                 const TruncationOptions& truncation, const MatrixSource& source);

/// Stages and method to standard error under --verbose.
void narrate(const Console& console, const TruncatedReport& report);

/// What an input of so many bytes leaves of the memory allowed: 1 where it leaves nothing. Throws OutOfMemory where the input alone
/// is too much.
[[nodiscard]] std::uint64_t memory_beside(const MemoryPlan& input, std::uint64_t max_memory);

/// Throws OutOfMemory or InvalidArgument where the method of the plan cannot be used, with a way out.
void require_possible(const TruncatedPlan& plan, bool sparse);

/// Says where --checkpoint was given for nothing.
void note_unsaved(const Console& console, const TruncationOptions& truncation,
                  TruncatedMethod method);

/// The way out where the zeros of a sparse input are too many.
inline constexpr const char* leave_it_sparse =
    "all triplets of a sparse matrix are found by writing out its zeros; for the leading ones it "
    "stays "
    "sparse: -k 20, --energy 0.9 or --error 0.1";

/// The way out where a dense npy file is too large.
inline constexpr const char* leave_it_there =
    "the leading triplets are found without reading it whole: -k 20, --energy 0.9 or --error 0.1";

/// Steps 3 and 4. `write_out` gives the dense matrix.
template <Scalar T, class WriteOut, class Whole, class Leading>
ExitCode with_method(const Opened& in, const DecompositionOptions& command,
                     const TruncationOptions& truncation, const Operator<T>& a,
                     const MemoryPlan& input, WriteOut&& write_out, Whole&& whole,
                     Leading&& leading) {
  const Truncation rule = rule_of(truncation);
  Checkpoint<T> checkpoint(in.console, truncation.checkpoint);
  const auto options = [&] {
    TruncatedOptions all = truncated_options(truncation, command.numerical, in.console,
                                             memory_beside(input, command.numerical.max_memory));
    if (checkpoint.goes_on()) {
      all.method = TruncatedMethod::lanczos;
    }
    return all;
  };
  const TruncatedPlan plan = plan_truncated_svd<T>(a, rule, options());
  require_possible(plan, in.description.entries.has_value());
  in.console.detail(std::string("method: ") + to_string(plan.method) + ", because " + plan.reason);
  note_unsaved(in.console, truncation, plan.method);
  if (plan.method != TruncatedMethod::lanczos || truncation.which() != Which::largest) {
    checkpoint.has_nothing_to_save();
  }
  if (plan.method == TruncatedMethod::dense && !plan.estimates.empty() &&
      truncation.which() == Which::largest) {
    return whole(in, write_out());
  }
  const TruncatedSvd<T> d = checkpoint.during([&](const Checkpoints<T>& checkpoints) {
    return truncated_svd<T>(a, rule, options(), checkpoints);
  });  // the progress line ends with the options, before anything else is printed
  narrate(in.console, d.report);
  const ExitCode code = leading(in, d);
  checkpoint.end(d.report.converged);
  return code;
}

/// Steps 1 to 4. needs(m, n) is what the whole decomposition needs, and what -o is to hold.
template <class Whole, class Leading>
ExitCode with_triplets(const Console& console, const DecompositionOptions& command,
                       const TruncationOptions& truncation, MatrixSource& source,
                       const std::function<Needs(Index, Index)>& needs, Whole&& whole,
                       Leading&& leading) {
  const bool sparse = source.is_sparse();
  const std::uint64_t max_memory = command.numerical.max_memory;
  const bool in_file = stays_in_file(source, max_memory);
  if (!truncation.has_rule() || (!sparse && truncation.method == TruncatedMethod::dense &&
                                 truncation.which() == Which::largest)) {
    if ((sparse || in_file) && !command.numerical.dry_run) {
      const io::Description d = source.describe();
      with_type(element_type_of(d.computed_type), [&]<Scalar T>() {
        require_memory(forecast<T>(d.rows, d.cols, needs(d.rows, d.cols),
                                   svd_options(command.numerical, console))
                           .memory,
                       max_memory, sparse ? leave_it_sparse : leave_it_there);
      });
    }
    const auto with_way_out = [&](Index m, Index n) {
      Needs all = needs(m, n);
      all.way_out = sparse ? leave_it_sparse : in_file ? leave_it_there : all.way_out;
      return all;
    };
    note_unsaved(console, truncation, TruncatedMethod::dense);
    return with_matrix(console, command, source, with_way_out, whole);
  }
  if (command.numerical.dry_run) {  // 1
    return show_truncated_forecast(console, command, truncation, source);
  }
  const io::Description d = source.describe();
  if (!truncation.checkpoint.empty()) {
    check_state_file("--checkpoint", truncation.checkpoint, command.input.path,
                     check_output(command.output, needs(d.rows, d.cols).written));
  }
  if (in_file) {
    return with_type(element_type_of(d.computed_type), [&]<Scalar T>() {
      check_shapes(command.output, needs(d.rows, d.cols).written, ComplexScalar<T>);
      const MemoryPlan blocks = file_memory(source, max_memory);
      if (source.is_table_in_file()) {  // what cannot be done is said before it is parsed
        require_possible(
            plan_truncated_svd<T>(outlined_file<T>(source, max_memory), rule_of(truncation),
                                  truncated_options(truncation, command.numerical, console,
                                                    memory_beside(blocks, max_memory))),
            false);
      }
      return with_method<T>(
          Opened{console, source, d}, command, truncation,
          file_operator<T>(source, max_memory, command.output.path), blocks,
          []() -> Matrix<T> {
            throw std::logic_error("a matrix that does not fit was to be read");
          },
          whole, leading);
    });
  }
  if (!sparse) {
    const io::MatrixFile file = source.read();  // 2
    note_channel(console, source.name(), command.input.reading.channel, file.description);
    return std::visit(
        [&]<Scalar T>(const Matrix<T>& a) {
          check_shapes(command.output, needs(a.rows(), a.cols()).written, ComplexScalar<T>);
          const auto compute = [&] {
            // An iteration would see NaN in its products, and not where it stands.
            static_cast<void>(
                dense::max_modulus<T>(execution_of(svd_options(command.numerical, console)), a));
            return with_method<T>(
                Opened{console, source, file.description}, command, truncation, DenseOperator<T>(a),
                input_memory<T>(file.description), [&]() -> const Matrix<T>& { return a; }, whole,
                leading);
          };
          return naming_bad_entries(source, a, compute);
        },
        file.matrix);
  }
  return with_type(element_type_of(d.computed_type), [&]<Scalar T>() {
    check_shapes(command.output, needs(d.rows, d.cols).written, ComplexScalar<T>);
    const MemoryPlan input = input_memory<T>(d);
    static_cast<void>(memory_beside(input, max_memory));
    const SparseOperator<T> a(
        assembled<T>(source, std::get<io::Triplets<T>>(source.read_sparse().triplets)));
    return with_method<T>(
        Opened{console, source, d}, command, truncation, a, input,
        [&] { return written_out(a.matrix()); }, whole, leading);
  });
}

}  // namespace eckart::cli
