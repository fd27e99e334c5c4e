#include "memory/tree_wire.h"

#include <cstring>
#include <type_traits>

namespace bagloom::memory {
namespace {

class Writer {
 public:
  template <class... Values>
  void all(const Values&... values) {
    (one(values), ...);
  }
  std::string bytes;

 private:
  template <class T>
  requires std::is_arithmetic_v<T>
  void one(const T& value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void one(const std::string& text) {
    one(std::uint64_t{text.size()});
    bytes += text;
  }
  void one(const TreeResident& r) { all(r.anonymous, r.file, r.shared); }
  void one(const TreeSample& s) { all(s.seconds, s.resident); }
  void one(const ProcessUse& p) {
    all(p.pid, p.parent, p.command, p.peak_bytes, p.start_seconds, p.end_seconds, p.user_seconds, p.system_seconds, p.exit_code,
        p.signal, p.traced);
  }
  void one(const CeilingUse& c) { all(c.bytes, c.enforced, c.how, c.killed, c.peak_bytes, c.held_bytes, c.cache_bytes); }
  template <class T>
  void one(const std::optional<T>& value) {
    one(value.has_value());
    if (value) one(*value);
  }
  template <class T>
  void one(const std::vector<T>& values) {
    one(std::uint64_t{values.size()});
    for (const T& value : values) one(value);
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  template <class... Values>
  void all(Values&... values) {
    (one(values), ...);
  }
  bool whole() const { return !short_ && rest_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) short_ = true;
    if (short_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <class T>
  requires std::is_arithmetic_v<T>
  void one(T& value) {
    const std::string_view bytes = take(sizeof value);
    if (!short_) std::memcpy(&value, bytes.data(), sizeof value);
  }
  void one(std::string& text) {
    std::uint64_t size = 0;
    one(size);
    text = take(size);
  }
  void one(TreeResident& r) { all(r.anonymous, r.file, r.shared); }
  void one(TreeSample& s) { all(s.seconds, s.resident); }
  void one(ProcessUse& p) {
    all(p.pid, p.parent, p.command, p.peak_bytes, p.start_seconds, p.end_seconds, p.user_seconds, p.system_seconds, p.exit_code,
        p.signal, p.traced);
  }
  void one(CeilingUse& c) { all(c.bytes, c.enforced, c.how, c.killed, c.peak_bytes, c.held_bytes, c.cache_bytes); }
  template <class T>
  void one(std::optional<T>& value) {
    bool there = false;
    one(there);
    if (there && !short_) one(value.emplace());
  }
  template <class T>
  void one(std::vector<T>& values) {
    std::uint64_t size = 0;
    one(size);
    for (std::uint64_t i = 0; i < size && !short_; ++i) one(values.emplace_back());
  }

  std::string_view rest_;
  bool short_ = false;
};

template <class Visitor, class Use>
void visit(Visitor& v, Use& u) {
  v.all(u.wall_seconds, u.user_seconds, u.system_seconds, u.initial_bytes, u.peak_bytes, u.increase_bytes, u.anonymous_bytes,
        u.file_bytes, u.shared_bytes, u.between_bytes, u.peak_seconds, u.sampled_peak_bytes, u.bound_bytes, u.rss_sum_bytes,
        u.processes, u.timeline, u.exit_code, u.signal, u.ceiling, u.traced, u.counters, u.may_have_missed,
        u.counting_error_bytes, u.left_running);
}

}  // namespace

std::string to_bytes(const TreeUse& use) {
  Writer writer;
  visit(writer, use);
  return std::move(writer.bytes);
}

bool from_bytes(std::string_view bytes, TreeUse& use) {
  Reader reader(bytes);
  visit(reader, use);
  return reader.whole();
}

}  // namespace bagloom::memory
