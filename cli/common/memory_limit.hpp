#pragma once

// --max-memory: what a command will need is compared with what it may take before anything is taken.

#include <cstdint>
#include <string>

#include <eckart/workspace.hpp>

namespace eckart::cli {

/// The memory of this machine, or of the container that the process runs in (cgroup v2 and v1), where that is less.
[[nodiscard]] std::uint64_t machine_memory();

/// `limit`, or for 0 the machine's memory.
[[nodiscard]] std::uint64_t memory_limit(std::uint64_t limit);

/// Throws OutOfMemory with what is needed and the way out when the plan exceeds the limit (0: the machine's memory).
void require_memory(const MemoryPlan& plan, std::uint64_t limit, const std::string& way_out);

}  // namespace eckart::cli
