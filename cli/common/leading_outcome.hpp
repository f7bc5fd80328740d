#pragma once

// What a verb says of the leading triplets: the facts, and the arrays for -o.

#include "common/leading.hpp"
#include "common/outcome.hpp"
#include "report/truncated_report.hpp"

namespace eckart::cli {

/// The facts with file and type.
template <Scalar T>
[[nodiscard]] report::TruncatedFacts facts_of(const Opened& in, const TruncatedSvd<T>& d) {
  report::TruncatedFacts facts = report::from_truncated(d);
  facts.file = in.source.name();
  facts.dtype = type_name<T>();
  facts.column_names = in.description.column_names;
  return facts;
}

/// U, S and Vh; without the vectors that are not wanted.
template <Scalar T>
[[nodiscard]] std::vector<io::NamedArray> leading_arrays(const TruncatedSvd<T>& d, bool u,
                                                         bool vh) {
  const auto k = static_cast<Index>(d.s.size());
  std::vector<io::NamedArray> arrays;
  if (u) {
    arrays.push_back({"U", d.U.view(), false});
  }
  arrays.push_back({singular_values, MatrixView<const Real<T>>(d.s.data(), k, 1), true});
  if (vh) {
    arrays.push_back({"Vh", d.Vh.view(), false});
  }
  return arrays;
}

}  // namespace eckart::cli
