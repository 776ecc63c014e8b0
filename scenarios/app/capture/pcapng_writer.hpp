// Writes a pcapng file (IETF draft-ietf-opsawg-pcapng): one section, an interface for each captured host, packets.
//
// Own code, because no library of Debian does it: libpcap writes pcap alone, DPDK's librte_net wants its environment,
// Wireshark's libwiretap has no stable interface.
//
// Little-endian on every machine. Times are nanoseconds since the Unix epoch. Errors of the stream are the caller's to
// look for.
#pragma once

#include <cstdint>
#include <ostream>
#include <span>
#include <string_view>
#include <vector>

namespace hearsay::app {

enum class PacketDirection : std::uint8_t { inbound = 1, outbound = 2 };  // the values of epb_flags

class PcapngWriter {
 public:
  PcapngWriter(std::ostream& out, std::string_view application, std::string_view comment);

  // An Ethernet interface; its number, counted from 0. Before the first packet.
  std::uint32_t add_interface(std::string_view name);
  void add_packet(std::uint32_t interface, std::int64_t unix_ns, PacketDirection direction,
                  std::span<const std::uint8_t> frame);

 private:
  void begin(std::uint32_t type);
  void put16(std::uint32_t value);
  void put32(std::uint32_t value);
  void put_padded(std::span<const std::uint8_t> bytes);
  void put_text_option(std::uint32_t code, std::string_view text);
  void end();

  std::ostream& out_;
  std::vector<std::uint8_t> block_;
  std::uint32_t interfaces_ = 0;
};

}  // namespace hearsay::app
