// eckart norms: every norm that the singular values give, and the condition number.

#include <algorithm>

#include <eckart/norms.hpp>

#include "common/any_matrix.hpp"
#include "common/decompose.hpp"
#include "common/outcome.hpp"
#include "report/json.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"
#include "verbs.hpp"

namespace eckart::cli {
namespace {

struct Options : DecompositionOptions {
  std::vector<double> schatten = {1.5, 3, 4};
  std::vector<Index> ky_fan = {};
};

constexpr int shown_digits = 12;

/// The orders of the Ky Fan norms: as asked for, else 2, 5 and 10 where they are not another norm's name.
std::vector<Index> ky_fan_orders(const Options& options, Index count) {
  if (!options.ky_fan.empty()) {
    return options.ky_fan;
  }
  std::vector<Index> orders;
  for (const Index k : {2, 5, 10}) {
    if (k < count) {
      orders.push_back(k);
    }
  }
  return orders;
}

struct NamedNorm {
  std::string label, key;
  double value = 0;
};

std::vector<NamedNorm> norms_of(const Options& options, const Spectrum& s) {
  std::vector<NamedNorm> norms = {{"spectral", "spectral", spectral_norm(s)},
                                  {"Frobenius", "frobenius", frobenius_norm(s)},
                                  {"nuclear", "nuclear", nuclear_norm(s)}};
  for (const double p : options.schatten) {
    const std::string order = report::format_number(p);
    norms.push_back({"Schatten " + order, "schatten_" + order, schatten_norm(s, p)});
  }
  for (const Index k : ky_fan_orders(options, s.count())) {
    norms.push_back(
        {"Ky Fan " + std::to_string(k), "ky_fan_" + std::to_string(k), ky_fan_norm(s, k)});
  }
  norms.push_back({"condition", "condition", condition_number(s)});
  return norms;
}

template <Scalar T>
ExitCode run_on(const Options& options, const Opened& in, const Matrix<T>& a) {
  for (const Index k : options.ky_fan) {
    if (k > std::min(a.rows(), a.cols())) {
      throw InvalidArgument("--ky-fan " + std::to_string(k) + " exceeds the " +
                            std::to_string(std::min(a.rows(), a.cols())) + " singular values");
    }
  }
  const Spectrum s = decompose(in, options.numerical, a, values_alone());
  std::vector<report::Fact> facts;
  nlohmann::ordered_json json = {{"schema", "eckart.norms/1"},
                                 {"file", in.source.name()},
                                 {"shape", {a.rows(), a.cols()}},
                                 {"dtype", type_name<T>()}};
  for (const NamedNorm& norm : norms_of(options, s)) {
    facts.push_back({norm.label, report::format_number(norm.value, shown_digits)});
    json[norm.key] = report::json_number(norm.value);
  }
  print_outcome(in.console, options.output, report::fact_list(facts, in.console.style()), json);
  return ExitCode::ok;
}

}  // namespace

Verb add_norms(CLI::App& tool) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb =
      add_verb(tool, "norms", "spectral, Frobenius, nuclear, Schatten and Ky Fan norms, condition",
               {{"eckart norms A.npy", "all of them"},
                {"eckart norms A.npy --schatten 3 --ky-fan 5", "other orders"},
                {"eckart norms data.csv --json", "for programs; an infinite condition is null"}});
  add_input(*verb, options->input);
  verb->add_option("--schatten", options->schatten, "Orders p >= 1 of Schatten norms; inf is one")
      ->type_name("X")
      ->expected(1)
      ->take_all()
      ->check(number_within(1))
      ->default_str("1.5 3 4")
      ->group("Result");
  verb->add_option("--ky-fan", options->ky_fan,
                   "Orders k of Ky Fan norms: the sum of the k largest values")
      ->type_name("N")
      ->expected(1)
      ->take_all()
      ->check(whole_within(1))
      ->group("Result");
  return decomposing_verb(
      verb, options, [](const Options&, Index, Index) { return values_alone(); },
      [](const Options& o, const Opened& in, const auto& a) { return run_on(o, in, a); });
}

}  // namespace eckart::cli
