#include "sim/core/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace hearsay {

void EventQueue::insert_into_run(const Event& event) {
  if (run_next_ > kRunLimit) {  // what was popped long ago need not be kept
    run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_next_));
    run_next_ = 0;
  }
  const auto from = run_.begin() + static_cast<std::ptrdiff_t>(run_next_);
  run_.insert(std::upper_bound(from, run_.end(), event, before), event);
  if (run_.size() - run_next_ > kRunLimit) deal_out_run();
}

// Everything still in the run goes back to buckets, which are now told apart from the instant of the last pop (of which
// events may be left).
void EventQueue::deal_out_run() {
  if (run_[run_next_].time.ns == run_.back().time.ns) return;  // one instant cannot be split
  base_ = std::max(base_, last_);
  run_end_ = base_;
  for (std::size_t i = run_next_; i < run_.size(); ++i) *place_for(run_[i].time.ns) = run_[i];
  run_.clear();
  run_next_ = 0;
}

bool EventQueue::first_bucket(std::size_t& level, std::size_t& digit) const {
  for (level = 0; level < kLevels; ++level) {
    for (std::size_t word = 0; word < kDigits / 64; ++word) {
      if (occupied_[level][word] == 0) continue;
      digit = word * 64 + static_cast<std::size_t>(std::countr_zero(occupied_[level][word]));
      return true;
    }
  }
  return false;
}

std::int64_t EventQueue::bucket_start(std::size_t level, std::size_t digit) const {
  const auto shift = level * kDigitBits;
  const auto above = static_cast<std::uint64_t>(base_) >> shift >> kDigitBits << kDigitBits << shift;
  return static_cast<std::int64_t>(above | static_cast<std::uint64_t>(digit) << shift);
}

bool EventQueue::open_run(SimTime limit) {
  std::size_t level = 0;
  std::size_t digit = 0;
  while (first_bucket(level, digit)) {
    const std::int64_t start = bucket_start(level, digit);
    // Opening a bucket moves the base past `limit`; pushes between the two would then have no bucket.
    if (start >= limit.ns) return false;
    Bucket bucket = std::exchange(buckets_[level][digit], Bucket{});
    occupied_[level][digit / 64] &= ~(std::uint64_t{1} << (digit % 64));
    base_ = std::max(base_, start);
    if (level == 0 || bucket.size <= kRunOpen) {
      run_.clear();
      run_next_ = 0;
      for_each_in(bucket, [this](const Event& event) { run_.push_back(event); });
      free_chunks(bucket);
      std::sort(run_.begin(), run_.end(), before);
      run_end_ = start + (std::int64_t{1} << (level * kDigitBits));
      run_opened_ = true;
      run_level_ = level;
      run_digit_ = digit;
      return true;
    }
    for_each_in(bucket, [this](const Event& event) { *place_for(event.time.ns) = event; });
    free_chunks(bucket);
  }
  return false;
}

SimTime EventQueue::next_time() const {
  if (run_next_ < run_.size()) return run_[run_next_].time;
  std::size_t level = 0;
  std::size_t digit = 0;
  if (!first_bucket(level, digit)) return SimTime::max();
  SimTime earliest = SimTime::max();
  for_each_in(buckets_[level][digit], [&](const Event& event) { earliest = std::min(earliest, event.time); });
  return earliest;
}

EventQueue::Chunk* EventQueue::take_chunk(Chunk* next) {
  constexpr std::size_t kChunksPerSlab = 64;
  if (free_chunks_ == nullptr) {
    slabs_.push_back(std::make_unique<Chunk[]>(kChunksPerSlab));
    for (std::size_t i = 0; i < kChunksPerSlab; ++i) {
      Chunk& chunk = slabs_.back()[i];
      chunk.next = free_chunks_;
      free_chunks_ = &chunk;
    }
  }
  Chunk* chunk = free_chunks_;
  free_chunks_ = chunk->next;
  chunk->next = next;
  return chunk;
}

void EventQueue::free_chunks(Bucket& bucket) {
  while (bucket.chunk != nullptr) {
    Chunk* chunk = bucket.chunk;
    bucket.chunk = chunk->next;
    chunk->next = free_chunks_;
    free_chunks_ = chunk;
  }
}

}  // namespace hearsay
