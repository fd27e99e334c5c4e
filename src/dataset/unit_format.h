// The bytes that both kinds of unit share. All numbers are little-endian:
//
//   magic (8 bytes) | version u32 | body ... | facts offset u64 | file length u64 | checksum u64
//
// The checksum is the low half of XXH3-128 over all bytes before it. A row block's body is width u32, rows u64, values f32...;
// its facts offset is 0. A segment's body is records (u8 kind each), then at `facts offset` what SegmentFacts holds.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/source.h"
#include "dataset/output_file.h"

namespace bagloom::dataset {

inline constexpr std::string_view kRowBlockMagic = "blmROWS\n";
inline constexpr std::string_view kSegmentMagic = "blmSEGM\n";
inline constexpr std::uint32_t kUnitVersion = 2;
inline constexpr std::uint64_t kUnitHeaderBytes = 12;
inline constexpr std::uint64_t kUnitTrailerBytes = 24;

/// Writes the header at once; counts and hashes what passes. Not thread-safe; abandons where `finish` was not called.
class UnitFile {
 public:
  static Result<std::unique_ptr<UnitFile>> create(const std::string& path, std::string_view magic);
  Status write(Bytes bytes);
  std::uint64_t length() const { return length_; }
  Status finish(std::uint64_t facts_offset);

 private:
  explicit UnitFile(std::unique_ptr<OutputFile> file) : file_(std::move(file)) {}
  std::unique_ptr<OutputFile> file_;
  Hasher hasher_;
  std::uint64_t length_ = 0;
};

/// Little-endian bytes of a number, appended.
template <class T>
void append_number(std::vector<std::byte>& out, T number) {
  static_assert(std::is_integral_v<T>);
  auto bits = static_cast<std::make_unsigned_t<T>>(number);
  const std::size_t at = out.size();
  out.resize(at + sizeof(T));
  for (std::size_t i = 0; i < sizeof(T); ++i) out[at + i] = static_cast<std::byte>(static_cast<std::uint64_t>(bits) >> (8 * i));
}

/// Checks magic, version, length and checksum (one pass, 64 KiB at a time); gives the facts offset, which lies in the body.
Result<std::uint64_t> check_unit(const Source& source, std::string_view magic);

/// Trailer for `body_and_header`: for tests and fuzzers that make units of their own.
std::vector<std::byte> unit_trailer(Bytes header_and_body, std::uint64_t facts_offset);

}  // namespace bagloom::dataset
