#include <gtest/gtest.h>

#include "recipe/recipe.h"

namespace bagloom::recipe {
namespace {

const std::string kFeatures =
    "features:\n"
    "  observation.state:\n"
    "    vector:\n"
    "      - {topic: /s, field: \"q[0:2]\"}\n";

Recipe parsed(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  auto recipe = parse_recipe("r.yaml", yaml, overrides);
  EXPECT_TRUE(recipe.ok()) << recipe.error().text() << "\n" << yaml;
  return recipe.ok() ? *recipe : Recipe{};
}
std::string error_of(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  const auto recipe = parse_recipe("r.yaml", yaml, overrides);
  if (recipe.ok()) return "parsed";
  EXPECT_EQ(recipe.error().kind(), ErrorKind::invalid);
  return recipe.error().text();
}
/// One part of a vector on its own line, 5.
std::string with_part(const std::string& part, const std::string& feature = "observation.state") {
  return "features:\n  " + feature + ":\n    vector:\n      -\n        {" + part + "}\n";
}
std::string with_camera(const std::string& keys) { return "features:\n  observation.images.a: {camera: /c, " + keys + "}\n"; }

TEST(ParseRecipe, DefaultsAreThoseOfTheIssue) {
  const Recipe recipe =
      parsed(kFeatures + "  action:\n    vector:\n      - {topic: /a, field: x}\n  observation.images.c: {camera: /c}\n");
  EXPECT_EQ(recipe.robot, "unknown");
  EXPECT_EQ(recipe.fps, 10u);
  EXPECT_EQ(recipe.task, "unspecified task");
  EXPECT_EQ(recipe.timeline, Timeline{});
  EXPECT_EQ(recipe.gaps.hold, 200'000'000);
  EXPECT_EQ(recipe.gaps.longer, LongGap::reject);
  EXPECT_EQ(recipe.gaps.min_rows, 2u);
  EXPECT_EQ(recipe.non_finite, NonFinite::gap);
  EXPECT_EQ(recipe.video.codec, "h264");
  EXPECT_EQ(recipe.video.crf, 24);
  ASSERT_EQ(recipe.features.size(), 3u);
  const VectorPart& state = recipe.features[0].vector->parts[0];
  EXPECT_EQ(state.match, Match::nearest);
  EXPECT_EQ(state.tolerance.kind, Tolerance::Kind::state);
  EXPECT_EQ(state.width, 2u);
  EXPECT_EQ(state.names, (std::vector<std::string>{"q_0", "q_1"}));
  EXPECT_EQ(state.scale, 1.0);
  EXPECT_EQ(state.offset, 0.0);
  const VectorPart& action = recipe.features[1].vector->parts[0];
  EXPECT_EQ(action.match, Match::hold);
  EXPECT_EQ(action.tolerance.kind, Tolerance::Kind::none);
  EXPECT_EQ(action.width, 1u);
  EXPECT_EQ(action.names, std::vector<std::string>{"x"});
  const CameraFeature& camera = *recipe.features[2].camera;
  EXPECT_EQ(camera.width, 0u);
  EXPECT_EQ(camera.filter, Filter::automatic);
  EXPECT_EQ(camera.fit, Fit::none);
  EXPECT_EQ(camera.match, Match::nearest);
  EXPECT_EQ(camera.tolerance.kind, Tolerance::Kind::period);
  EXPECT_FALSE(camera.tolerate_warnings);
}

TEST(ParseRecipe, ReadsEveryKey) {
  const Recipe recipe = parsed(
      "robot: r2\nfps: 25\ntask: \"Pick: place\"\nclock: receive\n"
      "timeline: {topic: /c, every: 3, drop_start: 0.5, drop_end: 250ms}\n"
      "features:\n"
      "  observation.images.a:\n    camera: /c\n    size: 640x480\n    filter: area\n    fit: pad\n    match: hold\n    "
      "tolerance: 33ms\n"
      "    tolerate: [warnings]\n"
      "  observation.state:\n    vector:\n      - topic: /s\n        field: data.q\n        select: [b, a]\n        names: [B, "
      "A]\n"
      "        scale: -2.5\n        offset: 1e-3\n        match: hold\n        tolerance: period\n"
      "gaps: {hold: 0, longer: split, min_rows: 10}\nnon_finite: keep\nvideo: {codec: av1, crf: 40}\n");
  EXPECT_EQ(recipe.robot, "r2");
  EXPECT_EQ(recipe.fps, 25u);
  EXPECT_EQ(recipe.task, "Pick: place");
  EXPECT_EQ(recipe.timeline, (Timeline{"/c", 3, 500'000'000, 250'000'000}));
  EXPECT_EQ(*recipe.features[0].camera,
            (CameraFeature{"/c", 640, 480, Filter::area, Fit::pad, true, Match::hold,
                           Tolerance{Tolerance::Kind::fixed, 33'000'000}, Storage::video, std::nullopt}));
  const VectorPart& part = recipe.features[1].vector->parts[0];
  EXPECT_EQ(part.field.text, "data.q");
  EXPECT_EQ(part.select, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(part.names, (std::vector<std::string>{"B", "A"}));
  EXPECT_EQ(part.width, 2u);
  EXPECT_EQ(part.scale, -2.5);
  EXPECT_EQ(part.offset, 1e-3);
  EXPECT_EQ(part.match, Match::hold);
  EXPECT_EQ(part.tolerance.kind, Tolerance::Kind::period);
  EXPECT_EQ(recipe.gaps, (Gaps{0, LongGap::split, 10}));
  EXPECT_EQ(recipe.non_finite, NonFinite::keep);
  EXPECT_EQ(recipe.video, (Video{"av1", 40}));
}

TEST(ParseRecipe, UnknownKeysAreNamedWithTheNearest) {
  EXPECT_EQ(error_of("fsp: 10\n" + kFeatures), "r.yaml:1:1: unknown key `fsp` in the recipe; did you mean `fps`?");
  EXPECT_EQ(error_of(kFeatures + "gaps: {hodl: 1}\n"), "r.yaml:5:8: unknown key `hodl` in `gaps`; did you mean `hold`?");
  EXPECT_EQ(error_of(with_part("topic: /s, field: q, tolerence: 1")),
            "r.yaml:5:31: unknown key `tolerence` in a vector's part; did you mean `tolerance`?");
  EXPECT_EQ(error_of(with_camera("sise: own")), "r.yaml:2:38: unknown key `sise` in a camera; did you mean `size`?");
  EXPECT_EQ(error_of("features:\n  a: {camra: /c}\n"), "r.yaml:2:7: unknown key `camra` in feature `a`; did you mean `camera`?");
}

TEST(ParseRecipe, WrongTypesSayWhatWasExpected) {
  EXPECT_EQ(error_of("fps: fast\n" + kFeatures), "r.yaml:1:6: `fps`: expected a whole number from 1 to 1000, found `fast`");
  for (const char* fps : {"0", "1001", "-5", "2.5", "\"10\"", "[10]", "", "10x", "99999999999999999999"}) {
    EXPECT_NE(error_of(std::string("fps: ") + fps + "\n" + kFeatures), "parsed") << fps;
  }
  EXPECT_EQ(error_of("robot: [a]\n" + kFeatures), "r.yaml:1:8: `robot`: expected text, found a list");
  EXPECT_EQ(error_of("task: ''\n" + kFeatures), "r.yaml:1:7: `task` is empty");
  EXPECT_EQ(error_of("task: \"a\\nb\"\n" + kFeatures), "r.yaml:1:7: `task`: expected one line without control characters");
  EXPECT_EQ(error_of("clock: header\n" + kFeatures),
            "r.yaml:1:8: `clock`: expected receive, found `header`; receive is the only clock of this version");
  EXPECT_EQ(error_of("gaps: 5\n" + kFeatures), "r.yaml:1:7: `gaps`: expected a map, found `5`");
  EXPECT_EQ(error_of("robot: x\nfps:\n\n# later\ntask: y\n" + kFeatures),
            "r.yaml:2:1: `fps`: expected a whole number from 1 to 1000, found nothing");
  EXPECT_EQ(error_of("robot: x\nfps:"), "r.yaml:2:1: `fps`: expected a whole number from 1 to 1000, found nothing");
  EXPECT_EQ(error_of("fps: ~  # later\n" + kFeatures),
            "r.yaml:1:6: `fps`: expected a whole number from 1 to 1000, found nothing");
  EXPECT_EQ(error_of(kFeatures + "gaps:\n  hold:   # seconds\n  longer: reject\n"),
            "r.yaml:6:3: `hold`: expected seconds such as 0.2, or 33ms, found nothing");
  EXPECT_EQ(error_of(kFeatures + "gaps: {hold: , longer: reject}\n"),
            "r.yaml:5:14: `hold`: expected seconds such as 0.2, or 33ms, found nothing");
  EXPECT_EQ(
      error_of("features:\n  observation.images.a:\n    camera: /c\n    tolerate:\n      - warnings\n      -\n    size: own\n"),
      "r.yaml:6:7: `tolerate`: expected warnings, found nothing");
  EXPECT_EQ(error_of("- a\n- b\n"), "r.yaml:1:1: the recipe: expected a map, found a list");
  EXPECT_EQ(error_of("features: []\n"), "r.yaml:1:11: `features`: expected a map of features, found a list");
  EXPECT_EQ(error_of("features: {}\n"), "r.yaml:1:11: `features`: expected a map of features, found none");
  EXPECT_EQ(error_of("fps: 10\n"), "r.yaml:1:1: the recipe has no `features`");
  EXPECT_NE(error_of(""), "parsed");
  EXPECT_EQ(error_of(with_part("topic: /s, field: q, scale: big")),
            "r.yaml:5:38: `scale`: expected a finite number, found `big`");
  for (const char* scale : {"inf", "nan", "\"2\"", "1e999", "[1]"}) {
    EXPECT_NE(error_of(with_part(std::string("topic: /s, field: q, scale: ") + scale)), "parsed") << scale;
  }
}

TEST(ParseRecipe, TimelineIsATopicOrUniform) {
  EXPECT_EQ(parsed(kFeatures + "timeline: uniform\n").timeline, Timeline{});
  EXPECT_EQ(parsed(kFeatures + "timeline: {uniform: true, drop_start: 2}\n").timeline, (Timeline{"", 1, 2 * kNsPerSecond, 0}));
  EXPECT_EQ(parsed(kFeatures + "timeline: {topic: uniform}\n").timeline.topic, "uniform");
  EXPECT_EQ(error_of(kFeatures + "timeline: {every: 3}\n"), "r.yaml:5:11: `timeline` needs `topic` (or `uniform: true`)");
  EXPECT_EQ(error_of(kFeatures + "timeline: {uniform: true, topic: /c}\n"),
            "r.yaml:5:34: `timeline`: `topic` and `uniform` cannot stand together");
  EXPECT_EQ(error_of(kFeatures + "timeline: {uniform: true, every: 2}\n"),
            "r.yaml:5:34: `timeline`: `every` needs a `topic`; a uniform timeline has the rate `fps`");
  EXPECT_EQ(error_of(kFeatures + "timeline: {uniform: maybe}\n"),
            "r.yaml:5:21: `uniform`: expected true or false, found `maybe`");
  EXPECT_NE(error_of(kFeatures + "timeline: {topic: /c, every: 0}\n"), "parsed");
  EXPECT_NE(error_of(kFeatures + "timeline: {topic: /c, drop_start: -1}\n"), "parsed");
  EXPECT_NE(error_of(kFeatures + "timeline: often\n"), "parsed");
}

TEST(ParseRecipe, SizesAreEvenAndBounded) {
  EXPECT_EQ(parsed(with_camera("size: 16384x16")).features[0].camera->width, 16384u);
  for (const char* size : {"641x480", "640x481", "16386x480", "14x480", "640", "640x", "x480", "640X480", "640x480x3", "-640x480",
                           "big", "[640, 480]", "0x0"}) {
    EXPECT_NE(error_of(with_camera(std::string("size: ") + size)), "parsed") << size;
  }
  EXPECT_EQ(error_of(with_camera("size: 641x480")),
            "r.yaml:2:44: `size`: expected own, or a size such as 640x480 (even numbers from 16 to 16384), found `641x480`");
  EXPECT_EQ(error_of(with_camera("tolerate: [everything]")), "r.yaml:2:49: `tolerate`: expected warnings, found `everything`");
  EXPECT_EQ(error_of(with_camera("filter: lanczos")),
            "r.yaml:2:46: `filter`: expected auto, area, bicubic or bilinear, found `lanczos`");
}

TEST(ParseRecipe, FeatureNamesFollowLeRobot) {
  const auto named = [](const std::string& name) { return "features:\n  \"" + name + "\": {vector: [{topic: /s, field: x}]}\n"; };
  for (const char* name :
       {"observation/state", "a\\\\b", "observation.image_features", "timestamp", "frame_index", "episode_index", "index",
        "task_index", "task", "dataset_index", "x_is_pad", ".a", "a.", "a..b", " a"}) {
    EXPECT_NE(error_of(named(name)), "parsed") << name;
  }
  EXPECT_EQ(error_of(named("observation.image_features")),
            "r.yaml:2:3: feature `observation.image_features`: LeRobot takes every feature with `image` in its name for "
            "pictures; a vector "
            "needs another name");
  EXPECT_EQ(error_of(named("observation.state")), "parsed");
  EXPECT_EQ(error_of("features:\n  images: {camera: /c}\n"), "parsed");
  EXPECT_NE(error_of("features:\n  a/b: {camera: /c}\n"), "parsed");
}

TEST(ParseRecipe, DuplicatesAreErrors) {
  EXPECT_EQ(error_of("fps: 10\nfps: 20\n" + kFeatures), "r.yaml:2:1: `fps` stands here twice");
  EXPECT_EQ(error_of(kFeatures + "  observation.state: {camera: /c}\n"), "r.yaml:5:3: `observation.state` stands here twice");
  EXPECT_EQ(error_of("features:\n  s:\n    vector:\n      - {topic: /a, field: x}\n      - {topic: /b, field: x}\n"),
            "r.yaml:5:9: `x` names two elements of this feature; give `names`");
}

TEST(ParseRecipe, RangesSelectAndNamesAgree) {
  EXPECT_EQ(error_of(with_part("topic: /s, field: \"q[0:3]\", names: [a, b]")),
            "r.yaml:5:45: `names`: 2 names for 3 numbers (`q[0:3]`)");
  EXPECT_EQ(error_of(with_part("topic: /s, field: q, select: [a, b], names: [x]")),
            "r.yaml:5:54: `names`: 1 names for 2 numbers (`select`)");
  EXPECT_EQ(error_of(with_part("topic: /s, field: \"q[0:2]\", select: [a, b]")),
            "r.yaml:5:28: `field`: a range and `select` cannot stand together: drop the range");
  EXPECT_EQ(error_of(with_part("topic: /s, field: q, select: [a, a]")), "r.yaml:5:39: `select`: a name stands twice");
  EXPECT_EQ(error_of(with_part("topic: /s, field: \"q[2:1]\"")),
            "r.yaml:5:28: `field`: field path `q[2:1]`: expected a range of at least one element, such as [2:3] (the end is "
            "exclusive) at column 3");
  EXPECT_EQ(error_of(with_part("topic: /s")), "r.yaml:5:9: a vector's part needs `field`");
  EXPECT_EQ(error_of(with_part("field: q")), "r.yaml:5:9: a vector's part needs `topic`");
  EXPECT_NE(error_of(with_part("topic: /s, field: \"q[0:70000]\"")), "parsed");
  EXPECT_EQ(parsed(with_part("topic: /s, field: q, names: [a, b, c]")).features[0].vector->parts[0].width, 3u);
  EXPECT_EQ(parsed(with_part("topic: /s, field: q, select: [a, b]")).features[0].vector->parts[0].names,
            (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parsed(with_part("topic: /s, field: \"a[2].q[3:5]\"")).features[0].vector->parts[0].names,
            (std::vector<std::string>{"q_3", "q_4"}));
  EXPECT_EQ(parsed(with_part("topic: /s, field: twist.linear.x")).features[0].vector->parts[0].names,
            std::vector<std::string>{"twist_linear_x"});
}

TEST(ParseRecipe, ToleranceFollowsMatch) {
  const auto tolerance = [](const std::string& keys, const std::string& feature) {
    return parsed(with_part("topic: /s, field: q" + keys, feature)).features[0].vector->parts[0].tolerance.kind;
  };
  EXPECT_EQ(tolerance("", "action.arm"), Tolerance::Kind::none);
  EXPECT_EQ(tolerance(", match: nearest", "action"), Tolerance::Kind::state);
  EXPECT_EQ(tolerance(", match: hold", "observation.state"), Tolerance::Kind::none);
  EXPECT_EQ(tolerance(", match: hold, tolerance: state", "observation.state"), Tolerance::Kind::state);
  EXPECT_EQ(error_of(with_part("topic: /s, field: q, tolerance: loose")),
            "r.yaml:5:42: `tolerance`: expected period, state, none, or a time such as 0.05 (seconds) or 33ms, found `loose`");
}

TEST(ParseRecipe, QualityHasTheCodecsRangeAndDefault) {
  EXPECT_EQ(parsed(kFeatures + "video: {codec: av1}\n").video.crf, 30);
  EXPECT_EQ(parsed(kFeatures + "video: {crf: 51}\n").video.crf, 51);
  EXPECT_EQ(error_of(kFeatures + "video: {crf: 52}\n"), "r.yaml:5:14: `crf`: expected a whole number from 0 to 51, found `52`");
  EXPECT_EQ(parsed(kFeatures + "video: {codec: av1, crf: 63}\n").video.crf, 63);
  EXPECT_NE(error_of(kFeatures + "video: {codec: av1, crf: 64}\n"), "parsed");
  EXPECT_EQ(error_of(kFeatures + "video: {codec: vp9}\n"), "r.yaml:5:16: `codec`: expected h264, av1 or copy, found `vp9`");
}

TEST(ParseRecipe, AFeatureIsACameraOrAVector) {
  EXPECT_NE(error_of("features: {a: {camera: /c, vector: []}}\n"), "parsed");
  EXPECT_NE(error_of("features: {a: {}}\n"), "parsed");
  EXPECT_NE(error_of("features: {a: 5}\n"), "parsed");
  EXPECT_NE(error_of("features: {a: {vector: []}}\n"), "parsed");
  EXPECT_NE(error_of("features: {a: {vector: {topic: /s, field: q}}}\n"), "parsed");
  EXPECT_NE(error_of("features: {a: {vector: [{topic: /s, field: q}], size: own}}\n"), "parsed");
}

TEST(ParseRecipe, StorageAndDepth) {
  const auto camera = [](const std::string& rules) {
    return *parsed("features:\n  observation.images.a: {" + rules + "}\n").features[0].camera;
  };
  EXPECT_EQ(camera("camera: /c, storage: image").storage, Storage::image);
  EXPECT_EQ(camera("camera: /c").storage, Storage::video);
  EXPECT_FALSE(camera("camera: /c").depth);
  EXPECT_EQ(*camera("depth: /d").depth, (DepthRules{0, 0.01, 10}));
  EXPECT_EQ(*camera("depth: /d, unit: mm, range: [0.2, 3.5]").depth, (DepthRules{0.001, 0.2, 3.5}));
  EXPECT_EQ(camera("depth: /d, unit: 0.00025").depth->unit, 0.00025);
  EXPECT_EQ(camera("depth: /d, unit: m").depth->unit, 1);
  EXPECT_EQ(
      error_of("features:\n  a: {depth: /d, filter: area}\n"),
      "r.yaml:2:18: unknown key `filter` in a depth camera; known: depth, unit, range, storage, size, fit, match, tolerance");
  EXPECT_EQ(error_of("features:\n  a: {depth: /d, storage: image, range: [0, 1]}\n"),
            "r.yaml:2:41: `range` belongs to storage: video; storage: image keeps all distances");
  for (const char* range : {"[0.2]", "[3, 1]", "[-1, 2]", "[0, 66]", "5", "[a, b]", "[1, 1]"}) {
    EXPECT_NE(error_of(std::string("features:\n  a: {depth: /d, range: ") + range + "}\n"), "parsed") << range;
  }
  for (const char* unit : {"cm", "0", "-1", "2"}) {
    EXPECT_NE(error_of(std::string("features:\n  a: {depth: /d, unit: ") + unit + "}\n"), "parsed") << unit;
  }
  EXPECT_NE(error_of("features:\n  a: {depth: /d, camera: /c}\n"), "parsed");
  EXPECT_NE(error_of("features:\n  a: {depth: /d, vector: []}\n"), "parsed");
  EXPECT_NE(error_of("features:\n  a: {camera: /c, storage: files}\n"), "parsed");
}

TEST(ParseRecipe, HostileYamlIsRefused) {
  EXPECT_NE(error_of(std::string(2u << 20, ' ')), "parsed");
  EXPECT_NE(error_of(std::string(100'000, '[')), "parsed");
  EXPECT_NE(error_of(std::string(100'000, '{')), "parsed");
  std::string dashes, nested, questions;
  for (int i = 0; i < 20'000; ++i) dashes += "- ";
  for (int i = 0; i < 20'000; ++i) questions += "? ";
  for (int i = 0; i < 500; ++i) nested += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(error_of(dashes), "r.yaml:1:65: nested deeper than 32");
  EXPECT_NE(error_of(questions), "parsed");
  EXPECT_EQ(error_of(nested), "r.yaml:33:33: nested deeper than 32");
  EXPECT_EQ(error_of("a: &x 1\nb: *x\n"), "r.yaml:2:4: aliases (`*name`) are not taken");
  EXPECT_EQ(error_of("a: !!int 5\n"), "r.yaml:1:4: tags (`!name`) are not taken");
  EXPECT_EQ(error_of("fps: 10\n---\nfps: 10\n"), "r.yaml:2:1: a second document; one is expected");
  EXPECT_EQ(error_of("fps: 10\nro\xff"
                     "bot: a\n"),
            "r.yaml:2:3: not UTF-8");
  EXPECT_EQ(error_of(std::string("fps: 10\n\0", 9)), "r.yaml:2:1: a control character");
  EXPECT_EQ(error_of("fps: \x04"
                     "10\n"),
            "r.yaml:1:6: a control character");
  EXPECT_EQ(error_of("[a]: 1\n"), "r.yaml:1:1: a key must be text");
  EXPECT_NE(error_of("a: [1\n"), "parsed");
  EXPECT_NE(error_of("a: \"unfinished\n"), "parsed");
  EXPECT_NE(error_of("fps: 10\n\trobot: a\n"), "parsed");
}

}  // namespace
}  // namespace bagloom::recipe
