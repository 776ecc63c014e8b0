// The IPv4 addresses of nodes. Addresses travel in messages and fill address tables by /16 group, so a node's address
// depends on its own stable id and the seed of the world alone: an added node moves no other, unless both draw one address.
//
// Two laws: spread evenly over the unicast range; or by autonomous system, as the nodes of Bitcoin were spread in 2019.
// In the second, the systems and their sizes are published; which /16s a system owns is not: each owns one for every
// four of its published nodes (ours), at numbers that are the same in every world. Region and class of a host play no
// part.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/ids.hpp"
#include "sim/core/random.hpp"

namespace hearsay::internet {

struct AutonomousSystem {
  std::uint32_t number = 0;
  std::uint32_t nodes = 0;  // its published size
};

// Systems that the source lists by size alone get numbers from here on (private use, RFC 6996).
inline constexpr std::uint32_t kFirstUnnamedSystem = 4'200'000'000;

[[nodiscard]] const std::vector<AutonomousSystem>& bitnodes_systems();

struct HostAddress {
  std::uint32_t ipv4 = 0;
  std::uint32_t system = 0;  // zero: the law knows none

  [[nodiscard]] std::uint32_t netgroup() const { return ipv4 >> 16; }
};

// For each id, in the order given. Of two that would have one address, the larger id takes the next free one.
[[nodiscard]] std::vector<HostAddress> uniform_addresses(const std::vector<StableId>& ids);
[[nodiscard]] std::vector<HostAddress> bitnodes_addresses(const std::vector<StableId>& ids, const Seeds& seeds);

// The /16s of each of bitnodes_systems(), in its order; no /16 belongs to two, and all are publicly routable.
[[nodiscard]] const std::vector<std::vector<std::uint16_t>>& bitnodes_netgroups();

}  // namespace hearsay::internet
