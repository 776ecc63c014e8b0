// Why the queue is what it is: the hold model and a flood-like mix, on the queues that were considered.
//
// Hold model: pop the earliest event, push one at +Exp(mean 1 s). Mix: what a flood does to a queue; every eighth pop
// is a first delivery and pushes 8 events 10 to 200 ms ahead. All queues carry the same 32-byte events. The comparison
// heaps order them totally; the binary radix heap orders by time alone (its ties come out last pushed first).
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <queue>
#include <vector>

#include "sim/core/event_queue.hpp"
#include "sim/core/random.hpp"
#include "tests/bench/bare_flood.hpp"

namespace hearsay::bench {
namespace {

struct Later {
  bool operator()(const Event& a, const Event& b) const { return before(b, a); }
};

class Radix {
 public:
  void push(const Event& event) { queue_.push(event); }
  void pop(Event& event) { queue_.pop_before(SimTime::max(), event); }

 private:
  EventQueue queue_;
};

class Binary {
 public:
  void push(const Event& event) { queue_.push(event); }
  void pop(Event& event) {
    event = queue_.top();
    queue_.pop();
  }

 private:
  std::priority_queue<Event, std::vector<Event>, Later> queue_;
};

class FourAry {
 public:
  void push(const Event& event) {
    std::size_t hole = events_.size();
    events_.push_back(event);
    for (; hole > 0 && before(event, events_[(hole - 1) / 4]); hole = (hole - 1) / 4)
      events_[hole] = events_[(hole - 1) / 4];
    events_[hole] = event;
  }
  void pop(Event& event) {
    event = events_.front();
    const Event last = events_.back();
    events_.pop_back();
    if (events_.empty()) return;
    std::size_t hole = 0;
    while (4 * hole + 1 < events_.size()) {
      const std::size_t end = std::min(4 * hole + 5, events_.size());
      std::size_t least = 4 * hole + 1;
      for (std::size_t child = least + 1; child < end; ++child)
        if (before(events_[child], events_[least])) least = child;
      if (!before(events_[least], last)) break;
      events_[hole] = events_[least];
      hole = least;
    }
    events_[hole] = last;
  }

 private:
  std::vector<Event> events_;
};

class BinaryRadix {
 public:
  void push(const Event& event) { queue_.push(static_cast<std::uint64_t>(event.time.ns), rest(event)); }
  void pop(Event& event) {
    std::uint64_t key = 0;
    Rest item;
    queue_.pop(key, item);
    event = Event({static_cast<std::int64_t>(key)}, item.destination, item.source, item.sequence, item.target,
                  item.payload, EventKind::message, item.generation);
  }

 private:
  struct Rest {  // with the key 32 bytes
    NodeId destination, source;
    std::uint32_t sequence, target, payload, generation;
  };
  static Rest rest(const Event& e) { return {e.destination, e.source, e.sequence, e.target, e.payload, e.generation}; }
  RadixHeap<Rest> queue_;
};

// What is pushed next is drawn before the clock runs.
constexpr std::size_t kDraws = 1 << 20;

std::vector<std::int64_t> exponential_delays() {
  RandomStream stream(Seeds(1), SeedDomain::world, Purpose("hold"), StableId{});
  std::vector<std::int64_t> delays(kDraws);
  for (auto& delay : delays) {
    const double uniform = (static_cast<double>(stream.below(1u << 30)) + 1) / (1u << 30);
    delay = 1 + static_cast<std::int64_t>(-1e9 * std::log(uniform));
  }
  return delays;
}

std::vector<std::int64_t> path_delays() {
  RandomStream stream(Seeds(1), SeedDomain::world, Purpose("mix"), StableId{});
  std::vector<std::int64_t> delays(kDraws);
  for (auto& delay : delays) delay = (10'000 + static_cast<std::int64_t>(stream.below(190'001))) * 1'000;
  return delays;
}

template <class Queue>
class Driver {
 public:
  Driver(std::vector<std::int64_t> delays, std::int64_t pending) : delays_(std::move(delays)) {
    for (std::int64_t i = 0; i < pending; ++i) push();
    for (std::int64_t i = 0; i < pending; ++i) pop_and_push(1);  // what was pushed at time zero is gone
  }
  void pop_and_push(int pushes) {
    Event event;
    queue_.pop(event);
    now_ = event.time;
    for (int i = 0; i < pushes; ++i) push();
  }
  void push() {
    const std::uint32_t n = count_++;
    queue_.push(Event(now_ + nanoseconds(delays_[n % kDraws]), n % 9973, n % 9901, n, n, n, EventKind::message, 0));
  }

 private:
  std::vector<std::int64_t> delays_;
  Queue queue_;
  SimTime now_;
  std::uint32_t count_ = 0;
};

template <class Queue>
void hold(benchmark::State& state) {
  Driver<Queue> driver(exponential_delays(), state.range(0));
  for (auto _ : state) driver.pop_and_push(1);
  state.SetItemsProcessed(state.iterations());
}

template <class Queue>
void mix(benchmark::State& state) {
  Driver<Queue> driver(path_delays(), state.range(0));
  std::uint32_t number = 0;
  for (auto _ : state) driver.pop_and_push(number++ % 8 == 0 ? 8 : 0);
  state.SetItemsProcessed(state.iterations());
}

#define QUEUE_BENCHMARKS(Queue, name)                                                         \
  BENCHMARK(hold<Queue>)->Name("queue/hold/" name)->Arg(1'000)->Arg(100'000)->Arg(1'000'000); \
  BENCHMARK(mix<Queue>)->Name("queue/flood_mix/" name)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)

QUEUE_BENCHMARKS(Radix, "event_queue");
QUEUE_BENCHMARKS(Binary, "priority_queue");
QUEUE_BENCHMARKS(FourAry, "four_ary_heap");
QUEUE_BENCHMARKS(BinaryRadix, "binary_radix_heap");

}  // namespace
}  // namespace hearsay::bench
