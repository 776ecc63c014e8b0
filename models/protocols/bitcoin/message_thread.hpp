// The one thread of a node that handles its messages (Bitcoin Core: msghand): how slow its machine is, and what it has
// spent on what. It turns costs on the reference machine into the node's own and pays them (Context::spend).
//
// Not responsible for what things cost (ValidationCost), nor for holding back what comes while the thread is busy: that
// is the engine's. Invariants: sums are integers over all lives of the node; slowness is drawn once, from a stream of
// the node's own, and is the same in every life.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "models/protocols/bitcoin/validation_cost.hpp"
#include "sim/node/context.hpp"

namespace hearsay::bitcoin {

struct Machine {
  std::string_view name;
  std::int64_t slowness_millionths;  // time that it takes, the reference machine taking a million
  std::int64_t cores;
};
[[nodiscard]] const Machine& machine_named(std::string_view name);

// Time that one node takes, the reference machine taking a million: of its machine, over its speed, times a draw from
// the law of its group. A draw is at most a hundred times as slow, or as fast, as the median. Rounded here only.
[[nodiscard]] std::int64_t draw_slowness(const ValidationParameters& parameters, RandomStream& stream);

enum class Work : std::uint8_t { blocks, transactions, other };
inline constexpr std::size_t kKindsOfWork = 3;
inline constexpr std::array<std::string_view, kKindsOfWork> kWorkNames = {"blocks", "transactions", "other"};

// What a thread has spent, by kind of work.
using BusyTime = std::array<Duration, kKindsOfWork>;

class MessageThread {
 public:
  // The parameters outlive the thread.
  explicit MessageThread(const ValidationParameters& parameters)
      : cost_(parameters, machine_named(parameters.machine).cores), parameters_(parameters) {}

  void start(const Context& context);
  [[nodiscard]] const ValidationCost& cost() const { return cost_; }
  // From here on it is later, by what this takes on the node's machine.
  void spend(Context& context, Work work, Duration on_reference_machine) {
    if (on_reference_machine > Duration{}) pay(context, work, on_reference_machine);
  }
  // With what it has begun and goes on with later than now.
  [[nodiscard]] const BusyTime& busy() const { return busy_; }
  // Without that; what is left out counts as work of the kind that was begun last. Of what the end of a life cuts off,
  // only what would have gone on into the next life is left out.
  [[nodiscard]] BusyTime busy_before(SimTime now) const;
  [[nodiscard]] std::int64_t slowness_millionths() const { return slowness_; }

 private:
  void pay(Context& context, Work work, Duration on_reference_machine);

  ValidationCost cost_;
  const ValidationParameters& parameters_;
  std::int64_t slowness_ = 1'000'000;
  BusyTime busy_{};
  SimTime busy_until_;
  Work last_ = Work::other;
};

}  // namespace hearsay::bitcoin
