// The packet capture of one run: listens to a simulation and writes a pcapng file with one interface for each captured
// node, as if tcpdump had run on each of their hosts.
//
// Which nodes and which file is CapturePlan's; what TCP looks like is TcpConversations'. The file is there whole or not
// at all, unless it is no regular file (a pipe); it depends on scenario, seeds and nodes alone.
#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/app/capture/capture_plan.hpp"
#include "scenarios/app/capture/pcapng_writer.hpp"
#include "scenarios/app/capture/tcp_conversations.hpp"
#include "sim/engine/simulation.hpp"

namespace hearsay::app {

class Capture final : private PacketSink {
 public:
  // Before the simulation runs, which must not run on without it. Throws EnvironmentError if the file cannot be
  // written.
  Capture(const CapturePlan& plan, Simulation& simulation, const std::string& comment);
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture() override;

  // Writes what was on the wire until now.
  void advance();
  // Nothing follows: what is on the wire after that instant is not captured.
  void finish();

 private:
  void on_packet(const CapturedPacket& packet) override;
  [[noreturn]] void fail() const;

  const CapturePlan plan_;
  Simulation& simulation_;
  std::string unfinished_;
  std::ofstream file_;
  std::optional<PcapngWriter> writer_;
  std::optional<TcpConversations> conversations_;
  std::vector<std::uint32_t> interfaces_;  // by node number, of captured nodes
  std::vector<std::uint8_t> frame_;
};

}  // namespace hearsay::app
