#include "models/internet/host_classes.hpp"

#include <algorithm>

#include "models/internet/draws.hpp"

namespace hearsay::internet {

namespace {

using Law = HostClassLaw;

double value(Duration delay) {
  return static_cast<double>(delay.ns);
}
double value(BitRate rate) {
  return static_cast<double>(rate.bits_per_second);
}

BitRate drawn_rate(BitRate median, BitRate mean, double chance) {
  const double rate = LogNormal::of_median_and_mean(value(median), value(mean)).quantile(chance);
  return {std::llround(std::clamp(rate, value(kLeastRate), value(kMostRate)))};
}

// Every class has the same quantities; each has its own sources, in the order of the list below.
std::vector<Parameter<Law>> describe(const std::array<std::string_view, 7>& sources) {
  return {
      {"access_delay_median", &Law::access_delay_median, "one way, between host and backbone: half are nearer",
       sources[0], 0, 400e6},
      {"access_delay_mean", &Law::access_delay_mean, "its mean; more than the median, by as much as hosts differ",
       sources[1], 0, 400e6},
      {"uplink_median", &Law::uplink_median, "half of the hosts send slower", sources[2], 500e3, 10e9},
      {"uplink_mean", &Law::uplink_mean, "mean over hosts", sources[3], 500e3, 10e9},
      {"downlink_median", &Law::downlink_median, "half of the hosts receive slower", sources[4], 500e3, 10e9},
      {"downlink_mean", &Law::downlink_mean, "mean over hosts", sources[5], 500e3, 10e9},
      {"loss", &Law::loss, "of segments on the access link, each way", sources[6], 0, 0.1},
  };
}

constexpr std::string_view kOoklaFixed =
    "Ookla, US fixed, June 2022 (as reported by telecompetitor.com): median 153.80 down, 21.60 up, 14 ms; "
    "mean 225.51, 88.77, 24 ms";
constexpr std::string_view kOoklaFixedDelay =
    "half of Ookla's round trip to the nearest server, US fixed, June 2022: median 14 ms, mean 24 ms";
constexpr std::string_view kOoklaMobile =
    "Ookla, US mobile, June 2022 (as reported by telecompetitor.com): the middle one of three operators, 59.67 down, "
    "9.14 up, 32 ms";
constexpr std::string_view kOursAsFixed = "ours: mean over median as for homes; no published mean at hand";
constexpr std::string_view kPort = "ours: the port that hosters sell by default (Aruba Cloud, Fornex: 1 Gbit/s)";
constexpr std::string_view kMemory = "from memory, to be checked (M)";

}  // namespace

Duration HostClassLaw::access_delay(double chance) const {
  if (access_delay_median.ns == 0) return {};
  return rounded(LogNormal::of_median_and_mean(value(access_delay_median), value(access_delay_mean)).quantile(chance),
                 kLongestAccessDelay);
}

BitRate HostClassLaw::uplink(double chance) const {
  return drawn_rate(uplink_median, uplink_mean, chance);
}

BitRate HostClassLaw::downlink(double chance) const {
  return drawn_rate(downlink_median, downlink_mean, chance);
}

const HostClassLaws& published_host_classes() {
  static const HostClassLaws laws = {{
      {microseconds(250),
       microseconds(250),
       {1'000'000'000},
       {1'000'000'000},
       {1'000'000'000},
       {1'000'000'000},
       {1e-4}},
      {milliseconds(7), milliseconds(12), {21'600'000}, {88'770'000}, {153'800'000}, {225'510'000}, {1e-3}},
      {milliseconds(16), milliseconds(27), {9'140'000}, {37'560'000}, {59'670'000}, {87'490'000}, {5e-3}},
  }};
  return laws;
}

const std::vector<Parameter<HostClassLaw>>& describe_host_class(HostClass host_class) {
  static const std::array<std::vector<Parameter<Law>>, kHostClasses> lists = {
      describe({kMemory, kMemory, kPort, kPort, kPort, kPort, kMemory}),
      describe({kOoklaFixedDelay, kOoklaFixedDelay, kOoklaFixed, kOoklaFixed, kOoklaFixed, kOoklaFixed, kMemory}),
      describe({kOoklaMobile, kOursAsFixed, kOoklaMobile, kOursAsFixed, kOoklaMobile, kOursAsFixed, kMemory}),
  };
  return lists[static_cast<std::size_t>(host_class)];
}

HostClass drawn_class(const HostMix& mix, double chance) {
  std::size_t index = 0;
  while (index + 1 < kHostClasses && chance >= mix[index]) chance -= mix[index++];
  while (index > 0 && mix[index] <= 0.0) --index;  // rounding must not give what nobody asked for
  return static_cast<HostClass>(index);
}

}  // namespace hearsay::internet
