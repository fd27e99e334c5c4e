// One data file: row blocks and pictures in, row groups of at most 4,096 rows out, with LeRobot's five columns. lerobot-format.md
// section 3.
#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <filesystem>
#include <memory>

#include "dataset/arrow_status.h"
#include "dataset/assembly.h"
#include "dataset/columns.h"
#include "dataset/image_files.h"
#include "dataset/output_file.h"
#include "dataset/parquet_output.h"
#include "dataset/unit.h"

namespace bagloom::dataset {
namespace {

std::shared_ptr<arrow::DataType> arrow_type(const DataColumn& column) {
  if (column.image) return arrow::struct_({arrow::field("bytes", arrow::binary()), arrow::field("path", arrow::utf8())});
  auto number = column.integer ? arrow::int64() : arrow::float32();
  if (column.width == 1) return number;
  // "element" is what Parquet's standard calls it, and what LeRobot's own files show.
  return arrow::fixed_size_list(arrow::field("element", number), static_cast<std::int32_t>(column.width));
}

std::shared_ptr<arrow::Schema> data_schema(const std::vector<DataColumn>& columns) {
  arrow::FieldVector fields;
  for (const DataColumn& column : columns) fields.push_back(arrow::field(column.name, arrow_type(column)));
  return arrow::schema(fields, arrow::key_value_metadata({"huggingface"}, {huggingface_metadata(columns)}));
}

/// One column of binaries or texts, growing.
struct Texts {
  std::vector<std::uint8_t> bytes;
  std::vector<std::int32_t> offsets{0};
  void add(const void* data, std::size_t n) {
    const auto* from = static_cast<const std::uint8_t*>(data);
    bytes.insert(bytes.end(), from, from + n);
    offsets.push_back(static_cast<std::int32_t>(bytes.size()));
  }
  template <class Array>
  std::shared_ptr<arrow::Array> array() const {
    return std::make_shared<Array>(static_cast<std::int64_t>(offsets.size()) - 1, arrow::Buffer::Wrap(offsets),
                                   arrow::Buffer::Wrap(bytes));
  }
  void clear() {
    bytes.clear();
    offsets.resize(1);
  }
};

/// The rows of one row group, column by column.
class RowGroup {
 public:
  explicit RowGroup(const DatasetSpec& spec)
      : fps_(spec.fps), columns_(data_columns(spec)), schema_(data_schema(columns_)), floats_(columns_.size()) {
    // Room for the largest group at once: growing by copies would leave holes in the heap. Pages that are not touched are not
    // resident.
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].vector) floats_[c].reserve(kMaxBlockRows * columns_[c].width);
    }
    for (const DataColumn& column : columns_) {
      if (!column.image) continue;
      images_.emplace_back();
      images_.back().files.bytes.reserve(kImageGroupBytes);
    }
    timestamps_.reserve(kMaxBlockRows);
    for (auto& list : integers_) list.reserve(kMaxBlockRows);
  }

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  std::uint64_t rows() const { return rows_; }
  /// Whether a row with these pictures goes into the next one.
  bool full(const std::vector<Bytes>& images) const {
    std::uint64_t bytes = image_bytes_;
    for (const Bytes image : images) bytes += image.size();
    return rows_ == kMaxBlockRows || (rows_ > 0 && bytes > kImageGroupBytes);
  }

  /// `row` holds the vectors' numbers, feature after feature; `images` a file for each column of pictures.
  void add(const float* row, const std::vector<Bytes>& images, std::uint64_t frame, std::int64_t episode, std::int64_t index,
           std::int64_t task) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!columns_[c].vector) continue;
      floats_[c].insert(floats_[c].end(), row, row + columns_[c].width);
      row += columns_[c].width;
    }
    for (std::size_t i = 0; i < images_.size(); ++i) {
      images_[i].files.add(images[i].data(), images[i].size());
      const std::string path = image_path(frame, images[i]);
      images_[i].paths.add(path.data(), path.size());
      image_bytes_ += images[i].size();
    }
    // The grid that every reader computes: k / fps in double, then rounded once.
    timestamps_.push_back(static_cast<float>(static_cast<double>(frame) / fps_));
    integers_[0].push_back(static_cast<std::int64_t>(frame));
    integers_[1].push_back(episode);
    integers_[2].push_back(index);
    integers_[3].push_back(task);
    ++rows_;
  }

  Status write(ParquetOutput& output) {
    const auto n = static_cast<std::int64_t>(rows_);
    arrow::ArrayVector arrays;
    std::size_t integer = 0, image = 0;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const DataColumn& column = columns_[c];
      if (column.image) {
        const Images& images = images_[image++];
        arrays.push_back(std::make_shared<arrow::StructArray>(
            schema_->field(static_cast<int>(c))->type(), n,
            arrow::ArrayVector{images.files.array<arrow::BinaryArray>(), images.paths.array<arrow::StringArray>()}));
        continue;
      }
      if (column.integer) {
        arrays.push_back(std::make_shared<arrow::Int64Array>(n, arrow::Buffer::Wrap(integers_[integer++])));
        continue;
      }
      const std::vector<float>& numbers = column.vector ? floats_[c] : timestamps_;
      auto values = std::make_shared<arrow::FloatArray>(n * column.width, arrow::Buffer::Wrap(numbers));
      if (column.width == 1) {
        arrays.push_back(values);
      } else {
        arrays.push_back(std::make_shared<arrow::FixedSizeListArray>(schema_->field(static_cast<int>(c))->type(), n, values));
      }
    }
    RETURN_IF_ERROR(output.write(*arrow::RecordBatch::Make(schema_, n, arrays)));
    clear();
    return {};
  }

 private:
  void clear() {
    for (auto& list : floats_) list.clear();
    for (auto& list : integers_) list.clear();
    timestamps_.clear();
    for (Images& images : images_) {
      images.files.clear();
      images.paths.clear();
    }
    rows_ = image_bytes_ = 0;
  }

  std::uint32_t fps_;
  std::vector<DataColumn> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::vector<float>> floats_;
  std::vector<float> timestamps_;
  std::vector<std::int64_t> integers_[4];
  struct Images {
    Texts files, paths;
  };
  std::vector<Images> images_;
  std::uint64_t rows_ = 0, image_bytes_ = 0;
};

}  // namespace

Status write_data_file(const std::string& path, const DatasetSpec& spec, const std::vector<EpisodeUnits>& episodes,
                       std::uint32_t first_episode, std::uint64_t first_row, const std::vector<std::int64_t>& task_indices) {
  if (task_indices.size() != episodes.size()) return Error(ErrorKind::internal, "one task an episode is needed").in(path);
  std::uint32_t width = 0;
  for (const FeatureSpec& feature : spec.features) width += feature.is_camera() ? 0 : feature.width;
  return without_exceptions(path, [&]() -> Status {
    RETURN_IF_ERROR(make_parent_folders(path));
    RowGroup group(spec);
    std::vector<std::string> packed;  // pictures are: Snappy would copy them for nothing
    for (const FeatureSpec& feature : spec.features) {
      if (feature.image) packed.push_back(feature.name + ".bytes");
    }
    ASSIGN_OR_RETURN(auto output, ParquetOutput::create(path, group.schema(), {"episode_index", "task_index"}, packed));
    std::uint64_t index = first_row;
    for (std::size_t e = 0; e < episodes.size(); ++e) {
      const auto episode = static_cast<std::int64_t>(first_episode + e);
      const std::string place = "episode " + std::to_string(episode);
      std::uint64_t frame = 0;
      ImageFiles images(spec, episodes[e].segments);
      const auto add = [&](const float* row) -> Status {
        auto files = images.next();
        if (!files.ok()) return std::move(files).error().in(place);
        if (group.full(*files)) RETURN_IF_ERROR(group.write(*output));
        group.add(row, *files, frame, episode, static_cast<std::int64_t>(index), task_indices[e]);
        ++frame;
        ++index;
        return {};
      };
      if (width == 0) {
        while (frame < episodes[e].rows) RETURN_IF_ERROR(add(nullptr));
      } else {
        for (const std::string& unit : episodes[e].row_blocks) {
          auto block = read_row_block(unit);
          if (!block.ok()) return std::move(block).error().in(place);
          if (block->width != width) {
            return Error(ErrorKind::corrupt,
                         "rows of " + std::to_string(block->width) + " numbers, the dataset has " + std::to_string(width))
                .in(unit)
                .in(place);
          }
          for (std::size_t at = 0; at < block->values.size(); at += width) RETURN_IF_ERROR(add(block->values.data() + at));
        }
      }
      if (frame != episodes[e].rows) {
        return Error(ErrorKind::corrupt,
                     "row blocks hold " + std::to_string(frame) + " rows, the record says " + std::to_string(episodes[e].rows))
            .in(place);
      }
      if (auto left = images.finish(); !left.ok()) return std::move(left).error().in(place);
      RETURN_IF_ERROR(group.write(*output));
    }
    RETURN_IF_ERROR(output->finish());
    return sync_path(std::filesystem::path(path).parent_path().string());
  });
}

}  // namespace bagloom::dataset
