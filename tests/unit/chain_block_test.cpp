// Headers, transactions and blocks against published bytes, both ways; Merkle trees; malformed bytes.
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "models/chain/block.hpp"
#include "sim/core/check.hpp"
#include "tests/fixtures/bitcoin_vectors.hpp"

using namespace hearsay::chain;
namespace vectors = hearsay::vectors;

namespace {

std::vector<std::uint8_t> bytes_of(std::string_view hex) {
  return bytes_from_hex(hex).value();
}

template <class Object>
std::string hex_of(const Object& object, WitnessForm form) {
  std::vector<std::uint8_t> bytes;
  ByteWriter writer(bytes);
  object.encode(writer, form);
  return bytes_to_hex(bytes);
}

BlockPointer decode_block(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = bytes_of(hex);
  ByteReader reader(bytes);
  BlockPointer block = Block::decode(reader);
  REQUIRE(block != nullptr);
  REQUIRE(reader.remaining() == 0);
  return block;
}

TransactionPointer decode_transaction(std::string_view hex) {
  const std::vector<std::uint8_t> bytes = bytes_of(hex);
  ByteReader reader(bytes);
  TransactionPointer transaction = Transaction::decode(reader);
  return reader.remaining() == 0 ? transaction : nullptr;
}

TransactionPointer rebuilt(const Transaction& transaction) {
  return std::make_shared<const Transaction>(transaction.version(), transaction.inputs(), transaction.outputs(),
                                             transaction.lock_time());
}

std::vector<Hash256> block_100000_leaves() {
  std::vector<Hash256> leaves;
  for (const std::string_view txid : {"8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87",
                                      "fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4",
                                      "6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4",
                                      "e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d"}) {
    leaves.push_back(from_hex(txid).value());
  }
  return leaves;
}

}  // namespace

TEST_CASE("published headers decode, hash and encode to the same bytes") {
  for (const vectors::HeaderVector& vector : vectors::kHeaders) {
    const std::vector<std::uint8_t> bytes = bytes_of(vector.header);
    ByteReader reader(bytes);
    const BlockHeader header = BlockHeader::decode(reader);
    CHECK(reader.ok());
    CHECK(reader.remaining() == 0);
    CHECK(to_hex(header.hash()) == vector.hash);
    CHECK(to_hex(header.merkle_root) == vector.merkle_root);
    CHECK(bytes_to_hex(header.encode()) == vector.header);
  }
}

TEST_CASE("a header made from the fields of block 100000 has its bytes and hash") {
  BlockHeader header;
  header.version = 1;
  header.parent = from_hex("000000000002d01c1fccc21636b607dfd930d31d01c3a62104612a1719011250").value();
  header.merkle_root = from_hex("f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766").value();
  header.unix_time = 1293623863;
  header.bits = 0x1b04864c;
  header.nonce = 274148111;
  CHECK(bytes_to_hex(header.encode()) == vectors::kHeaders[6].header);
  CHECK(to_hex(header.hash()) == vectors::kHeaders[6].hash);
}

TEST_CASE("the genesis coinbases have their published ids") {
  const TransactionPointer genesis = decode_transaction(vectors::kGenesisCoinbase);
  REQUIRE(genesis != nullptr);
  CHECK(genesis->total_bytes() == 204);
  CHECK(to_hex(genesis->txid()) == vectors::kGenesisMerkleRoot);
  CHECK(genesis->wtxid() == genesis->txid());
  CHECK(genesis->is_coinbase());
  CHECK(genesis->outputs()[0].value == 5'000'000'000);
  const TransactionPointer testnet4 = decode_transaction(vectors::kTestnet4Coinbase);
  REQUIRE(testnet4 != nullptr);
  CHECK(to_hex(testnet4->txid()) == vectors::kHeaders[4].merkle_root);
}

TEST_CASE("genesis blocks decode whole and encode to the same bytes") {
  for (const std::string_view hex : {vectors::kMainnetGenesisBlock, vectors::kRegtestGenesisBlock}) {
    const BlockPointer block = decode_block(hex);
    CHECK(block->total_bytes() == 285);
    CHECK(block->stripped_bytes() == 285);
    CHECK(block->hash() == block->header().hash());
    CHECK(merkle_root(*block).root == block->header().merkle_root);
    CHECK(!merkle_root(*block).mutated);
    CHECK(hex_of(*block, WitnessForm::included) == hex);
    CHECK(hex_of(*block, WitnessForm::stripped) == hex);
    CHECK(without_witness(block) == block);
    CHECK(!find_witness_commitment(*block));
  }
}

TEST_CASE("published transactions have their ids and sizes, decoded or rebuilt from their fields") {
  for (const vectors::TransactionVector& vector : vectors::kTransactions) {
    const TransactionPointer decoded = decode_transaction(vector.raw);
    REQUIRE(decoded != nullptr);
    for (const TransactionPointer& transaction : {decoded, rebuilt(*decoded)}) {
      CHECK(to_hex(transaction->txid()) == vector.txid);
      CHECK(to_hex(transaction->wtxid()) == vector.wtxid);
      CHECK(transaction->total_bytes() == vector.total);
      CHECK(transaction->stripped_bytes() == vector.stripped);
      CHECK(transaction->weight() == vector.weight);
      CHECK(transaction->virtual_bytes() == vector.virtual_size);
      CHECK(!transaction->is_coinbase());
      CHECK(hex_of(*transaction, WitnessForm::included) == vector.raw);
      const std::string stripped = hex_of(*transaction, WitnessForm::stripped);
      CHECK(stripped.size() == 2 * vector.stripped);
      CHECK(to_hex(double_sha256(bytes_of(stripped))) == vector.txid);
    }
  }
}

TEST_CASE("a witness block decodes, and its Merkle root and witness commitment verify") {
  const BlockPointer block = decode_block(vectors::kSegwitBlock);
  CHECK(to_hex(block->hash()) == "000000006f27ddfe1dd680044a34548f41bed47eba9e6f0b310da21423bc5f33");
  CHECK(block->total_bytes() == 518);
  REQUIRE(block->transactions().size() == 2);
  const Transaction& coinbase = *block->transactions()[0];
  const Transaction& spend = *block->transactions()[1];
  CHECK(to_hex(coinbase.txid()) == "7402a5a24a6a302e2a3ad9808aa2a776b824ae13a23fc09c860fa2aeabfb4bd9");
  CHECK(coinbase.total_bytes() == 203);
  CHECK(coinbase.weight() == 704);
  CHECK(to_hex(spend.txid()) == "2c21d40599523d6d24ed1cfe06346d0080362dc1d13f86d4a7f06931c73ce0e0");
  CHECK(to_hex(spend.wtxid()) == "0e18b1460f8c2008c9709107ef0b06c2f1dca5381b047f79554f03aa60c101a8");
  CHECK(spend.total_bytes() == 234);
  CHECK(spend.weight() == 480);
  CHECK(merkle_root(*block).root == block->header().merkle_root);
  const Hash256 commitment = witness_commitment(witness_merkle_root(*block).root, coinbase.inputs()[0].witness[0]);
  CHECK(find_witness_commitment(*block) == commitment);
  CHECK(hex_of(*block, WitnessForm::included) == vectors::kSegwitBlock);
}

TEST_CASE("without its witnesses a block keeps its hash and ids and loses the bytes") {
  const BlockPointer block = decode_block(vectors::kSegwitBlock);
  const BlockPointer stripped = without_witness(block);
  CHECK(stripped->hash() == block->hash());
  CHECK(!stripped->has_witness());
  CHECK(stripped->total_bytes() == block->stripped_bytes());
  CHECK(stripped->content_fingerprint() != block->content_fingerprint());
  CHECK(merkle_root(*stripped).root == block->header().merkle_root);
  CHECK(hex_of(*stripped, WitnessForm::included) == hex_of(*block, WitnessForm::stripped));
  CHECK(decode_block(hex_of(*stripped, WitnessForm::included))->content_fingerprint() ==
        stripped->content_fingerprint());
}

TEST_CASE("Merkle roots of one to four leaves are the published ones") {
  const std::vector<Hash256> leaves = block_100000_leaves();
  const std::string_view roots[] = {"8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87",
                                    "ccdafb73d8dcd0173d5d5c3c9a0770d0b3953db889dab99ef05b1907518cb815",
                                    "fa435470825de273081dcc706b25514c936fa6dc80ab965ce6970d68ddd0b553",
                                    "f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766"};
  for (std::size_t n = 1; n <= 4; ++n) {
    const MerkleRoot merkle = merkle_root(std::vector<Hash256>(leaves.begin(), leaves.begin() + static_cast<int>(n)));
    CHECK(to_hex(merkle.root) == roots[n - 1]);
    CHECK(!merkle.mutated);
  }
  CHECK(merkle_root(std::vector<Hash256>{}).root.is_zero());
}

TEST_CASE("a list that repeats its odd end has the same root and is marked as mutated") {
  const std::vector<Hash256> four = block_100000_leaves();
  const std::vector<Hash256> three(four.begin(), four.begin() + 3);
  const std::vector<Hash256> repeated = {three[0], three[1], three[2], three[2]};
  CHECK(merkle_root(repeated).root == merkle_root(three).root);
  CHECK(merkle_root(repeated).mutated);
  // One level up: six leaves, the last pair repeated.
  std::vector<Hash256> six = four;
  six.push_back(sha256(four[0].bytes));
  six.push_back(sha256(four[1].bytes));
  std::vector<Hash256> eight = six;
  eight.push_back(six[4]);
  eight.push_back(six[5]);
  CHECK(merkle_root(eight).root == merkle_root(six).root);
  CHECK(merkle_root(eight).mutated);
  CHECK(!merkle_root(six).mutated);
}

TEST_CASE("equal leaves that are no pair are not taken for a mutation") {
  const std::vector<Hash256> leaves = block_100000_leaves();
  CHECK(!merkle_root({leaves[0], leaves[1], leaves[1], leaves[2]}).mutated);
}

TEST_CASE("bodies that share a header but differ anywhere have different contents") {
  const BlockPointer block = decode_block(vectors::kSegwitBlock);
  std::vector<TransactionPointer> repeated = block->transactions();
  repeated.push_back(repeated.back());
  const Block mutated(block->header(), repeated);
  CHECK(mutated.hash() == block->hash());
  CHECK(mutated.content_fingerprint() != block->content_fingerprint());

  std::vector<TxIn> inputs = block->transactions()[1]->inputs();
  inputs[0].witness[0][0] ^= 1;
  const auto malleated = std::make_shared<const Transaction>(block->transactions()[1]->version(), inputs,
                                                             block->transactions()[1]->outputs(), 0);
  const Block witness_mutated(block->header(), {block->transactions()[0], malleated});
  CHECK(merkle_root(witness_mutated).root == block->header().merkle_root);
  CHECK(witness_mutated.content_fingerprint() != block->content_fingerprint());
}

TEST_CASE("a block or transaction cut short at any byte is no block or transaction") {
  for (const std::string_view hex : {vectors::kSegwitBlock, vectors::kMainnetGenesisBlock}) {
    const std::vector<std::uint8_t> bytes = bytes_of(hex);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      ByteReader reader(ByteView(bytes).first(length));
      CHECK(Block::decode(reader) == nullptr);
      CHECK(!reader.ok());
    }
  }
  for (const vectors::TransactionVector& vector : vectors::kTransactions) {
    const std::vector<std::uint8_t> bytes = bytes_of(vector.raw);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      ByteReader reader(ByteView(bytes).first(length));
      CHECK(Transaction::decode(reader) == nullptr);
      CHECK(!reader.ok());
    }
  }
}

TEST_CASE("a transaction with neither inputs nor outputs decodes and encodes to the same bytes") {
  const TransactionPointer empty = decode_transaction("01000000000000000000");
  REQUIRE(empty != nullptr);
  CHECK(empty->total_bytes() == 10);
  CHECK(hex_of(*empty, WitnessForm::included) == "01000000000000000000");
  CHECK(rebuilt(*empty)->txid() == empty->txid());
}

TEST_CASE("witness encodings that Bitcoin Core refuses are refused") {
  const std::string input = std::string(64, '1') + "0000000000ffffffff";
  const std::string output = "01" + std::string(16, '0') + "00";
  // The plain form of it parses; the flag 1 with a witness of one empty item parses.
  CHECK(decode_transaction("0200000001" + input + output + "00000000") != nullptr);
  CHECK(decode_transaction("02000000"
                           "000101" +
                           input + output + "0100" + "00000000") != nullptr);
  // A flag, but only empty stacks: superfluous.
  CHECK(decode_transaction("02000000"
                           "000101" +
                           input + output + "00" + "00000000") == nullptr);
  // Flags that mean nothing.
  CHECK(decode_transaction("02000000"
                           "000201" +
                           input + output + "0100" + "00000000") == nullptr);
  CHECK(decode_transaction("02000000"
                           "000301" +
                           input + output + "0100" + "00000000") == nullptr);
  // A flag and no inputs.
  CHECK(decode_transaction("02000000"
                           "000100" +
                           output + "00000000") == nullptr);
}

TEST_CASE("outputs without inputs cannot be made: they have no unambiguous bytes") {
  CHECK_THROWS_AS(Transaction(2, {}, {TxOut{}}, 0), hearsay::CheckFailure);
}

TEST_CASE("a block that claims more transactions than its bytes can hold is refused at once") {
  std::string hex(vectors::kMainnetGenesisBlock);
  hex.replace(160, 2, "fe00000002");
  const std::vector<std::uint8_t> bytes = bytes_of(hex);
  ByteReader reader(bytes);
  CHECK(Block::decode(reader) == nullptr);
}
