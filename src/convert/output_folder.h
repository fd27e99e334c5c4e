// OUT: what stands there, and whether a dataset may be put there. Writes nothing.
#pragma once

#include <string>

#include "convert/convert.h"

namespace bagloom::convert {

/// Where `output` leads, if it is a symbolic link: the dataset is put there, and its job's folder lies beside it. Error
/// (invalid): links in a ring.
Result<std::string> resolved_output(const std::string& output);

/// Whether `output` is there, is a dataset that bagloom made, and is this very job's.
struct OutputState {
  bool exists = false, ours = false, same_job = false;
};
OutputState examine_output(const std::string& output, const std::string& job);

/// Errors (invalid): OUT has no name of its own (".", ".."), lies in another dataset or in the working folder of a job, or holds
/// one of the recordings.
Status check_place(const Options& options);

/// Error (invalid) where OUT is there and is not bagloom's, or is and `overwrite` is not given, or is given and OUT holds, at any
/// depth, what bagloom does not make, which would go with it. Error (io) where it cannot be listed.
Status check_replaceable(const Options& options, const OutputState& state);

}  // namespace bagloom::convert
