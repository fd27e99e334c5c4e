// Message types that synth writes: names, md5 sums, definition texts. bag-formats.md sections 2.2, 7 and 8.2.
#pragma once

#include <string>

namespace bagloom::synth {

struct TypeText {
  std::string type, md5sum, definition;
};

const TypeText& string_type();
const TypeText& bool_type();
const TypeText& joint_state_type();
const TypeText& compressed_image_type();
const TypeText& image_type();
const TypeText& compressed_video_type();
const TypeText& sensors_data_type();
const TypeText& joint_command_type();
const TypeText& claw_state_type();
const TypeText& claw_command_type();

}  // namespace bagloom::synth
