#pragma once

// Pages of docs/ whose examples are compiled and run: a test holds each example between "// begin: NAME" and "// end", and the page
// shows exactly these lines, in this order.

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace eckart::testing {

inline std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The lines between the markers, without their indentation.
inline std::string marked_examples(const std::string& source) {
  std::istringstream in(source);
  std::string examples, line;
  bool inside = false;
  while (std::getline(in, line)) {
    if (line.rfind("  // begin: ", 0) == 0) {
      inside = true;
    } else if (line == "  // end") {
      inside = false;
      examples += '\n';
    } else if (inside) {
      examples += line.substr(2) + '\n';
    }
  }
  return examples;
}

/// The lines of all code blocks of a page.
inline std::string code_blocks(const std::string& page) {
  std::istringstream in(page);
  std::string blocks, line;
  bool inside = false;
  while (std::getline(in, line)) {
    if (line == "```cpp") {
      inside = true;
    } else if (line == "```" && inside) {
      inside = false;
      blocks += '\n';
    } else if (inside) {
      blocks += line + '\n';
    }
  }
  return blocks;
}

/// The cpp blocks of `page` are the examples of `source`.
inline void expect_shown(const std::string& page, const std::string& source) {
  const std::string shown = code_blocks(text_of(page));
  ASSERT_FALSE(shown.empty()) << page;
  EXPECT_EQ(shown, marked_examples(text_of(source))) << page;
}

}  // namespace eckart::testing
