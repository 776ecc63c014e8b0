// The cases that a judge gets, each with the verdict of this project, found by its own validation at that moment.
//
// A node's view in small: headers, ledger and block tree, fed with bytes as they would come from a peer. Not
// responsible for what the cases are.
//
// Invariants: verdicts are computed, never written by hand; what is written by hand is the reason that Bitcoin Core
// gives, and a verdict of ours that stands for another reason is reported as a disagreement. Every case carries the tip
// that this project follows after it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/chain/block_index.hpp"
#include "models/chain/block_tree.hpp"
#include "models/chain/ledger.hpp"
#include "tests/interop/judge_profile.hpp"

namespace hearsay::interop {

// What the judges are expected to say of an invalid case.
struct Expected {
  std::string core = {};                      // reject reason of Bitcoin Core; empty: any
  std::optional<std::string> litecoind = {};  // where it differs there; empty: any
  std::optional<std::string> bcoin = {};
  // Judges that cannot be asked, and why.
  std::map<std::string, std::string> skip = {};
};

// What this project says.
struct Opinion {
  std::string verdict;                    // "valid", or the name of an enumerator
  std::vector<std::string> reasons = {};  // of Bitcoin Core, that the verdict stands for; empty: any
};

enum class Verbosity : std::uint8_t { quiet, shown };

class CaseStream {
 public:
  CaseStream(const JudgeProfile& profile, std::uint32_t clock);

  [[nodiscard]] const JudgeProfile& profile() const { return profile_; }
  [[nodiscard]] std::uint32_t clock() const { return clock_; }
  [[nodiscard]] const chain::BlockIndex& blocks() const { return blocks_; }
  [[nodiscard]] const chain::Ledger& ledger() const { return ledger_; }
  [[nodiscard]] chain::BlockRef tip() const { return tree_.tip(); }

  // A block that ought to be valid. Whatever our verdict is, the case is written with it; another one than meant is
  // reported as a disagreement.
  void accept(const std::string& name, const chain::Block& block, Verbosity verbosity = Verbosity::shown);
  // A block that ought to be invalid.
  void refuse(const std::string& name, const chain::Block& block, const Expected& expected);
  void refuse_bytes(const std::string& name, const std::vector<std::uint8_t>& bytes, const Expected& expected);
  // One of which nobody has said what it ought to be.
  void compare(const std::string& name, const chain::Block& block);
  // One that ought to be invalid, where judges may find out later than we do: they must follow the same tip.
  void refuse_in_time(const std::string& name, const chain::Block& block, const Expected& expected);
  // A transaction for the memory pool, with an opinion found elsewhere, and how many the pool holds after it.
  void transaction(const std::string& name, const chain::Transaction& transaction, const Opinion& ours,
                   const Expected& expected, std::size_t pool_size);

  // All cases, one JSON object a line, after a line about all of them.
  void print() const;

 private:
  enum class Meant : std::uint8_t { valid, invalid, invalid_later, anything };
  [[nodiscard]] Opinion judge(const std::vector<std::uint8_t>& bytes);
  void write(nlohmann::json test, const std::string& name, const Opinion& ours, const Expected& expected);
  void write_block(const std::string& name, const std::vector<std::uint8_t>& bytes, const Expected& expected,
                   Meant meant, Verbosity verbosity);

  const JudgeProfile& profile_;
  std::uint32_t clock_;
  chain::BlockIndex blocks_;
  chain::Ledger ledger_;
  chain::BlockTree tree_;
  std::vector<std::string> lines_;
};

[[nodiscard]] std::vector<std::uint8_t> bytes_of(const chain::Block& block);

}  // namespace hearsay::interop
