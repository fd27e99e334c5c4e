#include "bag/raw_db3.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include "base/source.h"

namespace bagloom::bag::raw {

Db3::Db3(int version, const std::string& path) : version_(version) {
  EXPECT_EQ(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
  if (version == 0) return;
  run(std::string("CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT "
                  "NOT NULL") +
      (version >= 2 ? ", offered_qos_profiles TEXT NOT NULL" : "") +
      (version >= 4 ? ", type_description_hash TEXT NOT NULL" : "") + ")");
  run("CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL)");
  run("CREATE INDEX timestamp_idx ON messages (timestamp ASC)");
  if (version >= 3) {
    run("CREATE TABLE schema(schema_version INTEGER PRIMARY KEY, ros_distro TEXT NOT NULL)");
    run("CREATE TABLE metadata(id INTEGER PRIMARY KEY, metadata_version INTEGER NOT NULL, metadata TEXT NOT NULL)");
    run("INSERT INTO schema VALUES(" + std::to_string(version) + ", 'test')");
  }
  if (version >= 4)
    run("CREATE TABLE message_definitions(id INTEGER PRIMARY KEY, topic_type TEXT NOT NULL, encoding TEXT NOT NULL, "
        "encoded_message_definition TEXT NOT NULL, type_description_hash TEXT NOT NULL)");
}

Db3::~Db3() { sqlite3_close(handle_); }

Db3& Db3::run(const std::string& sql) {
  char* why = nullptr;
  EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &why), SQLITE_OK)
      << sql.substr(0, 200) << ": " << (why == nullptr ? "" : why);
  sqlite3_free(why);
  return *this;
}

Db3& Db3::topic(std::int64_t id, const std::string& name, const std::string& type, const std::string& more) {
  const std::string usual = std::string(version_ >= 2 ? ", ''" : "") + (version_ >= 4 ? ", ''" : "");
  return run("INSERT INTO topics VALUES(" + std::to_string(id) + ", '" + name + "', '" + type + "', 'cdr'" +
             (more.empty() ? usual : more) + ")");
}

Db3& Db3::message(std::int64_t topic_id, std::int64_t ns, std::string_view data) {
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(
      sqlite3_prepare_v2(handle_, "INSERT INTO messages(topic_id, timestamp, data) VALUES(?, ?, ?)", -1, &statement, nullptr),
      SQLITE_OK);
  sqlite3_bind_int64(statement, 1, topic_id);
  sqlite3_bind_int64(statement, 2, ns);
  sqlite3_bind_blob(statement, 3, data.data(), static_cast<int>(data.size()), SQLITE_STATIC);
  EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE);
  sqlite3_finalize(statement);
  return *this;
}

std::string Db3::bytes() const {
  sqlite3_int64 size = 0;
  unsigned char* bytes = sqlite3_serialize(handle_, "main", &size, 0);
  const std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  sqlite3_free(bytes);
  return text;
}

std::string Db3::string_of(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
  EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW) << sql;
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  const std::string copy = text == nullptr ? "" : text;
  sqlite3_finalize(statement);
  return copy;
}

std::string cdr(std::string_view text) { return std::string("\0\1\0\0", 4) + std::string(text); }

std::string zstd_frame(std::string_view bytes, bool with_size) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, with_size ? 1 : 0);
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  return out;
}

namespace {

class CountingSource : public Source {
 public:
  CountingSource(std::unique_ptr<Source> inner, ReadCount& count) : inner_(std::move(inner)), count_(count) {}
  const std::string& name() const override { return inner_->name(); }
  std::uint64_t size() const override { return inner_->size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override {
    ++count_.calls;
    count_.bytes += out.size();
    count_.calls_in_order += access_ == Access::in_order;
    add_pages(count_.read, offset, out.size());
    return inner_->read_at(offset, out);
  }
  void expect(Access access) const override { access_ = access; }
  void announce(std::uint64_t offset, std::uint64_t bytes) const override { add_pages(count_.announced, offset, bytes); }

 private:
  static void add_pages(std::set<std::uint64_t>& pages, std::uint64_t offset, std::uint64_t bytes) {
    for (std::uint64_t page = offset / 4096; page * 4096 < offset + bytes; ++page) pages.insert(page * 4096);
  }

  mutable Access access_ = Access::in_order;
  std::unique_ptr<Source> inner_;
  ReadCount& count_;
};

}  // namespace

std::unique_ptr<Source> counting(std::unique_ptr<Source> inner, ReadCount& count) {
  return std::make_unique<CountingSource>(std::move(inner), count);
}

}  // namespace bagloom::bag::raw
