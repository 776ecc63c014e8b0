// The machine that a node runs on, as far as the network is concerned: where it is and how fast its uplink is.
#pragma once

#include <cstdint>

#include "sim/core/ids.hpp"
#include "sim/core/units.hpp"
#include "sim/net/endpoint.hpp"

namespace hearsay {

struct Host {
  StableId id;
  Endpoint endpoint;
  std::uint16_t region = 0;  // row of the path model's table; path models without regions ignore it
  BitRate uplink;            // zero: not limited
};

}  // namespace hearsay
