// The description of one parameter of a model, kept beside the model and written once: the scenario reader, the
// reference page and the schema are all fed from it.
//
// A model declares `struct Parameters` with defaults as member initialisers, and a list of Parameter<Parameters> that
// names each member. The default that a user is shown is rendered from the initialiser, so it cannot drift.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/core/time.hpp"
#include "sim/core/units.hpp"

namespace hearsay {

// A target or a group of the scenario. Who reads it knows that there is one of that name.
struct TargetName {
  std::string name;
};

// Where a parameter's value is, in a struct of parameters. The type decides the unit: time, size, bit rate, percentage,
// rate, number, count, on/off, choice or text. A list also takes one value alone.
using ParameterSlot =
    std::variant<Duration*, ByteCount*, BitRate*, Share*, Rate*, Factor*, std::int64_t*, bool*, std::string*,
                 std::optional<Duration>*, std::vector<Duration>*, TargetName*, std::vector<TargetName>*>;

// What is known of a parameter whatever the struct. Ranges are inclusive and in base units of the type: nanoseconds,
// bytes, bits per second, a fraction, or a plain number.
struct ParameterDescription {
  std::string_view name;    // the key in a scenario, snake_case
  std::string_view help;    // one sentence: what it does
  std::string_view source;  // where the default comes from: BIP, file of the reference client, paper, measurement
  double minimum;
  double maximum;
  std::vector<std::string_view> choices;  // for text: the valid values; empty = free text
  ParameterSlot type;                     // null pointers: only the type counts
  std::ptrdiff_t offset;                  // of the member in the struct, in bytes

 protected:
  ParameterDescription(std::string_view key, std::string_view what, std::string_view from, double least, double most,
                       std::vector<std::string_view> valid, ParameterSlot of_type, std::ptrdiff_t at)
      : name(key),
        help(what),
        source(from),
        minimum(least),
        maximum(most),
        choices(std::move(valid)),
        type(of_type),
        offset(at) {}
  // In the struct that `offset` is of.
  [[nodiscard]] ParameterSlot slot_at(std::byte* values) const;
};

// A member of P, the model's struct of parameters (or of a base of it). Not a template of member pointers all the way
// down: everything but the constructor is compiled once, whatever the number of models.
template <class P>
struct Parameter : ParameterDescription {
  template <class T, class Base>
  Parameter(std::string_view key, T Base::*where, std::string_view what, std::string_view from, double least = 0.0,
            double most = std::numeric_limits<double>::infinity(), std::vector<std::string_view> valid = {})
      : ParameterDescription{
            key, what, from, least, most, std::move(valid), static_cast<T*>(nullptr), offset_of(where)} {}

  [[nodiscard]] ParameterSlot slot_in(P& values) const { return slot_at(reinterpret_cast<std::byte*>(&values)); }

 private:
  template <class T, class Base>
  static std::ptrdiff_t offset_of(T Base::*where) {
    static const P sample{};
    return reinterpret_cast<const std::byte*>(&(sample.*where)) - reinterpret_cast<const std::byte*>(&sample);
  }
};

}  // namespace hearsay
