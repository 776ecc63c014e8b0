// Scripts: the one condition that every output here is locked with, and an interpreter of the opcodes around it.
//
// The spend script is true whatever lies on the stack, after it has cleared the stack: so anyone can spend it, and
// whoever spends it may carry padding (up to kPaddingItems items), which gives transactions any size. It uses no keys.
//
// The interpreter follows Bitcoin Core script/interpreter.cpp under consensus rules (P2SH, BIP 141 version 0 programs)
// for pushes, flow control and a few stack opcodes. What needs keys, time locks or arithmetic gives the verdict
// `unsupported`, which is to be treated as invalid. Standardness is no concern of it.
//
// Invariants: pure functions; an input is judged by its own fields and the output that it spends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/chain/block.hpp"

namespace hearsay::chain {

// How an output refers to the spend script: by the SHA-256 in a witness program (BIP 141) or by its HASH160 (BIP 16).
enum class SpendForm : std::uint8_t { p2wsh, p2sh };

// How many items the spend script drops. 21 repetitions and OP_TRUE are 106 bytes: with its length and the count of
// items the witness has 108 bytes, as that of a P2WPKH input (BIP 141: 1 + 1 + 72 + 1 + 33), and as P2SH the script of
// the input has 108 bytes, about that of a P2PKH input. 105 opcodes that count, of 201 (Bitcoin Core script/script.h).
inline constexpr std::size_t kPaddingItems = 21;
// OP_DEPTH OP_0NOTEQUAL OP_IF OP_DROP OP_ENDIF, kPaddingItems times, then OP_TRUE.
[[nodiscard]] const std::vector<std::uint8_t>& spend_script();
// What an output holds to be spent with it: 34 bytes for P2WSH, 23 for P2SH.
[[nodiscard]] const std::vector<std::uint8_t>& output_script(SpendForm form);

using Hash160 = std::array<std::uint8_t, 20>;
// RIPEMD-160 of SHA-256.
[[nodiscard]] Hash160 hash160(ByteView bytes);

// Names follow ScriptError of Bitcoin Core script/script_error.h.
enum class ScriptVerdict : std::uint8_t {
  valid,
  eval_false,              // the stack ends empty or with false on top
  script_size,             // a script of more than 10,000 bytes
  push_size,               // an element of more than 520 bytes
  operation_count,         // more than 201 opcodes above OP_16
  stack_size,              // more than 1,000 elements
  truncated_push,          // the script ends within a push
  unbalanced_conditional,  // IF without ENDIF, ELSE or ENDIF without IF
  invalid_stack_operation,
  number_too_long,  // a number of more than 4 bytes
  failed_verify,
  op_return,
  disabled_opcode,
  bad_opcode,   // reserved or not defined
  unsupported,  // an opcode or program that this interpreter leaves out: keys, signatures, time locks, arithmetic
  not_push_only,
  witness_program_wrong_length,
  witness_program_empty,     // a witness program spent without a witness
  witness_program_mismatch,  // the witness script is not the one that the program names
  witness_malleated,         // a native witness program spent with a script
  witness_malleated_p2sh,    // a nested one spent with more than the push of the program
  witness_not_clean,         // a witness script that does not leave exactly one element
  witness_unexpected,        // a witness where no program asks for one
};
[[nodiscard]] std::string_view name_of(ScriptVerdict verdict);

// Whether this input may spend that output (VerifyScript).
[[nodiscard]] ScriptVerdict verify_input(const TxIn& input, const TxOut& spent);

// MAX_BLOCK_SIGOPS_COST and WITNESS_SCALE_FACTOR, Bitcoin Core consensus/consensus.h.
inline constexpr std::int64_t kMaximumBlockSigopCost = 80'000;
inline constexpr std::int64_t kWitnessScale = 4;

// How the keys of a CHECKMULTISIG are counted: always 20, or as many as the number pushed just before it says.
enum class MultisigCount : std::uint8_t { most_possible, stated };
// CScript::GetSigOpCount.
[[nodiscard]] std::int64_t sigop_count(ByteView script, MultisigCount multisig);
// Of the scripts of inputs and outputs, before any scaling: needs no coins (GetLegacySigOpCount).
[[nodiscard]] std::int64_t legacy_sigop_count(const Transaction& transaction);
// GetTransactionSigOpCost; `spent` holds the outputs that the inputs spend, in their order (none for a coinbase).
[[nodiscard]] std::int64_t sigop_cost(const Transaction& transaction, std::span<const TxOut* const> spent);

}  // namespace hearsay::chain
