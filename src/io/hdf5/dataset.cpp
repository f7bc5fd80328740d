// Opening a dataset and reading parts of it.
//
//   1. the file, through the driver of this room
//   2. which dataset: the one named, or the one there is (candidates.hpp)
//   3. its shape, type, and how it is stored; what is refused is refused here, before an entry is read
//   4. parts: where entries lie in one piece the library is not asked, else it is, for a rectangle

#include <algorithm>
#include <array>
#include <limits>

#include "io/hdf5.hpp"
#include "io/hdf5/byte_driver.hpp"
#include "io/hdf5/candidates.hpp"
#include "io/hdf5/stored_type.hpp"
#include "io/memory.hpp"
#include "io/text.hpp"

namespace eckart::io {
namespace {

using hdf5::Handle;
using hdf5::Session;

class OpenDataset final : public Hdf5Dataset {
 public:
  OpenDataset(std::shared_ptr<const RandomBytes> bytes, const std::string& member,
              std::uint64_t max_chunk_bytes);
  ~OpenDataset() override;
  OpenDataset(const OpenDataset&) = delete;
  OpenDataset& operator=(const OpenDataset&) = delete;

  [[nodiscard]] const Hdf5Layout& layout() const noexcept override { return layout_; }
  void read(Index row, Index rows, Index col, Index cols, std::span<std::byte> to) const override;

 private:
  void open(const std::string& member, std::uint64_t max_chunk_bytes);
  void close() noexcept;
  void find_shape();
  void find_type();
  void find_storage(std::uint64_t max_chunk_bytes);
  void find_filters(hid_t properties);
  void read_by_library(Index row, Index rows, Index col, Index cols, std::byte* to) const;
  /// Throws what the driver met, or else FormatError with what the library says.
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void refuse(const std::string& what) const {
    throw FormatError(state_.bytes->name() + ": the dataset " + printable(layout_.dataset) + " " +
                      what);
  }

  mutable hdf5::DriverState state_;
  Handle file_, dataset_, space_, stored_, memory_;
  int dimensions_ = 0;
  Hdf5Layout layout_;
};

OpenDataset::OpenDataset(std::shared_ptr<const RandomBytes> bytes, const std::string& member,
                         std::uint64_t max_chunk_bytes)
    : state_{.bytes = std::move(bytes), .error = {}} {
  const Session session;
  try {
    open(member, max_chunk_bytes);
  } catch (...) {
    close();
    throw;
  }
}

OpenDataset::~OpenDataset() {
  const Session session;
  close();
}

void OpenDataset::close() noexcept {
  for (Handle* handle : {&memory_, &stored_, &space_, &dataset_, &file_}) {
    handle->reset();
  }
}

void OpenDataset::fail(const std::string& what) const {
  if (state_.error) {
    std::rethrow_exception(std::exchange(state_.error, nullptr));
  }
  throw FormatError(state_.bytes->name() + ": " + what + ": the HDF5 library says '" +
                    hdf5::last_error() + "'");
}

void OpenDataset::open(const std::string& member, std::uint64_t max_chunk_bytes) {
  // 1.
  file_ = hdf5::open_file(state_);
  if (!file_.is_open()) {
    fail("is no HDF5 file, or one that is damaged or still open elsewhere");
  }
  // 2.
  layout_.dataset = hdf5::choose_dataset(file_.id(), state_.bytes->name(), member);
  dataset_ = hdf5::open_dataset(file_.id(), layout_.dataset);
  if (!dataset_.is_open()) {
    fail("the dataset " + printable(layout_.dataset) + " cannot be opened");
  }
  // 3.
  find_shape();
  find_type();
  find_storage(max_chunk_bytes);
}

void OpenDataset::find_shape() {
  space_ = Handle(H5Dget_space(dataset_.id()), H5Sclose);
  const H5S_class_t kind = space_.is_open() ? H5Sget_simple_extent_type(space_.id()) : H5S_NO_CLASS;
  if (kind == H5S_NO_CLASS) {
    fail("the dataset " + printable(layout_.dataset) + " has no shape");
  }
  dimensions_ = H5Sget_simple_extent_ndims(space_.id());
  if (kind == H5S_NULL || dimensions_ < 0 || dimensions_ > 2) {
    refuse(kind == H5S_NULL ? std::string("is empty: it has a type and no shape")
                            : "has " + std::to_string(dimensions_) +
                                  " dimensions; a matrix has two, a column one");
  }
  std::array<hsize_t, 2> extent = {1, 1};
  if (H5Sget_simple_extent_dims(space_.id(), extent.data(), nullptr) < 0) {
    fail("the dataset " + printable(layout_.dataset) + " has no shape");
  }
  for (const hsize_t length : extent) {
    if (length > static_cast<hsize_t>(std::numeric_limits<Index>::max())) {
      throw SizeLimit(state_.bytes->name() + ": the dataset " + printable(layout_.dataset) +
                      " has more rows or columns than 64 bits count");
    }
  }
  layout_.rows = static_cast<Index>(extent[0]);
  layout_.cols = static_cast<Index>(extent[1]);
}

void OpenDataset::find_type() {
  stored_ = Handle(H5Dget_type(dataset_.id()), H5Tclose);
  if (!stored_.is_open()) {
    fail("the dataset " + printable(layout_.dataset) + " has no type");
  }
  hdf5::StoredType type = hdf5::stored_type(stored_.id());
  if (type.numpy.empty()) {
    refuse("holds " + type.refusal);
  }
  if (const std::string wrong = parse_npy_dtype(type.numpy, layout_.dtype); !wrong.empty()) {
    refuse("is of a type that is not read: " + wrong);
  }
  layout_.type = type.numpy;
  memory_ = std::move(type.converted);
}

void OpenDataset::find_storage(std::uint64_t max_chunk_bytes) {
  const Handle properties(H5Dget_create_plist(dataset_.id()), H5Pclose);
  const std::uint64_t entry = layout_.dtype.entry_bytes;
  switch (H5Pget_layout(properties.id())) {
    case H5D_COMPACT:
      return;
    case H5D_CONTIGUOUS: {
      if (H5Pget_external_count(properties.id()) != 0) {
        refuse("has its entries in other files, which are not opened on the word of this one");
      }
      const haddr_t begin = H5Dget_offset(dataset_.id());
      Index count = 0, bytes = 0;
      const std::uint64_t size = state_.bytes->size();
      // Entries that were never written stand nowhere; the library fills them in.
      if (begin == HADDR_UNDEF || memory_.is_open()) {
        return;
      }
      if (__builtin_mul_overflow(layout_.rows, layout_.cols, &count) ||
          __builtin_mul_overflow(count, static_cast<Index>(entry), &bytes) || begin > size ||
          static_cast<std::uint64_t>(bytes) > size - begin) {
        fail_at_byte(state_.bytes->name(), size,
                     "the file ends inside the entries of " + printable(layout_.dataset));
      }
      layout_.begin = begin;
      return;
    }
    case H5D_CHUNKED: {
      std::array<hsize_t, 2> chunk = {1, 1};
      if (H5Pget_chunk(properties.id(), 2, chunk.data()) != dimensions_) {
        fail("the dataset " + printable(layout_.dataset) + " has no chunks");
      }
      const std::uint64_t limit = max_chunk_bytes != 0 ? max_chunk_bytes : physical_memory();
      std::uint64_t bytes = 0;
      if (__builtin_mul_overflow(chunk[0], chunk[1], &bytes) ||
          __builtin_mul_overflow(bytes, H5Tget_size(stored_.id()), &bytes) || bytes > limit) {
        throw OutOfMemory(state_.bytes->name() + ": a chunk of " + std::to_string(chunk[0]) +
                              " x " + std::to_string(chunk[1]) + " entries of " +
                              printable(layout_.dataset),
                          bytes);
      }
      layout_.chunk_rows = std::min(layout_.rows, static_cast<Index>(chunk[0]));
      layout_.chunk_cols = std::min(layout_.cols, static_cast<Index>(chunk[1]));
      find_filters(properties.id());
      return;
    }
    default:
      refuse(
          "is a virtual one, put together from other files; write it as one dataset: "
          "h5repack -l CHUNK=1000x1000 IN OUT");
  }
}

// Filters of others are libraries that HDF5 loads on the word of a file, and two of its own have had many faults: neither is asked for.
void OpenDataset::find_filters(hid_t properties) {
  const int count = H5Pget_nfilters(properties);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, settings = 0;
    std::size_t values = 0;
    std::array<char, 64> name = {};
    const H5Z_filter_t filter =
        H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values, nullptr,
                       name.size() - 1, name.data(), &settings);
    const char* known = filter == H5Z_FILTER_DEFLATE      ? "gzip"
                        : filter == H5Z_FILTER_SHUFFLE    ? "shuffle"
                        : filter == H5Z_FILTER_FLETCHER32 ? "fletcher32"
                                                          : nullptr;
    if (known == nullptr) {
      refuse("went through the filter " + std::to_string(filter) +
             (name.front() == '\0' ? "" : " (" + printable(name.data()) + ")") +
             ", which is not read; gzip, shuffle and fletcher32 are: h5repack -f GZIP=4 IN OUT, or "
             "create_dataset(..., compression='gzip')");
    }
    layout_.filters += std::string(layout_.filters.empty() ? "" : ", ") + known;
  }
}

// 4.
void OpenDataset::read(Index row, Index rows, Index col, Index cols,
                       std::span<std::byte> to) const {
  const std::uint64_t entry = layout_.dtype.entry_bytes;
  if (row < 0 || rows < 0 || col < 0 || cols < 0 || row > layout_.rows - rows ||
      col > layout_.cols - cols || to.size() != static_cast<std::uint64_t>(rows * cols) * entry) {
    throw InvalidArgument("a part of " + std::to_string(rows) + " x " + std::to_string(cols) +
                          " entries of " + state_.bytes->name() + " is outside the dataset");
  }
  if (to.empty()) {
    return;
  }
  if (layout_.begin && cols == layout_.cols) {
    state_.bytes->read(*layout_.begin + static_cast<std::uint64_t>(row * layout_.cols) * entry, to);
    return;
  }
  const Session session;
  read_by_library(row, rows, col, cols, to.data());
}

void OpenDataset::read_by_library(Index row, Index rows, Index col, Index cols,
                                  std::byte* to) const {
  const std::array<hsize_t, 2> begin = {static_cast<hsize_t>(row), static_cast<hsize_t>(col)},
                               count = {static_cast<hsize_t>(rows), static_cast<hsize_t>(cols)};
  const hid_t type = memory_.is_open() ? memory_.id() : stored_.id();
  herr_t result = -1;
  if (dimensions_ == 0) {
    result = H5Dread(dataset_.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
  } else {
    const Handle part(H5Scopy(space_.id()), H5Sclose),
        whole(H5Screate_simple(dimensions_, count.data(), nullptr), H5Sclose);
    if (part.is_open() && whole.is_open() &&
        H5Sselect_hyperslab(part.id(), H5S_SELECT_SET, begin.data(), nullptr, count.data(),
                            nullptr) >= 0) {
      result = H5Dread(dataset_.id(), type, whole.id(), part.id(), H5P_DEFAULT, to);
    }
  }
  if (result < 0) {
    fail("rows " + std::to_string(row + 1) + " to " + std::to_string(row + rows) + " of " +
         printable(layout_.dataset) + " cannot be read");
  }
}

}  // namespace

std::unique_ptr<Hdf5Dataset> open_hdf5(std::shared_ptr<const RandomBytes> bytes,
                                       const std::string& member, std::uint64_t max_chunk_bytes) {
  return std::make_unique<OpenDataset>(std::move(bytes), member, max_chunk_bytes);
}

bool reads_hdf5() noexcept {
  return true;
}

}  // namespace eckart::io
