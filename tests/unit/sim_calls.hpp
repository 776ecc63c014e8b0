// What tests ask of the calls that a scripted node wrote down, and the parts of a story about links.
#pragma once

#include <catch2/catch.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "tests/unit/sim_story.hpp"

namespace hearsay {
inline std::ostream& operator<<(std::ostream& out, SimTime time) {
  return out << time.ns << " ns";
}
}  // namespace hearsay

namespace hearsay::test {

// One microsecond a byte.
inline constexpr BitRate kEightMegabits{8'000'000};
// Four microseconds a byte.
inline constexpr BitRate kTwoMegabits{2'000'000};

// When the node heard the item for the first time; SimTime::max() if it did not.
inline SimTime heard(Story& story, const std::string& name, std::uint64_t number) {
  const std::string prefix = "item " + std::to_string(number) + " on ";
  for (const Call& call : story[name].calls())
    if (call.what.starts_with(prefix)) return call.time;
  return SimTime::max();
}

// The numbers of all items that the node heard, in order.
inline std::vector<std::uint64_t> items_heard(Story& story, const std::string& name) {
  std::vector<std::uint64_t> numbers;
  for (const Call& call : story[name].calls())
    if (call.what.starts_with("item ")) numbers.push_back(std::stoull(call.what.substr(5)));
  return numbers;
}

// The congestion window does not matter: the law of the links alone.
inline StoryOptions without_windows() {
  StoryOptions options;
  options.simulation.transport.congestion = CongestionControl::none;
  return options;
}

// `bert` and the others dial `hub`, or the hub dials them, at the start.
inline StoryOptions star(const std::vector<std::string>& leaves) {
  StoryOptions options = without_windows();
  options.names = {"hub"};
  for (const std::string& leaf : leaves) options.names.push_back(leaf);
  return options;
}
inline void dial_all(Story& story, const std::vector<std::string>& leaves) {
  for (const std::string& leaf : leaves) connect_at_start(story, "hub", leaf);
}
inline void all_dial(Story& story, const std::vector<std::string>& leaves) {
  for (const std::string& leaf : leaves) connect_at_start(story, leaf, "hub");
}

// Runs on in steps that share no factor with what happens; false if the books did not balance at one of the looks.
inline bool conserves_throughout(Story& story, SimTime until, Duration step = microseconds(17'003)) {
  bool conserved = true;
  for (SimTime now = story.simulation().now() + step; now < until; now = now + step) {
    story.run_until(now);
    conserved = conserved && story.conserves_messages();
  }
  story.run_until(until);
  return conserved && story.conserves_messages();
}

}  // namespace hearsay::test
