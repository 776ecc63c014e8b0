// What a run fixes of the transport: the law by which bytes share access links, and TCP's constants.
#pragma once

#include <cstdint>

#include "sim/core/time.hpp"
#include "sim/core/units.hpp"
#include "sim/net/congestion_window.hpp"

namespace hearsay {

// How the bytes of several messages share a host's links.
enum class TransportModel : std::uint8_t {
  tcp,     // congestion windows; quanta of large messages served round-robin
  serial,  // one message after another, whole, at full rate: the law of published simulators, for parity
};

// Where a `serial` transport takes a message's time on access links.
enum class SerialRate : std::uint8_t {
  uplink,     // sender's uplink alone
  narrower,   // once, at the sender, at the lower of its uplink and the receiver's downlink (SimBlock)
  both_ends,  // sender's uplink, then the receiver's queue at the lower of the two rates (Gervais et al. 2016)
};

struct TransportParameters {
  TransportModel model = TransportModel::tcp;
  SerialRate serial_rate = SerialRate::uplink;
  CongestionControl congestion = CongestionControl::cubic;
  ByteCount socket_buffer{6'291'456};   // at each end
  std::int64_t queue_segments = 100;    // that wait before the slowest access link of a path
  ByteCount send_buffer{1'000'000};     // a node takes no message from a peer to which more than this waits
  ByteCount receive_buffer{5'000'000};  // a peer may send nothing while more than this waits
  std::int64_t backlog = 4096;          // set-ups that a host keeps open at once
  Duration dial_timeout = seconds(5);
  Duration give_up = minutes(15);  // without an acknowledgement
};

}  // namespace hearsay
