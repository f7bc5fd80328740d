#pragma once

// The file that a run is saved in and goes on from: --state, --checkpoint.

#include <string>
#include <vector>

namespace eckart::cli {

/// Throws InvalidArgument where `path` cannot be what `option` names: not an npz file, or one that is read (`input`) or `written` besides;
/// and FileError where it cannot be written.
void check_state_file(const std::string& option, const std::string& path, const std::string& input,
                      const std::vector<std::string>& written);

}  // namespace eckart::cli
