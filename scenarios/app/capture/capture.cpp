#include "scenarios/app/capture/capture.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>

#include "scenarios/app/results/errors.hpp"
#include "scenarios/app/version.hpp"
#include "sim/core/check.hpp"

namespace hearsay::app {

Capture::Capture(const CapturePlan& plan, Simulation& simulation, const std::string& comment)
    : plan_(plan), simulation_(simulation), unfinished_(unfinished_capture(plan.path)) {
  const World& world = simulation.world();
  std::map<std::string_view, NodeId> numbers;
  for (NodeId node = 0; node < world.size(); ++node) numbers[world.name(node)] = node;
  errno = 0;
  file_.open(unfinished_, std::ios::binary | std::ios::trunc);
  if (!file_) fail();
  writer_.emplace(file_, fmt::format("hearsay {}", program_version().version), comment);
  interfaces_.resize(world.size());
  std::vector<NodeId> tapped;
  for (const std::string& name : plan_.nodes) {
    SIM_CHECK(numbers.contains(name), "captured nodes exist");
    tapped.push_back(numbers.at(name));
    interfaces_[tapped.back()] = writer_->add_interface(name);
  }
  conversations_.emplace(world, tapped, static_cast<PacketSink&>(*this));
  simulation.set_tap(*conversations_);
}

Capture::~Capture() {
  if (!file_.is_open() || unfinished_ == plan_.path) return;
  std::error_code ignored;
  std::filesystem::remove(unfinished_, ignored);
}

void Capture::advance() {
  conversations_->play_until(simulation_.now());
  if (!file_) fail();
}

void Capture::finish() {
  advance();
  errno = 0;
  file_.close();
  if (!file_) fail();
  if (unfinished_ == plan_.path) return;
  std::error_code error;
  std::filesystem::rename(unfinished_, plan_.path, error);
  if (!error) return;
  std::filesystem::remove(unfinished_);
  throw EnvironmentError(fmt::format("cannot write {}: {}", plan_.path, error.message()));
}

void Capture::on_packet(const CapturedPacket& packet) {
  write_frame(packet.segment, packet.payload, frame_);
  const std::int64_t unix_ns = kUnixEpochSeconds * 1'000'000'000 + packet.time.ns;
  writer_->add_packet(interfaces_[packet.host], unix_ns, packet.direction, frame_);
}

void Capture::fail() const {
  const int reason = errno;
  throw EnvironmentError(
      fmt::format("cannot write {}: {}", plan_.path, reason == 0 ? "output error" : std::strerror(reason)));
}

}  // namespace hearsay::app
