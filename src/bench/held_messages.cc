#include "bench/held_messages.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "convert/pictures.h"
#include "convert/task_messages.h"

namespace bagloom::bench {

using convert::FeatureColumn;

Status in_parallel(std::size_t count, std::uint32_t threads,
                   const std::function<Status(std::size_t item, std::size_t thread)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> failed;
  const auto loop = [&](std::size_t thread) {
    for (std::size_t i = next++; i < count; i = next++) {
      if (auto status = work(i, thread); !status) {
        next = count;
        const std::lock_guard lock(mutex);
        if (!failed) failed = std::move(status).error();
      }
    }
  };
  std::vector<std::thread> others;
  for (std::size_t thread = 1; thread < std::min<std::size_t>(std::max(1u, threads), count); ++thread)
    others.emplace_back(loop, thread);
  loop(0);
  for (std::thread& thread : others) thread.join();
  if (failed) return std::move(*failed);
  return {};
}

HeldMessages::HeldMessages(const convert::RecordingWork& work) : work_(work) {
  const auto& columns = work.columns->columns;
  columns_.resize(work.recording->reader->info().connections.size());
  copied_.resize(columns.size());
  for (std::uint32_t column = 0; column < columns.size(); ++column) {
    copied_[column] = columns[column].camera &&
                      ((*work.cameras)[columns[column].camera_index].copy || (*work.cameras)[columns[column].camera_index].image);
    for (const std::uint32_t index : work.recording->connections.at(columns[column].topic)) columns_[index].push_back(column);
  }
}

Status HeldMessages::hold(const std::vector<MessageRef>& messages, std::uint32_t threads) {
  std::vector<std::pair<MessageRef, Message*>> places;
  places.reserve(messages.size());
  by_locator_.reserve(messages.size());
  for (const MessageRef& ref : messages) {
    const auto [at, is_new] = by_locator_.try_emplace(ref.locator);
    if (is_new) places.emplace_back(ref, &at->second);
  }
  std::vector<Decoders> decoders(std::max(1u, threads));
  return in_parallel(places.size(), threads, [&](std::size_t i, std::size_t thread) {
    return fill(places[i].first, *places[i].second, decoders[thread]);
  });
}

Status HeldMessages::fill(const MessageRef& ref, Message& message, Decoders& decoders) {
  if (work_.stop && work_.stop()) return convert::stopped_error();
  decoders.resize(copied_.size());
  auto payload = convert::fetch_message(work_, {}, ref);
  if (!payload) {
    if (!convert::concerns_message(payload.error())) return std::move(payload).error();
    message.error = std::make_unique<Error>(std::move(payload).error());
    return {};
  }
  for (const std::uint32_t column : columns_[ref.connection]) {
    if (copied_[column]) {
      message.payload.assign(payload->bytes.begin(), payload->bytes.end());
      counted_ += sizeof(Message) + message.payload.size();
      declared_ += message.payload.size();
      continue;
    }
    // A stream's pictures need the messages before them: its tasks decode them.
    if (work_.recording->streams[column] != nullptr) continue;
    Content content;
    content.column = column;
    Status status;
    if (work_.columns->columns[column].camera) {
      if (decoders[column] == nullptr) decoders[column] = convert::make_decoder(work_.columns->columns[column].camera_rules);
      content.picture = std::make_unique<media::Picture>();
      status = convert::decode_picture(work_, column, ref, payload->bytes, *decoders[column], *content.picture);
    } else {
      content.numbers.resize(work_.recording->extractors[column].numbers[ref.connection]->width());
      status = convert::extract_numbers(work_, column, ref, payload->bytes, content.numbers);
    }
    if (!status) {
      if (!convert::concerns_message(status.error())) return status;
      content.error = std::make_unique<Error>(std::move(status).error());
      content.picture = nullptr;
      content.numbers = {};
    }
    count(content);
    message.contents.push_back(std::move(content));
  }
  return {};
}

void HeldMessages::count(const Content& content) {
  std::optional<convert::CameraShape> shape;
  if (content.picture != nullptr) {
    shape.emplace();
    shape->width = content.picture->width();
    shape->height = content.picture->height();
    shape->format = content.picture->format();
  }
  declared_ += held_bytes(work_.columns->columns[content.column], shape ? &*shape : nullptr);
  counted_ += sizeof(Message) + sizeof(Content) + content.numbers.size() * sizeof(double) +
              (shape ? media::picture_bytes(shape->format, shape->width, shape->height) : 0);
}

void HeldMessages::clear() {
  decltype(by_locator_)().swap(by_locator_);
  counted_ = declared_ = 0;
}

const HeldMessages::Content* HeldMessages::find(std::uint32_t column, const MessageRef& ref) const {
  const auto at = by_locator_.find(ref.locator);
  if (at == by_locator_.end()) return nullptr;
  const auto content = std::find_if(at->second.contents.begin(), at->second.contents.end(),
                                    [&](const Content& one) { return one.column == column; });
  return content == at->second.contents.end() ? nullptr : &*content;
}

std::optional<Result<const media::Picture*>> HeldMessages::picture(std::uint32_t column, const MessageRef& ref) const {
  if (const auto at = by_locator_.find(ref.locator); at != by_locator_.end() && at->second.error) return Error(*at->second.error);
  const Content* content = find(column, ref);
  if (content == nullptr) return std::nullopt;
  if (content->error) return Error(*content->error);
  return Result<const media::Picture*>(content->picture.get());
}

std::optional<Result<std::span<const double>>> HeldMessages::numbers(std::uint32_t column, const MessageRef& ref) const {
  if (const auto at = by_locator_.find(ref.locator); at != by_locator_.end() && at->second.error) return Error(*at->second.error);
  const Content* content = find(column, ref);
  if (content == nullptr) return std::nullopt;
  if (content->error) return Error(*content->error);
  return Result<std::span<const double>>(content->numbers);
}

std::optional<Result<Bytes>> HeldMessages::payload(const MessageRef& ref) const {
  const auto at = by_locator_.find(ref.locator);
  if (at == by_locator_.end()) return std::nullopt;
  if (at->second.error) return Error(*at->second.error);
  return Result<Bytes>(Bytes(at->second.payload));
}

std::uint64_t held_bytes(const FeatureColumn& column, const convert::CameraShape* picture) {
  // The map's node, the message, its content, and the allocator's share of each.
  constexpr std::uint64_t kOverhead = 320;
  if (picture != nullptr) {
    constexpr std::uint64_t kPage = 4096, kFrame = 1024;  // large blocks are mapped by whole pages; libav's frame
    return kOverhead + kFrame + kPage + media::picture_bytes(picture->format, picture->width, picture->height);
  }
  std::uint64_t numbers = 0;
  for (const convert::PartPlace& place : column.parts) numbers += place.part.width;
  return kOverhead + numbers * sizeof(double);
}

}  // namespace bagloom::bench
