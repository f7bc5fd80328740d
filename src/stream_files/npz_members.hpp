#pragma once

// All arrays of an npz file, one after the other.

#include <string>

#include "io/format_reader.hpp"
#include "io/npy.hpp"
#include "io/npz_archive.hpp"

namespace eckart::io {

/// visit(name, matrix, member): the name without its ending, Matrix<T>& of any type, and the member, whose fail() names it.
template <class Visit>
void for_each_member(const Input& input, Visit visit) {
  const Archive archive(input);
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
    std::visit([&](auto& matrix) { visit(std::string(name), matrix, member); }, file.matrix);
  }
}

}  // namespace eckart::io
