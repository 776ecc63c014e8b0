#include "models/protocols/bitcoin/transaction_source.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay::bitcoin {

TransactionSource::TransactionSource(TransactionSourceSettings settings)
    : settings_(std::move(settings)), coins_(settings_.coins.begin(), settings_.coins.end()) {}

void TransactionSource::start(Context& context) {
  if (!times_) times_ = context.stream(SeedDomain::workload, Purpose("transaction interval"));
  if (!contents_) contents_ = context.stream(SeedDomain::workload, Purpose("transaction contents"));
}

SimTime TransactionSource::next(const Context& context) {
  const SimTime time = context.now() + times_->exponential(settings_.mean_interval);
  return time < settings_.until ? time : SimTime::max();
}

std::int64_t TransactionSource::draw_fee_rate() {
  std::int64_t doublings = 0;
  while (settings_.least_fee_rate << (doublings + 1) <= settings_.most_fee_rate) ++doublings;
  const std::int64_t low = settings_.least_fee_rate << contents_->below(static_cast<std::uint64_t>(doublings) + 1);
  const std::int64_t high = std::min(2 * low, settings_.most_fee_rate + 1);
  return low +
         static_cast<std::int64_t>(contents_->below(static_cast<std::uint64_t>(std::max<std::int64_t>(high - low, 1))));
}

chain::TransactionPointer TransactionSource::make() {
  SIM_CHECK(reserved_.empty(), "a sender makes one transaction at a time");
  const std::size_t inputs = coins_.size() > settings_.coins.size() ? 2 : 1;
  if (coins_.size() < inputs) return nullptr;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    reserved_.push_back(coins_.front());
    value += coins_.front().value;
    coins_.pop_front();
  }
  chain::SpendPlan plan;
  plan.fundings = reserved_;
  plan.form = settings_.form;
  const auto thousandths = static_cast<std::uint64_t>(settings_.mean_millibytes % 1000);
  plan.total_bytes =
      static_cast<std::size_t>(settings_.mean_millibytes / 1000) + (contents_->below(1000) < thousandths ? 1U : 0U);
  plan.output_values = {value / 2, value - value / 2};
  // The fee is taken once the size is known, which the values do not change.
  const std::size_t bytes = chain::make_spend(plan)->virtual_bytes();
  const std::int64_t fee = std::min(value / 2, (draw_fee_rate() * static_cast<std::int64_t>(bytes) + 999) / 1000);
  const auto payment = static_cast<std::int64_t>(contents_->below(static_cast<std::uint64_t>(value - fee) / 2 + 1));
  plan.output_values = {(value - fee) / 4 + payment, value - fee - ((value - fee) / 4 + payment)};
  return chain::make_spend(plan);
}

void TransactionSource::accepted(const chain::Transaction& transaction) {
  reserved_.clear();
  for (std::uint32_t i = 0; i < transaction.outputs().size(); ++i)
    coins_.push_back({{transaction.txid(), i}, transaction.outputs()[i].value, settings_.form});
}

void TransactionSource::refused() {
  coins_.insert(coins_.end(), reserved_.begin(), reserved_.end());
  reserved_.clear();
}

}  // namespace hearsay::bitcoin
