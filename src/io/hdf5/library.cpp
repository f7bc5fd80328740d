#include "io/hdf5/library.hpp"

#include "io/text.hpp"

namespace eckart::io::hdf5 {
namespace {

std::mutex& process_lock() {
  static std::mutex mutex;
  return mutex;
}

herr_t take_description(unsigned, const H5E_error2_t* error, void* text) noexcept {
  try {
    if (error->desc != nullptr) {
      *static_cast<std::string*>(text) = error->desc;
    }
  } catch (...) {
    return -1;
  }
  return 0;
}

}  // namespace

Session::Session() : lock_(process_lock()) {
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_to_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Session::~Session() {
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print_, print_to_);
}

std::string last_error() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, take_description, &text);
  return text.empty() ? "no reason given" : printable(text);
}

}  // namespace eckart::io::hdf5
