#include <algorithm>
#include <complex>
#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <eckart/error.hpp>
#include <eckart/workspace.hpp>

namespace eckart {
namespace {

constexpr std::uint64_t line = Workspace::alignment;
constexpr Index largest = std::numeric_limits<Index>::max();

TEST(MemoryPlan, RoundsEachBlockUpToACacheLine) {
  EXPECT_EQ(MemoryPlan::block<double>("none", 0).bytes(), 0U);
  EXPECT_EQ(MemoryPlan::block<char>("one", 1).bytes(), line);
  EXPECT_EQ(MemoryPlan::block<double>("eight", 8).bytes(), line);
  EXPECT_EQ(MemoryPlan::block<double>("nine", 9).bytes(), 2 * line);
  EXPECT_EQ(MemoryPlan::block<std::complex<double>>("square", 3, 3).bytes(), 3 * line);
  EXPECT_EQ(MemoryPlan::block<float>("no rows", 0, largest).bytes(), 0U);
}

TEST(MemoryPlan, SumsWhatLivesTogetherAndTakesTheLargestOfTheRest) {
  const auto a = MemoryPlan::block<double>("a", 8);
  const auto b = MemoryPlan::block<double>("b", 24);
  const auto c = MemoryPlan::block<double>("c", 40);
  EXPECT_EQ(MemoryPlan::all_of("sum", {a, b, c}).bytes(), 9 * line);
  EXPECT_EQ(MemoryPlan::any_of("max", {a, c, b}).bytes(), 5 * line);
  EXPECT_EQ(MemoryPlan::all_of("both", {a, MemoryPlan::any_of("max", {b, c})}).bytes(), 6 * line);
  EXPECT_EQ(MemoryPlan::any_of("both", {c, MemoryPlan::all_of("sum", {a, b})}).bytes(), 5 * line);
  EXPECT_EQ(MemoryPlan::all_of("empty", {}).bytes(), 0U);
  EXPECT_EQ(MemoryPlan::any_of("empty", {}).bytes(), 0U);
}

TEST(MemoryPlan, PrintsATreeWithALineABlock) {
  const auto plan = MemoryPlan::all_of(
      "svd", {MemoryPlan::block<double>("tau", 3),
              MemoryPlan::any_of("stages", {MemoryPlan::block<double>("panel", 4, 4),
                                            MemoryPlan::block<float>("square", 8, 8)})});
  EXPECT_EQ(plan.to_string(),
            "svd (together)  320 bytes\n"
            "  tau  64 bytes\n"
            "  stages (one at a time)  256 bytes\n"
            "    panel  128 bytes\n"
            "    square  256 bytes\n");
}

TEST(MemoryPlan, RefusesSizesThatLeaveTheAddressSpace) {
  EXPECT_THROW(static_cast<void>(MemoryPlan::block<double>("a", Index{1} << 32, Index{1} << 32)),
               SizeLimit);
  EXPECT_THROW(static_cast<void>(MemoryPlan::block<double>("a", Index{1} << 60)), SizeLimit);
  EXPECT_THROW(static_cast<void>(MemoryPlan::block<char>("rounding", largest)), SizeLimit);
  EXPECT_THROW(static_cast<void>(MemoryPlan::block<char>("negative", -1)), SizeLimit);
  const auto half = MemoryPlan::block<char>("half", largest - 63);
  EXPECT_EQ(half.bytes(), (std::uint64_t{1} << 63) - line);
  EXPECT_THROW(static_cast<void>(MemoryPlan::all_of("three halves", {half, half, half})),
               SizeLimit);
  EXPECT_EQ(MemoryPlan::any_of("one of three", {half, half, half}).bytes(), half.bytes());
}

TEST(MemoryPlan, NamesTheBlockThatIsTooLarge) {
  try {
    static_cast<void>(MemoryPlan::block<double>("block reflector", Index{1} << 62));
    FAIL() << "accepted 2^65 bytes";
  } catch (const SizeLimit& error) {
    EXPECT_NE(std::string(error.what()).find("'block reflector'"), std::string::npos)
        << error.what();
  }
}

TEST(Workspace, HoldsExactlyWhatItsPlanSays) {
  const auto plan = MemoryPlan::all_of(
      "plan", {MemoryPlan::block<char>("a", 1), MemoryPlan::block<double>("b", 9)});
  Workspace work(plan);
  EXPECT_EQ(work.size(), 3 * line);
  const auto a = work.take<char>(1);
  const auto b = work.take<double>(9);
  EXPECT_EQ(a.size(), 1U);
  EXPECT_EQ(b.size(), 9U);
  EXPECT_EQ(work.used(), work.size());
  EXPECT_THROW(static_cast<void>(work.take<char>(1)), OutOfMemory);
}

TEST(Workspace, AlignsEveryBlockAndOverlapsNone) {
  Workspace work(20 * line);
  std::uintptr_t end = 0;
  for (const Index count : {1, 3, 64, 65, 100, 7}) {
    const auto block = work.take<char>(count);
    const auto start = reinterpret_cast<std::uintptr_t>(block.data());
    EXPECT_EQ(start % line, 0U);
    EXPECT_GE(start, end);
    std::ranges::fill(block, 'x');  // the sanitizers watch
    end = start + block.size();
  }
}

TEST(Workspace, AFrameGivesBackWhatWasTakenInIt) {
  Workspace work(4 * line);
  static_cast<void>(work.take<double>(8));
  const double* first = nullptr;
  {
    const Workspace::Frame outer(work);
    first = work.take<double>(8).data();
    {
      const Workspace::Frame inner(work);
      static_cast<void>(work.take<double>(16));
      EXPECT_EQ(work.used(), 4 * line);
    }
    EXPECT_EQ(work.used(), 2 * line);
  }
  EXPECT_EQ(work.used(), line);
  EXPECT_EQ(work.take<double>(8).data(), first);
}

TEST(Workspace, AFrameGivesBackOnAnException) {
  Workspace work(2 * line);
  try {
    const Workspace::Frame frame(work);
    static_cast<void>(work.take<double>(8));
    static_cast<void>(work.take<double>(9));
    FAIL() << "took more than there is";
  } catch (const OutOfMemory&) {
    EXPECT_EQ(work.used(), 0U);
  }
}

TEST(Workspace, SaysHowMuchIsLeftAndStaysUsableWhenABlockDoesNotFit) {
  Workspace work(2 * line);
  static_cast<void>(work.take<double>(1));
  try {
    static_cast<void>(work.take<double>(9));
    FAIL() << "took more than there is";
  } catch (const OutOfMemory& error) {
    EXPECT_EQ(error.bytes(), 2 * line);
    EXPECT_NE(std::string(error.what()).find("64 bytes are left of the 128 planned"),
              std::string::npos)
        << error.what();
  }
  EXPECT_EQ(work.used(), line);
  EXPECT_EQ(work.peak(), line);
  EXPECT_EQ(work.take<double>(8).size(), 8U);
}

TEST(Workspace, RemembersItsPeak) {
  Workspace work(4 * line);
  EXPECT_EQ(work.peak(), 0U);
  static_cast<void>(work.take<double>(1));
  {
    const Workspace::Frame frame(work);
    static_cast<void>(work.take<double>(16));
  }
  EXPECT_EQ(work.used(), line);
  EXPECT_EQ(work.peak(), 3 * line);
  work.reset_peak();
  EXPECT_EQ(work.peak(), line);
  static_cast<void>(work.take<double>(8));
  EXPECT_EQ(work.peak(), 2 * line);
}

TEST(Workspace, OfNoBytesGivesEmptyBlocksAlone) {
  Workspace work;
  EXPECT_EQ(work.size(), 0U);
  EXPECT_TRUE(work.take<double>(0).empty());
  EXPECT_THROW(static_cast<void>(work.take<char>(1)), OutOfMemory);
}

TEST(Workspace, RefusesBlocksOfImpossibleSize) {
  Workspace work(line);
  EXPECT_THROW(static_cast<void>(work.take<double>(-1)), SizeLimit);
  EXPECT_THROW(static_cast<void>(work.take<double>(largest)), SizeLimit);
  EXPECT_EQ(work.used(), 0U);
}

TEST(Workspace, RefusesMoreThanTheSystemHas) {
  for (const std::uint64_t bytes : {std::uint64_t{1} << 62, (std::uint64_t{1} << 63) + 1,
                                    std::numeric_limits<std::uint64_t>::max()}) {
    try {
      const Workspace work(bytes);
      FAIL() << "got " << bytes << " bytes";
    } catch (const OutOfMemory& error) {
      EXPECT_EQ(error.bytes(), bytes);
    }
  }
}

TEST(Workspace, HasNothingLeftAfterAMove) {
  Workspace from(1024);
  Workspace to(std::move(from));
  EXPECT_EQ(to.size(), 1024U);
  EXPECT_THROW(static_cast<void>(from.take<double>(1)), OutOfMemory);
  EXPECT_EQ(to.take<double>(128).size(), 128U);
}

}  // namespace
}  // namespace eckart
