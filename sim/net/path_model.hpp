// The seam for propagation: how long a bit travels from one host to another, apart from sending it, and what gets lost.
//
// A path model is a pure function of the hosts, the connection and the number of the message, so both ends may ask it
// wherever they are. The engine asks once per direction when a connection is dialled and keeps the answer, unless the
// model redraws. It raises answers below `minimum_latency` of the run to it.
#pragma once

#include <cstdint>

#include "sim/core/time.hpp"
#include "sim/core/units.hpp"
#include "sim/net/host.hpp"

namespace hearsay {

// What a draw of a path may depend on: one direction of one connection (or all datagrams of one sender), and the number
// of the message on it.
struct PathDraw {
  std::uint64_t stream = 0;
  std::uint64_t number = 0;
};

class PathModel {
 public:
  virtual ~PathModel() = default;
  // One-way propagation delay; `connection` is the stable id of the connection, for laws that draw per link. Access
  // delays of the hosts are part of it.
  [[nodiscard]] virtual Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const = 0;

  // True: each message has a delay of its own (jitter, or a law that draws per message). Fixed for the model's life.
  [[nodiscard]] virtual bool redraws() const { return false; }
  // The delay of one message, where `usual` is what propagation() said.
  [[nodiscard]] virtual Duration redrawn(const Host& from, const Host& to, Duration usual, const PathDraw& draw) const {
    static_cast<void>(from), static_cast<void>(to), static_cast<void>(draw);
    return usual;
  }

  // True: loss() is positive for some pair of hosts. Fixed for the model's life.
  [[nodiscard]] virtual bool lossy() const { return false; }
  // The chance that one segment or datagram is lost on its way.
  [[nodiscard]] virtual Share loss(const Host& from, const Host& to) const {
    static_cast<void>(from), static_cast<void>(to);
    return {};
  }
};

// The same delay between all hosts.
class ConstantPath final : public PathModel {
 public:
  explicit ConstantPath(Duration delay) : delay_(delay) {}
  [[nodiscard]] Duration propagation(const Host&, const Host&, std::uint64_t) const override { return delay_; }

 private:
  Duration delay_;
};

}  // namespace hearsay
