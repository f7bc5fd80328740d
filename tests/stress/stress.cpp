// eckart_stress --count N --seed S [--max-size 40] [--case I]
//
// N random decompositions, each checked. Case i draws from stream i of the seed: a kind of the gallery with random
// parameters, a scaling, a type, sizes 0 to max-size each way, a memory layout, what U and V shall be, the driver (automatic
// seven times in ten), and thresholds low enough that the QR step, every panel width and the tail of a panel occur at these
// sizes. A case passes when the checker does; values alone are held against one-sided Jacobi with vectors, which must pass
// too. A failure prints a line with all that reproduces it, and --case I runs that case alone.
//
// Exit code 0: all passed. 1: some failed. 2: the command line is wrong.

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include <eckart/error.hpp>
#include <eckart/execution.hpp>
#include <eckart/gallery.hpp>
#include <eckart/random.hpp>
#include <eckart/svd.hpp>

#include "support/checker.hpp"

namespace eckart {
namespace {

// A stream of draws: numbers 0, 1, 2, ... of one stream.
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t stream) : random_(seed, stream) {}
  std::uint64_t below(std::uint64_t bound) { return random_.below(next_++, bound); }
  double uniform() { return random_.uniform(next_++); }
  template <class Item, std::size_t N>
  Item one_of(const Item (&items)[N]) {
    return items[below(N)];
  }

 private:
  Random random_;
  std::uint64_t next_ = 0;
};

struct Case {
  GallerySpec spec;
  int type = 0;  // index into type_names
  Layout layout = Layout::column_major;
  SvdOptions options;
};

constexpr const char* type_names[] = {"float", "double", "complex float", "complex double"};
constexpr const char* vector_names[] = {"none", "thin", "full"};

// Half the time the default; otherwise a number of the range, logarithmic where the range is positive.
double draw_parameter(Dice& dice, const GalleryParameter& p) {
  if (dice.below(2) == 0) {
    return p.default_value;
  }
  if (p.whole) {
    const auto choices = static_cast<std::uint64_t>(std::min(p.maximum - p.minimum, 50.0)) + 1;
    return p.minimum + static_cast<double>(dice.below(choices));
  }
  constexpr double widest = 1e20;  // largest ratio, and largest number, that is drawn
  if (p.minimum > 0) {
    return p.minimum * std::pow(std::min(p.maximum / p.minimum, widest), dice.uniform());
  }
  const double low = std::max(p.minimum, -4.0), high = std::min(p.maximum, 4.0);
  return low + (high - low) * dice.uniform();
}

Case draw_case(std::uint64_t seed, std::uint64_t index, Index max_size) {
  Dice dice(seed, index);
  const auto kinds = gallery_kinds();
  const auto scalings = gallery_scalings();
  const auto draw_size = [&] {
    return static_cast<Index>(dice.below(static_cast<std::uint64_t>(max_size) + 1));
  };

  Case c;
  const GalleryKind& kind = kinds[dice.below(kinds.size())];
  c.spec.kind = kind.name;
  c.spec.rows = draw_size();
  c.spec.cols = dice.below(4) == 0 ? c.spec.rows : draw_size();
  for (const GalleryParameter& parameter : kind.parameters) {
    c.spec.parameters[parameter.name] = draw_parameter(dice, parameter);
  }
  c.spec.seed = dice.below(1000000);
  c.spec.scaling =
      dice.below(2) == 0 ? GalleryScaling::none : scalings[dice.below(scalings.size())].scaling;

  c.type = static_cast<int>(dice.below(std::size(type_names)));
  c.layout = dice.below(2) == 0 ? Layout::column_major : Layout::row_major;
  constexpr Vectors choices[] = {Vectors::none, Vectors::thin, Vectors::full};
  c.options.u = dice.one_of(choices);
  c.options.v = dice.one_of(choices);
  constexpr Driver named[] = {Driver::divide_and_conquer, Driver::qr_iteration, Driver::jacobi,
                              Driver::lapack};
  c.options.driver = dice.below(10) < 7 ? Driver::automatic : dice.one_of(named);
  constexpr double ratios[] = {1.0, 1.2, 11.0 / 6, 100.0};
  c.options.qr_first = dice.one_of(ratios);
  constexpr Index panels[] = {0, 1, 2, 3, 5, 8, 32};
  c.options.panel = dice.one_of(panels);
  constexpr Stages stages[] = {Stages::automatic, Stages::one, Stages::two};
  c.options.stages = dice.one_of(stages);
  constexpr Index bands[] = {0, 1, 2, 3, 5, 16};
  c.options.band = dice.one_of(bands);
  c.options.threads = dice.below(20) == 0 ? 2 : 1;
  return c;
}

std::string text(const Case& c) {
  char options[200];
  std::snprintf(
      options, sizeof options,
      "' %s, %s, u=%s v=%s driver='%s' qr_first=%.3g panel=%d stages=%d band=%d threads=%d",
      type_names[c.type], c.layout == Layout::column_major ? "column-major" : "row-major",
      vector_names[static_cast<int>(c.options.u)], vector_names[static_cast<int>(c.options.v)],
      to_string(c.options.driver), c.options.qr_first, static_cast<int>(c.options.panel),
      static_cast<int>(c.options.stages), static_cast<int>(c.options.band), c.options.threads);
  return "'" + to_string(c.spec) + options;
}

// What became of the cases.
struct Summary {
  std::uint64_t passed = 0, failed = 0, refused = 0, fell_back = 0;
  std::map<std::string, std::uint64_t> rungs;
  double residual = 0, orthogonality = 0, seconds = 0;  // the largest
  std::string worst;                                    // the case with the largest residual

  void add(const testing::SvdCheck& check, const SvdReport& report) {
    residual = std::max(residual, check.residual);
    orthogonality = std::max({orthogonality, check.orthogonality_u, check.orthogonality_v});
    seconds = std::max(seconds, report.seconds);
    ++rungs[report.attempts.empty() ? "none (zero or empty matrix)" : to_string(report.driver)];
    if (report.attempts.size() > 1) {
      ++fell_back;
    }
  }

  void add(const Summary& other) {
    refused += other.refused;
    fell_back += other.fell_back;
    if (other.residual > residual) {
      residual = other.residual;
      worst = other.worst;
    }
    orthogonality = std::max(orthogonality, other.orthogonality);
    seconds = std::max(seconds, other.seconds);
    for (const auto& [rung, times] : other.rungs) {
      rungs[rung] += times;
    }
  }
};

// Runs a case; `fault` is what was wrong, empty when nothing was.
template <Scalar T>
void run_case(const Case& c, Summary& summary, std::string& fault) {
  Matrix<T> a;
  try {
    a = Matrix<T>(generate<T>(c.spec).view(), c.layout);
  } catch (const InvalidArgument&) {
    ++summary
          .refused;  // entries beyond double precision: the gallery says so, and there is no matrix
    return;
  }
  const Svd<T> result = svd(a, c.options);
  const testing::SvdCheck check = testing::check_svd<T>(a, result, c.options);
  summary.add(check, result.report);
  if (!check.passed()) {
    fault = check.text() + "; path " + result.report.path();
    return;
  }
  if (c.options.u == Vectors::none && c.options.v == Vectors::none) {
    const SvdOptions with_vectors{.threads = 1, .driver = Driver::jacobi};
    const Svd<T> reference = svd(a, with_vectors);
    const testing::SvdCheck reference_check = testing::check_svd<T>(a, reference, with_vectors);
    const std::vector<double> values(reference.s.begin(), reference.s.end());
    const auto agree = testing::values_agree(result.s, values, a.rows(), a.cols());
    if (!reference_check.passed()) {
      fault = "Jacobi as reference: " + reference_check.text();
    } else if (!agree) {
      fault = agree.message() + std::string("; path ") + result.report.path();
    }
  }
}

std::string run_case(const Case& c, Summary& summary) {
  std::string fault;
  try {
    switch (c.type) {
      case 0:
        run_case<float>(c, summary, fault);
        break;
      case 1:
        run_case<double>(c, summary, fault);
        break;
      case 2:
        run_case<std::complex<float>>(c, summary, fault);
        break;
      default:
        run_case<std::complex<double>>(c, summary, fault);
    }
  } catch (const std::exception& error) {
    fault = error.what();
  }
  return fault;
}

struct CommandLine {
  std::uint64_t count = 3000, seed = 1, first = 0;
  Index max_size = 40;
};

bool read_number(std::string_view word, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size();
}

bool read(int argc, char** argv, CommandLine& line) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    std::uint64_t value = 0;
    if (!read_number(argv[i + 1], value)) {
      return false;
    }
    if (name == "--count") {
      line.count = value;
    } else if (name == "--seed") {
      line.seed = value;
    } else if (name == "--max-size" && value <= 2000) {
      line.max_size = static_cast<Index>(value);
    } else if (name == "--case") {
      line.first = value;
      line.count = 1;
    } else {
      return false;
    }
  }
  return argc % 2 == 1;
}

int run(const CommandLine& line) {
  const auto start = std::chrono::steady_clock::now();
  Summary total;
  std::mutex mutex;
  parallel_for({}, static_cast<Index>(line.count), [&](Index i) {
    const std::uint64_t index = line.first + static_cast<std::uint64_t>(i);
    const Case c = draw_case(line.seed, index, line.max_size);
    Summary one;
    const std::string fault = run_case(c, one);
    one.worst = "case " + std::to_string(index) + ": " + text(c);

    const std::lock_guard lock(mutex);
    total.add(one);
    if (!fault.empty()) {
      ++total.failed;
      std::printf("FAILED case %llu: %s: %s\n", static_cast<unsigned long long>(index),
                  text(c).c_str(), fault.c_str());
    } else if (one.refused == 0) {
      ++total.passed;
    }
    if (line.count == 1) {
      std::printf("%s\n", text(c).c_str());
    }
  });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("%llu passed, %llu failed, %llu not generable in double precision; %.1f s\n",
              number(total.passed), number(total.failed), number(total.refused), seconds.count());
  std::printf("result by rung:\n");
  for (const auto& [rung, times] : total.rungs) {
    std::printf("  %-28s %llu\n", rung.c_str(), number(times));
  }
  std::printf("fell back to a later rung: %llu\n", number(total.fell_back));
  std::printf("largest residual %.3f, orthogonality %.3f (threshold %g), time %.4f s\n",
              total.residual, total.orthogonality, testing::check_threshold, total.seconds);
  std::printf("largest residual in %s\n", total.worst.c_str());
  return total.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace eckart

int main(int argc, char** argv) {
  eckart::CommandLine line;
  if (!eckart::read(argc, argv, line)) {
    std::fprintf(stderr,
                 "usage: eckart_stress [--count N] [--seed S] [--max-size 0..2000] [--case I]\n");
    return 2;
  }
  return eckart::run(line);
}
