#include "align/file_order.h"

namespace bagloom::align {

void FileOrder::add(TimeNs time, std::uint64_t place) {
  if (!farthest_.any || place > farthest_.place) {
    farthest_ = {time, place, true};
    return;
  }
  // The first of what was recorded later: while both moments' messages alternate, the farthest one moves along with them.
  if (!anchor_.any || place > anchor_.place) anchor_ = farthest_;
  ++late_;
  // Unsigned: the difference of two times of a hostile file may not fit into the signed type.
  const std::uint64_t lag = static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(anchor_.time);
  if (lag <= lag_) return;
  lag_ = lag;
  from_ = anchor_.time;
  to_ = time;
}

}  // namespace bagloom::align
