// What stands in for src/io/hdf5 in a build without the HDF5 library.

#include "io/hdf5.hpp"

namespace eckart::io {

std::unique_ptr<Hdf5Dataset> open_hdf5(std::shared_ptr<const RandomBytes> bytes, const std::string&,
                                       std::uint64_t) {
  throw InvalidArgument(
      bytes->name() +
      ": is HDF5, which this Eckart was built without; install the HDF5 library (libhdf5-dev) and "
      "build again with -DECKART_HDF5=ON, or save the dataset as npy: "
      "numpy.save(name, h5py.File(path)[dataset][:])");
}

bool reads_hdf5() noexcept {
  return false;
}

}  // namespace eckart::io
