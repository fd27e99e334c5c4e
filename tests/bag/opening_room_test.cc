#include "bag/opening_room.h"

#include <gtest/gtest.h>

namespace bagloom::bag {
namespace {

OpeningRoom room_of(std::uint64_t bytes) {
  OpenOptions options;
  options.memory_bytes = bytes;
  return OpeningRoom(options);
}

TEST(OpeningRoom, WithoutALimitEverythingMayBeTaken) {
  OpeningRoom room = room_of(0);
  EXPECT_TRUE(room.may_take(1ull << 40, 1ull << 40));
  EXPECT_TRUE(room.check(1ull << 40, 0.1).ok());
  EXPECT_TRUE(room.refusal(1ull << 40).ok());
}

TEST(OpeningRoom, TheLargestThatWasRefusedIsNamedBesideTheWholeIndex) {
  OpeningRoom room = room_of(1'000'000);
  EXPECT_TRUE(room.may_take(400'000, 600'000));
  EXPECT_TRUE(room.refusal(900'000).ok());
  EXPECT_FALSE(room.may_take(400'000, 5'000'000));
  EXPECT_FALSE(room.may_take(400'000, 3'000'000));
  const Status refused = room.refusal(900'000);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::over_limit);
  EXPECT_EQ(refused.error().smallest_limit_bytes(), 5'900'000u);
  OpeningRoom enough = room_of(refused.error().smallest_limit_bytes());
  EXPECT_TRUE(enough.may_take(900'000, 5'000'000));
}

TEST(OpeningRoom, EntriesThatAreNotSeenAreExpected) {
  OpeningRoom room = room_of(1'000'000);
  room.walked(1000, 100'000);
  EXPECT_TRUE(room.density_is_known());
  EXPECT_FALSE(room.may_take(0, 4'000'000));
  room.expect_entries_of(4'000'000);  // 40'000 messages
  const std::uint64_t needed = room.refusal(0).error().smallest_limit_bytes();
  EXPECT_GE(needed, 40'000 * 2 * sizeof(ChunkEntry) + 4'480'000);
  // They count against what is left.
  EXPECT_FALSE(room.check(0, 1).ok());
}

TEST(OpeningRoom, AnIndexThatIsReadInPartIsThoughtToGoOn) {
  const OpeningRoom room = room_of(1'000'000);
  EXPECT_TRUE(room.check(1'000'000, 0.5).ok());
  const Status refused = room.check(1'100'000, 0.5);
  ASSERT_FALSE(refused.ok());
  EXPECT_GE(refused.error().smallest_limit_bytes(), 2'200'000u);
}

}  // namespace
}  // namespace bagloom::bag
