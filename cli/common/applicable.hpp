#pragma once

// Options that say how a file is read apply to some formats only. One that was given for nothing is a mistake and not passed
// over: whoever writes --member for an npy file means another file.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <eckart/io.hpp>

#include "common/console.hpp"

namespace eckart::cli {

/// A file of the command line and what it turned out to be.
struct KnownFile {
  std::string name;
  io::Format format;
};

/// What an input option is about, for a verb that reads one matrix, or several in the same way.
inline const std::vector<std::string> choosing_options = {"--columns", "--member"};
inline const std::vector<std::string> right_choosing_options = {"--b-columns", "--b-member"};
inline const std::vector<std::string> spelling_options = {"--channel", "--delimiter", "--decimal",
                                                          "--header"};

/// Throws InvalidArgument for an option of `names` that was given where none of `files` has a format that it is about. "auto"
/// asks for nothing and is always right.
void require_applicable(const CLI::App& verb, const std::vector<std::string>& names,
                        const std::vector<KnownFile>& files);

/// The same for options of the files' way of writing and of their contents.
void require_applicable(const CLI::App& verb, const std::vector<KnownFile>& files);

/// Says that --channel red of a grey image is the grey one.
void note_channel(const Console& console, const std::string& name, io::Channel channel,
                  const io::Description& description);

}  // namespace eckart::cli
