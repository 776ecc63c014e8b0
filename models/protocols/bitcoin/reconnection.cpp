#include "models/protocols/bitcoin/reconnection.hpp"

#include <algorithm>
#include <utility>

namespace hearsay::bitcoin {

Reconnection::Reconnection(const ReconnectionSettings& settings, std::vector<Endpoint> dials, PeerSupply supply)
    : settings_(settings), reachable_(std::move(supply.reachable)) {
  const auto is_in = [](const std::vector<Endpoint>& list, const Endpoint& endpoint) {
    return std::find(list.begin(), list.end(), endpoint) != list.end();
  };
  for (const Endpoint& endpoint : dials) {
    const bool itself = reachable_ == nullptr || is_in(supply.fixed, endpoint);
    first_.push_back({endpoint, itself ? Replacement::itself : Replacement::drawn});
    wanted_ += itself ? 0 : 1;
  }
  for (const Endpoint& endpoint : supply.fixed)
    if (!is_in(dials, endpoint)) first_.push_back({endpoint, Replacement::itself});
}

void Reconnection::start(Context& context) {
  if (settings_.reconnect == Reconnect::never) {
    for (const First& peer : first_) context.connect(peer.endpoint);
    return;
  }
  contacts_.clear();
  failures_.clear();
  discouraged_.clear();
  targets_.clear();
  outbound_ = 0;
  draw_due_ = SimTime::max();
  pause_until_ = context.now();
  attempt_ = kNone;
  for (const First& peer : first_) {
    const bool itself = peer.replacement == Replacement::itself;
    const std::uint32_t target = itself ? static_cast<std::uint32_t>(targets_.size()) : kNone;
    if (itself) targets_.push_back({peer.endpoint, settings_.delay});
    dial(context, peer.endpoint, target);
  }
}

Reconnection::Contact& Reconnection::contact(ConnectionSlot slot) {
  if (slot >= contacts_.size()) contacts_.resize(slot + 1);
  return contacts_[slot];
}

ConnectionSlot Reconnection::dial(Context& context, const Endpoint& endpoint, std::uint32_t target) {
  const ConnectionSlot slot = context.connect(endpoint);
  contact(slot) = {endpoint, State::dialling, Direction::outbound, false, target};
  if (target == kNone) ++outbound_;
  return slot;
}

void Reconnection::connected(Context& context, ConnectionSlot slot, const Endpoint& peer, Direction direction) {
  if (settings_.reconnect == Reconnect::never) return;
  Contact& known = contact(slot);
  if (known.state == State::none) {
    known = {peer, State::open, direction, false, kNone};
    if (direction == Direction::outbound) ++outbound_;
    return;
  }
  known.state = State::open;
  if (slot != attempt_) return;
  attempt_over(context.now());
  arm(context);
}

// The peer works: the next time that it is lost, it is dialled soon.
void Reconnection::shook_hands(ConnectionSlot slot) {
  if (settings_.reconnect == Reconnect::never) return;
  Contact& known = contact(slot);
  known.shook_hands = true;
  if (known.target != kNone) targets_[known.target].delay = settings_.delay;
}

// Bitcoin Core: discouraged addresses are not dialled (OpenNetworkConnection, net.cpp).
void Reconnection::discourage(ConnectionSlot slot) {
  if (settings_.reconnect == Reconnect::never) return;
  if (!is_discouraged(contact(slot).endpoint)) discouraged_.push_back(contact(slot).endpoint);
}

bool Reconnection::is_discouraged(const Endpoint& endpoint) const {
  return std::find(discouraged_.begin(), discouraged_.end(), endpoint) != discouraged_.end();
}

// A connection that ends before the handshake is complete is a failed attempt.
void Reconnection::ended(Context& context, ConnectionSlot slot) {
  if (settings_.reconnect == Reconnect::never) return;
  lose(context, slot, contact(slot).shook_hands ? context.now() : context.now() + kForget);
}

void Reconnection::lose(Context& context, ConnectionSlot slot, SimTime avoid_until) {
  if (settings_.reconnect == Reconnect::never) return;
  const SimTime now = context.now();
  const Contact lost = std::exchange(contact(slot), Contact{});
  if (lost.state == State::none) return;
  if (lost.target != kNone) {
    Target& target = targets_[lost.target];
    if (!is_discouraged(target.endpoint)) target.due = now + target.delay;
    target.delay = std::max(settings_.delay, std::min(target.delay * 2, kLongestDelay));
  } else if (lost.direction == Direction::outbound) {
    --outbound_;
    if (avoid_until > now) failures_.push_back({lost.endpoint, avoid_until});
  }
  if (slot == attempt_) attempt_over(now);
  await_draw(now);
  arm(context);
}

void Reconnection::attempt_over(SimTime now) {
  attempt_ = kNone;
  pause_until_ = now + settings_.delay;
  await_draw(now);
}

void Reconnection::await_draw(SimTime now) {
  if (outbound_ >= wanted_)
    draw_due_ = SimTime::max();
  else
    draw_due_ = std::min(draw_due_, now + settings_.delay);
}

// The one that is due first; of several, the first.
Reconnection::Target* Reconnection::next_target() {
  const auto first = std::min_element(targets_.begin(), targets_.end(),
                                      [](const Target& a, const Target& b) { return a.due < b.due; });
  return first == targets_.end() || first->due == SimTime::max() ? nullptr : &*first;
}

void Reconnection::on_timer(Context& context) {
  const SimTime now = context.now();
  if (attempt_ != kNone || pause_until_ > now) return arm(context);
  Target* target = next_target();
  if (target != nullptr && target->due <= std::min(now, draw_due_)) {
    target->due = SimTime::max();
    attempt_ = dial(context, target->endpoint, static_cast<std::uint32_t>(target - targets_.data()));
  } else if (draw_due_ <= now) {
    draw_due_ = SimTime::max();
    std::erase_if(failures_, [now](const Failure& failure) { return failure.until <= now; });
    if (const std::optional<Endpoint> endpoint = draw(context))
      attempt_ = dial(context, *endpoint, kNone);
    else  // until somebody may be tried again, or a connection ends
      for (const Failure& failure : failures_) draw_due_ = std::min(draw_due_, failure.until);
  }
  arm(context);
}

std::optional<Endpoint> Reconnection::draw(Context& context) {
  const std::vector<std::size_t> out = excluded(context);
  if (out.size() >= reachable_->size()) return std::nullopt;
  if (!draws_) draws_ = context.stream(SeedDomain::world, Purpose("bitcoin reconnection"));
  std::size_t place = draws_->below(reachable_->size() - out.size());
  for (const std::size_t other : out)
    if (other <= place) ++place;
  return (*reachable_)[place];
}

// Places in the list of those that may not be drawn, ascending.
std::vector<std::size_t> Reconnection::excluded(const Context& context) const {
  std::vector<std::size_t> out;
  const std::vector<Endpoint>& list = *reachable_;
  const auto exclude = [&](const Endpoint& endpoint) {
    const auto found = std::lower_bound(list.begin(), list.end(), endpoint);
    if (found != list.end() && *found == endpoint) out.push_back(static_cast<std::size_t>(found - list.begin()));
  };
  exclude(context.endpoint());
  for (const Contact& other : contacts_)
    if (other.state != State::none) exclude(other.endpoint);
  for (const Target& target : targets_) exclude(target.endpoint);
  for (const Failure& failure : failures_) exclude(failure.endpoint);
  for (const Endpoint& endpoint : discouraged_) exclude(endpoint);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void Reconnection::arm(Context& context) {
  const Target* target = next_target();
  const SimTime next = target == nullptr ? draw_due_ : std::min(draw_due_, target->due);
  if (attempt_ != kNone || next == SimTime::max()) return context.cancel_timer(settings_.timer);
  context.set_timer(settings_.timer, std::max(next, pause_until_));
}

}  // namespace hearsay::bitcoin
