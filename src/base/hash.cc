#include "base/hash.h"

#include <array>
#include <cstdio>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace bagloom {

struct Hasher::State {
  XXH3_state_t* xxh = XXH3_createState();
  ~State() { XXH3_freeState(xxh); }
};

Hasher::Hasher() : state_(std::make_unique<State>()) { XXH3_128bits_reset(state_->xxh); }
Hasher::~Hasher() = default;

Hasher& Hasher::add(Bytes bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
  return *this;
}

Hasher& Hasher::add(std::uint64_t number) {
  std::array<std::byte, 8> little{};
  for (std::size_t i = 0; i < little.size(); ++i) little[i] = static_cast<std::byte>(number >> (8 * i));
  return add(Bytes(little));
}

Hasher& Hasher::add_text(std::string_view text) {
  add(static_cast<std::uint64_t>(text.size()));
  return add(as_bytes(text));
}

std::string Hasher::hex_digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_->xxh);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return text.data();
}

std::uint64_t Hasher::checksum() const { return XXH3_128bits_digest(state_->xxh).low64; }

}  // namespace bagloom
