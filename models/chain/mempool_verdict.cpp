#include "models/chain/mempool_verdict.hpp"

namespace hearsay::chain {

std::string_view to_text(MempoolVerdict verdict) {
  using V = MempoolVerdict;
  switch (verdict) {
    case V::accepted:
      return "accepted";
    case V::malformed:
      return "malformed";
    case V::coinbase:
      return "coinbase";
    case V::premature_coinbase_spend:
      return "premature_coinbase_spend";
    case V::value_out_of_range:
      return "value_out_of_range";
    case V::outputs_above_inputs:
      return "outputs_above_inputs";
    case V::script_false:
      return "script_false";
    case V::spends_what_it_replaces:
      return "spends_what_it_replaces";
    case V::witness_stripped:
      return "witness_stripped";
    case V::not_standard_version:
      return "not_standard_version";
    case V::not_standard_weight:
      return "not_standard_weight";
    case V::not_standard_too_small:
      return "not_standard_too_small";
    case V::not_final:
      return "not_final";
    case V::sequence_locked:
      return "sequence_locked";
    case V::conflict:
      return "conflict";
    case V::adds_unconfirmed_input:
      return "adds_unconfirmed_input";
    case V::too_many_replacements:
      return "too_many_replacements";
    case V::package_limit:
      return "package_limit";
    case V::too_many_sigops:
      return "too_many_sigops";
    case V::below_minimum_relay_fee:
      return "below_minimum_relay_fee";
    case V::below_mempool_minimum_fee:
      return "below_mempool_minimum_fee";
    case V::insufficient_replacement_fee:
      return "insufficient_replacement_fee";
    case V::mempool_full:
      return "mempool_full";
    case V::missing_inputs:
      return "missing_inputs";
    case V::already_in_mempool:
      return "already_in_mempool";
    case V::same_txid_in_mempool:
      return "same_txid_in_mempool";
    case V::already_confirmed:
      return "already_confirmed";
  }
  return "unknown";
}

}  // namespace hearsay::chain
