// Random scripts of the opcodes that our interpreter knows: mostly well-formed, so that many of them are valid.
//
// Invariants: a seed gives the same scripts on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hearsay::interop {

using Bytes = std::vector<std::uint8_t>;

// The shortest push of these bytes that carries a length (none becomes an opcode for a number).
[[nodiscard]] Bytes push(const Bytes& bytes);

class RandomScripts {
 public:
  explicit RandomScripts(std::uint64_t seed) : state_(seed) {}

  // What lies on the stack before.
  [[nodiscard]] std::vector<Bytes> items();
  [[nodiscard]] Bytes script();
  [[nodiscard]] std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

 private:
  [[nodiscard]] std::uint64_t next();
  [[nodiscard]] Bytes random_bytes(std::size_t most);
  void append_statements(Bytes& script, int depth);
  void append_statement(Bytes& script, int depth);

  std::uint64_t state_;
};

}  // namespace hearsay::interop
