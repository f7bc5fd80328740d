// A state as an npz file: a member an array. Stored without compression, since numbers hardly shrink and a state is to be written
// within a moment when Ctrl-C is pressed.

#include <vector>

#include <eckart/error.hpp>
#include <eckart/stream_files.hpp>

#include "io/format_reader.hpp"
#include "io/npy.hpp"
#include "io/npz_archive.hpp"

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
  const Archive archive(input);
  StreamState state;
  const auto members = ::zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t i = 0; i < members; ++i) {
    const auto index = static_cast<zip_uint64_t>(i);
    std::string_view name = archive.name_of(index);
    if (!name.ends_with(npz_suffix)) {
      continue;
    }
    name.remove_suffix(npz_suffix.size());
    MemberStream member(archive, index);
    MatrixFile file = read_npy_stream(member, {});
    std::visit(
        [&]<class T>(Matrix<T>& a) {
          if constexpr (std::same_as<Real<T>, double>) {
            state.put(std::string(name), std::move(a));
          } else {
            member.fail(0, "is of single precision; the arrays of a state are double");
          }
        },
        file.matrix);
  }
  try {
    static_cast<void>(kind_of(state));
  } catch (const InvalidArgument& error) {
    throw FormatError(input.name() + ": " + error.what());
  }
  return state;
}

}  // namespace eckart::io
