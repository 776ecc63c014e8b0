// The part of a Bitcoin node that pays for validating: what it has to do, and what of it was done before.
#include "models/protocols/bitcoin/bitcoin_node.hpp"

namespace hearsay::bitcoin {

// Bitcoin Core remembers which transactions have passed their scripts, by wtxid (script execution cache): those that it
// has, or once had, in its mempool. Elements of that cache are erased lazily, so they outlive a block and its return.
bool BitcoinNode::has_validated(const chain::Transaction& transaction) const {
  const chain::TxRef place = protocol_.transactions().find(transaction.wtxid());
  if (place != chain::kNoTx && transactions_->mempool.contains(place)) return true;
  return transactions_->validated.contains(chain::short_id64(transaction.wtxid()));
}

void BitcoinNode::note_validated(const chain::Transaction& transaction) {
  if (!thread_.cost().tells_transactions_apart()) return;
  transactions_->note_validated(chain::short_id64(transaction.wtxid()));
}

BlockContent BitcoinNode::content_of(const chain::Block& block) const {
  const bool all_alike = !thread_.cost().tells_transactions_apart();
  return thread_.cost().content_of(
      block, [&](const chain::Transaction& transaction) { return all_alike || has_validated(transaction); });
}

void BitcoinNode::spend_on_disconnecting(Context& context, const chain::TipChange& change) {
  if (thread_.cost().is_off()) return;
  for (const chain::BlockRef block : change.disconnected) {
    const chain::Block& body = *index()[block].body;
    spend(context, Work::blocks, thread_.cost().of_disconnecting(content_of(body)));
    for (const chain::TransactionPointer& transaction : body.transactions())
      if (!transaction->is_coinbase()) note_validated(*transaction);
  }
  // Bitcoin Core connects only what would be the best chain, and stops at the first block that does not connect.
  for (const chain::BlockRef block : change.failed) {
    const bool best = index()[block].chain_work > index()[tree_.tip()].chain_work;
    if (best && tree_.has_body(block)) return spend_on_connecting(context, block);
  }
}

void BitcoinNode::spend_on_connecting(Context& context, chain::BlockRef block) {
  if (thread_.cost().is_off()) return;
  spend(context, Work::blocks, thread_.cost().of_connecting(content_of(*index()[block].body)));
}

void BitcoinNode::spend_on_acceptance(Context& context, chain::TxRef transaction, chain::MempoolVerdict verdict) {
  if (!thread_.cost().tells_transactions_apart()) return;
  const chain::Transaction& body = *protocol_.transactions().transaction(transaction);
  const bool checked = transactions_->validated.contains(chain::short_id64(body.wtxid()));
  spend(context, Work::transactions,
        thread_.cost().of_acceptance(stage_of(verdict), body.inputs().size(),
                                     checked ? Scripts::cached : Scripts::unchecked));
  if (verdict == chain::MempoolVerdict::mempool_full) note_validated(body);
}

void BitcoinNode::spend_on_returning(Context& context, const chain::HeldTransactions& returned) {
  if (!thread_.cost().tells_transactions_apart()) return;
  for (const chain::TxRef transaction : returned)
    spend(context, Work::transactions,
          thread_.cost().of_acceptance(AcceptanceStage::scripts,
                                       protocol_.transactions().transaction(transaction)->inputs().size(),
                                       Scripts::cached));
}

void BitcoinNode::spend_on_template(Context& context, const chain::BlockTemplate& made) {
  if (!thread_.cost().tells_transactions_apart()) return;
  std::int64_t inputs = 0;
  for (const chain::TransactionPointer& transaction : made.transactions)
    inputs += static_cast<std::int64_t>(transaction->inputs().size());
  spend(context, Work::blocks, thread_.cost().of_template(static_cast<std::int64_t>(made.transactions.size()), inputs));
}

void BitcoinNode::send_block(Context& context, ConnectionSlot slot, const chain::BlockPointer& body) {
  spend(context, Work::blocks, thread_.cost().of_sending_block());
  send(context, slot, BlockMessage{body});
}

}  // namespace hearsay::bitcoin
