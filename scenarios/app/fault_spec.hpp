// A fault of a resolved scenario, whatever its type.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/faults/fault.hpp"
#include "scenarios/app/config/value.hpp"

namespace hearsay::app {

class FaultSpec {
 public:
  virtual ~FaultSpec() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual std::string_view type() const = 0;
  // From the end of the warm-up.
  [[nodiscard]] virtual const faults::Timing& timing() const = 0;
  // It does nothing before, counted likewise.
  [[nodiscard]] virtual Duration earliest() const = 0;
  [[nodiscard]] virtual std::vector<TargetName> targets() const = 0;
  [[nodiscard]] virtual std::unique_ptr<faults::Fault> make() const = 0;
  // As the scenario language says it.
  [[nodiscard]] virtual config::Value describe() const = 0;

  [[nodiscard]] std::string path() const { return "faults." + name(); }
};

}  // namespace hearsay::app
