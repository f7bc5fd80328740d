#include "common/memory_limit.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <eckart/error.hpp>

#include "io/memory.hpp"
#include "report/text.hpp"

namespace eckart::cli {
std::uint64_t machine_memory() {
  std::uint64_t least = io::physical_memory();
  for (const char* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t bytes = 0;
    if (std::ifstream(path) >> bytes) {  // "max" is no number and leaves the least as it is
      least = std::min(least, bytes);
    }
  }
  return least;
}

std::uint64_t memory_limit(std::uint64_t limit) {
  return limit != 0 ? limit : machine_memory();
}

void require_memory(const MemoryPlan& plan, std::uint64_t limit, const std::string& way_out) {
  const std::uint64_t allowed = memory_limit(limit);
  if (plan.bytes() > allowed) {
    throw Error(ErrorKind::out_of_memory,
                "needs " + report::format_bytes(plan.bytes()) + " of memory, " +
                    report::format_bytes(allowed) +
                    (limit != 0 ? " are allowed (--max-memory)" : " are there") + "; " + way_out);
  }
}

}  // namespace eckart::cli
