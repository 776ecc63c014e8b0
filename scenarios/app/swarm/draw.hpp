// Draws a scenario from the description of the language (language.hpp) and a seed: any key of it, with any value that
// its kind, range and choices allow. A key that is added to the language is drawn without a word here.
//
// Swarm testing (Groce et al., "Swarm Testing", ISSTA 2012): each scenario leaves some features out altogether, because
// what is always there hides what it suppresses. Networks are small; how long is for who runs them.
//
// Relations between keys are not known here, so that what is drawn may be refused: see mend.hpp.
#pragma once

#include <cstdint>
#include <string_view>

#include "scenarios/app/config/value.hpp"

namespace hearsay::app {

// A file of round-trip times that `world.latency.file` may name lies beside the scenario under this name.
inline constexpr std::string_view kSwarmMatrixFile = "round_trips.csv";
inline constexpr std::string_view kSwarmMatrix = "x,a,b,c\na,0,20,150\nb,20,0,90\nc,150,90,0\n";

// False for the few keys that would bring in another file.
[[nodiscard]] bool is_drawn(std::string_view key);

// The same seed draws the same scenario as long as the language stays.
[[nodiscard]] config::Value draw_scenario(std::uint64_t seed);

}  // namespace hearsay::app
