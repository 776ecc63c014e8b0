// Scripts: the spend script under everything it may find on the stack, each rule of the interpreter, and the counts of
// signature operations.
#include <catch2/catch.hpp>
#include <string_view>
#include <vector>

#include "models/chain/opcodes.hpp"
#include "models/chain/script.hpp"

using namespace hearsay::chain;
namespace op = hearsay::chain::opcode;

namespace {

using Bytes = std::vector<std::uint8_t>;

ByteView text(std::string_view letters) {
  return {reinterpret_cast<const std::uint8_t*>(letters.data()), letters.size()};
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Bytes push(const Bytes& element) {
  Bytes script;
  if (element.size() > 255) {
    script = {op::kPushData2, static_cast<std::uint8_t>(element.size() & 0xff),
              static_cast<std::uint8_t>(element.size() >> 8)};
  } else if (element.size() > 75) {
    script = {op::kPushData1, static_cast<std::uint8_t>(element.size())};
  } else {
    script = {static_cast<std::uint8_t>(element.size())};
  }
  return joined({script, element});
}

// A script judged by itself, as a plain output that is spent by an empty input.
ScriptVerdict run(const Bytes& script) {
  return verify_input({}, {1, script});
}
ScriptVerdict spend(const Bytes& script, const Bytes& output, std::vector<Bytes> witness = {}) {
  TxIn input;
  input.script = script;
  input.witness = std::move(witness);
  return verify_input(input, {1, output});
}

Bytes p2wsh(const Bytes& script) {
  const Hash256 hash = sha256(script);
  return joined({{0, 32}, Bytes(hash.bytes.begin(), hash.bytes.end())});
}
Bytes p2sh(const Bytes& redeem) {
  const Hash160 hash = hash160(redeem);
  return joined({{op::kHash160, 20}, Bytes(hash.begin(), hash.end()), {op::kEqual}});
}

Bytes repeated(std::uint8_t code, std::size_t times) {
  return Bytes(times, code);
}

}  // namespace

TEST_CASE("HASH160 gives published values") {
  // RIPEMD-160 of the SHA-256 of the generator point as a compressed key: the address
  // 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH.
  const auto key = bytes_from_hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  CHECK(bytes_to_hex(hash160(*key)) == "751e76e8199196d454941c45d1b3a323f1433bd6");
  CHECK(bytes_to_hex(hash160(text(""))) == "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb");
}

TEST_CASE("the spend script has the size of a P2WPKH witness and stays within the limits of scripts") {
  CHECK(spend_script().size() == 106);
  CHECK(output_script(SpendForm::p2wsh).size() == 34);
  CHECK(output_script(SpendForm::p2sh).size() == 23);
  CHECK(output_script(SpendForm::p2wsh) == p2wsh(spend_script()));
  CHECK(output_script(SpendForm::p2sh) == p2sh(spend_script()));
}

TEST_CASE("the spend script clears up to 21 items of any value and no more") {
  for (std::size_t items = 0; items <= 25; ++items) {
    for (const Bytes& item : {Bytes{}, Bytes{1}, Bytes(80, 0), Bytes(520, 0xff)}) {
      const bool clears = items <= kPaddingItems;
      std::vector<Bytes> witness(items, item);
      witness.push_back(spend_script());
      CHECK(spend({}, output_script(SpendForm::p2wsh), witness) ==
            (clears ? ScriptVerdict::valid : ScriptVerdict::witness_not_clean));
      // P2SH asks only for true on top.
      Bytes script;
      for (std::size_t i = 0; i < items; ++i) script = joined({script, push(item)});
      CHECK(spend(joined({script, push(spend_script())}), output_script(SpendForm::p2sh)) ==
            (script.size() > 9'800 ? ScriptVerdict::script_size : ScriptVerdict::valid));
    }
  }
}

TEST_CASE("a witness program is spent by its own script, an empty input script and a witness") {
  const Bytes yes = {op::kOne};
  const Bytes output = p2wsh(yes);
  CHECK(spend({}, output, {yes}) == ScriptVerdict::valid);
  CHECK(spend({}, output, {}) == ScriptVerdict::witness_program_empty);
  CHECK(spend({}, output, {{op::kOne, op::kNop}}) == ScriptVerdict::witness_program_mismatch);
  CHECK(spend({op::kOne}, output, {yes}) == ScriptVerdict::witness_malleated);
  CHECK(spend({}, output, {{1}, yes}) == ScriptVerdict::witness_not_clean);
  CHECK(spend({}, p2wsh({op::kZero}), {{op::kZero}}) == ScriptVerdict::eval_false);
  CHECK(spend({}, p2wsh({op::kDrop, op::kOne}), {Bytes(520, 1), {op::kDrop, op::kOne}}) == ScriptVerdict::valid);
  CHECK(spend({}, p2wsh({op::kDrop, op::kOne}), {Bytes(521, 1), {op::kDrop, op::kOne}}) == ScriptVerdict::push_size);
  // The witness script itself may be longer than an element.
  const Bytes padded = joined({push(Bytes(500, 1)), {op::kDrop}, push(Bytes(500, 1)), {op::kDrop, op::kOne}});
  CHECK(spend({}, p2wsh(padded), {padded}) == ScriptVerdict::valid);
  const Bytes long_script = joined({repeated(op::kOne, 10'001)});
  CHECK(spend({}, p2wsh(long_script), {long_script}) == ScriptVerdict::script_size);
}

TEST_CASE("other witness programs are of no use, of keys, or anyone's") {
  CHECK(spend({}, joined({{0, 31}, Bytes(31, 1)})) == ScriptVerdict::witness_program_wrong_length);
  CHECK(spend({}, joined({{0, 20}, Bytes(20, 1)}), {{1}, {2}}) == ScriptVerdict::unsupported);
  CHECK(spend({}, joined({{0, 20}, Bytes(20, 1)}), {{1}}) == ScriptVerdict::witness_program_mismatch);
  CHECK(spend({}, joined({{op::kOne, 32}, Bytes(32, 1)})) == ScriptVerdict::unsupported);
  CHECK(spend({}, joined({{op::kOne, 31}, Bytes(31, 1)})) == ScriptVerdict::valid);
  CHECK(spend({}, joined({{op::kSixteen, 2}, Bytes(2, 1)}), {{1}}) == ScriptVerdict::valid);
  // No program: a push that is not direct, or of 41 bytes.
  CHECK(spend({}, joined({{0, op::kPushData1, 32}, Bytes(32, 1)}), {{1}}) == ScriptVerdict::witness_unexpected);
  CHECK(spend({}, joined({{0, 41}, Bytes(41, 1)})) == ScriptVerdict::valid);
}

TEST_CASE("a script hash is spent by pushes that end with its script") {
  const Bytes redeem = {op::kDrop, op::kOne};
  const Bytes output = p2sh(redeem);
  CHECK(spend(joined({push({7}), push(redeem)}), output) == ScriptVerdict::valid);
  CHECK(spend(push(redeem), output) == ScriptVerdict::invalid_stack_operation);
  CHECK(spend(push({1}), output) == ScriptVerdict::eval_false);
  CHECK(spend({}, output) == ScriptVerdict::invalid_stack_operation);
  CHECK(spend(joined({push({7}), {op::kNop}, push(redeem)}), output) == ScriptVerdict::not_push_only);
  CHECK(spend(push({op::kZero}), p2sh({op::kZero})) == ScriptVerdict::eval_false);
  CHECK(spend(push({op::kReturn}), p2sh({op::kReturn})) == ScriptVerdict::op_return);
  CHECK(spend(joined({push({7}), push(redeem)}), output, {{1}}) == ScriptVerdict::witness_unexpected);
  const Bytes large = joined({push(Bytes(515, 1)), {op::kDrop, op::kOne}});
  REQUIRE(large.size() == 520);
  CHECK(spend(push(large), p2sh(large)) == ScriptVerdict::valid);
  const Bytes too_large = joined({push(Bytes(516, 1)), {op::kDrop, op::kOne}});
  CHECK(spend(push(too_large), p2sh(too_large)) == ScriptVerdict::push_size);
}

TEST_CASE("a witness program may lie in a script hash, spent by its push alone") {
  const Bytes yes = {op::kOne};
  const Bytes program = p2wsh(yes);
  CHECK(spend(push(program), p2sh(program), {yes}) == ScriptVerdict::valid);
  CHECK(spend(push(program), p2sh(program), {}) == ScriptVerdict::witness_program_empty);
  CHECK(spend(joined({{op::kOne}, push(program)}), p2sh(program), {yes}) == ScriptVerdict::witness_malleated_p2sh);
  const Bytes taproot = joined({{op::kOne, 32}, Bytes(32, 1)});
  CHECK(spend(push(taproot), p2sh(taproot)) == ScriptVerdict::valid);
}

TEST_CASE("a plain output is spent without a witness, by any script that leaves true") {
  CHECK(run({op::kOne}) == ScriptVerdict::valid);
  CHECK(run({}) == ScriptVerdict::eval_false);
  CHECK(run({op::kZero}) == ScriptVerdict::eval_false);
  CHECK(run(push({0x80})) == ScriptVerdict::eval_false);        // negative zero
  CHECK(run(push({0, 0, 0x80})) == ScriptVerdict::eval_false);  // of any length
  CHECK(run(push({0x80, 0})) == ScriptVerdict::valid);
  CHECK(run({op::kMinusOne}) == ScriptVerdict::valid);
  CHECK(run({op::kOne, op::kOne}) == ScriptVerdict::valid);
  CHECK(spend({op::kOne}, {}) == ScriptVerdict::valid);
  CHECK(spend({op::kReturn}, {op::kOne}) == ScriptVerdict::op_return);
  CHECK(spend({}, {op::kOne}, {{1}}) == ScriptVerdict::witness_unexpected);
}

TEST_CASE("conditionals choose, nest and must balance") {
  CHECK(run({op::kOne, op::kIf, op::kOne, op::kElse, op::kZero, op::kEndIf}) == ScriptVerdict::valid);
  CHECK(run({op::kZero, op::kIf, op::kZero, op::kElse, op::kOne, op::kEndIf}) == ScriptVerdict::valid);
  CHECK(run({op::kZero, op::kNotIf, op::kOne, op::kElse, op::kZero, op::kEndIf}) == ScriptVerdict::valid);
  // An inner conditional of a skipped branch takes nothing from the stack and turns nothing on.
  CHECK(run({op::kOne, op::kZero, op::kIf, op::kIf, op::kReturn, op::kElse, op::kReturn, op::kEndIf, op::kReturn,
             op::kEndIf}) == ScriptVerdict::valid);
  CHECK(run({op::kZero, op::kIf, op::kOne, op::kIf, op::kReturn, op::kEndIf, op::kElse, op::kOne, op::kEndIf}) ==
        ScriptVerdict::valid);
  // Each ELSE turns it over.
  CHECK(run({op::kOne, op::kIf, op::kElse, op::kReturn, op::kElse, op::kOne, op::kEndIf}) == ScriptVerdict::valid);
  CHECK(run({op::kOne, op::kIf, op::kOne}) == ScriptVerdict::unbalanced_conditional);
  CHECK(run({op::kOne, op::kElse}) == ScriptVerdict::unbalanced_conditional);
  CHECK(run({op::kOne, op::kEndIf}) == ScriptVerdict::unbalanced_conditional);
  CHECK(run({op::kIf, op::kOne, op::kEndIf}) == ScriptVerdict::unbalanced_conditional);
  // Scripts of input and output balance each by itself.
  CHECK(spend({op::kOne, op::kOne, op::kIf}, {op::kEndIf}) == ScriptVerdict::unbalanced_conditional);
}

TEST_CASE("the opcodes that are known do what they are for") {
  CHECK(run({op::kDepth, op::kZero, op::kEqual}) == ScriptVerdict::valid);
  CHECK(run({op::kOne, op::kOne, op::kDepth, 0x52, op::kEqual}) == ScriptVerdict::valid);
  CHECK(run({op::kOne, op::kDup, op::kEqual}) == ScriptVerdict::valid);
  CHECK(run({op::kOne, op::kZero, op::kEqual}) == ScriptVerdict::eval_false);
  CHECK(run({op::kOne, op::kZero, op::kEqualVerify}) == ScriptVerdict::failed_verify);
  CHECK(run({op::kOne, op::kOne, op::kOne, op::kEqualVerify}) == ScriptVerdict::valid);
  CHECK(run({op::kZero, op::kVerify}) == ScriptVerdict::failed_verify);
  CHECK(run({op::kOne, op::kOne, op::kVerify}) == ScriptVerdict::valid);
  CHECK(run({op::kOne, op::kNop, 0xb0, 0xb3, 0xb9}) == ScriptVerdict::valid);
  CHECK(run({op::kReturn}) == ScriptVerdict::op_return);
  CHECK(run(joined({push({5, 0}), {op::kZeroNotEqual, op::kOne, op::kEqual}})) == ScriptVerdict::valid);
  CHECK(run(joined({push({0x80}), {op::kZeroNotEqual, op::kZero, op::kEqual}})) == ScriptVerdict::valid);
  CHECK(run(joined({push({1, 2, 3, 4, 5}), {op::kZeroNotEqual}})) == ScriptVerdict::number_too_long);
  CHECK(run(joined({push({1, 2, 3, 4}), {op::kZeroNotEqual}})) == ScriptVerdict::valid);
  for (const std::uint8_t code : {op::kDrop, op::kDup, op::kVerify, op::kEqual, op::kZeroNotEqual, op::kHash160})
    CHECK(run({code}) == ScriptVerdict::invalid_stack_operation);
  CHECK(run({op::kOne, op::kEqual}) == ScriptVerdict::invalid_stack_operation);
  const Hash256 once = sha256(text("abc"));
  const Hash256 twice = double_sha256(text("abc"));
  CHECK(
      run(joined({push({'a', 'b', 'c'}), {op::kSha256}, push({once.bytes.begin(), once.bytes.end()}), {op::kEqual}})) ==
      ScriptVerdict::valid);
  CHECK(run(joined(
            {push({'a', 'b', 'c'}), {op::kHash256}, push({twice.bytes.begin(), twice.bytes.end()}), {op::kEqual}})) ==
        ScriptVerdict::valid);
  // Depths of one byte, of two, and with the sign bit free.
  for (const std::size_t depth : {1u, 127u, 128u, 255u, 256u, 997u}) {
    const Bytes expected = depth < 128
                               ? Bytes{static_cast<std::uint8_t>(depth)}
                               : Bytes{static_cast<std::uint8_t>(depth & 0xff), static_cast<std::uint8_t>(depth >> 8)};
    CAPTURE(depth);
    CHECK(run(joined({repeated(op::kOne, depth), {op::kDepth}, push(expected), {op::kEqual}})) == ScriptVerdict::valid);
  }
}

TEST_CASE("opcodes without a meaning fail where they are executed, disabled ones wherever they stand") {
  const auto skipped = [](std::uint8_t code) { return run({op::kOne, op::kZero, op::kIf, code, op::kEndIf}); };
  for (const std::uint8_t code :
       {op::kReserved, op::kVer, op::kReserved1, op::kReserved2, std::uint8_t{0xba}, std::uint8_t{0xff}}) {
    CHECK(run({op::kOne, code}) == ScriptVerdict::bad_opcode);
    CHECK(skipped(code) == ScriptVerdict::valid);
  }
  for (const std::uint8_t code : {op::kVerIf, op::kVerNotIf}) {
    CHECK(run({op::kOne, code}) == ScriptVerdict::bad_opcode);
    CHECK(skipped(code) == ScriptVerdict::bad_opcode);
  }
  // CAT SUBSTR LEFT RIGHT INVERT AND OR XOR 2MUL 2DIV MUL DIV MOD LSHIFT RSHIFT
  for (const int code : {0x7e, 0x7f, 0x80, 0x81, 0x83, 0x84, 0x85, 0x86, 0x8d, 0x8e, 0x95, 0x96, 0x97, 0x98, 0x99}) {
    CHECK(run({op::kOne, static_cast<std::uint8_t>(code)}) == ScriptVerdict::disabled_opcode);
    CHECK(skipped(static_cast<std::uint8_t>(code)) == ScriptVerdict::disabled_opcode);
  }
}

TEST_CASE("keys, signatures, time locks and arithmetic are unsupported where they are executed") {
  for (const int code : {0xac, 0xad, 0xae, 0xaf, 0xb1, 0xb2, 0x93, 0x87 - 5 /* SIZE */, 0x6d, 0xab, 0xa6}) {
    const auto opcode = static_cast<std::uint8_t>(code);
    CHECK(run({op::kOne, op::kOne, opcode}) == ScriptVerdict::unsupported);
    CHECK(run({op::kOne, op::kZero, op::kIf, opcode, op::kEndIf}) == ScriptVerdict::valid);
  }
}

TEST_CASE("scripts, elements, stacks and opcodes have limits") {
  CHECK(run(joined({{op::kOne}, push(Bytes(520, 1))})) == ScriptVerdict::valid);
  CHECK(run(joined({{op::kOne}, push(Bytes(521, 1))})) == ScriptVerdict::push_size);
  CHECK(run(joined({{op::kOne, op::kZero, op::kIf}, push(Bytes(521, 1)), {op::kEndIf}})) == ScriptVerdict::push_size);
  CHECK(run(repeated(op::kOne, 1'000)) == ScriptVerdict::valid);
  CHECK(run(repeated(op::kOne, 1'001)) == ScriptVerdict::stack_size);
  CHECK(run(joined({repeated(op::kOne, 1'000), {op::kDepth}})) == ScriptVerdict::stack_size);
  CHECK(run(joined({{op::kOne}, repeated(op::kNop, 201)})) == ScriptVerdict::valid);
  CHECK(run(joined({{op::kOne}, repeated(op::kNop, 202)})) == ScriptVerdict::operation_count);
  CHECK(run(joined({{op::kOne, op::kZero, op::kIf}, repeated(op::kNop, 200), {op::kEndIf}})) ==
        ScriptVerdict::operation_count);
  // Pushes in the way of an element on top keep the stack small.
  Bytes exact;
  while (exact.size() < 10'000 - 500) exact = joined({exact, push(Bytes(490, 1)), {op::kDrop}});
  exact = joined({exact, push(Bytes(10'000 - exact.size() - 3, 1)), {op::kOne}});
  REQUIRE(exact.size() == 10'000);
  CHECK(run(exact) == ScriptVerdict::valid);
  exact.push_back(op::kOne);
  CHECK(run(exact) == ScriptVerdict::script_size);
}

TEST_CASE("a push that leaves the script fails, whatever the form of its length") {
  for (const Bytes& script : {Bytes{2, 1}, Bytes{op::kPushData1}, Bytes{op::kPushData1, 2, 1}, Bytes{op::kPushData2, 1},
                              Bytes{op::kPushData2, 1, 0}, Bytes{op::kPushData4, 1, 0, 0},
                              Bytes{op::kPushData4, 1, 0, 0, 0}, Bytes{op::kPushData4, 0xff, 0xff, 0xff, 0xff, 1}})
    CHECK(run(joined({{op::kOne}, script})) == ScriptVerdict::truncated_push);
  CHECK(run({op::kPushData4, 1, 0, 0, 0, 7}) == ScriptVerdict::valid);
}

TEST_CASE("signature operations are counted as Bitcoin Core counts them") {
  // sigopcount_tests.cpp: GetSigOpCount.
  const Bytes key(20, 0);
  const Bytes one_of_two = joined({{op::kOne}, push(key), push(key), {0x52, op::kCheckMultisig}});
  CHECK(sigop_count({}, MultisigCount::stated) == 0);
  CHECK(sigop_count(one_of_two, MultisigCount::stated) == 2);
  CHECK(sigop_count(one_of_two, MultisigCount::most_possible) == 20);
  const Bytes conditional = joined({one_of_two, {op::kIf, op::kCheckSig, op::kEndIf}});
  CHECK(sigop_count(conditional, MultisigCount::stated) == 3);
  CHECK(sigop_count(conditional, MultisigCount::most_possible) == 21);
  CHECK(sigop_count(Bytes{op::kCheckSigVerify, op::kCheckMultisigVerify}, MultisigCount::stated) == 21);
  // What comes before a push that leaves the script counts.
  CHECK(sigop_count(Bytes{op::kCheckSig, 5, op::kCheckSig}, MultisigCount::stated) == 1);
}

TEST_CASE("the cost of signature operations is that of Bitcoin Core, form by form") {
  // sigopcount_tests.cpp: GetTxSigOpCost.
  const Bytes key(33, 2);
  const Bytes multisig = joined({{op::kOne}, push(key), push(key), {0x52, op::kCheckMultisigVerify}});
  const auto cost = [](const Bytes& output, const Bytes& script, std::vector<Bytes> witness) {
    TxIn input;
    input.previous = {Hash256{{1}}, 0};
    input.script = script;
    input.witness = std::move(witness);
    const Transaction transaction(1, {input}, {{1, {op::kCheckSig}}}, 0);
    const TxOut spent{1, output};
    const TxOut* coins[] = {&spent};
    return sigop_cost(transaction, coins) - 4;  // of its own output
  };
  CHECK(cost(multisig, {0, 0}, {}) == 0);
  CHECK(cost(multisig, multisig, {}) == 80);
  CHECK(cost(p2sh(multisig), joined({{0, 0}, push(multisig)}), {}) == 8);
  CHECK(cost(p2sh(multisig), joined({{op::kNop}, push(multisig)}), {}) == 0);  // not push only
  CHECK(cost(p2sh(multisig), {op::kOne}, {}) == 0);
  const Bytes key_program = joined({{0, 20}, Bytes(20, 3)});
  CHECK(cost(key_program, {}, {{}, {}}) == 1);
  CHECK(cost(p2sh(key_program), push(key_program), {{}, {}}) == 1);
  CHECK(cost(joined({{op::kOne, 20}, Bytes(20, 3)}), {}, {{}, {}}) == 0);
  CHECK(cost(p2wsh(multisig), {}, {{}, {}, multisig}) == 2);
  CHECK(cost(p2wsh(multisig), {}, {}) == 0);
  CHECK(cost(p2sh(p2wsh(multisig)), push(p2wsh(multisig)), {{}, {}, multisig}) == 2);
}
