// meta/tasks.parquet. lerobot-format.md 4.1.
#include <arrow/array.h>
#include <arrow/type.h>

#include <nlohmann/json.hpp>
#include <set>

#include "dataset/verify_columns.h"
#include "dataset/verify_internal.h"
#include "dataset/verify_parquet.h"

namespace bagloom::dataset::verify {
namespace {

constexpr const char* kFile = "meta/tasks.parquet";
constexpr std::size_t kMaxMetadata = 1 << 16;

/// V30: the column that pandas will make the index, by the footer's own words; empty: none (reported).
std::string index_column(Context& context, const Table& table) {
  auto fail = [&](const std::string& what) {
    context.problem("V30", 'S', kFile, what + ": item[\"task\"] becomes a number instead of the text");
    return std::string();
  };
  context.tried();
  std::string text = table.metadata("pandas");
  if (text.empty()) return fail("the footer has no key \"pandas\"");
  if (text.size() > kMaxMetadata) return fail("the footer's \"pandas\" has " + std::to_string(text.size()) + " bytes");
  Json pandas = Json::parse(text, nullptr, false);
  if (!pandas.is_object() || !pandas.contains("index_columns")) return fail("the footer's \"pandas\" has no index_columns");
  const Json& columns = pandas["index_columns"];
  if (!columns.is_array() || columns.size() != 1 || !columns[0].is_string()) {
    return fail("index_columns is " + shown(columns) + ", wanted one column's name");
  }
  auto name = columns[0].get<std::string>();
  int column = table.column(name);
  if (column < 0) return fail("index_columns names " + in_quotes(name) + ", which is not a column");
  if (!is_string_type(*table.schema()->field(column)->type())) {
    return fail("index column " + in_quotes(name) + " is " + table.schema()->field(column)->type()->ToString() +
                ", wanted string");
  }
  return name;
}

void read_texts(Context& context, Table& table, int column) {
  std::set<std::string> seen;
  Status status = table.visit_column(column, 1024, [&](const arrow::Array& values, std::uint64_t first) -> Status {
    for (std::int64_t i = 0; i < values.length(); ++i) {
      std::string where = std::string(kFile) + " row " + std::to_string(first + static_cast<std::uint64_t>(i));
      std::string text;
      if (context.expect(!values.IsNull(i), "V33", 'T', [&] { return Where{where, "the task's text is null"}; })) {
        text = text_at(values, i);
        context.expect(seen.insert(text).second, "V33", 'T', [&] {
          return Where{where, "the text " + in_quotes(text) + " occurs twice"};
        });
        context.expect(!text.empty(), "V33", 'Q', [&] { return Where{where, "the text is empty"}; });
      }
      context.tasks.push_back(std::move(text));
    }
    return {};
  });
  if (!status.ok()) context.problem("V04", 'L', kFile, "cannot be read: " + status.error().message());
  context.tasks_ok = status.ok();
}

}  // namespace

void check_tasks(Context& context) {
  context.tried();
  if (!is_file(context.full(kFile))) {
    if (context.total_tasks.value_or(1) > 0) context.problem("V02", 'L', kFile, "is not there");
    return;
  }
  context.tried();
  auto opened = Table::open(context.full(kFile), context.room.tables);
  if (!opened.ok()) {
    context.problem("V04", 'L', kFile, "cannot be opened: " + opened.error().message());
    return;
  }
  Table& table = *opened.value();
  if (context.total_tasks) {
    context.expect(static_cast<std::uint64_t>(*context.total_tasks) == table.rows(), "V25", 'S', [&] {
      return Where{"meta/info.json", "total_tasks is " + std::to_string(*context.total_tasks) + ", " + kFile + " has " +
                                         std::to_string(table.rows()) + " rows"};
    });
  }
  std::string index = index_column(context, table);
  int number = table.column("task_index");
  bool numbers = context.expect(number >= 0 && is_integer_type(*table.schema()->field(number)->type()), "V31", 'L', [&] {
    return Where{kFile, number < 0
                            ? "column task_index is missing"
                            : "column task_index is " + table.schema()->field(number)->type()->ToString() + ", wanted int64"};
  });
  if (numbers) {
    Status status = table.visit_column(number, 1024, [&](const arrow::Array& values, std::uint64_t first) -> Status {
      auto found = integers(values);
      for (std::size_t i = 0; i < found.size(); ++i) {
        context.expect(found[i] == static_cast<std::int64_t>(first + i), "V32", 'S', [&] {
          return Where{
              std::string(kFile) + " row " + std::to_string(first + i),
              "task_index is " + (found[i] ? std::to_string(*found[i]) : "null") + ", wanted " + std::to_string(first + i)};
        });
      }
      return {};
    });
    if (!status.ok()) context.problem("V04", 'L', kFile, "cannot be read: " + status.error().message());
  }
  int text = table.column(index.empty() ? "task" : index);
  if (text >= 0 && is_string_type(*table.schema()->field(text)->type())) read_texts(context, table, text);
}

}  // namespace bagloom::dataset::verify
