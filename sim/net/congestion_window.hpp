// When TCP lets the segments of one direction of one connection leave: slow start, congestion avoidance, losses.
//
// A closed form, round by round, with no event of its own: the engine asks `admit` once for each quantum of a large
// message, in order, and gets the earliest instant at which the uplink may start to serve it. A round is what one
// window holds. It opens when the acknowledgement of the first segment of the round before is back, or, if that round
// fills the pipe (its segments take the slowest link a round trip or longer), as soon as that round has left.
//
// A quantum may span rounds, and the uplink serves it in one piece: its start is such that, without competition, it
// ends when its last segment would have left in the schedule of rounds. Competition on the uplink shows in `now` of the
// next call: rounds end when their last segment has left, and open no later than they would under fair queueing.
//
// Not responsible for: serving and sharing links, propagation, order of arrival (all the engine's; a repaired quantum
// holds up those behind it), the set-up of the connection, acknowledgements that are lost or wait, the queue that other
// flows build at the slowest link, HyStart, the burst after a pause shorter than the retransmission timeout.
// tests/oracles/ns3_tcp measures it against ns-3.
//
// Invariants: start >= now; repair >= 0; a path without loss draws nothing; the result depends on the calls alone, in
// integers but for Cubic's curve and the distance to the next loss, which use + - * / on doubles.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "sim/core/random.hpp"
#include "sim/core/time.hpp"

namespace hearsay {

inline constexpr std::uint32_t kInitialWindow = 10;      // segments; RFC 6928
inline constexpr std::uint32_t kDuplicateThreshold = 3;  // segments behind a lost one that tell of it; RFC 5681, 3.2
inline constexpr Duration kTimeoutMargin = milliseconds(200);  // over the round trip; Linux, TCP_RTO_MIN

enum class CongestionControl : std::uint8_t {
  cubic,     // RFC 9438
  new_reno,  // RFC 5681
  none,      // no window, no loss: all leaves as soon as the link is free. Not TCP; shows what its windows cost
};

struct CongestionPath {
  Duration round_trip;                   // of one segment and its acknowledgement on the empty path
  std::int64_t segment_picoseconds = 0;  // that a full segment takes on the slowest link; zero: not limited
  std::uint32_t queue_segments = 0;      // that wait before that link at most
  std::uint32_t window_limit = 0;        // segments that the socket buffers hold
  double loss = 0.0;                     // chance that a segment is lost, apart from that queue
  CongestionControl control = CongestionControl::cubic;
};

struct WindowOpening {
  SimTime start;    // the uplink may serve the quantum from here on
  Duration repair;  // the quantum arrives so much later because segments of it had to be sent again
};

class CongestionWindow {
 public:
  // The next `segments` of the stream are ready to leave at `now`. `behind`: segments of the stream that are known to
  // follow them; if fewer than three do, a loss near the end waits for the retransmission timeout.
  WindowOpening admit(SimTime now, std::uint32_t segments, const CongestionPath& path, RandomStream& stream,
                      std::uint32_t behind = kDuplicateThreshold);

  // The uplink was busy: the quantum admitted last left so much later than its opening said.
  void postpone(Duration later) { last_departure_ = last_departure_ + later; }

  // Segments of the round that the last opening ended in, and where slow start ends.
  [[nodiscard]] std::uint32_t window() const { return window_; }
  [[nodiscard]] std::uint32_t threshold() const { return threshold_; }

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  // When the last lost segment was sent again, and whether a timeout brought it about.
  struct Repair {
    SimTime sent;
    bool timeout = false;
    void join(Repair other) {
      sent = std::max(sent, other.sent);
      timeout = timeout || other.timeout;
    }
  };

  void catch_up(SimTime now, const CongestionPath& path);
  void next_round(SimTime open, const CongestionPath& path);
  void enter(SimTime open, std::uint32_t window, std::uint32_t earlier, const CongestionPath& path);
  void reduce(SimTime open, const CongestionPath& path);
  [[nodiscard]] std::uint32_t grown(SimTime open, std::uint32_t sent, const CongestionPath& path);
  [[nodiscard]] std::uint32_t cubic_window(SimTime open, const CongestionPath& path);
  void lower_threshold(std::uint32_t flight, CongestionControl control);
  void collapse(SimTime sent, const CongestionPath& path);
  [[nodiscard]] Repair lose(std::uint32_t count, std::uint32_t behind, const CongestionPath& path,
                            RandomStream& stream);
  [[nodiscard]] std::uint32_t survivors(std::uint32_t count, double loss, RandomStream& stream);
  [[nodiscard]] Repair overflow_repair(std::uint32_t behind, const CongestionPath& path) const;

  SimTime open_;                       // of the current round
  SimTime last_departure_;             // of the last segment admitted
  SimTime epoch_ = SimTime::max();     // Cubic's: congestion avoidance since then
  double until_loss_ = 0.0;            // (1 - loss) ^ (segments to the next lost one); zero: not drawn
  std::uint32_t window_ = 0;           // segments that the current round sends; zero: nothing was ever sent
  std::uint32_t threshold_ = kNone;    // slow start below it
  std::uint32_t first_loss_ = kNone;   // position in the round: what leaves from there on tells of a loss
  std::uint32_t largest_window_ = 0;   // Cubic's W_max
  std::uint32_t friendly_window_ = 0;  // Cubic's W_est, in seventeenths of a segment
  std::uint32_t round_size_ : 24 = 0;  // segments of the window that pass the queue, sent again or for the first time
  std::uint32_t recovering_ : 8 = 0;   // this round hears of the loss in the one before
  std::uint32_t used_ : 24 = 0;        // of them, so many have been admitted
  std::uint32_t lost_ : 8 = 0;         // at random in this round; sent again in the next
  std::uint16_t before_recovery_ = 0;  // segments of a recovering round that left before the loss was known
  std::uint16_t backlog_ = 0;          // segments that the recovering round had no room to send again
};
static_assert(sizeof(CongestionWindow) <= 64, "one cache line a direction of a connection");

}  // namespace hearsay
