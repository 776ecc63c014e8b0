#include "tests/interop/random_script.hpp"

#include <array>
#include <initializer_list>

namespace hearsay::interop {

Bytes push(const Bytes& bytes) {
  Bytes script;
  if (bytes.size() < 0x4c) {
    script = {static_cast<std::uint8_t>(bytes.size())};
  } else if (bytes.size() <= 0xFF) {
    script = {0x4c, static_cast<std::uint8_t>(bytes.size())};
  } else {
    script = {0x4d, static_cast<std::uint8_t>(bytes.size() & 0xFF), static_cast<std::uint8_t>(bytes.size() >> 8)};
  }
  script.insert(script.end(), bytes.begin(), bytes.end());
  return script;
}

// SplitMix64 (Steele, Lea, Flood, 2014).
std::uint64_t RandomScripts::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

Bytes RandomScripts::random_bytes(std::size_t most) {
  Bytes bytes(below(most + 1));
  // Few values, so that equal ones meet.
  static constexpr std::array<std::uint8_t, 6> kValues = {0x00, 0x01, 0x02, 0x80, 0x81, 0xff};
  for (std::uint8_t& byte : bytes) byte = kValues[below(kValues.size())];
  return bytes;
}

std::vector<Bytes> RandomScripts::items() {
  std::vector<Bytes> result(below(4));
  for (Bytes& item : result) item = random_bytes(5);
  return result;
}

void RandomScripts::append_statements(Bytes& script, int depth) {
  for (std::size_t count = 1 + below(4); count > 0; --count) append_statement(script, depth);
}

void RandomScripts::append_statement(Bytes& script, int depth) {
  static constexpr std::array<std::uint8_t, 16> kCommon = {0x00, 0x4f, 0x51, 0x52, 0x60, 0x61, 0x74, 0x75,
                                                           0x76, 0x87, 0x92, 0xa8, 0xa9, 0xaa, 0xb0, 0x76};
  // VERIFY, EQUALVERIFY, RETURN; reserved, disabled and unknown ones; conditionals that do not match.
  static constexpr std::array<std::uint8_t, 12> kRare = {0x69, 0x88, 0x6a, 0x50, 0x62, 0x65,
                                                         0x7e, 0x89, 0xba, 0xff, 0x67, 0x68};
  const std::size_t kind = below(24);
  if (kind == 0) {
    script.push_back(kRare[below(kRare.size())]);
  } else if (kind < 6) {
    const Bytes pushed = push(random_bytes(4));
    script.insert(script.end(), pushed.begin(), pushed.end());
  } else if (kind < 11 && depth < 4) {
    // Most conditionals have something to test.
    if (below(4) != 0) script.push_back(below(2) == 0 ? 0x74 : 0x51);
    script.push_back(below(2) == 0 ? 0x63 : 0x64);
    append_statements(script, depth + 1);
    for (std::size_t branches = below(3); branches > 0; --branches) {
      script.push_back(0x67);
      append_statements(script, depth + 1);
    }
    script.push_back(0x68);
  } else {
    script.push_back(kCommon[below(kCommon.size())]);
  }
}

Bytes RandomScripts::script() {
  Bytes script;
  append_statements(script, 0);
  append_statements(script, 0);
  const std::size_t ending = below(4);
  // Clears a small stack and leaves true on it, as witness scripts must; or leaves true; or whatever there is.
  if (ending >= 2)
    for (int i = 0; i < 12; ++i) script.insert(script.end(), {0x74, 0x92, 0x63, 0x75, 0x68});
  if (ending >= 1) script.push_back(0x51);
  return script;
}

}  // namespace hearsay::interop
