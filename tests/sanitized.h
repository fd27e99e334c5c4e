// Whether this test was built with a sanitizer, which takes memory for itself: sizes are then not compared.
#pragma once

namespace bagloom {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace bagloom
