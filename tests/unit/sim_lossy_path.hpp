// Paths that lose a share of what passes, or draw the delay of each message.
#pragma once

#include "sim/core/random.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::test {

class LossyPath final : public PathModel {
 public:
  LossyPath(Duration delay, double loss) : delay_(delay), loss_(loss) {}
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t) const override { return delay_; }
  [[nodiscard]] bool lossy() const override { return true; }
  [[nodiscard]] Share loss(const Host&, const Host&) const override { return {loss_}; }

 private:
  Duration delay_;
  double loss_;
};

// Each message takes 10 to 20 ms, by a law that the test can repeat.
class JitteryPath final : public PathModel {
 public:
  [[nodiscard]] static Duration drawn(const PathDraw& draw) {
    return milliseconds(10) +
           nanoseconds(static_cast<std::int64_t>(fingerprint(draw.stream, draw.number) % 10'000'000));
  }
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t) const override {
    return milliseconds(15);
  }
  [[nodiscard]] bool redraws() const override { return true; }
  [[nodiscard]] Duration redrawn(const Host&, const Host&, Duration, const PathDraw& draw) const override {
    return drawn(draw);
  }
};

}  // namespace hearsay::test
