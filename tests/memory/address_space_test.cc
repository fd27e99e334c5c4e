#include "memory/address_space.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <vector>

namespace bagloom::memory {
namespace {

TEST(AddressSpace, OwnMappingsAreInOrderAndSaidAsTheyAre) {
  void* const mapped = ::mmap(nullptr, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  const auto here = reinterpret_cast<std::uint64_t>(mapped);
  const auto code = reinterpret_cast<std::uint64_t>(&visit_mappings);
  std::uint64_t last = 0;
  bool found_here = false, found_code = false, found_stack = false;
  ASSERT_TRUE(visit_mappings(0, [&](const Mapping& mapping) {
    EXPECT_GE(mapping.begin, last);
    last = mapping.end;
    if (mapping.begin <= here && here < mapping.end) {
      found_here = true;
      EXPECT_TRUE(mapping.readable() && !mapping.writable() && mapping.is_private());
      EXPECT_EQ(mapping.inode, 0u);
    }
    if (mapping.begin <= code && code < mapping.end) {
      found_code = true;
      EXPECT_NE(mapping.inode, 0u);
      EXPECT_NE(mapping.path.find("test_memory"), std::string_view::npos) << mapping.path;
      EXPECT_FALSE(mapping.writable());
    }
    found_stack = found_stack || mapping.path == "[stack]";
  }));
  EXPECT_TRUE(found_here && found_code && found_stack);
  ::munmap(mapped, 3 * 4096);
}

TEST(AddressSpace, PagesAreSeenWhereTheyWereTouched) {
  constexpr std::size_t kPages = 10'000;  // more than one read of pagemap
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const mapped = ::mmap(nullptr, kPages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  ::madvise(mapped, kPages * page, MADV_NOHUGEPAGE);
  for (const std::size_t touched : {std::size_t{3}, kPages - 1}) static_cast<char*>(mapped)[touched * page] = 1;
  Mapping mapping;
  mapping.begin = reinterpret_cast<std::uint64_t>(mapped);
  mapping.end = mapping.begin + kPages * page;
  const ProcFile pagemap(0, "pagemap");
  if (pagemap.fd() < 0) GTEST_SKIP() << "pagemap may not be read here";
  std::vector<std::uint64_t> present;
  ASSERT_TRUE(visit_pages(pagemap.fd(), mapping, [&](std::uint64_t number, std::uint64_t entry) {
    if ((entry & kPagePresent) != 0) present.push_back(number);
    return true;
  }));
  EXPECT_EQ(present, (std::vector<std::uint64_t>{3, kPages - 1}));
  EXPECT_FALSE(visit_pages(pagemap.fd(), mapping, [](std::uint64_t number, std::uint64_t) { return number < 5; }));
  ::munmap(mapped, kPages * page);
}

TEST(AddressSpace, AProcessThatIsNotThere) {
  EXPECT_FALSE(visit_mappings(1 << 30, [](const Mapping&) {}));
}

}  // namespace
}  // namespace bagloom::memory
