// Whole messages against published and constructed bytes, both ways; limits; the identity of contents; the cache.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/core/check.hpp"
#include "tests/fixtures/bitcoin_messages.hpp"

using namespace hearsay::bitcoin_fixture;
namespace chain = hearsay::chain;

namespace {

Payload decoded(const std::vector<std::uint8_t>& frame, chain::BodyCache* cache = nullptr) {
  const DecodedFrame result = decode_frame(magic_of(frame), frame, cache);
  REQUIRE(std::holds_alternative<Payload>(result.outcome));
  CHECK(result.consumed_bytes == frame.size());
  return std::get<Payload>(result.outcome);
}

}  // namespace

TEST_CASE("messages made from their fields have the published bytes") {
  for (const FrameVector& vector : frame_vectors()) {
    const std::vector<std::uint8_t> frame = bytes_of(vector.hex);
    CAPTURE(command_of(vector.payload));
    CHECK(chain::bytes_to_hex(encode_frame(magic_of(frame), vector.payload)) == vector.hex);
    CHECK(payload_bytes(vector.payload) + kFrameHeaderBytes == frame.size());
    CHECK(encode_payload(vector.payload).size() == payload_bytes(vector.payload));
  }
}

TEST_CASE("published messages decode to their fields and encode to the same bytes") {
  for (const FrameVector& vector : frame_vectors()) {
    const std::vector<std::uint8_t> frame = bytes_of(vector.hex);
    const Payload payload = decoded(frame);
    CAPTURE(command_of(vector.payload));
    CHECK(type_of(payload) == type_of(vector.payload));
    CHECK(encode_frame(magic_of(frame), payload) == frame);
    CHECK(content_id(payload) == content_id(vector.payload));
    std::visit(
        [&payload](const auto& expected) {
          using Message = std::decay_t<decltype(expected)>;
          if constexpr (std::is_same_v<Message, TxMessage>) {
            const chain::Transaction& transaction = *std::get<TxMessage>(payload).transaction;
            CHECK(transaction.inputs() == expected.transaction->inputs());
            CHECK(transaction.outputs() == expected.transaction->outputs());
            CHECK(transaction.wtxid() == expected.transaction->wtxid());
          } else if constexpr (!std::is_same_v<Message, BlockMessage>) {
            CHECK(std::get<Message>(payload) == expected);
          }
        },
        vector.payload);
  }
}

TEST_CASE("a version message without relay byte wants transactions") {
  const Version version = std::get<Version>(decoded(bytes_of(vectors::kVersionWithoutRelayFrame)));
  CHECK(version.relay == RelayField::absent);
  CHECK(version.wants_transactions());
  Version silent = modern_version();
  silent.relay = RelayField::no;
  CHECK(!std::get<Version>(decoded(encode_frame(kMainnet, silent))).wants_transactions());
}

TEST_CASE("a version message may end after each of its historical parts and nowhere else") {
  const std::vector<std::uint8_t> payload = encode_payload(Payload(modern_version()));
  for (std::size_t length = 0; length <= payload.size(); ++length) {
    const auto version = decode_payload(MessageType::version, chain::ByteView(payload).first(length));
    const bool is_end = length == 46 || length == 80 || length == 97 || length == 101 || length == 102;
    CHECK(version.has_value() == is_end);
  }
}

TEST_CASE("a user agent of 256 bytes parses, of 257 does not") {
  Version version = modern_version();
  version.user_agent = std::string(256, 'a');
  CHECK(std::get<Version>(decoded(encode_frame(kMainnet, version))) == version);
  std::vector<std::uint8_t> payload = encode_payload(Payload(version));
  payload[81] = 0x01;  // the length is fd 00 01 at offset 80
  payload.insert(payload.begin() + 83, 'a');
  REQUIRE(decode_payload(MessageType::version, payload).has_value() == false);
  version.user_agent += 'a';
  CHECK_THROWS_AS(payload_bytes(Payload(version)), hearsay::CheckFailure);
}

TEST_CASE("a block message carries its block whole, witnesses included") {
  const chain::BlockPointer block = segwit_block();
  const std::vector<std::uint8_t> frame = encode_frame(kRegtest, BlockMessage{block});
  CHECK(frame.size() == kFrameHeaderBytes + 518);
  CHECK(chain::bytes_to_hex(chain::ByteView(frame).subspan(kFrameHeaderBytes)) == vectors::kSegwitBlock);
  const Payload payload = decoded(frame);
  CHECK(std::get<BlockMessage>(payload).block->hash() == block->hash());
  CHECK(content_id(payload) == content_id(BlockMessage{block}));
  CHECK(content_id(payload) != content_id(BlockMessage{chain::without_witness(block)}));
}

TEST_CASE("a tx message carries its transaction whole; the stripped form is a message of its own") {
  for (const vectors::TransactionVector& vector : vectors::kTransactions) {
    const chain::TransactionPointer transaction = transaction_of(vector.raw);
    const std::vector<std::uint8_t> frame = encode_frame(kRegtest, TxMessage{transaction});
    CHECK(frame.size() == kFrameHeaderBytes + vector.total);
    CHECK(chain::bytes_to_hex(chain::ByteView(frame).subspan(kFrameHeaderBytes)) == vector.raw);
    const Payload payload = decoded(frame);
    CHECK(std::get<TxMessage>(payload).transaction->wtxid() == hash_of(vector.wtxid));
    CHECK(std::get<TxMessage>(payload).transaction->txid() == hash_of(vector.txid));
    CHECK(content_id(payload) == content_id(TxMessage{transaction}));

    const TxMessage stripped{chain::without_witness(transaction)};
    CHECK(payload_bytes(stripped) == vector.stripped);
    CHECK(encode_frame(kRegtest, stripped).size() == kFrameHeaderBytes + vector.stripped);
    CHECK(std::get<TxMessage>(decoded(encode_frame(kRegtest, stripped))).transaction->wtxid() == hash_of(vector.txid));
    CHECK((content_id(stripped) == content_id(TxMessage{transaction})) == (vector.total == vector.stripped));
  }
}

TEST_CASE("a fee filter carries any number, for the node to judge") {
  for (const std::int64_t rate : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX})
    CHECK(std::get<FeeFilter>(decoded(encode_frame(kRegtest, FeeFilter{rate}))) == FeeFilter{rate});
}

TEST_CASE("a Raw of another network, or one that announces too much, is no frame that can be followed") {
  Raw foreign = correct_raw("ping", bytes_of("8877665544332211"));
  foreign.magic = kMainnet;
  CHECK(chain::bytes_to_hex(encode_frame(kRegtest, foreign)) ==
        "f9beb4d9" + std::string(vectors::kPingFrame).substr(8));
  CHECK(std::get<DecodeFailure>(interpret(foreign)) == DecodeFailure::bad_magic);
  CHECK(std::get<DecodeFailure>(decode_frame(kRegtest, encode_frame(kRegtest, foreign)).outcome) ==
        DecodeFailure::bad_magic);

  Raw boastful = correct_raw("ping", bytes_of("8877665544332211"));
  boastful.announced_bytes = 4'000'001;
  const std::vector<std::uint8_t> frame = encode_frame(kRegtest, boastful);
  CHECK(frame.size() == kFrameHeaderBytes + 8);
  CHECK(chain::bytes_to_hex(chain::ByteView(frame).subspan(16, 4)) == "01093d00");
  CHECK(std::get<DecodeFailure>(interpret(boastful)) == DecodeFailure::oversize);
  CHECK(std::get<DecodeFailure>(decode_frame(kRegtest, frame).outcome) == DecodeFailure::oversize);
}

TEST_CASE("only bytes that a message would give again are spelled by it") {
  for (const FrameVector& vector : frame_vectors()) {
    const MessageType type = type_of(vector.payload);
    const std::vector<std::uint8_t> payload = encode_payload(vector.payload);
    CHECK(spells(payload, vector.payload));
    if (type == MessageType::raw) continue;
    std::vector<std::uint8_t> longer = payload;
    longer.insert(longer.end(), {0xde, 0xad});
    if (const auto parsed = decode_payload(type, longer)) CHECK_FALSE(spells(longer, *parsed));
  }
  // A relay byte of 2 means yes; a listed header with a number of transactions is a header.
  std::vector<std::uint8_t> version = encode_payload(Payload(modern_version()));
  version.back() = 2;
  CHECK_FALSE(spells(version, *decode_payload(MessageType::version, version)));
  std::vector<std::uint8_t> headers = encode_payload(Payload(Headers{{chain::BlockHeader{}}}));
  headers.back() = 3;
  CHECK_FALSE(spells(headers, *decode_payload(MessageType::headers, headers)));
}

TEST_CASE("surplus bytes in a payload are ignored") {
  for (const FrameVector& vector : frame_vectors()) {
    const MessageType type = type_of(vector.payload);
    if (type == MessageType::raw || vector.hex == vectors::kVersionWithoutRelayFrame) continue;
    std::vector<std::uint8_t> payload = encode_payload(vector.payload);
    payload.insert(payload.end(), {0xde, 0xad});
    const auto parsed = decode_payload(type, payload);
    REQUIRE(parsed.has_value());
    CHECK(content_id(*parsed) == content_id(vector.payload));
  }
}

TEST_CASE("the number of transactions after a listed header is ignored") {
  std::vector<std::uint8_t> payload = encode_payload(Payload(Headers{{chain::BlockHeader{}, chain::BlockHeader{}}}));
  payload[1 + 80] = 5;
  const auto parsed = decode_payload(MessageType::headers, payload);
  REQUIRE(parsed.has_value());
  CHECK(std::get<Headers>(*parsed).headers.size() == 2);
}

TEST_CASE("counts beyond the limits of the protocol parse, for the node to judge") {
  std::vector<InventoryVector> inventory(50'001, {InventoryType::witness_tx_id, hash_of(kBlockOneHash)});
  CHECK(std::get<Inv>(decoded(encode_frame(kMainnet, Inv{inventory}))).inventory.size() == 50'001);
  const Headers headers{std::vector<chain::BlockHeader>(2'001)};
  CHECK(std::get<Headers>(decoded(encode_frame(kMainnet, headers))).headers.size() == 2'001);
  const GetHeaders locator{70016, std::vector<chain::Hash256>(102), {}};
  CHECK(std::get<GetHeaders>(decoded(encode_frame(kMainnet, locator))).locator.size() == 102);
}

TEST_CASE("an inventory type that is not known is kept") {
  const Inv inv{{{static_cast<InventoryType>(0xdeadbeef), {}}}};
  CHECK(std::get<Inv>(decoded(encode_frame(kMainnet, inv))) == inv);
}

TEST_CASE("Raw messages are interpreted alike from their parts and from their bytes") {
  std::vector<Raw> messages = {
      correct_raw("ping", bytes_of("8877665544332211")),
      correct_raw("ping", {1}),
      correct_raw("nonsense", {1, 2, 3}),
      correct_raw("", {}),
      correct_raw(std::string("ping\0\0", 6), bytes_of("8877665544332211")),
      correct_raw(std::string("pi\0g", 4), bytes_of("8877665544332211")),
      correct_raw("\x01", {}),
      correct_raw("twelve bytes", {}),
      correct_raw("block", bytes_of(vectors::kSegwitBlock)),
      correct_raw("nonsense", std::vector<std::uint8_t>(kMaximumPayloadBytes + 1)),
      Raw{"ping", bytes_of("8877665544332211"), {1, 2, 3, 4}, {}, {}},
      Raw{"unknown", {1}, {1, 2, 3, 4}, {}, {}},
  };
  for (const Raw& message : messages) {
    CAPTURE(message.command);
    const Interpretation from_parts = interpret(message);
    const Interpretation from_bytes = decode_frame(kRegtest, encode_frame(kRegtest, message)).outcome;
    REQUIRE(from_parts.index() == from_bytes.index());
    if (const auto* payload = std::get_if<Payload>(&from_parts)) {
      CHECK(content_id(*payload) == content_id(std::get<Payload>(from_bytes)));
      CHECK(type_of(*payload) == type_of(std::get<Payload>(from_bytes)));
    } else {
      CHECK(std::get<DecodeFailure>(from_parts) == std::get<DecodeFailure>(from_bytes));
    }
  }
  CHECK(content_id(messages[2]) == content_id(std::get<Payload>(interpret(messages[2]))));
  CHECK_THROWS_AS(encode_frame(kRegtest, correct_raw("thirteen byte", {})), hearsay::CheckFailure);
}

TEST_CASE("the identity of contents changes with every field") {
  std::vector<std::uint64_t> ids;
  const auto add = [&ids](const Payload& payload) { ids.push_back(content_id(payload)); };
  const auto vary = [&add](auto change) {
    Version version = modern_version();
    change(version);
    add(version);
  };
  add(modern_version());
  vary([](Version& v) { ++v.protocol_version; });
  vary([](Version& v) { ++v.services; });
  vary([](Version& v) { ++v.unix_time; });
  vary([](Version& v) { ++v.receiver.services; });
  vary([](Version& v) { ++v.receiver.ip[3]; });
  vary([](Version& v) { ++v.receiver.port; });
  vary([](Version& v) { ++v.sender.services; });
  vary([](Version& v) { ++v.sender.ip[3]; });
  vary([](Version& v) { ++v.sender.port; });
  vary([](Version& v) { ++v.nonce; });
  vary([](Version& v) { v.user_agent += 'x'; });
  vary([](Version& v) { ++v.start_height; });
  vary([](Version& v) { v.relay = RelayField::no; });
  vary([](Version& v) { v.relay = RelayField::absent; });
  add(Verack{});
  add(SendHeaders{});
  add(Ping{0});
  add(Ping{1});
  add(Pong{0});
  add(Pong{1});
  const chain::Hash256 hash = hash_of(kBlockOneHash);
  add(GetHeaders{1, {}, {}});
  add(GetHeaders{2, {}, {}});
  add(GetHeaders{1, {hash}, {}});
  add(GetHeaders{1, {}, hash});
  add(Headers{});
  add(Headers{{chain::BlockHeader{}}});
  add(Inv{});
  add(Inv{{{InventoryType::block, hash}}});
  add(Inv{{{InventoryType::tx, hash}}});
  add(GetData{});
  add(GetData{{{InventoryType::block, hash}}});
  add(BlockMessage{segwit_block()});
  add(BlockMessage{chain::regtest_params().genesis});
  add(BlockMessage{chain::mainnet_params().genesis});
  const chain::TransactionPointer transaction = transaction_of(vectors::kNativeWitnessTransaction);
  add(TxMessage{transaction});
  add(TxMessage{chain::without_witness(transaction)});
  add(TxMessage{transaction_of(vectors::kWikiTransaction)});
  add(NotFound{});
  add(NotFound{{{InventoryType::block, hash}}});
  add(NotFound{{{InventoryType::tx, hash}}});
  add(FeeFilter{0});
  add(FeeFilter{1});
  add(MempoolRequest{});
  add(WtxidRelay{});
  add(Raw{"a", {}, {}, {}, {}});
  add(Raw{"b", {}, {}, {}, {}});
  add(Raw{"a", {1}, {}, {}, {}});
  add(Raw{"a", {}, {1, 0, 0, 0}, {}, {}});
  add(Raw{"a", {}, {}, kMainnet, {}});
  add(Raw{"a", {}, {}, kRegtest, {}});
  add(Raw{"a", {}, {}, {}, 5'000'000});
  add(Raw{"a", {}, {}, {}, 5'000'001});
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("with a cache every receiver of a block gets the same body, and the bytes are the same as without") {
  chain::BodyCache cache;
  const chain::BlockPointer block = segwit_block();
  const std::vector<std::uint8_t> frame = encode_frame(kRegtest, BlockMessage{block}, &cache);
  CHECK(frame == encode_frame(kRegtest, BlockMessage{block}));
  CHECK(encode_frame(kRegtest, BlockMessage{block}, &cache) == frame);
  CHECK(std::get<BlockMessage>(decoded(frame, &cache)).block == block);

  chain::BodyCache cold;
  const Payload first = decoded(frame, &cold);
  const Payload second = decoded(frame, &cold);
  CHECK(std::get<BlockMessage>(first).block != block);
  CHECK(std::get<BlockMessage>(first).block == std::get<BlockMessage>(second).block);
}

TEST_CASE("a cache hides neither a wrong checksum nor a mutated body") {
  chain::BodyCache cache;
  const chain::BlockPointer block = segwit_block();
  const std::vector<std::uint8_t> frame = encode_frame(kRegtest, BlockMessage{block}, &cache);
  std::vector<std::uint8_t> wrong = frame;
  wrong[20] ^= 1;
  CHECK(std::get<DecodeFailure>(decode_frame(kRegtest, wrong, &cache).outcome) == DecodeFailure::bad_checksum);

  Raw mutated = correct_raw("block", {frame.begin() + kFrameHeaderBytes, frame.end()});
  mutated.payload[500] ^= 1;
  mutated.checksum = payload_checksum(mutated.payload);
  const Payload other = decoded(encode_frame(kRegtest, mutated), &cache);
  CHECK(std::get<BlockMessage>(other).block->hash() == block->hash());
  CHECK(content_id(other) != content_id(BlockMessage{block}));
}
