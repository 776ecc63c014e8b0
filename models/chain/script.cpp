#include "models/chain/script.hpp"

#include <cryptopp/ripemd.h>

#include <algorithm>
#include <forward_list>
#include <optional>

#include "models/chain/opcodes.hpp"

namespace hearsay::chain {
namespace {

// Bitcoin Core script/script.h.
constexpr std::size_t kMaximumElementBytes = 520;
constexpr int kMaximumOperations = 201;
constexpr std::size_t kMaximumScriptBytes = 10'000;
constexpr std::size_t kMaximumStackItems = 1'000;
constexpr std::size_t kMaximumNumberBytes = 4;

// Elements are views: into the scripts, the witness, the table of small numbers, or what a hash opcode made.
using Stack = std::vector<ByteView>;

// CScriptNum of 0 to 16 is one byte at most; DEPTH gives up to 1,000, two bytes. OP_1NEGATE is the last.
constexpr std::size_t kSmallNumbers = kMaximumStackItems + 1;
constexpr auto kNumberBytes = [] {
  std::array<std::array<std::uint8_t, 2>, kSmallNumbers> table{};
  for (std::size_t n = 0; n < kSmallNumbers; ++n)
    table[n] = {static_cast<std::uint8_t>(n & 0xFF), static_cast<std::uint8_t>(n >> 8)};
  return table;
}();
constexpr std::array<std::uint8_t, 1> kMinusOneBytes = {0x81};

// A non-negative number, least significant byte first; the top bit is the sign.
ByteView number(std::size_t n) {
  const std::size_t bytes = n == 0 ? 0 : n < 0x80 ? 1 : 2;
  return ByteView(kNumberBytes[n]).first(bytes);
}

// CastToBool: false are zeros of any length, also negative ones.
bool is_true(ByteView element) {
  for (std::size_t i = 0; i < element.size(); ++i)
    if (element[i] != 0) return i + 1 != element.size() || element[i] != 0x80;
  return false;
}

// One script on one stack (EvalScript).
class Evaluation {
 public:
  Evaluation(Stack& stack, std::forward_list<Hash256>& made) : stack_(stack), made_(made) {}

  ScriptVerdict run(ByteView script) {
    if (script.size() > kMaximumScriptBytes) return ScriptVerdict::script_size;
    opcode::Cutter cutter(script);
    int operations = 0;
    while (cutter.next()) {
      const std::uint8_t code = cutter.code();
      if (cutter.pushed().size() > kMaximumElementBytes) return ScriptVerdict::push_size;
      if (code > opcode::kSixteen && ++operations > kMaximumOperations) return ScriptVerdict::operation_count;
      if (opcode::is_disabled(code)) return ScriptVerdict::disabled_opcode;
      const bool executed = skipped_from_ == 0;
      if (executed && code <= opcode::kPushData4) {
        stack_.push_back(cutter.pushed());
      } else if (executed || (code >= opcode::kIf && code <= opcode::kEndIf)) {
        const ScriptVerdict verdict = code >= opcode::kIf && code <= opcode::kEndIf ? flow(code) : step(code);
        if (verdict != ScriptVerdict::valid) return verdict;
      }
      if (stack_.size() > kMaximumStackItems) return ScriptVerdict::stack_size;
    }
    if (cutter.truncated()) return ScriptVerdict::truncated_push;
    return depth_ == 0 ? ScriptVerdict::valid : ScriptVerdict::unbalanced_conditional;
  }

 private:
  // Conditionals are counted where they are skipped, too. Of nested ones it is enough to know the outermost that is
  // skipped: what is inside it cannot turn execution on again.
  ScriptVerdict flow(std::uint8_t code) {
    if (code == opcode::kVerIf || code == opcode::kVerNotIf) return ScriptVerdict::bad_opcode;
    if (code == opcode::kIf || code == opcode::kNotIf) {
      bool taken = false;
      if (skipped_from_ == 0) {
        if (stack_.empty()) return ScriptVerdict::unbalanced_conditional;
        taken = is_true(stack_.back()) == (code == opcode::kIf);
        stack_.pop_back();
      }
      ++depth_;
      if (skipped_from_ == 0 && !taken) skipped_from_ = depth_;
      return ScriptVerdict::valid;
    }
    if (depth_ == 0) return ScriptVerdict::unbalanced_conditional;
    if (code == opcode::kElse) {
      if (skipped_from_ == 0) {
        skipped_from_ = depth_;
      } else if (skipped_from_ == depth_) {
        skipped_from_ = 0;
      }
    } else {  // ENDIF
      if (skipped_from_ == depth_) skipped_from_ = 0;
      --depth_;
    }
    return ScriptVerdict::valid;
  }

  ScriptVerdict step(std::uint8_t code) {
    if (code >= opcode::kOne && code <= opcode::kSixteen) {
      stack_.push_back(number(static_cast<std::size_t>(code - opcode::kOne + 1)));
      return ScriptVerdict::valid;
    }
    switch (code) {
      case opcode::kMinusOne:
        stack_.push_back(kMinusOneBytes);
        return ScriptVerdict::valid;
      case opcode::kReturn:
        return ScriptVerdict::op_return;
      case opcode::kDepth:
        stack_.push_back(number(stack_.size()));
        return ScriptVerdict::valid;
      case opcode::kEqual:
      case opcode::kEqualVerify:
        return equal(code);
      case opcode::kVerify:
      case opcode::kDrop:
      case opcode::kDup:
      case opcode::kZeroNotEqual:
      case opcode::kSha256:
      case opcode::kHash160:
      case opcode::kHash256:
        return on_top(code);
      default:
        break;
    }
    if (opcode::is_undefined(code)) return ScriptVerdict::bad_opcode;
    const bool nop = code == opcode::kNop || (code >= opcode::kNop1 && code != opcode::kCheckLockTimeVerify &&
                                              code != opcode::kCheckSequenceVerify);
    return nop ? ScriptVerdict::valid : ScriptVerdict::unsupported;
  }

  ScriptVerdict equal(std::uint8_t code) {
    if (stack_.size() < 2) return ScriptVerdict::invalid_stack_operation;
    const ByteView b = stack_.back();
    stack_.pop_back();
    ByteView& a = stack_.back();
    a = number(std::equal(a.begin(), a.end(), b.begin(), b.end()) ? 1 : 0);
    return code == opcode::kEqual ? ScriptVerdict::valid : on_top(opcode::kVerify);
  }

  ScriptVerdict on_top(std::uint8_t code) {
    if (stack_.empty()) return ScriptVerdict::invalid_stack_operation;
    ByteView& top = stack_.back();
    switch (code) {
      case opcode::kVerify:
        if (!is_true(top)) return ScriptVerdict::failed_verify;
        stack_.pop_back();
        break;
      case opcode::kDrop:
        stack_.pop_back();
        break;
      case opcode::kDup:
        stack_.push_back(ByteView(top));
        break;
      case opcode::kZeroNotEqual:
        if (top.size() > kMaximumNumberBytes) return ScriptVerdict::number_too_long;
        top = number(is_true(top) ? 1 : 0);
        break;
      case opcode::kSha256:
        top = made_.emplace_front(sha256(top)).bytes;
        break;
      case opcode::kHash256:
        top = made_.emplace_front(double_sha256(top)).bytes;
        break;
      default: {  // HASH160
        const Hash160 hash = hash160(top);
        Hash256& room = made_.emplace_front();
        std::copy(hash.begin(), hash.end(), room.bytes.begin());
        top = ByteView(room.bytes).first(hash.size());
        break;
      }
    }
    return ScriptVerdict::valid;
  }

  Stack& stack_;
  std::forward_list<Hash256>& made_;
  int depth_ = 0;         // conditionals open
  int skipped_from_ = 0;  // depth of the outermost conditional that is skipped now; 0 = none
};

// BIP 141: a version, then one push of 2 to 40 bytes that is the rest of the script.
struct WitnessProgram {
  int version = 0;
  ByteView program;
};
std::optional<WitnessProgram> witness_program(ByteView script) {
  if (script.size() < 4 || script.size() > 42 || std::size_t{script[1]} + 2 != script.size()) return std::nullopt;
  if (script[0] != opcode::kZero && (script[0] < opcode::kOne || script[0] > opcode::kSixteen)) return std::nullopt;
  return WitnessProgram{script[0] == opcode::kZero ? 0 : script[0] - opcode::kOne + 1, script.subspan(2)};
}

bool is_p2sh(ByteView script) {
  return script.size() == 23 && script[0] == opcode::kHash160 && script[1] == 20 && script[22] == opcode::kEqual;
}

bool is_push_only(ByteView script) {
  opcode::Cutter cutter(script);
  while (cutter.next())
    if (cutter.code() > opcode::kSixteen) return false;
  return !cutter.truncated();
}

// The last element that a script of pushes leaves; empty if there is none.
ByteView last_push(ByteView script) {
  ByteView last;
  opcode::Cutter cutter(script);
  while (cutter.next()) last = cutter.pushed();
  return last;
}

enum class Nesting : std::uint8_t { native, in_p2sh };

// VerifyWitnessProgram.
ScriptVerdict verify_program(const WitnessProgram& program, const std::vector<std::vector<std::uint8_t>>& witness,
                             Nesting nesting, std::forward_list<Hash256>& made) {
  if (program.version != 0) {
    // Taproot (BIP 341) is all signatures; later versions are anyone's to spend.
    const bool taproot = program.version == 1 && program.program.size() == 32 && nesting == Nesting::native;
    return taproot ? ScriptVerdict::unsupported : ScriptVerdict::valid;
  }
  if (program.program.size() == 20)
    return witness.size() == 2 ? ScriptVerdict::unsupported : ScriptVerdict::witness_program_mismatch;
  if (program.program.size() != 32) return ScriptVerdict::witness_program_wrong_length;
  if (witness.empty()) return ScriptVerdict::witness_program_empty;
  const Hash256 hash = sha256(witness.back());
  if (!std::equal(hash.bytes.begin(), hash.bytes.end(), program.program.begin()))
    return ScriptVerdict::witness_program_mismatch;
  Stack stack(witness.begin(), witness.end() - 1);
  if (std::any_of(stack.begin(), stack.end(), [](ByteView item) { return item.size() > kMaximumElementBytes; }))
    return ScriptVerdict::push_size;
  const ScriptVerdict verdict = Evaluation(stack, made).run(witness.back());
  if (verdict != ScriptVerdict::valid) return verdict;
  if (stack.size() != 1) return ScriptVerdict::witness_not_clean;
  return is_true(stack.back()) ? ScriptVerdict::valid : ScriptVerdict::eval_false;
}

bool ends_true(const Stack& stack) {
  return !stack.empty() && is_true(stack.back());
}

std::int64_t witness_sigops(const WitnessProgram& program, const std::vector<std::vector<std::uint8_t>>& witness) {
  if (program.version != 0) return 0;
  if (program.program.size() == 20) return 1;
  return program.program.size() == 32 && !witness.empty() ? sigop_count(witness.back(), MultisigCount::stated) : 0;
}

}  // namespace

const std::vector<std::uint8_t>& spend_script() {
  static const std::vector<std::uint8_t> script = [] {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < kPaddingItems; ++i)
      bytes.insert(bytes.end(), {opcode::kDepth, opcode::kZeroNotEqual, opcode::kIf, opcode::kDrop, opcode::kEndIf});
    bytes.push_back(opcode::kOne);
    return bytes;
  }();
  return script;
}

const std::vector<std::uint8_t>& output_script(SpendForm form) {
  static const std::vector<std::uint8_t> p2wsh = [] {
    std::vector<std::uint8_t> bytes = {opcode::kZero, 32};
    const Hash256 hash = sha256(spend_script());
    bytes.insert(bytes.end(), hash.bytes.begin(), hash.bytes.end());
    return bytes;
  }();
  static const std::vector<std::uint8_t> p2sh = [] {
    std::vector<std::uint8_t> bytes = {opcode::kHash160, 20};
    const Hash160 hash = hash160(spend_script());
    bytes.insert(bytes.end(), hash.begin(), hash.end());
    bytes.push_back(opcode::kEqual);
    return bytes;
  }();
  return form == SpendForm::p2wsh ? p2wsh : p2sh;
}

Hash160 hash160(ByteView bytes) {
  const Hash256 inner = sha256(bytes);
  Hash160 hash{};
  CryptoPP::RIPEMD160 hasher;
  hasher.Update(inner.bytes.data(), inner.bytes.size());
  hasher.Final(hash.data());
  return hash;
}

ScriptVerdict verify_input(const TxIn& input, const TxOut& spent) {
  std::forward_list<Hash256> made;
  Stack stack;
  ScriptVerdict verdict = Evaluation(stack, made).run(input.script);
  if (verdict != ScriptVerdict::valid) return verdict;
  const Stack pushed = is_p2sh(spent.script) ? stack : Stack{};
  verdict = Evaluation(stack, made).run(spent.script);
  if (verdict != ScriptVerdict::valid) return verdict;
  if (!ends_true(stack)) return ScriptVerdict::eval_false;

  if (const auto program = witness_program(spent.script)) {
    if (!input.script.empty()) return ScriptVerdict::witness_malleated;
    return verify_program(*program, input.witness, Nesting::native, made);
  }
  if (is_p2sh(spent.script)) {
    if (!is_push_only(input.script)) return ScriptVerdict::not_push_only;
    stack = pushed;  // not empty, or HASH160 would have failed
    const ByteView redeem = stack.back();
    stack.pop_back();
    verdict = Evaluation(stack, made).run(redeem);
    if (verdict != ScriptVerdict::valid) return verdict;
    if (!ends_true(stack)) return ScriptVerdict::eval_false;
    if (const auto program = witness_program(redeem)) {
      // One direct push: its length, then the program.
      if (input.script.size() != redeem.size() + 1) return ScriptVerdict::witness_malleated_p2sh;
      return verify_program(*program, input.witness, Nesting::in_p2sh, made);
    }
  }
  return input.witness.empty() ? ScriptVerdict::valid : ScriptVerdict::witness_unexpected;
}

std::int64_t sigop_count(ByteView script, MultisigCount multisig) {
  constexpr std::int64_t kMostKeys = 20;  // MAX_PUBKEYS_PER_MULTISIG, Bitcoin Core script/script.h
  std::int64_t count = 0;
  std::uint8_t before = 0xff;
  opcode::Cutter cutter(script);
  while (cutter.next()) {
    const std::uint8_t code = cutter.code();
    if (code == opcode::kCheckSig || code == opcode::kCheckSigVerify) {
      ++count;
    } else if (code == opcode::kCheckMultisig || code == opcode::kCheckMultisigVerify) {
      const bool stated = multisig == MultisigCount::stated && before >= opcode::kOne && before <= opcode::kSixteen;
      count += stated ? before - opcode::kOne + 1 : kMostKeys;
    }
    before = code;
  }
  return count;
}

std::int64_t legacy_sigop_count(const Transaction& transaction) {
  std::int64_t count = 0;
  for (const TxIn& input : transaction.inputs()) count += sigop_count(input.script, MultisigCount::most_possible);
  for (const TxOut& output : transaction.outputs()) count += sigop_count(output.script, MultisigCount::most_possible);
  return count;
}

std::int64_t sigop_cost(const Transaction& transaction, std::span<const TxOut* const> spent) {
  std::int64_t cost = kWitnessScale * legacy_sigop_count(transaction);
  if (transaction.is_coinbase()) return cost;
  for (std::size_t i = 0; i < spent.size(); ++i) {
    const TxIn& input = transaction.inputs()[i];
    const ByteView script = spent[i]->script;
    if (const auto program = witness_program(script)) {
      cost += witness_sigops(*program, input.witness);
    } else if (is_p2sh(script) && is_push_only(input.script)) {
      const ByteView redeem = last_push(input.script);
      cost += kWitnessScale * sigop_count(redeem, MultisigCount::stated);
      if (const auto nested = witness_program(redeem)) cost += witness_sigops(*nested, input.witness);
    }
  }
  return cost;
}

}  // namespace hearsay::chain
