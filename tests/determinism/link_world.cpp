#include "tests/determinism/link_world.hpp"

#include <numeric>
#include <utility>

#include "tests/unit/flood_world.hpp"

namespace hearsay::test {

namespace {

constexpr std::uint32_t kNodes = 60;
constexpr std::uint64_t kItems = 5;  // of each third node

// Jitter of up to 5 ms a message, and one segment of a thousand lost.
class RoughPath final : public PathModel {
 public:
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t connection) const override {
    return PerConnectionPath::latency(connection);
  }
  [[nodiscard]] bool redraws() const override { return true; }
  [[nodiscard]] Duration redrawn(const Host&, const Host&, Duration usual, const PathDraw& draw) const override {
    return usual + nanoseconds(static_cast<std::int64_t>(random_bits(5, draw.stream, draw.number) % 5'000'000));
  }
  [[nodiscard]] bool lossy() const override { return true; }
  [[nodiscard]] Share loss(const Host&, const Host&) const override { return {0.001}; }
};

// From 6 to 9 s nothing passes between hosts of even and odd addresses; from 9 to 12 s everything takes longer.
class Cut final : public DeliveryRule {
 public:
  [[nodiscard]] PacketFate packet(const Passage& passage) const override {
    if (cuts(passage)) return {PacketFate::Kind::drop, {}};
    return {};
  }
  [[nodiscard]] StreamFate stream(const Passage& passage) const override {
    if (cuts(passage)) return {StreamFate::Kind::hold, {}, nullptr};
    const bool slow = passage.now >= SimTime{} + seconds(9) && passage.now < SimTime{} + seconds(12);
    if (slow) return {StreamFate::Kind::delay, milliseconds(40), nullptr};
    return {};
  }

 private:
  static bool cuts(const Passage& passage) {
    const auto side = [](const Host& host) { return host.endpoint.address[15] % 2; };
    return side(passage.from) != side(passage.to) && passage.now >= SimTime{} + seconds(6) &&
           passage.now < SimTime{} + seconds(9);
  }
};

// Floods as FloodNode does, takes 2 ms for each item, and tells one host by datagram.
class SlowFloodNode final : public Node {
 public:
  SlowFloodNode(std::unique_ptr<Node> inner, Endpoint told) : inner_(std::move(inner)), told_(told) {}
  [[nodiscard]] Protocol& protocol() override { return inner_->protocol(); }
  void on_start(Context& context) override { inner_->on_start(context); }
  [[nodiscard]] Admission on_connect_request(Context& context, const Endpoint& from) override {
    return inner_->on_connect_request(context, from);
  }
  void on_connected(Context& context, ConnectionSlot slot, Direction direction, const Endpoint& peer) override {
    inner_->on_connected(context, slot, direction, peer);
  }
  void on_connect_failed(Context& context, ConnectionSlot slot, ConnectFailure failure) override {
    inner_->on_connect_failed(context, slot, failure);
  }
  void on_message(Context& context, ConnectionSlot slot, const MessageRef& message) override {
    context.spend(milliseconds(2));
    context.send_datagram(told_, make_message<flood::Item>(message->content_id(), 100u));
    inner_->on_message(context, slot, message);
  }
  void on_datagram(Context& context, const Endpoint&, const MessageRef&) override { context.spend(microseconds(300)); }
  void on_closed(Context& context, ConnectionSlot slot, CloseReason reason) override {
    inner_->on_closed(context, slot, reason);
  }
  void on_timer(Context& context, TimerSlot timer) override { inner_->on_timer(context, timer); }

 private:
  std::unique_ptr<Node> inner_;
  Endpoint told_;
};

class LinkWorld final : public TestWorld {
 public:
  explicit LinkWorld(const Variant& variant) {
    const std::uint32_t total = kNodes + variant.idle_nodes;
    std::vector<std::uint32_t> who(total);
    std::iota(who.begin(), who.end(), 0u);
    if (variant.listing != 0)
      RandomStream(Seeds(variant.listing), SeedDomain::world, Purpose("listing"), StableId{}).shuffle(who);
    std::vector<NodeSpec> specs;
    for (const std::uint32_t node : who)
      specs.push_back({name(node), endpoint(node), 0, BitRate{20'000'000}, BitRate{50'000'000}});
    const Seeds seeds(variant.world_seed);
    const SimulationOptions options{seconds(20), milliseconds(2), variant.ranks, variant.wire == Wire::bytes};
    simulation_ =
        std::make_unique<Simulation>(seeds, options, World(seeds, std::move(specs), std::make_unique<RoughPath>()));
    simulation_->add_rule(cut_);
    protocols_.resize(simulation_->ranks());
    const Topology topology = hamiltonian_cycles(Seeds(7), kNodes, 3);
    for (std::size_t position = 0; position < total; ++position)
      install(simulation_->world().node_at(position), who[position], topology);
  }

  [[nodiscard]] Simulation& simulation() override { return *simulation_; }

 private:
  static std::string name(std::uint32_t node) {
    return node < kNodes ? FloodWorld::name(node) : "groups.idle[" + std::to_string(node - kNodes) + "]";
  }
  static Endpoint endpoint(std::uint32_t node) { return ipv4_endpoint(0x0a000000 + node, 8333); }

  void install(NodeId number, std::uint32_t node, const Topology& topology) {
    std::vector<Endpoint> dials;
    if (node < kNodes)
      for (const std::uint32_t peer : topology.dials[node]) dials.push_back(endpoint(peer));
    flood::FloodSource source;
    if (node < kNodes && node % 3 == 0)
      source = {SimTime{} + seconds(1), milliseconds(2000), kItems, 1 + node * kItems};
    flood::FloodParameters parameters;
    parameters.item_bytes = 20'000;
    auto flood = std::make_unique<flood::FloodNode>(protocols_[simulation_->rank_of(number)], parameters,
                                                    std::move(dials), source, 2 + kNodes * kItems);
    simulation_->install(number, std::make_unique<SlowFloodNode>(std::move(flood), endpoint((node + 1) % kNodes)));
  }

  Cut cut_;
  std::unique_ptr<Simulation> simulation_;
  std::vector<flood::FloodProtocol> protocols_;
};

}  // namespace

std::unique_ptr<TestWorld> link_world(const Variant& variant) {
  return std::make_unique<LinkWorld>(variant);
}

}  // namespace hearsay::test
