#include "bag/raw_bag.h"

#include <bzlib.h>
#include <gtest/gtest.h>
#include <lz4frame.h>

#include <map>

namespace bagloom::bag::raw {

std::vector<Seen> read_all(BagReader& reader) {
  std::vector<Seen> all;
  const ConnectionSet every(reader.info().connections.size(), true);
  auto status = reader.scan(every, [&](const IndexedMessage& message) -> Status {
    ASSIGN_OR_RETURN(const Payload payload, reader.fetch(message.ref));
    EXPECT_LE(payload.bytes.size(), message.bytes);
    all.push_back({reader.info().connections.at(message.ref.connection).topic, message.ref.time,
                   std::string(as_text(payload.bytes)), message.out_of_order, message.ref.locator});
    return {};
  });
  EXPECT_TRUE(status.ok()) << status.error().text();
  EXPECT_EQ(all.size(), reader.info().messages);
  return all;
}

std::string payloads(BagReader& reader) {
  std::string text;
  for (const Seen& seen : read_all(reader)) text += (text.empty() ? "" : ",") + seen.data;
  return text;
}

std::string damage_text(const BagInfo& info) {
  std::string text;
  for (const Damage& damage : info.damage) text += hex(damage.offset) + " " + damage.topic + " " + damage.what + "\n";
  return text;
}

bool any_loss(const BagInfo& info) {
  for (const Damage& damage : info.damage) {
    if (damage.loss) return true;
  }
  return false;
}

std::string compress(std::string_view compression, std::string_view bytes) {
  if (compression == "lz4") {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    std::string out(LZ4F_compressFrameBound(bytes.size(), &preferences), '\0');
    out.resize(LZ4F_compressFrame(out.data(), out.size(), bytes.data(), bytes.size(), &preferences));
    return out;
  }
  if (compression == "bz2") {
    std::string in(bytes);
    std::string out(in.size() * 2 + 600, '\0');
    auto n = static_cast<unsigned>(out.size());
    EXPECT_EQ(BZ2_bzBuffToBuffCompress(out.data(), &n, in.data(), static_cast<unsigned>(in.size()), 1, 0, 0), BZ_OK);
    out.resize(n);
    return out;
  }
  return std::string(bytes);
}

std::string small_bag(const SmallBag& options) {
  const std::string placeholder = file_header(0, 0, 0);
  std::string body;
  std::string infos;
  for (int c = 0; c < options.chunks; ++c) {
    std::string inside;
    if (c == 0 || options.connections_in_each_chunk) inside += connection(3, "/a") + connection(9, "/b");
    std::map<std::uint32_t, std::vector<Entry>> entries;
    for (int m = 0; m < options.messages; ++m) {
      const std::uint32_t id = m % 2 == 0 ? 3 : 9;
      const std::int64_t ns = 1'000'000'000 + (c * options.messages + m) * 10'000'000;
      entries[id].push_back({ns, inside.size()});
      inside += message(id, ns, "c" + std::to_string(c) + "m" + std::to_string(m));
    }
    std::vector<std::pair<std::uint32_t, std::uint32_t>> counts;
    for (const auto& [id, list] : entries) counts.emplace_back(id, static_cast<std::uint32_t>(list.size()));
    infos += chunk_info(placeholder.size() + body.size(), counts);
    body += chunk(options.compression, inside.size(), compress(options.compression, inside));
    if (!options.chunk_indexes) continue;
    for (const auto& [id, list] : entries) body += index(id, list);
  }
  if (!options.index_section) return placeholder + body;
  return file_header(placeholder.size() + body.size(), 2, static_cast<std::uint32_t>(options.chunks)) + body +
         connection(3, "/a") + connection(9, "/b") + infos;
}

}  // namespace bagloom::bag::raw
