// The names of verdicts, as they are written in the code.
#include "models/chain/body_checks.hpp"
#include "models/chain/script.hpp"
#include "models/chain/transaction_checks.hpp"

namespace hearsay::chain {

std::string_view name_of(ScriptVerdict verdict) {
  switch (verdict) {
    case ScriptVerdict::valid:
      return "valid";
    case ScriptVerdict::eval_false:
      return "eval_false";
    case ScriptVerdict::script_size:
      return "script_size";
    case ScriptVerdict::push_size:
      return "push_size";
    case ScriptVerdict::operation_count:
      return "operation_count";
    case ScriptVerdict::stack_size:
      return "stack_size";
    case ScriptVerdict::truncated_push:
      return "truncated_push";
    case ScriptVerdict::unbalanced_conditional:
      return "unbalanced_conditional";
    case ScriptVerdict::invalid_stack_operation:
      return "invalid_stack_operation";
    case ScriptVerdict::number_too_long:
      return "number_too_long";
    case ScriptVerdict::failed_verify:
      return "failed_verify";
    case ScriptVerdict::op_return:
      return "op_return";
    case ScriptVerdict::disabled_opcode:
      return "disabled_opcode";
    case ScriptVerdict::bad_opcode:
      return "bad_opcode";
    case ScriptVerdict::unsupported:
      return "unsupported";
    case ScriptVerdict::not_push_only:
      return "not_push_only";
    case ScriptVerdict::witness_program_wrong_length:
      return "witness_program_wrong_length";
    case ScriptVerdict::witness_program_empty:
      return "witness_program_empty";
    case ScriptVerdict::witness_program_mismatch:
      return "witness_program_mismatch";
    case ScriptVerdict::witness_malleated:
      return "witness_malleated";
    case ScriptVerdict::witness_malleated_p2sh:
      return "witness_malleated_p2sh";
    case ScriptVerdict::witness_not_clean:
      return "witness_not_clean";
    case ScriptVerdict::witness_unexpected:
      return "witness_unexpected";
  }
  return "unknown";
}

std::string_view name_of(TransactionVerdict verdict) {
  switch (verdict) {
    case TransactionVerdict::valid:
      return "valid";
    case TransactionVerdict::no_inputs:
      return "no_inputs";
    case TransactionVerdict::no_outputs:
      return "no_outputs";
    case TransactionVerdict::transaction_too_large:
      return "transaction_too_large";
    case TransactionVerdict::negative_output:
      return "negative_output";
    case TransactionVerdict::output_too_large:
      return "output_too_large";
    case TransactionVerdict::outputs_too_large:
      return "outputs_too_large";
    case TransactionVerdict::duplicate_inputs:
      return "duplicate_inputs";
    case TransactionVerdict::bad_coinbase_length:
      return "bad_coinbase_length";
    case TransactionVerdict::null_input:
      return "null_input";
    case TransactionVerdict::missing_input:
      return "missing_input";
    case TransactionVerdict::double_spend:
      return "double_spend";
    case TransactionVerdict::immature_coinbase:
      return "immature_coinbase";
    case TransactionVerdict::input_value_range:
      return "input_value_range";
    case TransactionVerdict::outputs_exceed_inputs:
      return "outputs_exceed_inputs";
    case TransactionVerdict::not_final:
      return "not_final";
    case TransactionVerdict::relative_lock:
      return "relative_lock";
    case TransactionVerdict::bad_script:
      return "bad_script";
  }
  return "unknown";
}

std::string_view name_of(BodyVerdict verdict) {
  switch (verdict) {
    case BodyVerdict::valid:
      return "valid";
    case BodyVerdict::merkle_root_mismatch:
      return "merkle_root_mismatch";
    case BodyVerdict::mutated:
      return "mutated";
    case BodyVerdict::no_coinbase:
      return "no_coinbase";
    case BodyVerdict::wrong_height:
      return "wrong_height";
    case BodyVerdict::too_large:
      return "too_large";
    case BodyVerdict::witness_mismatch:
      return "witness_mismatch";
    case BodyVerdict::too_many_sigops:
      return "too_many_sigops";
    case BodyVerdict::no_inputs:
      return "no_inputs";
    case BodyVerdict::no_outputs:
      return "no_outputs";
    case BodyVerdict::transaction_too_large:
      return "transaction_too_large";
    case BodyVerdict::negative_output:
      return "negative_output";
    case BodyVerdict::output_too_large:
      return "output_too_large";
    case BodyVerdict::outputs_too_large:
      return "outputs_too_large";
    case BodyVerdict::duplicate_inputs:
      return "duplicate_inputs";
    case BodyVerdict::bad_coinbase_length:
      return "bad_coinbase_length";
    case BodyVerdict::null_input:
      return "null_input";
    case BodyVerdict::missing_input:
      return "missing_input";
    case BodyVerdict::double_spend:
      return "double_spend";
    case BodyVerdict::immature_coinbase:
      return "immature_coinbase";
    case BodyVerdict::input_value_range:
      return "input_value_range";
    case BodyVerdict::outputs_exceed_inputs:
      return "outputs_exceed_inputs";
    case BodyVerdict::not_final:
      return "not_final";
    case BodyVerdict::relative_lock:
      return "relative_lock";
    case BodyVerdict::bad_script:
      return "bad_script";
    case BodyVerdict::coinbase_too_rich:
      return "coinbase_too_rich";
  }
  return "unknown";
}

BodyVerdict body_verdict(TransactionVerdict verdict) {
  switch (verdict) {
    case TransactionVerdict::valid:
      return BodyVerdict::valid;
    case TransactionVerdict::no_inputs:
      return BodyVerdict::no_inputs;
    case TransactionVerdict::no_outputs:
      return BodyVerdict::no_outputs;
    case TransactionVerdict::transaction_too_large:
      return BodyVerdict::transaction_too_large;
    case TransactionVerdict::negative_output:
      return BodyVerdict::negative_output;
    case TransactionVerdict::output_too_large:
      return BodyVerdict::output_too_large;
    case TransactionVerdict::outputs_too_large:
      return BodyVerdict::outputs_too_large;
    case TransactionVerdict::duplicate_inputs:
      return BodyVerdict::duplicate_inputs;
    case TransactionVerdict::bad_coinbase_length:
      return BodyVerdict::bad_coinbase_length;
    case TransactionVerdict::null_input:
      return BodyVerdict::null_input;
    case TransactionVerdict::missing_input:
      return BodyVerdict::missing_input;
    case TransactionVerdict::double_spend:
      return BodyVerdict::double_spend;
    case TransactionVerdict::immature_coinbase:
      return BodyVerdict::immature_coinbase;
    case TransactionVerdict::input_value_range:
      return BodyVerdict::input_value_range;
    case TransactionVerdict::outputs_exceed_inputs:
      return BodyVerdict::outputs_exceed_inputs;
    case TransactionVerdict::not_final:
      return BodyVerdict::not_final;
    case TransactionVerdict::relative_lock:
      return BodyVerdict::relative_lock;
    case TransactionVerdict::bad_script:
      return BodyVerdict::bad_script;
  }
  return BodyVerdict::bad_script;
}

}  // namespace hearsay::chain
