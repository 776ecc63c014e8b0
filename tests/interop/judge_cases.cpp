// Prints the cases for a judge: `interop_judge_cases bitcoin` (for bcoin) or `litecoin` (for litecoind). A seed may
// follow.
#include <charconv>
#include <cstdio>
#include <cstring>

#include "tests/interop/judge_profile.hpp"
#include "tests/interop/world.hpp"

int main(int argument_count, char** arguments) {
  using namespace hearsay::interop;
  const JudgeProfile* profile = argument_count >= 2 ? find_profile(arguments[1]) : nullptr;
  std::uint64_t seed = 1;
  const char* seed_text = argument_count == 3 ? arguments[2] : "1";
  const char* end = seed_text + std::strlen(seed_text);
  if (profile == nullptr || argument_count > 3 || std::from_chars(seed_text, end, seed).ptr != end) {
    std::fprintf(stderr, "usage: %s bitcoin|litecoin [SEED]\n", arguments[0]);
    return 2;
  }
  // Ahead of every block but the one that is too far ahead.
  const auto blocks = static_cast<std::uint32_t>(profile->base_blocks + 1'000);
  CaseStream cases(*profile, kBaseTime + 600 * blocks);
  World world(cases);
  tell_growth(world);
  tell_valid_blocks(world);
  tell_broken_headers(world);
  tell_broken_bodies(world);
  tell_broken_transactions(world);
  tell_scripts(world, seed);
  tell_mutations(world, seed);
  tell_transactions(world);
  tell_reorganisations(world);
  cases.print();
  return 0;
}
