// What a mempool says of a transaction that it was offered, and what that means to whoever relays it.
#pragma once

#include <cstdint>
#include <string_view>

namespace hearsay::chain {

// Names of Bitcoin Core's reject reasons beside each (validation.cpp, consensus/tx_check.cpp, consensus/tx_verify.cpp).
enum class MempoolVerdict : std::uint8_t {
  accepted,

  // Against consensus rules.
  malformed,                 // any failure of the checks that need no context
  coinbase,                  // "coinbase"
  premature_coinbase_spend,  // "bad-txns-premature-spend-of-coinbase"
  value_out_of_range,        // "bad-txns-inputvalues-outofrange"
  outputs_above_inputs,      // "bad-txns-in-belowout"
  script_false,              // "mandatory-script-verify-flag-failed", or opcodes that are not modelled
  spends_what_it_replaces,   // "bad-txns-spends-conflicting-tx"

  // Scripts fail, but the transaction has no witness where it needs one: another form of it may be valid.
  witness_stripped,

  // Valid perhaps, but not wanted (now).
  not_standard_version,    // "version"
  not_standard_weight,     // "tx-size"
  not_standard_too_small,  // "tx-size-small"
  not_final,               // "non-final"
  sequence_locked,         // "non-BIP68-final"
  conflict,                // "txn-mempool-conflict": it conflicts, and replacement is off or not signalled
  adds_unconfirmed_input,  // "replacement-adds-unconfirmed": BIP 125 rule 2
  too_many_replacements,   // "too many potential replacements": BIP 125 rule 5
  package_limit,           // "too-long-mempool-chain", "too-large-cluster"
  too_many_sigops,         // "bad-txns-too-many-sigops": a cost above a fifth of what a block may hold

  // Pays too little, alone: a child may pay for it (TX_RECONSIDERABLE).
  below_minimum_relay_fee,       // "min relay fee not met"
  below_mempool_minimum_fee,     // "mempool min fee not met"
  insufficient_replacement_fee,  // "insufficient fee": BIP 125 rules 3 and 4, and the fee rates of direct conflicts
  mempool_full,                  // "mempool full": evicted at once

  missing_inputs,  // "bad-txns-inputs-missingorspent": an orphan, or a spend of something spent

  already_in_mempool,    // "txn-already-in-mempool"
  same_txid_in_mempool,  // "txn-same-nonwitness-data-in-mempool"
  already_confirmed,     // "txn-already-known"
};

enum class VerdictClass : std::uint8_t {
  accepted,
  invalid,           // remember and reject again
  witness_stripped,  // do not remember the txid
  policy,            // remember until the tip changes
  low_fee,           // reconsider together with a child
  missing_inputs,    // an orphan
  already_known,
};

[[nodiscard]] constexpr VerdictClass class_of(MempoolVerdict verdict) {
  using V = MempoolVerdict;
  if (verdict == V::accepted) return VerdictClass::accepted;
  if (verdict < V::witness_stripped) return VerdictClass::invalid;
  if (verdict == V::witness_stripped) return VerdictClass::witness_stripped;
  if (verdict < V::below_minimum_relay_fee) return VerdictClass::policy;
  if (verdict < V::missing_inputs) return VerdictClass::low_fee;
  if (verdict == V::missing_inputs) return VerdictClass::missing_inputs;
  return VerdictClass::already_known;
}

// snake_case, as the enumerator is called.
[[nodiscard]] std::string_view to_text(MempoolVerdict verdict);

}  // namespace hearsay::chain
