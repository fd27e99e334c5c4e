#include "bag/rosbag2_schema.h"

#include <algorithm>
#include <set>

namespace bagloom::bag {
namespace {

constexpr std::uint64_t kConnectionBytes = 320;

Error foreign(const std::string& what) {
  return Error(ErrorKind::unreadable, "an SQLite database, but no rosbag2 recording: " + what);
}

/// Before it is known what the database is, damage means that it cannot be read at all.
Error cannot_open(Error error) {
  if (error.kind() != ErrorKind::corrupt) return error;
  return Error(ErrorKind::unreadable, error.message());
}

/// The columns of a table; empty where there is none. Only real tables count: what a view or a generated column computes could
/// take any time and memory.
Result<std::set<std::string>> columns_of(Database& database, const char* table) {
  std::set<std::string> columns;
  ASSIGN_OR_RETURN(Statement kind, database.prepare("SELECT 1 FROM sqlite_schema WHERE name = '" + std::string(table) +
                                                    "' AND type = 'table' AND rootpage > 0"));
  ASSIGN_OR_RETURN(const bool is_there, kind.step());
  if (!is_there) return columns;
  ASSIGN_OR_RETURN(Statement info, database.prepare("SELECT name FROM pragma_table_xinfo('" + std::string(table) +
                                                    "') WHERE hidden = 0 LIMIT 100"));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, info.step());
    if (!more) return columns;
    columns.insert(info.text(0));
  }
}

Status need_columns(const std::set<std::string>& columns, const char* table, const std::vector<std::string>& needed) {
  if (columns.empty()) return foreign("it has no table \"" + std::string(table) + "\"");
  for (const std::string& name : needed)
    if (!columns.contains(name)) return foreign("its table \"" + std::string(table) + "\" has no column \"" + name + "\"");
  return {};
}

struct StoredDefinition {
  std::string encoding, text;
};

/// By type and hash, and by type alone: the first one.
using Definitions = std::unordered_map<std::string, StoredDefinition>;
std::string key_of(const std::string& type, const std::string& hash) { return type + '\n' + hash; }

class SchemaReader {
 public:
  SchemaReader(Database& database, std::uint64_t most_bytes, DamageLog& damage)
      : database_(database), most_bytes_(most_bytes), damage_(damage) {}

  Result<Rosbag2Schema> read() {
    auto topics = columns_of(database_, "topics");
    if (!topics) return cannot_open(std::move(topics).error());
    auto messages = columns_of(database_, "messages");
    if (!messages) return cannot_open(std::move(messages).error());
    RETURN_IF_ERROR(need_columns(*topics, "topics", {"id", "name", "type", "serialization_format"}));
    RETURN_IF_ERROR(need_columns(*messages, "messages", {"topic_id", "timestamp", "data"}));
    const bool has_qos = topics->contains("offered_qos_profiles"), has_hash = topics->contains("type_description_hash");
    schema_.version = has_qos ? 2 : 1;
    RETURN_IF_ERROR(read_version());
    if (auto status = read_definitions(); !status) {
      if (status.error().kind() != ErrorKind::corrupt) return std::move(status).error();
      damage_.add(0, "the table of message definitions cannot be read: " + status.error().message(), false);
    }
    auto status = read_topics(has_qos, has_hash);
    if (!status) return cannot_open(std::move(status).error());
    return std::move(schema_);
  }

 private:
  Status read_version() {
    auto columns = columns_of(database_, "schema");
    if (!columns) return cannot_open(std::move(columns).error());
    if (!columns->contains("schema_version")) return {};
    auto version = database_.prepare("SELECT max(schema_version) FROM schema NOT INDEXED");
    if (!version) return cannot_open(std::move(version).error());
    auto row = version->step();
    if (!row) return cannot_open(std::move(row).error());
    if (!version->is_integer(0)) return {};
    if (version->integer(0) > 4)
      return Error(ErrorKind::unreadable,
                   "a rosbag2 database of schema version " + std::to_string(version->integer(0)) + "; 1 to 4 are known")
          .fix("convert it with `ros2 bag convert`");
    schema_.version = static_cast<int>(std::max<std::int64_t>(version->integer(0), 1));
    return {};
  }

  Status read_definitions() {
    ASSIGN_OR_RETURN(const auto columns, columns_of(database_, "message_definitions"));
    for (const char* needed : {"topic_type", "encoding", "encoded_message_definition"})
      if (!columns.contains(needed)) return {};
    const std::string hash = columns.contains("type_description_hash") ? "type_description_hash" : "''";
    ASSIGN_OR_RETURN(Statement rows, database_.prepare("SELECT topic_type, encoding, encoded_message_definition, " + hash +
                                                       " FROM message_definitions NOT INDEXED ORDER BY rowid"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.step());
      if (!more) return {};
      const StoredDefinition definition{rows.text(1), rows.text(2)};
      RETURN_IF_ERROR(count(definition.text.size() + kConnectionBytes));
      definitions_.try_emplace(rows.text(0), definition);
      definitions_.try_emplace(key_of(rows.text(0), rows.text(3)), definition);
    }
  }

  Status read_topics(bool has_qos, bool has_hash) {
    ASSIGN_OR_RETURN(Statement rows,
                     database_.prepare(std::string("SELECT id, name, type, serialization_format, ") +
                                       (has_qos ? "offered_qos_profiles, " : "'', ") +
                                       (has_hash ? "type_description_hash" : "''") + " FROM topics NOT INDEXED ORDER BY rowid"));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows.step());
      if (!more) return {};
      Connection connection;
      connection.id = static_cast<std::uint32_t>(rows.integer(0));
      connection.topic = rows.text(1);
      connection.type = rows.text(2);
      connection.encoding = rows.text(3);
      connection.latching = is_latched(rows.text(4));
      define(connection, rows.text(5));
      RETURN_IF_ERROR(count(connection.topic.size() + connection.type.size() + connection.definition.size() + kConnectionBytes));
      const auto index = static_cast<std::uint32_t>(schema_.connections.size());
      if (!schema_.by_topic_id.try_emplace(rows.integer(0), index).second) {
        damage_.add(0, "topic " + connection.topic + " has the number of another one and is left out", true);
        continue;
      }
      schema_.connections.push_back(std::move(connection));
    }
  }

  void define(Connection& connection, const std::string& hash) {
    connection.definition_encoding.clear();
    auto found = definitions_.find(key_of(connection.type, hash));
    if (found == definitions_.end()) found = definitions_.find(connection.type);
    if (found == definitions_.end() || found->second.text.empty()) return;
    connection.definition = found->second.text;
    connection.definition_encoding = found->second.encoding;
    // Of a service event the file has the service's definition, which is not that of its messages (bag-formats.md 4.5).
    if (connection.type.find("/srv/") != std::string::npos && connection.type.ends_with("_Event"))
      connection.definition_encoding = "ros2srv";
  }

  Status count(std::uint64_t bytes) {
    schema_.bytes += bytes;
    if (most_bytes_ == 0 || schema_.bytes <= most_bytes_) return {};
    return Error(ErrorKind::over_limit,
                 "the topics and their definitions take more than " + std::to_string(most_bytes_) + " bytes")
        .needing(2 * schema_.bytes);
  }

  Database& database_;
  std::uint64_t most_bytes_;
  DamageLog& damage_;
  Rosbag2Schema schema_;
  Definitions definitions_;
};

}  // namespace

bool is_latched(std::string_view profiles) {
  constexpr std::string_view kKey = "durability:";
  bool any = false;
  for (auto at = profiles.find(kKey); at != std::string_view::npos; at = profiles.find(kKey, at)) {
    at += kKey.size();
    const auto begin = std::min(profiles.find_first_not_of(" \"'", at), profiles.size());
    const auto end = std::min(profiles.find_first_of(" \"'\r\n,}\\", begin), profiles.size());
    const std::string_view value = profiles.substr(begin, end - begin);
    if (value != "1" && value != "transient_local") return false;
    any = true;
  }
  return any;
}

Result<Rosbag2Schema> read_schema(Database& database, std::uint64_t most_bytes, DamageLog& damage) {
  return SchemaReader(database, most_bytes, damage).read();
}

}  // namespace bagloom::bag
