#include "io/hdf5/byte_driver.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <new>

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

namespace eckart::io::hdf5 {
namespace {

/// The library's view of an open file, with ours behind it.
struct OpenBytes : H5FD_t {
  DriverState* state = nullptr;
  haddr_t end_of_allocation = 0;
};

const OpenBytes& ours(const H5FD_t* file) noexcept {
  return *static_cast<const OpenBytes*>(file);
}

H5FD_t* open(const char*, unsigned flags, hid_t access, haddr_t) noexcept {
  const void* info = H5Pget_driver_info(access);
  if (info == nullptr || (flags & ~unsigned{H5F_ACC_SWMR_READ}) != H5F_ACC_RDONLY) {
    return nullptr;
  }
  auto* file = new (std::nothrow) OpenBytes{};
  if (file != nullptr) {
    std::memcpy(&file->state, info, sizeof file->state);
  }
  return file;
}

herr_t close(H5FD_t* file) noexcept {
  delete static_cast<OpenBytes*>(file);
  return 0;
}

int compare(const H5FD_t* a, const H5FD_t* b) noexcept {
  const auto* one = ours(a).state;
  const auto* other = ours(b).state;
  return one == other ? 0 : std::less<>()(one, other) ? -1 : 1;
}

herr_t query(const H5FD_t*, unsigned long* flags) noexcept {
  if (flags != nullptr) {
    *flags = H5FD_FEAT_ACCUMULATE_METADATA_READ | H5FD_FEAT_DATA_SIEVE;
  }
  return 0;
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) noexcept {
  return ours(file).end_of_allocation;
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) noexcept {
  static_cast<OpenBytes*>(file)->end_of_allocation = end;
  return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) noexcept {
  return ours(file).state->bytes->size();
}

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t begin, std::size_t size, void* to) noexcept {
  DriverState& state = *ours(file).state;
  try {
    const std::uint64_t end = state.bytes->size();
    // The library asks for a few bytes past the end of small files, and takes zeros for them.
    const std::uint64_t there = begin >= end ? 0 : std::min<std::uint64_t>(size, end - begin);
    auto* const bytes = static_cast<std::byte*>(to);
    std::memset(bytes + there, 0, size - there);
    if (there > 0) {
      state.bytes->read(begin, {bytes, static_cast<std::size_t>(there)});
    }
    return 0;
  } catch (...) {
    state.error = std::current_exception();
    return -1;
  }
}

herr_t refuse_to_write(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, std::size_t, const void*) noexcept {
  return -1;
}

H5FD_class_t byte_class() noexcept {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 13, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(600);  // 512 and more are free for all
#endif
  driver.name = "eckart_bytes";
  driver.maxaddr = static_cast<haddr_t>(std::numeric_limits<std::int64_t>::max());
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverState*);
  driver.open = open;
  driver.close = close;
  driver.cmp = compare;
  driver.query = query;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read;
  driver.write = refuse_to_write;
  return driver;
}

}  // namespace

Handle open_file(DriverState& state) {
  static const H5FD_class_t driver_class = byte_class();
  const Handle driver(H5FDregister(&driver_class), H5FDunregister);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  DriverState* const info = &state;
  if (!driver.is_open() || !access.is_open() ||
      H5Pset_driver(access.id(), driver.id(), &info) < 0 ||
      // Closing the file closes what was opened in it.
      H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG) < 0) {
    return {};
  }
  return {H5Fopen(state.bytes->name().c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose};
}

}  // namespace eckart::io::hdf5
