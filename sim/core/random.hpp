// Named random streams. A stream is a pure function of (seed of its domain, purpose, stable id): draws of one node or
// link never depend on another's, and an added node, probe or draw disturbs nobody else's.
//
// Counter-based (Philox4x32-10 of Random123: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011);
// distributions are Boost.Random's, whose source fixes the algorithm. The distributions of <random> are not specified
// to the bit and are not used.
#pragma once

#include <Random123/philox.h>

#include <array>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/check.hpp"
#include "sim/core/ids.hpp"
#include "sim/core/time.hpp"
#include "sim/core/units.hpp"

namespace hearsay {

// Seeds are split by what they decide, so that one can vary while the others stay.
enum class SeedDomain : std::uint8_t { world, mining, workload, attack };
inline constexpr std::size_t kSeedDomains = 4;

// What a stream is for, by name: `Purpose("block interval")`. Hashed at first use, compared never.
class Purpose {
 public:
  explicit Purpose(std::string_view name) : id_(fingerprint_text(name)) {}
  [[nodiscard]] std::uint64_t id() const { return id_; }

 private:
  std::uint64_t id_;
};

// One draw: 64 random bits, a pure function of all its arguments.
[[nodiscard]] inline std::uint64_t random_bits(std::uint64_t key, std::uint64_t id, std::uint64_t index) {
  const auto low = [](std::uint64_t word) { return static_cast<std::uint32_t>(word); };
  const auto high = [](std::uint64_t word) { return static_cast<std::uint32_t>(word >> 32); };
  const r123::Philox4x32::ctr_type counter = {{low(index), high(index), low(id), high(id)}};
  const r123::Philox4x32::key_type seed = {{low(key), high(key)}};
  const auto block = r123::Philox4x32{}(counter, seed);
  return static_cast<std::uint64_t>(block[1]) << 32 | block[0];
}

// A number in [0, 1) from 64 random bits: the upper 53 of them.
[[nodiscard]] constexpr double uniform_share(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

// The seeds of one run. A domain that is not named derives from the world seed.
class Seeds {
 public:
  explicit Seeds(std::uint64_t world) {
    for (std::size_t domain = 0; domain < kSeedDomains; ++domain) by_domain_[domain] = random_bits(world, domain, 0);
    by_domain_[0] = world;
  }
  void set(SeedDomain domain, std::uint64_t seed) { by_domain_[static_cast<std::size_t>(domain)] = seed; }
  [[nodiscard]] std::uint64_t operator[](SeedDomain domain) const {
    return by_domain_[static_cast<std::size_t>(domain)];
  }

 private:
  std::array<std::uint64_t, kSeedDomains> by_domain_{};
};

// A position in one stream. Copying it copies the position. Satisfies UniformRandomBitGenerator.
class RandomStream {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  RandomStream(const Seeds& seeds, SeedDomain domain, Purpose purpose, StableId id)
      : key_(random_bits(seeds[domain], purpose.id(), static_cast<std::uint64_t>(domain))), id_(id.value) {}

  result_type operator()() { return random_bits(key_, id_, next_++); }

  // Uniform in [0, count); count must be positive.
  std::uint64_t below(std::uint64_t count) {
    SIM_CHECK(count > 0, "a draw below zero has no result");
    return boost::random::uniform_int_distribution<std::uint64_t>(0, count - 1)(*this);
  }

  // True with the given probability.
  bool chance(Share share) { return uniform_share((*this)()) < share.fraction; }

  // Uniform in [low, high], whole nanoseconds.
  Duration uniform(Duration low, Duration high) {
    return {boost::random::uniform_int_distribution<std::int64_t>(low.ns, high.ns)(*this)};
  }

  // Exponential with the given mean, rounded to the nearest nanosecond here and nowhere else.
  Duration exponential(Duration mean) {
    const double sample = boost::random::exponential_distribution<double>(1.0)(*this);
    return {std::llround(sample * static_cast<double>(mean.ns))};
  }

  // Fisher-Yates; std::shuffle is not specified to the bit.
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t key_;
  std::uint64_t id_;
  std::uint64_t next_ = 0;
};

}  // namespace hearsay
