// What a host's access to the internet is like, by the kind of place it stands in: how far it is from the backbone, how
// fast its link is, how much gets lost on it.
//
// Each quantity follows a log-normal law told by its median and mean (equal: a constant), drawn once for each host and
// apart from the others: a slow uplink says nothing about the same host's downlink or delay. Draws are cut at
// kLongestAccessDelay, kLeastRate and kMostRate.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/core/parameter.hpp"
#include "sim/core/time.hpp"
#include "sim/core/units.hpp"

namespace hearsay::internet {

enum class HostClass : std::uint8_t { data_centre, home, mobile };
inline constexpr std::size_t kHostClasses = 3;
inline constexpr std::array<std::string_view, kHostClasses> kHostClassNames = {"data_centre", "home", "mobile"};

inline constexpr Duration kLongestAccessDelay = milliseconds(400);
inline constexpr BitRate kLeastRate{500'000};
inline constexpr BitRate kMostRate{10'000'000'000};

struct HostClassLaw {
  Duration access_delay_median;  // one way
  Duration access_delay_mean;
  BitRate uplink_median;
  BitRate uplink_mean;
  BitRate downlink_median;
  BitRate downlink_mean;
  Share loss;  // of segments, on the access link, each way

  [[nodiscard]] Duration access_delay(double chance) const;
  [[nodiscard]] BitRate uplink(double chance) const;
  [[nodiscard]] BitRate downlink(double chance) const;
};

using HostClassLaws = std::array<HostClassLaw, kHostClasses>;

// The published figures; the descriptions say where each comes from.
[[nodiscard]] const HostClassLaws& published_host_classes();
[[nodiscard]] const std::vector<Parameter<HostClassLaw>>& describe_host_class(HostClass host_class);

// Shares of hosts by class; they sum to 1.
using HostMix = std::array<double, kHostClasses>;
[[nodiscard]] HostClass drawn_class(const HostMix& mix, double chance);

}  // namespace hearsay::internet
