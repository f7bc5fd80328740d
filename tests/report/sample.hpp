#pragma once

// Reports as decompositions would give them, made by formula.
//
// The columns of the discrete cosine transform are orthonormal, so sum_i s_i c_i d_i^T is a
// singular value decomposition that needs no algorithm: c_i[r] = w_i cos(pi (r + 1/2) i / m), w_0 =
// sqrt(1/m), else sqrt(2/m).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "report/spectrum_report.hpp"

namespace eckart::report::testing {

inline std::vector<double> cosine(Index length, Index frequency) {
  std::vector<double> column;
  const double m = static_cast<double>(length);
  for (Index r = 0; r < length; ++r) {
    const double angle =
        std::numbers::pi * (static_cast<double>(r) + 0.5) * static_cast<double>(frequency) / m;
    column.push_back(std::sqrt((frequency == 0 ? 1 : 2) / m) * std::cos(angle));
  }
  return column;
}

inline std::vector<double> geometric(std::size_t count, double first, double ratio) {
  std::vector<double> values(count);
  for (double& value : values) {
    value = first;
    first *= ratio;
  }
  return values;
}

/// A grey PNG file: 8 bits, filter 0, deflate blocks without compression (RFC 1950, 1951; PNG
/// specification, section 5).
inline std::vector<std::uint8_t> png(Index rows, Index cols,
                                     const std::vector<std::uint8_t>& grey) {
  using Bytes = std::vector<std::uint8_t>;
  const auto append = [](Bytes& out, std::uint32_t x) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.push_back(static_cast<std::uint8_t>(x >> shift));
    }
  };
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const auto chunk = [&](const char* type, const Bytes& data) {
    append(out, static_cast<std::uint32_t>(data.size()));
    const std::size_t start = out.size();
    out.insert(out.end(), type, type + 4);
    out.insert(out.end(), data.begin(), data.end());
    std::uint32_t crc = 0xFFFFFFFF;
    for (std::size_t i = start; i < out.size(); ++i) {
      crc ^= out[i];
      for (int bit = 0; bit < 8; ++bit) {
        crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
      }
    }
    append(out, ~crc);
  };
  Bytes header;
  append(header, static_cast<std::uint32_t>(cols));
  append(header, static_cast<std::uint32_t>(rows));
  header.insert(header.end(), {8, 0, 0, 0, 0});
  chunk("IHDR", header);
  Bytes body = {0x78, 0x01};
  std::uint32_t a = 1, b = 0;
  for (Index r = 0; r < rows; ++r) {
    const auto length = static_cast<std::uint16_t>(cols + 1);
    const auto inverse = static_cast<std::uint16_t>(~length);
    body.insert(body.end(),
                {static_cast<std::uint8_t>(r + 1 == rows), static_cast<std::uint8_t>(length & 0xFF),
                 static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(inverse & 0xFF),
                 static_cast<std::uint8_t>(inverse >> 8)});
    for (Index c = -1; c < cols; ++c) {
      const std::uint8_t byte =
          c < 0 ? std::uint8_t{0} : grey[static_cast<std::size_t>(r * cols + c)];
      body.push_back(byte);
      a = (a + byte) % 65521;
      b = (b + a) % 65521;
    }
  }
  append(body, b << 16 | a);
  chunk("IDAT", body);
  chunk("IEND", {});
  return out;
}

/// An m x n matrix with the given values; the audit passed, a tenth of each bound was used.
inline SpectrumReport sample(Index rows, Index cols, std::vector<double> values) {
  SpectrumReport r;
  r.file = "data/sample.npy";
  r.rows = rows;
  r.cols = cols;
  r.dtype = "float64";
  r.values = std::move(values);
  const double largest = r.values.empty() ? 0 : r.values.front();
  r.rank.rtol = static_cast<double>(std::max(rows, cols)) * 0x1p-52;
  r.rank.threshold = r.rank.rtol * largest;
  for (const double s : r.values) {
    r.rank.rank += s > r.rank.threshold ? 1 : 0;
    r.rank.near_threshold += s > r.rank.threshold / 10 && s < r.rank.threshold * 10 ? 1 : 0;
  }
  r.audit = {.residual = 0.021,
             .orthogonality_u = 0.34,
             .orthogonality_v = 0.27,
             .norm = 0.002,
             .fooled = 1.1e-10,
             .passed = true};
  r.has_u = r.has_v = true;
  r.attempts = {{"divide and conquer", true, r.audit, ""}};
  r.path = "bidiagonalize -> divide and conquer (audit passed)";
  r.stages = {{"scale", 0.0004},
              {"bidiagonalize", 0.081},
              {"divide and conquer", 0.039},
              {"back-transform", 0.047},
              {"audit", 0.0051}};
  r.seconds = 0.1734;
  r.threads = 2;
  r.workspace_bytes = 6'400'000;
  return r;
}

/// A 160 x 240 image of cosines, with vectors and approximations.
inline SpectrumReport image_sample() {
  constexpr Index rows = 160, cols = 240, terms = 40;
  SpectrumReport r = sample(rows, cols, geometric(rows, 25000, 0.82));
  r.file = "photos/harbour.png";
  r.dtype = "float32";
  std::vector<double> picture(static_cast<std::size_t>(rows * cols));
  const auto encoded = [&] {
    std::vector<std::uint8_t> grey;
    for (const double x : picture) {
      grey.push_back(static_cast<std::uint8_t>(std::clamp(x, 0.0, 255.0)));
    }
    return png(rows, cols, grey);
  };
  for (Index i = 0; i < terms; ++i) {
    const std::vector<double> u = cosine(rows, i * 7 % terms), v = cosine(cols, i * 11 % terms);
    for (Index p = 0; p < rows * cols; ++p) {
      picture[static_cast<std::size_t>(p)] += r.values[static_cast<std::size_t>(i)] *
                                              u[static_cast<std::size_t>(p / cols)] *
                                              v[static_cast<std::size_t>(p % cols)];
    }
    if (i < 4) {
      r.vectors.push_back({u, v});
    }
    if (i == 0 || i == 1 || i == 2 || i == 4 || i == 7 || i == 12 || i == 20) {
      r.approximations.push_back({i + 1, encoded()});
    }
  }
  r.original_png = encoded();
  return r;
}

}  // namespace eckart::report::testing
