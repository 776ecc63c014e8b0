#include "models/protocols/bitcoin/message_thread.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "models/chain/fee_rate.hpp"
#include "sim/core/check.hpp"

namespace hearsay::bitcoin {

namespace {

constexpr double kMillion = 1'000'000.0;
constexpr double kMostSpread = 100.0;

// Nine tenths of a standard normal variable lie below this.
constexpr double kNinthDecile = 1.2815515655446004;

// VerifyScriptP2WPKH of bench_bitcoin: 45.8 us on an Intel i5-14400F without turbo, 155.1 us on a Cortex-A76 at 2.4 GHz
// (Raspberry Pi 5). Of a server only the number of cores differs (ours).
constexpr std::array<Machine, 3> kMachines = {{
    {"desktop", 1'000'000, 4},
    {"server", 1'000'000, 16},
    {"single_board", 3'400'000, 4},
}};

double exponential(RandomStream& stream) {
  return static_cast<double>(stream.exponential(seconds(1)).ns) * 1e-9;
}

// Times the median; a tenth of the draws is at least `slowest_tenth`.
double draw_spread(const ValidationParameters& parameters, RandomStream& stream) {
  const double tenth = std::log(parameters.slowest_tenth.value);
  if (parameters.spread == "log_normal") {
    // Box and Muller 1958.
    const double radius = std::sqrt(2.0 * exponential(stream));
    const double angle = 2.0 * std::numbers::pi * static_cast<double>(stream() >> 11) * 0x1.0p-53;
    return std::exp(tenth / kNinthDecile * radius * std::cos(angle));
  }
  // P(X > x) = (x / least)^-a: half lie above the median, a tenth above `tenth` times it, so 5 = tenth^a.
  const double inverse_a = tenth / std::log(5.0);
  return std::exp(inverse_a * (exponential(stream) - std::numbers::ln2));
}

}  // namespace

const Machine& machine_named(std::string_view name) {
  const auto found =
      std::find_if(kMachines.begin(), kMachines.end(), [&](const Machine& machine) { return machine.name == name; });
  SIM_CHECK(found != kMachines.end(), "validation.machine is one of the machines");
  return *found;
}

std::int64_t draw_slowness(const ValidationParameters& parameters, RandomStream& stream) {
  const double median =
      static_cast<double>(machine_named(parameters.machine).slowness_millionths) / parameters.speed.value;
  const double spread =
      parameters.spread == "none" ? 1.0 : std::clamp(draw_spread(parameters, stream), 1.0 / kMostSpread, kMostSpread);
  return std::llround(std::clamp(median * spread, 1.0, kMillion * kMillion));
}

void MessageThread::start(const Context& context) {
  if (cost_.is_off()) return;
  busy_ = busy_before(context.now());
  busy_until_ = context.now();
  RandomStream stream = context.stream(SeedDomain::world, Purpose("validation speed"));
  slowness_ = draw_slowness(parameters_, stream);
}

void MessageThread::pay(Context& context, Work work, Duration on_reference_machine) {
  const chain::WideInteger time = chain::WideInteger{on_reference_machine.ns} * slowness_ / 1'000'000;
  const SimTime begin = context.now();
  context.spend({static_cast<std::int64_t>(time)});
  // What it has really taken: more than asked for where a fault slows the node.
  BusyTime::value_type& sum = busy_[static_cast<std::size_t>(work)];
  sum = sum + (context.now() - begin);
  busy_until_ = context.now();
  last_ = work;
}

BusyTime MessageThread::busy_before(SimTime now) const {
  BusyTime busy = busy_;
  Duration beyond = std::max(busy_until_ - now, Duration{});
  for (std::size_t i = 0; i < kKindsOfWork; ++i) {
    Duration& of_kind = busy[(static_cast<std::size_t>(last_) + i) % kKindsOfWork];
    const Duration less = std::min(beyond, of_kind);
    of_kind = of_kind - less;
    beyond = beyond - less;
  }
  return busy;
}

}  // namespace hearsay::bitcoin
