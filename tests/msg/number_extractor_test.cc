#include <gtest/gtest.h>

#include <limits>

#include "message_bytes.h"
#include "msg/extractor.h"

namespace bagloom::msg {
namespace {

constexpr const char* kLine = "================================================================================\n";

NumberSelection field(const std::string& path, std::uint32_t width = 0) {
  NumberSelection selection;
  auto parsed = parse_field_path(path);
  EXPECT_TRUE(parsed.ok()) << parsed.error().text();
  selection.path = *parsed;
  selection.width = width;
  return selection;
}
NumberSelection named(const std::string& path, std::vector<std::string> names, const std::string& names_path = "") {
  NumberSelection selection = field(path);
  selection.names = std::move(names);
  if (!names_path.empty()) selection.names_path = *parse_field_path(names_path);
  return selection;
}

Result<NumberExtractor> compile(const std::string& type, const std::string& text, std::vector<NumberSelection> selections) {
  ASSIGN_OR_RETURN(auto definition, parse_ros1_definition(type, text));
  return NumberExtractor::compile(definition, std::move(selections));
}

struct Outcome {
  std::vector<double> values;
  std::string error;
};

Outcome run(const std::string& type, const std::string& text, std::vector<NumberSelection> selections, Bytes message) {
  auto extractor = compile(type, text, std::move(selections));
  if (!extractor.ok()) return {{}, "compile: " + extractor.error().text()};
  Outcome outcome;
  outcome.values.resize(extractor->width());
  const Status status = extractor->run(message, outcome.values);
  if (!status.ok()) outcome = {{}, status.error().text()};
  return outcome;
}

std::string compile_error(const std::string& type, const std::string& text, std::vector<NumberSelection> selections) {
  const auto extractor = compile(type, text, std::move(selections));
  return extractor.ok() ? "compiled" : extractor.error().text();
}

using Values = std::vector<double>;

TEST(NumberExtractor, ReadsEveryPrimitive) {
  const std::string text =
      "bool a\nint8 b\nuint8 c\nint16 d\nuint16 e\nint32 f\nuint32 g\nint64 h\nuint64 i\nfloat32 j\nfloat64 k\ntime l\nduration "
      "m\n"
      "char n\nbyte o\n";
  MessageBytes message;
  message.put<std::uint8_t>(7).put<std::int8_t>(-8).put<std::uint8_t>(200).put<std::int16_t>(-3000).put<std::uint16_t>(60000);
  message.put<std::int32_t>(-2000000000)
      .put<std::uint32_t>(4000000000u)
      .put<std::int64_t>(-(1LL << 50))
      .put<std::uint64_t>(1ULL << 52);
  message.put<float>(1.5f).put<double>(-2.25).put<std::uint32_t>(4000000000u).put<std::uint32_t>(500000000);
  message.put<std::int32_t>(-1).put<std::int32_t>(-250000000).put<std::uint8_t>(255).put<std::int8_t>(-1);
  std::vector<NumberSelection> all;
  for (char c = 'a'; c <= 'o'; ++c) all.push_back(field(std::string(1, c)));
  const Outcome outcome = run("t/T", text, all, message.bytes());
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.values, (Values{1, -8, 200, -3000, 60000, -2e9, 4e9, -static_cast<double>(1LL << 50),
                                    static_cast<double>(1ULL << 52), 1.5, -2.25, 4000000000.5, -1.25, 255, -1}));
}

TEST(NumberExtractor, ReadsArraysOfEveryPrimitive) {
  const auto check = [](const std::string& type, auto first, auto second) {
    MessageBytes message;
    message.text("before").put<std::uint32_t>(2).put(first).put(second).text("after");
    const std::string text = "string s\n" + type + "[] v\nstring e\n";
    EXPECT_EQ(run("t/T", text, {field("v[0:2]")}, message.bytes()).values,
              (Values{static_cast<double>(first), static_cast<double>(second)}))
        << type;
    EXPECT_EQ(run("t/T", text, {field("v[1]")}, message.bytes()).values, (Values{static_cast<double>(second)})) << type;
    EXPECT_EQ(run("t/T", text, {field("v[1:3]")}, message.bytes()).error,
              "`v[1:3]`: the array has 2 elements, at least 3 are expected");
  };
  check("int8", std::int8_t{-1}, std::int8_t{2});
  check("uint8", std::uint8_t{255}, std::uint8_t{2});
  check("char", std::uint8_t{254}, std::uint8_t{2});
  check("byte", std::int8_t{-2}, std::int8_t{2});
  check("int16", std::int16_t{-300}, std::int16_t{2});
  check("uint16", std::uint16_t{65535}, std::uint16_t{2});
  check("int32", std::int32_t{-70000}, std::int32_t{2});
  check("uint32", std::uint32_t{3000000000u}, std::uint32_t{2});
  check("int64", std::int64_t{-5}, std::int64_t{2});
  check("uint64", std::uint64_t{5}, std::uint64_t{2});
  check("float32", 0.5f, -0.25f);
  check("float64", 0.1, -0.2);
}

TEST(NumberExtractor, ReadsARangeOfANestedArray) {
  const std::string text = std::string("Header header\ntime sensor_time\nData joint_data\n") + kHeaderSection + kLine +
                           "MSG: t/Data\nfloat64[] joint_q\nfloat64[] joint_v\n";
  const MessageBytes message = MessageBytes().header("base").raw(8).array(counting(28)).array(counting(28, 100));
  const Outcome outcome =
      run("t/T", text, {field("joint_data.joint_q[12:15]"), field("joint_data.joint_v[27]"), field("joint_data.joint_q[0:2]")},
          message.bytes());
  EXPECT_EQ(outcome.values, (Values{12, 13, 14, 127, 0, 1})) << outcome.error;
}

TEST(NumberExtractor, ReadsFixedLayoutsWithoutWalking) {
  const std::string text =
      std::string("Vec linear\nVec angular\nfloat32[4] tail\n") + kLine + "MSG: t/Vec\nfloat64 x\nfloat64 y\nfloat64 z\n";
  MessageBytes message;
  for (double v : counting(6, 1)) message.put(v);
  for (float v : {10.f, 11.f, 12.f, 13.f}) message.put(v);
  EXPECT_EQ(run("t/T", text, {field("angular.z"), field("linear.x"), field("tail"), field("tail[2:4]")}, message.bytes()).values,
            (Values{6, 1, 10, 11, 12, 13, 12, 13}));
  MessageBytes longer = message;
  longer.raw(1);
  EXPECT_EQ(run("t/T", text, {field("linear.x")}, longer.bytes()).error, "a message of 65 bytes, its type has 64");
  EXPECT_EQ(run("t/T", text, {field("linear.x")}, message.bytes().first(63)).error, "a message of 63 bytes, its type has 64");
}

TEST(NumberExtractor, EveryCutAndEveryExtraByteIsAnError) {
  const MessageBytes message =
      MessageBytes().header("f").texts({"a", "bc"}).array(counting(2)).array(counting(0)).array(counting(1));
  EXPECT_EQ(run("sensor_msgs/JointState", kJointState, {field("position[0:2]")}, message.bytes()).values, (Values{0, 1}));
  for (std::size_t n = 0; n < message.bytes().size(); ++n) {
    EXPECT_NE(run("sensor_msgs/JointState", kJointState, {field("position[0:2]")}, message.bytes().first(n)).error, "") << n;
  }
  MessageBytes longer = message;
  longer.raw(3);
  EXPECT_EQ(run("sensor_msgs/JointState", kJointState, {field("position[0:2]")}, longer.bytes()).error,
            "3 of the message's 71 bytes left over after the last field");
}

TEST(NumberExtractor, AWholeArrayNeedsAWidthAndHasIt) {
  const MessageBytes message = MessageBytes().array(counting(3));
  EXPECT_EQ(run("t/T", "float64[] v\n", {field("v", 3)}, message.bytes()).values, counting(3));
  EXPECT_EQ(run("t/T", "float64[] v\n", {field("v", 2)}, message.bytes()).error, "`v`: the array has 3 elements, 2 are expected");
  EXPECT_EQ(run("t/T", "float64[] v\n", {field("v", 4)}, message.bytes()).error, "`v`: the array has 3 elements, 4 are expected");
  EXPECT_EQ(compile_error("t/T", "float64[] v\n", {field("v")}),
            "field path `v`: `v` is an array of any length: give a range, such as `v[0:7]`, or names");
  EXPECT_EQ(compile_error("t/T", "float64[] v\n", {field("v[0:3]", 4)}),
            "field path `v[0:3]`: selects 3 numbers, 4 are expected");
}

TEST(NumberExtractor, PicksByNameWhateverTheOrder) {
  const std::vector<NumberSelection> selections{named("position", {"elbow", "wrist"}), named("effort", {"wrist"}, "name")};
  const auto message = [](const std::vector<std::string>& names) {
    return MessageBytes()
        .header()
        .texts(names)
        .array(counting(names.size(), 10))
        .array(counting(0))
        .array(counting(names.size(), 20));
  };
  const std::string type = "sensor_msgs/JointState";
  EXPECT_EQ(run(type, kJointState, selections, message({"elbow", "wrist"}).bytes()).values, (Values{10, 11, 21}));
  EXPECT_EQ(run(type, kJointState, selections, message({"wrist", "base", "elbow"}).bytes()).values, (Values{12, 10, 20}));
  EXPECT_EQ(run(type, kJointState, selections, message({"wrist", "base"}).bytes()).error,
            "`position`: the message does not name `elbow`");
  EXPECT_EQ(run(type, kJointState, selections, message({}).bytes()).error, "`position`: the message does not name `elbow`");
  EXPECT_EQ(run(type, kJointState, selections, message({"wrist", "elbow", "wrist"}).bytes()).error,
            "`position`: the message names `wrist` twice");
  const MessageBytes shorter =
      MessageBytes().header().texts({"a", "elbow", "wrist"}).array(counting(2)).array(counting(0)).array(counting(3));
  EXPECT_EQ(run(type, kJointState, selections, shorter.bytes()).error, "`position`: `wrist` is name 2, the array has 2 elements");
}

TEST(NumberExtractor, NamesMayStandBehindTheNumbers) {
  const std::string text = "float32[] value\nstring[3] names\n";
  const MessageBytes message = MessageBytes().array<float>({1, 2, 3}).text("c").text("").text("a");
  EXPECT_EQ(run("t/T", text, {named("value", {"a", "c"})}, message.bytes()).values, (Values{3, 1}));
}

TEST(NumberExtractor, RefusesSelectionsByNameThatCannotWork) {
  const std::string type = "sensor_msgs/JointState";
  EXPECT_EQ(compile_error(type, kJointState, {named("position", {"a", "b", "a"})}),
            "field path `position`: name `a` is selected twice");
  EXPECT_EQ(compile_error(type, kJointState, {named("position[0:2]", {"a"})}),
            "field path `position[0:2]`: names pick from a whole array of numbers, without a range");
  EXPECT_EQ(compile_error(type, kJointState, {named("position", {"a"}, "velocity")}),
            "field path `position`: `velocity` of sensor_msgs/JointState is no array of strings to find names in");
  EXPECT_EQ(compile_error("t/T", "float64[] v\n", {named("v", {"a"})}), "there is no array of names beside `v` in t/T");
}

NumberSelection expecting(const std::string& path, std::vector<std::string> names) {
  NumberSelection selection = field(path, static_cast<std::uint32_t>(names.size()));
  selection.expected = std::move(names);
  selection.expected_of = "the first message's";
  return selection;
}

MessageBytes joint_state(const std::vector<std::string>& names, std::size_t numbers) {
  return MessageBytes().header().texts(names).array(counting(numbers, 10)).array(counting(0)).array(counting(0));
}

constexpr const char* kSelectInstead =
    "; `select` takes elements by name, in any order; another publisher's on the topic are taken by a `select` of their own";

TEST(NumberExtractor, ElementsThatAreTakenByPlaceHaveTheirNames) {
  const std::string type = "sensor_msgs/JointState";
  const auto get = [&](const NumberSelection& selection, const std::vector<std::string>& names, std::size_t numbers = 3) {
    const auto extractor = compile(type, kJointState, {selection});
    if (!extractor.ok()) return Outcome{{}, "compile: " + extractor.error().text()};
    Outcome outcome;
    outcome.values.resize(extractor->width());
    const MessageBytes message = joint_state(names, numbers);
    if (const Status status = extractor->run(message.bytes(), outcome.values); !status.ok())
      outcome = {{}, status.error().message() + "; " + status.error().remedy()};
    return outcome;
  };
  const NumberSelection whole = expecting("position", {"a", "b", "c"});
  EXPECT_EQ(get(whole, {"a", "b", "c"}).values, (Values{10, 11, 12}));
  EXPECT_EQ(get(whole, {"a", "b", "c", "d"}).values, (Values{10, 11, 12})) << "only the names of what is taken count";
  EXPECT_EQ(get(whole, {"a", "c", "b"}).error,
            "`position`: its elements 1, 2 are named c, b; the first message's b, c" + std::string(kSelectInstead));
  EXPECT_EQ(get(whole, {"x", "y", "z"}).error,
            "`position`: its elements 0, 1, 2 are named x, y, z; the first message's a, b, c" + std::string(kSelectInstead));
  EXPECT_EQ(get(whole, {"a", "b"}).error,
            "`position`: its element 2 is named (nothing); the first message's c" + std::string(kSelectInstead));
  EXPECT_EQ(get(whole, {"a", "b", ""}).values, Values()) << "it names some, and not all as expected";
  EXPECT_EQ(get(whole, {"ab", "", "c"}).values, Values()) << "letters that move from one name to the next";
  EXPECT_EQ(get(whole, {}).values, (Values{10, 11, 12})) << "a message without names";
  EXPECT_EQ(get(whole, {"", "", ""}).values, (Values{10, 11, 12}));

  const NumberSelection range = expecting("position[1:3]", {"b", "c"});
  EXPECT_EQ(get(range, {"x", "b", "c", "y"}, 4).values, (Values{11, 12}));
  EXPECT_EQ(get(range, {"a", "c", "b"}).values, Values());
  EXPECT_EQ(get(range, {"x"}).values, Values()) << "it has names, and none for these";
  EXPECT_EQ(get(expecting("position[2]", {"c"}), {"a", "b", "c"}).values, Values{12});
  EXPECT_EQ(get(expecting("position[2]", {"c"}), {"a", "b", "d"}).error,
            "`position[2]`: its element 0 is named d; the first message's c" + std::string(kSelectInstead));
  // The array's length comes first, as it does without names; but another publisher's message has as many as it likes.
  EXPECT_EQ(get(whole, {"a", "y"}, 2).error.find("`position`: the array has 2 elements, 3 are expected"), 0u);
  EXPECT_EQ(get(whole, {"x", "y"}, 2).error.find("`position`: its elements 0, 1, 2 are named x, y, (nothing)"), 0u);

  // Long names, and many.
  std::vector<std::string> many(30, std::string(200, 'x'));
  NumberSelection thirty = expecting("position", many);
  EXPECT_EQ(get(thirty, many, 30).values.size(), 30u);
  many[3] = std::string(5000, 'y');
  for (std::size_t i = 10; i < 20; ++i) many[i] = "z";
  const std::string forty(40, 'x');
  EXPECT_EQ(get(thirty, many, 30).error, "`position`: its elements 3, 10, 11, 12, ... are named " + std::string(40, 'y') +
                                             "..., z, z, z, ...; the first message's " + forty + "..., " + forty + "..., " +
                                             forty + "..., " + forty + "..., ..." + kSelectInstead);
}

TEST(NumberExtractor, TellsAnotherPublishersMessagesFromDamage) {
  const std::string type = "sensor_msgs/JointState";
  const auto get = [&](const NumberSelection& selection, const MessageBytes& message) {
    const auto extractor = compile(type, kJointState, {selection});
    Misnamed misnamed = Misnamed::all;
    Values out(2);
    const bool ok = extractor->run(message.bytes(), out, &misnamed).ok();
    EXPECT_TRUE(!ok || misnamed == Misnamed::no);
    return misnamed;
  };
  const NumberSelection selected = named("position", {"a", "b"}), placed = expecting("position", {"a", "b"});
  for (const NumberSelection& selection : {selected, placed}) {
    EXPECT_EQ(get(selection, joint_state({"a", "b"}, 2)), Misnamed::no);
    EXPECT_EQ(get(selection, joint_state({"x", "y"}, 2)), Misnamed::all);
    EXPECT_EQ(get(selection, joint_state({"x"}, 1)), Misnamed::all);
    EXPECT_EQ(get(selection, joint_state({"a", "y"}, 2)), Misnamed::some);
    EXPECT_EQ(get(selection, joint_state({"a", "b"}, 1)), Misnamed::no) << "too short";
    EXPECT_EQ(get(selection, MessageBytes().header().texts({"x", "y"})), Misnamed::no) << "cut";
  }
  EXPECT_EQ(get(placed, joint_state({"b", "a"}, 2)), Misnamed::some);
  EXPECT_EQ(get(selected, joint_state({}, 2)), Misnamed::some) << "names nothing";
  EXPECT_EQ(get(selected, joint_state({"a", "a"}, 2)), Misnamed::no) << "names one twice";
}

TEST(NumberExtractor, NamesInTheMessagesThatHoldTheNumbers) {
  const std::string text =
      std::string("Joint[] joints\nint8 last\n") + kLine + "MSG: t/Joint\nstring name\nfloat64 x\nfloat64[] v\n";
  const auto message = [](const std::vector<std::string>& names) {
    MessageBytes bytes;
    bytes.put<std::uint32_t>(static_cast<std::uint32_t>(names.size()));
    for (std::size_t i = 0; i < names.size(); ++i) bytes.text(names[i]).put(i + 0.5).array(counting(1));
    return bytes.put<std::int8_t>(7);
  };
  const auto error = [&](const NumberSelection& selection, const std::vector<std::string>& names) {
    return run("t/T", text, {selection}, message(names).bytes()).error;
  };
  for (const NumberSelection& selection : {expecting("joints.x", {"a", "b"}), expecting("joints[0:2].x", {"a", "b"})}) {
    EXPECT_EQ(error(selection, {"a", "b"}), "");
    EXPECT_EQ(error(selection, {"", ""}), "");
    EXPECT_NE(error(selection, {"b", "a"}).find("its elements 0, 1 are named b, a; the first message's a, b"), std::string::npos);
  }
  EXPECT_EQ(error(expecting("joints[1:3].x", {"b", "c"}), {"x", "b", "c"}), "");
  EXPECT_NE(error(expecting("joints[1:3].x", {"b", "c"}), {"a", "b", "d"}), "");
  EXPECT_EQ(error(expecting("joints[1].x", {"b"}), {"a", "b"}), "");
  EXPECT_NE(error(expecting("joints[1].x", {"b"}), {"b", "a"}), "");
  // An array in such a message is not named by the message's name.
  EXPECT_EQ(error(expecting("joints[1].v", {"b"}), {"b", "a"}), "");

  const auto definition = *parse_ros1_definition("t/T", text);
  const auto names = [&](const std::string& path, std::uint32_t width) {
    return *element_names(*definition, field(path, width), message({"a", "b", "c"}).bytes());
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names("joints[1:3].x", 2), (Names{"b", "c"}));
  EXPECT_EQ(names("joints[1].x", 1), Names{"b"});
  EXPECT_EQ(names("joints[1].v", 1), Names());
  EXPECT_EQ(names("last", 1), Names());
}

TEST(NumberExtractor, TellsWhatAMessageNamesElements) {
  using Names = std::vector<std::string>;
  const auto definition = *parse_ros1_definition("sensor_msgs/JointState", kJointState);
  const auto names = [&](const std::string& path, std::uint32_t width, const Names& in) {
    return *element_names(*definition, field(path, width), joint_state(in, 3).bytes());
  };
  EXPECT_EQ(names("position", 3, {"a", "b", "c", "d"}), (Names{"a", "b", "c"}));
  EXPECT_EQ(names("position", 3, {"a", "b"}), (Names{"a", "b"}));
  EXPECT_EQ(names("position", 3, {"", ""}), Names());
  EXPECT_EQ(names("position[1:3]", 2, {"a", "b", "c"}), (Names{"b", "c"}));
  EXPECT_EQ(names("position[2]", 1, {"a", "b", "c"}), (Names{"c"}));
  EXPECT_EQ(names("header.stamp.sec", 1, {"a"}), Names());
  EXPECT_TRUE(may_name_elements(*definition, field("effort[0:2]")));
  EXPECT_FALSE(may_name_elements(*definition, field("header.seq")));
  EXPECT_FALSE(may_name_elements(*definition, field("no_such")));
  const std::string huge(300 << 10, 'x');
  EXPECT_FALSE(element_names(*definition, field("position", 1), joint_state({huge}, 1).bytes()).ok());
  // A number that stands beside an array of names is none of its elements.
  const auto other = *parse_ros1_definition("t/T", "string[] name\nfloat64 temperature\n");
  EXPECT_FALSE(may_name_elements(*other, field("temperature")));
}

TEST(NumberExtractor, EntersArraysOfMessages) {
  const std::string text =
      std::string("Pose[] poses\nint8 last\n") + kLine + "MSG: t/Pose\nstring id\nfloat64 x\nfloat64[2] yz\n";
  MessageBytes message;
  message.put<std::uint32_t>(4);
  for (int i = 0; i < 4; ++i)
    message.text(std::string(static_cast<std::size_t>(i), 'p')).put(i + 0.5).put(i * 10.0).put(i * 100.0);
  message.put<std::int8_t>(-7);
  const auto get = [&](std::vector<NumberSelection> selections) {
    return run("t/T", text, std::move(selections), message.bytes());
  };
  EXPECT_EQ(get({field("poses[2].x")}).values, (Values{2.5}));
  EXPECT_EQ(get({field("poses[1:4].x"), field("last")}).values, (Values{1.5, 2.5, 3.5, -7}));
  EXPECT_EQ(get({field("poses[3].yz[0:2]"), field("poses[0].x"), field("poses[0:2].yz[1]")}).values,
            (Values{30, 300, 0.5, 0, 100}));
  EXPECT_EQ(get({field("poses.x", 4)}).values, (Values{0.5, 1.5, 2.5, 3.5}));
  EXPECT_EQ(get({field("poses.x", 3)}).error, "array `poses` has 4 elements, 3 are expected");
  EXPECT_EQ(get({field("poses[3:5].x")}).error, "array `poses` has 4 elements, at least 5 are expected");
  EXPECT_EQ(get({field("poses.x")}).error, "compile: field path `poses.x`: `poses` is an array: give an index or a range");
  EXPECT_EQ(get({field("poses[0:2].yz")}).error,
            "compile: field path `poses[0:2].yz`: only one step may select more than one element");
}

TEST(NumberExtractor, EntersFixedArraysOfMessages) {
  const std::string text = std::string("Cell[5] cells\nint8 last\n") + kLine + "MSG: t/Cell\nuint16 a\nuint16 b\n";
  MessageBytes message;
  for (std::uint16_t i = 0; i < 5; ++i) message.put<std::uint16_t>(i).put<std::uint16_t>(static_cast<std::uint16_t>(100 + i));
  message.put<std::int8_t>(9);
  EXPECT_EQ(run("t/T", text, {field("cells.b"), field("cells[3].a"), field("last")}, message.bytes()).values,
            (Values{100, 101, 102, 103, 104, 3, 9}));
  EXPECT_EQ(compile_error("t/T", text, {field("cells[3:6].a")}),
            "field path `cells[3:6].a`: `cells` has 5 elements, the range ends at 6");
}

TEST(NumberExtractor, StepsOverEverything) {
  const std::string text =
      std::string(
          "string[] a\nstring[2] b\nPart[] c\nPart[2] d\nEmpty e\nEmpty[] f\nEmpty[3] g\nFlat[] h\nfloat64 wanted\n"
          "Part z\n") +
      kLine + "MSG: t/Part\nuint8[] x\nstring y\n" + kLine + "MSG: t/Empty\n" + kLine + "MSG: t/Flat\nint32 i\ntime t\n";
  const auto part = [](MessageBytes& m) { m.array<std::uint8_t>({1, 2, 3}).text("yy"); };
  MessageBytes message;
  message.texts({"one", ""}).text("x").text("").put<std::uint32_t>(2);
  for (int i = 0; i < 4; ++i) part(message);
  message.put<std::uint32_t>(4000000000u);  // empty messages: nothing to step over
  message.put<std::uint32_t>(2).raw(24).put(42.5);
  part(message);
  EXPECT_EQ(run("t/T", text, {field("wanted")}, message.bytes()).values, (Values{42.5}));
}

TEST(NumberExtractor, CountsThatLieEndAtOnce) {
  const std::string empties = std::string("Empty[] e\nfloat64 x\n") + kLine + "MSG: t/Empty\n";
  EXPECT_EQ(run("t/T", empties, {field("x")}, MessageBytes().put<std::uint32_t>(0xffffffffu).put(1.0).bytes()).values,
            (Values{1}));
  const std::string nested = std::string("A[] a\nfloat64 x\n") + kLine + "MSG: t/A\nB[] b\n" + kLine + "MSG: t/B\nC[] c\n" +
                             kLine + "MSG: t/C\nint8[] d\n";
  EXPECT_NE(run("t/T", nested, {field("x")}, MessageBytes().put<std::uint32_t>(0xffffffffu).raw(64, 0xff).bytes()).error, "");
  EXPECT_NE(run("t/T", nested, {field("x")}, MessageBytes().put<std::uint32_t>(0xffffffffu).raw(64).bytes()).error, "");
  EXPECT_NE(run("t/T", "float64[] v\n", {field("v[0]")}, MessageBytes().put<std::uint32_t>(0xffffffffu).raw(8).bytes()).error,
            "");
  EXPECT_NE(run("t/T", "string s\nint8 x\n", {field("x")}, MessageBytes().put<std::uint32_t>(0xffffffffu).raw(8).bytes()).error,
            "");
}

TEST(NumberExtractor, ElementsFarOutDoNotWrapRound) {
  // 4 GB an element times an index of 4 billion: beyond 2^63.
  const std::string text = std::string("Big[] b\nBig2[] c\nint8 d\n") + kLine + "MSG: t/Big\nuint8[4000000000] x\n" + kLine +
                           "MSG: t/Big2\nuint8[4000000000] x\n";
  const MessageBytes message = MessageBytes().put<std::uint32_t>(0xfffffffeu).raw(100);
  EXPECT_NE(run("t/T", text, {field("b[4294967290].x[0]"), field("c[4294967290].x[7]")}, message.bytes()).error, "");
}

TEST(NumberExtractor, ErrorsSayWhatIsThere) {
  const std::string type = "sensor_msgs/JointState";
  EXPECT_EQ(compile_error(type, kJointState, {field("positon[0:2]")}),
            "field path `positon[0:2]`: no field `positon` in sensor_msgs/JointState; did you mean `position`?");
  EXPECT_EQ(compile_error(type, kJointState, {field("zz")}),
            "field path `zz`: no field `zz` in sensor_msgs/JointState; known: header, name, position, velocity, effort");
  EXPECT_EQ(compile_error(type, kJointState, {field("name[0]")}),
            "field path `name[0]`: `name` of sensor_msgs/JointState is a string, not a number");
  EXPECT_EQ(compile_error(type, kJointState, {field("header")}),
            "field path `header`: `header` is a std_msgs/Header; name one of its fields, such as `header.seq`");
  EXPECT_EQ(compile_error(type, kJointState, {field("header[0].seq")}), "field path `header[0].seq`: `header` is no array");
  EXPECT_EQ(compile_error(type, kJointState, {field("position.x")}),
            "field path `position.x`: `position` is a float64 and has no field `x`");
  EXPECT_EQ(compile_error("t/T", "float64[3] v\n", {field("v[2:4]")}),
            "field path `v[2:4]`: `v` has 3 elements, the range ends at 4");
  EXPECT_EQ(compile_error("t/T", "float64 v\n", {field("v[0]")}), "field path `v[0]`: `v` is no array");
}

TEST(NumberExtractor, SelectionsHaveALimit) {
  EXPECT_NE(compile_error("t/T", "float64[] v\n", {field("v[0:4000000000]")}), "compiled");
  const std::string text = std::string("P[] p\n") + kLine + "MSG: t/P\nfloat64 x\nstring s\n";
  EXPECT_NE(compile_error("t/T", text, {field("p[0:4000000000].x")}), "compiled");
  EXPECT_NE(compile_error("t/T", text, {field("p[0:200000].x")}), "compiled");
  EXPECT_EQ(compile_error("t/T", text, {field("p[0:2000].x")}), "compiled");
}

TEST(NumberExtractor, ManySlotsGoToTheHeap) {
  const std::string text = std::string("P[] p\n") + kLine + "MSG: t/P\nfloat64 x\nstring s\n";
  MessageBytes message;
  message.put<std::uint32_t>(100);
  for (double v : counting(100)) message.put(v).text("s");
  EXPECT_EQ(run("t/T", text, {field("p[0:100].x")}, message.bytes()).values, counting(100));
}

TEST(NumberExtractor, KeepsNonFiniteNumbers) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const Outcome outcome = run("t/T", "float64[2] v\n", {field("v")}, MessageBytes().put(nan).put(infinity).bytes());
  EXPECT_TRUE(outcome.values[0] != outcome.values[0]);
  EXPECT_EQ(outcome.values[1], infinity);
}

TEST(NumberExtractor, NoSelectionStillChecksTheMessage) {
  EXPECT_EQ(run("t/T", "string s\n", {}, MessageBytes().text("abc").bytes()).error, "");
  EXPECT_NE(run("t/T", "string s\n", {}, MessageBytes().text("abc").raw(1).bytes()).error, "");
}

TEST(NumberExtractor, ATooShortOutputIsOurMistake) {
  const auto extractor = compile("t/T", "float64 x\n", {field("x")});
  ASSERT_TRUE(extractor.ok());
  const Status status = extractor->run(MessageBytes().put(1.0).bytes(), {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::internal);
}

}  // namespace
}  // namespace bagloom::msg
