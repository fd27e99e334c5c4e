// A recipe: which topics become which features, by which rules. The checked form of the user's YAML.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "msg/field_path.h"

namespace bagloom::recipe {

/// Which message a row takes.
enum class Match {
  nearest,  ///< the nearest in time; a tie goes to the earlier
  hold,     ///< the last one at or before the row
};

/// How far a message may be from its row.
struct Tolerance {
  enum class Kind {
    period,  ///< one median period of that topic (cameras)
    state,   ///< the larger of two median periods and 20 ms (state vectors)
    none,    ///< any distance (hold)
    fixed,   ///< `ns`
  };
  Kind kind = Kind::period;
  TimeNs ns = 0;

  bool operator==(const Tolerance&) const = default;
};

enum class Filter { automatic, area, bicubic, bilinear };  ///< automatic: area when shrinking, else bicubic
enum class Fit { none, stretch, pad, crop };               ///< needed where the shape (aspect ratio) changes

enum class Storage {
  video,  ///< an mp4
  image,  ///< files in the dataset's tables (LeRobot's dtype `image`)
};

/// What makes a camera's pictures depth.
struct DepthRules {
  double unit = 0;                         ///< metres that 1 stands for; 0: whole numbers are millimetres, floats metres
  double nearest = 0.01, farthest = 10.0;  ///< metres; video only: what its 12-bit codes span

  bool operator==(const DepthRules&) const = default;
};

struct CameraFeature {
  std::string topic;
  std::uint32_t width = 0, height = 0;  ///< 0: the pictures' own size
  Filter filter = Filter::automatic;
  Fit fit = Fit::none;
  bool tolerate_warnings = false;  ///< libjpeg's warnings do not make a picture corrupt
  Match match = Match::nearest;
  Tolerance tolerance{Tolerance::Kind::period, 0};
  Storage storage = Storage::video;
  std::optional<DepthRules> depth;  ///< given: `topic` is depth; filter and tolerate_warnings mean nothing

  bool operator==(const CameraFeature&) const = default;
};

/// One topic's contribution to a vector. The parts stand one after another in the vector.
struct VectorPart {
  std::string topic;
  msg::FieldPath field;              ///< "joint_data.joint_q[12:26]"
  std::vector<std::string> select;   ///< joint names to pick from the message's `name` array; empty: by position
  std::vector<std::string> names;    ///< of the elements in the dataset; as many as `width`
  std::uint32_t width = 0;           ///< elements; from the range, select or names, else 1 (0 only before `check`)
  double scale = 1.0, offset = 0.0;  ///< value = raw * scale + offset, in double, then float32
  Match match = Match::nearest;
  Tolerance tolerance{Tolerance::Kind::state, 0};

  bool operator==(const VectorPart&) const = default;
};

struct VectorFeature {
  std::vector<VectorPart> parts;

  bool operator==(const VectorFeature&) const = default;
};

struct Feature {
  std::string name;                     ///< "observation.state", "action", "observation.images.head_cam_h"
  std::optional<CameraFeature> camera;  ///< exactly one of the two
  std::optional<VectorFeature> vector;

  bool operator==(const Feature&) const = default;
};

/// The task where none is known: LeRobot does not take an empty one.
inline constexpr const char* kUnspecifiedTask = "unspecified task";

/// Where the rows stand.
struct Timeline {
  std::string topic;        ///< empty: uniform at `Recipe::fps` from the first message of the recipe's topics
  std::uint32_t every = 1;  ///< every n-th message of the topic
  TimeNs drop_start = 0;    ///< cut from both ends of the recording (ns)
  TimeNs drop_end = 0;

  bool operator==(const Timeline&) const = default;
};

enum class LongGap { reject, split, drop };  ///< the episode, at the gap, or the rows of the gap

struct Gaps {
  TimeNs hold = 200'000'000;  ///< an absent cell repeats the last one for at most this long
  LongGap longer = LongGap::reject;
  std::uint32_t min_rows = 2;  ///< with split: shorter pieces are left out, counted

  bool operator==(const Gaps&) const = default;
};

enum class NonFinite { gap, keep };

struct Video {
  std::string codec = "h264";  ///< h264, av1, copy
  std::int32_t crf = 24;       ///< h264: 0..51, av1: 0..63 (30 where none is given); ignored by copy

  bool operator==(const Video&) const = default;
};

struct Recipe {
  std::string robot = "unknown";
  std::uint32_t fps = 10;
  std::string task = kUnspecifiedTask;
  Timeline timeline;
  std::vector<Feature> features;  ///< in the order of the dataset's columns
  Gaps gaps;
  NonFinite non_finite = NonFinite::gap;
  Video video;

  bool operator==(const Recipe&) const = default;
};

/// Parses and checks a recipe. Errors (invalid): `NAME:LINE:COLUMN: ...`, unknown keys with the nearest known one, wrong types,
/// duplicate features, widths that do not agree, video-only rules.
/// `overrides`: "key.path=value" of --set, applied to the YAML before checking ("features.action.vector.0.scale=2" style paths; a
/// feature's name with its dots stands in the path as it is). Where `video.codec` is changed and `video.crf` is not set, the
/// codec's own default quality is taken. README.md has the format.
Result<Recipe> parse_recipe(const std::string& name, const std::string& yaml, const std::vector<std::string>& overrides = {});

/// The recipe as YAML with every default written out and short comments; parse_recipe gives the same Recipe back.
std::string to_yaml(const Recipe& recipe);

}  // namespace bagloom::recipe
