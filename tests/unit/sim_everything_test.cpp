// All features of the transport at once, driven at random: limited links, large messages, time spent, nodes that stop
// in three ways, rules that hold, delay and reset, datagrams, lossy paths with jitter. Whatever happens, the books
// balance at every look, each connection delivers a prefix of what was sent on it, and neither the number of ranks nor
// how messages are carried changes the digest.
#include <catch2/catch.hpp>

#include "tests/unit/sim_lossy_path.hpp"
#include "tests/unit/sim_scripted_rule.hpp"

namespace hearsay::test {

namespace {

const std::vector<std::string> kNames = {"anna", "bert", "carl", "dora", "emil", "fred", "gina"};

constexpr SimTime kEnd = at_ms(60'000);  // then all stop, and rules let everything pass

// Jitter, and a loss that differs between pairs: some have none.
class RoughPath final : public PathModel {
 public:
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t) const override {
    return milliseconds(5) + microseconds(static_cast<std::int64_t>((from.id.value ^ to.id.value) % 60'000));
  }
  [[nodiscard]] bool redraws() const override { return true; }
  [[nodiscard]] Duration redrawn(const Host&, const Host&, Duration usual, const PathDraw& draw) const override {
    return usual + microseconds(static_cast<std::int64_t>(fingerprint(draw.stream, draw.number) % 2'000));
  }
  [[nodiscard]] bool lossy() const override { return true; }
  [[nodiscard]] Share loss(const Host& from, const Host& to) const override {
    return {(from.id.value ^ to.id.value) % 3 == 0 ? 0.02 : 0.0};
  }
};

struct Setting {
  std::uint64_t seed = 1;
  unsigned ranks = 1;
  bool wire_bytes = false;
  bool rough = false;
};

// The nodes draw what they do from their own streams, so that it is the same on any ranks. Each item's number says who
// sent it in which life on which slot, and how many were sent there before.
class Everything {
 public:
  explicit Everything(const Setting& setting) : seed_(setting.seed), story_(options(setting)) {
    for (std::size_t i = 0; i < kNames.size(); ++i) prepare(i);
    for (std::int64_t i = 0; i < 12; ++i) {
      const std::uint64_t draw = fingerprint(seed_, static_cast<std::uint64_t>(i), 77);
      const std::string& name = kNames[static_cast<std::size_t>(i) % kNames.size()];
      const std::vector<StopKind> kinds = {StopKind::clean, StopKind::crash, StopKind::vanish};
      story_.stop(name, kinds[draw % 3], at_ms(4000 + 3000 * i));
      story_.start(name, at_ms(4000 + 3000 * i + 100 + static_cast<std::int64_t>(draw / 3 % 8000)));
    }
    for (const std::string& name : kNames) story_.stop(name, StopKind::clean, kEnd);
  }

  Story& story() { return story_; }
  [[nodiscard]] bool in_order() const { return in_order_; }

 private:
  static StoryOptions options(const Setting& setting) {
    StoryOptions options;
    options.names = kNames;
    options.world_seed = setting.seed;
    options.simulation.ranks = setting.ranks;
    options.simulation.wire_bytes = setting.wire_bytes;
    options.simulation.transport.receive_buffer = {1'000'000};
    options.simulation.transport.send_buffer = {400'000};
    options.simulation.transport.backlog = 3;
    if (setting.rough) options.path = std::make_shared<RoughPath>();
    options.uplinks = {{"anna", kEightMegabits}, {"bert", kTwoMegabits}, {"dora", {50'000'000}}};
    options.downlinks = {{"anna", {20'000'000}}, {"carl", kEightMegabits}, {"dora", {50'000'000}}};
    const auto law = [seed = setting.seed](const Passage& passage) {
      const auto period = static_cast<std::uint64_t>(passage.now.ns / 3'000'000'000);
      if (passage.now >= kEnd) return std::uint64_t{39};
      return fingerprint(seed, passage.from.id.value, passage.to.id.value, period) % 40;
    };
    options.rules = {stream_rule([law](const Passage& passage) -> StreamFate {
                       const std::uint64_t draw = law(passage);
                       if (draw < 3) return {StreamFate::Kind::hold, {}, nullptr};
                       if (draw == 3) return {StreamFate::Kind::delay, milliseconds(700), nullptr};
                       if (draw == 4 && passage.draw.number % 16 == 0) return {StreamFate::Kind::reset, {}, nullptr};
                       return {};
                     }),
                     packet_rule([law](const Passage& passage) -> PacketFate {
                       const std::uint64_t draw = law(passage);
                       if (draw < 3) return {PacketFate::Kind::drop, {}};
                       if (draw == 3) return {PacketFate::Kind::delay, milliseconds(700)};
                       return {};
                     })};
    return options;
  }

  void prepare(std::size_t self) {
    ScriptedNode& node = story_[kNames[self]];
    node.when_started([this, self](Context& context) {
      open_[self].clear();
      draws_[self].emplace(context.stream(SeedDomain::world, Purpose("test driver")));
      context.set_timer(0, context.now());
    });
    node.when_connected([this, self](Context& context, ConnectionSlot slot) {
      open_[self][slot] = {fingerprint(self, context.incarnation(), connections_[self]++) >> 20, 0, {}};
      send(context, self, slot, 50);
    });
    node.when_closed([this, self](Context&, ConnectionSlot slot) { open_[self].erase(slot); });
    node.when_timer([this, self](Context& context, TimerSlot) { act(context, self); });
    node.when_message([this, self](Context& context, ConnectionSlot slot, std::uint64_t number) {
      // Of one sender's life of the connection, and one after another.
      in_order_ = in_order_ && open_[self].contains(slot);
      Half& half = open_[self][slot];
      if (!half.heard) half.heard = number;
      in_order_ = in_order_ && number == *half.heard && number % 0x10000 == half.count_heard++;
      ++*half.heard;
      if (draws_[self]->below(4) == 0) context.spend(draws_[self]->uniform({}, milliseconds(30)));
      if (draws_[self]->below(6) == 0) send(context, self, slot, 200);
    });
  }

  void act(Context& context, std::size_t self) {
    RandomStream& draws = *draws_[self];
    context.set_timer(0, context.now() + draws.exponential(milliseconds(60)));
    const std::uint64_t draw = draws.below(100);
    const std::string& other = kNames[draws.below(kNames.size())];
    if (draw < 8 && open_[self].size() < 9) {
      context.connect(Story::endpoint(other));
    } else if (draw < 20) {
      context.send_datagram(Story::endpoint(other), make_message<flood::Item>(draw, 300U));
    } else if (!open_[self].empty()) {
      auto chosen = open_[self].begin();
      std::advance(chosen, static_cast<std::ptrdiff_t>(draws.below(open_[self].size())));
      const ConnectionSlot slot = chosen->first;
      if (draw < 25) context.spend(draws.uniform({}, milliseconds(300)));
      if (draw < 97) return send(context, self, slot, draw < 33 ? 300'000 : draw < 50 ? 10'000 : 100);
      open_[self].erase(slot);
      draw == 97 ? context.reset(slot) : context.close(slot);
    }
  }

  void send(Context& context, std::size_t self, ConnectionSlot slot, std::uint32_t bytes) {
    Half& half = open_[self][slot];
    send_item(slot, half.id << 16 | half.count_sent++, bytes)(context);
  }

  struct Half {
    std::uint64_t id = 0;
    std::uint64_t count_sent = 0;
    std::optional<std::uint64_t> heard;  // the number that must come next
    std::uint64_t count_heard = 0;
  };

  std::uint64_t seed_;
  std::array<std::map<ConnectionSlot, Half>, 7> open_;
  std::array<std::uint64_t, 7> connections_{};
  std::array<std::optional<RandomStream>, 7> draws_;
  bool in_order_ = true;
  Story story_;
};

}  // namespace

TEST_CASE("all features together: the books balance, streams keep their order, ranks do not matter") {
  const std::uint64_t seed = GENERATE(1u, 2u, 3u, 4u);
  const bool rough = GENERATE(false, true);
  std::uint64_t digest = 0;
  std::uint64_t delivered = 0;
  for (const unsigned ranks : {1u, 2u, 3u, 7u}) {
    for (const bool bytes : {false, true}) {
      Everything run({seed, ranks, bytes, rough});
      CHECK(conserves_throughout(run.story(), kEnd, microseconds(7'003 + 100 * ranks)));
      CHECK(run.in_order());
      const Counters counters = run.story().simulation().counters();
      if (digest == 0) {
        digest = run.story().simulation().digest();
        delivered = counters.delivered;
        CHECK(counters.delivered > 2000);  // the laws have been tried
        CHECK(counters.dropped > 100);
      }
      CHECK(run.story().simulation().digest() == digest);
      CHECK(conserves_throughout(run.story(), SimTime{} + hours(1), seconds(77)));
      CHECK(run.story().simulation().messages_in_flight() == 0);
      CHECK(run.story().simulation().halves_in_use() == 0);
      CHECK(counters.delivered == delivered);
    }
  }
}

}  // namespace hearsay::test
