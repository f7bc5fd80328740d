#pragma once

// Memory of an algorithm, planned before it is taken.
//
// A MemoryPlan is a sum and a maximum: all_of(...) blocks live at the same time, any_of(...) blocks
// never do. Written beside an algorithm it reads as the algorithm's memory plan; printed it answers
// --dry-run; its bytes() size one Workspace, from which the algorithm then takes its blocks as from
// a stack. Making one costs less than a microsecond, for a small matrix is decomposed in a few: names are literals that nobody
// copies, and a plan that becomes part of another shares its own parts with it.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <eckart/types.hpp>

namespace eckart {

class MemoryPlan {
 public:
  MemoryPlan() = default;

  /// `count` entries of T that are needed for `name`, which, like every name here, is kept as it is given: a literal.
  template <class T>
  [[nodiscard]] static MemoryPlan block(std::string_view name, Index count) {
    return block_bytes(name, count, 1, sizeof(T));
  }
  /// rows x cols entries; throws SizeLimit when their product leaves 64 bits.
  template <class T>
  [[nodiscard]] static MemoryPlan block(std::string_view name, Index rows, Index cols) {
    return block_bytes(name, rows, cols, sizeof(T));
  }
  /// Parts that live together: their sum.
  [[nodiscard]] static MemoryPlan all_of(std::string_view name,
                                         std::initializer_list<MemoryPlan> parts);
  /// Parts of which one lives at a time: their maximum.
  [[nodiscard]] static MemoryPlan any_of(std::string_view name,
                                         std::initializer_list<MemoryPlan> parts);

  /// Bytes needed at the peak, each block rounded up to a cache line.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] std::span<const MemoryPlan> parts() const noexcept {
    return {parts_.get(), part_count_};
  }

  /// The plan as an indented tree, a line a block: what `--dry-run` prints.
  [[nodiscard]] std::string to_string() const;

 private:
  [[nodiscard]] static MemoryPlan block_bytes(std::string_view name, Index rows, Index cols,
                                              std::size_t entry_size);

  enum class Kind : std::uint8_t { block, all, any };

  MemoryPlan(std::string_view name, Kind kind, std::initializer_list<MemoryPlan> parts);
  static void print(const MemoryPlan& plan, int depth, std::string& out);

  std::string_view name_;
  Kind kind_ = Kind::block;
  std::uint64_t bytes_ = 0;
  std::size_t part_count_ = 0;
  std::shared_ptr<const MemoryPlan[]> parts_;
};

/// A stack of memory of a fixed size. Blocks are uninitialised and aligned to a cache line.
class Workspace {
 public:
  static constexpr std::size_t alignment = 64;

  Workspace() = default;
  /// Throws OutOfMemory when the system does not give it.
  explicit Workspace(std::uint64_t bytes);
  explicit Workspace(const MemoryPlan& plan) : Workspace(plan.bytes()) {}
  Workspace(Workspace&& other) noexcept { swap(other); }
  Workspace& operator=(Workspace&& other) noexcept {
    Workspace moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~Workspace() = default;

  void swap(Workspace& other) noexcept {
    std::swap(storage_, other.storage_);
    std::swap(size_, other.size_);
    std::swap(used_, other.used_);
    std::swap(peak_, other.peak_);
  }

  /// The next `count` entries. Throws OutOfMemory when the workspace is too small: the plan is then
  /// wrong.
  template <class T>
  [[nodiscard]] std::span<T> take(Index count) {
    return {static_cast<T*>(take_bytes(count, sizeof(T))), static_cast<std::size_t>(count)};
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// The most that was taken at one time since the construction, or since reset_peak().
  [[nodiscard]] std::uint64_t peak() const noexcept { return peak_; }
  void reset_peak() noexcept { peak_ = used_; }
  [[nodiscard]] std::uint64_t used() const noexcept { return used_; }

  /// Gives back, at the end of its scope, all that was taken since its construction.
  class Frame {
   public:
    explicit Frame(Workspace& w) noexcept : workspace_(w), used_(w.used_) {}
    ~Frame() { workspace_.used_ = used_; }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

   private:
    Workspace& workspace_;
    std::uint64_t used_;
  };

 private:
  struct Free {
    void operator()(std::byte* p) const noexcept;
  };
  [[nodiscard]] void* take_bytes(Index count, std::size_t entry_size);

  std::unique_ptr<std::byte, Free> storage_;
  std::uint64_t size_ = 0, used_ = 0, peak_ = 0;
};

}  // namespace eckart
