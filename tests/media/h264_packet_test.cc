#include "media/h264_packet.h"

#include <gtest/gtest.h>

namespace bagloom::media {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

TEST(WithoutSei, DropsOnlySei) {
  EXPECT_EQ(without_sei(bytes({0, 0, 0, 1, 0x06, 5, 9, 9, 0, 0, 1, 0x65, 1, 2, 3})), bytes({0, 0, 1, 0x65, 1, 2, 3}));
  EXPECT_EQ(without_sei(bytes({0, 0, 0, 1, 0x67, 4, 0, 0, 0, 1, 0x68, 3, 0, 0, 1, 0x06, 7, 7, 0, 0, 0, 1, 0x41, 8})),
            bytes({0, 0, 0, 1, 0x67, 4, 0, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x41, 8}));
}

TEST(WithoutSei, KeepsEverythingElse) {
  for (const auto& packet : {bytes({}), bytes({0, 0, 1}), bytes({0, 0, 0, 1}), bytes({1, 2, 3}),
                             bytes({0, 0, 1, 0x41, 0, 0, 3, 0, 0}), bytes({0, 0, 1, 0x65})}) {
    EXPECT_EQ(without_sei(packet), packet);
  }
}

TEST(WithoutSei, DropsItAtTheEndToo) {
  EXPECT_EQ(without_sei(bytes({0, 0, 1, 0x41, 7, 0, 0, 0, 1, 0x06})), bytes({0, 0, 1, 0x41, 7}));
}

}  // namespace
}  // namespace bagloom::media
