// The pending events of one rank: a monotone radix queue.
//
// Contract: pop order is the total order of event.hpp; a push must lie after the event popped last (or, before the
// first pop, at or after time zero); next_time() is exact. Not thread-safe.
//
// Time is split into 8-bit digits. An event hangs in the bucket of its highest digit that differs from the current
// base, so buckets of higher levels are coarser. To pop, the first bucket of the lowest occupied level is either dealt
// out to finer buckets or, when it is small or a single instant, sorted into a *run* that is consumed from the front.
// A push that falls inside the run's span is inserted into it; a run that grows too long is dealt out again, which
// keeps insertion cheap. Each event is moved about twice, at any population.
//
// Time per pop and push of the alternatives, as multiples of this queue's, at 1e3 / 1e5 / 1e6 pending events (November
// 2026; hearsay-bench --benchmark_filter=queue/ --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true):
//   hold model: std::priority_queue 1.7 / 4.5 / 19, 4-ary heap 1.2 / 2.5 / 10, binary radix heap 1.2 / 1.2 / 1.8
//   flood mix:  std::priority_queue 2.2 / 5.5 / 13, 4-ary heap 2.1 / 3.4 / 7,  binary radix heap 2.1 / 1.3 / 0.9
// The binary radix heap orders by time alone.
//
// The run makes the near future visible (upcoming(), visit_near()), so that the rank can fetch the state of the nodes
// concerned ahead of time.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "sim/core/check.hpp"
#include "sim/core/event.hpp"
#include "sim/core/memory.hpp"

namespace hearsay {

class EventQueue {
 public:
  EventQueue() = default;
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  void push(const Event& event) {
    emplace(event.time, event.destination, event.source, event.sequence, event.target, event.payload, event.kind,
            event.generation);
  }

  // Builds the event where it will lie: reading back what was just written in smaller pieces stalls the processor.
  void emplace(SimTime time, NodeId destination, NodeId source, std::uint32_t sequence, std::uint32_t target,
               std::uint32_t payload, EventKind kind, std::uint32_t generation) {
    SIM_CHECK(time.ns > last_, "an event must lie after the current instant");
    ++size_;
    if (time.ns < run_end_) [[unlikely]] {
      return insert_into_run({time, destination, source, sequence, target, payload, kind, generation});
    }
    new (place_for(time.ns)) Event(time, destination, source, sequence, target, payload, kind, generation);
  }

  // Moves the earliest event to `event` if its time is before `limit`. False: nothing is pending before `limit`, and
  // from now on nothing may be pushed before it (unless it is SimTime::max(), which asks for everything).
  bool pop_before(SimTime limit, Event& event) {
    if ((run_next_ == run_.size() && !open_run(limit)) || run_[run_next_].time >= limit) {
      if (limit != SimTime::max()) last_ = std::max(last_, limit.ns - 1);
      return false;
    }
    event = run_[run_next_++];
    last_ = event.time.ns;
    --size_;
    return true;
  }

  // The time of the earliest pending event; SimTime::max() when there is none.
  [[nodiscard]] SimTime next_time() const;

  // The events that will be popped next, in order (a part of the future only; a push may still insert between them).
  [[nodiscard]] std::span<const Event> upcoming() const { return {run_.data() + run_next_, run_.size() - run_next_}; }

  // To be called after each pop. Calls visit(distance, event) for the events that will be popped soon, a batch at a
  // time and every event twice: with distance 1, and with distance 0 when it is one batch nearer. For fetching state
  // ahead: what it visits is a hint, not a promise.
  template <class Visit>
  void visit_near(Visit visit) {
    if (run_next_ < next_visit_) [[likely]]
      return;
    const auto visit_batch = [&](int distance, std::size_t batch) {
      const std::size_t from = run_next_ + batch * kVisitBatch;
      const std::size_t to = std::min(from + kVisitBatch, run_.size());
      for (std::size_t i = from; i < to; ++i) visit(distance, run_[i]);
    };
    if (next_visit_ == 0) {  // the run is new
      visit_batch(1, 0);
      visit_batch(0, 0);
      visit_batch(1, 1);
    }
    visit_batch(0, 1);
    visit_batch(1, 2);
    next_visit_ = run_next_ + kVisitBatch;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  // Calls visit(event) for every pending event, in no particular order (for looking at what is in flight).
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Event& event : upcoming()) visit(event);
    for (const auto& level : buckets_)
      for (const Bucket& bucket : level) for_each_in(bucket, visit);
  }

 private:
  static constexpr int kDigitBits = 8;
  static constexpr std::size_t kDigits = 1 << kDigitBits;
  static constexpr std::size_t kLevels = 8;
  static constexpr std::size_t kRunOpen = 512;    // a bucket up to this size is sorted at once
  static constexpr std::size_t kRunLimit = 1024;  // a run that grows past this is dealt out again
  static constexpr std::size_t kRunWanted = 128;  // a shorter run takes in the next buckets, ...
  static constexpr std::size_t kCrowd = 1024;     // ... but not if so few events are pending that all lie in the cache
  static constexpr std::size_t kVisitBatch = 32;

  // Buckets are lists of chunks from one pool, last freed first reused: the memory that is written is memory that was
  // just read, however the population wanders over the buckets.
  struct alignas(64) Chunk {
    static constexpr std::uint32_t kEvents = 31;
    Chunk* next;
    alignas(32) std::array<Event, kEvents> events;
  };
  struct Bucket {
    Chunk* chunk = nullptr;  // the one being filled; the full ones hang behind it
    std::uint32_t size = 0;
  };

  bool open_run(SimTime limit);
  void gather_run(std::size_t level, std::size_t digit);
  void append_sorted(const Bucket& bucket, std::size_t level);

  template <class Visit>
  static void for_each_in(const Bucket& bucket, Visit visit) {
    std::uint32_t count = bucket.size == 0 ? 0 : (bucket.size - 1) % Chunk::kEvents + 1;
    for (const Chunk* chunk = bucket.chunk; chunk != nullptr; chunk = chunk->next, count = Chunk::kEvents) {
      prefetch(chunk->next);
      for (std::uint32_t i = 0; i < count; ++i) visit(chunk->events[i]);
    }
  }
  static void prefetch(const Chunk* chunk) {
    if (chunk == nullptr) return;
    touch(chunk);
    for (std::size_t byte = 0; byte < sizeof(Chunk); byte += 64)
      __builtin_prefetch(reinterpret_cast<const char*>(chunk) + byte);
  }

  // Where an event at or after base_ is to be written; its bucket is marked as occupied.
  Event* place_for(std::int64_t ns) {
    const auto difference = static_cast<std::uint64_t>(ns ^ base_);
    const std::size_t level = (static_cast<std::size_t>(std::bit_width(difference | 1)) - 1) / kDigitBits;
    const std::size_t digit = static_cast<std::size_t>(ns >> (level * kDigitBits)) & (kDigits - 1);
    occupied_[level][digit / 64] |= std::uint64_t{1} << (digit % 64);
    Bucket& bucket = buckets_[level][digit];
    const std::uint32_t place = bucket.size++ % Chunk::kEvents;
    if (place == 0) bucket.chunk = take_chunk(bucket.chunk);
    return &bucket.chunk->events[place];
  }
  Chunk* take_chunk(Chunk* next);
  void free_chunks(const Bucket& bucket);
  Bucket take_bucket(std::size_t level, std::size_t digit);
  void insert_into_run(const Event& event);
  void deal_out_run();
  [[nodiscard]] bool first_bucket(std::size_t& level, std::size_t& digit) const;
  [[nodiscard]] std::int64_t bucket_start(std::size_t level, std::size_t digit) const;

  std::vector<Event> run_;
  std::size_t run_next_ = 0;
  std::size_t next_visit_ = 0;  // the value of run_next_ at which visit_near() has work; zero: the run is new
  std::int64_t run_end_ = 0;    // events before this time belong to the run
  std::int64_t base_ = 0;       // no bucket holds an event before this time
  std::int64_t last_ = -1;      // what is pushed lies after this: the event popped last, or a limit that found nothing
  std::size_t size_ = 0;
  std::array<std::array<std::uint64_t, kDigits / 64>, kLevels> occupied_{};
  std::array<std::array<Bucket, kDigits>, kLevels> buckets_{};
  std::vector<Chunk*> free_chunks_;
  std::vector<std::vector<Chunk, LargeArrayAllocator<Chunk>>> slabs_;
};

}  // namespace hearsay
