#include "models/faults/loss_burst/loss_burst.hpp"

#include <algorithm>

namespace hearsay::faults {

namespace {

const std::vector<Parameter<LossBurstParameters>>& describe() {
  using P = LossBurstParameters;
  static const std::vector<Parameter<P>> list = with_timing<P>({
      {"of", &P::of, "the nodes whose access links lose, in both directions", ""},
      {"loss", &P::loss, "share of the segments and datagrams that get lost on each such link", "a choice", 0.0001,
       0.9},
  });
  return list;
}

void check(const LossBurstParameters& parameters, std::vector<Mistake>& mistakes) {
  check_timing(parameters, mistakes);
}

class Burst final : public DeliveryRule {
 public:
  Burst(const LossBurstParameters& parameters, const Site& site)
      : periods_(periods_of(parameters, site.origin(), site.end())),
        one_link_(parameters.loss),
        both_links_{1.0 - (1.0 - parameters.loss.fraction) * (1.0 - parameters.loss.fraction)},
        drops_(site.draw_key("datagrams lost")) {
    for (const NodeId node : site.members(parameters.of)) lossy_.push_back(site.simulation().world().host(node).id);
  }

  PacketFate packet(const Passage& passage) const override {
    const bool lost = is_lost(drops_, passage.draw, loss_of(passage));
    return {lost ? PacketFate::Kind::drop : PacketFate::Kind::pass, {}};
  }
  StreamFate stream(const Passage& passage) const override {
    StreamFate fate;
    fate.loss = loss_of(passage);
    return fate;
  }

 private:
  [[nodiscard]] Share loss_of(const Passage& passage) const {
    if (!lies_in(periods_, passage.now)) return {};
    const bool from = std::binary_search(lossy_.begin(), lossy_.end(), passage.from.id);
    const bool to = std::binary_search(lossy_.begin(), lossy_.end(), passage.to.id);
    if (from && to) return both_links_;
    return from || to ? one_link_ : Share{};
  }

  std::vector<Period> periods_;
  Share one_link_;
  Share both_links_;
  std::uint64_t drops_;
  std::vector<StableId> lossy_;  // sorted, as members are
};

class LossBurst final : public Fault {
 public:
  explicit LossBurst(const LossBurstParameters& parameters) : parameters_(parameters) {}
  void install(const Site& site) override {
    rule_ = std::make_unique<Burst>(parameters_, site);
    site.simulation().add_rule(*rule_);
  }

 private:
  LossBurstParameters parameters_;
  std::unique_ptr<Burst> rule_;
};

}  // namespace

const FaultModel<LossBurstParameters>& loss_burst_model() {
  static const FaultModel<LossBurstParameters> model{
      "loss_burst",
      "the access links of some nodes lose segments and datagrams",
      describe,
      {"of", "at"},
      {},
      true,
      check,
      [](const LossBurstParameters& parameters) -> std::unique_ptr<Fault> {
        return std::make_unique<LossBurst>(parameters);
      }};
  return model;
}

}  // namespace hearsay::faults
