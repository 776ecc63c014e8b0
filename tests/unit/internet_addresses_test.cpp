// Addresses: unique, of the system that they are said to belong to, and the node's own: others do not move them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "models/internet/addresses.hpp"

namespace hearsay::internet {
namespace {

std::vector<StableId> ids(std::size_t count) {
  std::vector<StableId> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(stable_id("full[" + std::to_string(i) + "]"));
  return list;
}

}  // namespace

TEST_CASE("the systems of 2019 are as many, and as large, as in the snapshot") {
  const auto& systems = bitnodes_systems();
  CHECK(systems.size() == 1'221);  // 1,223 rows without Tor and without the unknown
  CHECK(std::accumulate(systems.begin(), systems.end(), 0U,
                        [](std::uint32_t sum, const auto& system) { return sum + system.nodes; }) == 9'312);
  CHECK(systems.front().number == 24'940);
  std::set<std::uint32_t> numbers;
  for (const AutonomousSystem& system : systems) numbers.insert(system.number);
  CHECK(numbers.size() == systems.size());
  CHECK(std::is_sorted(systems.begin(), systems.end(), [](const auto& a, const auto& b) { return a.nodes > b.nodes; }));
}

TEST_CASE("no /16 belongs to two systems, and none is private") {
  std::set<std::uint16_t> seen;
  std::size_t count = 0;
  for (const auto& netgroups : bitnodes_netgroups())
    for (const std::uint16_t netgroup : netgroups) {
      ++count;
      seen.insert(netgroup);
      const int first = netgroup >> 8;
      CHECK((first >= 1 && first <= 223 && first != 10 && first != 127));
      CHECK((netgroup != (192 << 8 | 168) && netgroup != (169 << 8 | 254) && netgroup != (172 << 8 | 16)));
    }
  CHECK(seen.size() == count);
  CHECK(bitnodes_netgroups().front().size() == 284);  // 1,136 nodes, one for four
}

TEST_CASE("nodes fall on systems as they did in 2019, and on addresses of theirs") {
  constexpr std::size_t kNodes = 20'000;
  const auto addresses = bitnodes_addresses(ids(kNodes), Seeds(3));
  std::map<std::uint32_t, std::set<std::uint16_t>> owned;
  for (std::size_t i = 0; i < bitnodes_systems().size(); ++i)
    owned[bitnodes_systems()[i].number] = {bitnodes_netgroups()[i].begin(), bitnodes_netgroups()[i].end()};
  std::set<std::uint32_t> unique;
  double hetzner = 0.0;
  for (const HostAddress& address : addresses) {
    unique.insert(address.ipv4);
    CHECK(owned[address.system].count(static_cast<std::uint16_t>(address.netgroup())) == 1);
    hetzner += address.system == 24'940 ? 1.0 : 0.0;
  }
  CHECK(unique.size() == kNodes);
  const double share = 1'136.0 / 9'312.0;
  CHECK(std::abs(hetzner / kNodes - share) < 5.0 * std::sqrt(share * (1.0 - share) / kNodes));  // five standard errors
}

TEST_CASE("an added node moves nobody") {
  // Apart from one that would have the very same address; among 2^32 and 20,000 that is not one of these.
  for (const bool by_system : {false, true}) {
    const auto few = by_system ? bitnodes_addresses(ids(500), Seeds(3)) : uniform_addresses(ids(500));
    const auto more = by_system ? bitnodes_addresses(ids(700), Seeds(3)) : uniform_addresses(ids(700));
    for (std::size_t i = 0; i < few.size(); ++i) CHECK(few[i].ipv4 == more[i].ipv4);
  }
}

TEST_CASE("of two with one address the larger id takes the next") {
  const std::uint64_t span = 0xdfffffff - 0x01000000 + 1ULL;
  const auto addresses = uniform_addresses({StableId{5 + span}, StableId{5}, StableId{6}});
  CHECK(addresses[1].ipv4 == 0x01000005);
  CHECK(addresses[2].ipv4 == 0x01000006);
  CHECK(addresses[0].ipv4 == 0x01000007);
}

}  // namespace hearsay::internet
