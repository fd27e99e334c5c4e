#include "bench/lengths.h"

#include <algorithm>
#include <cmath>

#include "bag/bag_reader.h"
#include "bag/rosbag1_writer.h"
#include "convert/task_messages.h"

namespace bagloom::bench {
namespace {

std::optional<double> slope(const std::vector<LengthPoint>& points, std::uint64_t LengthPoint::*along, double per) {
  double x = 0, y = 0, xx = 0, xy = 0;
  const auto n = static_cast<double>(points.size());
  for (const LengthPoint& point : points) {
    x += static_cast<double>(point.*along);
    y += static_cast<double>(point.peak);
  }
  x /= n;
  y /= n;
  for (const LengthPoint& point : points) {
    const double dx = static_cast<double>(point.*along) - x;
    xx += dx * dx;
    xy += dx * (static_cast<double>(point.peak) - y);
  }
  return xx > 0 ? std::optional(xy / xx * per) : std::nullopt;
}

}  // namespace

Status write_repeated(const std::string& bag, double times, TimeNs pause, const std::string& out,
                      const std::function<bool()>& stop) {
  ASSIGN_OR_RETURN(const auto reader, bag::open_bag(bag, bag::OpenOptions{}));
  const bag::BagInfo& info = reader->info();
  if (info.format != "rosbag1")
    return Error(ErrorKind::unsupported, "only ROS 1 bags can be repeated to other lengths").in(std::string(bag));
  ASSIGN_OR_RETURN(const auto writer, bag::Rosbag1Writer::create(out, {}));
  std::vector<std::uint32_t> numbers;
  for (const bag::Connection& connection : info.connections)
    numbers.push_back(
        writer->add_connection(connection.topic, connection.type, connection.md5sum, connection.definition, connection.latching));
  const TimeNs span = info.end - info.start;
  for (std::uint32_t round = 0; static_cast<double>(round) < times; ++round) {
    const double part = std::min(1.0, times - round);
    const TimeNs shift = static_cast<TimeNs>(round) * (span + pause);
    const TimeNs last = info.start + static_cast<TimeNs>(std::llround(part * static_cast<double>(span)));
    const auto copy = [&](const bag::IndexedMessage& message) -> Status {
      if (stop && stop()) return convert::stopped_error();
      if (message.ref.time > last) return {};
      ASSIGN_OR_RETURN(const bag::Payload payload, reader->fetch(message.ref));
      return writer->write(numbers[message.ref.connection], message.ref.time + shift, payload.bytes);
    };
    RETURN_IF_ERROR(reader->scan(bag::ConnectionSet(info.connections.size(), true), copy));
  }
  return writer->finish();
}

void fit_slopes(LengthSeries& series) {
  std::vector<LengthPoint> measured;
  for (const LengthPoint& point : series.points)
    if (point.peak > 0) measured.push_back(point);
  series.bytes_per_gigabyte = slope(measured, &LengthPoint::bytes, 1e9);
  series.bytes_per_1000_rows = slope(measured, &LengthPoint::rows, 1000);
}

}  // namespace bagloom::bench
