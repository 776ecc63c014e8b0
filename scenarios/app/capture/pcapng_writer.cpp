#include "scenarios/app/capture/pcapng_writer.hpp"

namespace hearsay::app {

namespace {

constexpr std::uint32_t kSectionHeaderBlock = 0x0a0d0d0a;
constexpr std::uint32_t kInterfaceDescriptionBlock = 1;
constexpr std::uint32_t kEnhancedPacketBlock = 6;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint32_t kLinkTypeEthernet = 1;
constexpr std::uint32_t kUnlimited = 0;

constexpr std::uint32_t kEndOfOptions = 0;
constexpr std::uint32_t kComment = 1;
constexpr std::uint32_t kSectionUserApplication = 4;
constexpr std::uint32_t kInterfaceName = 2;
constexpr std::uint32_t kInterfaceTimeResolution = 9;
constexpr std::uint32_t kPacketFlags = 2;

constexpr std::uint8_t kNanoseconds = 9;  // if_tsresol: 10^-9 s

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

PcapngWriter::PcapngWriter(std::ostream& out, std::string_view application, std::string_view comment) : out_(out) {
  begin(kSectionHeaderBlock);
  put32(kByteOrderMagic);
  put16(1);  // version 1.0
  put16(0);
  put32(0xffffffff);  // the section's length is not stated
  put32(0xffffffff);
  put_text_option(kComment, comment);
  put_text_option(kSectionUserApplication, application);
  put32(kEndOfOptions);
  end();
}

std::uint32_t PcapngWriter::add_interface(std::string_view name) {
  begin(kInterfaceDescriptionBlock);
  put16(kLinkTypeEthernet);
  put16(0);
  put32(kUnlimited);
  put_text_option(kInterfaceName, name);
  put16(kInterfaceTimeResolution);
  put16(1);
  put_padded({&kNanoseconds, 1});
  put32(kEndOfOptions);
  end();
  return interfaces_++;
}

void PcapngWriter::add_packet(std::uint32_t interface, std::int64_t unix_ns, PacketDirection direction,
                              std::span<const std::uint8_t> frame) {
  const auto time = static_cast<std::uint64_t>(unix_ns);
  const auto length = static_cast<std::uint32_t>(frame.size());
  begin(kEnhancedPacketBlock);
  put32(interface);
  put32(static_cast<std::uint32_t>(time >> 32));
  put32(static_cast<std::uint32_t>(time));
  put32(length);
  put32(length);
  put_padded(frame);
  put16(kPacketFlags);
  put16(4);
  put32(static_cast<std::uint32_t>(direction));
  put32(kEndOfOptions);
  end();
}

void PcapngWriter::begin(std::uint32_t type) {
  block_.clear();
  put32(type);
  put32(0);  // the length, when it is known
}

void PcapngWriter::put16(std::uint32_t value) {
  block_.push_back(static_cast<std::uint8_t>(value));
  block_.push_back(static_cast<std::uint8_t>(value >> 8));
}

void PcapngWriter::put32(std::uint32_t value) {
  put16(value);
  put16(value >> 16);
}

void PcapngWriter::put_padded(std::span<const std::uint8_t> bytes) {
  block_.insert(block_.end(), bytes.begin(), bytes.end());
  while (block_.size() % 4 != 0) block_.push_back(0);
}

void PcapngWriter::put_text_option(std::uint32_t code, std::string_view text) {
  text = text.substr(0, 0xffff);
  put16(code);
  put16(static_cast<std::uint32_t>(text.size()));
  put_padded(bytes_of(text));
}

void PcapngWriter::end() {
  const auto length = static_cast<std::uint32_t>(block_.size() + 4);
  put32(length);
  for (std::size_t i = 0; i < 4; ++i) block_[4 + i] = static_cast<std::uint8_t>(length >> 8 * i);
  out_.write(reinterpret_cast<const char*>(block_.data()), static_cast<std::streamsize>(block_.size()));
}

}  // namespace hearsay::app
