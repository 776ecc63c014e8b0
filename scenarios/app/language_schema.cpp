#include "scenarios/app/language_schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenarios/app/language.hpp"

namespace hearsay::app {

namespace {

using Json = nlohmann::ordered_json;

// `off` deletes what a file inherits.
enum class Deleting { no, yes };

constexpr const char* kNumber = "(0|[1-9][0-9]*)(\\.[0-9]+)? *";

// What a kind looks like as text, without anchors; empty: not told by a pattern.
std::string pattern_of(const LanguageKey& key) {
  const std::string sign = !key.least || *key.least < 0.0 ? "-?" : "";
  switch (key.kind) {
    case KeyKind::time:
      return sign + kNumber + "(ns|us|ms|s|min|h|d)";
    case KeyKind::size:
      return std::string(kNumber) + "(B|kB|MB|GB)";
    case KeyKind::bit_rate:
      return std::string(kNumber) + "(bit/s|kbit/s|Mbit/s|Gbit/s)";
    case KeyKind::share:
      return std::string(kNumber) + "%";
    case KeyKind::rate:
      return std::string(kNumber) + "/(s|min|h)";
    case KeyKind::seeds:
      return "(0|[1-9][0-9]*)\\.\\.(0|[1-9][0-9]*)";
    default:
      return "";
  }
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    if (std::string_view(".()[]{}+*?^$|\\").find(letter) != std::string_view::npos) safe += '\\';
    safe += letter;
  }
  return safe;
}

std::string anchored(std::vector<std::string> alternatives) {
  return fmt::format("^({})$", fmt::join(alternatives, "|"));
}

// A value that is a text in YAML too, by a pattern; words stand beside it.
Json pattern_value(const LanguageKey& key, Deleting deleting) {
  std::vector<std::string> alternatives = {pattern_of(key)};
  for (const Choice& choice : key.choices) alternatives.push_back(escaped(choice.name));
  if (deleting == Deleting::yes) alternatives.emplace_back("off");
  return {{"type", "string"}, {"pattern", anchored(std::move(alternatives))}};
}

// A value that YAML takes for a number.
Json plain_number(const LanguageKey& key, Deleting deleting) {
  const bool whole = key.kind != KeyKind::number;
  std::vector<std::string> texts;
  if (key.kind == KeyKind::seeds) texts.push_back(pattern_of(key));
  if (deleting == Deleting::yes) texts.emplace_back("off");
  Json value;
  const char* type = whole ? "integer" : "number";
  value["type"] = texts.empty() ? Json(type) : Json({type, "string"});
  if (!texts.empty()) value["pattern"] = anchored(std::move(texts));
  const auto end = [&](const char* name, std::optional<double> number) {
    if (!number) return;
    value[name] = whole ? Json(static_cast<std::int64_t>(*number)) : Json(*number);
  };
  end("minimum", key.kind == KeyKind::seeds ? std::optional(0.0) : key.least);
  end("maximum", key.most);
  return value;
}

Json list_value(const LanguageKey& key) {
  if (key.kind == KeyKind::names) return {{"type", "array"}, {"minItems", 1}, {"items", {{"type", "string"}}}};
  if (key.kind == KeyKind::place)
    return {{"type", "array"}, {"minItems", 2}, {"maxItems", 3}, {"items", {{"type", "number"}}}};
  const Json node = {{"type", "string"}, {"pattern", "^[a-z0-9_.]+\\[[0-9]+\\](\\.gateways\\[[0-9]+\\])?$"}};
  return {{"type", "array"}, {"items", {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", node}}}};
}

Json or_off(Json value, Deleting deleting) {
  if (deleting == Deleting::no) return value;
  return {{"anyOf", Json::array({std::move(value), {{"const", "off"}}})}};
}

Json one_value(const LanguageKey& key, Deleting deleting) {
  switch (key.kind) {
    case KeyKind::count:
    case KeyKind::number:
    case KeyKind::seeds:
      return plain_number(key, deleting);
    case KeyKind::on_off:
      return {{"enum", Json::array({"on", "off", true, false})}};  // YAML 1.1 takes the words for truth values
    case KeyKind::choice: {
      Json words = Json::array();
      for (const Choice& choice : key.choices) words.push_back(choice.name);
      const bool known = std::any_of(key.choices.begin(), key.choices.end(), [](auto& c) { return c.name == "off"; });
      if (deleting == Deleting::yes && !known) words.push_back("off");
      return {{"enum", std::move(words)}};
    }
    case KeyKind::text:
      return {{"type", {"string", "number", "boolean"}}};  // what YAML takes for a number is text to the language
    case KeyKind::target:
      return {{"type", "string"}};
    case KeyKind::overrides:
      return or_off({{"type", "object"}, {"propertyNames", {{"pattern", "^[a-z0-9_.]+$"}}}}, deleting);
    case KeyKind::names:
    case KeyKind::pairs:
    case KeyKind::place:
      return or_off(list_value(key), deleting);
    default:
      return pattern_value(key, deleting);
  }
}

std::string description(const LanguageKey& key, const LanguageSection& section) {
  std::string text = key.help;
  if (section.where)
    text += fmt::format("\nHolds with {} {}.", section.where->key, fmt::join(section.where->values, " or "));
  if (key.kind != KeyKind::choice && key.kind != KeyKind::map) text += "\nExpected: " + kind_expected(key.kind);
  if (const std::string range = range_text(key); !range.empty()) text += ", " + range;
  for (const Choice& choice : key.choices)
    if (!choice.help.empty()) text += fmt::format("\n- {}: {}", choice.name, choice.help);
  if (!key.preset.empty()) text += "\nDefault: " + key.preset;
  if (!key.source.empty()) text += "\nSource: " + key.source;
  return text;
}

std::string child_path(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

class SchemaWriter {
 public:
  explicit SchemaWriter(Deleting deleting) : deleting_(deleting) {}

  // The map of a path, with everything below it.
  Json map(const std::string& path) const {
    Json schema = {{"type", "object"}};
    Json properties = Json::object();
    for (const LanguageSection& section : language()) {
      if (section.path != path) continue;
      for (const LanguageKey& key : section.keys) {
        if (key.name == "<name>") {
          schema["propertyNames"] = {{"pattern", "^[a-z0-9_.]+$"}};
          schema["additionalProperties"] = value(key, section);
          continue;
        }
        if (!properties.contains(key.name))
          properties[key.name] = value(key, section);
        else
          properties[key.name] = either(std::move(properties[key.name]), value(key, section));
      }
    }
    if (!properties.empty()) schema["properties"] = std::move(properties);
    if (!schema.contains("additionalProperties")) schema["additionalProperties"] = false;
    add_conditions(path, schema);
    return schema;
  }

 private:
  Json value(const LanguageKey& key, const LanguageSection& section) const {
    Json schema;
    if (key.kind == KeyKind::map) {
      schema = or_off(map(child_path(section.path, key.name)), deleting_);
    } else {
      schema = one_value(key, deleting_);
      if (key.also_list) {
        Json list = {{"type", "array"}, {"items", one_value(key, Deleting::no)}};
        schema = {{"anyOf", Json::array({std::move(schema), std::move(list)})}};
      }
    }
    schema["description"] = description(key, section);
    if (!key.preset.empty()) schema["default"] = preset(key);
    const std::string example = key.example.empty() ? kind_example(key.kind) : key.example;
    if (pattern_of(key).empty() || example.empty()) return schema;
    schema["examples"] = {example};
    return schema;
  }

  static Json preset(const LanguageKey& key) {
    if (key.kind == KeyKind::count || key.kind == KeyKind::number) return Json::parse(key.preset);
    return key.preset;
  }

  // A key that means different things under different models.
  static Json either(Json first, Json second) {
    if (first == second) return first;
    const std::string both =
        first["description"].get<std::string>() + "\n\n" + second["description"].get<std::string>();
    if (!first.contains("anyOf")) first = {{"anyOf", Json::array({std::move(first)})}};
    first["anyOf"].push_back(std::move(second));
    first["description"] = both;
    return first;
  }

  // Under each value of the key that decides, the keys of the other values are none.
  void add_conditions(const std::string& path, Json& schema) const {
    std::vector<const LanguageSection*> parts;
    for (const LanguageSection& section : language())
      if (section.path == path && section.where) parts.push_back(&section);
    if (parts.empty()) return;
    const std::string& decides = parts[0]->where->key;
    Json all = Json::array();
    for (const std::string& word : words_of(path, decides)) {
      Json then = Json::object();
      for (const LanguageSection* part : parts)
        for (const LanguageKey& key : part->keys)
          if (!then.contains(key.name)) then[key.name] = false;
      for (const LanguageSection* part : parts) {
        const auto& values = part->where->values;
        if (std::find(values.begin(), values.end(), word) == values.end()) continue;
        for (const LanguageKey& key : part->keys) {
          const Json& known = schema["properties"][key.name];
          const bool ambiguous = known.contains("anyOf") && !key.also_list && key.kind != KeyKind::map;
          if (ambiguous)
            then[key.name] = value(key, *part);
          else
            then.erase(key.name);
        }
      }
      if (then.empty()) continue;
      all.push_back({{"if", {{"properties", {{decides, {{"const", word}}}}}, {"required", {decides}}}},
                     {"then", {{"properties", std::move(then)}}}});
    }
    if (!all.empty()) schema["allOf"] = std::move(all);
  }

  static std::vector<std::string> words_of(const std::string& path, const std::string& name) {
    std::vector<std::string> words;
    for (const LanguageSection& section : language())
      if (section.path == path)
        for (const LanguageKey& key : section.keys)
          if (key.name == name)
            for (const Choice& choice : key.choices) words.push_back(choice.name);
    return words;
  }

  Deleting deleting_;
};

// What must be there in the map of a path, and in the maps below it if they are there. Nothing: an empty object.
Json requirements(const std::string& path) {
  Json schema = Json::object();
  Json below = Json::object();
  Json conditions = Json::array();
  for (const LanguageSection& section : language()) {
    if (section.path != path) continue;
    Json names = Json::array();
    for (const LanguageKey& key : section.keys) {
      if (key.required) names.push_back(key.name);
      if (key.kind != KeyKind::map) continue;
      Json child = requirements(child_path(path, key.name));
      if (child.empty()) continue;
      if (key.name == "<name>")
        schema["additionalProperties"] = std::move(child);
      else
        below[key.name] = std::move(child);
    }
    // A key of its own is not one of the names beside it.
    for (const LanguageKey& key : section.keys)
      if (schema.contains("additionalProperties") && key.name != "<name>" && !below.contains(key.name))
        below[key.name] = Json::object();
    if (names.empty()) continue;
    if (!section.where) {
      schema["required"] = std::move(names);
    } else {
      const std::string& decides = section.where->key;
      conditions.push_back(
          {{"if", {{"properties", {{decides, {{"enum", section.where->values}}}}}, {"required", {decides}}}},
           {"then", {{"required", std::move(names)}}}});
    }
  }
  if (!below.empty()) schema["properties"] = std::move(below);
  if (!conditions.empty()) schema["allOf"] = std::move(conditions);
  return schema;
}

}  // namespace

std::string language_schema() {
  Json schema;
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "hearsay scenario";
  schema["description"] =
      "A scenario of hearsay, a simulator of blockchain peer-to-peer networks. `hearsay check FILE` knows more: what "
      "depends on other keys, and on the files that a scenario extends.";
  schema["type"] = "object";
  // A file that extends nothing is a whole scenario, or a base for others, which asks nothing and may leave things out.
  schema["allOf"] = Json::array({{{"if", {{"required", {"extends"}}}},
                                  {"then", {{"$ref", "#/$defs/overriding"}}},
                                  {"else", {{"$ref", "#/$defs/plain"}}}},
                                 {{"if", {{"required", {"question"}}, {"not", {{"required", {"extends"}}}}}},
                                  {"then", {{"$ref", "#/$defs/required"}}}}});
  schema["$defs"] = {{"plain", SchemaWriter(Deleting::no).map("")},
                     {"overriding", SchemaWriter(Deleting::yes).map("")},
                     {"required", requirements("")}};
  return schema.dump(2) + "\n";
}

}  // namespace hearsay::app
