// Messages that are decoded and kept until their rows are made: what `planned` does without.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "convert/unit_builder.h"

namespace bagloom::bench {

/// Pictures are held as the decoder gives them, numbers as doubles, one set a column; pictures that are copied as their bytes.
class HeldMessages : public convert::DecodedMessages {
 public:
  /// `work` outlives it.
  explicit HeldMessages(const convert::RecordingWork& work);

  /// Reads and decodes messages on `threads` threads. One that cannot be used is remembered with its error, for the row that asks
  /// for it. Errors: stopped; unreadable (the disk).
  Status hold(const std::vector<MessageRef>& messages, std::uint32_t threads);
  void clear();
  std::uint64_t messages() const { return by_locator_.size(); }
  /// What is held now, by own count, and what predictions take it for (`held_bytes`). May be asked on any thread.
  std::uint64_t counted_bytes() const { return counted_; }
  std::uint64_t declared_bytes() const { return declared_; }

  std::optional<Result<const media::Picture*>> picture(std::uint32_t column, const MessageRef& message) const override;
  std::optional<Result<std::span<const double>>> numbers(std::uint32_t column, const MessageRef& message) const override;
  std::optional<Result<Bytes>> payload(const MessageRef& message) const override;

 private:
  struct Content {
    std::uint32_t column = 0;
    std::unique_ptr<Error> error;
    std::unique_ptr<media::Picture> picture;
    std::vector<double> numbers;
  };
  struct Message {
    std::unique_ptr<Error> error;  ///< of reading
    std::vector<std::byte> payload;
    std::vector<Content> contents;
  };
  using Decoders = std::vector<std::unique_ptr<media::PictureDecoder>>;

  Status fill(const MessageRef& ref, Message& message, Decoders& decoders);
  void count(const Content& content);
  const Content* find(std::uint32_t column, const MessageRef& ref) const;

  const convert::RecordingWork& work_;
  std::vector<std::vector<std::uint32_t>> columns_;  ///< by connection
  std::vector<bool> copied_;                         ///< by column
  std::unordered_map<std::uint64_t, Message> by_locator_;
  std::atomic<std::uint64_t> counted_{0}, declared_{0};
};

/// What one held message takes, by column: for predictions. `picture` is what decoding gives.
std::uint64_t held_bytes(const convert::FeatureColumn& column, const convert::CameraShape* picture);

/// Calls `work(i)` for i in 0..count on `threads` threads; the first Error ends it and is returned.
Status in_parallel(std::size_t count, std::uint32_t threads,
                   const std::function<Status(std::size_t item, std::size_t thread)>& work);

}  // namespace bagloom::bench
