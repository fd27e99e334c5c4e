// Row tasks: the numbers of a block of rows.
#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "convert/task_messages.h"
#include "convert/unit_tasks.h"

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

std::string unit_name(const RecordingWork& work, const Cells& cells) {
  Hasher hasher;
  hasher.add_text("rows 1").add(static_cast<std::uint64_t>(work.non_finite));
  for (std::uint32_t column = 0; column < cells.size(); ++column) {
    for (const PartPlace& place : work.columns->columns[column].parts) {
      hasher.add_text(place.part.field.text).add(place.offset).add(place.part.width);
      for (const std::string& name : place.part.select) hasher.add_text(name);
      hasher.add(std::bit_cast<std::uint64_t>(place.part.scale)).add(std::bit_cast<std::uint64_t>(place.part.offset));
    }
    for (const align::Cell& cell : cells[column]) add_cell(hasher, work, cell);
  }
  return hasher.hex_digest() + ".rows";
}

// One message's numbers, scaled, at their places in `row`.
Status read_numbers(const RecordingWork& work, const TaskRows& rows, std::uint32_t column, const MessageRef& ref,
                    std::span<float> row) {
  const auto& extractor = work.recording->extractors[column].numbers[ref.connection];
  if (extractor == nullptr) return Error(ErrorKind::internal, "message of a connection without an extractor");
  ASSIGN_OR_RETURN(const bag::Payload payload, fetch_message(work, rows, ref));
  std::vector<double> raw(extractor->width());
  RETURN_IF_ERROR(extractor->run(payload.bytes, raw));
  std::size_t next = 0;
  for (const PartPlace& place : work.columns->columns[column].parts) {
    for (std::uint32_t i = 0; i < place.part.width; ++i, ++next) {
      const float value = static_cast<float>(raw[next] * place.part.scale + place.part.offset);
      if (!std::isfinite(value) && work.non_finite == recipe::NonFinite::gap)
        return Error(ErrorKind::corrupt, place.part.field.text + " element " + std::to_string(i) + " is not a finite number");
      row[place.offset + i] = value;
    }
  }
  return {};
}

void copy_places(const FeatureColumn& column, std::span<const float> from, std::span<float> to) {
  for (const PartPlace& place : column.parts)
    std::copy_n(from.begin() + place.offset, place.part.width, to.begin() + place.offset);
}

}  // namespace

Result<UnitOutcome> make_row_block(const RecordingWork& work, const TaskRows& rows) {
  ASSIGN_OR_RETURN(const Cells cells, vector_cells(work, rows.ticks));
  UnitOutcome outcome;
  outcome.name = unit_name(work, cells);
  const std::string path = work.units_folder + "/" + outcome.name;
  if (dataset::read_row_block(path).ok()) return outcome;

  dataset::RowBlock block;
  block.width = work.columns->row_width;
  block.values.resize(rows.ticks.size() * block.width);
  for (std::uint32_t column = 0; column < cells.size(); ++column) {
    MessageRef last;
    for (std::size_t i = 0; i < cells[column].size(); ++i) {
      if (work.stop && work.stop()) return stopped_error();
      const MessageRef& ref = cells[column][i].first;
      const std::span<float> row(block.values.data() + i * block.width, block.width);
      if (i > 0 && ref == last) {
        copy_places(work.columns->columns[column], {row.data() - block.width, block.width}, row);
        continue;
      }
      last = ref;
      if (auto status = read_numbers(work, rows, column, ref, row); !status) {
        if (!concerns_message(status.error())) return std::move(status).error();
        report_unusable(work, outcome.unusable, ref, column, status.error());
      }
    }
  }
  if (!outcome.unusable.empty()) return outcome;
  RETURN_IF_ERROR(dataset::write_row_block(path, block));
  return outcome;
}

Status check_numbers(const RecordingWork& work, std::uint32_t column, const MessageRef& message) {
  std::vector<float> row(work.columns->row_width);
  return read_numbers(work, {}, column, message, row);
}

}  // namespace bagloom::convert
