// The file of a capture: frames and blocks byte for byte, checksums, what the user may ask for, and that a capture is
// the same however a run is split and changes nothing.
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "scenarios/app/capture/capture_plan.hpp"
#include "scenarios/app/capture/pcapng_writer.hpp"
#include "scenarios/app/capture/tcp_frame.hpp"
#include "scenarios/app/simulate.hpp"
#include "tests/unit/resolve_fixtures.hpp"
#include "tests/unit/results_fixtures.hpp"

namespace hearsay::app {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes from_hex(const std::string& text) {
  Bytes bytes;
  std::istringstream words(text);
  for (std::string word; words >> word;)
    for (std::size_t i = 0; i < word.size(); i += 2)
      bytes.push_back(static_cast<std::uint8_t>(std::stoul(word.substr(i, 2), nullptr, 16)));
  return bytes;
}

// 16-bit words summed with end-around carry, the slow way: 0xffff over a region that holds its own checksum.
std::uint32_t ones_sum(const Bytes& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += static_cast<std::uint32_t>(bytes[i]) << (i % 2 == 0 ? 8 : 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

Bytes slice(const Bytes& bytes, std::size_t first, std::size_t last) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.begin() + static_cast<std::ptrdiff_t>(last)};
}

Bytes joined(Bytes first, const Bytes& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TcpSegment some_segment() {
  TcpSegment segment;
  segment.source = ipv4_endpoint(0x0a000001, 50'000);
  segment.destination = ipv4_endpoint(0xc0a80102, 8333);
  segment.sequence = 0x01020304;
  segment.acknowledgement = 0x05060708;
  segment.flags = kTcpPsh | kTcpAck;
  segment.timestamp = 0x0b0c0d0e;
  segment.timestamp_echo = 0x0f101112;
  return segment;
}

Endpoint ipv6_endpoint(std::uint8_t last, std::uint16_t port) {
  Endpoint endpoint{hearsay::Network::ipv6, {0x20, 0x01, 0x0d, 0xb8}, port};
  endpoint.address[15] = last;
  return endpoint;
}

}  // namespace

TEST_CASE("a frame is laid out as the RFCs say") {
  const Bytes payload = from_hex("aabbcc");
  Bytes frame;
  write_frame(some_segment(), payload, frame);
  Bytes expected = from_hex(
      "0200c0a80102 02000a000001 0800"                  // Ethernet: to, from, IPv4
      "45000037 00004000 4006 0000 0a000001 c0a80102"   // 55 bytes, don't fragment, TTL 64, TCP
      "c350208d 01020304 05060708 8018 ffff 0000 0000"  // 8 words of header, PSH ACK
      "0101080a 0b0c0d0e 0f101112"                      // timestamps
      "aabbcc");
  REQUIRE(frame.size() == expected.size());
  // Both checksums by the sum of RFC 1071; that they are right, the next test says.
  for (const std::size_t place : {24u, 25u, 50u, 51u}) expected[place] = frame[place];
  CHECK(frame == expected);
}

TEST_CASE("a SYN offers the maximum segment size, timestamps and a window scale") {
  TcpSegment segment = some_segment();
  segment.flags = kTcpSyn;
  segment.options = TcpOptions::set_up;
  Bytes frame;
  write_frame(segment, {}, frame);
  REQUIRE(frame.size() == 14 + 20 + 40);
  CHECK(frame[46] == 0xa0);  // 10 words of header
  CHECK(slice(frame, 54, 74) == from_hex("020405b4 0101080a 0b0c0d0e 0f101112 0103030e"));
}

TEST_CASE("the checksums of IPv4 and TCP hold for payloads of every length") {
  Bytes payload;
  for (std::size_t length = 0; length <= 1448; length += length < 20 ? 1 : 119) {
    while (payload.size() < length) payload.push_back(static_cast<std::uint8_t>(0xff - payload.size() * 7));
    Bytes frame;
    write_frame(some_segment(), payload, frame);
    REQUIRE(frame.size() == 14 + 52 + length);
    CHECK(ones_sum(slice(frame, 14, 34)) == 0xffff);
    const std::size_t tcp_bytes = 32 + length;
    const Bytes length_and_protocol = {0, 6, static_cast<std::uint8_t>(tcp_bytes >> 8),
                                       static_cast<std::uint8_t>(tcp_bytes)};
    const Bytes pseudo = joined(slice(frame, 26, 34), length_and_protocol);
    CHECK(ones_sum(joined(pseudo, slice(frame, 34, frame.size()))) == 0xffff);
    payload.resize(length);
  }
}

TEST_CASE("a full segment is an IP packet of 1,500 bytes") {
  Bytes frame;
  write_frame(some_segment(), Bytes(1448), frame);
  CHECK(frame.size() == 14 + 1500);
}

TEST_CASE("addresses that are not IPv4-mapped travel in IPv6") {
  TcpSegment segment = some_segment();
  segment.source = ipv6_endpoint(1, 50'000);
  segment.destination = ipv6_endpoint(2, 8333);
  Bytes frame;
  write_frame(segment, from_hex("aabbcc"), frame);
  REQUIRE(frame.size() == 14 + 40 + 32 + 3);
  CHECK(slice(frame, 12, 22) == from_hex("86dd 60000000 0023 0640"));
  CHECK(frame[0] == 0x02);
  CHECK(slice(frame, 0, 6) != slice(frame, 6, 12));
  const Bytes pseudo = joined(slice(frame, 22, 54), from_hex("00000023 00000006"));
  CHECK(ones_sum(joined(pseudo, slice(frame, 54, frame.size()))) == 0xffff);
}

TEST_CASE("a pcapng file is laid out as its specification says") {
  std::ostringstream out;
  PcapngWriter writer(out, "prog", "hello");
  CHECK(writer.add_interface("full[0]") == 0);
  CHECK(writer.add_interface("x") == 1);
  writer.add_packet(1, 0x0102030405060708, PacketDirection::outbound, from_hex("0a0b0c0d0e"));
  const std::string text = out.str();
  CHECK(Bytes(text.begin(), text.end()) ==
        from_hex("0a0d0d0a 34000000 4d3c2b1a 01000000 ffffffff ffffffff"           // section header
                 "01000500 68656c6c 6f000000 04000400 70726f67 00000000 34000000"  // comment, application
                 "01000000 2c000000 01000000 00000000"                             // interface 0: Ethernet
                 "02000700 66756c6c 5b305d00 09000100 09000000 00000000 2c000000"  // name, nanoseconds
                 "01000000 28000000 01000000 00000000"                             // interface 1
                 "02000100 78000000 09000100 09000000 00000000 28000000"           //
                 "06000000 34000000 01000000 04030201 08070605 05000000 05000000"  // packet
                 "0a0b0c0d 0e000000 02000400 02000000 00000000 34000000"));        // data, outbound
}

namespace {

const std::string kScenario =
    "question: q?\n"
    "horizon: 5 min\n"
    "world: {regions: simblock-2019, latency: {model: region_matrix}, bandwidth: {model: region}}\n"
    "groups:\n"
    "  full: {count: 12, role: full}\n"
    "  pools: {count: 2, role: miner, hash: equal}\n"
    "topology: {model: random_outbound, outbound: 3}\n"
    "workload: {blocks: {interval: 30 s, size: 30 kB}}\n"
    "measure: {traffic: {by: type}}\n"
    "seeds: {world: 1..5}\n";

Scenario scenario_of(const Lines& sets = {}) {
  return resolve_text(kScenario, sets);
}

std::string mistake_of(const std::string& path, const std::vector<std::string>& nodes, std::size_t runs = 1) {
  const test::TemporaryFolder folder;
  const Scenario scenario = scenario_of();
  try {
    (void)plan_capture(path.empty() ? path : folder.path(path), nodes, scenario, std::vector<RunKey>(runs));
  } catch (const CaptureError& error) {
    return folder.cut_from(error.what());
  }
  return "";
}

}  // namespace

TEST_CASE("a capture is the same file for one rank and several, values and bytes, and leaves the run as it is") {
  const test::TemporaryFolder folder;
  const Scenario scenario = scenario_of();
  const Scenario in_bytes = scenario_of({"wire=bytes"});
  RunKey key;
  key.world_seed = 3;
  const RunResult plain = simulate(scenario, key, {}, nullptr);

  SimulateOptions options;
  options.capture = {folder.path("one.pcapng"), select_nodes(scenario, {"full[0..4]", "pools[1]"})};
  CHECK(simulate(scenario, key, options, nullptr).digest == plain.digest);
  const std::string expected = content_of(options.capture.path);
  CHECK(expected.size() > 1'000'000);
  CHECK(!std::filesystem::exists(unfinished_capture(options.capture.path)));

  options.capture.path = folder.path("other.pcapng");
  for (const unsigned ranks : {2u, 3u}) {
    options.ranks = ranks;
    CHECK(simulate(scenario, key, options, nullptr).digest == plain.digest);
    CHECK((content_of(options.capture.path) == expected));  // not shown: it is a megabyte
  }
  options.ranks = 1;
  CHECK(simulate(in_bytes, key, options, nullptr).digest == plain.digest);
  CHECK((content_of(options.capture.path) == expected));

  options.probes = false;
  CHECK(simulate(in_bytes, key, options, nullptr).digest == plain.digest);
  CHECK((content_of(options.capture.path) == expected));
}

TEST_CASE("what one host sends is the same whoever else is captured") {
  const test::TemporaryFolder folder;
  const Scenario scenario = scenario_of();
  RunKey key;
  key.world_seed = 3;
  SimulateOptions options;
  std::vector<std::string> blocks;
  for (const std::vector<std::string>& nodes : {std::vector<std::string>{"full[0]"}, {"full[0]", "pools"}}) {
    options.capture = {folder.path("x.pcapng"), select_nodes(scenario, nodes)};
    (void)simulate(scenario, key, options, nullptr);
    // Packets of interface 0, which is full[0] in both files.
    const std::string file = content_of(options.capture.path);
    std::string packets;
    for (std::size_t at = 0; at < file.size();) {
      std::uint32_t words[3];
      std::memcpy(words, file.data() + at, sizeof words);
      if (words[0] == 6 && words[2] == 0) packets.append(file, at, words[1]);
      at += words[1];
    }
    blocks.push_back(packets);
  }
  CHECK(blocks[0].size() > 100'000);
  CHECK((blocks[0] == blocks[1]));
}

TEST_CASE("nodes are chosen by name, by range, by group, or all, and come in the order of the scenario") {
  using Names = std::vector<std::string>;
  const test::TemporaryFolder folder;
  const Scenario scenario = scenario_of();
  CHECK(select_nodes(scenario, {"pools[0],full[7]"}) == Names{"full[7]", "pools[0]"});
  CHECK(select_nodes(scenario, {"full[3]", "full[2..4], full[3]"}) == Names{"full[2]", "full[3]", "full[4]"});
  CHECK(select_nodes(scenario, {"pools"}) == Names{"pools[0]", "pools[1]"});
  CHECK(select_nodes(scenario, {"all"}).size() == 14);
  const CapturePlan plan = plan_capture(folder.path("c.pcapng"), {}, scenario, {RunKey{}});
  CHECK(plan.nodes == Names{"full[0]", "pools[0]"});
  CHECK(!std::filesystem::exists(plan.path));
  CHECK(describe_nodes(plan) == "full[0], pools[0]");
}

TEST_CASE("each mistake in asking for a capture is told apart, with what was meant or expected") {
  CHECK(mistake_of("c", {"full[7]"}) == "");
  CHECK(mistake_of("", {}) == "");
  CHECK(mistake_of("", {"full[7]"}) == "--capture-nodes without --capture: name the file to write");
  CHECK(mistake_of("c", {"fulll[7]"}) ==
        "--capture-nodes: no node or group is called `fulll[7]`; did you mean `full[7]`?");
  CHECK(mistake_of("c", {"pool"}) == "--capture-nodes: no node or group is called `pool`; did you mean `pools`?");
  CHECK(mistake_of("c", {"full[12]"}) ==
        "--capture-nodes: no node is called `full[12]`: the nodes of full are full[0..11]");
  for (const std::string word : {"full[]", "full[x]", "full[3", "full[4..2]", "full[-1]", "full[1..]", "full[1]]"})
    CHECK(mistake_of("c", {word}) == "--capture-nodes: `" + word + "` is no node; expected full[0] or full[0..11]");
  CHECK(mistake_of("c", {"full[1],,full[2]"}) == "--capture-nodes 'full[1],,full[2]': a name is empty");
  CHECK(mistake_of("c", {""}) == "--capture-nodes '': a name is empty");
  CHECK(mistake_of("c", {}, 5) == "--capture records one run, and 5 are selected: choose one, for example --seeds 1");
  CHECK(mistake_of("nowhere/c", {}) == "cannot write nowhere/c: No such file or directory");
  CHECK(mistake_of("", {}, 5) == "");
  const test::TemporaryFolder folder;
  const Scenario scenario = scenario_of();
  CHECK_THROWS_WITH(plan_capture(folder.path("."), {}, scenario, {RunKey{}}), Catch::EndsWith("it is a folder"));
}

TEST_CASE("a run that is there already cannot be captured, and a results file is no place for a capture") {
  const TemporaryFolder folder;
  const std::string results = folder.path("r.sqlite");
  const CapturePlan plan{folder.path("c.pcapng"), {"full[0]"}};
  expect_capturable(plan, results, Existing::resume);  // there is none yet
  {
    ResultsFile file = ResultsFile::for_experiment(results, synthetic_experiment(1), Existing::resume);
    expect_capturable(plan, results, Existing::resume);  // it was not run to its end
    file.write_run(synthetic_result(synthetic_key(1)));
  }
  CHECK_THROWS_WITH(expect_capturable(plan, results, Existing::resume), Catch::Contains("--fresh replaces them"));
  expect_capturable(plan, results, Existing::replace);
  expect_capturable({}, results, Existing::resume);
  const std::string relative = std::filesystem::relative(folder.path("new.sqlite")).string();
  CHECK_THROWS_WITH(expect_capturable({relative, {"full[0]"}}, folder.path("new.sqlite"), Existing::replace),
                    Catch::Contains("a file of its own"));
}

}  // namespace hearsay::app
