#include "sim/core/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace hearsay {

void EventQueue::insert_into_run(const Event& event) {
  if (run_next_ > kRunLimit) {  // what was popped long ago need not be kept
    run_.erase(run_.begin(), run_.begin() + static_cast<std::ptrdiff_t>(run_next_));
    run_next_ = 0;
    next_visit_ = 0;
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
    base_ = std::max(base_, start);
    if (level == 0 || buckets_[level][digit].size <= kRunOpen) {
      gather_run(level, digit);
      return true;
    }
    Bucket bucket = take_bucket(level, digit);
    for_each_in(bucket, [this](const Event& event) { *place_for(event.time.ns) = event; });
    free_chunks(bucket);
  }
  return false;
}

// Makes the run of this bucket and, while it is short, of the next ones of its level: a short run shows too little of
// the future to fetch state ahead.
void EventQueue::gather_run(std::size_t level, std::size_t digit) {
  run_.clear();
  run_next_ = 0;
  next_visit_ = 0;
  while (true) {
    Bucket bucket = take_bucket(level, digit);
    append_sorted(bucket, level);
    free_chunks(bucket);
    run_end_ = bucket_start(level, digit) + (std::int64_t{1} << (level * kDigitBits));
    if (size_ < kCrowd || run_.size() >= kRunWanted || ++digit == kDigits) return;
    if (run_.size() + buckets_[level][digit].size > kRunOpen) return;
    if (digit + 1 < kDigits) prefetch(buckets_[level][digit + 1].chunk);
  }
}

// Deals the events out by their next digit, which leaves little to do for an insertion sort. When many share that
// digit (ties of one instant), or there are few, they are sorted by comparing alone.
void EventQueue::append_sorted(const Bucket& bucket, std::size_t level) {
  constexpr std::uint32_t kFew = 16;
  const std::size_t from = run_.size();
  const auto start = [&] { return run_.begin() + static_cast<std::ptrdiff_t>(from); };
  std::uint32_t most = 0;
  if (bucket.size > kFew && level > 0) {
    const auto next_digit = [shift = (level - 1) * kDigitBits](const Event& event) {
      return static_cast<std::size_t>(event.time.ns >> shift) & (kDigits - 1);
    };
    std::array<std::uint32_t, kDigits> places{};
    for_each_in(bucket, [&](const Event& event) { ++places[next_digit(event)]; });
    std::uint32_t before_digit = 0;
    for (std::uint32_t& place : places) {
      most = std::max(most, place);
      before_digit += std::exchange(place, before_digit);
    }
    run_.resize(from + bucket.size);
    for_each_in(bucket, [&](const Event& event) { run_[from + places[next_digit(event)]++] = event; });
  } else {
    most = bucket.size;
    for_each_in(bucket, [this](const Event& event) { run_.push_back(event); });
  }
  if (most > kFew) return std::sort(start(), run_.end(), [](const Event& a, const Event& b) { return before(a, b); });
  for (std::size_t i = from + 1; i < run_.size(); ++i) {
    if (!before(run_[i], run_[i - 1])) continue;
    const Event event = run_[i];
    std::size_t place = i;
    do run_[place] = run_[place - 1];
    while (--place > from && before(event, run_[place - 1]));
    run_[place] = event;
  }
}

EventQueue::Bucket EventQueue::take_bucket(std::size_t level, std::size_t digit) {
  occupied_[level][digit / 64] &= ~(std::uint64_t{1} << (digit % 64));
  return std::exchange(buckets_[level][digit], Bucket{});
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
  if (free_chunks_.empty()) {
    const std::size_t count = slabs_.empty() ? 64 : std::min<std::size_t>(2 * slabs_.back().size(), 2048);
    slabs_.emplace_back(count);
    for (Chunk& chunk : slabs_.back()) free_chunks_.push_back(&chunk);
  }
  Chunk* chunk = free_chunks_.back();
  free_chunks_.pop_back();
  chunk->next = next;
  return chunk;
}

void EventQueue::free_chunks(const Bucket& bucket) {
  for (Chunk* chunk = bucket.chunk; chunk != nullptr; chunk = chunk->next) free_chunks_.push_back(chunk);
}

}  // namespace hearsay
