#include "scenarios/app/config/reader.hpp"

#include <algorithm>
#include <utility>

#include "scenarios/app/config/nearest.hpp"

namespace hearsay::config {
namespace {

// Switches and ranges have no limits; this spares them an overload.
template <class Q>
constexpr Limits<typename Q::Type> kAny{};

ReaderListener& listener_of_all() {
  static ReaderListener listener;
  return listener;
}

}  // namespace

std::string limits_text(const std::optional<std::string>& least, const std::optional<std::string>& most) {
  if (least && most) return fmt::format("must be between {} and {}", *least, *most);
  return least ? "must be at least " + *least : "must be at most " + most.value_or("?");
}

std::optional<std::string> scalar_text(const Value& value, std::string_view path, std::string_view expected,
                                       Problems& problems) {
  if (value.is_scalar()) return value.text();
  if (!value.is_refused()) {
    problems.add(value.mark(), fmt::format("`{}`: expected {}, found {}", path, expected, value.shown()));
  }
  return std::nullopt;
}

MapReader::MapReader(const Value& map, std::string path, Problems& problems)
    : map_(&map), path_(std::move(path)), problems_(&problems), usable_(map.is_map()) {
  if (usable_ || map.is_refused()) return;
  // `off` deletes, but only what is inherited; `{}` asks for defaults.
  const char* hint = map.is_word("off")  ? ": nothing is inherited here that it could delete"
                     : map.is_word("on") ? "; `{}` takes the defaults"
                                         : "";
  problems.add(map.mark(),
               fmt::format("`{}`: expected a map, such as `{{key: value}}`, found {}{}", path_, map.shown(), hint));
}

bool MapReader::has(std::string_view key) const {
  return usable_ && map_->find(key) != nullptr;
}

const Mark& MapReader::place_of(std::initializer_list<std::string> paths) const {
  for (const std::string& path : paths) {
    const Value* map = map_;
    const Value::Entry* entry = nullptr;
    for (std::size_t from = 0; map != nullptr && from <= path.size();) {
      const std::size_t dot = std::min(path.find('.', from), path.size());
      entry = map->is_map() ? map->find_entry(std::string_view(path).substr(from, dot - from)) : nullptr;
      map = entry == nullptr ? nullptr : &entry->value;
      from = dot + 1;
    }
    if (entry != nullptr) return entry->mark;
  }
  return mark();
}

std::string MapReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::string MapReader::in_path() const {
  if (path_.empty()) return "";
  // What is known depends on the model.
  const Value* model =
      usable_ && std::find(known_.begin(), known_.end(), "model") != known_.end() ? map_->find("model") : nullptr;
  const std::string with = model != nullptr && model->is_scalar() ? ", model " + model->text() : "";
  return fmt::format(" in `{}`{}", path_, with);
}

void MapReader::note(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
}

const Value* MapReader::take(std::string_view key) {
  note(key);
  return usable_ ? map_->find(key) : nullptr;
}

const Value* MapReader::require(std::string_view key) {
  const Value* value = take(key);
  if (value == nullptr && usable_) problems_->add(map_->mark(), fmt::format("missing key `{}`{}", key, in_path()));
  return value;
}

template <class Q>
std::optional<typename Q::Type> MapReader::quantity_under(const Value* value, std::string_view key,
                                                          const Limits<typename Q::Type>& limits) {
  return value == nullptr ? std::nullopt : read_quantity<Q>(*value, path_of(key), limits, *problems_);
}

std::optional<std::string> MapReader::text_under(const Value* value, std::string_view key) {
  return value == nullptr ? std::nullopt : scalar_text(*value, path_of(key), "a text", *problems_);
}

std::optional<std::string> MapReader::choice_under(const Value* value, std::string_view key,
                                                   const std::vector<std::string_view>& choices) {
  if (value == nullptr) return std::nullopt;
  auto text = scalar_text(*value, path_of(key), "one of " + joined(choices), *problems_);
  if (!text || std::find(choices.begin(), choices.end(), *text) != choices.end()) return text;
  const std::string meant = suggestion(*text, choices);
  problems_->add(value->mark(), fmt::format("unknown {} {}{} valid: {}", key, in_backticks(*text),
                                            meant.empty() ? ";" : meant, joined(choices)));
  return std::nullopt;
}

std::optional<Duration> MapReader::take_duration(std::string_view key, const Limits<Duration>& limits) {
  return quantity_under<TimeQuantity>(take(key), key, limits);
}
std::optional<ByteCount> MapReader::take_bytes(std::string_view key, const Limits<ByteCount>& limits) {
  return quantity_under<SizeQuantity>(take(key), key, limits);
}
std::optional<BitRate> MapReader::take_bit_rate(std::string_view key, const Limits<BitRate>& limits) {
  return quantity_under<BitRateQuantity>(take(key), key, limits);
}
std::optional<Share> MapReader::take_share(std::string_view key, const Limits<Share>& limits) {
  return quantity_under<ShareQuantity>(take(key), key, limits);
}
std::optional<double> MapReader::take_rate(std::string_view key, const Limits<double>& limits) {
  return quantity_under<RateQuantity>(take(key), key, limits);
}
std::optional<std::int64_t> MapReader::take_count(std::string_view key, const Limits<std::int64_t>& limits) {
  return quantity_under<CountQuantity>(take(key), key, limits);
}
std::optional<double> MapReader::take_number(std::string_view key, const Limits<double>& limits) {
  return quantity_under<NumberQuantity>(take(key), key, limits);
}
std::optional<bool> MapReader::take_on_off(std::string_view key) {
  return quantity_under<OnOffQuantity>(take(key), key, kAny<OnOffQuantity>);
}
std::optional<IntegerRange> MapReader::take_range(std::string_view key) {
  return quantity_under<RangeQuantity>(take(key), key, kAny<RangeQuantity>);
}
std::optional<std::string> MapReader::take_text(std::string_view key) {
  return text_under(take(key), key);
}
std::optional<std::string> MapReader::take_choice(std::string_view key, const std::vector<std::string_view>& choices) {
  return choice_under(take(key), key, choices);
}

Duration MapReader::take_duration(std::string_view key, Duration fallback, const Limits<Duration>& limits) {
  return take_duration(key, limits).value_or(fallback);
}
ByteCount MapReader::take_bytes(std::string_view key, ByteCount fallback, const Limits<ByteCount>& limits) {
  return take_bytes(key, limits).value_or(fallback);
}
BitRate MapReader::take_bit_rate(std::string_view key, BitRate fallback, const Limits<BitRate>& limits) {
  return take_bit_rate(key, limits).value_or(fallback);
}
Share MapReader::take_share(std::string_view key, Share fallback, const Limits<Share>& limits) {
  return take_share(key, limits).value_or(fallback);
}
double MapReader::take_rate(std::string_view key, double fallback, const Limits<double>& limits) {
  return take_rate(key, limits).value_or(fallback);
}
std::int64_t MapReader::take_count(std::string_view key, std::int64_t fallback, const Limits<std::int64_t>& limits) {
  return take_count(key, limits).value_or(fallback);
}
double MapReader::take_number(std::string_view key, double fallback, const Limits<double>& limits) {
  return take_number(key, limits).value_or(fallback);
}
bool MapReader::take_on_off(std::string_view key, bool fallback) {
  return take_on_off(key).value_or(fallback);
}
IntegerRange MapReader::take_range(std::string_view key, IntegerRange fallback) {
  return take_range(key).value_or(fallback);
}
std::string MapReader::take_text(std::string_view key, std::string fallback) {
  return take_text(key).value_or(std::move(fallback));
}

std::optional<Duration> MapReader::require_duration(std::string_view key, const Limits<Duration>& limits) {
  return quantity_under<TimeQuantity>(require(key), key, limits);
}
std::optional<ByteCount> MapReader::require_bytes(std::string_view key, const Limits<ByteCount>& limits) {
  return quantity_under<SizeQuantity>(require(key), key, limits);
}
std::optional<BitRate> MapReader::require_bit_rate(std::string_view key, const Limits<BitRate>& limits) {
  return quantity_under<BitRateQuantity>(require(key), key, limits);
}
std::optional<Share> MapReader::require_share(std::string_view key, const Limits<Share>& limits) {
  return quantity_under<ShareQuantity>(require(key), key, limits);
}
std::optional<double> MapReader::require_rate(std::string_view key, const Limits<double>& limits) {
  return quantity_under<RateQuantity>(require(key), key, limits);
}
std::optional<std::int64_t> MapReader::require_count(std::string_view key, const Limits<std::int64_t>& limits) {
  return quantity_under<CountQuantity>(require(key), key, limits);
}
std::optional<double> MapReader::require_number(std::string_view key, const Limits<double>& limits) {
  return quantity_under<NumberQuantity>(require(key), key, limits);
}
std::optional<bool> MapReader::require_on_off(std::string_view key) {
  return quantity_under<OnOffQuantity>(require(key), key, kAny<OnOffQuantity>);
}
std::optional<IntegerRange> MapReader::require_range(std::string_view key) {
  return quantity_under<RangeQuantity>(require(key), key, kAny<RangeQuantity>);
}
std::optional<std::string> MapReader::require_text(std::string_view key) {
  return text_under(require(key), key);
}
std::optional<std::string> MapReader::require_choice(std::string_view key,
                                                     const std::vector<std::string_view>& choices) {
  return choice_under(require(key), key, choices);
}

std::optional<MapReader> MapReader::take_map(std::string_view key) {
  const Value* value = take(key);
  return value == nullptr ? std::nullopt : std::optional<MapReader>(std::in_place, *value, path_of(key), *problems_);
}

std::optional<MapReader> MapReader::require_map(std::string_view key) {
  return require(key) == nullptr ? std::nullopt : take_map(key);
}

const std::vector<Value>* MapReader::take_list(std::string_view key) {
  const Value* value = take(key);
  if (value == nullptr || value->is_refused()) return nullptr;
  if (value->is_list()) return &value->items();
  problems_->add(value->mark(),
                 fmt::format("`{}`: expected a list, such as `[a, b]`, found {}", path_of(key), value->shown()));
  return nullptr;
}

std::vector<std::string> MapReader::take_texts(std::string_view key) {
  std::vector<std::string> texts;
  const std::vector<Value>* items = take_list(key);
  for (std::size_t index = 0; items != nullptr && index < items->size(); ++index) {
    auto text = scalar_text((*items)[index], fmt::format("{}[{}]", path_of(key), index), "a text", *problems_);
    if (text) texts.push_back(*std::move(text));
  }
  return texts;
}

std::vector<const Value::Entry*> MapReader::take_rest() {
  std::vector<const Value::Entry*> rest;
  names_are_free_ = true;
  if (!usable_) return rest;
  for (const Value::Entry& entry : map_->entries()) {
    if (std::find(known_.begin(), known_.end(), entry.key) == known_.end()) rest.push_back(&entry);
  }
  return rest;
}

namespace {

// "groups: {full: {count: ...}}"
std::string as_maps(std::string_view path) {
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return fmt::format("{}: ...", path);
  return fmt::format("{}: {{{}}}", path.substr(0, dot), as_maps(path.substr(dot + 1)));
}

}  // namespace

void MapReader::finish() {
  if (listener_of_all()) listener_of_all()(path_, known_);
  if (!usable_ || names_are_free_) return;
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  // A list that nobody would read is left to where parameters are explained.
  const std::size_t most_listed = path_.empty() ? 18 : 12;
  const std::string listed = known.empty()                 ? "known here: nothing"
                             : known.size() <= most_listed ? "known here: " + joined(known)
                                                           : "`hearsay models` lists the keys";
  for (const Value::Entry& entry : map_->entries()) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::size_t dot = entry.key.find('.');
    const bool is_path =
        dot != std::string::npos && std::find(known.begin(), known.end(), entry.key.substr(0, dot)) != known.end();
    problems_->add(
        entry.mark,
        is_path ? fmt::format("unknown key `{}`{}: paths are for --set and branches; here, write "
                              "`{}`",
                              entry.key, in_path(), as_maps(entry.key))
                : fmt::format("unknown key `{}`{}{} ({})", entry.key, in_path(), suggestion(entry.key, known), listed));
  }
}

void listen_to_readers(ReaderListener listener) {
  listener_of_all() = std::move(listener);
}

}  // namespace hearsay::config
