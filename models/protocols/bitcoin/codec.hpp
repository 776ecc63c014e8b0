// The bytes of Bitcoin messages in transport version 1: exact sizes, encoding, decoding, and an identity of contents
// that does not depend on the form in which a message travelled.
//
// Not here: what a node does about a failure (Bitcoin Core closes the connection or drops the message), limits on
// counts, transport version 2.
//
// Invariants: decoding what encoding gave, gives an equal message with an equal content_id; a failure is data, never
// an exception; memory is bounded by the bytes at hand. A typed message that its own decoder would refuse (a user
// agent beyond 256 bytes, a payload beyond 4,000,000) is a mistake of the caller: who means to misbehave sends Raw.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/chain/body_cache.hpp"
#include "models/chain/hash256.hpp"
#include "models/chain/params.hpp"
#include "models/chain/serialize.hpp"
#include "models/protocols/bitcoin/messages.hpp"

namespace hearsay::bitcoin {

inline constexpr std::size_t kCommandBytes = 12;
// Magic, command, length, checksum.
inline constexpr std::size_t kFrameHeaderBytes = 4 + kCommandBytes + 4 + 4;
// MAX_PROTOCOL_MESSAGE_LENGTH, Bitcoin Core net.h.
inline constexpr std::size_t kMaximumPayloadBytes = 4'000'000;
static_assert(chain::kMaximumBlockBytes <= kMaximumPayloadBytes, "a valid block fits into a message");
// MAX_SUBVERSION_LENGTH, Bitcoin Core net.h.
inline constexpr std::size_t kMaximumUserAgentBytes = 256;

// Exact, without encoding.
std::size_t payload_bytes(const Version& message);
std::size_t payload_bytes(const Verack& message);
std::size_t payload_bytes(const Ping& message);
std::size_t payload_bytes(const Pong& message);
std::size_t payload_bytes(const GetHeaders& message);
std::size_t payload_bytes(const Headers& message);
std::size_t payload_bytes(const Inv& message);
std::size_t payload_bytes(const GetData& message);
std::size_t payload_bytes(const BlockMessage& message);
std::size_t payload_bytes(const SendHeaders& message);
std::size_t payload_bytes(const TxMessage& message);
std::size_t payload_bytes(const NotFound& message);
std::size_t payload_bytes(const FeeFilter& message);
std::size_t payload_bytes(const MempoolRequest& message);
std::size_t payload_bytes(const WtxidRelay& message);
std::size_t payload_bytes(const Raw& message);
std::size_t payload_bytes(const Payload& payload);

// Each appends exactly payload_bytes(message) bytes.
void encode_payload(chain::ByteWriter& writer, const Version& message);
void encode_payload(chain::ByteWriter& writer, const Verack& message);
void encode_payload(chain::ByteWriter& writer, const Ping& message);
void encode_payload(chain::ByteWriter& writer, const Pong& message);
void encode_payload(chain::ByteWriter& writer, const GetHeaders& message);
void encode_payload(chain::ByteWriter& writer, const Headers& message);
void encode_payload(chain::ByteWriter& writer, const Inv& message);
void encode_payload(chain::ByteWriter& writer, const GetData& message);
void encode_payload(chain::ByteWriter& writer, const BlockMessage& message);
void encode_payload(chain::ByteWriter& writer, const SendHeaders& message);
void encode_payload(chain::ByteWriter& writer, const TxMessage& message);
void encode_payload(chain::ByteWriter& writer, const NotFound& message);
void encode_payload(chain::ByteWriter& writer, const FeeFilter& message);
void encode_payload(chain::ByteWriter& writer, const MempoolRequest& message);
void encode_payload(chain::ByteWriter& writer, const WtxidRelay& message);
void encode_payload(chain::ByteWriter& writer, const Raw& message);
std::vector<std::uint8_t> encode_payload(const Payload& payload);

// Nothing if the bytes do not parse. Surplus bytes at the end are ignored, as Bitcoin Core does. Not for Raw, which
// has no layout.
std::optional<Payload> decode_payload(MessageType type, chain::ByteView bytes);

// Whether the bytes, which decoded to this message, are what encoding it gives: no surplus, no other spelling. Only
// then may the message stand for the bytes.
bool spells(chain::ByteView bytes, const Payload& payload);

// The command as a header carries it: zeros up to 12 bytes.
using CommandField = std::array<std::uint8_t, kCommandBytes>;
CommandField command_field(std::string_view command);

// First four bytes of the double SHA-256 of the payload.
std::array<std::uint8_t, 4> payload_checksum(chain::ByteView payload);

// Header and payload. With a cache, the checksum of a block body is computed once for all its senders and receivers.
std::vector<std::uint8_t> encode_frame(const Magic& magic, const Payload& payload, chain::BodyCache* cache = nullptr);

enum class DecodeFailure : std::uint8_t {
  incomplete,  // more bytes are needed
  bad_magic,   // another network or no frame at all: the stream cannot be followed any further
  oversize,    // announces more than kMaximumPayloadBytes: likewise
  bad_checksum,
  bad_command,  // an unprintable byte, or something after the first zero
  unparsable_payload,
};

using Interpretation = std::variant<Payload, DecodeFailure>;

struct DecodedFrame {
  Interpretation outcome;
  // The length of the frame; zero where the end of the frame is not known (Incomplete, BadMagic, Oversize).
  std::size_t consumed_bytes = 0;
};

// The first frame in `bytes`. A command that is not known gives Raw; surplus bytes after the frame are left alone.
DecodedFrame decode_frame(const Magic& magic, chain::ByteView bytes, chain::BodyCache* cache = nullptr);

// What decode_frame gives for the frame of this message: the typed message if the command is known, else the same Raw,
// or a failure. A receiver of Raw values must use it, so that it acts alike whether messages travel as bytes or not.
Interpretation interpret(const Raw& message, chain::BodyCache* cache = nullptr);

// A structural 64-bit fingerprint of all fields; of a block, of its hash and its contents with witnesses.
std::uint64_t content_id(const Payload& payload);

}  // namespace hearsay::bitcoin
