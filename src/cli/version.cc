#include "cli/version.h"

#include "media/segment_encoder.h"

namespace bagloom::cli {

std::string version_text() {
  std::string text = "bagloom " BAGLOOM_VERSION "\n";
  text += "codecs: " + media::codec_versions() + "\n";
  text += "encoders:";
  for (const std::string& encoder : media::available_encoders()) text += " " + encoder;
  text += " copy\nArrow and Parquet: " BAGLOOM_ARROW_ORIGIN "\n";
  return text;
}

}  // namespace bagloom::cli
