#include "convert/losses.h"

#include <algorithm>
#include <map>
#include <set>

#include "convert/recording.h"

namespace bagloom::convert {
namespace {

std::string rows_text(std::uint64_t rows) { return std::to_string(rows) + (rows == 1 ? " row" : " rows"); }

/// What is unusable to one is excluded for all: it counts as not recorded. (But for names, which are no loss where a feature has
/// use for them.)
std::vector<std::string> features_of(const FeatureColumns& columns, const std::string& topic) {
  std::vector<std::string> features;
  for (const FeatureColumn& column : columns.columns)
    if (column.topic == topic && std::find(features.begin(), features.end(), column.feature) == features.end())
      features.push_back(column.feature);
  return features;
}

std::string span_text(TimeNs span) { return relative_text(span).substr(1); }

/// Nothing is left out: rows go by the times. But they may not be what the robot saw together.
void add_set_back(const std::string& recording, const FeatureColumns& columns, const RecordingPlan& plan,
                  std::vector<Loss>& losses) {
  for (const TimesSetBack& one : plan.set_back) {
    losses.push_back({recording, LossKind::clock_set_back, one.topic, "", one.messages, std::nullopt, one.from,
                      one.topic + ": " + std::to_string(one.messages) +
                          (one.messages == 1 ? " message stands" : " messages stand") +
                          " in the file before ones of earlier times, by up to " + span_text(one.lag) + " (at " +
                          relative_text(one.from - plan.start) + " to " + relative_text(one.to - plan.start) +
                          "): the recorder's clock was set back, or the file is not in order; rows go by the times "
                          "(`bagloom scan` shows more)"});
    losses.back().features = features_of(columns, one.topic);
  }
}

/// A topic that died: `hold` repeats its last message up to the last row.
void add_stale_rows(const std::string& recording, const FeatureColumns& columns, const RecordingPlan& plan,
                    std::vector<Loss>& losses) {
  constexpr TimeNs kLeast = kNsPerSecond, kIntervals = 20;
  const TimeNs end = plan.cells.time(plan.outcome.episodes.back().ranges.back().end - 1);
  for (std::uint32_t i = 0; i < columns.columns.size(); ++i) {
    const FeatureColumn& column = columns.columns[i];
    const TimeNs median = plan.median_interval[i], last = plan.last_message[i];
    // Of one message, or of ones in bursts, no interval tells when the next one was due.
    if (column.match != recipe::Match::hold || median == 0) continue;
    if (end - last <= kLeast || (end - last) / kIntervals < median) continue;
    std::uint64_t rows = 0, stale = 0;
    for (const align::EpisodeRows& episode : plan.outcome.episodes) {
      rows += episode.rows;
      for (const align::TickRange& range : episode.ranges)
        for (std::uint64_t tick = range.begin; tick < range.end; ++tick)
          if (plan.cells.message(i, tick).time == last) ++stale;
    }
    losses.push_back({recording, LossKind::stale_rows, column.topic, column.feature, stale, std::nullopt, last,
                      column.feature + ": " + column.topic + " ends " + span_text(end - last) +
                          " before the rows do: its last message stands in " + std::to_string(stale) + " of " + rows_text(rows)});
  }
}

/// Trimming is no loss, but half an episode should not go without a word.
void add_trimmed_rows(const std::string& recording, const FeatureColumns& columns, const RecordingPlan& plan,
                      std::vector<Loss>& losses) {
  constexpr TimeNs kShort = 2 * kNsPerSecond;
  const std::uint64_t ticks = plan.cells.ticks();
  const auto add = [&](bool at_start, std::uint64_t trimmed) {
    const TimeNs span = at_start ? plan.cells.time(trimmed) - plan.cells.time(0)
                                 : plan.cells.time(ticks - 1) - plan.cells.time(ticks - 1 - trimmed);
    if (trimmed * 10 <= ticks && span <= kShort) return;
    // The column whose messages begin last, or end first.
    std::uint32_t which = 0;
    std::uint64_t longest = 0;
    for (std::uint32_t i = 0; i < columns.columns.size(); ++i) {
      std::uint64_t run = 0;
      while (run < trimmed && plan.cells.state(i, at_start ? run : ticks - 1 - run) == align::CellState::absent) ++run;
      if (run <= longest) continue;
      longest = run;
      which = i;
    }
    const FeatureColumn& column = columns.columns[which];
    losses.push_back({recording, LossKind::trimmed_rows, column.topic, column.feature, trimmed, std::nullopt, std::nullopt,
                      column.feature + ": the " + (at_start ? "first " : "last ") + std::to_string(trimmed) + " of " +
                          rows_text(ticks) + " (" + span_text(span) + ") are trimmed: " + column.topic +
                          " has no message in their reach"});
  };
  if (plan.outcome.trimmed_start > 0) add(true, plan.outcome.trimmed_start);
  if (plan.outcome.trimmed_end > 0) add(false, plan.outcome.trimmed_end);
}

}  // namespace

std::vector<Loss> losses_of_damage(const std::string& recording, const bag::BagInfo& info) {
  std::vector<Loss> losses;
  for (const bag::Damage& damage : info.damage)
    if (damage.loss)
      losses.push_back({recording, LossKind::damage, damage.topic, "", damage.messages, damage.offset, std::nullopt,
                        (damage.offset == 0 ? "" : "at " + hex(damage.offset) + ": ") + damage.what});
  return losses;
}

std::vector<Loss> losses_of_plan(const std::string& recording, const FeatureColumns& columns, const RecordingPlan& plan) {
  std::vector<Loss> losses;
  const align::PlanOutcome& outcome = plan.outcome;
  if (outcome.rejected) {
    losses.push_back({recording, LossKind::rejected, "", "", plan.cells.ticks(), std::nullopt, std::nullopt,
                      outcome.reason + (outcome.remedy.empty() ? "" : "; " + outcome.remedy)});
    add_set_back(recording, columns, plan, losses);
    return losses;
  }
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    if (outcome.columns[i].held == 0) continue;
    const FeatureColumn& column = columns.columns[i];
    losses.push_back({recording, LossKind::held_rows, column.topic, column.feature, outcome.columns[i].held, std::nullopt,
                      std::nullopt,
                      column.feature + ": " + rows_text(outcome.columns[i].held) + " without a message of " + column.topic +
                          " in reach repeat the last one"});
  }
  if (outcome.gap_rows > 0)
    losses.push_back({recording, LossKind::gap_rows, "", "", outcome.gap_rows, std::nullopt, std::nullopt,
                      rows_text(outcome.gap_rows) + " taken out at " + std::to_string(outcome.long_gaps.size()) + " long gaps"});
  if (outcome.short_pieces > 0)
    losses.push_back({recording, LossKind::short_pieces, "", "", outcome.short_piece_rows, std::nullopt, std::nullopt,
                      std::to_string(outcome.short_pieces) +
                          " pieces between gaps were too short for an episode: " + rows_text(outcome.short_piece_rows)});
  add_set_back(recording, columns, plan, losses);
  add_stale_rows(recording, columns, plan, losses);
  add_trimmed_rows(recording, columns, plan, losses);
  return losses;
}

Loss unusable_loss(const JobSetup& setup, std::uint32_t recording, const Unusable& unusable, std::uint64_t messages,
                   TimeNs start) {
  const FeatureColumn& column = setup.columns->columns[unusable.column];
  const std::string time = relative_text(unusable.message.time - start);
  const std::string what = messages == 1 ? column.topic + " at " + time
                                         : std::to_string(messages) + " messages of " + column.topic + " from " + time + " on";
  Loss loss{setup.inputs[recording].path,
            LossKind::unusable_message,
            column.topic,
            column.feature,
            messages,
            unusable.offset,
            unusable.message.time,
            unusable.place + ": " + what + ": " + unusable.reason,
            unusable.reason,
            features_of(*setup.columns, column.topic)};
  if (loss.features.size() > 1) loss.text += " (" + std::to_string(loss.features.size()) + " features)";
  return loss;
}

Loss nothing_left_loss(const JobSetup& setup, std::uint32_t recording, const Unusable& unusable, std::uint64_t messages,
                       TimeNs start) {
  Loss loss = unusable_loss(setup, recording, unusable, messages, start);
  loss.features = {loss.feature};
  loss.text = unusable.place + ": no message of " + loss.topic + " has what " + loss.feature + " takes, the first at " +
              relative_text(unusable.message.time - start) + ": " + unusable.reason;
  return loss;
}

std::vector<Loss> losses_of_streams(const Recording& recording, const FeatureColumns& columns) {
  std::vector<Loss> losses;
  std::set<std::string> topics;
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    const FeatureColumn& column = columns.columns[i];
    if (recording.streams[i] == nullptr || !topics.insert(column.topic).second) continue;
    const StreamFacts& facts = recording.streams[i]->facts();
    const auto add = [&](std::uint64_t count, const std::string& what) {
      if (count == 0) return;
      losses.push_back({recording.path, LossKind::unusable_message, column.topic, column.feature, count, std::nullopt,
                        std::nullopt,
                        column.topic + ": " + std::to_string(count) + (count == 1 ? " message " : " messages ") + what});
      losses.back().features = features_of(columns, column.topic);
    };
    add(facts.before_keyframe, "before the first keyframe");
    add(facts.after_missing, "of the video behind one that is missing, or stands twice, up to the next keyframe");
    add(facts.behind_holes, "of the video behind a hole up to the next keyframe: the time says that about " +
                                std::to_string(facts.in_holes) +
                                " pictures are missing, as many as the stream's own count cannot show");
    add(facts.unreadable, "of the video cannot be read");
    add(facts.after_unreadable, "behind unreadable ones, up to the next keyframe");
    if (facts.doubtful_holes == 0) continue;
    const std::string where = relative_text(facts.doubtful_time - recording.reader->info().start);
    const std::string more = facts.doubtful_holes > 1 ? " (and " + std::to_string(facts.doubtful_holes - 1) + " more)" : "";
    losses.push_back(
        {recording.path, LossKind::doubtful_hole, column.topic, column.feature, facts.doubtful_holes, std::nullopt,
         facts.doubtful_time,
         column.topic + " at " + where + more + ": looks like " + std::to_string(facts.doubtful_pictures) +
             " pictures are missing, or the camera paused: if they are, pictures up to the next keyframe are wrong"});
    losses.back().features = features_of(columns, column.topic);
  }
  return losses;
}

std::vector<Loss> shorten(std::vector<Loss> losses) {
  std::map<std::string, std::uint64_t> seen;
  std::map<std::string, Loss> rest;
  std::vector<Loss> result;
  for (Loss& loss : losses) {
    if (++seen[loss.topic] <= kListedOfTopic) {
      result.push_back(std::move(loss));
      continue;
    }
    const auto [sum_of, is_first] = rest.try_emplace(loss.topic, loss);
    Loss& sum = sum_of->second;
    if (!is_first) sum.count += loss.count;
    if (sum.reason != loss.reason) sum.reason.clear();
    sum.text = loss.topic + ": " + std::to_string(sum.count) + " more unusable messages";
  }
  for (auto& [topic, loss] : rest) result.push_back(std::move(loss));
  return result;
}

}  // namespace bagloom::convert
