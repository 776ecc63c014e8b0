// The floor: the same flood in a program that knows nothing but a radix heap, adjacency arrays and a seen table.
//
// No order of ties, no connections, no messages, no digest, no isolation of nodes. What the engine achieves is quoted
// as a share of this, in one run on one machine.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "sim/net/topology.hpp"

namespace hearsay::bench {

// Binary radix heap (Ahuja, Mehlhorn, Orlin, Tarjan 1990): monotone, integer keys, stable redistribution.
template <class Item>
class RadixHeap {
 public:
  void push(std::uint64_t key, Item item) {
    buckets_[bucket(key)].push_back({key, item});
    ++size_;
  }
  bool pop(std::uint64_t& key, Item& item) {
    if (size_ == 0) return false;
    if (buckets_[0].empty()) redistribute();
    key = buckets_[0].back().key;
    item = buckets_[0].back().item;
    buckets_[0].pop_back();
    --size_;
    return true;
  }

 private:
  struct Entry {
    std::uint64_t key;
    Item item;
  };
  [[nodiscard]] std::size_t bucket(std::uint64_t key) const {
    return static_cast<std::size_t>(std::bit_width(key ^ last_));
  }
  void redistribute() {
    std::size_t first = 1;
    while (buckets_[first].empty()) ++first;
    std::uint64_t least = buckets_[first][0].key;
    for (const Entry& entry : buckets_[first]) least = entry.key < least ? entry.key : least;
    last_ = least;
    for (const Entry& entry : buckets_[first]) buckets_[bucket(entry.key)].push_back(entry);
    buckets_[first].clear();
  }
  std::array<std::vector<Entry>, 65> buckets_;
  std::uint64_t last_ = 0;
  std::size_t size_ = 0;
};

struct BareGraph {
  std::vector<std::uint32_t> first;  // of each node's edges, and one past the last
  struct Edge {
    std::uint32_t peer;
    std::uint32_t latency_us;
  };
  std::vector<Edge> edges;
};

// Events executed: deliveries of `floods` floods, one after another, each from node (flood * 7919) mod n.
inline std::uint64_t bare_flood(const BareGraph& graph, std::uint32_t floods, std::uint64_t& checksum) {
  struct Delivery {
    std::uint32_t node;
    std::uint32_t sender;
  };
  const auto nodes = static_cast<std::uint32_t>(graph.first.size() - 1);
  std::vector<std::uint32_t> seen(nodes, 0);
  std::uint64_t events = 0;
  std::uint64_t now = 0;
  RadixHeap<Delivery> heap;
  for (std::uint32_t flood = 1; flood <= floods; ++flood) {
    const auto relay = [&](std::uint32_t node, std::uint32_t sender) {
      for (std::uint32_t i = graph.first[node]; i < graph.first[node + 1]; ++i)
        if (graph.edges[i].peer != sender) heap.push(now + graph.edges[i].latency_us, {graph.edges[i].peer, node});
    };
    const auto source = static_cast<std::uint32_t>(std::uint64_t{flood} * 7919 % nodes);
    seen[source] = flood;
    relay(source, nodes);
    Delivery delivery{};
    while (heap.pop(now, delivery)) {
      ++events;
      if (seen[delivery.node] == flood) continue;
      seen[delivery.node] = flood;
      relay(delivery.node, delivery.sender);
    }
    checksum += now;
  }
  return events;
}

}  // namespace hearsay::bench
