// Binds the parameter descriptions of a model (sim/core/parameter.hpp) to the scenario language: reading, printing.
//
// The type of the member decides the unit. It neither knows nor checks what a parameter means; relations between
// parameters are the model's to check.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/quantity.hpp"
#include "scenarios/app/config/reader.hpp"
#include "scenarios/app/config/value.hpp"
#include "sim/core/parameter.hpp"

namespace hearsay::config {

// Models keep a rate in a type of its own.
struct RateOfModel {
  using Type = Rate;
  static constexpr std::string_view expected() { return RateQuantity::expected(); }
  static Parsed<Rate> parse(std::string_view text) {
    const auto parsed = RateQuantity::parse(text);
    return parsed.value ? Parsed<Rate>::good({*parsed.value}) : Parsed<Rate>::bad(parsed.problem);
  }
  static std::string format(Rate value) { return RateQuantity::format(value.per_second); }
};

// And a factor.
struct FactorOfModel {
  using Type = Factor;
  static constexpr std::string_view expected() { return NumberQuantity::expected(); }
  static Parsed<Factor> parse(std::string_view text) {
    const auto parsed = NumberQuantity::parse(text);
    return parsed.value ? Parsed<Factor>::good({*parsed.value}) : Parsed<Factor>::bad(parsed.problem);
  }
  static std::string format(Factor value) { return NumberQuantity::format(value.value); }
};

// The quantity that a member type is read and printed as; text has none.
template <class T>
struct QuantityOf;
template <>
struct QuantityOf<Duration> {
  using Type = TimeQuantity;
};
template <>
struct QuantityOf<ByteCount> {
  using Type = SizeQuantity;
};
template <>
struct QuantityOf<BitRate> {
  using Type = BitRateQuantity;
};
template <>
struct QuantityOf<Share> {
  using Type = ShareQuantity;
};
template <>
struct QuantityOf<Rate> {
  using Type = RateOfModel;
};
template <>
struct QuantityOf<Factor> {
  using Type = FactorOfModel;
};
template <>
struct QuantityOf<std::int64_t> {
  using Type = CountQuantity;
};
template <>
struct QuantityOf<bool> {
  using Type = OnOffQuantity;
};

// Members without a value, or with several, are read and printed as what they hold.
template <class T>
struct ElementOf {
  using Type = T;
};
template <class T>
struct ElementOf<std::optional<T>> {
  using Type = T;
};
template <class T>
struct ElementOf<std::vector<T>> {
  using Type = T;
};
template <class T>
inline constexpr bool is_list_member = false;
template <class T>
inline constexpr bool is_list_member<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional_member = false;
template <class T>
inline constexpr bool is_optional_member<std::optional<T>> = true;

// One end of a described range, in base units, as a value of the member's type; none if it is infinite or beyond the
// type.
template <class T>
std::optional<T> limit_of(double end) {
  if constexpr (std::is_same_v<T, bool>) {
    return std::nullopt;
  } else if constexpr (std::is_same_v<T, Share> || std::is_same_v<T, Rate> || std::is_same_v<T, Factor>) {
    return std::isinf(end) ? std::nullopt : std::optional(T{end});
  } else {
    constexpr double kTwoToThe63 = 9223372036854775808.0;
    if (!(end > -kTwoToThe63 && end < kTwoToThe63)) return std::nullopt;
    return T{static_cast<std::int64_t>(end)};
  }
}

// One value of a described parameter; nothing, and a problem, if it is wrong.
template <class E, class P>
std::optional<E> read_element(const Value& value, const Parameter<P>& parameter, const MapReader& reader) {
  const std::string path = reader.path_of(parameter.name);
  if constexpr (std::is_same_v<E, TargetName>) {
    auto text = scalar_text(value, path, "the name of a target or group", reader.problems());
    return text ? std::optional(TargetName{std::move(*text)}) : std::nullopt;
  } else {
    const Limits<E> limits{limit_of<E>(parameter.minimum), limit_of<E>(parameter.maximum)};
    return read_quantity<typename QuantityOf<E>::Type>(value, path, limits, reader.problems());
  }
}

// Reads every parameter that the map has into `values`; the others keep what they hold. Makes all of them known to the
// reader; the caller calls finish().
template <class P>
void read_parameters(MapReader& reader, const std::vector<Parameter<P>>& parameters, P& values) {
  for (const Parameter<P>& parameter : parameters) {
    const Value* value = reader.take(parameter.name);
    if (value == nullptr) continue;
    const auto read = [&](auto member) {
      using T = std::remove_reference_t<decltype(values.*member)>;
      using Element = typename ElementOf<T>::Type;
      if constexpr (std::is_same_v<T, std::string>) {
        const auto text = parameter.choices.empty() ? reader.take_text(parameter.name)
                                                    : reader.take_choice(parameter.name, parameter.choices);
        if (text) values.*member = *text;
      } else if constexpr (is_list_member<T>) {
        T list;
        if (value->is_list())
          for (const Value& item : value->items()) {
            if (auto element = read_element<Element>(item, parameter, reader)) list.push_back(std::move(*element));
          }
        else if (auto element = read_element<Element>(*value, parameter, reader))
          list.push_back(std::move(*element));
        values.*member = std::move(list);
      } else {
        if (auto element = read_element<Element>(*value, parameter, reader)) values.*member = std::move(*element);
      }
    };
    std::visit(read, parameter.member);
  }
}

template <class E>
Value describe_element(const E& value) {
  if constexpr (std::is_same_v<E, TargetName>)
    return text_value(value.name);
  else
    return text_value(QuantityOf<E>::Type::format(value));
}

// The current values as a map that read_parameters reads back, in the order of the descriptions. What has no value is
// left out.
template <class P>
Value describe_parameters(const std::vector<Parameter<P>>& parameters, const P& values) {
  Value described = Value::map(Mark{});
  for (const Parameter<P>& parameter : parameters) {
    const auto describe = [&](auto member) -> std::optional<Value> {
      using T = std::remove_cvref_t<decltype(values.*member)>;
      if constexpr (std::is_same_v<T, std::string>) {
        return text_value(values.*member);
      } else if constexpr (is_optional_member<T>) {
        if (!(values.*member)) return std::nullopt;
        return describe_element(*(values.*member));
      } else if constexpr (is_list_member<T>) {
        if ((values.*member).empty()) return std::nullopt;
        Value list = Value::list(Mark{});
        for (const auto& element : values.*member) list.add(describe_element(element));
        return list;
      } else {
        return describe_element(values.*member);
      }
    };
    if (auto value = std::visit(describe, parameter.member))
      described.set({std::string(parameter.name), Mark{}, std::move(*value)});
  }
  return described;
}

}  // namespace hearsay::config
