// What a camera's messages say their bytes are, against what the bytes are.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "media/picture_decoder.h"
#include "media/stream_packet.h"

namespace bagloom::media {

/// A message whose `format` names something else than its bytes are.
struct FormatMismatch {
  TimeNs time = 0;   ///< the message's receive time
  std::string what;  ///< "says png, is jpeg"
};

/// One message after the other; keeps the first that lies. Not thread-safe. Builds nothing where a message says the same as the
/// one before it and is of the same kind.
class FormatCheck {
 public:
  /// A still picture. Raw pictures, compressed depth and bytes of no known kind are never wrong.
  void look_at(const EncodedPicture& encoded, TimeNs time);
  /// A message of a video topic. Bytes that are no packet of `topic_codec` are never wrong.
  void look_at_packet(const EncodedPicture& encoded, StreamCodec topic_codec, TimeNs time);

  const std::optional<FormatMismatch>& first() const { return first_; }

 private:
  std::optional<FormatMismatch> first_;
  std::optional<std::string> text_;  ///< what the last honest message says,
  std::string_view kind_;            ///< and is: a literal
};

}  // namespace bagloom::media
