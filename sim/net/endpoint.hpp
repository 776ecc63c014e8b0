// An endpoint: (address, port) on a network. Owned by a node, or by nobody.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace hearsay {

// The networks that this version can address; the values are those of BIP 155.
enum class Network : std::uint8_t { ipv4 = 1, ipv6 = 2 };

struct Endpoint {
  Network network = Network::ipv4;
  std::array<std::uint8_t, 16> address{};  // IPv4: the IPv4-mapped form of RFC 4291, 10 x 00, ff ff, 4 bytes
  std::uint16_t port = 0;

  constexpr auto operator<=>(const Endpoint&) const = default;
};

constexpr Endpoint ipv4_endpoint(std::uint32_t address, std::uint16_t port) {
  Endpoint endpoint{Network::ipv4, {}, port};
  endpoint.address[10] = endpoint.address[11] = 0xff;
  for (unsigned i = 0; i < 4; ++i) endpoint.address[12 + i] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
  return endpoint;
}

}  // namespace hearsay
