// The pending events of one rank: a monotone radix queue.
//
// Contract: pop order is the total order of event.hpp; a push must lie after the event popped last (or, before the
// first pop, at or after time zero); next_time() is exact. Not thread-safe.
//
// Time is split into 8-bit digits. An event hangs in the bucket of its highest digit that differs from the current
// base, so buckets of higher levels are coarser. To pop, the first bucket of the lowest occupied level is either dealt
// out to finer buckets or, when it is small or a single instant, sorted into a *run* that is consumed from the front.
// A push that falls inside the run's span is inserted into it; a run that grows too long is dealt out again, which
// keeps insertion cheap. Each event is moved about twice, at any population (see tests/bench for the comparison with
// a binary heap, a 4-ary heap and a binary radix heap that led to this choice).
//
// The run makes the near future visible (upcoming()), so that the rank can prefetch the state of the nodes concerned.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <vector>

#include "sim/core/check.hpp"
#include "sim/core/event.hpp"

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

  // Calls visit(distance, event) for events that are near: distance 0 are those of a run that was just opened, 1 and 2
  // those of the buckets that will probably become the next runs, unsorted. Does nothing while a run is under way. For
  // prefetching: what it visits is a hint, not a promise.
  template <class Visit>
  void visit_near(Visit visit) {
    if (!run_opened_) return;
    run_opened_ = false;
    for (const Event& event : upcoming()) visit(0, event);
    std::size_t digit = run_digit_ + 1;
    for (int distance = 1; distance <= 2; ++distance, ++digit) {
      while (digit < kDigits && buckets_[run_level_][digit].size == 0) ++digit;
      if (digit >= kDigits || buckets_[run_level_][digit].size > kRunOpen) return;
      for_each_in(buckets_[run_level_][digit], [&](const Event& event) { visit(distance, event); });
    }
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  // Calls visit(event) for every pending event, in no particular order (for counting what is in flight).
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
  static constexpr std::size_t kRunOpen = 192;   // a bucket up to this size is sorted at once
  static constexpr std::size_t kRunLimit = 512;  // a run that grows past this is dealt out again

  bool open_run(SimTime limit);
  // Buckets are lists of chunks from one pool, last freed first reused: the memory that is written is memory that was
  // just read, however the population wanders over the buckets.
  struct Chunk {
    static constexpr std::uint32_t kEvents = 31;
    std::array<Event, kEvents> events;
    Chunk* next = nullptr;
  };
  struct Bucket {
    Chunk* chunk = nullptr;  // the one being filled; the full ones hang behind it
    std::uint32_t size = 0;
  };

  template <class Visit>
  static void for_each_in(const Bucket& bucket, Visit visit) {
    std::uint32_t count = bucket.size == 0 ? 0 : (bucket.size - 1) % Chunk::kEvents + 1;
    for (const Chunk* chunk = bucket.chunk; chunk != nullptr; chunk = chunk->next, count = Chunk::kEvents)
      for (std::uint32_t i = 0; i < count; ++i) visit(chunk->events[i]);
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
  void free_chunks(Bucket& bucket);
  void insert_into_run(const Event& event);
  void deal_out_run();
  [[nodiscard]] bool first_bucket(std::size_t& level, std::size_t& digit) const;
  [[nodiscard]] std::int64_t bucket_start(std::size_t level, std::size_t digit) const;

  std::vector<Event> run_;
  std::size_t run_next_ = 0;
  std::int64_t run_end_ = 0;  // events before this time belong to the run
  std::int64_t base_ = 0;     // no bucket holds an event before this time
  std::int64_t last_ = -1;    // what is pushed lies after this: the event popped last, or a limit that found nothing
  std::size_t size_ = 0;
  bool run_opened_ = false;
  std::size_t run_level_ = 0;  // the bucket that the run was made of
  std::size_t run_digit_ = 0;
  std::array<std::array<std::uint64_t, kDigits / 64>, kLevels> occupied_{};
  std::array<std::array<Bucket, kDigits>, kLevels> buckets_{};
  Chunk* free_chunks_ = nullptr;
  std::vector<std::unique_ptr<Chunk[]>> slabs_;
};

}  // namespace hearsay
