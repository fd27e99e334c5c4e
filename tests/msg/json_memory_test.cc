// What reading a message of JSON takes beside it: convert reserves kJsonBytesPerByte for each of its bytes. The test program's
// own operator new counts, so that the figure is the allocator's and not a guess.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "msg/definition_set.h"
#include "msg/extractor.h"

namespace {

std::atomic<std::int64_t> held{0}, peak{0};

void* counted_or_null(void* block) {
  if (block == nullptr) return nullptr;
  const std::int64_t now = held += static_cast<std::int64_t>(malloc_usable_size(block));
  std::int64_t most = peak;
  while (now > most && !peak.compare_exchange_weak(most, now)) {
  }
  return block;
}

void* counted(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return counted_or_null(block);
}

void release(void* block) {
  if (block == nullptr) return;
  held -= static_cast<std::int64_t>(malloc_usable_size(block));
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new[](std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(std::malloc(size)); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(std::malloc(size)); }
void operator delete(void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { release(block); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }

namespace bagloom::msg {
namespace {

TEST(JsonMemory, IsWithinWhatIsReserved) {
  const auto definition = *parse_definition({"foxglove.CompressedImage", "", "", "json"}, builtin_definitions());
  const auto compiled = PictureExtractor::compile(definition);
  ASSERT_TRUE(compiled.ok());
  const PictureExtractor& extractor = *compiled;
  // Just above a power of two, where a text that grows by doubling takes most.
  for (const std::size_t size : {100'000u, 262'200u, 1'048'700u, 3'000'000u}) {
    const std::string picture = R"({"format": "jpeg", "data": ")" + std::string(size / 4 * 4, 'A') + "\"}";
    const std::string cut = picture.substr(0, picture.size() - 2);
    const std::string wrong = cut + "\x01\"}";
    const std::string other = R"({"other": ")" + std::string(size, 'A') + "\"}";
    const std::string name = "{\"" + std::string(size, 'A') + "\": 1}";
    const std::string digits = R"({"data": )" + std::string(size, '1') + "}";
    const std::string array = R"({"data": [)" + std::string(size, '[') + "}";
    std::string ones = R"({"other": [1)";
    for (std::size_t i = 0; i < size / 2; ++i) ones += ",1";
    ones += "]}";
    const std::string& numbers = ones;
    for (const auto* message :
         std::initializer_list<const std::string*>{&picture, &cut, &wrong, &other, &name, &digits, &array, &numbers}) {
      const std::int64_t before = held;
      peak = before;
      {
        const auto read = extractor.run(as_bytes(*message));
        EXPECT_EQ(read.ok(), message == &picture);  // the others have no data
      }
      EXPECT_EQ(held, before);
      const std::int64_t most = peak - before;
      EXPECT_LE(most, static_cast<std::int64_t>(reading_bytes_per_byte("json") * message->size()) + 4096)
          << message->substr(0, 24) << " " << size;
      if (message == &cut)
        RecordProperty("cut_" + std::to_string(size),
                       std::to_string(static_cast<double>(most) / static_cast<double>(message->size())));
      if (message == &picture)
        RecordProperty("whole_" + std::to_string(size),
                       std::to_string(static_cast<double>(most) / static_cast<double>(message->size())));
    }
  }
  EXPECT_EQ(reading_bytes_per_byte("cdr"), 0u);
  EXPECT_EQ(reading_bytes_per_byte("protobuf"), 0u);
}

}  // namespace
}  // namespace bagloom::msg
