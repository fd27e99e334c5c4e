// What the sources of Bench share. Internal to bench/.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bench/bench.h"
#include "memory/process_tree.h"

namespace bagloom::bench {

/// Memory, cores, kernel, processor.
void describe_machine(Facts& facts);

/// Figures from outside, and what ended the tree. Stage seconds and inside figures are not touched.
void take_tree(const memory::TreeUse& use, Row& row);

/// "256 MiB", "34 GB" as people compare it with a machine's memory.
std::string ceiling_text(std::uint64_t bytes);
std::string rounded_size(std::uint64_t bytes);

/// meta/info.json's total_frames; nothing where there is none.
std::optional<std::uint64_t> dataset_rows(const std::string& folder);

/// A method that is to run under heaptrack.
struct HeapRun {
  std::vector<std::string> command;
  std::string files;  ///< paths that begin like this are used
  std::function<memory::Order(const memory::TreeProgress&)> on_progress;
};
HeapProfile profile_heap(const HeapRun& run);

/// The last line of what a process said on stderr, without control characters; empty where it said nothing.
std::string last_line(const std::string& path);

}  // namespace bagloom::bench
