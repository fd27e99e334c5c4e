#include "bag/rosbag1_reader.h"

#include "bag/chunked_reader.h"
#include "bag/rosbag1_connection.h"
#include "bag/rosbag1_layout.h"
#include "bag/rosbag1_message.h"
#include "bag/rosbag1_walk.h"

namespace bagloom::bag {
namespace {

class Rosbag1Reader : public ChunkedReader {
 public:
  Rosbag1Reader(std::unique_ptr<Source> source, const OpenOptions& options, Rosbag1Layout layout)
      : ChunkedReader(std::move(source), options, static_cast<Layout&&>(layout),
                      {{0, layout.header.end}, {layout.header.index_pos, layout.header.index_pos == 0 ? 0 : layout.info.bytes}}) {
  }

 private:
  Result<std::vector<ChunkEntry>> load_entries(std::uint32_t chunk) override {
    return bag::load_entries(source(), layout(), chunk);
  }

  Result<PayloadPlace> find_payload(ReadAhead& window, const MessagePlace& place) const override {
    ASSIGN_OR_RETURN(const RecordHead head, read_message_head(window, place));
    return PayloadPlace{head.data_offset, head.data_bytes};
  }

  Result<std::uint64_t> count_messages(ReadAhead& window, std::uint64_t begin, const Wanted& wanted,
                                       const Announced& announced) const override {
    std::uint64_t count = 0;
    while (begin < window.limit()) {
      auto head = read_record_head(window, begin);
      if (!head.ok() && head.error().kind() != ErrorKind::corrupt) return std::move(head).error();
      if (!head.ok() || head->end() > window.limit()) break;
      begin = head->end();
      if (head->op == kOpConnection && head->data_bytes <= kMaxConnectionBytes) {
        ASSIGN_OR_RETURN(const WholeRecord record, read_whole_record(window, *head));
        if (const auto said = read_connection(record.head, record.data)) announced(*said);
      }
      if (head->op != kOpMessage) continue;
      const auto connection = head->fields.u32("conn");
      if (connection && wanted(*connection)) ++count;
    }
    return count;
  }

  Result<Records> walk(ReadAhead& window, std::uint64_t begin, ConnectionTable& connections) const override {
    DamageLog damage;
    ASSIGN_OR_RETURN(Walk walk, walk_records(window, begin, {}, connections, damage));
    return Records{std::move(walk.entries), walk.why_stopped.empty() && damage.take().empty()};
  }
};

}  // namespace

Result<std::unique_ptr<BagReader>> open_rosbag1(std::unique_ptr<Source> source, const OpenOptions& options) {
  auto layout = read_layout(*source, options);
  if (!layout.ok()) return placed(layout.error(), source->name());
  return std::unique_ptr<BagReader>(new Rosbag1Reader(std::move(source), options, std::move(*layout)));
}

}  // namespace bagloom::bag
