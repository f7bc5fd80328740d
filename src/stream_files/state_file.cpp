// A state as an npz file: a member an array. Stored without compression, since numbers hardly shrink and a state is to be written
// within a moment when Ctrl-C is pressed.

#include <vector>

#include <eckart/error.hpp>
#include <eckart/stream_files.hpp>

#include "stream_files/npz_members.hpp"

namespace eckart::io {

void save_stream(const std::string& path, const StreamState& state) {
  std::vector<NamedArray> arrays;
  for (const auto& [name, array] : state.arrays()) {
    arrays.push_back(
        {.name = name,
         .values = std::visit([](const auto& a) -> AnyView { return a.view(); }, array),
         .is_vector = false});
  }
  write_arrays(path, arrays, {.format = Format::npz, .column_names = {}, .compress = false});
}

StreamState load_stream(const std::string& path) {
  const Input input = Input::open(path);
  StreamState state;
  for_each_member(input, [&]<class T>(const std::string& name, Matrix<T>& a, MemberStream& member) {
    if constexpr (std::same_as<Real<T>, double>) {
      state.put(name, std::move(a));
    } else {
      member.fail(0, "is of single precision; the arrays of a state are double");
    }
  });
  try {
    static_cast<void>(kind_of(state));
  } catch (const InvalidArgument& error) {
    throw FormatError(input.name() + ": " + error.what());
  }
  return state;
}

}  // namespace eckart::io
