// The part of `describe` that says what happens: targets, faults, outcomes, branches, and what is measured of it.
#pragma once

#include "scenarios/app/config/value.hpp"
#include "scenarios/app/scenario.hpp"

namespace hearsay::app {

void describe_what_happens(config::Value& root, const Scenario& scenario);

}  // namespace hearsay::app
