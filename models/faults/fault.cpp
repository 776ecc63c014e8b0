#include "models/faults/fault.hpp"

#include <utility>

namespace hearsay::faults {

namespace {

class Action final : public ControlEvent {
 public:
  explicit Action(std::function<void(Simulation&, SimTime)> action) : action_(std::move(action)) {}
  void apply(Simulation& simulation, SimTime now) override { action_(simulation, now); }

 private:
  std::function<void(Simulation&, SimTime)> action_;
};

}  // namespace

void Site::at(SimTime time, std::function<void(Simulation&, SimTime)> action) const {
  if (time >= end_) return;
  simulation_.at(time, std::make_unique<Action>(std::move(action)));
}

}  // namespace hearsay::faults
