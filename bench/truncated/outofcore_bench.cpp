// eckart_outofcore_bench FILE.npy ROWS COLS [K]: the leading triplets of a matrix in a file.
//
// Where the file is missing it is made first: `svd_poly` with two reflectors a side, the values 1, 1/2, 1/3, ... known exactly; in
// Fortran order as NpyColumns writes it. The same bytes are read as the transpose in C order too (RawMatrix), so both ways are measured.
// Then, in one run:
//
//   1. the plain speed of reading the file once, from the disk (its pages dropped before) and from the system's cache
//   2. truncated_svd() with the pages dropped behind every read, so that each pass comes from the disk; and with the file in the cache
//
// For 2.: passes, GB/s in a pass and its share of the plain speed, what of the passes was waiting for the file, seconds in all, the
// largest error of a value, and what the process took of memory at the most. The file stays; remove it.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <eckart/file_operator.hpp>
#include <eckart/gallery.hpp>
#include <eckart/io.hpp>
#include <eckart/truncated_svd.hpp>

namespace {

using eckart::Index;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void drop_from_cache(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::fdatasync(file);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
}

/// Bytes a second of one thread that reads the whole file.
double plain_speed(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<char> buffer(std::size_t{8} << 20);
  const Clock::time_point start = Clock::now();
  double bytes = 0;
  for (ssize_t got = 1; got > 0; bytes += static_cast<double>(got)) {
    got = ::read(file, buffer.data(), buffer.size());
  }
  ::close(file);
  return bytes / since(start);
}

void make(const std::string& path, const eckart::GallerySpec& spec) {
  const Clock::time_point start = Clock::now();
  eckart::io::NpyColumns<double> file(path, spec.rows, spec.cols);
  eckart::generate_columns<double>({}, spec, std::max<Index>(1, (Index{8} << 20) / spec.rows),
                                   [&](eckart::MatrixView<const double> c) { file.write(c); });
  file.commit();
  std::cout << fmt::format("made {} of {} in {:.1f} s\n", path, to_string(spec), since(start));
}

double peak_megabytes() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

void race(const char* name, const eckart::FileOperator<double>& a, Index k, double plain,
          const std::vector<double>& values) {
  const auto d = eckart::truncated_svd<double>(a, eckart::rank(k),
                                               {.method = eckart::TruncatedMethod::golub_kahan});
  const eckart::FileTraffic traffic = a.traffic();
  double error = 0;
  for (std::size_t i = 0; i < d.s.size(); ++i) {
    error = std::max(error, std::abs(d.s[i] - values[i]) / values[i]);
  }
  const double speed = static_cast<double>(traffic.bytes) / traffic.seconds;
  std::cout << fmt::format(
      "{}: {:.1f} s, {} passes of {:.2f} GB/s = {:.0f} % of {:.2f} GB/s, {:.0f} % of a pass "
      "waiting; "
      "blocks of {} vectors, basis {}, {} restarts; converged {}, largest relative error {:.1e}; "
      "peak {:.0f} MB\n",
      name, d.report.seconds, traffic.passes, speed / 1e9, 100 * speed / plain, plain / 1e9,
      100 * traffic.waited / traffic.seconds, d.report.block, d.report.basis, d.report.restarts,
      d.report.converged, error, peak_megabytes());
  for (const eckart::StageTime& stage : d.report.stages) {
    std::cout << fmt::format("    {} {:.2f} s\n", stage.stage, stage.seconds);
  }
  std::cout.flush();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: eckart_outofcore_bench FILE.npy ROWS COLS [K]\n";
    return 2;
  }
  const std::string path = argv[1];
  const Index rows = std::atoll(argv[2]), cols = std::atoll(argv[3]),
              k = argc > 4 ? std::atoll(argv[4]) : 20;
  const eckart::GallerySpec spec =
      eckart::parse_gallery(fmt::format("svd_poly {}x{} power=1 reflectors=2", rows, cols));
  if (!std::filesystem::exists(path)) {
    make(path, spec);
    return 0;
  }
  const std::vector<double> values = *eckart::known_singular_values(spec);
  const std::uint64_t header =
      std::filesystem::file_size(path) - 8 * static_cast<std::uint64_t>(rows * cols);
  const eckart::RawMatrix transpose{.rows = cols,
                                    .cols = rows,
                                    .type = "<f8",
                                    .layout = eckart::Layout::row_major,
                                    .offset = header};
  for (const bool is_cold : {true, false}) {
    // The second reading of a file may be the first one from the cache.
    drop_from_cache(path);
    double plain = plain_speed(path);
    plain = is_cold ? plain : std::max(plain_speed(path), plain_speed(path));
    const char* where = is_cold ? "disk" : "cache";
    if (is_cold) {
      drop_from_cache(path);
    }
    race(fmt::format("{}, Fortran order", where).c_str(),
         eckart::FileOperator<double>(path, {.forget = is_cold}), k, plain, values);
    race(fmt::format("{}, C order", where).c_str(),
         eckart::FileOperator<double>(path, transpose, {.forget = is_cold}), k, plain, values);
  }
}
