#include "sim/engine/simulation.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "sim/core/check.hpp"

namespace hearsay {

Simulation::Simulation(const Seeds& seeds, const SimulationOptions& options, World world)
    : seeds_(seeds),
      options_(options),
      world_(std::move(world)),
      offline_at_start_(world_.size(), false),
      rank_order_(seeds_, SeedDomain::world, Purpose("order of ranks"), StableId{}) {
  SIM_CHECK(options.ranks >= 1, "a simulation has at least one rank");
  SIM_CHECK(options.minimum_latency > Duration{}, "the minimum latency is what makes ranks independent");
  const auto nodes = static_cast<NodeId>(world_.size());
  nodes_per_rank_ = std::max<NodeId>(1, (nodes + options.ranks - 1) / options.ranks);
  const RankOptions rank_options{options.minimum_latency, options.horizon, options.wire_bytes, options.transport};
  for (unsigned rank = 0; rank < options.ranks; ++rank) {
    const NodeId first = std::min(nodes, rank * nodes_per_rank_);
    const NodeId last = std::min(nodes, first + nodes_per_rank_);
    ranks_.push_back(std::make_unique<Rank>(world_, seeds_, rank_options, first, last));
  }
}

Simulation::~Simulation() = default;

void Simulation::at(SimTime time, std::unique_ptr<ControlEvent> event) {
  SIM_CHECK(time >= now_, "a control event lies in the future");
  control_.emplace(time, std::move(event));
}

namespace {

class SessionsBegin final : public ControlEvent {
 public:
  SessionsBegin(NodeId node, std::shared_ptr<const SessionLaw> law) : node_(node), law_(std::move(law)) {}
  void apply(Simulation& simulation, SimTime now) override { simulation.set_sessions(node_, law_, now); }

 private:
  NodeId node_;
  std::shared_ptr<const SessionLaw> law_;
};

}  // namespace

void Simulation::set_sessions(NodeId node, std::shared_ptr<const SessionLaw> law, SimTime from) {
  SIM_CHECK(from >= now_, "sessions begin in the future");
  if (from > now_) return at(from, std::make_unique<SessionsBegin>(node, std::move(law)));
  if (started_)
    ranks_[rank_of(node)]->set_sessions(node, std::move(law), from);
  else
    sessions_at_start_[node] = std::move(law);
}

void Simulation::start_nodes() {
  started_ = true;
  for (const auto& rank : ranks_) SIM_CHECK(rank->complete(), "every node has its object before the run");
  for (NodeId node = 0; node < world_.size(); ++node)
    if (const auto law = sessions_at_start_.find(node); law != sessions_at_start_.end())
      ranks_[rank_of(node)]->set_sessions(node, law->second, SimTime{});
    else if (!offline_at_start_[node])
      start(node, SimTime{});
  exchange();
}

void Simulation::run_until(SimTime limit) {
  if (!started_) start_nodes();
  exchange();  // what a caller between two runs has made nodes send
  while (!control_.empty() && control_.begin()->first < limit) {
    const SimTime time = control_.begin()->first;
    advance(time);
    const auto next = control_.extract(control_.begin());  // it may add others
    next.mapped()->apply(*this, time);
    exchange();
  }
  advance(limit);
}

void Simulation::advance(SimTime limit) {
  if (ranks_.size() == 1) {
    ranks_[0]->run_until(limit);
  } else {
    std::vector<std::size_t> order(ranks_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    while (true) {
      SimTime earliest = SimTime::max();
      for (const auto& rank : ranks_) earliest = std::min(earliest, rank->next_time());
      if (earliest >= limit) break;
      const SimTime end = std::min(limit, earliest + options_.minimum_latency);
      rank_order_.shuffle(order);
      for (const std::size_t rank : order) ranks_[rank]->run_until(end);
      exchange();
    }
  }
  now_ = std::max(now_, limit);
}

void Simulation::exchange() {
  for (const auto& rank : ranks_) {
    for (Crossing& crossing : rank->outbox()) ranks_[rank_of(crossing.event.destination)]->receive(std::move(crossing));
    rank->outbox().clear();
  }
}

std::uint64_t Simulation::digest() const {
  std::uint64_t digest = 0;
  for (const NodeId node : world_.by_stable_id())
    digest = fold_digest(digest, fingerprint(world_.host(node).id.value, node_digest(node)));
  return digest;
}

DigestSlices Simulation::slices() const {
  DigestSlices sum{};
  for (const auto& rank : ranks_)
    for (std::size_t slice = 0; slice < kDigestSlices; ++slice) sum[slice] += rank->slices()[slice];
  return sum;
}

Counters Simulation::counters() const {
  Counters sum;
  for (const auto& rank : ranks_) {
    sum.events += rank->counters().events;
    sum.sent += rank->counters().sent;
    sum.delivered += rank->counters().delivered;
    sum.dropped += rank->counters().dropped;
  }
  return sum;
}

Traffic Simulation::traffic(MessageType type) const {
  Traffic sum;
  for (const auto& rank : ranks_) {
    const Traffic& part = rank->traffic_by_type()[type];
    sum.messages += part.messages;
    sum.payload_bytes += part.payload_bytes;
    sum.header_bytes += part.header_bytes;
    sum.tcp_ip_bytes += part.tcp_ip_bytes;
  }
  return sum;
}

std::size_t Simulation::messages_in_flight() const {
  std::size_t count = 0;
  for (const auto& rank : ranks_) count += rank->messages_in_flight();
  return count;
}

std::size_t Simulation::halves_in_use() const {
  std::size_t count = 0;
  for (const auto& rank : ranks_) count += rank->halves_in_use();
  return count;
}

std::vector<OpenConnection> Simulation::connections() const {
  std::vector<OpenConnection> connections;
  for (const auto& rank : ranks_) rank->collect_connections(connections);
  const auto ids = [this](const OpenConnection& connection) {
    return std::pair(world_.host(connection.dialler).id, world_.host(connection.dialled).id);
  };
  std::sort(connections.begin(), connections.end(),
            [&ids](const OpenConnection& a, const OpenConnection& b) { return ids(a) < ids(b); });
  return connections;
}

std::uint64_t Simulation::connection_changes() const {
  std::uint64_t sum = 0;
  for (const auto& rank : ranks_) sum += rank->connection_changes();
  return sum;
}

std::vector<PresenceChange> Simulation::presence_log() const {
  std::vector<PresenceChange> log;
  for (const auto& rank : ranks_) log.insert(log.end(), rank->presence_log().begin(), rank->presence_log().end());
  return log;
}

std::uint64_t Simulation::presence_changes() const {
  std::uint64_t sum = 0;
  for (const auto& rank : ranks_) sum += rank->presence_log().size();
  return sum;
}

void Simulation::check_streams() const {
  const Counters sum = counters();
  SIM_CHECK(sum.sent == sum.delivered + sum.dropped + messages_in_flight(),
            "every message that was sent was delivered, dropped or is in flight");
  std::map<std::uint64_t, std::uint16_t> said;
  std::map<std::uint64_t, std::uint16_t> heard;
  for (const auto& rank : ranks_) rank->collect_streams(said, heard);
  for (const auto& [direction, stream] : said) {
    const auto other = heard.find(direction);
    SIM_CHECK(other == heard.end() || other->second == stream,
              "a stream hands over what was sent on it, in order and once");
  }
}

}  // namespace hearsay
