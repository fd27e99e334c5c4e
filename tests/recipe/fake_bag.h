// A recording in memory, for tests of what looks at one.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bag/bag_reader.h"

namespace bagloom::recipe {

class FakeBag : public bag::BagReader {
 public:
  /// `count` messages of the same bytes, `period` apart, the first at `start`.
  void add(const std::string& topic, const std::string& type, const std::string& definition, Bytes message,
           std::uint64_t count = 30, TimeNs period = 33'333'333, TimeNs start = kNsPerSecond) {
    const auto connection = static_cast<std::uint32_t>(info_.connections.size());
    bag::Connection added;
    added.id = connection;
    added.topic = topic;
    added.type = type;
    added.definition = definition;
    added.messages = count;
    info_.connections.push_back(added);
    info_.messages += count;
    payloads_.emplace_back(message.begin(), message.end());
    for (std::uint64_t i = 0; i < count; ++i) {
      messages_.push_back({start + static_cast<TimeNs>(i) * period, messages_.size(), connection, 0});
    }
    std::sort(messages_.begin(), messages_.end());
  }

  /// The topic added last holds JSON.
  void last_is_json() {
    info_.connections.back().encoding = "json";
    info_.connections.back().definition_encoding = "jsonschema";
  }

  const bag::BagInfo& info() const override { return info_; }
  Status scan(const bag::ConnectionSet& which, const Visit& visit) override {
    for (const MessageRef& ref : messages_) {
      ++visited;
      if (which[ref.connection]) RETURN_IF_ERROR(visit({ref, 0, false}));
    }
    return {};
  }
  Result<bag::Payload> fetch(const MessageRef& ref) override {
    ++fetched;
    if (damaged(ref)) return Error(ErrorKind::corrupt, "damaged").in(info_.connections[ref.connection].topic);
    return bag::Payload{payloads_[ref.connection], nullptr};
  }
  Result<std::string> identity() override { return std::string("fake"); }
  std::uint64_t file_offset(const MessageRef& ref) const override { return static_cast<std::uint64_t>(ref.time / chunk); }
  std::uint64_t fetch_overhead_bytes(const MessageRef&) const override { return 0; }

  TimeNs chunk = kNsPerSecond;  ///< what each chunk holds; the chunk's number is its place
  std::function<bool(const MessageRef&)> damaged = [](auto&) { return false; };  ///< cannot be fetched
  std::size_t visited = 0;
  std::size_t fetched = 0;

 private:
  bag::BagInfo info_;
  std::vector<std::vector<std::byte>> payloads_;
  std::vector<MessageRef> messages_;
};

}  // namespace bagloom::recipe
