#include "models/protocols/bitcoin/validation_cost.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay::bitcoin {

namespace {

// MAX_SCRIPTCHECK_THREADS, Bitcoin Core node/chainstatemanager_args.h, and the message thread, which helps.
constexpr std::int64_t kMostScriptThreads = 15 + 1;

// bitcoin-node.cc, Bitcoin-Simulator dd866b55 (Gervais et al. 2016).
constexpr Duration kGervaisBlock = milliseconds(174);
constexpr std::int64_t kGervaisBytes = 458'263;

// SimBlock 5fc7f9f7: what a node waits between two blocks that it sends, besides their transfer.
constexpr Duration kSimBlockSending = milliseconds(2);

// Of a transaction that padding stands for: ours; TransactionSource makes the same.
constexpr std::int64_t kStandInInputs = 2;
constexpr std::int64_t kStandInOutputs = 2;

}  // namespace

AcceptanceStage stage_of(chain::MempoolVerdict verdict) {
  using V = chain::MempoolVerdict;
  switch (verdict) {
    case V::accepted:
    case V::script_false:
    case V::witness_stripped:
    case V::mempool_full:
      return AcceptanceStage::scripts;
    case V::malformed:
    case V::coinbase:
    case V::not_standard_version:
    case V::not_standard_weight:
    case V::not_standard_too_small:
    case V::not_final:
    case V::conflict:
    case V::already_in_mempool:
    case V::same_txid_in_mempool:
      return AcceptanceStage::alone;
    case V::premature_coinbase_spend:
    case V::value_out_of_range:
    case V::outputs_above_inputs:
    case V::spends_what_it_replaces:
    case V::sequence_locked:
    case V::adds_unconfirmed_input:
    case V::too_many_replacements:
    case V::package_limit:
    case V::too_many_sigops:
    case V::below_minimum_relay_fee:
    case V::below_mempool_minimum_fee:
    case V::insufficient_replacement_fee:
    case V::missing_inputs:
    case V::already_confirmed:
      return AcceptanceStage::coins;
  }
  SIM_CHECK(false, "every verdict has a stage");
}

ValidationCost::ValidationCost(const ValidationParameters& parameters, std::int64_t cores)
    : parameters_(parameters),
      model_(parameters.model == "core"           ? Model::core
             : parameters.model == "gervais-2016" ? Model::gervais
             : parameters.model == "simblock"     ? Model::simblock
                                                  : Model::off),
      script_threads_(
          std::min(parameters.script_threads == 0 ? cores : parameters.script_threads, kMostScriptThreads)) {
  SIM_CHECK(model_ != Model::off || parameters.model == "off", "validation.model is off, core or a preset");
}

Duration ValidationCost::of_message() const {
  return model_ == Model::core ? parameters_.per_message : Duration{};
}

Duration ValidationCost::of_headers(std::size_t count) const {
  return model_ == Model::core ? parameters_.per_header * static_cast<std::int64_t>(count) : Duration{};
}

Duration ValidationCost::of_bytes(std::size_t bytes) const {
  return model_ == Model::core ? parameters_.per_kilobyte * static_cast<std::int64_t>(bytes) / 1000 : Duration{};
}

Duration ValidationCost::of_acceptance(AcceptanceStage stage, std::size_t inputs, Scripts scripts) const {
  if (model_ != Model::core || stage == AcceptanceStage::alone) return {};
  const auto count = static_cast<std::int64_t>(inputs);
  if (scripts == Scripts::cached) return parameters_.per_acceptance + parameters_.per_cached_input * count;
  const Duration coins = parameters_.per_acceptance + parameters_.per_fetched_input * count;
  return stage == AcceptanceStage::coins ? coins : coins + parameters_.per_script * count;
}

Duration ValidationCost::of_connecting(const BlockContent& block) const {
  if (model_ == Model::gervais) return kGervaisBlock * block.bytes / kGervaisBytes;
  if (model_ != Model::core) return {};
  const ValidationParameters& p = parameters_;
  return p.per_block + p.per_transaction * block.transactions + p.per_cached_input * block.cached_inputs +
         p.per_fetched_input * block.fetched_inputs + p.per_script * block.fetched_inputs / script_threads_ +
         p.per_output * block.outputs;
}

Duration ValidationCost::of_disconnecting(const BlockContent& block) const {
  if (model_ != Model::core) return {};
  const ValidationParameters& p = parameters_;
  return p.per_block + p.per_kilobyte * block.bytes / 1000 +
         p.per_cached_input * (block.cached_inputs + block.fetched_inputs) + p.per_output * block.outputs;
}

// CreateNewBlock selects and then connects the block on trial (TestBlockValidity), with everything cached.
Duration ValidationCost::of_template(std::int64_t transactions, std::int64_t inputs) const {
  if (model_ != Model::core) return {};
  return parameters_.per_selection * transactions + parameters_.per_cached_input * inputs;
}

Duration ValidationCost::of_sending_block() const {
  return model_ == Model::simblock ? kSimBlockSending : Duration{};
}

BlockContent ValidationCost::padding_of(const chain::Block& block) const {
  const chain::Transaction& coinbase = *block.transactions()[0];
  BlockContent content;
  content.bytes = static_cast<std::int64_t>(block.total_bytes());
  const std::int64_t size = parameters_.stand_in_size.bytes;
  const std::int64_t stand_ins = size == 0 ? 0 : static_cast<std::int64_t>(coinbase.total_bytes()) / size;
  content.transactions = stand_ins;
  content.cached_inputs = kStandInInputs * stand_ins;
  content.outputs = kStandInOutputs * stand_ins + static_cast<std::int64_t>(coinbase.outputs().size());
  return content;
}

}  // namespace hearsay::bitcoin
