// Blocks that spend outputs with scripts of many kinds: a list of those where a rule holds or fails, and random ones.
// What our interpreter leaves out (keys, time locks, arithmetic, BIP 341) no judge is asked about.
#include <algorithm>
#include <string>
#include <vector>

#include "models/chain/script.hpp"
#include "tests/interop/random_script.hpp"
#include "tests/interop/world.hpp"

namespace hearsay::interop {

using chain::Funding;
using chain::ScriptVerdict;
using chain::SpendForm;

namespace {

using Items = std::vector<Bytes>;

struct Lock {
  std::string name;
  Bytes output;      // the locking script
  Bytes input = {};  // the script of the input
  Items witness = {};
};

Bytes p2sh(const Bytes& redeem) {
  Bytes script = {0xa9, 20};
  const chain::Hash160 hash = chain::hash160(redeem);
  script.insert(script.end(), hash.begin(), hash.end());
  script.push_back(0x87);
  return script;
}

Bytes p2wsh(const Bytes& witness_script) {
  Bytes script = {0x00, 32};
  const chain::Hash256 hash = chain::sha256(witness_script);
  script.insert(script.end(), hash.bytes.begin(), hash.bytes.end());
  return script;
}

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Three ways to the same script.
std::vector<Lock> in_all_forms(const std::string& name, const Items& items, const Bytes& script) {
  Bytes pushes;
  for (const Bytes& item : items) pushes = joined({pushes, push(item)});
  Items witness = items;
  witness.push_back(script);
  return {{name + ", bare", script, pushes},
          {name + ", P2SH", p2sh(script), joined({pushes, push(script)})},
          {name + ", P2WSH", p2wsh(script), {}, witness},
          {name + ", P2WSH in P2SH", p2sh(p2wsh(script)), push(p2wsh(script)), witness}};
}

// 0x51 is true; what the other codes mean is said beside them.
std::vector<Lock> chosen_locks() {
  const Bytes yes = {0x51};
  const Bytes no = {0x00};
  const Bytes& spend = chain::spend_script();
  const Bytes program = chain::output_script(SpendForm::p2wsh);
  std::vector<Lock> locks = {
      {"true", yes},
      {"nothing at all", {}},
      {"true in the input's script", {}, yes},
      {"a witness where none is wanted", yes, {}, {{0x01}}},
      {"a witness on a P2SH spend", chain::output_script(SpendForm::p2sh), push(spend), {{0x01}}},
      {"P2SH with an opcode in the input's script", p2sh(yes), joined({{0x61}, push(yes)})},
      {"P2SH with another script", p2sh(yes), push({0x52})},
      {"P2SH without a script", p2sh(yes)},
      {"P2SH with more on the stack", p2sh(yes), joined({no, no, push(yes)})},
      {"a script of the input that ends in a push", yes, {0x4c}},
      {"a script of the input that opens a conditional for the output", {0x51, 0x68}, {0x51, 0x63}},
      {"a witness program without a witness", program},
      {"a witness program with a script in the input", program, no, {spend}},
      {"a witness program with another script", program, {}, {yes}},
      {"a witness program with an empty script", program, {}, {{}}},
      {"a witness program in P2SH with more than its push", p2sh(program), joined({no, push(program)}), {spend}},
      {"a witness program in P2SH pushed the long way", p2sh(program), joined({{0x4c, 34}, program}), {spend}},
      {"a witness program in P2SH without a witness", p2sh(program), push(program)},
      {"a program of version 0 of 31 bytes", joined({{0x00, 31}, Bytes(31, 1)}), {}, {yes}},
      {"a program of version 0 of 2 bytes", {0x00, 0x02, 1, 1}, {}, {yes}},
      {"a program of version 2", joined({{0x52, 32}, Bytes(32, 1)}), {}, {yes}},
      {"a program of version 16 with a script in the input", {0x60, 0x02, 1, 1}, yes},
      {"what is almost a program: 41 bytes", joined({{0x00, 41}, Bytes(41, 1)})},
      {"what is almost a program: a long push", {0x00, 0x4c, 0x02, 1, 1}},
  };
  const auto add = [&locks](const std::vector<Lock>& more) { locks.insert(locks.end(), more.begin(), more.end()); };
  add(in_all_forms("the spend script with 21 items", Items(21, Bytes{7}), spend));
  add(in_all_forms("the spend script with 22 items", Items(22, Bytes{7}), spend));
  add(in_all_forms("false", {}, no));
  add(in_all_forms("two elements left", {}, {0x51, 0x51}));
  add(in_all_forms("negative zero", {}, {0x01, 0x80}));
  add(in_all_forms("an item of 520 bytes", {Bytes(520, 1)}, {0x75, 0x51}));
  add(in_all_forms("an item of 521 bytes", {Bytes(521, 1)}, {0x75, 0x51}));
  add(in_all_forms("a push of 521 bytes that is skipped", {},
                   joined({{0x00, 0x63}, push(Bytes(521, 1)), {0x68, 0x51}})));
  add(in_all_forms("201 operations", {}, joined({Bytes(201, 0x61), yes})));
  add(in_all_forms("202 operations", {}, joined({Bytes(202, 0x61), yes})));
  add(in_all_forms("a disabled opcode that is skipped", {}, {0x00, 0x63, 0x7e, 0x68, 0x51}));
  add(in_all_forms("a reserved opcode that is skipped", {}, {0x00, 0x63, 0x50, 0x68, 0x51}));
  add(in_all_forms("VERIF that is skipped", {}, {0x00, 0x63, 0x65, 0x68, 0x51}));
  add(in_all_forms("RETURN that is skipped", {}, {0x00, 0x63, 0x6a, 0x68, 0x51}));
  add(in_all_forms("RETURN", {}, {0x51, 0x6a}));
  add(in_all_forms("an opcode that does not exist", {}, {0x51, 0xba}));
  add(in_all_forms("IF without ENDIF", {}, {0x51, 0x51, 0x63}));
  add(in_all_forms("ENDIF without IF", {}, {0x51, 0x68}));
  add(in_all_forms("ELSE twice", {}, {0x00, 0x63, 0x67, 0x51, 0x67, 0x6a, 0x68}));
  add(in_all_forms("IF on an empty stack", {}, {0x63, 0x68, 0x51}));
  add(in_all_forms("IF on a long truth (MINIMALIF is no consensus)", {Bytes{2, 3}}, {0x63, 0x51, 0x67, 0x00, 0x68}));
  add(in_all_forms("a number of five bytes", {Bytes{1, 0, 0, 0, 0}}, {0x92}));
  add(in_all_forms("a number of four bytes", {Bytes{1, 0, 0, 0}}, {0x92}));
  add(in_all_forms("an equality", {Bytes{1, 2}, Bytes{1, 2}}, {0x87}));
  add(in_all_forms("an inequality", {Bytes{1, 2}, Bytes{1, 2, 0}}, {0x87}));
  add(in_all_forms("a push that leaves the script", {}, {0x51, 0x05, 1, 2}));
  add(in_all_forms("a checked signature that is skipped", {}, {0x00, 0x63, 0xac, 0xae, 0x68, 0x51}));
  Bytes thousand;  // elements, then they are dropped but one
  thousand.insert(thousand.end(), 1'000, 0x51);
  locks.push_back({"1,000 elements", thousand});
  thousand.push_back(0x51);
  locks.push_back({"1,001 elements", thousand});
  locks.push_back({"a script of 10,000 bytes", joined({{0x51}, Bytes(9'999, 0x00)})});
  locks.push_back({"a script of 10,001 bytes", joined({{0x51}, Bytes(10'000, 0x00)})});
  Bytes long_script = {0x51};
  for (int i = 0; i < 18; ++i) long_script = joined({long_script, push(Bytes(520, 1)), {0x75}});
  locks.push_back({"a witness script of 9,433 bytes", p2wsh(long_script), {}, {long_script}});
  while (long_script.size() <= 10'000) long_script = joined({long_script, push(Bytes(520, 1)), {0x75}});
  locks.push_back({"a witness script of more than 10,000 bytes", p2wsh(long_script), {}, {long_script}});
  return locks;
}

// Judges do not even keep coins that nobody can spend (CScript::IsUnspendable); we do, and refuse the spend.
bool is_kept(const Bytes& output) {
  return output.size() <= 10'000 && (output.empty() || output[0] != 0x6a);
}

constexpr std::int64_t kLockedValue = 40'000;

// Pays to all locks, in one block.
std::vector<chain::OutPoint> fund(World& world, const std::vector<Lock>& locks) {
  const Funding coin = world.take();
  TransactionDraft payment(*world.spend({coin}).transaction);
  payment.outputs.clear();
  for (const Lock& lock : locks) payment.outputs.push_back({kLockedValue, lock.output});
  const chain::TransactionPointer made = payment.make();
  world.extend("outputs with " + std::to_string(locks.size()) + " scripts",
               {{made, coin.value - kLockedValue * static_cast<std::int64_t>(locks.size()), {}}});
  std::vector<chain::OutPoint> points;
  for (std::uint32_t i = 0; i < locks.size(); ++i) points.push_back({made->txid(), i});
  return points;
}

void unlock(World& world, const std::vector<Lock>& locks) {
  const std::vector<chain::OutPoint> points = fund(world, locks);
  std::vector<Spend> valid;
  std::string names;
  for (std::size_t i = 0; i < locks.size(); ++i) {
    TransactionDraft draft = world.raw_spend(points[i], kLockedValue);
    draft.inputs[0].script = locks[i].input;
    draft.inputs[0].witness = locks[i].witness;
    const ScriptVerdict verdict = chain::verify_input(draft.inputs[0], {kLockedValue, locks[i].output});
    if (verdict == ScriptVerdict::unsupported) continue;
    if (verdict == ScriptVerdict::valid) {
      world.extend("script: " + locks[i].name, {{draft.make(), kFee, {}}});
    } else {
      world.cases().refuse("script: " + locks[i].name + " (" + std::string(name_of(verdict)) + ")",
                           *world.draft({draft.make()}).seal(world.work()),
                           {.core = is_kept(locks[i].output) ? "mandatory-script-verify-flag-failed" : ""});
    }
  }
}

// Signature operations of coins count when they are spent.
void tell_sigops_of_coins(World& world) {
  // 0 IF, 190 CHECKMULTISIG at 20 each, ENDIF, true: 3,800 operations; of P2SH each costs four.
  const Bytes script = joined({{0x00, 0x63}, Bytes(190, 0xae), {0x68, 0x51}});
  std::vector<Lock> locks;
  for (int i = 0; i < 6; ++i) locks.push_back({"", p2sh(script), push(script)});
  for (int i = 0; i < 6; ++i) locks.push_back({"", p2wsh(script), {}, {script}});
  const std::vector<chain::OutPoint> points = fund(world, locks);
  TransactionDraft draft;
  const auto add = [&](std::size_t i) {
    draft.inputs.push_back({points[i], locks[i].input, 0xFFFFFFFF, locks[i].witness});
  };
  draft.outputs.push_back({kLockedValue, chain::output_script(SpendForm::p2wsh)});
  for (const std::size_t i : {0, 1, 2, 3, 4, 6}) add(i);  // 5 * 15,200 + 3,800 = 79,800
  draft.outputs.push_back({0, Bytes(50, 0xac)});          // 50 * 4 = 200
  TransactionDraft over = draft;
  over.outputs.push_back({0, {0xac}});
  world.cases().refuse("a cost of 80,004 in signature operations, most of them of coins",
                       *world.draft({over.make()}).seal(world.work()), {.core = "bad-blk-sigops"});
  over = draft;
  over.inputs.push_back({points[7], {}, 0xFFFFFFFF, locks[7].witness});
  world.cases().refuse("a cost of 83,800 in signature operations, some in a witness",
                       *world.draft({over.make()}).seal(world.work()), {.core = "bad-blk-sigops"});
  world.extend("a cost of exactly 80,000 in signature operations, most of them of coins", {{draft.make(), 0, {}}});
}

}  // namespace

void tell_scripts(World& world, std::uint64_t seed) {
  unlock(world, chosen_locks());
  tell_sigops_of_coins(world);
  std::vector<Lock> random;
  RandomScripts source(seed);
  for (int i = 0; i < 100; ++i) {
    const Items items = source.items();
    for (const Lock& lock : in_all_forms("random " + std::to_string(i), items, source.script())) random.push_back(lock);
  }
  unlock(world, random);
}

}  // namespace hearsay::interop
