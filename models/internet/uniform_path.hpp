// Delays without geography: each connection has one of its own, uniform between two bounds. A preset of simulators that
// study protocols rather than places (txrelaysim; Naumenko et al. 2019).
#pragma once

#include "sim/core/random.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::internet {

class UniformPath final : public PathModel {
 public:
  UniformPath(const Seeds& seeds, Duration least, Duration most) : seeds_(seeds), least_(least), most_(most) {}
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t connection) const override {
    RandomStream stream(seeds_, SeedDomain::world, purpose_, StableId{connection});
    return stream.uniform(least_, most_);
  }

 private:
  Seeds seeds_;
  Duration least_;
  Duration most_;
  Purpose purpose_{"uniform latency"};
};

}  // namespace hearsay::internet
