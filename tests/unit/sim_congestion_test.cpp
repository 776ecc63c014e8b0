// TCP's windows against closed forms: slow start, buffers, idle restart, overflow, random losses, Cubic's curve. The
// arithmetic is spelled out beside each; sim_congestion_oracle_test.cpp compares with ns-3.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/unit/sim_congestion_flow.hpp"

namespace hearsay::test {
namespace {

constexpr CongestionControl kLaws[] = {CongestionControl::new_reno, CongestionControl::cubic};

const char* name_of(CongestionControl control) {
  return control == CongestionControl::cubic ? "Cubic" : "Reno";
}

// A path of 100 ms there and back, where a segment takes no time.
UplinkFlow wide_flow(CongestionControl control = CongestionControl::new_reno) {
  return {.path = congestion_path(milliseconds(50), 0, control), .one_way = milliseconds(50)};
}

// 100 ms there and back with the first segment, 1 ms a segment: 100 segments fill the pipe.
UplinkFlow narrow_flow(std::uint32_t queue, CongestionControl control = CongestionControl::new_reno) {
  UplinkFlow flow = wide_flow(control);
  flow.path.segment_picoseconds = 1'000'000'000;
  flow.path.queue_segments = queue;
  return flow;
}

std::int64_t admit_ns(UplinkFlow& flow, SimTime now, std::uint32_t segments) {
  RandomStream stream = congestion_stream();
  return flow.window.admit(now, segments, flow.path, stream).start.ns;
}

}  // namespace

TEST_CASE("slow start sends ten segments, then twice as many each round trip") {
  // 10 + 20 + ... + 10 * 2^(n-1) = 10 (2^n - 1) segments leave in n rounds, so the last of them n - 1 round trips late.
  for (const CongestionControl control : kLaws)
    for (int rounds = 1; rounds <= 8; ++rounds) {
      RandomStream stream = congestion_stream();
      const std::int64_t segments = 10 * ((1 << rounds) - 1);
      UplinkFlow all = wide_flow(control);
      CHECK(completion(all, segments * kSegmentBytes, SimTime{}, stream) == milliseconds(100 * (rounds - 1) + 50));
      UplinkFlow one_more = wide_flow(control);
      CHECK(completion(one_more, segments * kSegmentBytes + 1, SimTime{}, stream) == milliseconds(100 * rounds + 50));
    }
}

TEST_CASE("a quantum over several rounds ends when its last segment would have left") {
  // Of 25 segments, 10 leave at once and 15 in the round that opens at 100 ms, at 1 ms each: the last has left at 115
  // ms. Served in one piece, they must start 25 ms before that.
  UplinkFlow flow = narrow_flow(1000);
  CHECK(admit_ns(flow, SimTime{}, 25) == 90'000'000);
  // Five more fit into the round, which goes on at 115 ms. The one after opens at 200 ms.
  CHECK(admit_ns(flow, SimTime{115'000'000}, 5) == 115'000'000);
  CHECK(admit_ns(flow, SimTime{120'000'000}, 1) == 200'000'000);
}

TEST_CASE("a window that fills the pipe leaves no gap") {
  // 10, 20, 40 and 80 segments take less than the round trip of 100 ms, so 150 segments end at 300 + 80 ms. The 160 of
  // the next round open at 400 ms and end at 560 ms, and from then on a segment leaves each millisecond.
  UplinkFlow flow = narrow_flow(10'000);
  CHECK(admit_ns(flow, SimTime{}, 150) == (300 + 80 - 150) * 1'000'000);
  CHECK(admit_ns(flow, SimTime{380'000'000}, 160) == 400'000'000);
  CHECK(admit_ns(flow, SimTime{560'000'000}, 1000) == 560'000'000);
  CHECK(admit_ns(flow, SimTime{1'560'000'000}, 1) == 1'560'000'000);
}

TEST_CASE("a segment never starts before now, and waiting for the uplink takes nothing from the window") {
  UplinkFlow flow = narrow_flow(1000);
  CHECK(admit_ns(flow, SimTime{}, 5) == 0);
  flow.window.postpone(milliseconds(30));
  CHECK(admit_ns(flow, SimTime{35'000'000}, 5) == 35'000'000);
  CHECK(admit_ns(flow, SimTime{40'000'000}, 20) == 100'000'000);
}

TEST_CASE("how a message is cut into quanta does not matter to a flow that has the uplink to itself") {
  // A quantum ends when its last segment would have left anyway; 1 ns for each rounding of a product.
  for (const CongestionControl control : kLaws)
    for (const std::uint32_t queue : {20u, 100u, 10'000u})
      for (const std::uint32_t segments : {1u, 9u, 155u, 333u, 1000u, 2763u}) {
        const auto end = [&](std::uint32_t quantum) {
          RandomStream stream = congestion_stream();
          UplinkFlow flow = narrow_flow(queue, control);
          std::vector<UplinkFlow> flows = {flow};
          flows[0].left = segments;
          flows[0].quantum = quantum;
          serve(flows, SimTime{}, stream);
          return flows[0].arrival.ns;
        };
        const std::int64_t whole = end(segments);
        for (const std::uint32_t quantum : {1u, 7u, 100u}) {
          CAPTURE(name_of(control), queue, segments, quantum);
          CHECK(std::abs(end(quantum) - whole) <= segments);
        }
      }
}

TEST_CASE("whatever is asked, nothing starts before now and nothing is repaired before it was sent") {
  RandomStream choice = congestion_stream(99);
  RandomStream stream = congestion_stream(100);
  for (int connection = 0; connection < 2000; ++connection) {
    UplinkFlow flow = narrow_flow(static_cast<std::uint32_t>(choice.below(200)), kLaws[choice.below(2)]);
    flow.path.segment_picoseconds = choice.below(4) == 0 ? 0 : static_cast<std::int64_t>(choice.below(20'000'000'000));
    flow.path.round_trip = choice.uniform(microseconds(200), milliseconds(800));
    flow.path.window_limit = static_cast<std::uint32_t>(choice.below(choice.below(2) == 0 ? 100 : 100'000));
    flow.path.loss = choice.below(2) == 0 ? 0.0 : static_cast<double>(choice.below(1000)) / 1001;
    SimTime now;
    for (int i = 0; i < 30; ++i) {
      const auto segments = static_cast<std::uint32_t>(1 + choice.below(choice.below(2) == 0 ? 20 : 2000));
      const auto behind = static_cast<std::uint32_t>(choice.below(5));
      const WindowOpening opening = flow.window.admit(now, segments, flow.path, stream, behind);
      REQUIRE(opening.start >= now);
      REQUIRE(opening.repair >= Duration{});
      REQUIRE(flow.window.window() >= 1);
      REQUIRE(flow.window.window() <= std::max(flow.path.window_limit, 1u));
      const Duration wait = choice.below(2) == 0 ? Duration{} : choice.uniform(Duration{}, milliseconds(300));
      flow.window.postpone(wait);
      now = opening.start + wait + Duration{segments * flow.path.segment_picoseconds / 1000};
      if (choice.below(4) == 0) now = now + choice.uniform(Duration{}, seconds(2));
    }
  }
}

TEST_CASE("the buffers hold the rate to one buffer a round trip") {
  // 128 KiB hold 90 segments of 1,448 B. Rounds of 10, 20, 40, 80, then 90: of 1,050 segments, 150 leave in four rounds
  // and 900 in ten, so the last leaves with the 14th round, which opens after 13 round trips.
  for (const CongestionControl control : kLaws) {
    RandomStream stream = congestion_stream();
    UplinkFlow flow = wide_flow(control);
    flow.path.window_limit = 131'072 / kSegmentBytes;
    CHECK(completion(flow, 1050 * kSegmentBytes, SimTime{}, stream) == milliseconds(13 * 100 + 50));
    CHECK(flow.window.window() == 90);
  }
}

TEST_CASE("after a retransmission timeout of silence the window is the initial one again, the threshold stays") {
  RandomStream stream = congestion_stream();
  UplinkFlow fresh = wide_flow();
  const Duration first = completion(fresh, 630 * kSegmentBytes, SimTime{}, stream);
  CHECK(first == milliseconds(550));  // six rounds
  SECTION("300 ms and more after the last departure: all over again") {
    CHECK(completion(fresh, 630 * kSegmentBytes, SimTime{500'000'000} + milliseconds(300) + nanoseconds(1), stream) ==
          first);
  }
  SECTION("within them the window is open: 640 segments in one round") {
    CHECK(completion(fresh, 630 * kSegmentBytes, SimTime{500'000'000} + milliseconds(300), stream) == milliseconds(50));
  }
}

TEST_CASE("a connection that had a loss restarts to its threshold and goes on by one segment a round") {
  // A queue of 50 overflows in the round of 160 (see below): at the loss 160 + 100 are on their way, the threshold is
  // 130. After the restart 10 + 20 + 40 + 80 leave in four rounds; then 130, 131, 132.
  RandomStream stream = congestion_stream();
  UplinkFlow flow = narrow_flow(50);
  flow.path.round_trip = milliseconds(1000);
  completion(flow, 500 * kSegmentBytes, SimTime{}, stream);
  CHECK(flow.window.threshold() == 130);
  const SimTime later = SimTime{} + seconds(600);
  const Duration all = completion(flow, (150 + 130 + 131 + 132) * kSegmentBytes, later, stream);
  CHECK(all == milliseconds(6 * 1000 + 132 + 50));
}

TEST_CASE("slow start overflows the queue when the burst is twice what it holds") {
  // The pipe of 1,000 segments stays empty; a round of w segments leaves as two for each acknowledgement, which come at
  // the rate of the link: the queue grows by one for each two. A queue of 50 is full after 100 of the round of 160, so
  // that half of the other 60 are lost. Until the first loss is known, 100 acknowledgements make the window 260.
  RandomStream stream = congestion_stream();
  for (const CongestionControl control : kLaws) {
    UplinkFlow flow = narrow_flow(50, control);
    flow.path.round_trip = milliseconds(1000);
    stream = congestion_stream();
    flow.window.admit(SimTime{}, 150 + 130, flow.path, stream);  // what passes of five rounds
    flow.window.admit(SimTime{5'000'000'000}, 1, flow.path, stream);
    CHECK(flow.window.threshold() == (control == CongestionControl::cubic ? 182 : 130));  // 0.7 and 0.5 of 260
  }
}

TEST_CASE("slow start fills pipe and queue, and overshoots both by the factor two") {
  // Pipe 100, queue 60: full when 160 are on their way, which the acknowledgement-clocked sender learns when there are
  // 320: half of it is the threshold, so the pipe stays full ever after.
  RandomStream stream = congestion_stream();
  UplinkFlow flow = narrow_flow(60);
  const Duration all = completion(flow, 3000 * kSegmentBytes, SimTime{}, stream);
  CHECK(flow.window.threshold() >= 80);
  CHECK(flow.window.window() <= 161);
  // 3,000 ms of sending, 50 ms of way, and what the first four rounds of 100 ms left unused: 400 - 150 ms.
  CHECK(all == milliseconds(3000 + 50 + 250));
}

TEST_CASE("a steady flow between overflows makes Reno's saw-tooth") {
  // Pipe 100, no queue to speak of: the window climbs by one a round and halves above 100 + 10; between threshold and
  // top it is 55 to 110, a pipe of 100 is then used by (55 + ... + 100 + 10 * 100) / (46 + 10) = 80.9 %, and with the
  // round in which the loss is told (about 110 sent) 81 to 83 %.
  RandomStream stream = congestion_stream();
  UplinkFlow flow = narrow_flow(10);
  completion(flow, 20'000 * kSegmentBytes, SimTime{}, stream);
  const SimTime begin = flow.arrival;
  flow.write(100'000 * kSegmentBytes);
  std::vector<UplinkFlow> flows = {flow};
  serve(flows, begin, stream);
  const double share = 100'000.0 / (static_cast<double>((flows[0].arrival - begin).ns) / 1e6);
  CHECK(share > 0.80);
  CHECK(share < 0.84);
}

TEST_CASE("a path without loss draws nothing, and a lossy one draws the losses that it should") {
  RandomStream stream = congestion_stream();
  UplinkFlow flow = wide_flow();
  completion(flow, 10'000 * kSegmentBytes, SimTime{}, stream);
  CHECK(stream() == congestion_stream()());
}

TEST_CASE("a lone segment is lost as often as the path says, and then waits for the retransmission timeout") {
  // One segment with nothing behind it: it arrives 300 ms (round trip + 200 ms) late in a share p of all cases, and
  // one round trip later still if it is lost again (share p^2). Bounds: four standard errors.
  constexpr int kCount = 20'000;
  constexpr double kLoss = 0.05;
  int late = 0;
  int later = 0;
  RandomStream stream = congestion_stream();
  for (int i = 0; i < kCount; ++i) {
    UplinkFlow flow = wide_flow();
    flow.path.loss = kLoss;
    const Duration repair = flow.window.admit(SimTime{}, 1, flow.path, stream, 0).repair;
    late += repair >= milliseconds(300) ? 1 : 0;
    later += repair >= milliseconds(400) ? 1 : 0;
    const bool in_time = repair == Duration{} || (repair.ns >= 300'000'000 && repair.ns % 100'000'000 == 0);
    CHECK(in_time);
  }
  const auto expected = [](double p) { return std::array{kCount * p, 4 * std::sqrt(kCount * p * (1 - p))}; };
  CHECK(std::abs(late - expected(kLoss)[0]) < expected(kLoss)[1]);
  CHECK(std::abs(later - expected(kLoss * kLoss)[0]) < expected(kLoss * kLoss)[1]);
}

TEST_CASE("a loss with three segments behind it is repaired a round trip later, without them by a timeout") {
  // Ten segments of which some are lost: within one quantum the repair is that of the last of them.
  int fast = 0;
  int slow = 0;
  RandomStream stream = congestion_stream();
  for (int i = 0; i < 2000; ++i) {
    UplinkFlow told = wide_flow();
    told.path.loss = 0.01;
    RandomStream same = stream;
    const Duration with_more = told.window.admit(SimTime{}, 10, told.path, stream, 3).repair;
    UplinkFlow untold = wide_flow();
    untold.path.loss = 0.01;
    const Duration at_end = untold.window.admit(SimTime{}, 10, untold.path, same, 0).repair;
    CHECK(with_more.ns % 100'000'000 == 0);
    CHECK(at_end >= with_more);
    fast += with_more > Duration{} ? 1 : 0;
    slow += at_end > with_more ? 1 : 0;
    if (at_end > with_more) CHECK(untold.window.window() <= 2);
  }
  // 1 - 0.99^10 = 9.56 % have a loss (191 +- 4 * 13); 1 - 0.99^3 = 2.97 % one among the last three (59 +- 4 * 7.6).
  CHECK(std::abs(fast - 191) < 53);
  CHECK(std::abs(slow - 59) < 31);
}

// The mean window over 2,000 losses or so, at a round trip of 100 ms: segments a round trip.
double long_run_window(CongestionControl control, double loss) {
  RandomStream stream = congestion_stream(7);
  UplinkFlow flow = wide_flow(control);
  flow.path.loss = loss;
  flow.path.window_limit = 1'000'000;
  const double segments = 2000 / loss;
  completion(flow, static_cast<std::int64_t>(200 / loss) * kSegmentBytes, SimTime{}, stream);
  const SimTime begin = flow.arrival;
  const Duration time = completion(flow, static_cast<std::int64_t>(segments) * kSegmentBytes, begin, stream);
  return segments / (static_cast<double>(time.ns) / 1e8);
}

TEST_CASE("long-run rate under random loss is Mathis's") {
  // Mathis et al., "The macroscopic behavior of the TCP congestion avoidance algorithm", CCR 27(3), 1997: MSS / RTT *
  // sqrt(3 / (2 p)) for evenly spaced losses; for losses at random the constant 1.22 becomes 1.31 (Ott, Kemperman,
  // Mathis, "The stationary behavior of ideal TCP congestion avoidance", 1996). Windows and thresholds of whole
  // segments, rounded down, cost up to half a segment of each, which the lower bound allows for.
  // 2,000 losses: the mean of as many independent rises has a standard error of about 1 / sqrt(2,000) = 2.2 %.
  for (const double loss : {0.0001, 0.001, 0.01}) {
    const double window = long_run_window(CongestionControl::new_reno, loss);
    const double mathis = std::sqrt(1.5 / loss);
    CAPTURE(loss, window, mathis);
    CHECK(window > 0.93 * (mathis - 1.0));
    CHECK(window < 1.07 * (1.31 / 1.2247) * mathis);
  }
}

TEST_CASE(
    "Cubic's long-run rate under random loss is Reno's where windows are small, and its own where they are large") {
  // RFC 9438, 4.3: alpha and beta are such that W_est has Reno's mean; beyond the old window it grows as Reno does.
  const double small = long_run_window(CongestionControl::cubic, 0.01);
  CHECK(small > 0.93 * (std::sqrt(150.0) - 1.0));
  CHECK(small < 1.07 * (1.31 / 1.2247) * std::sqrt(150.0));
  // RFC 9438, 5.1: evenly spaced losses give 1.054 (RTT / p)^(3/4) = 1.054 * 1,000^0.75 = 187. Losses at random
  // raise the mean, as they do Reno's; by how much has no closed form here, so the upper bound is loose.
  const double large = long_run_window(CongestionControl::cubic, 0.0001);
  CAPTURE(small, large);
  CHECK(large > 0.93 * 187);
  CHECK(large < 1.25 * 187);
}

TEST_CASE("after a loss Cubic follows its curve round by round") {
  // The queue of 100 before a pipe of 1,000 overflows in the round of 320, where 200 pass before the first is lost: 320
  // + 200 are on their way when that is known. So W_max = 520, the threshold is 364, K = cube root of (156 / 0.4)
  // = 7.31 s (RFC 9438, 4.2). A round of one second later the window is that of the curve two seconds on (one
  // round trip ahead: 4.2), and so on; never below W_est = 364 + 9/17 a round. Rounded down to segments.
  UplinkFlow flow = narrow_flow(100, CongestionControl::cubic);
  flow.path.round_trip = milliseconds(1000);
  RandomStream stream = congestion_stream();
  SimTime now;
  const auto round = [&](std::uint32_t segments) {
    now = flow.window.admit(now, segments, flow.path, stream).start + milliseconds(segments);
  };
  for (const std::uint32_t segments : {10u, 20u, 40u, 80u, 160u, 260u}) round(segments);
  // 400 leave for 200 acknowledgements, of which the last 100 are lost; 60 tell of the loss and release 0.7 each.
  round(400 - 100 + 60 * 7 / 10);
  CHECK(flow.window.threshold() == 364);
  const double k = std::cbrt(156 / 0.4);
  double reno = 364;
  for (int rounds = 0; rounds < 14; ++rounds) {
    round(rounds == 0 ? 364 : 1);
    const double t = rounds + 1 - k;
    const double curve = std::max(rounds == 0 ? 364 : 520 + 0.4 * t * t * t, reno);
    CAPTURE(rounds, curve);
    CHECK(std::abs(flow.window.window() - curve) <= 1.0);
    reno += 9.0 / 17;
    if (rounds > 0) round(flow.window.window() - 1);
  }
  CHECK(flow.window.window() > 520);  // past W_max, which is where Reno, at 364 * 5 / 7 + 14, is far from
}

TEST_CASE("a window that its sender does not use does not grow") {
  // RFC 7661, 4.3: with less than half of it in use it stays; from half on it grows by what was sent.
  for (const CongestionControl control : kLaws) {
    UplinkFlow flow = wide_flow(control);
    for (std::int64_t i = 0; i < 10; ++i) admit_ns(flow, SimTime{} + milliseconds(100 * i), 4);
    CHECK(flow.window.window() == 10);
    for (std::int64_t i = 10; i < 12; ++i) admit_ns(flow, SimTime{} + milliseconds(100 * i), 5);
    CHECK(flow.window.window() == 15);
  }
}

}  // namespace hearsay::test
