#pragma once

// The HDF5 library as this room uses it: one call at a time, no printing, handles that close themselves, errors that are ours.
//
// The library keeps global tables, and most distributions' builds are not safe for threads. So every public function of this room holds
// a Session for as long as it calls the library: a lock over the process. A program that calls HDF5 itself meanwhile, from another
// thread and with such a build, is not protected by it.
//
// The library prints its errors unless it is told not to. The setting belongs to the whole process (or thread), so a Session puts back
// what it found.

#include <mutex>
#include <string>
#include <utility>

#include <hdf5.h>

namespace eckart::io::hdf5 {

class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

 private:
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_to_ = nullptr;
};

/// What the library said about its last failure in this Session, the innermost message: "wrong B-tree signature".
[[nodiscard]] std::string last_error();

/// An identifier of the library and the function that closes it. Used and destroyed within a Session.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close close) noexcept : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { reset(); }

  void reset() noexcept {
    if (id_ >= 0) {
      close_(std::exchange(id_, H5I_INVALID_HID));
    }
  }
  [[nodiscard]] hid_t id() const noexcept { return id_; }
  [[nodiscard]] bool is_open() const noexcept { return id_ >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

}  // namespace eckart::io::hdf5
