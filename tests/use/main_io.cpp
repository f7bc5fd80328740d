// A consumer of the component io: a matrix goes to a file and comes back.

#include <cstdio>
#include <variant>

#include <eckart/io.hpp>
#include <eckart/matrix.hpp>

int main() {
  eckart::Matrix<double> a(2, 3);
  a(1, 2) = 0.1;
  eckart::io::write_matrix("consumer.npy", eckart::MatrixView<const double>(a.view()));
  const auto file = eckart::io::read_matrix("consumer.npy");
  std::remove("consumer.npy");
  const auto& back = std::get<eckart::Matrix<double>>(file.matrix);
  return back.rows() == 2 && back.cols() == 3 && back(1, 2) == 0.1 ? 0 : 1;
}
