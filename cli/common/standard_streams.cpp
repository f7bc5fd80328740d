#include "common/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace eckart::cli {

void hold_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) < 0 &&
        open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream) {
      return;  // a system without /dev/null: nothing can be held
    }
  }
}

}  // namespace eckart::cli
