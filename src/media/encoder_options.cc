#include "media/encoder_options.h"

#include <mutex>

#include "media/kept_scheduling.h"

namespace bagloom::media {
namespace {

struct Known {
  const char* codec;
  const char* encoder;
  const char* parameters;  ///< the option that carries the library's own settings
};
constexpr Known kKnown[] = {
    {"h264", "libx264", "x264-params"}, {"av1", "libsvtav1", "svtav1-params"}, {"hevc", "libx265", "x265-params"}};

/// Debian's libx265 is built of three depths; one of 8 bits alone cannot hold LeRobot's codes.
bool has_twelve_bits(const AVCodec& encoder) {
  for (const AVPixelFormat* format = encoder.pix_fmts; format != nullptr && *format != AV_PIX_FMT_NONE; ++format) {
    if (*format == AV_PIX_FMT_GRAY12) return true;
  }
  return false;
}

/// The encoder, if this FFmpeg has it with the options that are set below (libsvtav1 of FFmpeg 4.4 lacks two of three).
const AVCodec* usable(const Known& known) {
  const AVCodec* encoder = avcodec_find_encoder_by_name(known.encoder);
  if (encoder == nullptr || encoder->priv_class == nullptr) return nullptr;
  const AVClass* priv_class = encoder->priv_class;  // av_opt_find wants a pointer to the class's pointer
  for (const char* option : {"preset", "crf", known.parameters}) {
    if (av_opt_find(&priv_class, option, nullptr, 0, AV_OPT_SEARCH_FAKE_OBJ) == nullptr) return nullptr;
  }
  return known.codec == std::string_view("hevc") && !has_twelve_bits(*encoder) ? nullptr : encoder;
}

struct DictionaryDeleter {
  void operator()(AVDictionary* dictionary) const { av_dict_free(&dictionary); }
};

// keyint=2 with scenecut=0 makes every second picture an IDR and no other. rc-lookahead=0: nothing that would use it (mbtree,
// VBV, B-frames) is on, so it only costs memory and delay. Segments must not show where they were cut. Without mbtree=0 each
// one's first picture is worse by 1.5 dB (architecture.md section 12); with x264's qcomp=0.6 it is better by 1.7 dB and 30-row
// segments are 8 % larger, because a first picture's quantiser comes from crf alone and a later one's from the pictures before
// it. qcomp=1 with ipratio=1 gives each picture the quantiser of its crf: cut and uncut are the same size to the byte. Nothing is
// lost by it: mean over six panned photographs at 640x480 and 848x480, 995,047 bytes and SSIM 0.97643 at crf 25, against 991,393
// and 0.97634 with x264's defaults at crf 24. SVT-AV1 preset 12 crf 30 has 0.97829; closest to it is crf 24: 0.97858 (25:
// 0.97643).
constexpr char kX264[] =
    "mbtree=0:keyint=2:min-keyint=1:scenecut=0:bframes=0:open-gop=0:rc-lookahead=0:sync-lookahead=0:threads=1:"
    "lookahead-threads=1:sliced-threads=0:repeat-headers=0:aud=0:qcomp=1:ipratio=1";
// lp=1: one thread's worth of buffers; the packets do not depend on it (architecture.md section 12). fast-decode=0 as LeRobot.
// hierarchical-levels=3 and lookahead=0: with a keyframe every 2 pictures there is nothing to look ahead for. Measured on two
// panned photographs, 640x480, crf 30 (SVT-AV1 1.4.1): bytes 415,906 and 379,969 against 416,816 and 380,698 of LeRobot's own
// setting, SSIM 0.98218 and 0.98415 against 0.98215 and 0.98412, memory at 848x480 38 MiB against 73.
constexpr char kSvt[] = "lp=1:fast-decode=0:hierarchical-levels=3:lookahead=0";

// Depth: without loss, as LeRobot writes it. Every second picture a keyframe and no B-frames, as above; one thread. info=0: no
// text in the stream.
constexpr char kX265[] =
    "lossless=1:keyint=2:min-keyint=1:scenecut=0:bframes=0:open-gop=0:rc-lookahead=0:pools=none:frame-threads=1:wpp=0:"
    "repeat-headers=0:aud=0:info=0:log-level=none";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

Status check_settings(const EncoderSettings& settings) {
  const std::string size = std::to_string(settings.width) + "x" + std::to_string(settings.height);
  const auto invalid = [&](const std::string& what) {
    return Error(ErrorKind::invalid, settings.codec + " at " + size + ": " + what);
  };
  if (settings.width < 16 || settings.height < 16 || settings.width > 16384 || settings.height > 16384) {
    return invalid("a side must be between 16 and 16384");
  }
  if (settings.width % 2 != 0 || settings.height % 2 != 0) return invalid("width and height must be even");
  if (settings.codec == "av1" && (settings.height < 64 || settings.width < 64))
    return invalid("AV1 needs 64 pixels a side at least");
  if (settings.fps < 1 || settings.fps > 1000) return invalid("fps " + std::to_string(settings.fps) + " (1 to 1000)");
  const int highest = settings.codec == "av1" ? 63 : 51;
  if (settings.codec == "hevc") {
    if (settings.format == PixelFormat::gray12) return {};
    return invalid("hevc is for depth, not for " + std::string(name_of(settings.format)));
  }
  if (settings.crf < 0 || settings.crf > highest) {
    return invalid("crf " + std::to_string(settings.crf) + " (0 to " + std::to_string(highest) + ")");
  }
  if (settings.format != PixelFormat::yuv420p && settings.format != PixelFormat::yuv420p_full) {
    return invalid("the encoder takes 4:2:0, not " + std::string(name_of(settings.format)));
  }
  return {};
}

/// Held while an encoder of SVT-AV1 or x265 starts or ends: both set up tables of the process.
std::unique_lock<std::mutex> one_at_a_time(AVCodecID codec) {
  static std::mutex mutex;
  return codec == AV_CODEC_ID_AV1 || codec == AV_CODEC_ID_HEVC ? std::unique_lock(mutex) : std::unique_lock<std::mutex>();
}

}  // namespace

std::vector<std::string> available_encoders() {
  std::vector<std::string> names;
  for (const Known& known : kKnown) {
    const bool colour = known.codec != std::string_view("hevc");
    if (colour && usable(known) != nullptr) names.emplace_back(known.codec);
  }
  return names;
}

Result<const AVCodec*> find_encoder(const std::string& codec) {
  for (const Known& known : kKnown) {
    if (codec != known.codec) continue;
    if (const AVCodec* encoder = usable(known)) return encoder;
    return Error(ErrorKind::unsupported, "this FFmpeg has no " + std::string(known.encoder) +
                                             " (of its version 5 or later) for codec " + codec +
                                             "; it can encode: " + joined(available_encoders()));
  }
  return Error(ErrorKind::unsupported,
               "video codec '" + codec + "' is not known; this FFmpeg can encode: " + joined(available_encoders()));
}

Status check_encoder(const EncoderSettings& settings) {
  if (settings.codec == "png") return {};
  ASSIGN_OR_RETURN([[maybe_unused]] const AVCodec* encoder, find_encoder(settings.codec));
  return check_settings(settings);
}

void close_encoder(CodecContextPtr context) {
  if (context == nullptr) return;
  const auto alone = one_at_a_time(context->codec_id);
  context.reset();
}

Result<CodecContextPtr> open_encoder(const EncoderSettings& settings) {
  ASSIGN_OR_RETURN(const AVCodec* encoder, find_encoder(settings.codec));
  RETURN_IF_ERROR(check_settings(settings));
  CodecContextPtr context(avcodec_alloc_context3(encoder));
  if (context == nullptr) return Error(ErrorKind::over_limit, "no memory for an encoder");
  context->width = static_cast<int>(settings.width);
  context->height = static_cast<int>(settings.height);
  context->time_base = {1, static_cast<int>(settings.fps)};
  context->framerate = {static_cast<int>(settings.fps), 1};
  context->pix_fmt = av_format(settings.format);
  // Primaries, transfer and matrix stay unspecified, as in LeRobot's own files (lerobot-format.md 6.1): readers take BT.601.
  // The range is limited where nothing is said; only full range has to be said.
  if (settings.format == PixelFormat::yuv420p_full) context->color_range = AVCOL_RANGE_JPEG;
  context->gop_size = 2;
  context->max_b_frames = 0;
  context->thread_count = 1;
  // The headers go to the mp4 once, not into each segment's packets.
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP | AV_CODEC_FLAG_BITEXACT;

  AVDictionary* raw = nullptr;
  if (settings.codec != "hevc") av_dict_set_int(&raw, "crf", settings.crf, 0);
  if (settings.codec == "hevc") {
    // 2.4 times as fast as the next slower preset (1.4 s against 3.5 s) for files that are 14 % larger (a gradient with noise,
    // 848x480).
    av_dict_set(&raw, "preset", "ultrafast", 0);
    av_dict_set(&raw, "x265-params", kX265, 0);
  } else if (settings.codec == "h264") {
    av_dict_set(&raw, "preset", "veryfast", 0);
    av_dict_set(&raw, "x264-params", kX264, 0);
  } else {
    av_dict_set(&raw, "preset", "12", 0);
    av_dict_set(&raw, "svtav1-params", kSvt, 0);
  }
  int code = 0;
  {
    const auto alone = one_at_a_time(encoder->id);
    const KeptScheduling kept;
    code = avcodec_open2(context.get(), encoder, &raw);
  }
  std::unique_ptr<AVDictionary, DictionaryDeleter> left(raw);
  if (code < 0) return av_error(ErrorKind::unsupported, "opening " + std::string(encoder->name), code);
  if (av_dict_count(left.get()) > 0) {
    const AVDictionaryEntry* first = av_dict_get(left.get(), "", nullptr, AV_DICT_IGNORE_SUFFIX);
    return Error(ErrorKind::unsupported, std::string(encoder->name) + " of this FFmpeg has no option '" + first->key + "'");
  }
  return context;
}

}  // namespace bagloom::media
