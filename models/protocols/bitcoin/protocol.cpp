#include "models/protocols/bitcoin/protocol.hpp"

#include <array>

#include "sim/core/time.hpp"

namespace hearsay::bitcoin {

namespace {

// A frame that cannot be interpreted is still a message: the receiver decides what to do about it. Its parts are kept
// as far as they can be told apart; a stream that cannot be followed any further becomes one nameless Raw.
Raw raw_from(const Magic& magic, chain::ByteView bytes) {
  Raw raw;
  if (bytes.size() < kFrameHeaderBytes) {
    raw.payload.assign(bytes.begin(), bytes.end());
    return raw;
  }
  for (std::size_t i = 4; i < 4 + kCommandBytes; ++i) raw.command.push_back(static_cast<char>(bytes[i]));
  while (!raw.command.empty() && raw.command.back() == '\0') raw.command.pop_back();
  std::copy_n(bytes.begin() + 4 + kCommandBytes + 4, raw.checksum.size(), raw.checksum.begin());
  Magic found{};
  std::copy_n(bytes.begin(), found.size(), found.begin());
  if (found != magic) raw.magic = found;
  chain::ByteReader length(bytes.subspan(4 + kCommandBytes, 4));
  if (const std::uint32_t announced = length.u32(); announced != bytes.size() - kFrameHeaderBytes)
    raw.announced_bytes = announced;
  raw.payload.assign(bytes.begin() + kFrameHeaderBytes, bytes.end());
  return raw;
}

constexpr std::array<std::string_view, kMessageTypes> kNames = {
    Version::kCommand,      Verack::kCommand,         Ping::kCommand,       Pong::kCommand,
    GetHeaders::kCommand,   Headers::kCommand,        Inv::kCommand,        GetData::kCommand,
    BlockMessage::kCommand, SendHeaders::kCommand,    TxMessage::kCommand,  NotFound::kCommand,
    FeeFilter::kCommand,    MempoolRequest::kCommand, WtxidRelay::kCommand, "raw"};

}  // namespace

BitcoinMessage::BitcoinMessage(const Magic& magic, chain::BodyCache* bodies, Payload payload)
    : Message(wire_type(type_of(payload)), static_cast<std::uint32_t>(bitcoin::payload_bytes(payload)),
              static_cast<std::uint32_t>(kFrameHeaderBytes), bitcoin::content_id(payload)),
      magic_(magic),
      bodies_(bodies),
      payload_(std::move(payload)) {}

void BitcoinMessage::encode(std::vector<std::uint8_t>& bytes) const {
  const std::vector<std::uint8_t> frame = encode_frame(magic_, payload_, bodies_);
  bytes.insert(bytes.end(), frame.begin(), frame.end());
}

BitcoinProtocol::BitcoinProtocol(const chain::ChainParams& params, std::uint32_t premined_blocks,
                                 std::uint32_t spendable_outputs, chain::SpendForm form)
    : index_(params),
      ledger_(index_),
      premine_(chain::premine(index_, ledger_, {premined_blocks, kUnixEpochSeconds, spendable_outputs, form})) {}

MessageRef BitcoinProtocol::decode(std::span<const std::uint8_t> bytes) {
  DecodedFrame frame = decode_frame(params().magic, bytes, &bodies_);
  if (Payload* payload = std::get_if<Payload>(&frame.outcome))
    if (spells(bytes.subspan(kFrameHeaderBytes), *payload)) return make_as_is(std::move(*payload));
  return make_as_is(raw_from(params().magic, bytes));
}

MessageRef BitcoinProtocol::make(Payload payload) {
  const Raw* raw = std::get_if<Raw>(&payload);
  if (raw == nullptr) return make_as_is(std::move(payload));
  Interpretation meaning = interpret(*raw, &bodies_);
  Payload* typed = std::get_if<Payload>(&meaning);
  if (typed == nullptr || type_of(*typed) == MessageType::raw || !spells(raw->payload, *typed))
    return make_as_is(std::move(payload));
  return make_as_is(std::move(*typed));
}

MessageRef BitcoinProtocol::transaction_message(const chain::TransactionPointer& transaction) {
  const chain::TxRef place = transactions_.find(transaction->wtxid());
  if (place == chain::kNoTx || transactions_.transaction(place) != transaction)
    return make_as_is(TxMessage{transaction});
  if (place >= transaction_messages_.size()) transaction_messages_.resize(transactions_.capacity());
  MessageRef& message = transaction_messages_[place];
  const bool fits =
      message != nullptr &&
      std::get<TxMessage>(static_cast<const BitcoinMessage&>(*message).payload()).transaction == transaction;
  if (!fits) message = make_as_is(TxMessage{transaction});
  return message;
}

std::string_view BitcoinProtocol::message_name(hearsay::MessageType type) const {
  const std::size_t number = type & 0xff;
  return number < kNames.size() ? kNames[number] : std::string_view("unknown");
}

}  // namespace hearsay::bitcoin
