// JSON schemas as definitions. Internal to msg/.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "msg/definition.h"

namespace bagloom::msg {

/// `type` is the schema's name. A schema helps to guess and to find typing mistakes; messages are read by what stands in them.
/// Objects of seconds and nanoseconds (`sec`, `nsec`) are the primitive `time`, base64 strings arrays of uint8, other strings
/// `string`, numbers float64 or int64. Types whose fields a schema does not say, or not all in words that this version knows, are
/// open; so is all of no schema, or of one that is no JSON. Error (corrupt): more than 1 MiB.
Result<std::shared_ptr<const Definition>> parse_json_schema(std::string_view type, std::string_view schema);

}  // namespace bagloom::msg
