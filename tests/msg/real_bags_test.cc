// Definitions and messages as robots wrote them.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <optional>

#include "bag/bag_reader.h"
#include "msg/extractor.h"

namespace bagloom::msg {
namespace {

const std::string kFolder = BAGLOOM_SOURCE_DIR "/../shared/data/real-bags/ros1";

TEST(RealBags, EveryMessageIsWalkedToItsLastByte) {
  if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no real recordings here";
  std::size_t walked = 0;
  std::size_t types = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(kFolder)) {
    if (file.path().extension() != ".bag") continue;
    auto bag = bag::open_bag(file.path().string(), {});
    if (!bag.ok()) continue;  // tests/bag says which
    const auto& connections = (*bag)->info().connections;
    std::vector<std::optional<NumberExtractor>> extractors(connections.size());
    bag::ConnectionSet which(connections.size(), false);
    for (std::size_t i = 0; i < connections.size(); ++i) {
      if (connections[i].definition.empty()) continue;
      auto definition = parse_ros1_definition(connections[i].type, connections[i].definition);
      ASSERT_TRUE(definition.ok()) << file.path() << " " << connections[i].topic << ": " << definition.error().text();
      auto extractor = NumberExtractor::compile(*definition, {});
      ASSERT_TRUE(extractor.ok());
      extractors[i].emplace(std::move(*extractor));
      which[i] = true;
      ++types;
    }
    const Status scanned = (*bag)->scan(which, [&](const bag::IndexedMessage& message) -> Status {
      auto payload = (*bag)->fetch(message.ref);
      if (!payload.ok()) return {};  // damage is tests/bag's
      const Status status = extractors[message.ref.connection]->run(payload->bytes, {});
      EXPECT_TRUE(status.ok()) << file.path() << " " << connections[message.ref.connection].topic << ": "
                               << status.error().text();
      ++walked;
      return {};
    });
    EXPECT_TRUE(scanned.ok()) << file.path();
  }
  EXPECT_GT(types, 80u);
  EXPECT_GT(walked, 5000u);
}

TEST(RealBags, KuavosJointsAndPictures) {
  if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no real recordings here";
  auto bag = bag::open_bag(kFolder + "/kuavo_full_topics_one_msg_each.bag", {});
  ASSERT_TRUE(bag.ok()) << bag.error().text();
  const auto& connections = (*bag)->info().connections;
  std::size_t seen = 0;
  const Status scanned =
      (*bag)->scan(bag::ConnectionSet(connections.size(), true), [&](const bag::IndexedMessage& message) -> Status {
        const bag::Connection& connection = connections[message.ref.connection];
        const bool sensors = connection.topic == "/sensors_data_raw";
        const bool camera = connection.topic == "/cam_h/color/image_raw/compressed";
        if (!sensors && !camera) return {};
        ++seen;
        ASSIGN_OR_RETURN(const auto payload, (*bag)->fetch(message.ref));
        ASSIGN_OR_RETURN(const auto definition, parse_ros1_definition(connection.type, connection.definition));
        if (camera) {
          ASSIGN_OR_RETURN(const auto extractor, PictureExtractor::compile(definition));
          ASSIGN_OR_RETURN(const auto picture, extractor.run(payload.bytes));
          EXPECT_TRUE(picture.compressed);
          EXPECT_GT(picture.data.size(), 10'000u);
          EXPECT_EQ(picture.data[0], std::byte{0xff});
          return {};
        }
        ASSIGN_OR_RETURN(const auto path, parse_field_path("joint_data.joint_q"));
        EXPECT_EQ(*array_length(*definition, path, payload.bytes), 28u);
        NumberSelection selection;
        ASSIGN_OR_RETURN(selection.path, parse_field_path("joint_data.joint_q[12:26]"));
        ASSIGN_OR_RETURN(const auto extractor, NumberExtractor::compile(definition, {selection}));
        std::vector<double> joints(extractor.width());
        RETURN_IF_ERROR(extractor.run(payload.bytes, joints));
        for (const double angle : joints) EXPECT_LT(std::abs(angle), 3.2);
        return {};
      });
  EXPECT_TRUE(scanned.ok()) << scanned.error().text();
  EXPECT_EQ(seen, 2u);
}

}  // namespace
}  // namespace bagloom::msg
