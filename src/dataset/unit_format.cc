#include "dataset/unit_format.h"

#include <algorithm>

#include "base/cursor.h"

namespace bagloom::dataset {

Result<std::unique_ptr<UnitFile>> UnitFile::create(const std::string& path, std::string_view magic) {
  ASSIGN_OR_RETURN(auto file, OutputFile::create(path));
  std::unique_ptr<UnitFile> unit(new UnitFile(std::move(file)));
  std::vector<std::byte> header(as_bytes(magic).begin(), as_bytes(magic).end());
  append_number(header, kUnitVersion);
  RETURN_IF_ERROR(unit->write(header));
  return unit;
}

Status UnitFile::write(Bytes bytes) {
  hasher_.add(bytes);
  length_ += bytes.size();
  return file_->write(bytes);
}

Status UnitFile::finish(std::uint64_t facts_offset) {
  std::vector<std::byte> trailer;
  append_number(trailer, facts_offset);
  append_number(trailer, length_ + kUnitTrailerBytes);
  hasher_.add(Bytes(trailer));
  append_number(trailer, hasher_.checksum());
  RETURN_IF_ERROR(file_->write(trailer));
  return file_->commit(false);
}

std::vector<std::byte> unit_trailer(Bytes header_and_body, std::uint64_t facts_offset) {
  std::vector<std::byte> trailer;
  append_number(trailer, facts_offset);
  append_number(trailer, header_and_body.size() + kUnitTrailerBytes);
  Hasher hasher;
  hasher.add(header_and_body).add(Bytes(trailer));
  append_number(trailer, hasher.checksum());
  return trailer;
}

Result<std::uint64_t> check_unit(const Source& source, std::string_view magic) {
  const auto corrupt = [&](const std::string& what) { return Error(ErrorKind::corrupt, what).in(source.name()); };
  const std::uint64_t size = source.size();
  if (size < kUnitHeaderBytes + kUnitTrailerBytes) return corrupt("unit of " + std::to_string(size) + " bytes");
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(size, 64 * 1024)));

  RETURN_IF_ERROR(source.read_exactly(0, MutableBytes(buffer).first(kUnitHeaderBytes)));
  Cursor header(Bytes(buffer).first(kUnitHeaderBytes));
  ASSIGN_OR_RETURN(const Bytes found, header.take(magic.size()));
  if (as_text(found) != magic) return corrupt("not a unit of this kind");
  ASSIGN_OR_RETURN(const std::uint32_t version, header.u32());
  if (version != kUnitVersion) return corrupt("unit version " + std::to_string(version));

  RETURN_IF_ERROR(source.read_exactly(size - kUnitTrailerBytes, MutableBytes(buffer).first(kUnitTrailerBytes)));
  Cursor trailer(Bytes(buffer).first(kUnitTrailerBytes));
  ASSIGN_OR_RETURN(const std::uint64_t facts_offset, trailer.u64());
  ASSIGN_OR_RETURN(const std::uint64_t length, trailer.u64());
  ASSIGN_OR_RETURN(const std::uint64_t checksum, trailer.u64());
  if (length != size) return corrupt("unit was written as " + std::to_string(length) + " bytes, has " + std::to_string(size));
  if (facts_offset != 0 && (facts_offset < kUnitHeaderBytes || facts_offset > size - kUnitTrailerBytes)) {
    return corrupt("unit's facts at " + hex(facts_offset) + " lie outside of it");
  }

  Hasher hasher;
  for (std::uint64_t at = 0; at < size - 8;) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), size - 8 - at));
    RETURN_IF_ERROR(source.read_exactly(at, MutableBytes(buffer).first(n)));
    hasher.add(Bytes(buffer).first(n));
    at += n;
  }
  if (hasher.checksum() != checksum) return corrupt("unit's checksum does not hold");
  return facts_offset;
}

}  // namespace bagloom::dataset
