#include "convert/recording_plan.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <optional>

#include "align/file_order.h"
#include "align/interval_median.h"
#include "align/plan_builder.h"
#include "align/timeline.h"

namespace bagloom::convert {
namespace {

std::string seconds_text(TimeNs span) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g s", seconds(span));
  return text.data();
}

/// What the first scan learns of a topic.
struct TopicFacts {
  align::IntervalMedian interval;
  std::map<std::uint64_t, align::FileOrder> order;  ///< by file of the recording
  std::uint64_t bytes = 0, largest = 0;
};

void choose(const Recording& recording, const std::string& topic, bag::ConnectionSet& which) {
  if (const auto found = recording.connections.find(topic); found != recording.connections.end())
    for (const std::uint32_t index : found->second) which[index] = true;
}

class Planner {
 public:
  Planner(Recording& recording, const recipe::Recipe& recipe, const FeatureColumns& columns, const Excluded& excluded)
      : recording_(recording), recipe_(recipe), columns_(columns), excluded_(excluded) {}

  Result<RecordingPlan> run(StageSeconds* stages) {
    std::vector<TimeNs> ticks;
    {
      const StageTimer timer(stages, Stage::scan);
      RETURN_IF_ERROR(measure_topics());
      ASSIGN_OR_RETURN(ticks, make_ticks());
    }
    const StageTimer timer(stages, Stage::align);
    std::vector<align::Column> columns;
    for (const FeatureColumn& column : columns_.columns) {
      const TimeNs median = facts_of(columns.size()).interval.median().value_or(0);
      columns.push_back({column.feature, column.topic,
                         column.match == recipe::Match::hold ? align::Match::hold : align::Match::nearest,
                         tolerance_ns(column.tolerance, median)});
    }
    align::PlanBuilder builder(std::move(ticks), std::move(columns));
    RETURN_IF_ERROR(offer_messages(builder));
    RecordingPlan plan{std::move(builder).finish(), {}};
    plan.start = recording_.reader->info().start;
    plan.outcome = align::cut_episodes(plan.cells, episode_rules());
    if (plan.outcome.rejected) explain(plan);
    plan.set_back = times_set_back();
    for (std::size_t i = 0; i < columns_.columns.size(); ++i) {
      const TopicFacts& topic = facts_of(i);
      plan.largest_message.push_back(topic.largest);
      plan.mean_message.push_back(topic.interval.messages() == 0 ? 0 : topic.bytes / topic.interval.messages() + 1);
      plan.last_message.push_back(topic.interval.last());
      plan.median_interval.push_back(topic.interval.median().value_or(0));
    }
    return plan;
  }

 private:
  bag::ConnectionSet all_connections() const { return planned_connections(recording_, recipe_, columns_); }

  /// Of the messages that the column takes.
  TopicFacts& facts_of(std::size_t column) {
    const auto own = of_column_.find(static_cast<std::uint32_t>(column));
    return own != of_column_.end() ? own->second : topics_[columns_.columns[column].topic];
  }

  /// Whose messages are the timeline's, where several publishers share its topic: the first feature's of it.
  std::optional<std::uint32_t> timeline_column() const {
    for (std::uint32_t i = 0; i < columns_.columns.size(); ++i)
      if (columns_.columns[i].topic == recipe_.timeline.topic) return i;
    return std::nullopt;
  }
  TopicFacts& timeline_facts() {
    const auto column = timeline_column();
    return column ? facts_of(*column) : topics_[recipe_.timeline.topic];
  }

  std::vector<std::vector<std::uint32_t>> columns_by_connection() const {
    std::vector<std::vector<std::uint32_t>> columns(recording_.reader->info().connections.size());
    for (std::uint32_t column = 0; column < columns_.columns.size(); ++column)
      if (const auto found = recording_.connections.find(columns_.columns[column].topic); found != recording_.connections.end())
        for (const std::uint32_t index : found->second) columns[index].push_back(column);
    return columns;
  }

  static void add_message(TopicFacts& facts, const bag::IndexedMessage& message, std::uint64_t file) {
    facts.interval.add(message.ref.time);
    facts.order[file].add(message.ref.time, message.ref.locator);
    facts.bytes += message.bytes;
    facts.largest = std::max(facts.largest, message.bytes);
  }

  Status measure_topics() {
    std::vector<TopicFacts*> by_connection;
    for (const bag::Connection& connection : recording_.reader->info().connections)
      by_connection.push_back(&topics_[connection.topic]);
    for (const auto& [column, messages] : excluded_.of_column)
      if (!messages.empty()) of_column_[column];
    const auto columns = columns_by_connection();
    bag::BagReader& reader = *recording_.reader;
    const bool several_files = reader.files().size() > 1;
    return reader.scan(all_connections(), [&](const bag::IndexedMessage& message) -> Status {
      if (excluded_.contains(reader, message.ref)) return {};
      // Places tell an order within one file only. A key is an offset, and in a recording of several files the file's number.
      const std::uint64_t file = several_files ? reader.place_key(message.ref) - reader.file_offset(message.ref) : 0;
      bool taken = columns[message.ref.connection].empty();  // of the timeline's topic alone
      for (const std::uint32_t column : columns[message.ref.connection]) {
        if (excluded_.contains(column, message.ref)) continue;
        taken = true;
        if (const auto own = of_column_.find(column); own != of_column_.end()) add_message(own->second, message, file);
      }
      if (!taken) return {};
      add_message(*by_connection[message.ref.connection], message, file);
      first_ = any_ ? std::min(first_, message.ref.time) : message.ref.time;
      last_ = any_ ? std::max(last_, message.ref.time) : message.ref.time;
      any_ = true;
      return {};
    });
  }

  std::vector<TimesSetBack> times_set_back() const {
    constexpr TimeNs kJitter = kNsPerSecond / 10;
    std::vector<TimesSetBack> found;
    for (const auto& [name, topic] : topics_) {
      TimesSetBack one;
      one.topic = name;
      for (const auto& [file, order] : topic.order) {
        one.messages += order.late();
        const TimeNs lag = static_cast<TimeNs>(std::min<std::uint64_t>(order.lag(), std::numeric_limits<TimeNs>::max()));
        if (lag <= one.lag) continue;
        one.lag = lag;
        one.from = order.from();
        one.to = order.to();
      }
      const TimeNs median = topic.interval.median().value_or(0);
      if (one.lag > kJitter && one.lag / 2 > median) found.push_back(std::move(one));
    }
    return found;
  }

  Result<std::vector<TimeNs>> make_ticks() {
    if (!any_) return std::vector<TimeNs>{};
    if (recipe_.timeline.topic.empty())
      return align::uniform_ticks(recipe_.fps, first_ + recipe_.timeline.drop_start, last_ - recipe_.timeline.drop_end);
    const std::string& name = recipe_.timeline.topic;
    const align::IntervalMedian& interval = timeline_facts().interval;
    if (interval.messages() == 0)
      return Error(ErrorKind::invalid, "the timeline's topic " + name + " has no messages").in(recording_.path);
    if (const auto median = interval.median())
      if (auto status = align::check_rate(*median, recipe_.timeline.every, recipe_.fps); !status)
        return std::move(status).error().in("timeline " + name).in(recording_.path);
    align::TopicTimeline rules;
    rules.fps = recipe_.fps;
    rules.every = recipe_.timeline.every;
    rules.from = interval.first() + recipe_.timeline.drop_start;
    rules.to = interval.last() - recipe_.timeline.drop_end;
    rules.fill_at_most = align::held_rows(recipe_.gaps.hold, recipe_.fps) + 1;
    align::TopicTicks ticks(rules);
    bag::ConnectionSet timeline_connections(recording_.reader->info().connections.size(), false);
    choose(recording_, name, timeline_connections);
    const std::optional<std::uint32_t> column = timeline_column();
    RETURN_IF_ERROR(recording_.reader->scan(timeline_connections, [&](const bag::IndexedMessage& message) -> Status {
      if (excluded_.contains(*recording_.reader, message.ref)) return {};
      if (column && excluded_.contains(*column, message.ref)) return {};
      return ticks.add(message.ref.time);
    }));
    return std::move(ticks).finish();
  }

  Status offer_messages(align::PlanBuilder& builder) {
    const auto columns = columns_by_connection();
    return recording_.reader->scan(all_connections(), [&](const bag::IndexedMessage& message) -> Status {
      if (excluded_.contains(*recording_.reader, message.ref)) return {};
      for (const std::uint32_t column : columns[message.ref.connection])
        if (!excluded_.contains(column, message.ref)) RETURN_IF_ERROR(builder.offer(column, message.ref));
      return {};
    });
  }

  /// Where there are no rows to speak of, the cause is not a gap: says it, and what may be done about it.
  void explain(RecordingPlan& plan) {
    const std::uint64_t ticks = plan.cells.ticks();
    const recipe::Timeline& timeline = recipe_.timeline;
    const bool by_topic = !timeline.topic.empty();
    const std::string whose = by_topic ? "the messages of " + timeline.topic : "the messages of the recipe's topics";
    const TimeNs span = by_topic ? timeline_facts().interval.last() - timeline_facts().interval.first() : last_ - first_;
    const TimeNs dropped = timeline.drop_start + timeline.drop_end;
    if (ticks < align::kMinEpisodeRows) {
      const std::string rows = ticks == 0 ? "no row" : "1 row";
      if (dropped > 0 && dropped + kNsPerSecond / recipe_.fps >= span) {
        plan.outcome.reason = "timeline.drop_start and drop_end (" + seconds_text(dropped) + ") leave " + rows + " of " + whose +
                              ", which span " + seconds_text(span);
        plan.outcome.remedy = "drop less, or leave the recording out";
      } else {
        const bool one = by_topic && timeline_facts().interval.messages() == 1;
        plan.outcome.reason =
            (one ? timeline.topic + " has one message" : whose + (span == 0 ? " have one time" : " span " + seconds_text(span))) +
            ": " + rows + " at " + std::to_string(recipe_.fps) + " fps, an episode needs " +
            std::to_string(align::kMinEpisodeRows);
        plan.outcome.remedy =
            by_topic ? "take another topic for the timeline, or leave the recording out" : "leave the recording out";
      }
      return;
    }
    for (std::size_t i = 0; i < columns_.columns.size(); ++i) {
      const FeatureColumn& column = columns_.columns[i];
      const align::IntervalMedian& interval = facts_of(i).interval;
      if (column.match != recipe::Match::nearest || interval.median().value_or(1) > 0) continue;
      plan.outcome.remedy = "more than half of the messages of " + column.topic +
                            " have the same time as the one before, which tells no period: give it a tolerance in seconds";
      return;
    }
  }

  align::EpisodeRules episode_rules() const {
    align::EpisodeRules rules;
    rules.held_rows = align::held_rows(recipe_.gaps.hold, recipe_.fps);
    rules.min_rows = recipe_.gaps.min_rows;
    switch (recipe_.gaps.longer) {
      case recipe::LongGap::reject: rules.longer = align::LongGapRule::reject; break;
      case recipe::LongGap::split: rules.longer = align::LongGapRule::split; break;
      case recipe::LongGap::drop: rules.longer = align::LongGapRule::drop; break;
    }
    return rules;
  }

  Recording& recording_;
  const recipe::Recipe& recipe_;
  const FeatureColumns& columns_;
  const Excluded& excluded_;
  std::map<std::string, TopicFacts> topics_;       ///< of messages that a column takes, or all where none does
  std::map<std::uint32_t, TopicFacts> of_column_;  ///< columns that do not take all of these
  TimeNs first_ = 0, last_ = 0;
  bool any_ = false;
};

}  // namespace

bag::ConnectionSet planned_connections(const Recording& recording, const recipe::Recipe& recipe, const FeatureColumns& columns) {
  bag::ConnectionSet which(recording.reader->info().connections.size(), false);
  for (const FeatureColumn& column : columns.columns) choose(recording, column.topic, which);
  if (!recipe.timeline.topic.empty()) choose(recording, recipe.timeline.topic, which);
  return which;
}

Result<RecordingPlan> plan_recording(Recording& recording, const recipe::Recipe& recipe, const FeatureColumns& columns,
                                     const Excluded& excluded, StageSeconds* stages) {
  return Planner(recording, recipe, columns, excluded).run(stages);
}

}  // namespace bagloom::convert
