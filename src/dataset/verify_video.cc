// The mp4s of every camera: their grid, and each picture decoded in random order. lerobot-format.md 6.
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "dataset/verify_grid.h"
#include "dataset/verify_internal.h"
#include "media/mp4.h"
#include "media/picture.h"

namespace bagloom::dataset::verify {
namespace {

constexpr double kFloat32Limit = 1024;          // s; from there on float32 steps by more than the tolerance (6.5)
constexpr std::uint32_t kKeyframeSpacing = 12;  // more makes random access slow; LeRobot's own is 2

/// One mp4 and the episodes in it, with the frame each begins at.
struct VideoFile {
  std::string path;
  std::vector<std::size_t> episodes;
  std::vector<std::uint64_t> first_frames;
  std::uint64_t frames = 0;  ///< sum of their lengths
  bool places_ok = true;     ///< V71, V72 hold
};

std::string of(const VideoFile& file, std::size_t e) { return file.path + " episode " + std::to_string(e); }
std::string ratio(std::int64_t num, std::int64_t den) { return std::to_string(num) + "/" + std::to_string(den); }

/// The camera's mp4s in the order of episodes, with V71, V72, V80 and the arithmetic half of V83.
std::vector<VideoFile> files_of(Context& context, const Feature& feature) {
  const auto& spans = context.spans[feature.name];
  std::vector<VideoFile> files;
  std::map<std::string, std::size_t> known;
  for (std::size_t e = 0; e < spans.size(); ++e) {
    std::string path = video_path(feature.name, spans[e]);
    auto [place, added] = known.emplace(path, files.size());
    if (added) files.push_back({path, {}, {}, 0, true});
    VideoFile& file = files[place->second];
    auto length = static_cast<std::uint64_t>(std::max<std::int64_t>(0, context.episodes[e].length));
    double from = spans[e].from_s * static_cast<double>(context.fps), to = spans[e].to_s * static_cast<double>(context.fps);
    auto whole = [](double frames) { return std::isfinite(frames) && std::abs(frames - std::round(frames)) <= 1e-6; };
    bool exact = context.expect(whole(from) && whole(to) && std::round(to) - std::round(from) == static_cast<double>(length),
                                "V71", 'L', [&] {
                                  return Where{of(file, e), "from_timestamp " + shown(spans[e].from_s) + " to to_timestamp " +
                                                                shown(spans[e].to_s) + " s is not its " + std::to_string(length) +
                                                                " frames at " + std::to_string(context.fps) + " fps"};
                                });
    double wanted_s = static_cast<double>(file.frames) / static_cast<double>(context.fps);
    // Where V71 fails it has said what is wrong; an episode that is off by whole frames is this check's.
    bool joined = std::isfinite(from) && std::round(from) == static_cast<double>(file.frames) &&
                  (!whole(from) || std::abs(spans[e].from_s - wanted_s) <= 1e-9 * std::max(1.0, wanted_s));
    context.expect(joined, "V72", 'L', [&] {
      return Where{of(file, e), "from_timestamp is " + shown(spans[e].from_s) + ", the episodes before it in this mp4 end at " +
                                    shown(wanted_s)};
    });
    file.places_ok = file.places_ok && exact && joined;
    bool early =
        file.episodes.empty() || static_cast<double>(file.frames + length) < kFloat32Limit * static_cast<double>(context.fps);
    context.expect(early, "V80", 'L', [&] {
      return Where{of(file, e), "ends beyond 1024 s in an mp4 in which it is not the first: float32 times miss pictures there"};
    });
    for (std::uint64_t k = 0; exact && joined && early && k < length; ++k) {
      if (!context.expect(within_tolerance(spans[e].from_s, k, file.frames + k, context.fps), "V83", 'L', [&] {
            return Where{of(file, e) + " frame " + std::to_string(k),
                         "LeRobot's float32 time is more than 0.1 ms off the picture's"};
          })) {
        break;
      }
    }
    file.episodes.push_back(e);
    file.first_frames.push_back(file.frames);
    file.frames += length;
  }
  return files;
}

/// V73 to V79, V81, V82 (first half): the file by itself. True where its grid is right, so that decoding says more.
bool check_container(Context& context, const VideoFile& file, const media::Mp4Facts& facts) {
  const std::string& at = file.path;
  const std::int64_t fps = context.fps;
  auto expect = [&](bool holds, const char* check, char severity, const auto& what) {
    return context.expect(holds, check, severity, [&] { return Where{at, what()}; });
  };
  bool counted = expect(facts.frames == file.frames, "V73", 'L', [&] {
    return "has " + std::to_string(facts.frames) + " pictures, its " + std::to_string(file.episodes.size()) + " episodes have " +
           std::to_string(file.frames) + " rows";
  });
  auto is_fps = [&](std::int64_t num, std::int64_t den) { return den > 0 && num / den == fps && num % den == 0; };
  expect(is_fps(facts.rate_num, facts.rate_den) && is_fps(facts.average_num, facts.average_den), "V74", 'L', [&] {
    return "r_frame_rate is " + ratio(facts.rate_num, facts.rate_den) + ", avg_frame_rate " +
           ratio(facts.average_num, facts.average_den) + ", wanted " + ratio(fps, 1);
  });
  bool grid = expect(facts.start_pts == 0 && facts.first_wrong_frame < 0, "V75", 'S', [&] {
    return facts.first_wrong_frame >= 0 ? "frame " + std::to_string(facts.first_wrong_frame) + " is not at " +
                                              std::to_string(facts.first_wrong_frame) + "/" + std::to_string(fps) + " s"
                                        : "begins at " + std::to_string(facts.start_pts) + " ticks, wanted 0";
  });
  bool multiple = expect(facts.timescale > 0 && facts.timescale % fps == 0, "V76", 'L', [&] {
    return "timescale is " + std::to_string(facts.timescale) + ", wanted a multiple of " + std::to_string(fps);
  });
  expect(facts.constant_duration, "V76", 'L',
         [] { return std::string("durations of pictures differ: stts has not exactly one entry"); });
  bool plain =
      expect(!facts.fragmented, "V77", 'L', [] { return std::string("is a fragmented mp4: it has no count of pictures"); });
  std::uint32_t widest = 0, before = 0;
  for (std::uint32_t key : facts.keyframes) {
    widest = std::max(widest, key - before);
    before = key;
  }
  if (facts.frames > before) widest = std::max(widest, static_cast<std::uint32_t>(facts.frames - before));
  expect(widest <= kKeyframeSpacing, "V79", 'Q', [&] {
    return "up to " + std::to_string(widest) + " pictures from keyframe to keyframe: random access is slow (LeRobot's own: 2)";
  });
  for (std::size_t i = 0; i < file.episodes.size() && counted; ++i) {
    bool key =
        std::binary_search(facts.keyframes.begin(), facts.keyframes.end(), static_cast<std::uint32_t>(file.first_frames[i]));
    expect(key, "V79", 'Q', [&] { return "episode " + std::to_string(file.episodes[i]) + " does not begin with a keyframe"; });
  }
  double wanted_s = static_cast<double>(facts.frames) / static_cast<double>(fps);
  expect(std::abs(facts.duration_s - wanted_s) <= 1e-6, "V81", 'T',
         [&] { return "lasts " + shown(facts.duration_s) + " s, wanted " + shown(wanted_s) + " for its pictures"; });
  expect(facts.video_streams == 1 && facts.other_streams == 0, "V82", 'T', [&] {
    return "has " + std::to_string(facts.video_streams) + " video and " + std::to_string(facts.other_streams) +
           " other streams, wanted 1 and 0";
  });
  expect(facts.rotation == 0, "V82", 'T', [&] { return "is rotated by " + shown(facts.rotation) + " degrees"; });
  return grid && multiple && plain;
}

/// V17, V21, V86 for a file; V82: all files of a camera alike.
void check_stream(Context& context, const Feature& feature, const VideoFile& file, const media::Mp4Facts& facts,
                  const media::Mp4Facts& first) {
  const std::string& at = file.path;
  context.expect(feature.width == 0 || (facts.width == feature.width && facts.height == feature.height), "V17", 'S', [&] {
    return Where{at, "is " + std::to_string(facts.width) + "x" + std::to_string(facts.height) + ", info.json says " +
                         std::to_string(feature.width) + "x" + std::to_string(feature.height)};
  });
  context.expect(
      facts.codec == first.codec && facts.pix_fmt == first.pix_fmt && facts.width == first.width && facts.height == first.height,
      "V82", 'T', [&] {
        return Where{at, facts.codec + " " + facts.pix_fmt + " " + std::to_string(facts.width) + "x" +
                             std::to_string(facts.height) + ", the camera's first mp4 is " + first.codec + " " + first.pix_fmt +
                             " " + std::to_string(first.width) + "x" + std::to_string(first.height)};
      });
  bool usual = facts.codec == "av1" || facts.codec == "h264" || facts.codec == "hevc";
  context.expect(usual, "V86", 'Q', [&] {
    return Where{at, "codec is " + facts.codec + ": LeRobot reads it, browsers may not"};
  });
  context.expect(facts.width % 2 == 0 && facts.height % 2 == 0, "V86", 'Q', [&] {
    return Where{at, "is " + std::to_string(facts.width) + "x" + std::to_string(facts.height) + ": an odd size"};
  });
}

/// V21: what info.json's block says of the first mp4; absent keys are no fault.
void check_info_block(Context& context, const Feature& feature, const std::string& path, const media::Mp4Facts& facts) {
  if (feature.info == nullptr) return;
  auto compare = [&](const char* key, const Json& found) {
    auto value = feature.info->find(key);
    if (value == feature.info->end()) return;
    context.expect(*value == found, "V21", 'T', [&] {
      return Where{"meta/info.json feature " + in_quotes(feature.name),
                   std::string(key) + " is " + shown(*value) + ", " + path + " has " + shown(found)};
    });
  };
  compare("video.height", facts.height);
  compare("video.width", facts.width);
  compare("video.codec", facts.codec);
  compare("video.pix_fmt", facts.pix_fmt);
  compare("video.fps", facts.rate_den > 0 ? facts.rate_num / facts.rate_den : 0);
  compare("video.channels", facts.pix_fmt.starts_with("gray")                              ? 1
                            : facts.pix_fmt.starts_with("yuva") || facts.pix_fmt == "rgba" ? 4
                                                                                           : 3);
  compare("has_audio", facts.other_streams > 0);
  if (auto codec = feature.info->find("video.codec"); codec != feature.info->end()) {
    static constexpr std::array<const char*, 5> kEditable = {"h264", "hevc", "av1", "libsvtav1", "libaom-av1"};
    bool known = std::any_of(kEditable.begin(), kEditable.end(), [&](const char* name) { return *codec == name; });
    context.expect(known, "V21", 'T', [&] {
      return Where{"meta/info.json feature " + in_quotes(feature.name),
                   "video.codec is " + shown(*codec) + ": LeRobot's split and delete fail on it; leave the key out"};
    });
  }
}

/// V83 (and V78): every picture, in random order, as a training run reads them. False: some did not come out.
Result<bool> decode_all(Context& context, const Feature& feature, const VideoFile& file, std::uint64_t& done,
                        std::uint64_t total) {
  auto failed = [&](const std::string& where, const Error& error) {
    context.problem("V83", 'L', where, "does not decode: " + error.message());
    return false;
  };
  auto opened = media::Mp4Reader::open(context.full(file.path), static_cast<std::uint32_t>(context.fps));
  if (!opened.ok()) {
    if (opened.error().kind() == ErrorKind::unsupported) {
      context.note(file.path + ": not decoded: " + opened.error().message());
      return true;
    }
    return failed(file.path, opened.error());
  }
  media::Picture picture;
  bool good = true;
  const std::uint64_t frames = (*opened)->frames();
  RandomOrder order(frames, context.options.seed);
  for (std::uint64_t i = 0; i < frames; ++i) {
    RETURN_IF_ERROR(context.stopped());
    std::uint64_t frame = order(i);
    context.tried();
    Status status = (*opened)->decode(frame, picture);
    ++done;
    if (context.options.progress) context.options.progress(done, total);
    if (!status.ok() && status.error().kind() == ErrorKind::unsupported) {
      context.note(file.path + ": not decoded: " + status.error().message());
      return good;
    }
    if (!status.ok()) {
      good = failed(file.path + " frame " + std::to_string(frame), status.error());
      continue;
    }
    ++context.report.pictures;
    bool sized =
        feature.width == 0 || context.found("V17") || (picture.width() == feature.width && picture.height() == feature.height);
    context.expect(sized, "V17", 'S', [&] {
      return Where{file.path + " frame " + std::to_string(frame),
                   "decodes to " + std::to_string(picture.width()) + "x" + std::to_string(picture.height())};
    });
  }
  return good;
}

Status check_camera(Context& context, const Feature& feature, std::uint64_t& done, std::uint64_t total) {
  std::optional<media::Mp4Facts> first;
  if (feature.depth) context.note("camera " + in_quotes(feature.name) + ": depth values were not decoded");
  for (const VideoFile& file : files_of(context, feature)) {
    RETURN_IF_ERROR(context.stopped());
    if (!context.expect(is_file(context.full(file.path)), "V70", 'L', [&] { return Where{file.path, "is not there"}; })) continue;
    context.tried();
    auto facts = media::inspect_mp4(context.full(file.path), static_cast<std::uint32_t>(context.fps));
    if (!facts.ok()) {
      context.problem("V70", 'L', file.path, "cannot be read: " + facts.error().message());
      continue;
    }
    if (!first) {
      first = *facts;
      check_info_block(context, feature, file.path, *facts);
    }
    bool grid = check_container(context, file, *facts);
    check_stream(context, feature, file, *facts, *first);
    bool decoded = false;
    bool good = true;
    if (!grid && context.options.decode) context.note(file.path + ": not decoded: its times are wrong already");
    if (grid && context.options.decode && !feature.depth) {
      RETURN_IF_ERROR(context.room.check_video(context, *facts));
      ASSIGN_OR_RETURN(good, decode_all(context, feature, file, done, total));
      decoded = true;
    }
    // Closed GOPs with B-frames read rightly; only decoding tells them from open ones.
    context.expect(!facts->b_frames || (decoded && !good), "V78", 'Q', [&] {
      return Where{file.path, "has B-frames" + std::string(decoded ? "; all pictures are reached nevertheless" : "")};
    });
    context.expect(!facts->b_frames || good, "V78", 'S', [&] {
      return Where{file.path, "has B-frames, and not every picture is reached by seeking (open GOP?)"};
    });
  }
  return {};
}

}  // namespace

Status check_videos(Context& context) {
  bool any = std::any_of(context.features.begin(), context.features.end(),
                         [](const Feature& feature) { return feature.kind == Kind::video; });
  if (!any) return {};
  if (context.fps == 0 || context.fps > 1000 || !context.episodes_ok) {
    context.note("videos were not checked: " +
                 std::string(context.episodes_ok ? "fps is not usable" : "the episodes table is not"));
    return {};
  }
  std::uint64_t total = 0, done = 0;
  for (const Feature& feature : context.features) {
    if (feature.kind == Kind::video && !feature.depth) {
      for (const Episode& episode : context.episodes)
        total += static_cast<std::uint64_t>(std::clamp<std::int64_t>(episode.length, 0, 1 << 30));
    }
  }
  for (const Feature& feature : context.features) {
    if (feature.kind != Kind::video || feature.name.find('/') != std::string::npos || feature.name == ".." || feature.name == ".")
      continue;
    RETURN_IF_ERROR(check_camera(context, feature, done, total));
  }
  return {};
}

}  // namespace bagloom::dataset::verify
