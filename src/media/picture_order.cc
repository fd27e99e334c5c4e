#include "media/picture_order.h"

#include <algorithm>

#include "media/sequence_pictures.h"

namespace bagloom::media {

PictureOrder::Place PictureOrder::add(int order, bool restart) {
  constexpr std::size_t kMostSent = 256;
  if (restart) sent_.clear();
  Place place;
  for (Sent& before : sent_) {
    place.repeated = place.repeated || before.order == order;
    if (order > before.order) continue;
    place.reordered = true;
    most_ = std::min(kMostPictures, std::max(most_, ++before.overtaken));
  }
  if (sent_.size() == kMostSent) sent_.pop_front();
  sent_.push_back({order});
  place.overtaken = most_;
  return place;
}

}  // namespace bagloom::media
