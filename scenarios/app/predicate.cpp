#include "scenarios/app/predicate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "scenarios/app/config/nearest.hpp"
#include "scenarios/app/config/quantity.hpp"

namespace hearsay::app {

namespace {

using config::in_backticks;
using config::joined;

struct Operator {
  std::string_view text;
  Comparison comparison;
};
constexpr std::array<Operator, 6> kOperators = {{{">=", Comparison::at_least},
                                                 {"<=", Comparison::at_most},
                                                 {"==", Comparison::equal},
                                                 {"!=", Comparison::not_equal},
                                                 {">", Comparison::greater},
                                                 {"<", Comparison::less}}};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, std::string_view at) {
  std::vector<std::string_view> parts;
  for (std::size_t found = text.find(at); found != std::string_view::npos; found = text.find(at)) {
    parts.push_back(trimmed(text.substr(0, found)));
    text.remove_prefix(found + at.size());
  }
  parts.push_back(trimmed(text));
  return parts;
}

class Parser {
 public:
  Parser(std::string_view path, const config::Mark& mark, config::Problems& problems)
      : path_(path), mark_(mark), problems_(problems) {}

  void complain(const std::string& what) { problems_.add(mark_, fmt::format("`{}`: {}", path_, what)); }

  std::optional<Condition> condition(std::string_view text) {
    Condition condition;
    if (text.starts_with("not ")) {
      condition.negated = true;
      text = trimmed(text.substr(4));
    }
    for (const Operator& op : kOperators) {
      const std::size_t found = text.find(op.text);
      if (found == std::string_view::npos) continue;
      condition.comparison = op.comparison;
      const bool left = quantity(trimmed(text.substr(0, found)), condition);
      const bool right = left && value(trimmed(text.substr(found + op.text.size())), condition);
      return left && right ? std::optional(condition) : std::nullopt;
    }
    complain(
        fmt::format("{} compares nothing; expected a quantity, one of ==, !=, <, <=, >, >=, and a value, such as "
                    "`tip_lag >= 6 blocks`",
                    in_backticks(text)));
    return std::nullopt;
  }

 private:
  const QuantityHelp* find(std::string_view name, bool with_arguments) {
    const QuantityHelp* found = nullptr;
    for (const QuantityHelp& entry : quantities())
      if (entry.name == name && (entry.written.find('(') != std::string_view::npos) == with_arguments) return &entry;
    std::vector<std::string_view> names;
    for (const QuantityHelp& entry : quantities()) {
      if (entry.name == name) found = &entry;
      names.push_back(entry.name);
    }
    if (found != nullptr) {
      complain(fmt::format("expected `{}`, which is {}", found->written, found->help));
    } else {
      std::sort(names.begin(), names.end());
      names.erase(std::unique(names.begin(), names.end()), names.end());
      const std::string meant = config::suggestion(name, names);
      complain(fmt::format("unknown quantity {}{}{}", in_backticks(name), meant,
                           meant.empty() ? "; valid: " + joined(names) : ""));
    }
    return nullptr;
  }

  bool quantity(std::string_view text, Condition& condition) {
    const std::size_t open = text.find('(');
    const bool with_arguments = open != std::string_view::npos;
    if (with_arguments && text.back() != ')') {
      complain(fmt::format("{} lacks its closing bracket", in_backticks(text)));
      return false;
    }
    const QuantityHelp* help = find(trimmed(text.substr(0, open)), with_arguments);
    if (help == nullptr) return false;
    condition.quantity = help->quantity;
    if (!with_arguments) return true;
    std::vector<std::string_view> arguments = split(text.substr(open + 1, text.size() - open - 2), ",");
    if (arguments.size() != 2 || arguments[0].empty() || arguments[1].empty()) {
      complain(fmt::format("expected two arguments, `{}`, found {}", help->written, in_backticks(text)));
      return false;
    }
    if (condition.quantity == Quantity::share) {
      const auto state = std::find(kNodeStates.begin(), kNodeStates.end(), arguments[1]);
      if (state == kNodeStates.end()) {
        const std::vector<std::string_view> states(kNodeStates.begin(), kNodeStates.end());
        const std::string meant = config::suggestion(arguments[1], states);
        complain(fmt::format("unknown state {}{}{}", in_backticks(arguments[1]), meant,
                             meant.empty() ? "; valid: " + joined(states) : ""));
        return false;
      }
      condition.state = static_cast<NodeState>(state - kNodeStates.begin());
      arguments.pop_back();
    }
    for (const std::string_view argument : arguments) condition.targets.emplace_back(argument);
    return true;
  }

  bool value(std::string_view text, Condition& condition) {
    const auto entry = std::find_if(quantities().begin(), quantities().end(),
                                    [&](const QuantityHelp& help) { return help.quantity == condition.quantity; });
    if (entry->unit == "%") {
      const auto share = config::ShareQuantity::parse(text);
      if (!share.value) complain(share.problem);
      if (share.value) condition.value = share.value->fraction;
      return share.value.has_value();
    }
    std::string_view number = text;
    if (entry->unit == "blocks") {
      const std::string_view unit = text.ends_with(" blocks") ? " blocks" : " block";
      if (!text.ends_with(unit)) {
        complain(fmt::format("expected a number of blocks, such as `6 blocks`, found {}", in_backticks(text)));
        return false;
      }
      number.remove_suffix(unit.size());
    }
    const auto count = config::CountQuantity::parse(number);
    if (!count.value) complain(count.problem);
    if (count.value) condition.value = static_cast<double>(*count.value);
    return count.value.has_value();
  }

  std::string_view path_;
  const config::Mark& mark_;
  config::Problems& problems_;
};

}  // namespace

bool Predicate::of_single_nodes() const {
  return std::any_of(conditions.begin(), conditions.end(), [](const Condition& condition) {
    return condition.quantity == Quantity::connections || condition.quantity == Quantity::outbound_connections ||
           condition.quantity == Quantity::tip_lag;
  });
}

const std::vector<QuantityHelp>& quantities() {
  static const std::vector<QuantityHelp> list = {
      {Quantity::connections_between, "connections", "connections(TARGET, TARGET)", "",
       "the number of open connections between the nodes of two targets"},
      {Quantity::connections, "connections", "connections", "",
       "the number of open connections of a node, for every online node of the outcome's target"},
      {Quantity::outbound_connections, "outbound_connections", "outbound_connections", "",
       "the same of those that the node itself has dialled"},
      {Quantity::tip_lag, "tip_lag", "tip_lag", "blocks",
       "how far the node's tip is behind the highest one of an online node, for every online node of the target"},
      {Quantity::share, "share", "share(TARGET, STATE)", "%",
       "the share of a target's nodes in a state: online (of all), on_best_tip or on_best_tip_or_its_parent (of those "
       "online); the best tip has the most work, and of such the most followers"},
      {Quantity::largest_component, "largest_component", "largest_component", "%",
       "the share of the online nodes that the largest connected part of the network has"},
      {Quantity::tips, "tips", "tips", "", "the number of different tips that online nodes follow"},
  };
  return list;
}

Predicate parse_predicate(std::string_view text, std::string_view path, const config::Mark& mark,
                          config::Problems& problems) {
  Parser parser(path, mark, problems);
  Predicate predicate;
  text = trimmed(text);
  const bool ands = text.find(" and ") != std::string_view::npos;
  const bool ors = text.find(" or ") != std::string_view::npos;
  if (ands && ors) {
    parser.complain("`and` and `or` cannot be mixed: make two outcomes of it");
    return predicate;
  }
  predicate.joined = ors ? Predicate::Joined::by_or : Predicate::Joined::by_and;
  for (const std::string_view part : split(text, ors ? " or " : " and "))
    if (auto condition = parser.condition(part)) predicate.conditions.push_back(std::move(*condition));
  return predicate;
}

}  // namespace hearsay::app
