// Frames that are defective, cut short or mutated: each is refused for its own reason, and none does harm.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/fixtures/bitcoin_messages.hpp"

using namespace hearsay::bitcoin_fixture;
namespace chain = hearsay::chain;

namespace {

DecodeFailure failure(const Magic& magic, const std::vector<std::uint8_t>& frame) {
  const DecodedFrame result = decode_frame(magic, frame);
  REQUIRE(std::holds_alternative<DecodeFailure>(result.outcome));
  return std::get<DecodeFailure>(result.outcome);
}

// A linear congruential generator (Knuth's MMIX constants): mutations repeat from their seed.
struct Lcg {
  std::uint64_t state;
  std::size_t below(std::size_t bound) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::size_t>((state >> 33) % bound);
  }
};

}  // namespace

TEST_CASE("each defect of a frame is told apart") {
  const std::vector<std::uint8_t> good = bytes_of(vectors::kPingFrame);
  CHECK(failure(kMainnet, good) == DecodeFailure::bad_magic);

  std::vector<std::uint8_t> frame = good;
  frame[20] ^= 1;
  CHECK(failure(kRegtest, frame) == DecodeFailure::bad_checksum);
  CHECK(decode_frame(kRegtest, frame).consumed_bytes == frame.size());

  frame = good;
  frame.back() ^= 1;
  CHECK(failure(kRegtest, frame) == DecodeFailure::bad_checksum);

  frame = good;
  frame[4 + 11] = 'x';  // after the first zero
  CHECK(failure(kRegtest, frame) == DecodeFailure::bad_command);
  frame = good;
  frame[4] = 0x7f;
  CHECK(failure(kRegtest, frame) == DecodeFailure::bad_command);

  frame = good;
  chain::ByteWriter(frame).u8(0);
  CHECK(decode_frame(kRegtest, frame).consumed_bytes == good.size());

  frame.resize(good.size() - 1);
  CHECK(failure(kRegtest, frame) == DecodeFailure::incomplete);

  // A length of 4,000,001 is refused before its payload is waited for; 4,000,000 is waited for.
  frame = good;
  const std::vector<std::uint8_t> limit = bytes_of("00093d00");
  std::copy(limit.begin(), limit.end(), frame.begin() + 16);
  CHECK(failure(kRegtest, frame) == DecodeFailure::incomplete);
  frame[16] = 1;
  CHECK(failure(kRegtest, frame) == DecodeFailure::oversize);
  CHECK(decode_frame(kRegtest, frame).consumed_bytes == 0);

  CHECK(failure(kRegtest, encode_frame(kRegtest, correct_raw("ping", {1, 2, 3}))) == DecodeFailure::unparsable_payload);
  CHECK(failure(kRegtest, encode_frame(kRegtest, correct_raw("inv", bytes_of("fd0100")))) ==
        DecodeFailure::unparsable_payload);
}

TEST_CASE("a frame cut short at any byte asks for more") {
  for (const std::vector<std::uint8_t>& frame : all_frames()) {
    for (std::size_t length = 0; length < frame.size(); ++length) {
      const std::vector<std::uint8_t> part(frame.begin(), frame.begin() + static_cast<int>(length));
      CHECK(failure(magic_of(frame), part) == DecodeFailure::incomplete);
    }
  }
}

TEST_CASE("a payload cut short at any byte is refused, but for a version that ends after a part") {
  for (const std::vector<std::uint8_t>& frame : all_frames()) {
    const Payload whole = std::get<Payload>(decode_frame(magic_of(frame), frame).outcome);
    const MessageType type = type_of(whole);
    if (type == MessageType::raw || type == MessageType::version) continue;
    for (std::size_t length = kFrameHeaderBytes; length < frame.size(); ++length) {
      // A copy of its own, so that reading past the end is seen by the address sanitizer.
      const std::vector<std::uint8_t> part(frame.begin() + kFrameHeaderBytes, frame.begin() + static_cast<int>(length));
      CHECK(!decode_payload(type, part).has_value());
    }
  }
}

TEST_CASE("mutated frames never crash, and what still parses encodes and decodes to the same contents") {
  const std::vector<std::vector<std::uint8_t>> frames = all_frames();
  Lcg lcg{20260101};
  int parsed = 0;
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> frame = frames[lcg.below(frames.size())];
    const Magic magic = magic_of(frame);
    const std::size_t edits = 1 + lcg.below(4);
    for (std::size_t edit = 0; edit < edits && frame.size() > kFrameHeaderBytes; ++edit) {
      const std::size_t place = kFrameHeaderBytes + lcg.below(frame.size() - kFrameHeaderBytes);
      const auto offset = frame.begin() + static_cast<std::ptrdiff_t>(place);
      switch (lcg.below(4)) {
        case 0:
          frame[place] ^= static_cast<std::uint8_t>(1U << lcg.below(8));
          break;
        case 1:
          frame[place] = static_cast<std::uint8_t>(0xfd + lcg.below(3));
          break;
        case 2:
          frame.erase(offset);
          break;
        default:
          frame.insert(offset, static_cast<std::uint8_t>(lcg.below(256)));
          break;
      }
    }
    // Most rounds repair the header, so that the payload is reached; the others break it.
    const std::vector<std::uint8_t> payload(frame.begin() + kFrameHeaderBytes, frame.end());
    if (lcg.below(8) != 0) {
      const auto checksum = payload_checksum(payload);
      std::copy(checksum.begin(), checksum.end(), frame.begin() + 20);
      for (std::size_t i = 0; i < 4; ++i) frame[16 + i] = static_cast<std::uint8_t>(payload.size() >> (8 * i) & 0xFF);
    } else {
      frame[lcg.below(kFrameHeaderBytes)] ^= static_cast<std::uint8_t>(1U << lcg.below(8));
    }
    const DecodedFrame result = decode_frame(magic, frame);
    REQUIRE(result.consumed_bytes <= frame.size());
    const Payload* message = std::get_if<Payload>(&result.outcome);
    if (message == nullptr) {
      ++refused;
      continue;
    }
    ++parsed;
    // A version that ended early is completed when it is sent on; the values are the same.
    const DecodedFrame again = decode_frame(magic, encode_frame(magic, *message));
    REQUIRE(std::holds_alternative<Payload>(again.outcome));
    if (type_of(*message) != MessageType::version) {
      REQUIRE(content_id(std::get<Payload>(again.outcome)) == content_id(*message));
    }
  }
  CHECK(parsed > 5'000);
  CHECK(refused > 1'000);
}
