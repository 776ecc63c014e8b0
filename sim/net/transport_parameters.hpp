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
  serial,  // one message after another, whole, at full rate: the law of published simulators, for parity; they know no
           // TCP/IP headers, so these take no time
};

// Where a `serial` transport takes a message's time on access links.
enum class SerialRate : std::uint8_t {
  uplink,     // sender's uplink alone
  narrower,   // once, at the sender, at the lower of its uplink and the receiver's downlink (SimBlock)
  both_ends,  // the sender's uplink is taken at its rate, and from its first byte on the message takes the receiver's
              // queue at the lower of the two rates (Gervais et al. 2016)
};

// When a `serial` transport lets the next message begin: when the one before has left, or has arrived (SimBlock).
enum class SerialNext : std::uint8_t { departure, arrival };

struct TransportParameters {
  TransportModel model = TransportModel::tcp;
  SerialRate serial_rate = SerialRate::uplink;
  SerialNext serial_next = SerialNext::departure;
  ByteCount serial_pass;       // messages of at most this size pass by the queues and take no time on access links,
  Duration serial_pass_delay;  // but so much more on their way
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
