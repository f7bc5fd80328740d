#include "io/hdf5/library.hpp"

#include "io/text.hpp"

namespace eckart::io::hdf5 {
namespace {

std::mutex& process_lock() {
  static std::mutex mutex;
  return mutex;
}

/// Of the last call that failed within the Session.
std::string& failure_text() {
  static std::string text;
  return text;
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

/// Called where the library would print: the next call clears its messages, be it one that closes a handle.
herr_t note_failure(hid_t stack, void* text) noexcept {
  return H5Ewalk2(stack, H5E_WALK_DOWNWARD, take_description, text);
}

}  // namespace

Session::Session() : lock_(process_lock()) {
  failure_text().clear();
  H5Eget_auto2(H5E_DEFAULT, &print_, &print_to_);
  H5Eset_auto2(H5E_DEFAULT, note_failure, &failure_text());
}

Session::~Session() {
  H5Eclear2(H5E_DEFAULT);
  H5Eset_auto2(H5E_DEFAULT, print_, print_to_);
}

std::string last_error() {
  return failure_text().empty() ? "no reason given" : printable(failure_text());
}

}  // namespace eckart::io::hdf5
