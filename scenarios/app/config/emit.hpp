// Prints a Value as block YAML that load_yaml_text reads back to the same tree.
//
// It formats no quantities: a scalar is printed as its text. Comments and the layout of the original file are not kept.
// Every text must be valid UTF-8, as the loader's always is.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/app/config/value.hpp"

namespace hearsay::config {

std::string to_yaml(const Value& value);

// Whether the text reads back as itself when it is written without quotes.
bool is_safe_without_quotes(std::string_view text);

// A scalar made by the program, quoted if it must be.
Value text_value(std::string text);

// Entries made by the program, which stand nowhere.
void put(Value& map, std::string_view key, Value value);
void put_text(Value& map, std::string_view key, std::string_view text);
void put_all(Value& map, const Value& entries);

}  // namespace hearsay::config
