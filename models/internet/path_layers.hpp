// What any law of propagation can be dressed in: access delays of the hosts, jitter of each message, loss. A layer adds
// its own part and asks the path inside for the rest, so layers stack in any order.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "models/internet/draws.hpp"
#include "sim/net/path_model.hpp"

namespace hearsay::internet {

// Passes everything on; a layer overrides what it changes.
class PathLayer : public PathModel {
 public:
  explicit PathLayer(std::unique_ptr<PathModel> inside) : inside_(std::move(inside)) {}
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const override {
    return inside_->propagation(from, to, connection);
  }
  [[nodiscard]] bool redraws() const override { return inside_->redraws(); }
  [[nodiscard]] Duration redrawn(const Host& from, const Host& to, Duration usual,
                                 const PathDraw& draw) const override {
    return inside_->redrawn(from, to, usual, draw);
  }
  [[nodiscard]] bool lossy() const override { return inside_->lossy(); }
  [[nodiscard]] Share loss(const Host& from, const Host& to) const override { return inside_->loss(from, to); }

 private:
  std::unique_ptr<PathModel> inside_;
};

// The access delays of both hosts.
class AccessPath final : public PathLayer {
 public:
  using PathLayer::PathLayer;
  [[nodiscard]] Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const override {
    return PathLayer::propagation(from, to, connection) + access(from, to);
  }
  [[nodiscard]] Duration redrawn(const Host& from, const Host& to, Duration usual,
                                 const PathDraw& draw) const override {
    return PathLayer::redrawn(from, to, usual - access(from, to), draw) + access(from, to);
  }

 private:
  [[nodiscard]] static Duration access(const Host& from, const Host& to) { return from.access_delay + to.access_delay; }
};

// Each message takes longer by a time of its own, exponential: what propagation() says is the least, not the mean.
class JitterPath final : public PathLayer {
 public:
  JitterPath(std::unique_ptr<PathModel> inside, const Seeds& seeds, Duration mean)
      : PathLayer(std::move(inside)), draw_(seeds, Purpose("jitter")), mean_(mean) {}
  [[nodiscard]] bool redraws() const override { return true; }
  [[nodiscard]] Duration redrawn(const Host& from, const Host& to, Duration usual,
                                 const PathDraw& draw) const override {
    const double more = exponential_quantile(draw_(draw.stream, draw.number)) * static_cast<double>(mean_.ns);
    return PathLayer::redrawn(from, to, usual, draw) + rounded(more, kLongestPath);
  }

 private:
  KeyedDraw draw_;
  Duration mean_;
};

// Segments lost on the way between any two hosts, and on the access link of either.
class LossPath final : public PathLayer {
 public:
  // `access` lists the hosts whose access link loses something.
  LossPath(std::unique_ptr<PathModel> inside, Share between, std::vector<std::pair<StableId, Share>> access)
      : PathLayer(std::move(inside)), between_(between), access_(std::move(access)) {
    std::sort(access_.begin(), access_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  [[nodiscard]] bool lossy() const override { return true; }
  [[nodiscard]] Share loss(const Host& from, const Host& to) const override {
    const double passes = (1.0 - PathLayer::loss(from, to).fraction) * (1.0 - between_.fraction) *
                          (1.0 - of_access(from.id)) * (1.0 - of_access(to.id));
    return {1.0 - passes};
  }

 private:
  [[nodiscard]] double of_access(StableId id) const {
    const auto found = std::lower_bound(access_.begin(), access_.end(), id,
                                        [](const auto& entry, StableId wanted) { return entry.first < wanted; });
    return found != access_.end() && found->first == id ? found->second.fraction : 0.0;
  }

  Share between_;
  std::vector<std::pair<StableId, Share>> access_;  // sorted by id
};

}  // namespace hearsay::internet
