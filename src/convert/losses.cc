#include "convert/losses.h"

#include <algorithm>
#include <map>

namespace bagloom::convert {
namespace {

std::string rows_text(std::uint64_t rows) { return std::to_string(rows) + (rows == 1 ? " row" : " rows"); }

}  // namespace

std::vector<Loss> losses_of_damage(const std::string& recording, const bag::BagInfo& info) {
  std::vector<Loss> losses;
  for (const bag::Damage& damage : info.damage)
    if (damage.loss)
      losses.push_back({recording, "damage", damage.topic, "", damage.messages, damage.offset, std::nullopt,
                        (damage.offset == 0 ? "" : "at " + hex(damage.offset) + ": ") + damage.what});
  return losses;
}

std::vector<Loss> losses_of_plan(const std::string& recording, const FeatureColumns& columns, const RecordingPlan& plan) {
  std::vector<Loss> losses;
  const align::PlanOutcome& outcome = plan.outcome;
  if (outcome.rejected) {
    losses.push_back({recording, "rejected", "", "", plan.cells.ticks(), std::nullopt, std::nullopt,
                      outcome.reason + (outcome.remedy.empty() ? "" : "; " + outcome.remedy)});
    return losses;
  }
  for (std::size_t i = 0; i < columns.columns.size(); ++i) {
    if (outcome.columns[i].held == 0) continue;
    const FeatureColumn& column = columns.columns[i];
    losses.push_back({recording, "held_rows", column.topic, column.feature, outcome.columns[i].held, std::nullopt, std::nullopt,
                      column.feature + ": " + rows_text(outcome.columns[i].held) + " without a message of " + column.topic +
                          " in reach repeat the last one"});
  }
  if (outcome.gap_rows > 0)
    losses.push_back({recording, "gap_rows", "", "", outcome.gap_rows, std::nullopt, std::nullopt,
                      rows_text(outcome.gap_rows) + " taken out at " + std::to_string(outcome.long_gaps.size()) + " long gaps"});
  if (outcome.short_pieces > 0)
    losses.push_back({recording, "short_pieces", "", "", outcome.short_piece_rows, std::nullopt, std::nullopt,
                      std::to_string(outcome.short_pieces) +
                          " pieces between gaps were too short for an episode: " + rows_text(outcome.short_piece_rows)});
  return losses;
}

Loss unusable_loss(const JobSetup& setup, std::uint32_t recording, const Unusable& unusable, std::uint64_t messages,
                   const std::set<std::uint32_t>& columns, TimeNs start) {
  const FeatureColumn& column = setup.columns->columns[unusable.column];
  const std::string time = relative_text(unusable.message.time - start);
  const std::string what = messages == 1 ? column.topic + " at " + time
                                         : std::to_string(messages) + " messages of " + column.topic + " from " + time + " on";
  Loss loss{setup.inputs[recording].path,
            "unusable_message",
            column.topic,
            column.feature,
            messages,
            unusable.offset,
            unusable.message.time,
            unusable.place + ": " + what + ": " + unusable.reason,
            unusable.reason};
  for (const std::uint32_t index : columns) loss.features.push_back(setup.columns->columns[index].feature);
  if (columns.size() > 1) loss.text += " (" + std::to_string(columns.size()) + " features)";
  return loss;
}

std::vector<Loss> join_features(std::vector<Loss> losses) {
  std::vector<Loss> joined;
  for (Loss& loss : losses) {
    if (loss.features.empty() && !loss.feature.empty()) loss.features = {loss.feature};
    const auto same = std::find_if(joined.begin(), joined.end(), [&](const Loss& other) {
      return other.recording == loss.recording && other.kind == loss.kind && other.topic == loss.topic &&
             other.text == loss.text && other.time_ns == loss.time_ns;
    });
    if (same == joined.end() || loss.kind != "unusable_message")
      joined.push_back(std::move(loss));
    else
      same->features.insert(same->features.end(), loss.features.begin(), loss.features.end());
  }
  return joined;
}

std::vector<Loss> losses_of_stream(const std::string& recording, const FeatureColumn& column, const StreamFacts& facts) {
  std::vector<Loss> losses;
  const auto add = [&](std::uint64_t count, const std::string& what) {
    if (count == 0) return;
    losses.push_back({recording, "unusable_message", column.topic, column.feature, count, std::nullopt, std::nullopt,
                      column.topic + ": " + std::to_string(count) + (count == 1 ? " message " : " messages ") + what});
  };
  add(facts.before_keyframe, "before the first keyframe");
  add(facts.after_missing, "of the video behind one that is missing, or stands twice, up to the next keyframe");
  add(facts.unreadable, "of the video cannot be read");
  add(facts.after_unreadable, "behind unreadable ones, up to the next keyframe");
  return losses;
}

std::vector<Loss> shorten(std::vector<Loss> losses) {
  constexpr std::uint64_t kOneByOne = 100;
  std::map<std::string, std::uint64_t> seen;
  std::map<std::string, Loss> rest;
  std::vector<Loss> result;
  for (Loss& loss : losses) {
    if (++seen[loss.topic] <= kOneByOne) {
      result.push_back(std::move(loss));
      continue;
    }
    const auto [sum_of, is_first] = rest.try_emplace(loss.topic, loss);
    Loss& sum = sum_of->second;
    if (!is_first) sum.count += loss.count;
    sum.reason.clear();
    sum.text = loss.topic + ": " + std::to_string(sum.count) + " more unusable messages";
  }
  for (auto& [topic, loss] : rest) result.push_back(std::move(loss));
  return result;
}

}  // namespace bagloom::convert
