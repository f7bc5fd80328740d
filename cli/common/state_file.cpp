#include "common/state_file.hpp"

#include <filesystem>

#include <eckart/error.hpp>
#include <eckart/io.hpp>

namespace eckart::cli {
namespace {

bool is_same_file(const std::string& a, const std::string& b) {
  const auto whole = [](const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal();
  };
  std::error_code unknown;  // a file that does not exist yet is equivalent to none
  return whole(a) == whole(b) || std::filesystem::equivalent(a, b, unknown);
}

}  // namespace

void check_state_file(const std::string& option, const std::string& path, const std::string& input,
                      const std::vector<std::string>& written) {
  if (path == "-") {
    throw InvalidArgument(option + " -: a state is gone on from, so it needs a file of its own");
  }
  if (io::format_of_path(path) != io::Format::npz) {
    throw InvalidArgument(option + " " + path + ": a state is an npz file; give it a name in .npz");
  }
  if (input != "-" && is_same_file(path, input)) {
    throw InvalidArgument(option + " " + path + " is the file that rows are read from");
  }
  for (const std::string& output : written) {
    if (output != "-" && is_same_file(path, output)) {
      throw InvalidArgument(option + " " + path + " is a file that -o writes");
    }
  }
  const std::string name = "state";
  static_cast<void>(
      io::check_destination(path, {&name, 1}, {.format = io::Format::npz, .column_names = {}}));
}

}  // namespace eckart::cli
