// Whom a node dials again, and when. The class alone, on a context that writes down dials and holds one timer; the test
// says what became of them.
#include <catch2/catch.hpp>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/protocols/bitcoin/reconnection.hpp"
#include "tests/unit/story_time.hpp"

namespace hearsay::test {

namespace {

using bitcoin::PeerSupply;
using bitcoin::Reconnect;
using bitcoin::Reconnection;
using bitcoin::ReconnectionSettings;

Endpoint host(std::uint32_t number) {
  return ipv4_endpoint(0x0a000000 + number, 8333);
}
std::vector<Endpoint> hosts(const std::vector<std::uint32_t>& numbers) {
  std::vector<Endpoint> list;
  for (const std::uint32_t number : numbers) list.push_back(host(number));
  return list;
}
PeerSupply listed(const std::vector<std::uint32_t>& numbers, const std::vector<std::uint32_t>& fixed = {}) {
  return {std::make_shared<const std::vector<Endpoint>>(hosts(numbers)), hosts(fixed)};
}

struct Dial {
  std::int64_t ms;
  std::uint32_t host;
  bool operator==(const Dial&) const = default;
};
using Dials = std::vector<Dial>;
std::ostream& operator<<(std::ostream& out, const Dial& dial) {
  return out << "host " << dial.host << " at " << dial.ms << " ms";
}

// The node is host 0.
class Rig final : public Context {
 public:
  Rig(const std::vector<std::uint32_t>& first, PeerSupply supply, Reconnect reconnect = Reconnect::when_missing,
      const std::string& name = "node")
      : id_(stable_id(name)), reconnection_({reconnect, milliseconds(500), 3}, hosts(first), std::move(supply)) {
    reconnection_.start(*this);
  }

  // Slots are given in the order of dialling, from 0, and never again.
  void refuse(ConnectionSlot slot) { reconnection_.failed(*this, slot); }
  void open(ConnectionSlot slot) {
    reconnection_.connected(*this, slot, endpoint_of_.at(slot), Direction::outbound);
    reconnection_.shook_hands(slot);
  }
  void open_without_handshake(ConnectionSlot slot) {
    reconnection_.connected(*this, slot, endpoint_of_.at(slot), Direction::outbound);
  }
  ConnectionSlot dialled_by(std::uint32_t number) {
    endpoint_of_.push_back(host(number));
    const auto slot = static_cast<ConnectionSlot>(endpoint_of_.size() - 1);
    reconnection_.connected(*this, slot, host(number), Direction::inbound);
    reconnection_.shook_hands(slot);
    return slot;
  }
  void end(ConnectionSlot slot) { reconnection_.ended(*this, slot); }
  void misbehave(ConnectionSlot slot) {
    reconnection_.discourage(slot);
    reconnection_.ended(*this, slot);
  }
  void restart() {
    timer_ = SimTime::max();  // timers die with their life
    reconnection_.start(*this);
  }
  void run_until(SimTime time) {
    while (timer_ <= time) {
      now_ = std::exchange(timer_, SimTime::max());
      ++fired_;
      reconnection_.on_timer(*this);
    }
    now_ = time;
  }
  // Dials since the last question.
  Dials news() { return std::exchange(dials_, {}); }
  [[nodiscard]] bool waits() const { return timer_ != SimTime::max(); }
  [[nodiscard]] std::size_t fired() const { return fired_; }

  [[nodiscard]] SimTime now() const override { return now_; }
  [[nodiscard]] StableId self() const override { return id_; }
  [[nodiscard]] const Endpoint& endpoint() const override { return endpoint_; }
  [[nodiscard]] std::uint32_t incarnation() const override { return 1; }
  [[nodiscard]] RandomStream stream(SeedDomain domain, Purpose purpose) const override {
    return {Seeds(1), domain, purpose, id_};
  }
  ConnectionSlot connect(const Endpoint& endpoint) override {
    std::uint32_t number = 0;
    while (host(number) != endpoint) ++number;
    dials_.push_back({now_.ns / 1'000'000, number});
    endpoint_of_.push_back(endpoint);
    return static_cast<ConnectionSlot>(endpoint_of_.size() - 1);
  }
  void set_timer(TimerSlot timer, SimTime deadline) override {
    REQUIRE(timer == 3);
    timer_ = std::max(deadline, now_ + nanoseconds(1));
  }
  void cancel_timer(TimerSlot) override { timer_ = SimTime::max(); }
  void send_datagram(const Endpoint&, const MessageRef&) override {}
  void send(ConnectionSlot, const MessageRef&) override {}
  void close(ConnectionSlot) override {}
  void reset(ConnectionSlot) override {}
  void spend(Duration) override {}
  void observe(const Observation&) override {}

 private:
  StableId id_;
  Endpoint endpoint_ = host(0);
  SimTime now_;
  SimTime timer_ = SimTime::max();
  Dials dials_;
  std::vector<Endpoint> endpoint_of_;  // by slot
  std::size_t fired_ = 0;
  Reconnection reconnection_;
};

}  // namespace

TEST_CASE("a lost peer is replaced after the delay, by one that is not connected") {
  // Of hosts 0 to 4, host 0 is the node, 1 and 4 are its peers, and 3 has dialled it: 2, lost, is all that is left.
  Rig rig({1, 2, 4}, listed({0, 1, 2, 3, 4}));
  CHECK(rig.news() == Dials{{0, 1}, {0, 2}, {0, 4}});
  for (const ConnectionSlot slot : {0u, 1u, 2u}) rig.open(slot);
  rig.dialled_by(3);
  rig.run_until(at_ms(10'000));
  CHECK(!rig.waits());
  rig.end(1);
  rig.run_until(at_ms(60'000));
  CHECK(rig.news() == Dials{{10'500, 2}});
}

TEST_CASE("a dial that failed is replaced by another, and the same one is not drawn for 10 min") {
  Rig rig({1}, listed({0, 1, 2}));
  rig.run_until(at_ms(5000));
  rig.refuse(0);
  rig.run_until(at_ms(6000));
  rig.refuse(1);
  rig.run_until(at_ms(6400));
  CHECK(rig.news() == Dials{{0, 1}, {5500, 2}});
  const std::size_t fired = rig.fired();
  rig.run_until(at_ms(1'000'000));
  CHECK(rig.news() == Dials{{605'000, 1}});  // host 1 failed at 5 s, host 2 at 6 s
  CHECK(rig.fired() <= fired + 2);           // nothing polls
}

TEST_CASE("a connection that ends before its handshake is a dial that failed") {
  Rig rig({1}, listed({0, 1, 2}));
  rig.open_without_handshake(0);
  rig.end(0);
  rig.run_until(at_ms(1000));
  CHECK(rig.news() == Dials{{0, 1}, {500, 2}});
}

TEST_CASE("who may be drawn is drawn alike") {
  // 4,000 nodes draw one of four: 1,000 each, standard deviation sqrt(4,000 * 3/16) = 27.4; four of them are 110.
  std::map<std::uint32_t, int> drawn;
  for (int i = 0; i < 4000; ++i) {
    Rig rig({2}, listed({0, 1, 2, 3, 4, 5}), Reconnect::when_missing, "node " + std::to_string(i));
    rig.refuse(0);
    rig.run_until(at_ms(1000));
    const Dials dials = rig.news();
    REQUIRE(dials.size() == 2);
    ++drawn[dials[1].host];
  }
  CHECK(drawn.size() == 4);
  for (const std::uint32_t wanted : {1u, 3u, 4u, 5u}) CHECK(std::abs(drawn[wanted] - 1000) < 110);
}

TEST_CASE("one attempt at a time, a delay apart, until nothing is missing") {
  Rig rig({1, 2, 3}, listed({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  for (const ConnectionSlot slot : {0u, 1u, 2u}) rig.refuse(slot);  // 1, 2 and 3 are out for 10 min
  std::vector<std::int64_t> times;
  std::set<std::uint32_t> dialled;
  const auto note = [&] {
    for (const Dial& dial : rig.news()) times.push_back(dial.ms), dialled.insert(dial.host);
  };
  rig.run_until(at_ms(2000));
  rig.open(3);  // the dial of 500 ms
  rig.run_until(at_ms(4000));
  rig.refuse(4);  // of 2,500 ms
  rig.run_until(at_ms(4600));
  rig.open(5);  // of 4,500 ms
  rig.run_until(at_ms(9000));
  rig.open(6);  // of 5,100 ms
  note();
  CHECK(times == std::vector<std::int64_t>{0, 0, 0, 500, 2500, 4500, 5100});
  CHECK(dialled.size() == 7);  // nobody twice
  rig.run_until(at_ms(100'000));
  CHECK(rig.news().empty());
  CHECK(!rig.waits());
}

TEST_CASE("without a list the same peer is dialled again, after delays that double up to 60 s") {
  Rig rig({1, 2}, {});
  rig.open(1);
  rig.refuse(0);
  // Each attempt is refused 100 ms after it was made.
  std::vector<std::int64_t> gaps;
  SimTime last;
  for (ConnectionSlot slot = 2; slot < 12; ++slot) {
    rig.run_until(last + seconds(70));
    CHECK(rig.waits() == false);
    rig.refuse(slot);
    last = rig.now();
  }
  const Dials dials = rig.news();
  REQUIRE(dials.size() == 12);
  for (std::size_t i = 2; i < dials.size(); ++i) {
    CHECK(dials[i].host == 1);
    gaps.push_back(dials[i].ms - static_cast<std::int64_t>(70'000 * (i - 2)));
  }
  CHECK(gaps == std::vector<std::int64_t>{500, 1000, 2000, 4000, 8000, 16'000, 32'000, 60'000, 60'000, 60'000});
  // A handshake makes it a peer like any other.
  rig.run_until(last + seconds(61));
  rig.open(12);
  rig.run_until(last + seconds(100));
  rig.end(12);
  rig.run_until(last + seconds(200));
  const Dials again = rig.news();
  REQUIRE(again.size() == 2);
  CHECK(again[1].ms == (last + seconds(100) + milliseconds(500)).ns / 1'000'000);
}

TEST_CASE("fixed peers are dialled after the others and again themselves, where the rest is drawn") {
  Rig rig({1, 2}, listed({0, 1, 2, 3, 4, 5}, {2, 5}));
  CHECK(rig.news() == Dials{{0, 1}, {0, 2}, {0, 5}});
  for (const ConnectionSlot slot : {0u, 1u, 2u}) rig.open(slot);
  rig.run_until(at_ms(1000));
  rig.end(1);
  rig.end(2);
  rig.run_until(at_ms(2000));
  rig.open(3);
  rig.run_until(at_ms(3000));
  rig.open(4);
  CHECK(rig.news() == Dials{{1500, 2}, {2500, 5}});
  rig.end(0);
  rig.run_until(at_ms(4000));
  const Dials drawn = rig.news();
  REQUIRE(drawn.size() == 1);
  CHECK((drawn[0].host == 1 || drawn[0].host == 3 || drawn[0].host == 4));
}

TEST_CASE("a node that loses nothing waits for nothing") {
  const bool with_list = GENERATE(false, true);
  Rig rig({1, 2}, with_list ? listed({0, 1, 2, 3, 4}) : PeerSupply{});
  rig.open(0);
  rig.open(1);
  const ConnectionSlot guest = rig.dialled_by(3);
  rig.run_until(at_ms(1000));
  rig.end(guest);
  CHECK(!rig.waits());
  rig.run_until(at_ms(1'000'000));
  CHECK(rig.news() == Dials{{0, 1}, {0, 2}});
  CHECK(rig.fired() == 0);
}

TEST_CASE("who misbehaved is not dialled again, with a list or without") {
  const bool with_list = GENERATE(false, true);
  Rig rig({1}, with_list ? listed({0, 1}) : PeerSupply{});
  rig.open(0);
  rig.misbehave(0);
  rig.run_until(SimTime{} + hours(2));
  CHECK(rig.news() == Dials{{0, 1}});
  CHECK(!rig.waits());
  rig.restart();  // which forgets it
  CHECK(rig.news() == Dials{{7'200'000, 1}});
}

TEST_CASE("a restart dials the first peers and forgets what the life before had learnt") {
  Rig rig({1, 2}, listed({0, 1, 2, 3}));
  rig.refuse(0);
  rig.open(1);
  rig.run_until(at_ms(400));
  rig.restart();
  rig.run_until(at_ms(60'000));
  CHECK(rig.news() == Dials{{0, 1}, {0, 2}, {400, 1}, {400, 2}});
}

TEST_CASE("reconnection that is off dials once") {
  Rig rig({1, 2}, listed({0, 1, 2, 3}, {3}), Reconnect::never);
  rig.refuse(0);
  rig.open(1);
  rig.end(1);
  rig.misbehave(2);
  rig.run_until(SimTime{} + hours(2));
  CHECK(rig.news() == Dials{{0, 1}, {0, 2}, {0, 3}});
  CHECK(!rig.waits());
}

}  // namespace hearsay::test
