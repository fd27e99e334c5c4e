// Shared by the tasks: fetching, telling a bad message from a bad disk, naming units by their inputs.
#pragma once

#include <string>
#include <vector>

#include "base/hash.h"
#include "convert/unit_tasks.h"

namespace bagloom::convert {

/// Whether an error is about one message (which is then excluded) and not about the disk, the codec or the caller.
bool concerns_message(const Error& error);

/// A disk that fails under the recording: its kind becomes `unreadable`, which fails this recording and not the job.
Result<bag::Payload> fetch_message(const RecordingWork& work, const TaskRows& rows, const MessageRef& ref);

/// The same, and no stage is timed: for what is timed as a whole.
Result<bag::Payload> fetch_untimed(const RecordingWork& work, const TaskRows& rows, const MessageRef& ref);

Error stopped_error();

/// Where a fetch found that a chunk's index contradicts its records: BagReader::mend_index. Errors: unreadable (the disk under
/// the recording), stopped. `known`: another reader of this recording found it.
Status mend_index(bag::BagReader& reader, const std::function<bool()>& stop, bool known = false);

/// Adds whose unit it is: of one recording of the job, of one feature (empty: of all vectors), of these ticks of the plan.
/// No two tasks of a plan have the same, whatever their messages are: a still camera's blocks all hold one picture, and two
/// features may take one topic in the same way. Assembly removes a unit with the file that it went into, so none may stand for
/// two.
void add_owner(Hasher& hasher, const RecordingWork& work, const std::string& feature, const align::TickRange& ticks);
/// Adds what a unit's content depends on of one cell: the message.
void add_cell(Hasher& hasher, const align::Cell& cell);

/// What is wrong and what may be done about it, without the error's trail.
std::string reason_of(const Error& error);

Unusable unusable_message(const RecordingWork& work, const MessageRef& message, std::uint32_t column, const Error& error);
/// Remembers a message once, however many rows refer to it. `needs`: Unusable::needs.
void report_unusable(const RecordingWork& work, std::vector<Unusable>& list, const MessageRef& message, std::uint32_t column,
                     const Error& error, std::uint64_t needs = 0);

}  // namespace bagloom::convert
