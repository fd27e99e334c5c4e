// What recordings of chunks have in common: every message read; again with indexes compared, and mended.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "bag/bag_reader.h"

inline void must(bool holds) {
  if (!holds) std::abort();
}

/// `check` sees each message, and its payload where it can be fetched. Gives a sum over the payloads.
template <class Check>
std::uint64_t read_and_mend(bagloom::bag::BagReader& reader, std::uint32_t recording, const Check& check) {
  using namespace bagloom;
  using namespace bagloom::bag;
  const BagInfo& info = reader.info();
  std::uint64_t payload_bytes = 0;
  const ConnectionSet all(info.connections.size(), true);
  const auto read_all = [&] {
    std::uint64_t visited = 0;
    MessageRef before;
    auto status = reader.scan(all, [&](const IndexedMessage& message) -> Status {
      must(message.ref.recording == recording && message.ref.connection < info.connections.size());
      must(visited == 0 || before < message.ref);  // in order, and no place twice
      before = message.ref;
      ++visited;
      auto payload = reader.fetch(message.ref);
      check(message, payload.ok() ? &*payload : nullptr);
      if (payload.ok()) {
        for (const std::byte b : payload->bytes.first(std::min<std::size_t>(payload->bytes.size(), 64)))
          payload_bytes += static_cast<std::uint64_t>(b);  // so that a view that does not hold is seen
        if (!payload->bytes.empty()) payload_bytes += static_cast<std::uint64_t>(payload->bytes.back());
      } else {
        must(payload.error().kind() == ErrorKind::corrupt);
      }
      return {};
    });
    must(status.ok() && visited == info.messages);
  };
  read_all();
  reader.check_indexes(all);
  read_all();
  if (const auto status = reader.mend_index([]() -> Status { return {}; }); !status.ok()) {
    must(status.error().kind() == ErrorKind::unreadable);
    return payload_bytes;
  }
  must(!reader.index_is_wrong());
  std::uint64_t mended = 0;
  for (const Connection& connection : info.connections) mended += connection.messages;
  must(mended == info.messages);
  read_all();
  return payload_bytes;
}
