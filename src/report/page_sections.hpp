#pragma once

// The sections of the page, from top to bottom. Each is the HTML of one idea, made from the report
// alone, and empty where the report has nothing to say of it.

#include <string>

#include "report/spectrum_report.hpp"

namespace eckart::report::page {

/// The sentences below the headline: what the matrix is, its rank, whether the result was accepted.
[[nodiscard]] std::string lead(const SpectrumReport& r);

/// The figures that answer most questions, each with a sentence: a list at the top.
[[nodiscard]] std::string facts(const SpectrumReport& r);

/// Images alone: the original beside its approximations of rank k, with a slider over k.
[[nodiscard]] std::string approximations(const SpectrumReport& r);

/// The values over their index, linear and logarithmic.
[[nodiscard]] std::string spectrum(const SpectrumReport& r);

/// The cumulative energy, and what shares of it cost.
[[nodiscard]] std::string energy(const SpectrumReport& r);

/// The first singular vectors; for an image with the layers that they span.
[[nodiscard]] std::string vectors(const SpectrumReport& r);

/// The table of values.
[[nodiscard]] std::string values(const SpectrumReport& r);

/// What the audit found, beside what it accepts.
[[nodiscard]] std::string audit(const SpectrumReport& r);

/// The path taken and the time of each stage.
[[nodiscard]] std::string stages(const SpectrumReport& r);

}  // namespace eckart::report::page
