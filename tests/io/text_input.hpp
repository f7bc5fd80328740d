#pragma once

// Text and bytes as a reader's input, and what a reader's error says.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

#include "io/input.hpp"

namespace eckart::io {

/// An input over text that outlives it, under the name "table".
inline Input input_of(std::string_view text) {
  return Input::in_memory("table", std::as_bytes(std::span(text)));
}

/// The message of the E that `run` throws; empty, with a failure, when it throws none.
template <class E, class Run>
std::string message_of(Run run) {
  try {
    run();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& other) {
    ADD_FAILURE() << "another error: " << other.what();
    return "";
  }
  ADD_FAILURE() << "no error";
  return "";
}

inline void expect_contains(const std::string& text, std::string_view part) {
  EXPECT_NE(text.find(part), std::string::npos) << "'" << text << "' lacks '" << part << "'";
}

/// The entries of a matrix, row by row.
template <class T>
std::vector<T> entries_of(const AnyMatrix& any) {
  const auto& a = std::get<Matrix<T>>(any);
  std::vector<T> entries;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.cols(); ++j) {
      entries.push_back(a(i, j));
    }
  }
  return entries;
}

inline std::pair<Index, Index> shape_of(const AnyMatrix& any) {
  return std::visit([](const auto& a) { return std::pair(a.rows(), a.cols()); }, any);
}

}  // namespace eckart::io
