#include "scenarios/app/config/parameters.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "scenarios/app/config/emit.hpp"
#include "scenarios/app/config/quantity.hpp"

namespace hearsay::config {
namespace {

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
template <class E>
std::optional<E> read_element(const Value& value, const ParameterDescription& parameter, const MapReader& reader) {
  const std::string path = reader.path_of(parameter.name);
  if constexpr (std::is_same_v<E, TargetName>) {
    auto text = scalar_text(value, path, "the name of a target or group", reader.problems());
    return text ? std::optional(TargetName{std::move(*text)}) : std::nullopt;
  } else {
    const Limits<E> limits{limit_of<E>(parameter.minimum), limit_of<E>(parameter.maximum)};
    return read_quantity<typename QuantityOf<E>::Type>(value, path, limits, reader.problems());
  }
}

// By the type of the slot: one value, a value or nothing, a list, text.
struct Reading {
  MapReader& reader;
  const ParameterDescription& parameter;
  const Value& value;

  template <class T>
  void operator()(T* slot) const {
    if (auto element = read_element<T>(value, parameter, reader)) *slot = std::move(*element);
  }
  template <class T>
  void operator()(std::optional<T>* slot) const {
    if (auto element = read_element<T>(value, parameter, reader)) *slot = std::move(*element);
  }
  template <class T>
  void operator()(std::vector<T>* slot) const {
    slot->clear();
    const auto read = [&](const Value& item) {
      if (auto element = read_element<T>(item, parameter, reader)) slot->push_back(std::move(*element));
    };
    if (!value.is_list()) return read(value);
    for (const Value& item : value.items()) read(item);
  }
  void operator()(std::string* slot) const {
    const auto text = parameter.choices.empty() ? reader.take_text(parameter.name)
                                                : reader.take_choice(parameter.name, parameter.choices);
    if (text) *slot = *text;
  }
};

struct Describing {
  template <class T>
  std::optional<Value> operator()(const T* slot) const {
    return text_value(QuantityOf<T>::Type::format(*slot));
  }
  std::optional<Value> operator()(const std::string* slot) const { return text_value(*slot); }
  std::optional<Value> operator()(const TargetName* slot) const { return text_value(slot->name); }
  template <class T>
  std::optional<Value> operator()(const std::optional<T>* slot) const {
    return *slot ? (*this)(&**slot) : std::nullopt;
  }
  template <class T>
  std::optional<Value> operator()(const std::vector<T>* slot) const {
    if (slot->empty()) return std::nullopt;
    Value list = Value::list(Mark{});
    for (const T& element : *slot) list.add(*(*this)(&element));
    return list;
  }
};

}  // namespace

void read_parameter(MapReader& reader, const ParameterDescription& parameter, const ParameterSlot& slot) {
  if (const Value* value = reader.take(parameter.name)) std::visit(Reading{reader, parameter, *value}, slot);
}

std::optional<Value> describe_slot(const ParameterSlot& slot) {
  return std::visit([](const auto* value) { return Describing{}(value); }, slot);
}

}  // namespace hearsay::config
