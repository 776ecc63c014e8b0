#include "sim/core/parameter.hpp"

namespace hearsay {

ParameterSlot ParameterDescription::slot_at(std::byte* values) const {
  return std::visit([&](auto* none) { return ParameterSlot{reinterpret_cast<decltype(none)>(values + offset)}; }, type);
}

}  // namespace hearsay
