#include "bag/mcap_reader.h"

#include "bag/chunked_reader.h"
#include "bag/mcap_layout.h"
#include "bag/mcap_message.h"

namespace bagloom::bag {
namespace {

class McapReader : public ChunkedReader {
 public:
  McapReader(std::unique_ptr<Source> source, const OpenOptions& options, mcap::McapLayout layout)
      : ChunkedReader(std::move(source), options, static_cast<Layout&&>(layout),
                      {{0, layout.header_end}, {layout.summary_begin, layout.summary_begin == 0 ? 0 : layout.info.bytes}}) {}

 private:
  Result<std::vector<ChunkEntry>> load_entries(std::uint32_t chunk) override {
    return mcap::load_entries(source(), layout(), chunk);
  }

  Result<PayloadPlace> find_payload(ReadAhead& window, const MessagePlace& place) const override {
    ASSIGN_OR_RETURN(const mcap::Record record, mcap::read_message(window, place));
    return PayloadPlace{record.data_offset + mcap::kMessageFieldsBytes, record.data_bytes - mcap::kMessageFieldsBytes};
  }
};

}  // namespace

Result<std::unique_ptr<BagReader>> open_mcap(std::unique_ptr<Source> source, const OpenOptions& options) {
  auto layout = mcap::read_layout(*source, options);
  if (!layout.ok()) return placed(layout.error(), source->name());
  return std::unique_ptr<BagReader>(new McapReader(std::move(source), options, std::move(*layout)));
}

}  // namespace bagloom::bag
