// Each rule of bag-formats.md 5 on bytes made by hand, in every encoding and order.
#include <gtest/gtest.h>

#include "cdr_bytes.h"
#include "message_bytes.h"
#include "msg/definition_set.h"
#include "msg/extractor.h"

namespace bagloom::msg {
namespace {

constexpr const char* kLine = "================================================================================\n";
constexpr unsigned kIds[] = {0, 1, 6, 7, 8, 9};
using Values = std::vector<double>;

NumberSelection field(const std::string& path, std::uint32_t width = 0) {
  NumberSelection selection;
  selection.path = *parse_field_path(path);
  selection.width = width;
  return selection;
}
NumberSelection named(const std::string& path, std::vector<std::string> names) {
  NumberSelection selection = field(path);
  selection.names = std::move(names);
  return selection;
}

struct Outcome {
  Values values;
  std::string error;
};

Outcome run_definition(const Result<std::shared_ptr<const Definition>>& definition, std::vector<NumberSelection> selections,
                       Bytes message) {
  if (!definition.ok()) return {{}, "parse: " + definition.error().text()};
  auto extractor = NumberExtractor::compile(*definition, std::move(selections));
  if (!extractor.ok()) return {{}, "compile: " + extractor.error().text()};
  Outcome outcome;
  outcome.values.resize(extractor->width());
  const Status status = extractor->run(message, outcome.values);
  if (!status.ok()) outcome = {{}, status.error().text()};
  return outcome;
}
Outcome run(const std::string& text, std::vector<NumberSelection> selections, Bytes message) {
  return run_definition(parse_ros2_definition("t/msg/T", text), std::move(selections), message);
}

TEST(Cdr, ReadsEveryPrimitiveInEveryEncoding) {
  const std::string text =
      "bool a\nint8 b\nint16 c\nuint8 d\nint32 e\nuint8 f\nint64 g\nuint8 h\nfloat32 i\nuint8 j\nfloat64 k\n"
      "byte l\nuint16 m\nchar n\nuint32 o\nuint8 p\nuint64 q\n"
      "builtin_interfaces/Time r\nuint8 s\nbuiltin_interfaces/Duration t\n";
  for (const unsigned id : kIds) {
    CdrBytes message(id);
    const std::size_t all = message.message();
    message.put<std::uint8_t>(7).put<std::int8_t>(-8).put<std::int16_t>(-3000).put<std::uint8_t>(200);
    message.put<std::int32_t>(-2000000000).put<std::uint8_t>(1).put<std::int64_t>(-(1LL << 50)).put<std::uint8_t>(2);
    message.put<float>(1.5f).put<std::uint8_t>(3).put<double>(-2.25).put<std::uint8_t>(255).put<std::uint16_t>(60000);
    message.put<std::uint8_t>(254).put<std::uint32_t>(4000000000u).put<std::uint8_t>(4).put<std::uint64_t>(1ULL << 52);
    // builtin_interfaces/Time and Duration are messages: with a length before them in delimited XCDR2.
    std::size_t inner = message.message();
    message.put<std::int32_t>(-1).put<std::uint32_t>(750000000).end(inner).put<std::uint8_t>(5);
    inner = message.message();
    message.put<std::int32_t>(-2).put<std::uint32_t>(500000000).end(inner).end(all);
    std::vector<NumberSelection> fields;
    for (char c = 'a'; c <= 't'; ++c) fields.push_back(field(std::string(1, c)));
    const Outcome outcome = run(text, fields, message.bytes());
    EXPECT_EQ(outcome.error, "") << id;
    EXPECT_EQ(outcome.values, (Values{1,     -8,  -3000, 200, -2e9, 1, -static_cast<double>(1LL << 50), 2,     1.5, 3,
                                      -2.25, 255, 60000, 254, 4e9,  4, static_cast<double>(1ULL << 52), -0.25, 5,   -1.5}))
        << id;
  }
}

TEST(Cdr, ReadsAJointState) {
  for (const unsigned id : kIds) {
    for (const char* frame : {"", "a", "ab", "abc", "abcd", "base_link"}) {
      CdrBytes message(id);
      const std::size_t all = message.message();
      message.header(frame).texts({"a", "bb", "shoulder"}).array<double>({1.5, 2.5, 3.5}).array<double>({}).array<double>({});
      message.end(all);
      const Outcome outcome = run(kRos2JointState,
                                  {field("position[1:3]"), named("position", {"shoulder", "a"}), field("header.stamp"),
                                   field("header.stamp.sec"), field("header.stamp.nanosec")},
                                  message.bytes());
      EXPECT_EQ(outcome.error, "") << id << frame;
      EXPECT_EQ(outcome.values, (Values{2.5, 3.5, 3.5, 1.5, 2.5, 2, 500000000})) << id << frame;
    }
  }
}

TEST(Cdr, NamesOfElementsThatAreTakenByPlace) {
  NumberSelection expecting = field("position[1:3]", 2);
  expecting.expected = {"bb", "shoulder"};
  for (const unsigned id : kIds) {
    const auto get = [&](const std::vector<std::string>& names) {
      CdrBytes message(id);
      const std::size_t all = message.message();
      message.header("abc").texts(names).array<double>({1.5, 2.5, 3.5}).array<double>({}).array<double>({});
      message.end(all);
      return run(kRos2JointState, {expecting}, message.bytes());
    };
    EXPECT_EQ(get({"a", "bb", "shoulder"}).values, (Values{2.5, 3.5})) << id;
    EXPECT_EQ(get({}).values, (Values{2.5, 3.5})) << id;
    EXPECT_EQ(get({"x", "bb", "shoulder", "y"}).values, (Values{2.5, 3.5})) << id;
    EXPECT_NE(get({"a", "shoulder", "bb"}).error.find("its elements 0, 1 are named shoulder, bb"), std::string::npos) << id;
    EXPECT_NE(get({"a", "bb", "shoulde"}).error, "") << id;
    EXPECT_NE(get({"a", "bb", "shoulders"}).error, "") << id;
  }
}

TEST(Cdr, AnEmptyArrayHasNoPaddingForItsElements) {
  const std::string text = "uint8 a\nfloat64[] b\nuint8[] c\nuint8 d\n";
  for (const unsigned id : {0u, 1u, 6u, 7u}) {
    // count of b at 4, of c at 8: no step to 8 between them would show, so a is moved on by c's content.
    const CdrBytes message =
        CdrBytes(id).put<std::uint8_t>(9).array<double>({}).array<std::uint8_t>({1, 2}).put<std::uint8_t>(77);
    EXPECT_EQ(message.bytes().size(), 4u + 4 + 4 + 4 + 2 + 1);
    EXPECT_EQ(run(text, {field("a"), field("d")}, message.bytes()).values, (Values{9, 77})) << id;
  }
}

TEST(Cdr, StepsOverMessagesOfEveryShape) {
  // Wide: largest value first, so one size; Narrow: its size depends on where it stands; Text: on its content.
  const std::string text =
      std::string(
          "uint8 first\nWide[] wide\nuint8 between\nNarrow[] narrow\nText[2] fixed\nNarrow[3] three\nWide[2] two\n"
          "Nothing nothing\nNothing[] nothings\nwstring letters\nuint8 last\n") +
      kLine + "MSG: t/Wide\nfloat64 x\nuint8 y\n" + kLine + "MSG: t/Narrow\nuint8 x\nfloat64 y\n" + kLine +
      "MSG: t/Text\nstring s\nuint8 y\n" + kLine + "MSG: t/Nothing\n";
  for (const unsigned id : kIds) {
    for (std::size_t n = 0; n < 4; ++n) {
      CdrBytes message(id);
      const std::size_t all = message.message();
      const auto wide = [&](double x) {
        const auto at = message.message();
        message.put(x).put<std::uint8_t>(3).end(at);
      };
      const auto narrow = [&](double y) {
        const auto at = message.message();
        message.put<std::uint8_t>(4).put(y).end(at);
      };
      const auto nothing = [&] {
        const auto at = message.message();
        message.raw(1).end(at);
      };
      const auto array = [&](std::size_t count, bool counted, const auto& element) {
        const std::size_t extent = id >= 6 ? message.open() : 0;
        if (counted) message.count(count);
        for (std::size_t i = 0; i < count; ++i) element(static_cast<double>(i));
        if (id >= 6) message.close(extent);
      };
      message.put<std::uint8_t>(1);
      array(n, true, wide);
      message.put<std::uint8_t>(2);
      array(n, true, narrow);
      array(2, false, [&](double i) {
        const auto at = message.message();
        message.text(i == 0 ? "ab" : "").put<std::uint8_t>(5).end(at);
      });
      array(3, false, narrow);
      array(2, false, wide);
      nothing();
      array(n, true, [&](double) { nothing(); });
      if (id >= 6)
        message.count(4).put<std::uint16_t>('x').put<std::uint16_t>('y');
      else
        message.count(2).put<std::uint32_t>('x').put<std::uint32_t>('y');
      message.put<std::uint8_t>(99).end(all);
      const Outcome outcome = run(
          text, {field("first"), field("between"), field("last"), field("three[1:3].y"), field("fixed[1].y"), field("two[1].x")},
          message.bytes());
      EXPECT_EQ(outcome.error, "") << id << " " << n;
      EXPECT_EQ(outcome.values, (Values{1, 2, 99, 1, 2, 5, 1})) << id << " " << n;
      if (n == 3) {
        const Outcome inner =
            run(text, {field("wide[1].x"), field("narrow[0:2].y"), field("wide[0:3].x"), field("last")}, message.bytes());
        EXPECT_EQ(inner.values, (Values{1, 0, 1, 0, 1, 2, 99})) << id << ": " << inner.error;
      }
    }
  }
}

TEST(Cdr, EveryCutIsAnError) {
  for (const unsigned id : kIds) {
    CdrBytes message(id);
    const std::size_t all = message.message();
    message.header("cam").texts({"a", "b"}).array<double>({1, 2}).array<double>({3, 4}).array<double>({5, 6}).end(all);
    for (std::size_t n = 0; n < message.bytes().size(); ++n)
      EXPECT_NE(run(kRos2JointState, {field("position[0]")}, message.bytes().first(n)).error, "") << id << " " << n;
    EXPECT_EQ(run(kRos2JointState, {field("position[0]")}, message.bytes()).error, "") << id;
  }
}

TEST(Cdr, AFewBytesMayBeLeftOver) {
  const auto joints = [](std::size_t velocities, std::size_t rest) {
    CdrBytes message;
    message.header("x").texts({"a"}).array<double>({1}).array(Values(velocities, 2)).array<double>({});
    return run(kRos2JointState, {field("position[0]")}, message.raw(rest, 0xee).bytes());
  };
  EXPECT_EQ(joints(1, 11).error, "");  // one empty array: 7 + 4
  EXPECT_EQ(joints(1, 12).error, "12 of the message's 76 bytes left over after the last field");
  EXPECT_EQ(joints(0, 15).error, "");
  EXPECT_NE(joints(0, 16).error, "");
  const auto fixed = [](std::size_t rest) { return run("float64 x\n", {field("x")}, CdrBytes().put(2.5).raw(rest, 1).bytes()); };
  EXPECT_EQ(fixed(7).values, (Values{2.5}));
  EXPECT_EQ(fixed(8).error, "a message of 20 bytes, its type has 12");
}

TEST(Cdr, RefusesOtherEncodingsByName) {
  const auto error = [](unsigned first, unsigned second) {
    const std::byte bytes[] = {static_cast<std::byte>(first), static_cast<std::byte>(second), {}, {}, {}, {}, {}, {}};
    return run("uint32 x\n", {field("x")}, bytes).error;
  };
  EXPECT_EQ(error(0, 1), "");
  EXPECT_EQ(error(0, 3), "is in parameter-list CDR (0x3), which this version does not read");
  EXPECT_EQ(error(0, 10), "is in XCDR2 parameter-list CDR (0xa), which this version does not read");
  EXPECT_EQ(error(0x28, 0xb5), "begins with 0x28b5, which is no CDR header");
  EXPECT_EQ(run("uint32 x\n", {field("x")}, Bytes()).error, "a message of 0 bytes has no CDR header");
}

TEST(Cdr, StringsMayComeWithoutNul) {
  const auto definition = parse_ros2_definition("t/T", "string[] name\nfloat64[] position\n");
  CdrBytes message;
  message.count(3).text("a").count(1).raw(1, 'b').count(0);  // with NUL, without, and empty of length 0
  message.array<double>({1, 2, 3});
  EXPECT_EQ(*string_array(**definition, *parse_field_path("name"), message.bytes()), (std::vector<std::string>{"a", "b", ""}));
  EXPECT_EQ(run_definition(definition, {named("position", {"b", "a"})}, message.bytes()).values, (Values{2, 1}));
  EXPECT_EQ(*array_length(**definition, *parse_field_path("position"), message.bytes()), 3u);
}

TEST(Cdr, DelimitedMessagesMayHaveGrown) {
  const std::string text = std::string("In in\nuint32 last\n") + kLine + "MSG: t/In\nuint32 x\n";
  for (const unsigned id : {8u, 9u}) {
    CdrBytes longer(id);
    const std::size_t all = longer.message(), inner = longer.message();
    longer.put<std::uint32_t>(5).put<std::uint32_t>(6).end(inner).put<std::uint32_t>(7).put<std::uint32_t>(8).end(all);
    EXPECT_EQ(run(text, {field("in.x"), field("last")}, longer.bytes()).values, (Values{5, 7}));
    CdrBytes shorter(id);
    const std::size_t whole = shorter.message(), part = shorter.message();
    shorter.end(part).put<std::uint32_t>(7).put<std::uint32_t>(8).end(whole);
    EXPECT_EQ(run(text, {field("in.x")}, shorter.bytes()).error,
              "a part of the message is shorter than its fields (at offset 12)");
    CdrBytes beyond(id);
    const std::size_t lying = beyond.message();
    beyond.put<std::uint32_t>(4).put<std::uint32_t>(1).put<std::uint32_t>(2).close(lying, 1);
    EXPECT_NE(run(text, {field("in.x")}, beyond.bytes()).error, "");
  }
}

TEST(Cdr, ReadsArraysOfTimes) {
  const std::string text = "builtin_interfaces/Time[] t\nuint8 last\n";
  for (const unsigned id : kIds) {
    CdrBytes message(id);
    const std::size_t all = message.message();
    const std::size_t extent = id >= 6 ? message.open() : 0;
    message.count(2);
    for (std::int32_t i = 0; i < 2; ++i) {
      const std::size_t one = message.message();
      message.put(i).put<std::uint32_t>(500000000).end(one);
    }
    if (id >= 6) message.close(extent);
    message.put<std::uint8_t>(9).end(all);
    EXPECT_EQ(run(text, {field("last")}, message.bytes()).values, (Values{9})) << id;
    const Outcome times = run(text, {field("t[0:2]"), field("last")}, message.bytes());
    if (id >= 8)
      EXPECT_EQ(times.error, "array `t` of times in delimited XCDR2, which this version does not read");
    else
      EXPECT_EQ(times.values, (Values{0.5, 1.5, 9})) << id << times.error;
  }
}

TEST(Cdr, LyingCountsEndAtOnce) {
  const std::string text = std::string("Narrow[] n\nNothing[] e\nstring[] s\nZero[] z\n") + kLine +
                           "MSG: t/Narrow\nuint8 x\nfloat64 y\n" + kLine + "MSG: t/Nothing\n" + kLine +
                           "MSG: t/Zero\nuint8[0] z\n";
  for (const char* path : {"n[0].x", "n[4294967290].x"}) {
    const CdrBytes message = CdrBytes().count(0xffffffffu).raw(40);
    EXPECT_NE(run(text, {field(path)}, message.bytes()).error, "") << path;
  }
  // Four billion elements of no bytes at all are stepped over at once.
  const CdrBytes message = CdrBytes().count(0).count(0).count(0).count(0xffffffffu);
  EXPECT_EQ(
      run("uint8 a\n" + text, {field("a")}, CdrBytes().put<std::uint8_t>(3).count(0).count(0).count(0).count(0xffffffffu).bytes())
          .values,
      (Values{3}));
  EXPECT_NE(run(text, {field("z[0].z[0]")}, message.bytes()).error, "");
}

TEST(Cdr, ReadsPictures) {
  const std::string image =
      std::string(
          "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] "
          "data\n") +
      kRos2Header;
  const auto raw = PictureExtractor::compile(*parse_ros2_definition("sensor_msgs/msg/Image", image));
  ASSERT_TRUE(raw.ok());
  const std::string compressed = std::string("std_msgs/Header header\nstring format\nuint8[] data\n") + kRos2Header;
  const auto jpeg = PictureExtractor::compile(*parse_ros2_definition("sensor_msgs/msg/CompressedImage", compressed));
  ASSERT_TRUE(jpeg.ok());
  for (const unsigned id : kIds) {
    CdrBytes message(id);
    std::size_t all = message.message();
    message.header("camera").put<std::uint32_t>(480).put<std::uint32_t>(640).text("rgb8").put<std::uint8_t>(1).put<std::uint32_t>(
        1920);
    message.array<std::uint8_t>({1, 2, 3}).end(all);
    const auto picture = raw->run(message.bytes());
    ASSERT_TRUE(picture.ok()) << id << picture.error().text();
    EXPECT_EQ(picture->height, 480u);
    EXPECT_EQ(picture->width, 640u);
    EXPECT_EQ(picture->encoding, "rgb8");
    EXPECT_EQ(picture->step, 1920u);
    EXPECT_TRUE(picture->big_endian);
    EXPECT_EQ(picture->data.size(), 3u);

    CdrBytes small(id);
    all = small.message();
    small.header("c").text("jpeg").array<std::uint8_t>({0xff, 0xd8}).end(all);
    const auto view = jpeg->run(small.bytes());
    ASSERT_TRUE(view.ok()) << id << view.error().text();
    EXPECT_EQ(view->encoding, "jpeg");
    EXPECT_EQ(view->data.data() + 2, small.bytes().data() + small.bytes().size());
  }
}

TEST(Cdr, ReadsFoxglovesPictures) {
  const auto built_in = [](const char* type) {
    return PictureExtractor::compile(*parse_definition({type, "", "", "cdr"}, builtin_definitions()));
  };
  const auto raw = built_in("foxglove_msgs/msg/RawImage");
  ASSERT_TRUE(raw.ok());
  CdrBytes message;
  message.put<std::int32_t>(1).put<std::uint32_t>(2).text("cam").put<std::uint32_t>(640).put<std::uint32_t>(480).text("rgb8");
  message.put<std::uint32_t>(1920).array<std::uint8_t>({1, 2, 3});
  const auto picture = raw->run(message.bytes());
  ASSERT_TRUE(picture.ok()) << picture.error().text();
  EXPECT_EQ(picture->width, 640u);
  EXPECT_EQ(picture->height, 480u);
  EXPECT_EQ(picture->step, 1920u);
  EXPECT_FALSE(picture->big_endian);
  for (const char* type : {"foxglove_msgs/msg/CompressedImage", "foxglove_msgs/msg/CompressedVideo"}) {
    const auto compressed = built_in(type);
    ASSERT_TRUE(compressed.ok());
    CdrBytes packet;
    packet.put<std::int32_t>(1).put<std::uint32_t>(2).text("cam").array<std::uint8_t>({0, 0, 1}).text("h264");
    const auto view = compressed->run(packet.bytes());
    ASSERT_TRUE(view.ok()) << view.error().text();
    EXPECT_EQ(view->encoding, "h264");
    EXPECT_EQ(view->data.size(), 3u);
  }
}

TEST(Cdr, Ros1TimesHavePartsToo) {
  const MessageBytes message =
      MessageBytes().put<std::uint32_t>(4000000000u).put<std::uint32_t>(5).put<std::int32_t>(-1).put<std::int32_t>(-7);
  EXPECT_EQ(run_definition(parse_ros1_definition("t/T", "time t\nduration d\n"),
                           {field("t.secs"), field("t.nsecs"), field("d.sec"), field("d.nsec"), field("t")}, message.bytes())
                .values,
            (Values{4000000000.0, 5, -1, -7, 4000000000.0 + 5e-9}));
}

// The contradiction of bag-formats.md 3.6.
TEST(Cdr, Ros1DefinitionsOfCdrMessages) {
  const auto definition =
      parse_definition({"std_msgs/String", "string data\nfloat64 x\n", "ros1msg", "cdr"}, builtin_definitions());
  EXPECT_EQ(run_definition(definition, {field("x")}, MessageBytes().text("hello").put(2.5).bytes()).values, (Values{2.5}));
  EXPECT_EQ(run_definition(definition, {field("x")}, CdrBytes().text("hello").put(3.5).bytes()).values, (Values{3.5}));
  EXPECT_EQ(
      run_definition(definition, {field("x")}, MessageBytes().text("hello").put(2.5).raw(1).bytes()).error,
      "the recording says both ROS 1 and CDR, and neither fits: 1 of the message's 18 bytes left over after the last field; "
      "begins with 0x500, which is no CDR header");
  // A CDR message of a string that happens to be as long as the header says in ROS 1.
  const auto text = parse_definition({"std_msgs/String", "string data\n", "ros1msg", "cdr"}, builtin_definitions());
  const CdrBytes both = CdrBytes().text(std::string(251, 'x'));
  EXPECT_EQ(both.bytes().size(), 4u + 256);
  EXPECT_NE(string_array(**text, *parse_field_path("data"), both.bytes()).error().text().find("can be read as either"),
            std::string::npos);
}

// The property that the two serialisations share: the same values, the same numbers.
TEST(Cdr, SameNumbersAsRos1) {
  const std::string ros1 = std::string("int8 a\nstring s\nP[] p\nfloat64[] v\nint16[3] w\ntime t\n") + kLine +
                           "MSG: t/P\nuint8 k\nfloat64 x\nstring n\n";
  const std::string ros2 = std::string("int8 a\nstring s\nP[] p\nfloat64[] v\nint16[3] w\nbuiltin_interfaces/Time t\n") + kLine +
                           "MSG: t/msg/P\nuint8 k\nfloat64 x\nstring n\n";
  const std::vector<NumberSelection> all{field("a"), field("p[0:3].x"), field("v[1:4]"), field("w"), field("t"), field("p[2].k")};
  for (std::size_t seed = 0; seed < 20; ++seed) {
    MessageBytes packed;
    CdrBytes cdr(seed % 2 == 0 ? 1 : 0);
    const auto put = [&](auto value) {
      packed.put(value);
      cdr.put(value);
    };
    const auto text = [&](const std::string& value) {
      packed.text(value);
      cdr.text(value);
    };
    const auto length = static_cast<std::uint32_t>(3 + seed % 4);
    put(static_cast<std::int8_t>(seed));
    text(std::string(seed, 's'));
    put(length);
    for (std::uint32_t i = 0; i < length; ++i) {
      put(static_cast<std::uint8_t>(i + 7));
      put(static_cast<double>(seed) / 3 + i);
      text(std::string(i * seed % 9, 'n'));
    }
    put(length + 1);
    for (std::uint32_t i = 0; i <= length; ++i) put(static_cast<double>(i) * 1.1);
    for (int i = 0; i < 3; ++i) put(static_cast<std::int16_t>(-i - 300));
    put(std::uint32_t{1700000000});
    put(std::uint32_t{123456789});
    const Outcome one = run_definition(parse_ros1_definition("t/T", ros1), all, packed.bytes());
    const Outcome two = run(ros2, all, cdr.bytes());
    EXPECT_EQ(one.error, "");
    EXPECT_EQ(two.error, "");
    EXPECT_EQ(one.values, two.values);
  }
}

}  // namespace
}  // namespace bagloom::msg
