// The machine that a node runs on, as far as the network is concerned: where it is, and its access link.
#pragma once

#include <cstdint>

#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"
#include "sim/core/units.hpp"
#include "sim/net/endpoint.hpp"

namespace hearsay {

struct Host {
  StableId id;
  Endpoint endpoint;
  std::uint16_t region = 0;  // row of the region table; worlds without regions ignore it
  std::uint32_t site = 0;    // row of the path model's own list of places (a city, a point); others ignore it
  Duration access_delay;     // one way, between the host and the backbone; part of every path from and to it
  BitRate uplink;            // zero: not limited
  BitRate downlink;          // likewise
};

}  // namespace hearsay
