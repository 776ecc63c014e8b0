// When TCP sends again what nobody acknowledges (RFC 6298, 2.1 and 5.5; Linux TCP_RTO_MAX, include/net/tcp.h).
#pragma once

#include "sim/core/time.hpp"

namespace hearsay {

inline constexpr Duration kFirstRetransmission = seconds(1);      // doubled from then on
inline constexpr Duration kLongestRetransmission = seconds(120);  // but no longer than this

}  // namespace hearsay
