// What a scenario may set of the time that validating takes: keys of `validation` in a group or profile. Costs are
// those of the reference machine (`desktop`); machine, speed and spread say how much slower a node is. Where each
// number comes from, and how far it can be trusted, is in README.md.
#pragma once

#include <string>
#include <vector>

#include "sim/core/parameter.hpp"

namespace hearsay::bitcoin {

struct ValidationParameters {
  std::string model = "off";
  std::string machine = "desktop";
  Factor speed{1.0};
  std::string spread = "none";
  Factor slowest_tenth{4.0};
  std::int64_t script_threads = 0;

  Duration per_message;
  Duration per_header = microseconds(1);
  Duration per_kilobyte = nanoseconds(1'350);
  Duration per_block = microseconds(3'100);
  Duration per_transaction = microseconds(9);
  Duration per_cached_input = microseconds(8);
  Duration per_fetched_input = microseconds(22);
  Duration per_script = nanoseconds(45'800);
  Duration per_output = nanoseconds(1'300);
  Duration per_acceptance = microseconds(60);
  Duration per_selection = nanoseconds(3'500);
  ByteCount stand_in_size{500};
};

inline const std::vector<Parameter<ValidationParameters>>& describe_validation_parameters() {
  using P = ValidationParameters;
  static const std::vector<Parameter<P>> list = {
      {"model",
       &P::model,
       "what keeps a node's message thread busy: nothing (off), the work of Bitcoin Core (core), bytes of a block "
       "(gervais-2016), each block that is sent (simblock)",
       "gervais-2016: 0.174 s for 458,263 bytes (Bitcoin-Simulator dd866b55); simblock: 2 ms (SimBlock 5fc7f9f7)",
       0,
       0,
       {"off", "core", "gervais-2016", "simblock"}},
      {"machine",
       &P::machine,
       "what the node runs on: desktop (the reference, 4 cores), server (as fast, 16 cores), single_board (3.4 times "
       "as "
       "slow, 4 cores)",
       "VerifyScriptP2WPKH of bench_bitcoin: 45.8 us on an i5-14400F, 155.1 us on a Raspberry Pi 5; cores: ours",
       0,
       0,
       {"desktop", "server", "single_board"}},
      {"speed", &P::speed, "how many times as fast as its machine the median node of the group is", "ours: as fast",
       0.001, 1000},
      {"spread",
       &P::spread,
       "law of how much slower than the median a node is: none (not at all), log_normal, pareto; drawn once a node",
       "none: ours; log_normal fits validation times of 190 signet nodes (b10c, April 2026)",
       0,
       0,
       {"none", "log_normal", "pareto"}},
      {"slowest_tenth", &P::slowest_tenth,
       "under a spread, the slowest tenth of the nodes takes at least so many times as long as the median one",
       "78.3 s against 19.7 s for slow blocks on signet (b10c, April 2026)", 1, 1000},
      {"script_threads", &P::script_threads,
       "threads that check the scripts of a block, the message thread among them; 0: one a core of the machine",
       "-par, Bitcoin Core node/chainstatemanager_args.cpp: at most 15 besides the message thread", 0, 16},
      {"per_message", &P::per_message, "any message, whatever is in it", "ours: too little to count", 0, 1e9},
      {"per_header", &P::per_header, "a header: hash, checks, a place in the index", "ours: two SHA-256 of 80 bytes", 0,
       1e9},
      {"per_kilobyte", &P::per_kilobyte, "1,000 bytes of a block or transaction: parsing, hashes, checks without coins",
       "DeserializeAndCheckBlockTest of bench_bitcoin: 1.350 ms for 999,887 bytes", 0, 1e9},
      {"per_block", &P::per_block, "a block that is connected: index and chain state",
       "bitcoin#10303: index writing 3.00 ms and chain state 0.10 ms, means over 571 blocks", 0, 3600e9},
      {"per_transaction", &P::per_transaction, "a transaction of a block that is connected: leaving the mempool",
       "bitcoin#10303: 18.25 ms a block of about 2,000 besides connecting and flushing", 0, 1e9},
      {"per_cached_input", &P::per_cached_input,
       "an input of a transaction that the node had validated: coin and script result are cached",
       "bitcoin#10303: 0.008 ms an input of a block at the tip", 0, 1e9},
      {"per_fetched_input", &P::per_fetched_input, "another input: finding its coin",
       "bitcoin#24216: 0.022 ms an input in initial download", 0, 1e9},
      {"per_script", &P::per_script,
       "another input: checking its script; in a block this is divided by the threads, for a single transaction not",
       "VerifyScriptP2WPKH of bench_bitcoin on an i5-14400F", 0, 1e9},
      {"per_output", &P::per_output, "an output of a block that is connected: flushing the coins",
       "bitcoin#10303: flush 5.58 ms a block of about 4,300 outputs", 0, 1e9},
      {"per_acceptance", &P::per_acceptance, "a transaction offered to the mempool that gets as far as its coins",
       "ours: what coins and scripts leave of a median of 0.27 ms (bitcoin#6722)", 0, 1e9},
      {"per_selection", &P::per_selection, "a transaction that is put into a template",
       "bitcoin#9959: 7 ms for a block of about 2,000", 0, 1e9},
      {"stand_in_size", &P::stand_in_size,
       "padding of a block stands for transactions of this size that everybody has, each with two inputs and two "
       "outputs; 0 B: for nothing but its bytes",
       "ours: mainnet's mean was 522 B (Gervais et al. 2016) and 642 B in block 413,567", 0, 4e6},
  };
  return list;
}

}  // namespace hearsay::bitcoin
