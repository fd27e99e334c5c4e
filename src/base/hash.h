// Content hashes for names of staged files and identities of recordings (not for security).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bagloom {

/// Feeds bytes piece by piece into a 128-bit XXH3 hash.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  Hasher& add(Bytes bytes);
  Hasher& add(std::uint64_t number);
  /// Adds the length too, so that ("ab", "c") and ("a", "bc") differ.
  Hasher& add_text(std::string_view text);

  /// 32 lower-case hex digits.
  std::string hex_digest() const;
  /// The low 64 bits: a checksum.
  std::uint64_t checksum() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bagloom
