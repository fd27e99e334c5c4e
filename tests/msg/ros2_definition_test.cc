#include <gtest/gtest.h>

#include "cdr_bytes.h"
#include "msg/definition.h"
#include "msg/definition_set.h"

namespace bagloom::msg {
namespace {

constexpr const char* kLine = "================================================================================\n";

using Parse = Result<std::shared_ptr<const Definition>> (*)(std::string_view, std::string_view);

std::string shown(const MessageType& type) {
  std::string text = type.name + "{";
  for (const Field& field : type.fields) {
    text += field.message != nullptr ? shown(*field.message) : std::string(name_of(field.primitive));
    if (field.array == ArrayKind::variable) text += "[]";
    if (field.array == ArrayKind::fixed) text += "[" + std::to_string(field.length) + "]";
    text += " " + field.name + ";";
  }
  return text + "}";
}
std::string shown(Parse parse, std::string_view type, std::string_view text) {
  const auto definition = parse(type, text);
  return definition.ok() ? shown(*(*definition)->root) : definition.error().text();
}
std::string ros2(std::string_view text, std::string_view type = "t/msg/T") { return shown(parse_ros2_definition, type, text); }
std::string idl(std::string_view text, std::string_view type = "t/msg/T") { return shown(parse_ros2_idl, type, text); }

TEST(Ros2Definition, KnowsPrimitivesBoundsAndDefaults) {
  EXPECT_EQ(
      ros2("bool a true\nbyte b\nchar c 'x'\nfloat64[3] d [1.0, 2.0, 3.0]\nstring e \"a # = b\" # c\nstring<=5 f\n"
           "wstring<=7 g\nint32[<=4] h\nstring<=10[<=5] i ['a', \"b\"]\nint16 J=5\nstring<=9 K = \"x # y\"\nstring L='a=b'\n"
           "uint8 m 5#no\n"),
      "t/T{bool a;uint8 b;uint8 c;float64[3] d;string e;string f;wstring g;int32[] h;string[] i;uint8 m;}");
}

TEST(Ros2Definition, TypesComeInThreeForms) {
  const std::string sections =
      std::string(kLine) + "MSG: a/msg/A\nint8 x\nB b\n\n" + kLine + "\nMSG: a/B\nint8 y\n" + kLine + "MSG: t/C\n";
  EXPECT_EQ(ros2("a/msg/A one\na/A[2] two\nC three\n" + sections),
            "t/T{a/A{int8 x;a/B{int8 y;} b;} one;a/A{int8 x;a/B{int8 y;} b;}[2] two;t/C{} three;}");
  EXPECT_EQ(ros2("int8 x\n", "t/T"), "t/T{int8 x;}");
  // Some writers name the top-level type's section too.
  EXPECT_EQ(ros2(std::string(kLine) + "MSG: t/msg/T\nint8 x\n"), "t/T{int8 x;}");
}

TEST(Ros2Definition, TimesAreTimes) {
  EXPECT_EQ(ros2(std::string("std_msgs/Header header\nbuiltin_interfaces/msg/Duration d\n") + kRos2Header),
            "t/T{std_msgs/Header{time stamp;string frame_id;} header;duration d;}");
  EXPECT_EQ(ros2("Time t\n", "builtin_interfaces/msg/Pair"), "builtin_interfaces/Pair{time t;}");
  EXPECT_EQ(ros2("int32 sec\nuint32 nanosec\n", "builtin_interfaces/msg/Time"),
            "builtin_interfaces/Time{int32 sec;uint32 nanosec;}");
  EXPECT_EQ(ros2(std::string("builtin_interfaces/Time t\n") + kLine + "MSG: builtin_interfaces/Time\nint64 ns\n"),
            "t/T{builtin_interfaces/Time{int64 ns;} t;}");
}

TEST(Ros2Definition, ErrorsSayTheLine) {
  EXPECT_EQ(ros2("int8 x\na/B b\n"),
            "type t/msg/T: definition line 2: type a/B of field t/T.b is not in the definition; "
            "give a folder of .msg files with --msg-path DIR");
  EXPECT_EQ(ros2("int8\n"), "type t/msg/T: definition line 1 `int8`: expected TYPE NAME");
  EXPECT_EQ(ros2("int8 5\n"), "type t/msg/T: definition line 1 `int8 5`: expected TYPE NAME");
  EXPECT_EQ(ros2("int8[x] a\n"), "type t/msg/T: definition line 1 `int8[x] a`: an array's length must be a number");
  EXPECT_EQ(ros2("int8[<=] a\n"), "type t/msg/T: definition line 1 `int8[<=] a`: an array's length must be a number");
  EXPECT_EQ(ros2("int8[5000000000] a\n"),
            "type t/msg/T: definition line 1 `int8[5000000000] a`: an array longer than any message");
  EXPECT_EQ(ros2("int8<=5 a\n"), "type t/msg/T: definition line 1 `int8<=5 a`: only strings have a bound, and it is a number");
  EXPECT_EQ(ros2("a/b/C c\n"), "type t/msg/T: definition line 1 `a/b/C c`: not a type's name");
  EXPECT_EQ(ros2("int8 a\n---\nint8 b\n"), "type t/msg/T: definition line 2 `---`: expected TYPE NAME");
  EXPECT_EQ(ros2("T t\n"), "type t/msg/T: definition line 1: type t/T contains itself");
  EXPECT_EQ(ros2(std::string("A a\n") + kLine + "MSG: t/A\nT t\n"), "type t/msg/T: definition line 4: type t/T contains itself");
}

TEST(Ros2Idl, ReadsWhatRosWrites) {
  const std::string text =
      std::string(kLine) +
      "IDL: t/msg/T\n"
      "// generated from rosidl_adapter/resource/msg.idl.em\n"
      "#include \"a/msg/A.idl\"\n\n"
      "module t {\n  module msg {\n"
      "    module T_Constants {\n      const uint8 STATUS_OK = 0;\n"
      "      @verbatim (language=\"comment\", text=\"a ; } b\" \"\\n\" \"c\")\n"
      "      const string NAME = \"x\";\n    };\n"
      "    typedef double double__9[9];\n"
      "    typedef sequence<float, 4> few;\n"
      "    enum Colour { RED, @value(5) GREEN };\n"
      "    /* struct Old { long x; }; */\n"
      "    @verbatim (language=\"comment\", text=\n      \"what\")\n"
      "    struct T {\n"
      "      @unit (value=\"m\") double x;\n"
      "      @default (value=TRUE)\n      boolean on, off;\n"
      "      double__9 k;\n      few f;\n      sequence<a::msg::A> as;\n      sequence<octet> data;\n"
      "      unsigned short us; short s; unsigned long ul; long l; unsigned long long ull; long long ll;\n"
      "      string<5> name; wstring wide; char c; int8 i8; uint64 u64; Colour colour; msg::few more;\n"
      "      builtin_interfaces::msg::Time stamp;\n      int16 grid[2][3];\n    };\n  };\n};\n\n" +
      kLine + "IDL: a/msg/A\nmodule a { module msg { struct A { @key uint8 structure_needs_at_least_one_member; }; }; };\n" +
      kLine +
      "IDL: builtin_interfaces/msg/Time\nmodule builtin_interfaces { module msg { struct Time { int32 sec; uint32 "
      "nanosec; }; }; };\n";
  EXPECT_EQ(
      idl(text),
      "t/T{float64 x;bool on;bool off;float64[9] k;float32[] f;a/A{uint8 structure_needs_at_least_one_member;}[] as;uint8[] data;"
      "uint16 us;int16 s;uint32 ul;int32 l;uint64 ull;int64 ll;string name;wstring wide;uint8 c;int8 i8;uint64 u64;uint32 colour;"
      "float32[] more;time stamp;int16[6] grid;}");
  EXPECT_EQ(idl(text, "a/A"), "a/A{uint8 structure_needs_at_least_one_member;}");
}

TEST(Ros2Idl, ConstantsBoundArrays) {
  EXPECT_EQ(idl("module t{module msg{const long N = 3; const long M = 1 + 2; struct T{double a[N]; string<N> s; sequence<long,N> "
                "q;};};};"),
            "t/T{float64[3] a;string s;int32[] q;}");
  EXPECT_EQ(idl("module t{module msg{const long M = 1 + 2; struct T{double a[M];};};};"),
            "type t/msg/T: definition line 1: `M` is no constant number, found `]`");
}

TEST(Ros2Idl, ErrorsSayTheLine) {
  const auto member = [](const std::string& declaration) {
    return idl("module t { module msg {\nstruct T {\n" + declaration + "\n}; }; };");
  };
  EXPECT_EQ(member("long x;"), "t/T{int32 x;}");
  EXPECT_EQ(member("long double x;"), "type t/msg/T: definition line 3: long double is not supported, found `double`");
  EXPECT_EQ(member("sequence<sequence<long>> x;"),
            "type t/msg/T: definition line 3: a sequence of sequences is not supported, found `sequence`");
  EXPECT_EQ(
      member("@optional long x;"),
      "type t/msg/T: definition line 3: annotation `optional`, which changes the bytes, is not supported, found `optional`");
  EXPECT_EQ(member("map<long, long> x;"), "type t/msg/T: definition line 3: expected a name, found `<`");
  EXPECT_EQ(member("u::V x;"),
            "type t/msg/T: definition line 3: type u/V of field t/T.x is not in the definition; "
            "give a folder of .msg files with --msg-path DIR");
  EXPECT_EQ(member("long x; /* "), "type t/msg/T: definition line 3 `/*`: a comment without end");
  EXPECT_EQ(member("long x \""), "type t/msg/T: definition line 3 `\"`: a literal without end");
  EXPECT_EQ(idl("module t { module msg { struct T { long x; }; };"),
            "type t/msg/T: definition line 1: a module without end, found the end");
  EXPECT_EQ(idl("struct Other { long x; };"), "type t/msg/T: the definition has no struct t/T");
  EXPECT_EQ(idl("module t{module msg{union U switch(long){case 0: long a;}; struct T{U u;};};};"),
            "type t/msg/T: definition line 1: type U of field t/T.u is not in the definition; "
            "give a folder of .msg files with --msg-path DIR");
  EXPECT_EQ(idl("module t{module msg{typedef sequence<long> l; struct T{sequence<l> u;};};};"),
            "type t/msg/T: definition line 1: a sequence of arrays is not supported");
  EXPECT_EQ(idl("module t{module msg{typedef a b; typedef b a; struct T{a u;};};};"),
            "type t/msg/T: definition line 1: typedef of a typedef, too often");
}

// Definitions made to take long: the time and memory that they take stay in proportion (the test would not end, or be killed).
TEST(Ros2Definition, HostileDefinitionsEndInErrors) {
  std::string deep = "T0 t\n", wide, modules, arrays = "A a\n";
  for (int i = 0; i < 10000; ++i)
    deep += std::string("====\nMSG: t/T") + std::to_string(i) + "\nT" + std::to_string(i + 1) + " t\n";
  EXPECT_EQ(ros2(deep), "type t/msg/T: types nest deeper than 64");
  for (int i = 0; i < 10000; ++i) modules += "module m" + std::to_string(i) + " {";
  EXPECT_NE(idl(modules).find("modules nest too deep"), std::string::npos);
  std::string aliases = "module t { module msg { typedef long a0;";
  for (int i = 0; i < 10000; ++i) aliases += "typedef a" + std::to_string(i) + " a" + std::to_string(i + 1) + ";";
  EXPECT_NE(idl(aliases + "struct T { a10000 x; }; }; };").find("typedef of a typedef"), std::string::npos);
  EXPECT_EQ(ros2(std::string((4u << 20) + 1, '\n')), "type t/msg/T: a definition of more than 4 MiB");
  EXPECT_EQ(idl(std::string((4u << 20) + 1, '\n')), "type t/msg/T: a definition of more than 4 MiB");
  EXPECT_NE(idl("module " + std::string(1 << 20, 'x') + " {").find("expected a name"), std::string::npos);
  std::string brackets(1 << 20, '(');
  EXPECT_NE(idl("@a" + brackets).find("a bracket without end"), std::string::npos);
  // 64 levels of arrays of 2: more bytes than any message.
  for (int i = 0; i < 60; ++i)
    arrays += std::string("====\nMSG: t/") + (i == 0 ? "A" : "A" + std::to_string(i)) + "\nA" + std::to_string(i + 1) + "[2] t\n";
  arrays += "====\nMSG: t/A60\nuint8 x\n";
  EXPECT_NE(ros2(arrays).find("would need more bytes than any message has"), std::string::npos);
}

TEST(Ros2Definition, EncodingsChooseTheParser) {
  const auto parsed = [](std::string_view text, std::string_view encoding, std::string_view messages) {
    const auto definition = parse_definition({"t/msg/T", text, encoding, messages}, builtin_definitions());
    return definition.ok() ? shown(*(*definition)->root) : definition.error().text();
  };
  EXPECT_EQ(parsed("byte x\n", "ros2msg", "cdr"), "t/T{uint8 x;}");
  EXPECT_EQ(parsed("module t{module msg{struct T{octet x;};};};", "ros2idl", "cdr"), "t/T{uint8 x;}");
  EXPECT_EQ(parsed("x", "flatbuffer", "flatbuffer"), "messages of encoding flatbuffer, defined as flatbuffer");
  EXPECT_EQ(shown(*(*parse_definition({"t/T", "byte x\n", "ros1msg", "ros1"}, builtin_definitions()))->root), "t/T{int8 x;}");
  EXPECT_EQ((*parse_definition({"t/T", "byte x\n", "ros1msg", "cdr"}, builtin_definitions()))->wire, Wire::ros1_or_cdr);
}

}  // namespace
}  // namespace bagloom::msg
