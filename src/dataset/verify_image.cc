// Pictures that stand in the data files themselves (dtype image): their headers. lerobot-format.md 6.6.
#include <arrow/array.h>

#include "dataset/verify_columns.h"
#include "dataset/verify_image_header.h"
#include "dataset/verify_internal.h"
#include "dataset/verify_rows.h"

namespace bagloom::dataset::verify {

Status check_images(Context& context, const Feature& feature, std::size_t) {
  context.note("camera " + in_quotes(feature.name) +
               " (dtype image): headers were checked, pixels and their statistics were not");
  return each_batch(context, feature, [&](const TableFile& file, const arrow::Array& values, std::uint64_t first) -> Status {
    const auto& cells = static_cast<const arrow::StructArray&>(values);
    auto bytes = cells.GetFieldByName("bytes");
    for (std::int64_t i = 0; i < cells.length(); ++i) {
      std::string where = row_of(file, first + static_cast<std::uint64_t>(i)) + " column " + in_quotes(feature.name);
      if (!context.expect(!cells.IsNull(i) && bytes && !bytes->IsNull(i), "V51", 'L', [&] {
            return Where{where, "has no bytes"};
          }))
        continue;
      auto header = read_image_header(as_bytes(text_at(*bytes, i)));
      if (!context.expect(header.ok(), "V51", 'L', [&] { return Where{where, header.error().message()}; })) continue;
      if (feature.width == 0) continue;
      bool size = header->width == feature.width && header->height == feature.height;
      context.expect(size, "V51", 'L', [&] {
        return Where{where, "is " + std::to_string(header->width) + "x" + std::to_string(header->height) + ", info.json says " +
                                std::to_string(feature.width) + "x" + std::to_string(feature.height)};
      });
      context.expect(header->channels == feature.channels, "V51", 'L', [&] {
        return Where{where,
                     "has " + std::to_string(header->channels) + " channels, info.json says " + std::to_string(feature.channels)};
      });
    }
    return {};
  });
}

}  // namespace bagloom::dataset::verify
