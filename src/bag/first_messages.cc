#include "bag/first_messages.h"

#include <algorithm>
#include <cstdint>
#include <set>

namespace bagloom::bag {
namespace {

/// The Error that ends a scan early is ours, and not one.
Status enough() { return Error(ErrorKind::stopped, "seen enough"); }

Status scan_until_enough(BagReader& reader, const ConnectionSet& which, const BagReader::Visit& visit) {
  Status scanned = reader.scan(which, visit);
  return !scanned.ok() && scanned.error().kind() == ErrorKind::stopped ? Status() : scanned;
}

}  // namespace

Status visit_first(BagReader& reader, const ConnectionGroups& group_of, std::size_t most,
                   const std::function<void(const MessageRef&)>& visit) {
  const std::vector<Connection>& connections = reader.info().connections;
  ConnectionSet which(connections.size(), false);
  std::vector<std::uint64_t> left;  // by group
  for (std::size_t i = 0; i < connections.size() && i < group_of.size(); ++i) {
    if (group_of[i] == kNoGroup || connections[i].messages == 0) continue;
    which[i] = true;
    if (left.size() <= group_of[i]) left.resize(group_of[i] + 1, 0);
    left[group_of[i]] = std::min<std::uint64_t>(most, left[group_of[i]] + connections[i].messages);
  }
  auto open = std::count_if(left.begin(), left.end(), [](std::uint64_t count) { return count > 0; });
  if (open == 0) return {};
  return scan_until_enough(reader, which, [&](const IndexedMessage& message) -> Status {
    if (message.ref.connection >= which.size() || !which[message.ref.connection])
      return Error(ErrorKind::internal, "a message of no connection");
    std::uint64_t& of_group = left[group_of[message.ref.connection]];
    if (of_group == 0) return {};
    visit(message.ref);
    if (--of_group == 0) --open;
    return open == 0 ? enough() : Status();
  });
}

Status find_first(BagReader& reader, const ConnectionSet& which, std::size_t first, std::size_t elsewhere,
                  std::vector<MessageRef>& found) {
  std::set<std::uint64_t> places;  // chunks of compressed messages, records of others
  std::size_t count = 0;
  return scan_until_enough(reader, which, [&](const IndexedMessage& message) -> Status {
    const bool is_elsewhere = places.insert(reader.place_key(message.ref)).second;
    if (count >= first && !is_elsewhere) return {};
    found.push_back(message.ref);
    return ++count < first + elsewhere ? Status() : enough();
  });
}

}  // namespace bagloom::bag
