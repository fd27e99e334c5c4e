#include "bag/chunk_cache.h"

#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <optional>

#include "base/message_ref.h"

namespace bagloom::bag {
namespace {

// Damaged chunks whose errors are kept: a few hundred bytes each.
constexpr std::size_t kMostDamaged = 256;

}  // namespace

struct ChunkCache::State {
  using Key = std::pair<std::uint32_t, std::uint64_t>;

  /// One inflation under way; those who wait for it share its outcome, also a failure.
  struct Flight {
    bool done = false;
    std::optional<Result<Chunk>> outcome;
  };
  struct Kept {
    Key key;
    Chunk chunk;
  };

  explicit State(std::uint64_t capacity_bytes) : capacity(capacity_bytes) {}

  void keep(const Key& key, const Chunk& chunk) {
    if (chunk->size() > capacity) return;
    used.push_front({key, chunk});
    kept[key] = used.begin();
    bytes += chunk->size();
    while (bytes > capacity) {
      bytes -= used.back().chunk->size();
      kept.erase(used.back().key);
      used.pop_back();
    }
  }

  const std::uint64_t capacity;
  std::mutex mutex;
  std::condition_variable landed;
  std::list<Kept> used;  // the last used first
  std::map<Key, std::list<Kept>::iterator> kept;
  std::map<Key, std::shared_ptr<Flight>> flights;
  std::map<Key, Error> damaged;
  std::uint64_t bytes = 0;
  std::uint64_t inflations = 0;
  std::uint32_t next_part = MessageRef::kNoRecording;
};

ChunkCache::ChunkCache(std::uint64_t capacity_bytes) : state_(std::make_unique<State>(capacity_bytes)) {}
ChunkCache::~ChunkCache() = default;

std::uint32_t ChunkCache::number_of_part() {
  // Recordings are counted from 0: the two do not meet.
  const std::lock_guard lock(state_->mutex);
  return --state_->next_part;
}

Result<ChunkCache::Chunk> ChunkCache::get(std::uint32_t recording, std::uint64_t chunk, const Inflate& inflate) {
  const State::Key key{recording, chunk};
  std::unique_lock lock(state_->mutex);
  if (const auto place = state_->kept.find(key); place != state_->kept.end()) {
    state_->used.splice(state_->used.begin(), state_->used, place->second);
    return place->second->chunk;
  }
  if (const auto known = state_->damaged.find(key); known != state_->damaged.end()) return known->second;
  if (const auto other = state_->flights.find(key); other != state_->flights.end()) {
    const std::shared_ptr<State::Flight> flight = other->second;
    state_->landed.wait(lock, [&flight] { return flight->done; });
    return *flight->outcome;
  }
  const auto flight = std::make_shared<State::Flight>();
  state_->flights.emplace(key, flight);
  ++state_->inflations;
  lock.unlock();

  auto inflated = inflate();
  std::optional<Result<Chunk>> outcome;
  if (inflated.ok()) {
    outcome.emplace(Chunk(std::make_shared<const std::vector<std::byte>>(std::move(*inflated))));
  } else {
    outcome.emplace(std::move(inflated).error());
  }

  lock.lock();
  flight->outcome = *outcome;
  flight->done = true;
  state_->flights.erase(key);
  if (outcome->ok())
    state_->keep(key, **outcome);
  else if (outcome->error().kind() == ErrorKind::corrupt && state_->damaged.size() < kMostDamaged)
    state_->damaged.emplace(key, outcome->error());
  state_->landed.notify_all();
  return std::move(*outcome);
}

std::uint64_t ChunkCache::capacity_bytes() const { return state_->capacity; }

std::uint64_t ChunkCache::held_bytes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->bytes;
}

std::uint64_t ChunkCache::inflations() const {
  const std::lock_guard lock(state_->mutex);
  return state_->inflations;
}

}  // namespace bagloom::bag
