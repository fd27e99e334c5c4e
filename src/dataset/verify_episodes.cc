// meta/episodes: the table's columns by themselves. lerobot-format.md 4.2. What it says of the data stands in
// verify_structure.cc.
#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <cmath>

#include "dataset/verify_columns.h"
#include "dataset/verify_internal.h"
#include "dataset/verify_parquet.h"

namespace bagloom::dataset::verify {
namespace {

constexpr std::uint64_t kMaxEpisodes = 1'000'000;  // a few bytes of Parquet can declare any number of equal rows
constexpr std::int64_t kBatch = 1024;

/// One column over all files; V60 where it is missing, of another type, or has nulls. `visit` gets the global row.
template <class Fits, class Visit>
Status each_value(Context& context, const std::string& name, const char* wanted, Fits&& fits, Visit&& visit) {
  for (const TableFile& file : context.episode_files) {
    RETURN_IF_ERROR(context.stopped());
    if (!file.readable) continue;
    auto opened = Table::open(context.full(file.path), context.room.tables);
    if (!opened.ok()) continue;  // V04 has it
    Table& table = *opened.value();
    int column = table.column(name);
    std::string found = column < 0 ? "missing" : table.schema()->field(column)->type()->ToString();
    if (!context.expect(column >= 0 && fits(*table.schema()->field(column)->type()), "V60", 'L', [&] {
          return Where{file.path, "column " + in_quotes(name) + " is " + found + ", wanted " + wanted};
        })) {
      context.episodes_ok = false;
      continue;
    }
    Status status = table.visit_column(column, kBatch, [&](const arrow::Array& values, std::uint64_t first) -> Status {
      for (std::int64_t i = 0; i < values.length(); ++i) {
        std::uint64_t row = file.first_row + first + static_cast<std::uint64_t>(i);
        if (values.IsNull(i)) {
          context.problem("V60", 'L', row_of(file, row), "column " + in_quotes(name) + " is null");
          context.episodes_ok = false;
        }
      }
      visit(file, values, file.first_row + first);
      return {};
    });
    if (!status.ok()) {
      context.problem("V04", 'L', file.path, "cannot be read: " + status.error().message());
      context.episodes_ok = false;
    }
  }
  return {};
}

template <class Set>
Status each_integer(Context& context, const std::string& name, Set&& set) {
  return each_value(context, name, "int64", is_integer_type,
                    [&](const TableFile& file, const arrow::Array& values, std::uint64_t first) {
                      auto found = integers(values);
                      for (std::size_t i = 0; i < found.size() && first + i < context.episodes.size(); ++i) {
                        if (found[i]) set(file, first + i, *found[i]);
                      }
                    });
}

Status read_numbers(Context& context) {
  auto& episodes = context.episodes;
  // This column also makes the list grow: by values that were read, not by a number that a footer declares.
  RETURN_IF_ERROR(each_value(context, "episode_index", "int64", is_integer_type,
                             [&](const TableFile& file, const arrow::Array& values, std::uint64_t first) {
                               auto found = integers(values);
                               episodes.resize(std::max(episodes.size(), static_cast<std::size_t>(first) + found.size()));
                               for (std::size_t i = 0; i < found.size(); ++i) {
                                 std::uint64_t e = first + i;
                                 context.expect(!found[i] || *found[i] == static_cast<std::int64_t>(e), "V61", 'S', [&] {
                                   return Where{row_of(file, e), "episode_index is " + std::to_string(*found[i]) + ", wanted " +
                                                                     std::to_string(e) + ": LeRobot finds episodes by position"};
                                 });
                               }
                             }));
  struct Plain {
    const char* name;
    std::int64_t Episode::*member;
  };
  for (auto [name, member] : {Plain{"length", &Episode::length}, Plain{"data/chunk_index", &Episode::data_chunk},
                              Plain{"data/file_index", &Episode::data_file}, Plain{"dataset_from_index", &Episode::from},
                              Plain{"dataset_to_index", &Episode::to}}) {
    auto target = member;
    RETURN_IF_ERROR(each_integer(
        context, name, [&, target](const TableFile&, std::uint64_t e, std::int64_t value) { episodes[e].*target = value; }));
  }
  RETURN_IF_ERROR(
      each_integer(context, "meta/episodes/chunk_index", [&](const TableFile& file, std::uint64_t e, std::int64_t value) {
        context.expect(value == file.chunk, "V65", 'T', [&] {
          return Where{row_of(file, e),
                       "meta/episodes/chunk_index is " + std::to_string(value) + ", wanted " + std::to_string(file.chunk)};
        });
      }));
  return each_integer(context, "meta/episodes/file_index", [&](const TableFile& file, std::uint64_t e, std::int64_t value) {
    context.expect(value == file.file, "V65", 'T', [&] {
      return Where{row_of(file, e),
                   "meta/episodes/file_index is " + std::to_string(value) + ", wanted " + std::to_string(file.file)};
    });
  });
}

Status read_tasks(Context& context) {
  std::map<std::string_view, std::int64_t> known;
  for (std::size_t i = 0; i < context.tasks.size(); ++i) known.emplace(context.tasks[i], static_cast<std::int64_t>(i));
  auto is_texts = [](const arrow::DataType& type) {
    return (type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST) && is_string_type(*type.field(0)->type());
  };
  return each_value(
      context, "tasks", "list<string>", is_texts, [&](const TableFile& file, const arrow::Array& values, std::uint64_t first) {
        for (std::int64_t i = 0; i < values.length(); ++i) {
          std::uint64_t e = first + static_cast<std::uint64_t>(i);
          if (values.IsNull(i) || e >= context.episodes.size()) continue;
          auto texts = values.type_id() == arrow::Type::LIST ? static_cast<const arrow::ListArray&>(values).value_slice(i)
                                                             : static_cast<const arrow::LargeListArray&>(values).value_slice(i);
          context.expect(texts->length() > 0, "V66", 'T', [&] { return Where{row_of(file, e), "tasks is empty"}; });
          auto& indices = context.episodes[e].tasks;
          for (std::int64_t t = 0; t < texts->length(); ++t) {
            auto place = texts->IsNull(t) ? known.end() : known.find(text_at(*texts, t));
            if (place != known.end()) indices.push_back(place->second);
            context.expect(place != known.end() || !context.tasks_ok, "V66", 'T', [&] {
              return Where{row_of(file, e), "tasks has " +
                                                (texts->IsNull(t) ? std::string("a null") : in_quotes(text_at(*texts, t))) +
                                                ", which meta/tasks.parquet has not"};
            });
          }
          std::sort(indices.begin(), indices.end());
          indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
        }
      });
}

Status read_spans(Context& context) {
  for (const Feature& feature : context.features) {
    if (feature.kind != Kind::video) continue;
    auto& spans = context.spans[feature.name];
    spans.assign(context.episodes.size(), {});
    std::string prefix = "videos/" + feature.name + "/";
    RETURN_IF_ERROR(each_integer(context, prefix + "chunk_index",
                                 [&](const TableFile&, std::uint64_t e, std::int64_t value) { spans[e].chunk = value; }));
    RETURN_IF_ERROR(each_integer(context, prefix + "file_index",
                                 [&](const TableFile&, std::uint64_t e, std::int64_t value) { spans[e].file = value; }));
    auto is_double = [](const arrow::DataType& type) { return type.id() == arrow::Type::DOUBLE; };
    for (bool from : {true, false}) {
      RETURN_IF_ERROR(each_value(context, prefix + (from ? "from_timestamp" : "to_timestamp"), "double", is_double,
                                 [&](const TableFile&, const arrow::Array& values, std::uint64_t first) {
                                   const auto& numbers = static_cast<const arrow::DoubleArray&>(values);
                                   for (std::int64_t i = 0; i < numbers.length(); ++i) {
                                     std::uint64_t e = first + static_cast<std::uint64_t>(i);
                                     if (e < spans.size() && !numbers.IsNull(i))
                                       (from ? spans[e].from_s : spans[e].to_s) = numbers.Value(i);
                                   }
                                 }));
    }
  }
  return {};
}

/// V60: one set of columns with one set of types in all files (their order is free).
void compare_schemas(Context& context) {
  std::map<std::string, std::string> wanted;
  const TableFile* reference = nullptr;
  for (const TableFile& file : context.episode_files) {
    if (!file.readable) continue;
    auto opened = Table::open(context.full(file.path), context.room.tables);
    if (!opened.ok()) continue;
    std::map<std::string, std::string> found;
    for (const auto& field : opened.value()->schema()->fields()) {
      context.expect(found.emplace(field->name(), field->type()->ToString()).second, "V60", 'L', [&] {
        return Where{file.path, "column " + in_quotes(field->name()) + " occurs twice"};
      });
    }
    if (reference == nullptr) {
      reference = &file;
      wanted = std::move(found);
      continue;
    }
    context.expect(found == wanted, "V60", 'L', [&] {
      std::string name;
      for (const auto& [column, type] : found) {
        if (!wanted.contains(column) || wanted[column] != type) name = column;
      }
      for (const auto& [column, type] : wanted) {
        if (!found.contains(column)) name = column;
      }
      return Where{file.path, "has other columns or types than " + reference->path + ": see " + in_quotes(name)};
    });
  }
}

}  // namespace

Status check_episode_table(Context& context) {
  std::uint64_t rows = 0;
  context.episodes_ok = !context.episode_files.empty();
  for (const TableFile& file : context.episode_files) {
    rows += file.rows;
    context.episodes_ok = context.episodes_ok && file.readable;
  }
  // Episodes are found by position: without one file, those of all later ones are unknown.
  if (!context.episodes_ok) return {};
  if (rows > kMaxEpisodes) {
    context.problem("V60", 'L', "meta/episodes",
                    "declares " + std::to_string(rows) + " episodes; at most " + std::to_string(kMaxEpisodes) + " are read");
    context.episodes_ok = false;
    return {};
  }
  compare_schemas(context);
  RETURN_IF_ERROR(read_numbers(context));
  RETURN_IF_ERROR(read_tasks(context));
  RETURN_IF_ERROR(read_spans(context));
  if (context.total_episodes && context.episodes_ok) {
    context.expect(static_cast<std::uint64_t>(*context.total_episodes) == rows, "V23", 'S', [&] {
      return Where{"meta/info.json", "total_episodes is " + std::to_string(*context.total_episodes) + ", meta/episodes has " +
                                         std::to_string(rows) + " rows"};
    });
  }
  return {};
}

}  // namespace bagloom::dataset::verify
