// The keys of `world.transport`: the transport's parameters (sim/net/transport_parameters.hpp) in the words of a
// scenario. Defaults are the engine's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/core/parameter.hpp"
#include "sim/net/transport_parameters.hpp"

namespace hearsay::internet {

struct TransportSettings {
  std::string model = "tcp";
  std::string serial_rate = "uplink";
  std::string serial_next = "departure";
  ByteCount serial_pass = TransportParameters{}.serial_pass;
  Duration serial_pass_delay = TransportParameters{}.serial_pass_delay;
  std::string congestion = "cubic";
  ByteCount socket_buffer = TransportParameters{}.socket_buffer;
  std::int64_t queue_segments = TransportParameters{}.queue_segments;
  ByteCount send_buffer = TransportParameters{}.send_buffer;
  ByteCount receive_buffer = TransportParameters{}.receive_buffer;
  std::int64_t backlog = TransportParameters{}.backlog;
  Duration dial_timeout = TransportParameters{}.dial_timeout;
  Duration give_up = TransportParameters{}.give_up;

  [[nodiscard]] TransportParameters parameters() const {
    TransportParameters engine;
    engine.model = model == "serial" ? TransportModel::serial : TransportModel::tcp;
    engine.serial_rate = serial_rate == "narrower"    ? SerialRate::narrower
                         : serial_rate == "both_ends" ? SerialRate::both_ends
                                                      : SerialRate::uplink;
    engine.serial_next = serial_next == "arrival" ? SerialNext::arrival : SerialNext::departure;
    engine.serial_pass = serial_pass;
    engine.serial_pass_delay = serial_pass_delay;
    engine.congestion = congestion == "new_reno" ? CongestionControl::new_reno
                        : congestion == "none"   ? CongestionControl::none
                                                 : CongestionControl::cubic;
    engine.socket_buffer = socket_buffer;
    engine.queue_segments = queue_segments;
    engine.send_buffer = send_buffer;
    engine.receive_buffer = receive_buffer;
    engine.backlog = backlog;
    engine.dial_timeout = dial_timeout;
    engine.give_up = give_up;
    return engine;
  }
};

inline const std::vector<Parameter<TransportSettings>>& describe_transport() {
  using P = TransportSettings;
  static const std::vector<Parameter<P>> list = {
      {"model",
       &P::model,
       "how messages share links: tcp, or serial (one whole message after another, for parity)",
       "TCP is what nodes use; published simulators are serial",
       0,
       0,
       {"tcp", "serial"}},
      {"serial_rate",
       &P::serial_rate,
       "serial only: the sender's uplink; the narrower of it and the receiver's downlink; or a queue at both ends",
       "narrower: SimBlock (Aoki et al. 2019); both_ends: Gervais et al. 2016",
       0,
       0,
       {"uplink", "narrower", "both_ends"}},
      {"serial_next",
       &P::serial_next,
       "serial only: when a host begins with its next message: at the departure of the one before, or at its arrival",
       "arrival: SimBlock 5fc7f9f7, BlockMessageTask.java",
       0,
       0,
       {"departure", "arrival"}},
      {"serial_pass", &P::serial_pass,
       "serial only: messages of at most this size pass by the queues and take no time on access links",
       "ours: none; in SimBlock and in Gervais et al. 2016 all but blocks do", 0, 1e9},
      {"serial_pass_delay", &P::serial_pass_delay, "serial only: by which those messages arrive later",
       "ours: none; SimBlock 5fc7f9f7, AbstractMessageTask.java, adds 10 ms", 0, 1e9},
      {"congestion",
       &P::congestion,
       "tcp only: how the window grows again after a loss; none: no window at all, to show what windows cost",
       "cubic: Linux's default since 2.6.19, RFC 9438; new_reno: RFC 6582",
       0,
       0,
       {"cubic", "new_reno", "none"}},
      {"socket_buffer", &P::socket_buffer, "tcp only: at each end of a connection; the most that is under way",
       "Linux tcp_rmem, default maximum 6,291,456 bytes", 4096, 1e9},
      {"queue_segments", &P::queue_segments, "tcp only: that wait before the slowest access link of a path",
       "ours: about a bandwidth-delay product of a home", 1, 1e6},
      {"send_buffer", &P::send_buffer, "a node takes no message from a peer to which more than this waits",
       "-maxsendbuffer, 1,000 x 1,000 bytes, Bitcoin Core net.h", 1, 1e9},
      {"receive_buffer", &P::receive_buffer, "a peer may send nothing while more than this waits to be handled",
       "-maxreceivebuffer, 5 x 1,000 x 1,000 bytes, Bitcoin Core net.h", 1, 1e9},
      {"backlog", &P::backlog, "set-ups that a host keeps open at once", "Linux net.core.somaxconn, 4096 since 5.4", 1,
       1e6},
      {"dial_timeout", &P::dial_timeout, "after which a dial without an answer is given up",
       "-timeout (DEFAULT_CONNECT_TIMEOUT), 5,000 ms, Bitcoin Core netbase.h", 1e6, 3600e9},
      {"give_up", &P::give_up, "how long a side waits for an acknowledgement before it drops the connection",
       "Linux tcp_retries2 = 15, about 924 s: 15 min", 1e9, 24 * 3600e9},
  };
  return list;
}

// Settings that mean nothing under the other model.
inline constexpr std::string_view kSerialOnly[] = {"serial_rate", "serial_next", "serial_pass", "serial_pass_delay"};
inline constexpr std::string_view kTcpOnly[] = {"congestion", "socket_buffer", "queue_segments"};

}  // namespace hearsay::internet
