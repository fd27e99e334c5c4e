#include "base/hash.h"

#include <gtest/gtest.h>

namespace bagloom {
namespace {

std::string of(std::string_view a, std::string_view b = {}) { return Hasher().add_text(a).add_text(b).hex_digest(); }

TEST(Hasher, IsStableAcrossRunsAndMachines) {
  // XXH3-128 of nothing, from the algorithm's published test values.
  EXPECT_EQ(Hasher().hex_digest(), "99aa06d3014798d86001c324468d497f");
}

TEST(Hasher, PiecesAndWholesAgree) {
  Hasher pieces, whole;
  pieces.add(as_bytes("abc")).add(as_bytes("defgh"));
  whole.add(as_bytes("abcdefgh"));
  EXPECT_EQ(pieces.hex_digest(), whole.hex_digest());
  EXPECT_EQ(pieces.checksum(), whole.checksum());
}

TEST(Hasher, TextsDoNotRunIntoEachOther) {
  EXPECT_NE(of("ab", "c"), of("a", "bc"));
  EXPECT_NE(of("abc"), of("", "abc"));
}

TEST(Hasher, NumbersCount) { EXPECT_NE(Hasher().add(1).hex_digest(), Hasher().add(256).hex_digest()); }

}  // namespace
}  // namespace bagloom
