// The seam for propagation: how long a bit travels from one host to another, apart from sending it.
//
// A path model is a pure function of the hosts and of the connection, so both ends may ask it wherever they are. The
// engine asks once per direction when a connection is dialled and keeps the answer; it raises answers below
// `minimum_latency` of the run to it.
#pragma once

#include <cstdint>

#include "sim/core/time.hpp"
#include "sim/net/host.hpp"

namespace hearsay {

class PathModel {
 public:
  virtual ~PathModel() = default;
  // One-way propagation delay; `connection` is the stable id of the connection, for laws that draw per link.
  [[nodiscard]] virtual Duration propagation(const Host& from, const Host& to, std::uint64_t connection) const = 0;
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
