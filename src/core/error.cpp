#include <eckart/error.hpp>

namespace eckart {

NonFinite::NonFinite(Index row, Index column, const std::string& value)
    : Error(ErrorKind::non_finite,
            "entry (" + std::to_string(row) + ", " + std::to_string(column) + ") is " + value +
                "; a singular value decomposition needs finite entries (counted from 0)"),
      row_(row),
      column_(column) {}

namespace {
std::string human_bytes(std::uint64_t bytes) {
  constexpr const char* units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::uint64_t tenths = bytes * 10;
  if (bytes > UINT64_MAX / 10) {
    return std::to_string(bytes >> 60) + " EiB";
  }
  int unit = 0;
  while (tenths >= 10240) {
    tenths /= 1024;
    ++unit;
  }
  return std::to_string(tenths / 10) + (unit == 0 ? "" : "." + std::to_string(tenths % 10)) + " " +
         units[unit];
}
}  // namespace

OutOfMemory::OutOfMemory(const std::string& what, std::uint64_t bytes)
    : Error(ErrorKind::out_of_memory, what + " needs " + human_bytes(bytes) + " (" +
                                          std::to_string(bytes) + " bytes), which cannot be had"),
      bytes_(bytes) {}

}  // namespace eckart
