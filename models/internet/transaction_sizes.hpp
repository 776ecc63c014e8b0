// Published sizes of transactions.
#pragma once

#include <string_view>
#include <vector>

namespace hearsay::internet {

struct TransactionSizeLaw {
  std::string_view name;
  std::string_view source;
  double mean_bytes = 0.0;  // all that the source gives: sizes are the whole numbers around it
};

[[nodiscard]] inline const std::vector<TransactionSizeLaw>& transaction_size_laws() {
  static const std::vector<TransactionSizeLaw> laws = {
      {"gervais-2016", "Gervais et al. 2016: mean of Bitcoin's transactions, from their simulator's source", 522.4},
  };
  return laws;
}

// Null if there is no such law.
[[nodiscard]] inline const TransactionSizeLaw* find_transaction_size_law(std::string_view name) {
  for (const TransactionSizeLaw& law : transaction_size_laws())
    if (law.name == name) return &law;
  return nullptr;
}

}  // namespace hearsay::internet
