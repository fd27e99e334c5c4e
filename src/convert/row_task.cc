// Row tasks: the numbers of a block of rows.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <span>

#include "convert/task_messages.h"
#include "convert/unit_builder.h"

namespace bagloom::convert {
namespace {

using Cells = std::vector<std::vector<align::Cell>>;  // by column; empty for cameras

Result<Cells> vector_cells(const RecordingWork& work, align::TickRange ticks) {
  Cells cells(work.columns->columns.size());
  for (std::uint32_t column = 0; column < cells.size(); ++column) {
    if (work.columns->columns[column].camera) continue;
    ASSIGN_OR_RETURN(cells[column], work.plan->cells(column, ticks));
  }
  return cells;
}

std::string unit_name(const RecordingWork& work, align::TickRange ticks, const Cells& cells) {
  Hasher hasher;
  hasher.add_text("rows 2").add(static_cast<std::uint64_t>(work.non_finite));
  add_owner(hasher, work, "", ticks);
  for (std::uint32_t column = 0; column < cells.size(); ++column) {
    for (const PartPlace& place : work.columns->columns[column].parts) {
      hasher.add_text(place.part.field.text).add(place.offset).add(place.part.width);
      for (const std::string& name : place.part.select) hasher.add_text(name);
      // A unit has only numbers whose names were compared with these.
      for (const std::string& name : place.expected) hasher.add_text("expected " + name);
      hasher.add(std::bit_cast<std::uint64_t>(place.part.scale)).add(std::bit_cast<std::uint64_t>(place.part.offset));
    }
    for (const align::Cell& cell : cells[column]) add_cell(hasher, cell);
  }
  return hasher.hex_digest() + ".rows";
}

std::string short_text(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", number);
  return text.data();
}

// Scaled, at their places in `row`.
Status place_numbers(const RecordingWork& work, std::uint32_t column, std::span<const double> raw, std::span<float> row) {
  std::size_t next = 0;
  for (const PartPlace& place : work.columns->columns[column].parts) {
    for (std::uint32_t i = 0; i < place.part.width; ++i, ++next) {
      const double exact = raw[next] * place.part.scale + place.part.offset;
      const float value = static_cast<float>(exact);
      if (std::isfinite(exact) && !std::isfinite(value) && work.non_finite == recipe::NonFinite::gap)
        return Error(ErrorKind::corrupt, place.part.field.text + " element " + std::to_string(i) + " is " + short_text(exact) +
                                             ", more than float32 holds");
      if (!std::isfinite(value) && work.non_finite == recipe::NonFinite::gap)
        return Error(ErrorKind::corrupt, place.part.field.text + " element " + std::to_string(i) + " is not a finite number");
      row[place.offset + i] = value;
    }
  }
  return {};
}

Status read_numbers(const RecordingWork& work, const TaskRows& rows, std::uint32_t column, const MessageRef& ref,
                    std::span<float> row, msg::Misnamed* misnamed = nullptr) {
  if (misnamed != nullptr) *misnamed = msg::Misnamed::no;
  const auto& extractor = work.recording->extractors[column].numbers[ref.connection];
  if (extractor == nullptr) return Error(ErrorKind::internal, "message of a connection without an extractor");
  ASSIGN_OR_RETURN(const bag::Payload payload, fetch_message(work, rows, ref));
  std::vector<double> raw(extractor->width());
  RETURN_IF_ERROR(extract_numbers(work, column, ref, payload.bytes, raw, misnamed));
  return place_numbers(work, column, raw, row);
}

void copy_places(const FeatureColumn& column, std::span<const float> from, std::span<float> to) {
  for (const PartPlace& place : column.parts)
    std::copy_n(from.begin() + place.offset, place.part.width, to.begin() + place.offset);
}

class RowBlockBuilder : public UnitBuilder {
 public:
  RowBlockBuilder(const RecordingWork& work, const TaskRows& rows) : work_(work), rows_(rows) {}

  /// Whether the unit is there already.
  Result<bool> look() {
    ASSIGN_OR_RETURN(cells_, vector_cells(work_, rows_.ticks));
    outcome_.name = unit_name(work_, rows_.ticks, cells_);
    path_ = work_.units_folder + "/" + outcome_.name;
    return work_.write && dataset::read_row_block(path_).ok();
  }

  Status begin() {
    ASSIGN_OR_RETURN(there_, look());
    if (there_) return {};
    block_.width = work_.columns->row_width;
    block_.values.resize(rows_.ticks.size() * block_.width);
    return {};
  }

  Status advance(std::uint64_t rows, const DecodedMessages* decoded) override {
    const std::uint64_t begin = next_, end = std::min(next_ + rows, rows_.ticks.size());
    next_ = end;
    if (there_) return {};
    for (std::uint32_t column = 0; column < cells_.size(); ++column) {
      if (cells_[column].empty()) continue;
      for (std::uint64_t i = begin; i < end; ++i) {
        if (work_.stop && work_.stop()) return stopped_error();
        const MessageRef& ref = cells_[column][i].first;
        const std::span<float> row(block_.values.data() + i * block_.width, block_.width);
        if (i > 0 && ref == cells_[column][i - 1].first) {
          copy_places(work_.columns->columns[column], {row.data() - block_.width, block_.width}, row);
          continue;
        }
        if (auto status = fill(column, ref, decoded, row); !status) {
          if (!concerns_message(status.error())) return std::move(status).error();
          report_unusable(work_, outcome_.unusable, ref, column, status.error());
        }
      }
    }
    return {};
  }

  Result<UnitOutcome> finish() override {
    if (there_ || !outcome_.unusable.empty() || !work_.write) return std::move(outcome_);
    const StageTimer timer(work_.stages, Stage::write);
    RETURN_IF_ERROR(dataset::write_row_block(path_, block_));
    return std::move(outcome_);
  }

 private:
  Status fill(std::uint32_t column, const MessageRef& ref, const DecodedMessages* decoded, std::span<float> row) {
    if (decoded != nullptr) {
      if (auto numbers = decoded->numbers(column, ref)) {
        if (!*numbers) return std::move(*numbers).error();
        const StageTimer timer(work_.stages, Stage::align);
        return place_numbers(work_, column, **numbers, row);
      }
    }
    return read_numbers(work_, rows_, column, ref, row);
  }

  const RecordingWork& work_;
  const TaskRows rows_;
  Cells cells_;
  std::string path_;
  bool there_ = false;
  std::uint64_t next_ = 0;
  dataset::RowBlock block_;
  UnitOutcome outcome_;
};

}  // namespace

Status extract_numbers(const RecordingWork& work, std::uint32_t column, const MessageRef& ref, Bytes message,
                       std::span<double> raw, msg::Misnamed* misnamed) {
  const StageTimer timer(work.stages, Stage::decode);
  return work.recording->extractors[column].numbers[ref.connection]->run(message, raw, misnamed);
}

Result<std::unique_ptr<UnitBuilder>> begin_row_block(const RecordingWork& work, const TaskRows& rows) {
  auto builder = std::make_unique<RowBlockBuilder>(work, rows);
  RETURN_IF_ERROR(builder->begin());
  return std::unique_ptr<UnitBuilder>(std::move(builder));
}

Result<bool> has_row_block(const RecordingWork& work, const TaskRows& rows) { return RowBlockBuilder(work, rows).look(); }

Result<UnitOutcome> make_row_block(const RecordingWork& work, const TaskRows& rows) {
  RowBlockBuilder builder(work, rows);
  RETURN_IF_ERROR(builder.begin());
  RETURN_IF_ERROR(builder.advance(rows.ticks.size(), nullptr));
  return builder.finish();
}

Status check_numbers(const RecordingWork& work, std::uint32_t column, const MessageRef& message, msg::Misnamed& misnamed) {
  std::vector<float> row(work.columns->row_width);
  return read_numbers(work, {}, column, message, row, &misnamed);
}

}  // namespace bagloom::convert
