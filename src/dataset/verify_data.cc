// The columns of the data files, without their rows. lerobot-format.md 3.1, 3.3.
#include <arrow/type.h>

#include <nlohmann/json.hpp>

#include "dataset/verify_columns.h"
#include "dataset/verify_internal.h"
#include "dataset/verify_parquet.h"

namespace bagloom::dataset::verify {
namespace {

constexpr std::size_t kMaxMetadata = 1 << 20;

/// V40: names and their order.
bool check_names(Context& context, const TableFile& file, const arrow::Schema& schema) {
  std::vector<std::string> wanted;
  for (const Feature& feature : context.features) {
    if (feature.has_column()) wanted.push_back(feature.name);
  }
  std::vector<std::string> found = schema.field_names();
  return context.expect(found == wanted, "V40", 'L', [&] {
    for (const std::string& name : wanted) {
      if (schema.GetFieldIndex(name) < 0 && schema.GetAllFieldIndices(name).empty())
        return Where{file.path, "column " + in_quotes(name) + " is missing"};
    }
    for (const std::string& name : found) {
      if (context.feature(name) == nullptr)
        return Where{file.path, "column " + in_quotes(name) + " is no feature of meta/info.json"};
      if (!context.feature(name)->has_column()) return Where{file.path, "column " + in_quotes(name) + ": a video has no column"};
      if (schema.GetAllFieldIndices(name).size() > 1) return Where{file.path, "column " + in_quotes(name) + " occurs twice"};
    }
    for (std::size_t i = 0; i < wanted.size() && i < found.size(); ++i) {
      if (found[i] != wanted[i]) {
        return Where{file.path, "column " + std::to_string(i) + " is " + in_quotes(found[i]) + ", in meta/info.json it is " +
                                    in_quotes(wanted[i])};
      }
    }
    return Where{file.path, "columns are not those of meta/info.json"};
  });
}

bool is_image(const arrow::DataType& type) {
  if (type.id() != arrow::Type::STRUCT) return false;
  const auto& fields = static_cast<const arrow::StructType&>(type);
  auto bytes = fields.GetFieldByName("bytes");
  auto path = fields.GetFieldByName("path");
  return fields.num_fields() == 2 && bytes && path && is_string_type(*path->type()) &&
         (bytes->type()->id() == arrow::Type::BINARY || bytes->type()->id() == arrow::Type::LARGE_BINARY);
}

/// V41: types.
void check_types(Context& context, const TableFile& file, const arrow::Schema& schema) {
  for (std::size_t i = 0; i < context.features.size(); ++i) {
    const Feature& feature = context.features[i];
    if (!feature.has_column() || feature.shape.empty()) continue;
    if (feature.kind == Kind::unknown || feature.kind == Kind::language) continue;
    const auto& type = *schema.GetFieldByName(feature.name)->type();
    auto say = [&](const char* wanted_for) {
      return Where{file.path, "column " + in_quotes(feature.name) + " is " + type.ToString() + ", " + wanted_for + feature.dtype};
    };
    if (feature.kind == Kind::image) {
      if (!context.expect(is_image(type), "V41", 'L', [&] { return say("wanted struct<bytes: binary, path: string> for "); })) {
        context.unusable[i] = true;
      }
      continue;
    }
    Fit fit = fit_of(type, feature.dtype, feature.shape);
    context.tried();
    if (fit == Fit::exact) continue;
    Where where = say("declared ");
    context.problem("V41", fit == Fit::no ? 'L' : fit == Fit::castable ? 'S' : 'Q', where.where, where.what);
    if (fit == Fit::no) context.unusable[i] = true;
  }
}

/// V52: without it streaming gets a dict of bytes instead of a picture.
void check_metadata(Context& context, const TableFile& file, const Table& table) {
  bool images = false;
  for (const Feature& feature : context.features) images = images || feature.kind == Kind::image;
  if (!images) return;
  std::string text = table.metadata("huggingface");
  Json json = text.size() > kMaxMetadata ? Json() : Json::parse(text, nullptr, false);
  const Json* features = nullptr;
  if (json.is_object() && json.contains("info") && json["info"].is_object() && json["info"].contains("features")) {
    features = &json["info"]["features"];
  }
  if (!context.expect(features != nullptr && features->is_object(), "V52", 'Q', [&] {
        return Where{file.path, "the footer has no key \"huggingface\" with features: streaming needs it for pictures"};
      })) {
    return;
  }
  for (const Feature& feature : context.features) {
    if (!feature.has_column()) continue;
    bool good = features->contains(feature.name);
    if (good && feature.kind == Kind::image) {
      const Json& entry = (*features)[feature.name];
      good = entry.is_object() && entry.value("_type", Json()) == "Image";
    }
    context.expect(good, "V52", 'Q', [&] {
      return Where{file.path, "the footer's \"huggingface\" does not describe " + in_quotes(feature.name) + " as it is stored"};
    });
  }
}

}  // namespace

Status check_data_schema(Context& context) {
  context.data_ok = !context.data_files.empty() && !context.features.empty();
  for (const TableFile& file : context.data_files) {
    RETURN_IF_ERROR(context.stopped());
    auto opened = file.readable ? Table::open(context.full(file.path), context.room.tables) : Error(ErrorKind::unreadable, "");
    if (!opened.ok()) {
      context.data_ok = false;
      continue;
    }
    const Table& table = *opened.value();
    bool all = true;  // a wrong order alone does not stop the rest
    if (!check_names(context, file, *table.schema())) {
      for (const Feature& feature : context.features) {
        if (feature.has_column() && table.schema()->GetFieldIndex(feature.name) < 0) all = false;
      }
    }
    if (all) check_types(context, file, *table.schema());
    context.data_ok = context.data_ok && all;
    check_metadata(context, file, table);
  }
  return {};
}

}  // namespace bagloom::dataset::verify
