// Offences against the protocol, one a row: what a peer sends, and what the node must do about it. Shared by the test
// of the reactions and the test that they are the same for values and bytes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/bitcoin_relay_story.hpp"

namespace hearsay::test {

// When an offence is committed: the peer dials at 0, its SYN-ACK is there at 20 ms.
enum class Stage : std::uint8_t { before_version, before_verack, ready };

struct Offence {
  std::string name;
  Stage stage = Stage::ready;
  std::function<std::vector<Payload>(RelayStory&)> messages;
  std::optional<Misbehaviour> verdict = {};  // none: the connection stays
  std::function<void(BitcoinParameters&)> parameters = [](BitcoinParameters&) {};
};

inline bitcoin::Raw raw_of(const Payload& payload) {
  bitcoin::Raw raw;
  raw.command = std::string(command_of(payload));
  raw.payload = encode_payload(payload);
  raw.checksum = bitcoin::payload_checksum(raw.payload);
  return raw;
}
inline bitcoin::Raw raw_of(std::string command, std::vector<std::uint8_t> payload) {
  bitcoin::Raw raw;
  raw.command = std::move(command);
  raw.payload = std::move(payload);
  raw.checksum = bitcoin::payload_checksum(raw.payload);
  return raw;
}

std::vector<Offence> offences();

}  // namespace hearsay::test
