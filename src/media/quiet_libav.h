// The one call that touches libav's process-wide state.
#pragma once

namespace bagloom::media {

/// Stops libav and the encoders behind it from writing to stderr. For a program's start, before any thread: nothing in
/// this folder calls it, and every error comes back as an Error with the library's text whether it was called or not.
/// It also sets SVT_LOG, where the environment does not, because SVT-AV1 writes by itself and listens to nothing else.
void quiet_libav();

}  // namespace bagloom::media
