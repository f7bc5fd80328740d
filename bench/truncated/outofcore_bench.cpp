// eckart_outofcore_bench FILE.npy ROWS COLS [K [disk|cache [F|C [BLOCK]]]]: the leading triplets of a matrix in a file.
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

struct Run {
  std::string path;
  Index k, block;
  std::vector<double> values;

  [[nodiscard]] double plain(bool from_disk) const {
    if (from_disk) {
      drop_from_cache(path);
    }
    return plain_speed(path);
  }

  // The plain speed is the better one of before and after: a disk that others use, too, has its moods.
  void race(const std::string& name, bool from_disk, const eckart::FileOperator<double>& a) const {
    const double before = plain(from_disk);
    if (from_disk) {
      drop_from_cache(path);
    }
    const auto d = eckart::truncated_svd<double>(
        a, eckart::rank(k), {.method = eckart::TruncatedMethod::lanczos, .block = block});
    const double after = plain(from_disk), best = std::max(before, after);
    const eckart::FileTraffic traffic = a.traffic();
    const double speed = static_cast<double>(traffic.bytes) / traffic.seconds;
    double error = 0;
    for (std::size_t i = 0; i < d.s.size(); ++i) {
      error = std::max(error, std::abs(d.s[i] - values[i]) / values[i]);
    }
    std::cout << fmt::format(
        "{}, {}: {:.1f} s, {} passes of {:.2f} GB/s = {:.0f} % of {:.2f} GB/s (before {:.2f}, "
        "after "
        "{:.2f}), waiting for the file {:.0f} %; blocks of {}, basis {}, restarts {}, converged "
        "{}, "
        "largest relative error {:.1e}, peak {:.0f} MB\n",
        from_disk ? "disk" : "cache", name, d.report.seconds, traffic.passes, speed / 1e9,
        100 * speed / best, best / 1e9, before / 1e9, after / 1e9,
        100 * traffic.waited / traffic.seconds, d.report.block, d.report.basis, d.report.restarts,
        d.report.converged, error, peak_megabytes());
    for (const eckart::StageTime& stage : d.report.stages) {
      std::cout << fmt::format("    {} {:.2f} s\n", stage.stage, stage.seconds);
    }
    std::cout.flush();
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr
        << "usage: eckart_outofcore_bench FILE.npy ROWS COLS [K [disk|cache [F|C [BLOCK]]]]\n";
    return 2;
  }
  const auto argument = [&](int i) { return i < argc ? std::string(argv[i]) : std::string(); };
  const auto number = [&](int i, Index otherwise) {
    return i < argc ? static_cast<Index>(std::atoll(argv[i])) : otherwise;
  };
  const Index rows = number(2, 0), cols = number(3, 0);
  const eckart::GallerySpec spec =
      eckart::parse_gallery(fmt::format("svd_poly {}x{} power=1 reflectors=2", rows, cols));
  const std::string path = argv[1];
  if (!std::filesystem::exists(path)) {
    make(path, spec);
    return 0;
  }
  const Run run{path, number(4, 20), number(7, 0), *eckart::known_singular_values(spec)};
  const auto is_wanted = [&](int i, const char* what) {
    return argument(i).empty() || argument(i) == what;
  };
  const std::uint64_t header =
      std::filesystem::file_size(path) - 8 * static_cast<std::uint64_t>(rows * cols);
  const eckart::RawMatrix transpose{.rows = cols,
                                    .cols = rows,
                                    .type = "<f8",
                                    .layout = eckart::Layout::row_major,
                                    .offset = header};
  for (const bool from_disk : {true, false}) {
    if (!is_wanted(5, from_disk ? "disk" : "cache")) {
      continue;
    }
    if (!from_disk) {
      static_cast<void>(plain_speed(path));  // into the cache
    }
    if (is_wanted(6, "F")) {
      run.race("Fortran order", from_disk,
               eckart::FileOperator<double>(path, {.forget = from_disk}));
    }
    if (is_wanted(6, "C")) {
      run.race("C order", from_disk,
               eckart::FileOperator<double>(path, transpose, {.forget = from_disk}));
    }
  }
}
