#include "recipe/recipe_text.h"

#include "recipe/field_readers.h"
#include "recipe/yaml_text.h"

namespace bagloom::recipe {
namespace {

std::string tolerance_text(const Tolerance& tolerance) {
  switch (tolerance.kind) {
    case Tolerance::Kind::period: return "period";
    case Tolerance::Kind::state: return "state";
    case Tolerance::Kind::none: return "none";
    case Tolerance::Kind::fixed: return seconds_text(tolerance.ns);
  }
  return "";
}

std::string size_text(const CameraFeature& camera) {
  if (camera.width == 0) return "own";
  return std::to_string(camera.width) + "x" + std::to_string(camera.height);
}

template <class Enum>
const std::string& word(const std::vector<std::string>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

std::string unit_text(double unit) { return unit == 0 ? "auto" : unit == 0.001 ? "mm" : unit == 1 ? "m" : number_text(unit); }

std::string depth_yaml(const CameraFeature& camera) {
  const DepthRules& depth = *camera.depth;
  std::string text = "    depth: " + yaml_scalar(camera.topic) + "\n    unit: " + unit_text(depth.unit) + "\n";
  if (camera.storage == Storage::video)
    text += "    range: [" + number_text(depth.nearest) + ", " + number_text(depth.farthest) + "]\n";
  return text + "    storage: " + word(storage_names(), camera.storage) + "\n" +  //
         "    size: " + size_text(camera) + "\n" +                                //
         "    fit: " + word(fit_names(), camera.fit) + "\n" +                     //
         "    match: " + word(match_names(), camera.match) + "\n" +               //
         "    tolerance: " + tolerance_text(camera.tolerance) + "\n";
}

std::string camera_yaml(const CameraFeature& camera) {
  if (camera.depth) return depth_yaml(camera);
  return "    camera: " + yaml_scalar(camera.topic) + "\n" +               //
         "    storage: " + word(storage_names(), camera.storage) + "\n" +  //
         "    size: " + size_text(camera) + "\n" +                         //
         "    filter: " + word(filter_names(), camera.filter) + "\n" +     //
         "    fit: " + word(fit_names(), camera.fit) + "\n" +              //
         "    match: " + word(match_names(), camera.match) + "\n" +        //
         "    tolerance: " + tolerance_text(camera.tolerance) + "\n" +     //
         "    tolerate: " + (camera.tolerate_warnings ? "[warnings]" : "[]") + "\n";
}

std::string part_yaml(const VectorPart& part) {
  return "      - topic: " + yaml_scalar(part.topic) + "\n" +          //
         "        field: " + part.field.text + "\n" +                  //
         "        names: " + yaml_list(part.names, 16) + "\n" +        //
         "        select: " + yaml_list(part.select, 17) + "\n" +      //
         "        scale: " + number_text(part.scale) + "\n" +          //
         "        offset: " + number_text(part.offset) + "\n" +        //
         "        match: " + word(match_names(), part.match) + "\n" +  //
         "        tolerance: " + tolerance_text(part.tolerance) + "\n";
}

std::string timeline_yaml(const Timeline& timeline) {
  std::string text = "timeline:  # where the rows stand; `timeline: uniform` is fps rows a second from the first message on\n";
  if (timeline.topic.empty()) {
    text += "  uniform: true\n";
  } else {
    text += "  topic: " + yaml_scalar(timeline.topic) + "\n";
    text += "  every: " + std::to_string(timeline.every) + "  # every n-th message of the topic is a row\n";
  }
  text += "  drop_start: " + seconds_text(timeline.drop_start) + "  # seconds cut from the recording's ends\n";
  text += "  drop_end: " + seconds_text(timeline.drop_end) + "\n";
  return text;
}

constexpr const char* kFeatureComments =
    "  # camera: size is own or WIDTHxHEIGHT; filter auto (area when shrinking, else bicubic), area, bicubic, bilinear; fit "
    "(where the\n"
    "  #   shape changes) none, stretch, pad, crop; tolerate [warnings] takes pictures that libjpeg warns about.\n"
    "  # storage: video (an mp4 a camera) or image (the files themselves in the tables: as recorded, else PNG).\n"
    "  # depth: a camera's distances; unit auto (mm; floats: m), mm, m or the metres that 1 stands for; range [nearest, "
    "farthest]\n"
    "  #   in metres of video's 12-bit codes; storage image keeps whole millimetres, and 0 as 0.\n"
    "  # vector: parts one after another; select picks by the message's own names instead of a range; value = raw * scale + "
    "offset.\n"
    "  # match: nearest (a tie goes to the earlier) or hold (the last one at or before the row).\n"
    "  # tolerance: period (one of that topic's), state (the larger of two periods and 20 ms), none, or a time such as 0.05 or "
    "33ms.\n";

}  // namespace

std::string feature_yaml(const Feature& feature) {
  std::string text = "  " + yaml_scalar(feature.name) + ":\n";
  if (feature.camera) return text + camera_yaml(*feature.camera);
  text += "    vector:\n";
  for (const VectorPart& part : feature.vector->parts) text += part_yaml(part);
  return text;
}

std::string recipe_yaml(const Recipe& recipe, const std::string& head, const std::string& after_features) {
  std::string text = head;
  text += "robot: " + yaml_scalar(recipe.robot) + "\n";
  text += "fps: " + std::to_string(recipe.fps) + "  # rows a second in the dataset\n";
  text += "task: " + yaml_scalar(recipe.task);
  text += recipe.task == kUnspecifiedTask ? "  # LeRobot needs one: say in words what the robot does here\n" : "\n";
  text += "clock: receive  # when a message was recorded; the only clock of this version\n";
  text += timeline_yaml(recipe.timeline);
  text += std::string("features:\n") + kFeatureComments;
  for (const Feature& feature : recipe.features) text += feature_yaml(feature);
  text += after_features;
  text += "gaps:\n  hold: " + seconds_text(recipe.gaps.hold) +
          "  # an absent cell repeats the last one for at most this long (seconds), counted\n";
  text += "  longer: " + word(long_gap_names(), recipe.gaps.longer) +
          "  # reject the episode, split it at the gap, or drop the gap's rows\n";
  text += "  min_rows: " + std::to_string(recipe.gaps.min_rows) + "  # with split: shorter pieces are left out, counted\n";
  text += "non_finite: " + word(non_finite_names(), recipe.non_finite) +
          "  # NaN and infinity are a gap; keep writes and counts them\n";
  text += "video:\n  codec: " + recipe.video.codec + "  # h264, av1, or copy (JPEGs or video packets as recorded)\n";
  text += "  crf: " + std::to_string(recipe.video.crf) + "  # quality, smaller is better: h264 0..51, av1 0..63; copy has none\n";
  return text;
}

std::string to_yaml(const Recipe& recipe) {
  return recipe_yaml(recipe, "# A bagloom recipe; every default is written out. Times are seconds.\n", "");
}

}  // namespace bagloom::recipe
