// Block headers, transactions and blocks: their fields, their bytes and what follows from the bytes alone (hashes,
// sizes, Merkle roots). Whether they are valid is decided elsewhere; malformed bytes give nothing, never an exception.
//
// Invariants: transactions and blocks never change once made, so they are shared by pointer among mempools, block
// trees and messages. Hashes and sizes are computed once, when they are made. Decoding is strict: bytes that decode are
// exactly the bytes that encoding gives back.
//
// Layouts: Bitcoin Core primitives/block.h and primitives/transaction.h; witness form: BIP 141 and BIP 144.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/chain/hash256.hpp"
#include "models/chain/serialize.hpp"

namespace hearsay::chain {

struct BlockHeader {
  static constexpr std::size_t kBytes = 80;

  std::int32_t version = 0;
  Hash256 parent;
  Hash256 merkle_root;
  std::uint32_t unix_time = 0;
  std::uint32_t bits = 0;  // compact target
  std::uint32_t nonce = 0;

  bool operator==(const BlockHeader&) const = default;

  std::array<std::uint8_t, kBytes> encode() const;
  static BlockHeader decode(ByteReader& reader);
  // Hashes at every call; a Block knows its own.
  Hash256 hash() const;
};

struct OutPoint {
  static constexpr std::uint32_t kNoIndex = 0xFFFFFFFF;

  Hash256 txid;
  std::uint32_t index = kNoIndex;

  auto operator<=>(const OutPoint&) const = default;
  // The input of a coinbase spends nothing.
  bool is_null() const { return index == kNoIndex && txid.is_zero(); }
};

struct TxIn {
  OutPoint previous;
  std::vector<std::uint8_t> script;
  std::uint32_t sequence = 0xFFFFFFFF;
  std::vector<std::vector<std::uint8_t>> witness = {};

  bool operator==(const TxIn&) const = default;
};

struct TxOut {
  std::int64_t value = 0;  // satoshis
  std::vector<std::uint8_t> script;

  bool operator==(const TxOut&) const = default;
};

enum class WitnessForm : std::uint8_t { stripped, included };

class Transaction {
 public:
  // Without inputs there may be no outputs either: the bytes would read as the marker of a witness.
  Transaction(std::int32_t version, std::vector<TxIn> inputs, std::vector<TxOut> outputs, std::uint32_t lock_time);
  // Null, and the reader failed, if the bytes are no transaction.
  static std::shared_ptr<const Transaction> decode(ByteReader& reader);
  // Appends; without any witness both forms are the same bytes.
  void encode(ByteWriter& writer, WitnessForm form) const;

  std::int32_t version() const { return version_; }
  const std::vector<TxIn>& inputs() const { return inputs_; }
  const std::vector<TxOut>& outputs() const { return outputs_; }
  std::uint32_t lock_time() const { return lock_time_; }

  bool is_coinbase() const { return inputs_.size() == 1 && inputs_[0].previous.is_null(); }
  bool has_witness() const { return total_bytes_ != stripped_bytes_; }
  const Hash256& txid() const { return txid_; }
  const Hash256& wtxid() const { return wtxid_; }
  std::size_t stripped_bytes() const { return stripped_bytes_; }
  std::size_t total_bytes() const { return total_bytes_; }
  // BIP 141: weight units and virtual bytes.
  std::size_t weight() const { return 3 * stripped_bytes_ + total_bytes_; }
  std::size_t virtual_bytes() const { return (weight() + 3) / 4; }

 private:
  struct Unhashed {};  // for decode, which hashes the bytes that it has
  Transaction(Unhashed, std::int32_t version, std::vector<TxIn> inputs, std::vector<TxOut> outputs,
              std::uint32_t lock_time);
  void measure();

  std::int32_t version_;
  std::vector<TxIn> inputs_;
  std::vector<TxOut> outputs_;
  std::uint32_t lock_time_;
  Hash256 txid_;
  Hash256 wtxid_;
  std::size_t stripped_bytes_ = 0;
  std::size_t total_bytes_ = 0;
};

using TransactionPointer = std::shared_ptr<const Transaction>;

class Block {
 public:
  Block(const BlockHeader& header, std::vector<TransactionPointer> transactions);
  // Null, and the reader failed, if the bytes are no block.
  static std::shared_ptr<const Block> decode(ByteReader& reader);
  void encode(ByteWriter& writer, WitnessForm form) const;

  const BlockHeader& header() const { return header_; }
  const std::vector<TransactionPointer>& transactions() const { return transactions_; }
  const Hash256& hash() const { return hash_; }
  bool has_witness() const { return total_bytes_ != stripped_bytes_; }
  std::size_t stripped_bytes() const { return stripped_bytes_; }
  std::size_t total_bytes() const { return total_bytes_; }
  std::size_t weight() const { return 3 * stripped_bytes_ + total_bytes_; }
  // Fingerprint of header and all transactions, witnesses included: bodies that share a header hash but differ
  // anywhere (mutated blocks) differ here.
  std::uint64_t content_fingerprint() const { return content_fingerprint_; }

 private:
  BlockHeader header_;
  std::vector<TransactionPointer> transactions_;
  Hash256 hash_;
  std::size_t stripped_bytes_ = 0;
  std::size_t total_bytes_ = 0;
  std::uint64_t content_fingerprint_ = 0;
};

using BlockPointer = std::shared_ptr<const Block>;

// The block, or transaction, as a peer without witness support gets it; the same pointer if it has no witness.
TransactionPointer without_witness(const TransactionPointer& transaction);
BlockPointer without_witness(const BlockPointer& block);

struct MerkleRoot {
  Hash256 root;  // zero for no leaves
  // Two equal neighbours were paired: the same root belongs to a shorter list, so the list is a mutation
  // (CVE-2012-2459).
  bool mutated = false;
};
MerkleRoot merkle_root(std::vector<Hash256> leaves);
// Over the txids: what the header commits to.
MerkleRoot merkle_root(const Block& block);
// Over the wtxids, with zero for the coinbase (BIP 141).
MerkleRoot witness_merkle_root(const Block& block);

// BIP 141: the hash that the coinbase commits to, from the witness root and the reserved value (the only witness item
// of the coinbase input, 32 bytes).
Hash256 witness_commitment(const Hash256& witness_root, ByteView reserved_value);
// The commitment in the last coinbase output that has the form of one; nothing if there is none.
std::optional<Hash256> find_witness_commitment(const Block& block);

}  // namespace hearsay::chain
