// eckart_stress_large [--sizes 1000,2000,4000] [--seconds 300] [--seed 1] [--threads 0] [--kind NAME]
//
// Every kind of the gallery at sizes where blocking, two stages, merges of hundreds of columns and threads are at work: for each size
// N the shapes N x N, 2N x N/2 and N/2 x 2N, all four types, thin factors against the checker (support/large_checker.hpp, threshold
// 10), and values alone against those. The cases of a size come in a random order of the seed, so that what fits into the seconds is a fair
// sample; no case begins after them. Prints the worst figures of each kind, and a line for each failure as it happens.
//
// Exit code 0: all passed. 1: some failed. 2: the command line is wrong.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <eckart/error.hpp>
#include <eckart/gallery.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>

#include "support/large_checker.hpp"

namespace eckart {
namespace {

struct CommandLine {
  std::vector<Index> sizes = {1000, 2000, 4000};
  double seconds = 300;
  std::uint64_t seed = 1;
  int threads = 0;
  std::string kind;  // empty: all
};

constexpr const char* type_names[] = {"float", "double", "complex float", "complex double"};

struct Case {
  GallerySpec spec;
  std::size_t type = 0;
};

struct Figures {
  int cases = 0, failed = 0, fell_back = 0;
  double residual = 0, orthogonality_u = 0, orthogonality_v = 0, values = 0, seconds = 0;
};

// Reflectors of a random orthogonal factor: enough for it to be dense, and no O(n^3) to generate.
constexpr double reflectors = 8;

std::vector<Case> cases_of(Index size, const CommandLine& line) {
  std::vector<Case> cases;
  for (const GalleryKind& kind : gallery_kinds()) {
    if (!line.kind.empty() && kind.name != line.kind) {
      continue;
    }
    GallerySpec spec{.kind = kind.name, .seed = line.seed};
    for (const GalleryParameter& parameter : kind.parameters) {
      if (parameter.name == "reflectors") {
        spec.parameters["reflectors"] = reflectors;
      }
    }
    for (const auto& [rows, cols] :
         {std::pair{size, size}, {2 * size, size / 2}, {size / 2, 2 * size}}) {
      spec.rows = rows;
      spec.cols = cols;
      for (std::size_t type = 0; type < std::size(type_names); ++type) {
        cases.push_back({spec, type});
      }
    }
  }
  const Random random(line.seed, static_cast<std::uint64_t>(size));
  for (std::size_t i = cases.size(); i > 1; --i) {
    std::swap(cases[i - 1], cases[random.below(i, i)]);
  }
  return cases;
}

// What was wrong, empty when nothing was.
template <Scalar T>
std::string run(const Case& c, const CommandLine& line, Figures& figures) {
  Matrix<T> a;
  try {
    a = generate<T>(c.spec);
  } catch (const InvalidArgument&) {
    return "";  // entries beyond double precision, or a kind of other shapes: there is no such matrix
  }
  ++figures.cases;
  SvdOptions options;
  options.threads = line.threads;
  const Svd<T> thin = svd(a, options);
  const testing::SvdCheck check = testing::check_large_svd<T>(a.view(), thin);
  options.u = options.v = Vectors::none;
  const Svd<T> alone = svd(a, options);
  const double values = testing::largest_difference(alone.s, thin.s, a.rows(), a.cols());
  figures.residual = std::max(figures.residual, check.residual);
  figures.orthogonality_u = std::max(figures.orthogonality_u, check.orthogonality_u);
  figures.orthogonality_v = std::max(figures.orthogonality_v, check.orthogonality_v);
  figures.values = std::max(figures.values, values);
  figures.seconds = std::max(figures.seconds, thin.report.seconds);
  figures.fell_back += thin.report.attempts.size() > 1 ? 1 : 0;
  figures.fell_back += alone.report.attempts.size() > 1 ? 1 : 0;
  if (!check.passed()) {
    return check.text() + "; path " + thin.report.path();
  }
  if (!(values <= testing::check_threshold)) {
    return "values alone are off by " + std::to_string(values) + "; path " + alone.report.path();
  }
  return "";
}

std::string run(const Case& c, const CommandLine& line, Figures& figures) {
  try {
    switch (c.type) {
      case 0:
        return run<float>(c, line, figures);
      case 1:
        return run<double>(c, line, figures);
      case 2:
        return run<std::complex<float>>(c, line, figures);
      default:
        return run<std::complex<double>>(c, line, figures);
    }
  } catch (const std::exception& error) {
    return error.what();
  }
}

int run(const CommandLine& line) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [start] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  std::map<std::string, Figures> kinds;
  std::size_t done = 0, all = 0;
  int failed = 0;
  for (const Index size : line.sizes) {
    const std::vector<Case> cases = cases_of(size, line);
    all += cases.size();
    for (const Case& c : cases) {
      if (seconds() > line.seconds) {
        break;
      }
      ++done;
      Figures& figures = kinds[c.spec.kind];
      const std::string fault = run(c, line, figures);
      if (!fault.empty()) {
        ++failed;
        ++figures.failed;
        std::printf("FAILED '%s' %s: %s\n", to_string(c.spec).c_str(), type_names[c.type],
                    fault.c_str());
        std::fflush(stdout);
      }
    }
  }
  std::printf("%-20s %5s %9s %9s %9s %9s %6s %7s\n", "kind", "cases", "residual", "U", "V",
              "values", "fell", "seconds");
  for (const auto& [kind, f] : kinds) {
    std::printf("%-20s %5d %9.3f %9.3f %9.3f %9.3f %6d %7.2f%s\n", kind.c_str(), f.cases,
                f.residual, f.orthogonality_u, f.orthogonality_v, f.values, f.fell_back, f.seconds,
                f.failed > 0 ? "  FAILED" : "");
  }
  std::printf("%zu of %zu cases in %.0f s, %d failed (threshold %g)\n", done, all, seconds(),
              failed, testing::check_threshold);
  return failed == 0 ? 0 : 1;
}

template <class Number>
bool read_number(std::string_view word, Number& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() && value >= 0;
}

bool read_sizes(std::string_view word, std::vector<Index>& sizes) {
  sizes.clear();
  while (!word.empty()) {
    const std::size_t comma = std::min(word.find(','), word.size());
    Index size = 0;
    if (!read_number(word.substr(0, comma), size) || size < 2) {
      return false;
    }
    sizes.push_back(size);
    word.remove_prefix(std::min(comma + 1, word.size()));
  }
  return !sizes.empty();
}

bool read(int argc, char** argv, CommandLine& line) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i], value = argv[i + 1];
    if (name == "--kind") {
      const auto kinds = gallery_kinds();
      line.kind = value;
      if (std::none_of(kinds.begin(), kinds.end(),
                       [&](const GalleryKind& kind) { return kind.name == value; })) {
        return false;
      }
    } else if (!(name == "--sizes"     ? read_sizes(value, line.sizes)
                 : name == "--seconds" ? read_number(value, line.seconds)
                 : name == "--seed"    ? read_number(value, line.seed)
                 : name == "--threads" ? read_number(value, line.threads)
                                       : false)) {
      return false;
    }
  }
  return argc % 2 == 1;
}

}  // namespace
}  // namespace eckart

int main(int argc, char** argv) {
  eckart::CommandLine line;
  if (!eckart::read(argc, argv, line)) {
    std::fprintf(stderr,
                 "usage: eckart_stress_large [--sizes 1000,2000,4000] [--seconds 300] [--seed 1] "
                 "[--threads 0] [--kind NAME]\n");
    return 2;
  }
  return eckart::run(line);
}
