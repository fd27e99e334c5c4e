// Compiled readers of message bytes: layout resolved once a connection, no name looked up per message.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/field_path.h"

namespace bagloom::msg {

/// Which numbers one part of a vector feature takes from a message.
struct NumberSelection {
  FieldPath path;                  ///< an array, a range of one, or a scalar
  std::vector<std::string> names;  ///< not empty: pick the elements of `path` that stand where these stand in `names_path`
  FieldPath names_path;            ///< a string array beside it; without steps: the `name` (or `names`) that stands beside `path`
  std::uint32_t width = 0;         ///< numbers expected; 0: what the path says (range, scalar, fixed array); a variable
                                   ///< array without a range needs a width, and another length in a message is an error
  /// Without `names`, and with a width: what messages that name these elements must name them, in this order (element_names);
  /// empty: not compared. A message without names, or all of whose names are empty, fits.
  std::vector<std::string> expected = {};
  std::string expected_of = {};  ///< whose names those are, for an error's text: "the first message's"
};

/// Whether a message cannot be used because of what it names, and is whole else: it is of use to whoever takes what it names.
enum class Misnamed : std::uint8_t {
  no,    ///< it can be used, or something else is wrong
  some,  ///< it lacks wanted names or has them elsewhere, or (where names select) names nothing
  all,   ///< it names elements, none of which are wanted: another publisher's, of whatever length
};

/// Gives the selected numbers of a message as doubles (time and duration: seconds; bool: 0 or 1).
/// Thread-safe: `run` is const and keeps nothing.
class NumberExtractor {
 public:
  /// Errors (invalid): no such field (with the nearest name), not a number, a range outside a fixed array, no width, a width that
  /// is not the range's, a name given twice.
  static Result<NumberExtractor> compile(std::shared_ptr<const Definition> definition, std::vector<NumberSelection> selections);

  /// Numbers that `run` writes: the sum over the selections, in their order.
  std::uint32_t width() const;

  /// Walks the whole message. Errors (corrupt): too few or too many bytes, an array of another length, a name that is missing,
  /// elements with other names than expected;
  /// `out` is then unspecified. Allocates nothing that depends on the message's own claims.
  /// `misnamed`, where given, is set, also where nothing is wrong.
  Status run(Bytes message, std::span<double> out, Misnamed* misnamed = nullptr) const;

  ~NumberExtractor();
  NumberExtractor(NumberExtractor&&) noexcept;
  NumberExtractor& operator=(NumberExtractor&&) noexcept;

 private:
  struct Program;
  explicit NumberExtractor(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

/// What an image message holds. Views into the message, or into `holds`.
struct PictureMessage {
  bool compressed = false;                        ///< not sensor_msgs/Image: `encoding` and `data` only
  std::string_view encoding;                      ///< `format` or `encoding`; "h264" where the type alone says so
  std::uint32_t width = 0, height = 0, step = 0;  ///< Image only
  bool big_endian = false;                        ///< Image only
  Bytes data;
  std::shared_ptr<const void> holds;  ///< of JSON, whose messages hold bytes as text
};

/// Beside a message of `encoding` ("json", "protobuf", "cdr", ...), what reading it may take, in bytes for each of its own.
std::uint64_t reading_bytes_per_byte(std::string_view encoding);

/// Reads sensor_msgs/Image, sensor_msgs/CompressedImage and the messages of video topics (foxglove_msgs/CompressedVideo,
/// ffmpeg_image_transport_msgs/FFMPEGPacket, h264_msgs/Packet) by the definition in the recording. Thread-safe.
class PictureExtractor {
 public:
  /// Errors (invalid): the type has not the fields of any.
  static Result<PictureExtractor> compile(std::shared_ptr<const Definition> definition);
  Result<PictureMessage> run(Bytes message) const;

  ~PictureExtractor();
  PictureExtractor(PictureExtractor&&) noexcept;
  PictureExtractor& operator=(PictureExtractor&&) noexcept;

 private:
  struct Program;
  explicit PictureExtractor(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

/// The length of the array (or 1 for a scalar) that a path selects in this message, and the strings of a string array: for
/// guessing recipes, not for the hot path.
Result<std::uint32_t> array_length(const Definition& definition, const FieldPath& path, Bytes message);
Result<std::vector<std::string>> string_array(const Definition& definition, const FieldPath& path, Bytes message);

/// What this message names the elements that the selection takes by their place (its width must be given): fewer than these where
/// its names end before, nothing where it names none. Errors: as NumberExtractor::run, of the names alone. For settling what is
/// expected, not for the hot path.
Result<std::vector<std::string>> element_names(const Definition& definition, const NumberSelection& selection, Bytes message);
/// Whether messages of the type have a place for such names.
bool may_name_elements(const Definition& definition, const NumberSelection& selection);

/// The path of the string array `name` (or `names`, `joint_names`) in the message that holds the field of `path`.
Result<FieldPath> find_names_beside(const Definition& definition, const FieldPath& path);

}  // namespace bagloom::msg
