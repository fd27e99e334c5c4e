// Inside media/: what the order in which a stream's pictures are shown tells of it.
#pragma once

#include <cstdint>
#include <deque>

namespace bagloom::media {

/// Looks at the pictures in the order in which they are sent. Keeps the last 256 since the order began anew.
class PictureOrder {
 public:
  struct Place {
    bool reordered = false;  ///< shown before one that was sent before it
    /// Has the place of one that was sent before it. H.265 never gives one twice (8.3.1): a picture at which the order begins
    /// anew is missing between the two.
    bool repeated = false;
    /// The most pictures so far that are shown before one that was sent before them.
    std::uint32_t overtaken = 0;
  };

  /// `order`: the picture order count. `restart`: it begins anew with this picture.
  Place add(int order, bool restart);

 private:
  struct Sent {
    int order = 0;
    std::uint32_t overtaken = 0;  ///< by so many
  };
  std::deque<Sent> sent_;
  std::uint32_t most_ = 0;
};

}  // namespace bagloom::media
