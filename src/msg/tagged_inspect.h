// inspect.cc's looks into single messages, for tagged ones (protobuf, JSON). Internal to msg/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/field_path.h"

namespace bagloom::msg {

Result<std::uint32_t> tagged_array_length(const Definition& definition, const FieldPath& path, Bytes message);
Result<std::vector<std::string>> tagged_string_array(const Definition& definition, const FieldPath& path, Bytes message);

}  // namespace bagloom::msg
