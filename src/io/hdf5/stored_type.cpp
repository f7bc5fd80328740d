// Standard types go by comparison with the library's own; a number of some other shape (12 bits in 16, an exponent of odd width) is
// converted by the library to double.

#include "io/hdf5/stored_type.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <string_view>

namespace eckart::io::hdf5 {
namespace {

/// IEEE 754 binary16 has no predefined type before HDF5 1.14.4.
bool is_half(hid_t type) noexcept {
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, fraction = 0, fraction_bits = 0;
  return H5Tget_size(type) == 2 && H5Tget_precision(type) == 16 && H5Tget_ebias(type) == 15 &&
         H5Tget_fields(type, &sign, &exponent, &exponent_bits, &fraction, &fraction_bits) >= 0 &&
         sign == 15 && exponent == 10 && exponent_bits == 5 && fraction == 0 &&
         fraction_bits == 10 && H5Tget_norm(type) == H5T_NORM_IMPLIED;
}

/// The type string of a real number; empty where it is no standard one.
std::string real_name(hid_t type) {
  const std::pair<hid_t, const char*> standard[] = {
      {H5T_STD_I8LE, "|i1"},   {H5T_STD_I8BE, "|i1"},   {H5T_STD_U8LE, "|u1"},
      {H5T_STD_U8BE, "|u1"},   {H5T_STD_I16LE, "<i2"},  {H5T_STD_I16BE, ">i2"},
      {H5T_STD_U16LE, "<u2"},  {H5T_STD_U16BE, ">u2"},  {H5T_STD_I32LE, "<i4"},
      {H5T_STD_I32BE, ">i4"},  {H5T_STD_U32LE, "<u4"},  {H5T_STD_U32BE, ">u4"},
      {H5T_STD_I64LE, "<i8"},  {H5T_STD_I64BE, ">i8"},  {H5T_STD_U64LE, "<u8"},
      {H5T_STD_U64BE, ">u8"},  {H5T_IEEE_F32LE, "<f4"}, {H5T_IEEE_F32BE, ">f4"},
      {H5T_IEEE_F64LE, "<f8"}, {H5T_IEEE_F64BE, ">f8"},
  };
  for (const auto& [id, name] : standard) {
    if (H5Tequal(type, id) > 0) {
      return name;
    }
  }
  if (H5Tget_class(type) == H5T_FLOAT && is_half(type)) {
    return H5Tget_order(type) == H5T_ORDER_BE ? ">f2" : "<f2";
  }
#if defined(__x86_64__)
  if (sizeof(long double) == 16 && H5Tequal(type, H5T_NATIVE_LDOUBLE) > 0) {
    return "<f16";
  }
#endif
  return {};
}

struct FreeByLibrary {
  void operator()(char* p) const noexcept { H5free_memory(p); }
};

std::string member_name(hid_t type, unsigned index) {
  const std::unique_ptr<char, FreeByLibrary> name(H5Tget_member_name(type, index));
  return name ? name.get() : "";
}

/// "FALSE" = 0 and "TRUE" = 1 over one byte: what h5py makes of NumPy's bool.
bool is_bool(hid_t type) {
  if (H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) {
    return false;
  }
  for (unsigned i = 0; i < 2; ++i) {
    unsigned char value = 0;
    const std::string name = member_name(type, i);
    if (H5Tget_member_value(type, i, &value) < 0 || name != (value == 0 ? "FALSE" : "TRUE")) {
      return false;
    }
  }
  return true;
}

/// The type string of a compound of a real and an imaginary part; empty where it is another one.
std::string complex_name(hid_t type) {
  if (H5Tget_nmembers(type) != 2) {
    return {};
  }
  const Handle real(H5Tget_member_type(type, 0), H5Tclose),
      imaginary(H5Tget_member_type(type, 1), H5Tclose);
  const std::string name = real.is_open() ? real_name(real.id()) : "";
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> names = {
      {{"r", "i"}, {"re", "im"}, {"real", "imag"}}};
  const std::pair<std::string, std::string> found = {member_name(type, 0), member_name(type, 1)};
  bool is_named = false;
  for (const auto& [r, i] : names) {
    is_named = is_named || (found.first == r && found.second == i);
  }
  const std::size_t size = real.is_open() ? H5Tget_size(real.id()) : 0;
  if (!is_named || name.size() < 3 || name[1] != 'f' || name[2] == '2' || !imaginary.is_open() ||
      H5Tequal(real.id(), imaginary.id()) <= 0 || H5Tget_member_offset(type, 0) != 0 ||
      H5Tget_member_offset(type, 1) != size || H5Tget_size(type) != 2 * size) {
    return {};
  }
  return name.substr(0, 1) + "c" + std::to_string(2 * size);
}

}  // namespace

StoredType stored_type(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
    case H5T_FLOAT:
      if (std::string name = real_name(type); !name.empty()) {
        return {.numpy = std::move(name), .refusal = {}};
      }
      return {.numpy = H5T_ORDER_LE == H5Tget_order(H5T_NATIVE_DOUBLE) ? "<f8" : ">f8",
              .refusal = {},
              .converted = Handle(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose)};
    case H5T_ENUM:
      return is_bool(type) ? StoredType{.numpy = "|b1", .refusal = {}}
                           : StoredType{.numpy = {}, .refusal = "names of an enumeration"};
    case H5T_COMPOUND:
      if (std::string name = complex_name(type); !name.empty()) {
        return {.numpy = std::move(name), .refusal = {}};
      }
      return {.numpy = {}, .refusal = "records; write one numeric field as a dataset of its own"};
    case H5T_STRING:
      return {.numpy = {}, .refusal = "text"};
    case H5T_REFERENCE:
      return {.numpy = {}, .refusal = "references"};
    case H5T_ARRAY:
    case H5T_VLEN:
      return {.numpy = {}, .refusal = "arrays"};
    default:
      return {.numpy = {}, .refusal = "no numbers"};
  }
}

}  // namespace eckart::io::hdf5
