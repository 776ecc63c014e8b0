#include "scenarios/app/language_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/app/language.hpp"

namespace hearsay::app {

namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool fits(const LanguageSection& section, const LanguageKey& key, std::string_view pattern) {
  return contains(section.path + "." + key.name, pattern) ||
         std::any_of(key.choices.begin(), key.choices.end(),
                     [&](const Choice& c) { return contains(c.name, pattern); });
}

std::string preset_text(const LanguageKey& key) {
  if (key.required) return "(required)";
  return key.preset.empty() ? "(none)" : key.preset;
}

// "time, 1 s to 1 d", "full, opt_in, off"
std::string values_text(const LanguageKey& key) {
  std::string text;
  // Explained choices stand below the key.
  const bool explained = !key.choices.empty() && !key.choices[0].help.empty();
  if (key.kind != KeyKind::choice) text = kind_name(key.kind);
  if (!key.choices.empty()) {
    if (!text.empty()) text += " or ";
    text += explained ? "one of the words below" : choices_text(key);
  }
  if (key.also_list) text += ", or a list";
  if (const std::string range = range_text(key); !range.empty()) text += ", " + range;
  if (!key.example.empty()) text += fmt::format(", such as {}", key.example);
  return text;
}

void print_key(const LanguageKey& key, std::string& out) {
  constexpr const char* kLine = "  {:<27} {:<18} {}\n";
  const auto line = [&](std::string_view name, std::string_view preset, std::string_view text) {
    out += fmt::format(fmt::runtime(kLine), name, preset, text);
  };
  if (key.kind == KeyKind::map) {
    line(key.name, key.required ? "(required)" : "", key.help + " (map)");
    return;
  }
  line(key.name, preset_text(key), key.help);
  line("", "", values_text(key));
  if (!key.source.empty()) line("", "", "source: " + key.source);
  for (const Choice& choice : key.choices)
    if (!choice.help.empty()) out += fmt::format("    {:<25} {}\n", choice.name, choice.help);
}

// ---- the page
// --------------------------------------------------------------------------------------------------------

std::string cell(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    if (letter == '|' || letter == '<') safe += '\\';
    safe += letter;
  }
  return safe;
}

std::string code(std::string_view text) {
  return fmt::format("`{}`", text);
}

std::string preset_cell(const LanguageKey& key) {
  if (key.required) return "required";
  return key.preset.empty() ? "" : code(key.preset);
}

std::string values_cell(const LanguageKey& key) {
  std::string text;
  if (key.kind != KeyKind::choice) text = kind_name(key.kind);
  for (const Choice& choice : key.choices) text += (text.empty() ? "" : ", ") + code(choice.name);
  if (key.also_list) text += ", or a list";
  if (const std::string range = range_text(key); !range.empty()) text += ", " + range;
  if (!key.example.empty()) text += ", such as " + code(key.example);
  return text;
}

void page_keys(const LanguageSection& section, std::string& out) {
  out += "| key | default | values | what it is | source |\n|---|---|---|---|---|\n";
  for (const LanguageKey& key : section.keys)
    out += fmt::format("| {} | {} | {} | {} | {} |\n", code(key.name), preset_cell(key), cell(values_cell(key)),
                       cell(key.help), cell(key.source));
  for (const LanguageKey& key : section.keys) {
    const bool explained =
        std::any_of(key.choices.begin(), key.choices.end(), [](const auto& c) { return !c.help.empty(); });
    if (!explained) continue;
    out += fmt::format("\nValues of {}:\n\n", code(key.name));
    for (const Choice& choice : key.choices) out += fmt::format("- {}: {}\n", code(choice.name), cell(choice.help));
  }
}

}  // namespace

std::string language_text(std::string_view pattern) {
  std::string out;
  for (const LanguageSection& section : language()) {
    const bool whole = contains(section.title(), pattern);
    std::string keys;
    if (!section.like.empty() && whole) keys = fmt::format("  the keys of {}, for this group alone\n", section.like);
    for (const LanguageKey& key : section.keys)
      if (section.like.empty() && (whole || fits(section, key, pattern))) print_key(key, keys);
    if (keys.empty() && !(whole && section.keys.empty())) continue;
    if (!out.empty()) out += '\n';
    out += section.title() + (section.help.empty() ? "" : ": " + section.help) + "\n" + keys;
  }
  return out;
}

std::string language_markdown() {
  std::string out =
      "# The scenario language\n\n"
      "Every key of a scenario. This page is printed by `hearsay models --markdown`; do not edit it.\n"
      "`hearsay models WORD` prints what has the word in its name, `hearsay schema` the same as JSON Schema for "
      "editors,\n"
      "`hearsay describe FILE` a scenario with every default filled in.\n\n"
      "A value carries its unit:\n\n"
      "| kind | units | example |\n|---|---|---|\n"
      "| time | ns, us, ms, s, min, h, d | `250 ms` |\n"
      "| size | B, kB, MB, GB (decimal) | `1.5 MB` |\n"
      "| bit rate | bit/s, kbit/s, Mbit/s, Gbit/s | `20 Mbit/s` |\n"
      "| share | % | `30 %` |\n"
      "| rate | /s, /min, /h | `0.2 /s` |\n"
      "| seeds | a number, or first and last | `1..5` |\n\n"
      "`<name>` is a name of your own, of a-z, 0-9 and `_`. In a file that `extends` another, `off` deletes an "
      "inherited\n"
      "entry. Keys under a condition, such as `model uniform`, hold for that model alone.\n";
  for (const LanguageSection& section : language()) {
    out += fmt::format("\n## {}\n\n", cell(section.title()));
    if (!section.help.empty())
      out += static_cast<char>(std::toupper(static_cast<unsigned char>(section.help[0]))) +
             cell(section.help.substr(1)) + ".\n\n";
    if (!section.like.empty())
      out += fmt::format("The keys of {}, for this group alone.\n", code(section.like));
    else if (!section.keys.empty())
      page_keys(section, out);
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace hearsay::app
