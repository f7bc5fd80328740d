#include <algorithm>
#include <cstddef>
#include <limits>
#include <new>

#include <eckart/error.hpp>
#include <eckart/workspace.hpp>

#include "core/pages.hpp"

namespace eckart {
namespace {

[[noreturn]] void throw_too_large(std::string_view what) {
  throw SizeLimit("the workspace '" + std::string(what) + "' exceeds the 64-bit address space");
}

// Bytes of rows x cols entries, rounded up to a cache line.
std::uint64_t padded_bytes(std::string_view what, Index rows, Index cols, std::size_t entry_size) {
  Index count = 0, bytes = 0, padded = 0;
  if (rows < 0 || cols < 0 || __builtin_mul_overflow(rows, cols, &count) ||
      __builtin_mul_overflow(count, static_cast<Index>(entry_size), &bytes) ||
      __builtin_add_overflow(bytes, Index{Workspace::alignment} - 1, &padded)) {
    throw_too_large(what);
  }
  return static_cast<std::uint64_t>(padded) / Workspace::alignment * Workspace::alignment;
}

}  // namespace

MemoryPlan MemoryPlan::block_bytes(std::string_view name, Index rows, Index cols,
                                   std::size_t entry_size) {
  MemoryPlan plan;
  plan.name_ = name;
  plan.bytes_ = padded_bytes(name, rows, cols, entry_size);
  return plan;
}

MemoryPlan::MemoryPlan(std::string_view name, Kind kind, std::initializer_list<MemoryPlan> parts)
    : name_(name), kind_(kind), part_count_(parts.size()) {
  if (part_count_ > 0) {
    const auto own = std::make_shared<MemoryPlan[]>(part_count_);
    std::copy(parts.begin(), parts.end(), own.get());
    parts_ = own;
  }
}

MemoryPlan MemoryPlan::all_of(std::string_view name, std::initializer_list<MemoryPlan> parts) {
  MemoryPlan plan(name, Kind::all, parts);
  for (const MemoryPlan& part : parts) {
    if (__builtin_add_overflow(plan.bytes_, part.bytes_, &plan.bytes_)) {
      throw_too_large(name);
    }
  }
  return plan;
}

MemoryPlan MemoryPlan::any_of(std::string_view name, std::initializer_list<MemoryPlan> parts) {
  MemoryPlan plan(name, Kind::any, parts);
  for (const MemoryPlan& part : parts) {
    plan.bytes_ = std::max(plan.bytes_, part.bytes_);
  }
  return plan;
}

void MemoryPlan::print(const MemoryPlan& plan, int depth, std::string& out) {
  constexpr std::string_view suffix[] = {"", " (together)", " (one at a time)"};
  out.append(static_cast<std::size_t>(2 * depth), ' ').append(plan.name_);
  out.append(suffix[static_cast<std::size_t>(plan.kind_)]);
  out += "  " + std::to_string(plan.bytes_) + " bytes\n";
  for (const MemoryPlan& part : plan.parts()) {
    if (!part.name_.empty() || part.bytes_ > 0) {  // a part that the options left out says nothing
      print(part, depth + 1, out);
    }
  }
}

std::string MemoryPlan::to_string() const {
  std::string out;
  print(*this, 0, out);
  return out;
}

void Workspace::Free::operator()(std::byte* p) const noexcept {
  ::operator delete(p, std::align_val_t{alignment});
}

Workspace::Workspace(std::uint64_t bytes) : size_(bytes) {
  if (bytes == 0) {
    return;
  }
  // No object may be larger; the aligned operator new would round such a size up past zero.
  constexpr std::uint64_t largest = std::numeric_limits<std::ptrdiff_t>::max();
  if (bytes <= largest) {
    storage_.reset(static_cast<std::byte*>(::operator new(
        static_cast<std::size_t>(bytes), std::align_val_t{alignment}, std::nothrow)));
  }
  if (!storage_) {
    throw OutOfMemory("the workspace", bytes);
  }
  advise_large_pages(storage_.get(), bytes);
}

void* Workspace::take_bytes(Index count, std::size_t entry_size) {
  const std::uint64_t bytes = padded_bytes("block", count, 1, entry_size);
  if (bytes > size_ - used_) {
    throw OutOfMemory("a workspace block (" + std::to_string(size_ - used_) +
                          " bytes are left of the " + std::to_string(size_) + " planned)",
                      bytes);
  }
  void* p = storage_.get() + used_;
  used_ += bytes;
  peak_ = std::max(peak_, used_);
  return p;
}

}  // namespace eckart
