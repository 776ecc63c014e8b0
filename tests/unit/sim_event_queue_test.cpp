// The contract of the event queue, against a twin that is obviously right: a std::multiset in the order that event.hpp
// documents. The order is spelled out here once more, so that a mistake in before() is seen too.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <tuple>

#include "sim/core/event_queue.hpp"
#include "sim/core/random.hpp"

namespace hearsay::test {
namespace {

struct DocumentedOrder {
  static auto key(const Event& event) {
    return std::tuple(event.time.ns, event.destination, event.source, event.sequence);
  }
  bool operator()(const Event& a, const Event& b) const { return key(a) < key(b); }
};
using Twin = std::multiset<Event, DocumentedOrder>;

bool same(const Event& a, const Event& b) {
  return DocumentedOrder::key(a) == DocumentedOrder::key(b) && a.target == b.target && a.payload == b.payload &&
         a.kind == b.kind && a.generation == b.generation;
}

Event event_at(std::int64_t ns, NodeId destination = 0, NodeId source = 0, std::uint32_t sequence = 0) {
  return {SimTime{ns}, destination, source, sequence, 0, 0, EventKind::message, 0};
}

// The shape of a random story: how far ahead events are pushed, how often several fall on one instant, how many live.
struct Shape {
  unsigned most_bits;      // pushes lie up to 2^most_bits ns after the last pop
  std::int64_t grid;       // times are multiples of this, less one: many events share an instant
  std::uint64_t burst;     // most pushes in a row
  std::size_t population;  // pops are preferred above it
};

// Random operations on the queue and on the twin, decoded from a seed; dies at the first difference.
class Duel {
 public:
  Duel(std::uint64_t seed, const Shape& shape) : seed_(seed), shape_(shape) {}

  void play(std::uint64_t operations) {
    for (std::uint64_t operation = 0; operation < operations; ++operation) {
      if (twin_.size() < shape_.population && draw(3) != 0) {
        push_burst();
      } else {
        pop_some();
      }
      look_around();
    }
    pop_before(SimTime::max());
    REQUIRE(twin_.empty());
    REQUIRE(queue_.next_time() == SimTime::max());
  }

 private:
  std::uint64_t draw(std::uint64_t count) { return random_bits(seed_, 0, next_++) % count; }

  void push_burst() {
    for (std::uint64_t i = draw(shape_.burst) + 1; i > 0; --i) push(some_time());
  }

  // Times of every order of magnitude, rounded up to the grid.
  std::int64_t some_time() {
    const std::uint64_t ahead = draw(std::uint64_t{1} << draw(shape_.most_bits + 1));
    const std::int64_t time = floor_ + static_cast<std::int64_t>(ahead);
    return draw(4) == 0 ? time : (time / shape_.grid + 1) * shape_.grid - 1;
  }

  void push(std::int64_t ns) {
    // A timer's stale copy may equal another event in the order; everything else is told apart by the sequence.
    const Event event(SimTime{ns}, static_cast<NodeId>(draw(5)), static_cast<NodeId>(draw(5)), sequence_++,
                      static_cast<std::uint32_t>(draw(100)), static_cast<std::uint32_t>(draw(1000)),
                      static_cast<EventKind>(draw(9)), static_cast<std::uint32_t>(draw(1u << 24)));
    queue_.push(event);
    twin_.insert(event);
  }

  void pop_some() {
    if (twin_.empty()) return;
    const std::int64_t first = twin_.begin()->time.ns;
    switch (draw(4)) {
      case 0:
        return pop_before(SimTime{first});  // nothing is before it
      case 1:
        return pop_before(SimTime{first + 1});  // exactly the first instant
      case 2:
        return pop_before(SimTime{first + static_cast<std::int64_t>(draw(std::uint64_t{1} << draw(40)))});
      default:
        return pop_while_pushing(draw(200));
    }
  }

  // All that is before the limit, then pushes at it and just above it.
  void pop_before(SimTime limit) {
    Event event;
    while (queue_.pop_before(limit, event)) {
      REQUIRE(event.time < limit);
      take(event);
    }
    REQUIRE((twin_.empty() || twin_.begin()->time >= limit));
    if (limit == SimTime::max()) return;
    floor_ = std::max(floor_, limit.ns);
    if (draw(2) == 0) push(floor_ + static_cast<std::int64_t>(draw(3)));
  }

  // As a run does: the handler of an event pushes others, some of them one nanosecond later.
  void pop_while_pushing(std::uint64_t pops) {
    Event event;
    for (; pops > 0 && queue_.pop_before(SimTime::max(), event); --pops) {
      take(event);
      if (twin_.size() < shape_.population && draw(2) == 0) push_burst();
      if (draw(8) == 0) push(floor_);
    }
  }

  void take(const Event& event) {
    REQUIRE(!twin_.empty());
    if (!same(event, *twin_.begin()))
      FAIL("seed " << seed_ << ": popped time " << event.time.ns << " sequence " << event.sequence
                   << ", the twin expects time " << twin_.begin()->time.ns << " sequence " << twin_.begin()->sequence);
    twin_.erase(twin_.begin());
    floor_ = event.time.ns + 1;
  }

  void look_around() {
    REQUIRE(queue_.size() == twin_.size());
    REQUIRE(queue_.next_time() == (twin_.empty() ? SimTime::max() : twin_.begin()->time));
    if (draw(3) == 0) queue_.visit_near([](int, const Event&) {});
    if (draw(16) != 0) return;
    std::size_t count = 0;
    std::uint64_t sum = 0;
    std::uint64_t expected = 0;
    queue_.for_each([&](const Event& event) { ++count, sum += fingerprint(event.time.ns, event.sequence); });
    for (const Event& event : twin_) expected += fingerprint(event.time.ns, event.sequence);
    REQUIRE(count == twin_.size());
    REQUIRE(sum == expected);
  }

  std::uint64_t seed_;
  Shape shape_;
  std::uint64_t next_ = 0;
  std::uint32_t sequence_ = 0;
  std::int64_t floor_ = 0;  // the earliest time that may be pushed
  EventQueue queue_;
  Twin twin_;
};

std::vector<std::uint32_t> pop_sequences(EventQueue& queue) {
  std::vector<std::uint32_t> sequences;
  Event event;
  while (queue.pop_before(SimTime::max(), event)) sequences.push_back(event.sequence);
  return sequences;
}

}  // namespace

TEST_CASE("the queue pops what its naive twin pops") {
  // Each shape aims at one mechanism: sorting of small buckets, dealing out of large ones, runs that grow past their
  // limit, instants that cannot be split, times from nanoseconds to days (2^47 ns = 39 hours).
  const Shape shape =
      GENERATE(Shape{8, 1, 4, 20}, Shape{12, 256, 40, 3000}, Shape{20, 256, 300, 5000}, Shape{24, 65536, 100, 4000},
               Shape{40, 1, 10, 500}, Shape{47, 4096, 100, 2000}, Shape{47, 1, 2, 5}, Shape{30, 1'000'000, 2000, 6000});
  for (std::uint64_t seed = 0; seed < 12; ++seed) Duel(seed, shape).play(400);
}

TEST_CASE("events of one instant come by destination, then source, then sequence") {
  EventQueue queue;
  std::vector<Event> events;
  for (std::uint32_t i = 0; i < 64; ++i) events.push_back(event_at(1000, i / 16, i / 4 % 4, i));
  // Pushed in an order that is neither the right one nor its reverse: 37 and 64 have no common divisor.
  for (std::size_t i = 0; i < 64; ++i) queue.push(events[i * 37 % 64]);
  for (std::uint32_t expected = 0; const std::uint32_t sequence : pop_sequences(queue)) CHECK(sequence == expected++);
}

TEST_CASE("the sequence decides last, even if an earlier source has a higher one") {
  EventQueue queue;
  queue.push(event_at(5, 1, 0, 0));
  queue.push(event_at(5, 0, 1, 1));
  queue.push(event_at(5, 0, 0, 3));
  queue.push(event_at(5, 0, 0, 2));
  queue.push(event_at(4, 9, 9, 4));
  CHECK(pop_sequences(queue) == std::vector<std::uint32_t>{4, 2, 3, 1, 0});
}

TEST_CASE("a hundred thousand events of one instant keep their order") {
  EventQueue queue;
  const std::uint32_t count = 100'000;
  for (std::uint32_t i = 0; i < count; ++i) queue.push(event_at(123'456'789, 0, 0, i * 7919 % count));
  const auto sequences = pop_sequences(queue);
  CHECK(sequences.size() == count);
  CHECK(std::is_sorted(sequences.begin(), sequences.end()));
}

TEST_CASE("what is left of an instant comes first although later events crowd the run") {
  // Three events at an instant whose next nanosecond differs from it in two bytes or more. After the first was popped,
  // its handler pushes 600 events, more than a run holds. The others of the old instant must still come next.
  for (const std::int64_t instant : {0x1'00ffLL, 0x1'0fffLL, 0x100'ffffLL, 0x1234'ffffLL}) {
    EventQueue queue;
    for (std::uint32_t i = 0; i < 3; ++i) queue.push(event_at(instant, 0, 0, i));
    queue.push(event_at(0x2000'0000, 0, 0, 3));
    queue.push(event_at(1, 0, 0, 4));
    Event event;
    REQUIRE((queue.pop_before(SimTime::max(), event) && event.sequence == 4));
    REQUIRE((queue.pop_before(SimTime::max(), event) && event.sequence == 0));
    for (std::uint32_t i = 0; i < 600; ++i) queue.push(event_at(instant + 1 + i, 0, 0, 10 + i));
    for (const std::uint32_t expected : {1u, 2u, 10u, 11u}) {
      REQUIRE(queue.pop_before(SimTime::max(), event));
      CHECK(event.sequence == expected);
    }
  }
}

TEST_CASE("nothing is popped at or after the limit, and what is pushed at the limit comes first") {
  EventQueue queue;
  queue.push(event_at(1'000'000, 0, 0, 1));
  Event event;
  for (const std::int64_t limit : {1, 500, 999'999, 1'000'000}) {
    CHECK_FALSE(queue.pop_before(SimTime{limit}, event));
    CHECK(queue.next_time() == SimTime{1'000'000});
  }
  queue.push(event_at(1'000'000, 0, 0, 0));
  queue.push(event_at(1'000'001, 0, 0, 2));
  CHECK(pop_sequences(queue) == std::vector<std::uint32_t>{0, 1, 2});
}

TEST_CASE("a push below a limit that found nothing is refused or keeps the order") {
  // 300 events around 1,000: too many to be sorted at once, so looking for the first one before 900 splits a bucket.
  EventQueue queue;
  for (std::uint32_t i = 0; i < 300; ++i) queue.push(event_at(1'000, 0, 0, 1 + i));
  Event event;
  REQUIRE_FALSE(queue.pop_before(SimTime{900}, event));
  bool refused = false;
  try {
    queue.push(event_at(100, 0, 0, 0));
  } catch (const CheckFailure&) {
    refused = true;
  }
  REQUIRE(queue.pop_before(SimTime::max(), event));
  CHECK(event.sequence == (refused ? 1u : 0u));
}

TEST_CASE("a push into the past or the present dies") {
  EventQueue queue;
  CHECK_THROWS_AS(queue.push(event_at(-1)), CheckFailure);
  queue.push(event_at(0));
  queue.push(event_at(700));
  Event event;
  REQUIRE(queue.pop_before(SimTime::max(), event));
  CHECK_THROWS_AS(queue.push(event_at(0)), CheckFailure);
  REQUIRE(queue.pop_before(SimTime::max(), event));
  CHECK_THROWS_AS(queue.push(event_at(699)), CheckFailure);
  CHECK_THROWS_AS(queue.push(event_at(700)), CheckFailure);
  CHECK(queue.size() == 0);
  CHECK_NOTHROW(queue.push(event_at(701)));
}

TEST_CASE("looking at what is near changes nothing") {
  // Twice the same operations, once with a look after every pop.
  const auto run = [](bool look) {
    EventQueue queue;
    std::vector<std::uint32_t> popped;
    std::uint32_t sequence = 0;
    for (; sequence < 3000; ++sequence)
      queue.push(event_at(static_cast<std::int64_t>(random_bits(1, 0, sequence) % 5'000'000), 0, 0, sequence));
    Event event;
    while (queue.pop_before(SimTime::max(), event)) {
      popped.push_back(event.sequence);
      if (look) queue.visit_near([](int distance, const Event&) { REQUIRE((distance >= 0 && distance <= 2)); });
      if (sequence >= 20'000) continue;
      const auto ahead = static_cast<std::int64_t>(1 + random_bits(2, 0, sequence) % 2'000'000);
      queue.push(event_at(event.time.ns + ahead, 0, 0, sequence++));
    }
    return popped;
  };
  CHECK(run(true) == run(false));
}

}  // namespace hearsay::test
