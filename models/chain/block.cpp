#include "models/chain/block.hpp"

#include <algorithm>

#include "sim/core/check.hpp"

namespace hearsay::chain {
namespace {

constexpr std::size_t kOutPointBytes = 36;
// The shortest encodings: they bound how many items a message of a given length can hold.
constexpr std::size_t kMinimumInputBytes = kOutPointBytes + 1 + 4;
constexpr std::size_t kMinimumOutputBytes = 8 + 1;
constexpr std::size_t kMinimumTransactionBytes = 4 + 1 + 1 + 4;
// BIP 144: where a transaction without witness has its number of inputs, zero (the marker) and then the flag.
constexpr std::uint8_t kWitnessMarker = 0x00;
constexpr std::uint8_t kWitnessFlag = 0x01;

std::size_t var_bytes_length(std::size_t n) {
  return compact_size_bytes(n) + n;
}

std::vector<std::uint8_t> copy_of(ByteView view) {
  return {view.begin(), view.end()};
}

void encode_body(ByteWriter& writer, const std::vector<TxIn>& inputs, const std::vector<TxOut>& outputs) {
  writer.compact_size(inputs.size());
  for (const TxIn& input : inputs) {
    writer.hash(input.previous.txid);
    writer.u32(input.previous.index);
    writer.var_bytes(input.script);
    writer.u32(input.sequence);
  }
  writer.compact_size(outputs.size());
  for (const TxOut& output : outputs) {
    writer.i64(output.value);
    writer.var_bytes(output.script);
  }
}

std::vector<TxIn> decode_inputs(ByteReader& reader) {
  std::vector<TxIn> inputs(reader.item_count(kMinimumInputBytes));
  for (TxIn& input : inputs) {
    input.previous.txid = reader.hash();
    input.previous.index = reader.u32();
    input.script = copy_of(reader.var_bytes());
    input.sequence = reader.u32();
    if (!reader.ok()) break;
  }
  return inputs;
}

std::vector<TxOut> decode_outputs(ByteReader& reader) {
  std::vector<TxOut> outputs(reader.item_count(kMinimumOutputBytes));
  for (TxOut& output : outputs) {
    output.value = reader.i64();
    output.script = copy_of(reader.var_bytes());
    if (!reader.ok()) break;
  }
  return outputs;
}

// A witness in which every stack is empty would give one transaction two encodings; it is refused ("Superfluous
// witness record", Bitcoin Core primitives/transaction.h).
void decode_witnesses(ByteReader& reader, std::vector<TxIn>& inputs) {
  bool any = false;
  for (TxIn& input : inputs) {
    input.witness.resize(reader.item_count(1));
    for (std::vector<std::uint8_t>& item : input.witness) {
      item = copy_of(reader.var_bytes());
      if (!reader.ok()) return;
    }
    any = any || !input.witness.empty();
  }
  if (!any) reader.fail();
}

}  // namespace

std::array<std::uint8_t, BlockHeader::kBytes> BlockHeader::encode() const {
  std::array<std::uint8_t, kBytes> bytes;
  const auto put_u32 = [&bytes](std::size_t offset, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i) bytes[offset + i] = static_cast<std::uint8_t>(value >> (8 * i) & 0xFF);
  };
  put_u32(0, static_cast<std::uint32_t>(version));
  std::copy(parent.bytes.begin(), parent.bytes.end(), bytes.begin() + 4);
  std::copy(merkle_root.bytes.begin(), merkle_root.bytes.end(), bytes.begin() + 36);
  put_u32(68, unix_time);
  put_u32(72, bits);
  put_u32(76, nonce);
  return bytes;
}

BlockHeader BlockHeader::decode(ByteReader& reader) {
  BlockHeader header;
  header.version = reader.i32();
  header.parent = reader.hash();
  header.merkle_root = reader.hash();
  header.unix_time = reader.u32();
  header.bits = reader.u32();
  header.nonce = reader.u32();
  return header;
}

Hash256 BlockHeader::hash() const {
  return double_sha256(encode());
}

Transaction::Transaction(Unhashed, std::int32_t version, std::vector<TxIn> inputs, std::vector<TxOut> outputs,
                         std::uint32_t lock_time)
    : version_(version), inputs_(std::move(inputs)), outputs_(std::move(outputs)), lock_time_(lock_time) {
  measure();
}

Transaction::Transaction(std::int32_t version, std::vector<TxIn> inputs, std::vector<TxOut> outputs,
                         std::uint32_t lock_time)
    : Transaction(Unhashed{}, version, std::move(inputs), std::move(outputs), lock_time) {
  SIM_CHECK(!inputs_.empty() || outputs_.empty(), "a transaction with outputs has inputs");
  std::vector<std::uint8_t> bytes;
  bytes.reserve(total_bytes_);
  ByteWriter writer(bytes);
  encode(writer, WitnessForm::stripped);
  txid_ = double_sha256(bytes);
  wtxid_ = txid_;
  if (has_witness()) {
    bytes.clear();
    encode(writer, WitnessForm::included);
    wtxid_ = double_sha256(bytes);
  }
}

void Transaction::measure() {
  std::size_t stripped = 4 + compact_size_bytes(inputs_.size()) + compact_size_bytes(outputs_.size()) + 4;
  std::size_t witness = 2;  // marker and flag
  bool any = false;
  for (const TxIn& input : inputs_) {
    stripped += kOutPointBytes + var_bytes_length(input.script.size()) + 4;
    witness += compact_size_bytes(input.witness.size());
    for (const std::vector<std::uint8_t>& item : input.witness) witness += var_bytes_length(item.size());
    any = any || !input.witness.empty();
  }
  for (const TxOut& output : outputs_) stripped += 8 + var_bytes_length(output.script.size());
  stripped_bytes_ = stripped;
  total_bytes_ = any ? stripped + witness : stripped;
}

std::shared_ptr<const Transaction> Transaction::decode(ByteReader& reader) {
  const std::size_t begin = reader.position();
  const std::int32_t version = reader.i32();
  std::size_t body_begin = reader.position();
  std::vector<TxIn> inputs = decode_inputs(reader);
  std::vector<TxOut> outputs;
  std::size_t body_end = 0;
  if (inputs.empty()) {
    // Either a marker and a flag, or neither inputs nor outputs.
    const std::uint8_t flag = reader.u8();
    if (flag != 0) {
      if (flag != kWitnessFlag) reader.fail();
      body_begin = reader.position();
      inputs = decode_inputs(reader);
      outputs = decode_outputs(reader);
      body_end = reader.position();
      decode_witnesses(reader, inputs);
    }
  } else {
    outputs = decode_outputs(reader);
  }
  const std::size_t lock_time_begin = reader.position();
  const std::uint32_t lock_time = reader.u32();
  if (!reader.ok()) return nullptr;

  // make_shared cannot reach the private constructor.
  std::shared_ptr<Transaction> made(
      new Transaction(Unhashed{}, version, std::move(inputs), std::move(outputs), lock_time));
  const ByteView whole = reader.between(begin, reader.position());
  made->wtxid_ = double_sha256(whole);
  made->txid_ = made->wtxid_;
  if (made->has_witness()) {
    made->txid_ = double_sha256_of_parts(
        {whole.first(4), reader.between(body_begin, body_end), reader.between(lock_time_begin, reader.position())});
  }
  return made;
}

void Transaction::encode(ByteWriter& writer, WitnessForm form) const {
  const bool with_witness = form == WitnessForm::included && has_witness();
  writer.i32(version_);
  if (with_witness) {
    writer.u8(kWitnessMarker);
    writer.u8(kWitnessFlag);
  }
  encode_body(writer, inputs_, outputs_);
  if (with_witness) {
    for (const TxIn& input : inputs_) {
      writer.compact_size(input.witness.size());
      for (const std::vector<std::uint8_t>& item : input.witness) writer.var_bytes(item);
    }
  }
  writer.u32(lock_time_);
}

Block::Block(const BlockHeader& header, std::vector<TransactionPointer> transactions)
    : header_(header), transactions_(std::move(transactions)), hash_(header.hash()) {
  const std::size_t frame_bytes = BlockHeader::kBytes + compact_size_bytes(transactions_.size());
  stripped_bytes_ = frame_bytes;
  total_bytes_ = frame_bytes;
  std::vector<std::uint8_t> identities;
  identities.reserve(32 * (1 + transactions_.size()));
  ByteWriter writer(identities);
  writer.hash(hash_);
  for (const TransactionPointer& transaction : transactions_) {
    SIM_CHECK(transaction != nullptr, "every transaction of a block is there");
    stripped_bytes_ += transaction->stripped_bytes();
    total_bytes_ += transaction->total_bytes();
    writer.hash(transaction->wtxid());
  }
  content_fingerprint_ = fingerprint64(identities, 0);
}

BlockPointer Block::decode(ByteReader& reader) {
  const BlockHeader header = BlockHeader::decode(reader);
  const std::size_t count = reader.item_count(kMinimumTransactionBytes);
  std::vector<TransactionPointer> transactions;
  transactions.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    transactions.push_back(Transaction::decode(reader));
    if (!reader.ok()) return nullptr;
  }
  if (!reader.ok()) return nullptr;
  return std::make_shared<const Block>(header, std::move(transactions));
}

void Block::encode(ByteWriter& writer, WitnessForm form) const {
  writer.bytes(header_.encode());
  writer.compact_size(transactions_.size());
  for (const TransactionPointer& transaction : transactions_) transaction->encode(writer, form);
}

TransactionPointer without_witness(const TransactionPointer& transaction) {
  if (!transaction->has_witness()) return transaction;
  std::vector<TxIn> inputs = transaction->inputs();
  for (TxIn& input : inputs) input.witness.clear();
  return std::make_shared<const Transaction>(transaction->version(), std::move(inputs), transaction->outputs(),
                                             transaction->lock_time());
}

BlockPointer without_witness(const BlockPointer& block) {
  if (!block->has_witness()) return block;
  std::vector<TransactionPointer> stripped;
  stripped.reserve(block->transactions().size());
  for (const TransactionPointer& transaction : block->transactions()) stripped.push_back(without_witness(transaction));
  return std::make_shared<const Block>(block->header(), std::move(stripped));
}

MerkleRoot merkle_root(std::vector<Hash256> leaves) {
  if (leaves.empty()) return {};
  bool mutated = false;
  while (leaves.size() > 1) {
    const std::size_t parents = (leaves.size() + 1) / 2;
    for (std::size_t i = 0; i < parents; ++i) {
      const bool alone = 2 * i + 1 == leaves.size();
      const Hash256& left = leaves[2 * i];
      const Hash256& right = alone ? left : leaves[2 * i + 1];
      mutated = mutated || (!alone && left == right);
      leaves[i] = double_sha256(left.bytes, right.bytes);
    }
    leaves.resize(parents);
  }
  return {leaves.front(), mutated};
}

MerkleRoot merkle_root(const Block& block) {
  std::vector<Hash256> leaves;
  leaves.reserve(block.transactions().size());
  for (const TransactionPointer& transaction : block.transactions()) leaves.push_back(transaction->txid());
  return merkle_root(std::move(leaves));
}

MerkleRoot witness_merkle_root(const Block& block) {
  std::vector<Hash256> leaves;
  leaves.reserve(block.transactions().size());
  for (const TransactionPointer& transaction : block.transactions()) {
    leaves.push_back(leaves.empty() ? Hash256{} : transaction->wtxid());
  }
  return merkle_root(std::move(leaves));
}

Hash256 witness_commitment(const Hash256& witness_root, ByteView reserved_value) {
  return double_sha256(witness_root.bytes, reserved_value);
}

std::optional<Hash256> find_witness_commitment(const Block& block) {
  // OP_RETURN, a push of 36 bytes, and the tag of BIP 141; the commitment follows. Longer scripts count too.
  constexpr std::array<std::uint8_t, 6> kTag = {0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed};
  if (block.transactions().empty()) return std::nullopt;
  const std::vector<TxOut>& outputs = block.transactions().front()->outputs();
  for (auto output = outputs.rbegin(); output != outputs.rend(); ++output) {
    if (output->script.size() < kTag.size() + 32 || !std::equal(kTag.begin(), kTag.end(), output->script.begin())) {
      continue;
    }
    Hash256 commitment;
    std::copy_n(output->script.begin() + kTag.size(), 32, commitment.bytes.begin());
    return commitment;
  }
  return std::nullopt;
}

}  // namespace hearsay::chain
