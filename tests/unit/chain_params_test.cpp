// Constants of mainnet and regtest, and the subsidy schedule.
#include <catch2/catch.hpp>

#include "models/chain/params.hpp"
#include "tests/fixtures/bitcoin_vectors.hpp"

using namespace hearsay::chain;
namespace vectors = hearsay::vectors;

TEST_CASE("the genesis blocks are the published bytes") {
  const std::pair<const ChainParams&, std::string_view> chains[] = {{mainnet_params(), vectors::kMainnetGenesisBlock},
                                                                    {regtest_params(), vectors::kRegtestGenesisBlock}};
  for (const auto& [params, hex] : chains) {
    std::vector<std::uint8_t> bytes;
    ByteWriter writer(bytes);
    params.genesis->encode(writer, WitnessForm::included);
    CHECK(bytes_to_hex(bytes) == hex);
    CHECK(meets_target(params.genesis->hash(), target_of(params.genesis->header().bits).value()));
    CHECK(encode_compact(params.pow_limit) == params.pow_limit_bits);
    CHECK(params.genesis->header().bits == params.pow_limit_bits);
  }
}

TEST_CASE("mainnet and regtest have their magic and port") {
  CHECK(bytes_to_hex(mainnet_params().magic) == "f9beb4d9");
  CHECK(mainnet_params().default_port == 8333);
  CHECK(bytes_to_hex(regtest_params().magic) == "fabfb5da");
  CHECK(regtest_params().default_port == 18444);
}

TEST_CASE("the subsidy halves at every interval and ends after 64 halvings") {
  CHECK(subsidy(mainnet_params(), 0) == 5'000'000'000);
  CHECK(subsidy(mainnet_params(), 209'999) == 5'000'000'000);
  CHECK(subsidy(mainnet_params(), 210'000) == 2'500'000'000);
  CHECK(subsidy(mainnet_params(), 840'000) == 312'500'000);
  CHECK(subsidy(mainnet_params(), 33 * 210'000) == 0);
  CHECK(subsidy(mainnet_params(), 64 * 210'000) == 0);
  CHECK(subsidy(regtest_params(), 149) == 5'000'000'000);
  CHECK(subsidy(regtest_params(), 150) == 2'500'000'000);
  CHECK(subsidy(regtest_params(), 300) == 1'250'000'000);
}

TEST_CASE("all subsidies of mainnet add up to just under 21 million coins") {
  std::int64_t total = 0;
  for (std::int32_t halving = 0; halving < 65; ++halving) {
    total += 210'000 * subsidy(mainnet_params(), halving * 210'000);
  }
  CHECK(total == 2'099'999'997'690'000);
}
