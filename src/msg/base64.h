// Bytes that stand in JSON as base64 (RFC 4648). Internal to msg/.
#pragma once

#include <string>

namespace bagloom::msg {

/// Decodes in place; both alphabets, with or without padding. False where it is no base64: the text is then unspecified.
bool decode_base64(std::string& text);

}  // namespace bagloom::msg
