#include "common/page_pictures.hpp"

#include <algorithm>
#include <cmath>

#include <eckart/io.hpp>
#include <eckart/low_rank.hpp>

namespace eckart::cli {
namespace {

constexpr Index shown_vectors = 6;
constexpr Index shown_entries =
    1 << 20;  // of one vector: a page of a hundred megabytes helps nobody
constexpr Index picture_entries = Index{4} << 20;
constexpr Index ranks[] = {1, 2, 5, 10, 20, 50, 100, 200, 500};

template <Scalar T>
double shown(const T& x) {
  if constexpr (ComplexScalar<T>) {
    return static_cast<double>(std::abs(x));
  } else {
    return static_cast<double>(x);
  }
}

/// Row or column number `index` as doubles.
template <Scalar T>
std::vector<double> column_of(MatrixView<const T> a, Index index) {
  std::vector<double> entries;
  if (index < a.cols() && a.rows() <= shown_entries) {
    entries.reserve(static_cast<std::size_t>(a.rows()));
    for (Index i = 0; i < a.rows(); ++i) {
      entries.push_back(shown(a(i, index)));
    }
  }
  return entries;
}

std::vector<std::uint8_t> png_of(Matrix<float> grey) {
  io::Image image;
  image.channels.push_back(std::move(grey));
  return io::encode_png(image);
}

template <Scalar T>
Matrix<float> as_grey(const Matrix<T>& a) {
  auto grey = Matrix<float>::uninitialized(a.rows(), a.cols());
  for (Index j = 0; j < a.cols(); ++j) {
    for (Index i = 0; i < a.rows(); ++i) {
      grey(i, j) = static_cast<float>(real_part(a(i, j)));
    }
  }
  return grey;
}

}  // namespace

template <Scalar T>
void add_vectors(std::vector<report::VectorPair>& pairs, bool& are_moduli, const Matrix<T>& u,
                 const Matrix<T>& vh) {
  are_moduli = ComplexScalar<T>;
  const Index count = std::min<Index>(shown_vectors, std::max(u.cols(), vh.rows()));
  for (Index i = 0; i < count; ++i) {
    pairs.push_back({column_of<T>(u, i), column_of<T>(vh.view().transposed(), i)});
  }
}

template <Scalar T>
void add_pictures(report::SpectrumReport& page, bool is_image, const Matrix<T>& a, const Svd<T>& d,
                  const Execution& run) {
  const Index count = static_cast<Index>(d.s.size());
  if (!is_image || count == 0 || d.U.cols() < count || d.Vh.rows() < count ||
      a.rows() * a.cols() > picture_entries) {
    return;
  }
  page.original_png = png_of(as_grey(a));
  for (const Index k : ranks) {
    if (k < count) {
      page.approximations.push_back({k, png_of(as_grey(low_rank_matrix(d, k, run)))});
    }
  }
}

#define ECKART_INSTANTIATE(T)                                                                   \
  template void add_vectors<T>(std::vector<report::VectorPair>&, bool&, const Matrix<T>&,       \
                               const Matrix<T>&);                                               \
  template void add_pictures<T>(report::SpectrumReport&, bool, const Matrix<T>&, const Svd<T>&, \
                                const Execution&);
ECKART_INSTANTIATE(float)
ECKART_INSTANTIATE(double)
ECKART_INSTANTIATE(std::complex<float>)
ECKART_INSTANTIATE(std::complex<double>)
#undef ECKART_INSTANTIATE

}  // namespace eckart::cli
