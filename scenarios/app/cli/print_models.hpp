// How `hearsay models` prints descriptions of parameters, and what it says of the world.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "scenarios/app/config/parameters.hpp"

namespace hearsay::app {

template <class P>
void print_parameters(const std::vector<Parameter<P>>& parameters, const P& values = P{}) {
  const config::Value defaults = config::describe_parameters(parameters, values);
  for (const Parameter<P>& parameter : parameters) {
    const config::Value* preset = defaults.find(parameter.name);
    fmt::print("  {:<27} {:<18} {}\n", parameter.name, preset == nullptr ? "(none)" : preset->text(), parameter.help);
    fmt::print("  {:<27} {:<18} source: {}\n", "", "", parameter.source);
  }
}

inline void print_line(std::string_view name, std::string_view text) {
  fmt::print("  {:<27} {}\n", name, text);
}

// Everything under `world`, and the keys of groups that say where nodes are.
void print_world_models();

}  // namespace hearsay::app
