// The description of one parameter of a model, kept beside the model and written once: the scenario reader, the
// reference page and the schema are all fed from it.
//
// A model declares `struct Parameters` with defaults as member initialisers, and a list of Parameter<Parameters> that
// names each member. The default that a user is shown is rendered from the initialiser, so it cannot drift.
#pragma once

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

// P is the model's struct of parameters. Ranges are inclusive and in base units of the member's type: nanoseconds,
// bytes, bits per second, a fraction, or a plain number.
template <class P>
struct Parameter {
  using Member = std::variant<Duration P::*, ByteCount P::*, BitRate P::*, Share P::*, Rate P::*, Factor P::*,
                              std::int64_t P::*, bool P::*, std::string P::*, std::optional<Duration> P::*,
                              std::vector<Duration> P::*, TargetName P::*, std::vector<TargetName> P::*>;

  std::string_view name;  // the key in a scenario, snake_case
  Member member;  // its type decides the unit: time, size, bit rate, percentage, rate, count, on/off, choice or text;
                  // a list also takes one value alone
  std::string_view help;    // one sentence: what it does
  std::string_view source;  // where the default comes from: BIP, file of the reference client, paper, measurement
  double minimum;
  double maximum;
  std::vector<std::string_view> choices;  // for text: the valid values; empty = free text

  Parameter(std::string_view key, Member where, std::string_view what, std::string_view from, double least = 0.0,
            double most = std::numeric_limits<double>::infinity(), std::vector<std::string_view> valid = {})
      : name(key), member(where), help(what), source(from), minimum(least), maximum(most), choices(std::move(valid)) {}
};

}  // namespace hearsay
