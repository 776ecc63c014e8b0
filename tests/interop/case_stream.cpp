#include "tests/interop/case_stream.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>

namespace hearsay::interop {
namespace {

using chain::BlockRef;
using chain::BodyVerdict;
using chain::HeaderVerdict;

using Reasons = std::vector<std::string>;

// validation.cpp of Bitcoin Core: ContextualCheckBlockHeader, CheckBlockHeader, AcceptBlockHeader.
std::pair<std::string, Reasons> describe(HeaderVerdict verdict) {
  switch (verdict) {
    case HeaderVerdict::valid:
      return {"valid", {}};
    case HeaderVerdict::unknown_parent:
      return {"unknown_parent", {"prev-blk-not-found"}};
    case HeaderVerdict::hash_above_target:
      return {"hash_above_target", {"high-hash"}};
    case HeaderVerdict::wrong_bits:
      return {"wrong_bits", {"bad-diffbits"}};
    case HeaderVerdict::time_too_old:
      return {"time_too_old", {"time-too-old"}};
    case HeaderVerdict::bad_version:
      return {"bad_version", {"bad-version"}};
  }
  return {"?", {"?"}};
}

// validation.cpp, consensus/tx_check.cpp and consensus/tx_verify.cpp of Bitcoin Core.
Reasons reasons_of(BodyVerdict verdict) {
  switch (verdict) {
    case BodyVerdict::valid:
      return {};
    case BodyVerdict::merkle_root_mismatch:
      return {"bad-txnmrklroot"};
    case BodyVerdict::mutated:
      return {"bad-txns-duplicate"};
    case BodyVerdict::no_coinbase:
      return {"bad-cb-missing", "bad-cb-multiple"};
    case BodyVerdict::wrong_height:
      return {"bad-cb-height"};
    case BodyVerdict::too_large:
      return {"bad-blk-length", "bad-blk-weight"};
    case BodyVerdict::witness_mismatch:
      return {"bad-witness-nonce-size", "bad-witness-merkle-match", "unexpected-witness"};
    case BodyVerdict::too_many_sigops:
      return {"bad-blk-sigops"};
    case BodyVerdict::no_inputs:
      return {"bad-txns-vin-empty"};
    case BodyVerdict::no_outputs:
      return {"bad-txns-vout-empty"};
    case BodyVerdict::transaction_too_large:
      return {"bad-txns-oversize"};
    case BodyVerdict::negative_output:
      return {"bad-txns-vout-negative"};
    case BodyVerdict::output_too_large:
      return {"bad-txns-vout-toolarge"};
    case BodyVerdict::outputs_too_large:
      return {"bad-txns-txouttotal-toolarge"};
    case BodyVerdict::duplicate_inputs:
      return {"bad-txns-inputs-duplicate"};
    case BodyVerdict::bad_coinbase_length:
      return {"bad-cb-length"};
    case BodyVerdict::null_input:
      return {"bad-txns-prevout-null"};
    case BodyVerdict::missing_input:
    case BodyVerdict::double_spend:
      return {"bad-txns-inputs-missingorspent"};
    case BodyVerdict::immature_coinbase:
      return {"bad-txns-premature-spend-of-coinbase"};
    case BodyVerdict::input_value_range:
      return {"bad-txns-inputvalues-outofrange"};
    case BodyVerdict::outputs_exceed_inputs:
      return {"bad-txns-in-belowout"};
    case BodyVerdict::not_final:
    case BodyVerdict::relative_lock:
      return {"bad-txns-nonfinal"};
    case BodyVerdict::bad_script:
      return {"mandatory-script-verify-flag-failed", "non-mandatory-script-verify-flag"};
    case BodyVerdict::coinbase_too_rich:
      return {"bad-cb-amount"};
  }
  return {"?"};
}

}  // namespace

std::vector<std::uint8_t> bytes_of(const chain::Block& block) {
  std::vector<std::uint8_t> bytes;
  chain::ByteWriter writer(bytes);
  block.encode(writer, chain::WitnessForm::included);
  return bytes;
}

CaseStream::CaseStream(const JudgeProfile& profile, std::uint32_t clock)
    : profile_(profile), clock_(clock), blocks_(profile.params), ledger_(blocks_), tree_(ledger_, blocks_.genesis()) {}

Opinion CaseStream::judge(const std::vector<std::uint8_t>& bytes) {
  chain::ByteReader reader(bytes);
  const chain::BlockPointer block = chain::Block::decode(reader);
  if (block == nullptr || reader.remaining() != 0) return {"undecodable"};

  BlockRef place = chain::kNoBlock;
  const auto [header_name, header_reasons] = describe(blocks_.add(block->header(), place));
  if (header_name != "valid") return {header_name, header_reasons};
  if (chain::is_too_new(block->header(), clock_)) return {"time_too_new", {"time-too-new"}};
  if (!tree_.has_header(place)) tree_.add_header(place);
  if (tree_.has_failed(place)) return {"failed_ancestor", {"bad-prevblk"}};
  if (tree_.has_body(place)) return {"known"};

  const BodyVerdict stateless = chain::check_body(blocks_.params(), *block, blocks_[place]);
  if (stateless != BodyVerdict::valid) return {std::string(name_of(stateless)), reasons_of(stateless)};
  blocks_.set_body(place, block);
  const chain::TipChange change = tree_.add_body(place);
  if (!tree_.has_failed(place)) return {"valid"};
  const std::optional<BodyVerdict> found = ledger_.verdict(place);
  if (!found.has_value()) return {"failed_ancestor", {"bad-prevblk"}};
  return {std::string(name_of(*found)), reasons_of(*found)};
}

void CaseStream::accept(const std::string& name, const chain::Block& block, Verbosity verbosity) {
  write_block(name, bytes_of(block), {}, Meant::valid, verbosity);
}

void CaseStream::refuse(const std::string& name, const chain::Block& block, const Expected& expected) {
  refuse_bytes(name, bytes_of(block), expected);
}

void CaseStream::refuse_bytes(const std::string& name, const std::vector<std::uint8_t>& bytes,
                              const Expected& expected) {
  write_block(name, bytes, expected, Meant::invalid, Verbosity::shown);
}

void CaseStream::compare(const std::string& name, const chain::Block& block) {
  write_block(name, bytes_of(block), {}, Meant::anything, Verbosity::shown);
}

void CaseStream::refuse_in_time(const std::string& name, const chain::Block& block, const Expected& expected) {
  write_block(name, bytes_of(block), expected, Meant::invalid_later, Verbosity::shown);
}

void CaseStream::write_block(const std::string& name, const std::vector<std::uint8_t>& bytes, const Expected& expected,
                             Meant meant, Verbosity verbosity) {
  nlohmann::json test;
  test["kind"] = "block";
  test["hex"] = chain::bytes_to_hex(bytes);
  if (verbosity == Verbosity::quiet) test["quiet"] = true;
  const Opinion ours = judge(bytes);
  if (meant == Meant::invalid_later) test["tip_only"] = true;
  // A case that is not what it is meant to be proves nothing, even if everybody agrees.
  if (meant == Meant::anything) {
    // Money has another limit at Litecoin, so that a value may be too large for another reason there.
    const bool of_money = ours.verdict == "output_too_large" || ours.verdict == "outputs_too_large";
    if (!of_money || profile_.maximum_money == chain::kMaximumMoney) test["reasons"] = ours.reasons;
  } else if ((ours.verdict == "valid") != (meant == Meant::valid)) {
    test["not_as_meant"] = true;
  }
  write(std::move(test), name, ours, expected);
}

void CaseStream::transaction(const std::string& name, const chain::Transaction& transaction, const Opinion& ours,
                             const Expected& expected, std::size_t pool_size) {
  std::vector<std::uint8_t> bytes;
  chain::ByteWriter writer(bytes);
  transaction.encode(writer, chain::WitnessForm::included);
  nlohmann::json test;
  test["kind"] = "transaction";
  test["hex"] = chain::bytes_to_hex(bytes);
  test["pool_size"] = pool_size;
  write(std::move(test), name, ours, expected);
}

void CaseStream::write(nlohmann::json test, const std::string& name, const Opinion& ours, const Expected& expected) {
  test["name"] = name;
  test["ours"] = ours.verdict;
  test["tip"] = to_hex(blocks_[tip()].hash);
  if (!expected.core.empty()) test["reason"]["core"] = expected.core;
  if (expected.litecoind) test["reason"]["litecoind"] = *expected.litecoind;
  if (expected.bcoin) test["reason"]["bcoin"] = *expected.bcoin;
  if (!expected.skip.empty()) test["skip"] = expected.skip;
  const bool other_reason = !expected.core.empty() && !ours.reasons.empty() &&
                            std::find(ours.reasons.begin(), ours.reasons.end(), expected.core) == ours.reasons.end();
  if (other_reason) test["other_reason"] = ours.reasons;
  lines_.push_back(test.dump());
}

void CaseStream::print() const {
  nlohmann::json head;
  head["profile"] = profile_.name;
  head["genesis"] = to_hex(profile_.params.genesis->hash());
  head["clock"] = clock_;
  head["cases"] = lines_.size();
  std::puts(head.dump().c_str());
  for (const std::string& line : lines_) std::puts(line.c_str());
}

}  // namespace hearsay::interop
