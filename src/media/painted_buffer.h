// Inside media/: whether a decoder wrote the whole of a picture. The H.265 decoder of libav leaves what a missing slice would
// have filled as it finds it, and says nothing.
#pragma once

#include "media/av.h"

namespace bagloom::media {

/// For AVCodecContext::get_buffer2: libav's own buffer, its first plane painted with a pattern that no picture has.
int painted_buffer(AVCodecContext* context, AVFrame* frame, int flags);

/// Some block of the picture still shows the pattern. Sees every block of 16x16 samples or more, and of 8 at the edges, as
/// H.265's coding tree units are (7.4.3.2.1); what filters do over a block's border does not hide it.
bool has_unwritten_block(const AVFrame& frame);

}  // namespace bagloom::media
