#include "media/format_check.h"

#include "media/encoding_text.h"

namespace bagloom::media {

void FormatCheck::look_at(const EncodedPicture& encoded, TimeNs time) {
  if (first_ || !encoded.compressed) return;
  const std::string_view kind = kind_of_bytes(encoded.data);
  if (text_ == encoded.encoding && kind == kind_) return;
  if (std::string what = format_mismatch(encoded); !what.empty()) {
    first_ = {time, std::move(what)};
    return;
  }
  text_.emplace(encoded.encoding);
  kind_ = kind;
}

void FormatCheck::look_at_packet(const EncodedPicture& encoded, StreamCodec topic_codec, TimeNs time) {
  if (first_ || text_ == encoded.encoding) return;
  std::string what = stream_mismatch(topic_codec, encoded.encoding);
  if (what.empty()) {
    text_.emplace(encoded.encoding);
    return;
  }
  // It may be what it says, in a topic of something else.
  const StreamCodec is = stream_codec(encoded.data, encoded.encoding);
  if (is != StreamCodec::none && is != topic_codec) return;
  if (stream_codec(encoded.data, name_of(topic_codec)) == topic_codec) first_ = {time, std::move(what)};
}

}  // namespace bagloom::media
