#include "scenarios/app/presence.hpp"

#include <algorithm>

namespace hearsay::app {

Presence::Presence(std::size_t nodes, const std::vector<PresenceChange>& log) : stays_(nodes) {
  for (const PresenceChange& change : log) {
    std::vector<Stay>& stays = stays_[change.node];
    if (change.online)
      stays.push_back({change.time, SimTime::max()});
    else
      stays.back().end = change.time;
    steady_ = steady_ && change.online && change.time == SimTime{};
  }
  for (const std::vector<Stay>& stays : stays_) steady_ = steady_ && stays.size() == 1;
}

bool Presence::online(NodeId node, SimTime from, SimTime until) const {
  const std::vector<Stay>& stays = stays_[node];
  const auto later = std::upper_bound(stays.begin(), stays.end(), from,
                                      [](SimTime time, const Stay& stay) { return time < stay.begin; });
  return later != stays.begin() && until <= std::prev(later)->end;
}

}  // namespace hearsay::app
