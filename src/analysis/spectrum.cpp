#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <eckart/error.hpp>
#include <eckart/spectrum.hpp>

#include "analysis/factors.hpp"

namespace eckart {

template <Scalar T>
Spectrum::Spectrum(const Svd<T>& d)
    : Spectrum(std::vector<double>(d.s.begin(), d.s.end()), analysis::shape_of(d).rows,
               analysis::shape_of(d).cols, static_cast<double>(epsilon<T>)) {}

Spectrum::Spectrum(std::vector<double> values, Index rows, Index cols, double eps)
    : values_(std::move(values)), rows_(rows), cols_(cols), eps_(eps) {
  if (rows < 0 || cols < 0 || count() != std::min(rows, cols)) {
    throw InvalidArgument("a matrix of " + analysis::size_text(rows, cols) +
                          " has min(m, n) singular values, not " + std::to_string(count()));
  }
  if (!(eps > 0) || !std::isfinite(eps)) {
    throw InvalidArgument("eps is " + std::to_string(eps) +
                          "; it is the relative accuracy of the matrix's type, 2.2e-16 for double");
  }
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const double above = i == 0 ? values_[0] : values_[i - 1];
    if (!std::isfinite(values_[i]) || !(values_[i] >= 0) || values_[i] > above) {
      throw InvalidArgument("singular value " + std::to_string(i) + " (counted from 0) is " +
                            std::to_string(values_[i]) +
                            "; singular values are finite, non-negative and descending");
    }
  }
}

template Spectrum::Spectrum(const Svd<float>&);
template Spectrum::Spectrum(const Svd<double>&);
template Spectrum::Spectrum(const Svd<std::complex<float>>&);
template Spectrum::Spectrum(const Svd<std::complex<double>>&);

}  // namespace eckart
