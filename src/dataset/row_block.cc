#include <algorithm>
#include <bit>
#include <cstring>

#include "base/cursor.h"
#include "dataset/unit.h"
#include "dataset/unit_format.h"

namespace bagloom::dataset {
namespace {

constexpr std::uint64_t kShapeBytes = 4 + 8;

}  // namespace

Status write_row_block(const std::string& path, const RowBlock& block) {
  if (block.width > kMaxBlockWidth || block.rows() > kMaxBlockRows || block.rows() * block.width != block.values.size()) {
    return Error(ErrorKind::invalid,
                 "row block of " + std::to_string(block.values.size()) + " numbers in rows of " + std::to_string(block.width))
        .in(path);
  }
  ASSIGN_OR_RETURN(auto unit, UnitFile::create(path, kRowBlockMagic));
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(kShapeBytes) + block.values.size() * sizeof(float));
  append_number(bytes, block.width);
  append_number(bytes, block.rows());
  for (const float value : block.values) append_number(bytes, std::bit_cast<std::uint32_t>(value));
  RETURN_IF_ERROR(unit->write(bytes));
  return unit->finish(0);
}

Result<RowBlock> read_row_block(const std::string& path) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  return read_row_block(*source);
}

Result<RowBlock> read_row_block(const Source& source) {
  const auto corrupt = [&](const std::string& what) { return Error(ErrorKind::corrupt, what).in(source.name()); };
  if (source.size() > kUnitHeaderBytes + kShapeBytes + kMaxBlockRows * kMaxBlockWidth * 4 + kUnitTrailerBytes) {
    return corrupt("row block of " + std::to_string(source.size()) + " bytes");
  }
  RETURN_IF_ERROR(check_unit(source, kRowBlockMagic));
  const std::uint64_t body = source.size() - kUnitHeaderBytes - kUnitTrailerBytes;
  if (body < kShapeBytes) return corrupt("row block without a shape");
  std::byte shape[kShapeBytes];
  RETURN_IF_ERROR(source.read_exactly(kUnitHeaderBytes, shape));
  Cursor cursor{Bytes(shape)};
  RowBlock block;
  ASSIGN_OR_RETURN(block.width, cursor.u32());
  ASSIGN_OR_RETURN(const std::uint64_t rows, cursor.u64());
  if (block.width > kMaxBlockWidth || rows > kMaxBlockRows || body - kShapeBytes != rows * block.width * sizeof(float)) {
    return corrupt("row block of " + std::to_string(rows) + " rows of " + std::to_string(block.width) + " does not fill its " +
                   std::to_string(body) + " bytes");
  }
  if (rows * block.width == 0) return block;
  block.values.resize(static_cast<std::size_t>(rows) * block.width);
  // The values' own memory takes the file's bytes, so that a block is held once; the loop turns them round on big-endian machines
  // only.
  const MutableBytes bytes(reinterpret_cast<std::byte*>(block.values.data()), block.values.size() * sizeof(float));
  RETURN_IF_ERROR(source.read_exactly(kUnitHeaderBytes + kShapeBytes, bytes));
  for (std::size_t i = 0; i < block.values.size(); ++i) {
    block.values[i] = Cursor::load<float>(Bytes(bytes).subspan(i * sizeof(float), sizeof(float)));
  }
  return block;
}

}  // namespace bagloom::dataset
