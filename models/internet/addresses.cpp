#include "models/internet/addresses.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "models/internet/draws.hpp"

namespace hearsay::internet {

namespace {

constexpr std::uint32_t kFirstAddress = 0x01000000;  // 1.0.0.0
constexpr std::uint32_t kLastAddress = 0xdfffffff;   // 223.255.255.255
constexpr std::uint32_t kNodesPerNetgroup = 4;

// Places in the order of ids, which decides who moves when two meet.
std::vector<std::size_t> in_order_of_ids(const std::vector<StableId>& ids) {
  std::vector<std::size_t> order(ids.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ids[a] < ids[b]; });
  return order;
}

// Special-purpose blocks of the IANA registry, RFC 6890, each with the /16s around it.
bool is_routable(std::uint32_t netgroup) {
  const std::uint32_t first = netgroup >> 8;
  const std::uint32_t second = netgroup & 0xff;
  if (first == 0 || first == 10 || first == 127 || first >= 224) return false;
  if (first == 100) return second < 64 || second > 127;
  if (first == 169) return second != 254;
  if (first == 172) return second < 16 || second > 31;
  if (first == 192) return second != 0 && second != 88 && second != 168;
  if (first == 198) return second != 18 && second != 19 && second != 51;
  return first != 203 || second != 0;
}

}  // namespace

std::vector<HostAddress> uniform_addresses(const std::vector<StableId>& ids) {
  std::vector<HostAddress> addresses(ids.size());
  std::set<std::uint32_t> taken;
  for (const std::size_t i : in_order_of_ids(ids)) {
    std::uint32_t address =
        kFirstAddress + static_cast<std::uint32_t>(ids[i].value % (kLastAddress - kFirstAddress + 1));
    while (!taken.insert(address).second) address = address == kLastAddress ? kFirstAddress : address + 1;
    addresses[i].ipv4 = address;
  }
  return addresses;
}

const std::vector<std::vector<std::uint16_t>>& bitnodes_netgroups() {
  static const std::vector<std::vector<std::uint16_t>> netgroups = [] {
    constexpr std::uint64_t kScatter = 2019'07'21;  // any constant: the plan belongs to the model, not to a seed
    std::vector<std::vector<std::uint16_t>> list;
    std::set<std::uint32_t> taken;
    for (const AutonomousSystem& system : bitnodes_systems()) {
      list.emplace_back();
      const std::uint32_t count = (system.nodes + kNodesPerNetgroup - 1) / kNodesPerNetgroup;
      for (std::uint32_t i = 0; i < count; ++i) {
        auto netgroup = static_cast<std::uint32_t>(random_bits(kScatter, system.number, i) & 0xffff);
        while (!is_routable(netgroup) || !taken.insert(netgroup).second) netgroup = (netgroup + 1) & 0xffff;
        list.back().push_back(static_cast<std::uint16_t>(netgroup));
      }
    }
    return list;
  }();
  return netgroups;
}

std::vector<HostAddress> bitnodes_addresses(const std::vector<StableId>& ids, const Seeds& seeds) {
  const std::vector<AutonomousSystem>& systems = bitnodes_systems();
  std::vector<std::uint64_t> up_to;  // nodes of this system and all before it
  up_to.reserve(systems.size());
  for (const AutonomousSystem& system : systems) up_to.push_back((up_to.empty() ? 0 : up_to.back()) + system.nodes);
  const KeyedDraw draw_system(seeds, Purpose("autonomous system"));
  const KeyedDraw draw_netgroup(seeds, Purpose("netgroup"));
  const auto below = [](double chance, std::uint64_t count) {
    return static_cast<std::uint64_t>(chance * static_cast<double>(count));
  };

  std::vector<HostAddress> addresses(ids.size());
  std::set<std::uint32_t> taken;
  for (const std::size_t i : in_order_of_ids(ids)) {
    const std::uint64_t node = below(draw_system(ids[i].value, 0), up_to.back());
    const auto system = static_cast<std::size_t>(std::upper_bound(up_to.begin(), up_to.end(), node) - up_to.begin());
    const std::vector<std::uint16_t>& netgroups = bitnodes_netgroups()[system];
    std::uint64_t at = below(draw_netgroup(ids[i].value, 0), netgroups.size()) << 16 | (ids[i].value & 0xffff);
    const auto address_at = [&](std::uint64_t position) {
      return static_cast<std::uint32_t>(netgroups[position >> 16]) << 16 |
             static_cast<std::uint32_t>(position & 0xffff);
    };
    // The next free address of the same system.
    const std::uint64_t all = static_cast<std::uint64_t>(netgroups.size()) << 16;
    std::uint64_t tried = 0;
    while (!taken.insert(address_at(at)).second && ++tried < all) at = (at + 1) % all;
    SIM_CHECK(tried < all, "an autonomous system has more nodes than addresses");
    addresses[i] = {address_at(at), systems[system].number};
  }
  return addresses;
}

}  // namespace hearsay::internet
