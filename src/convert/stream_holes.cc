#include "convert/stream_holes.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "align/interval_median.h"

namespace bagloom::convert {
namespace {

/// From one keyframe to the next.
struct Group {
  std::uint64_t begin = 0;     ///< message
  std::uint64_t pictures = 0;  ///< so far
  TimeNs time = 0;             ///< of the keyframe
  bool broken = false;         ///< something in it is not usable
  // The first jump in time that may be a hole.
  std::uint64_t jump = 0;     ///< message behind it
  std::uint64_t missing = 0;  ///< pictures that it is long; 0: no jump
};

// Hours: beyond, a clock was set.
constexpr double kMostPeriods = 1e6;

// What a hostile file says may not fit into a TimeNs.
double distance_in_time(TimeNs from, TimeNs to) { return static_cast<double>(to) - static_cast<double>(from); }

class Finder {
 public:
  Finder(std::uint64_t messages, std::uint32_t counts_to, const std::function<Result<PictureTime>(std::uint64_t)>& at)
      : messages_(messages), counts_to_(counts_to), at_(at) {}

  Result<StreamHoles> run() {
    RETURN_IF_ERROR(measure_intervals());
    // Nearly all recordings end here.
    if (period_ <= 0 || longest_ < least_jump() * period_) return std::move(holes_);
    RETURN_IF_ERROR(walk([this](const Group& group, std::optional<PictureTime> end) { measure(group, end); }));
    settle_distance();
    RETURN_IF_ERROR(walk([this](const Group& group, std::optional<PictureTime> end) { judge(group, end.has_value()); }));
    return std::move(holes_);
  }

 private:
  static constexpr std::size_t kMostDistances = 1000;
  static constexpr std::uint64_t kLeastGroups = 3;

  double least_jump() const { return counts_to_ / 2.0; }

  Status measure_intervals() {
    align::IntervalMedian median;
    std::optional<TimeNs> before;
    for (std::uint64_t i = 0; i < messages_; ++i) {
      ASSIGN_OR_RETURN(const PictureTime message, at_(i));
      if (!message.picture) continue;
      median.add(message.time);
      if (before) longest_ = std::max(longest_, distance_in_time(*before, message.time));
      before = message.time;
    }
    period_ = static_cast<double>(median.median().value_or(0));
    return {};
  }

  template <class Visit>
  Status walk(const Visit& visit) {
    std::optional<Group> group;
    TimeNs before = 0;
    for (number_ = 0; number_ < messages_; ++number_) {
      ASSIGN_OR_RETURN(const PictureTime message, at_(number_));
      if (message.broken && group) group->broken = true;
      if (!message.picture) continue;
      if (message.keyframe) {
        if (group) visit(*group, message);
        group = Group{number_, 0, message.time};
      }
      if (!group) continue;
      const double periods = distance_in_time(before, message.time) / period_;
      if (!message.keyframe && group->missing == 0 && periods >= least_jump() && periods < kMostPeriods) {
        group->jump = number_;
        group->missing = static_cast<std::uint64_t>(std::llround(periods)) - 1;
      }
      ++group->pictures;
      before = message.time;
    }
    if (group) visit(*group, std::nullopt);
    return {};
  }

  void measure(const Group& group, const std::optional<PictureTime>& end) {
    if (!end || group.broken || distances_.size() == kMostDistances) return;
    Distance& distance = distances_[group.pictures];
    ++distance.groups;
    if (group.missing > 0) return;
    ++distance.whole;
    distance.time += distance_in_time(group.time, end->time);
  }

  /// The usual distance between keyframes, if there is one; and a better period than a median of what jitters.
  void settle_distance() {
    std::uint64_t groups = 0;
    for (const auto& [pictures, distance] : distances_) {
      groups += distance.groups;
      if (distance.whole > distances_[usual_].whole) usual_ = pictures;
    }
    const Distance& usual = distances_[usual_];
    if (usual_ < 2 || usual.whole < kLeastGroups || 3 * usual.groups < 2 * groups) {
      usual_ = 0;
      return;
    }
    period_ = usual.time / static_cast<double>(usual.whole * usual_);
  }

  void judge(const Group& group, bool complete) {
    if (group.missing == 0 || group.broken) return;
    const std::uint64_t missing = group.missing, sum = group.pictures + missing;
    const bool as_counted = missing % counts_to_ == 0;
    if (complete && usual_ > 0) {
      // Keyframes in the hole make the count begin anew.
      const std::uint64_t in_hole = sum % usual_ == 0 ? (sum / usual_ - 1) * usual_ : 0;
      if (group.pictures != usual_ && sum % usual_ == 0 && missing >= in_hole && (missing - in_hole) % counts_to_ == 0) {
        holes_.lost.push_back({group.jump, number_});
        holes_.missing += missing;
        return;
      }
      // All pictures between two keyframes are there: a pause, unless it is as long as several keyframes are apart.
      if (group.pictures == usual_ && missing % usual_ != 0) return;
      if (group.pictures == usual_ || as_counted) doubt(group);
      return;
    }
    if (as_counted) doubt(group);
  }

  void doubt(const Group& group) {
    if (holes_.doubtful++ > 0) return;
    holes_.doubtful_message = group.jump;
    holes_.doubtful_pictures = group.missing;
  }

  struct Distance {
    std::uint64_t groups = 0, whole = 0;  ///< all, and those without a jump
    double time = 0;                      ///< of these
  };

  const std::uint64_t messages_;
  const std::uint32_t counts_to_;
  const std::function<Result<PictureTime>(std::uint64_t)>& at_;
  double longest_ = 0;
  double period_ = 0;  ///< ns
  std::map<std::uint64_t, Distance> distances_;
  std::uint64_t usual_ = 0;  ///< pictures from keyframe to keyframe; 0: they stand irregularly
  std::uint64_t number_ = 0;
  StreamHoles holes_;
};

}  // namespace

Result<StreamHoles> find_holes(std::uint64_t messages, std::uint32_t counts_to,
                               const std::function<Result<PictureTime>(std::uint64_t)>& at) {
  if (counts_to < 8) return StreamHoles();
  return Finder(messages, counts_to, at).run();
}

}  // namespace bagloom::convert
