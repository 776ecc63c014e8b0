// A delivery rule made of two functions, and windows of time in which a direction is cut.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "sim/net/delivery_rule.hpp"
#include "tests/unit/sim_calls.hpp"

namespace hearsay::test {

using Rules = std::vector<std::shared_ptr<const DeliveryRule>>;

class ScriptedRule final : public DeliveryRule {
 public:
  using PacketLaw = std::function<PacketFate(const Passage&)>;
  using StreamLaw = std::function<StreamFate(const Passage&)>;
  ScriptedRule(PacketLaw packets, StreamLaw streams) : packets_(std::move(packets)), streams_(std::move(streams)) {}
  [[nodiscard]] PacketFate packet(const Passage& passage) const override {
    return packets_ ? packets_(passage) : PacketFate{};
  }
  [[nodiscard]] StreamFate stream(const Passage& passage) const override {
    return streams_ ? streams_(passage) : StreamFate{};
  }

 private:
  PacketLaw packets_;
  StreamLaw streams_;
};

inline std::shared_ptr<const DeliveryRule> packet_rule(ScriptedRule::PacketLaw law) {
  return std::make_shared<ScriptedRule>(std::move(law), nullptr);
}
inline std::shared_ptr<const DeliveryRule> stream_rule(ScriptedRule::StreamLaw law) {
  return std::make_shared<ScriptedRule>(nullptr, std::move(law));
}

inline bool is_from(const Passage& passage, const std::string& name) {
  return passage.from.id == stable_id(name);
}
inline bool is_item(const Passage& passage, std::uint64_t number) {
  return passage.message != nullptr && passage.message->content_id() == number;
}
inline bool is_between(SimTime now, SimTime from, SimTime until) {
  return from <= now && now < until;
}

inline constexpr StreamFate::Kind kHold = StreamFate::Kind::hold;

// What `name` sends on streams is held in that time.
inline std::shared_ptr<const DeliveryRule> held(const std::string& name, SimTime from, SimTime until) {
  return stream_rule([=](const Passage& passage) -> StreamFate {
    if (is_from(passage, name) && is_between(passage.now, from, until)) return {kHold, {}, nullptr};
    return {};
  });
}
// What `name` sends outside connections, and to open them, is lost in that time.
inline std::shared_ptr<const DeliveryRule> lost(const std::string& name, SimTime from, SimTime until) {
  return packet_rule([=](const Passage& passage) -> PacketFate {
    if (is_from(passage, name) && is_between(passage.now, from, until)) return {PacketFate::Kind::drop, {}};
    return {};
  });
}

}  // namespace hearsay::test
