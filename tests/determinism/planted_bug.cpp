// Runs one check on one world and says how it went; see CMakeLists.txt for the mistakes that it is run against.
//
//   planted_bug WORLD CHECK    prints "holds: CHECK" and returns 0, or "violated: SENTENCE" and returns 1
#include <cstdio>
#include <string>

#include "tests/determinism/determinism_checks.hpp"

namespace hearsay::test {
std::vector<NamedWorld> HEARSAY_WORLDS();  // those of one protocol
}

int main(int argc, char** argv) {
  using namespace hearsay::test;
  if (argc != 3) return 2;
  for (const NamedWorld& world : HEARSAY_WORLDS()) {
    if (world.name != std::string(argv[1])) continue;
    for (const NamedCheck& check : invariance_checks()) {
      if (check.name != argv[2]) continue;
      const std::string violation = check.check(world.factory);
      if (violation.empty()) {
        std::printf("holds: %s\n", check.name.c_str());
      } else {
        std::printf("violated: %s\n", violation.c_str());
      }
      return violation.empty() ? 0 : 1;
    }
  }
  std::fprintf(stderr, "no such world or check\n");
  return 2;
}
