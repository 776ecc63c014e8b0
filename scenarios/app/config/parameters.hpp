// Binds the parameter descriptions of a model (sim/core/parameter.hpp) to the scenario language: reading, printing.
//
// The type of the member decides the unit. It neither knows nor checks what a parameter means; relations between
// parameters are the model's to check.
#pragma once

#include <optional>
#include <vector>

#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/config/value.hpp"
#include "sim/core/parameter.hpp"

namespace hearsay::config {

// Reads the parameter, if the map has it, into the slot, which else keeps what it holds. Makes it known to the reader.
void read_parameter(MapReader& reader, const ParameterDescription& parameter, const ParameterSlot& slot);

// What the slot holds, as read_parameter reads it back; nothing if it holds nothing.
[[nodiscard]] std::optional<Value> describe_slot(const ParameterSlot& slot);

// The caller calls finish().
template <class P>
void read_parameters(MapReader& reader, const std::vector<Parameter<P>>& parameters, P& values) {
  for (const Parameter<P>& parameter : parameters) read_parameter(reader, parameter, parameter.slot_in(values));
}

// The values as a map that read_parameters reads back, in the order of the descriptions. What has no value is left out.
template <class P>
Value describe_parameters(const std::vector<Parameter<P>>& parameters, P values) {
  Value described = Value::map(Mark{});
  for (const Parameter<P>& parameter : parameters)
    if (auto value = describe_slot(parameter.slot_in(values)))
      described.set({std::string(parameter.name), Mark{}, std::move(*value)});
  return described;
}

}  // namespace hearsay::config
