#include "models/protocols/bitcoin/miner.hpp"

#include <algorithm>

#include "models/chain/block_assembly.hpp"
#include "sim/core/check.hpp"
#include "sim/core/fingerprint.hpp"

namespace hearsay::bitcoin {

SimTime Miner::next_block(Context& context, const chain::Work& work, const chain::Work& work_at_start) {
  if (!intervals_) intervals_ = context.stream(SeedDomain::mining, Purpose("block interval"));
  const auto hashes = [](const chain::Work& amount) {
    const auto& limbs = amount.amount.limbs;
    SIM_CHECK(limbs[3] == 0 && limbs[2] == 0 && limbs[1] == 0 && limbs[0] > 0, "blocks take fewer than 2^64 hashes");
    return chain::WideInteger{limbs[0]};
  };
  const chain::WideInteger mean = settings_.mean_interval.ns * hashes(work) / hashes(work_at_start);
  return context.now() + intervals_->exponential(Duration{static_cast<std::int64_t>(mean)});
}

void Miner::refresh(SimTime now, chain::BlockRef tip, chain::BlockTemplate transactions) {
  while (jobs_.size() > 1 && jobs_[1].starts <= now) jobs_.pop_front();
  const SimTime starts = jobs_.empty() ? now : now + settings_.job_delay;
  jobs_.push_back({now, starts, tip, std::move(transactions)});
}

chain::BlockPointer Miner::solve(const Context& context, const chain::BlockIndex& index) {
  SIM_CHECK(!jobs_.empty(), "a miner has a job before it finds a block");
  while (jobs_.size() > 1 && jobs_[1].starts <= context.now()) jobs_.pop_front();
  const Job& job = jobs_.front();
  const chain::IndexedBlock& parent = index[job.tip];
  chain::BlockPlan plan;
  plan.parent = parent.hash;
  plan.height = parent.height + 1;
  plan.unix_time = std::max(static_cast<std::uint32_t>(unix_seconds(context.now())), parent.median_time_past + 1);
  plan.bits = index.next_bits(job.tip);
  plan.tag = fingerprint(context.self().value, blocks_++);
  plan.transactions = job.transactions.transactions;
  plan.fees = job.transactions.fees;
  plan.least_stripped_bytes = static_cast<std::size_t>(settings_.block_size.bytes);
  plan.form = settings_.form;
  return chain::assemble_block(index.params(), plan);
}

}  // namespace hearsay::bitcoin
