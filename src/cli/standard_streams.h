// Descriptors 0, 1 and 2 belong to the standard streams, also where the caller closed them.
#pragma once

namespace bagloom::cli {

/// Fills those that are closed, so that no file that is opened later becomes stdout or stderr and gets text written into it. What
/// fills them takes no bytes: writing there fails as it does on a closed stream. Call before anything is opened.
void hold_standard_streams();

}  // namespace bagloom::cli
