// What delivery rules do to dials and streams. Between all hosts lie 10 ms; a set-up needs 20 ms at the dialling end.
#include <catch2/catch.hpp>

#include "tests/unit/sim_scripted_rule.hpp"

namespace hearsay::test {

namespace {

StoryOptions ruled(Rules rules) {
  StoryOptions options = without_windows();
  options.rules = std::move(rules);
  return options;
}

const SimTime kForever = SimTime::max();

}  // namespace

TEST_CASE("a dial whose SYN is dropped goes out again after 1 and 3 s") {
  for (const auto& [until, connected] : {std::pair{at_ms(500), at_ms(1020)}, {at_ms(2000), at_ms(3020)}}) {
    Story story(ruled({lost("anna", SimTime{}, until)}));
    connect_at_start(story);
    story.run_until(SimTime{} + minutes(2));
    CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{connected, "connected out 0"}});
    CHECK(story["bert"].calls_from(at_ms(1)) ==
          Calls{{connected - milliseconds(10), "asked"}, {connected + milliseconds(10), "connected in 0"}});
  }
}

TEST_CASE("a dial whose SYN-ACK is dropped is asked for once and answered twice") {
  Story story(ruled({lost("bert", SimTime{}, at_ms(500))}));
  connect_at_start(story);
  story.run_until(SimTime{} + minutes(2));
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(1020), "connected out 0"}});
  CHECK(story["bert"].calls_from(at_ms(1)) == Calls{{at_ms(10), "asked"}, {at_ms(1030), "connected in 0"}});
}

TEST_CASE("a dial that is never answered times out, and the accepting end forgets it") {
  const std::string deaf = GENERATE("anna", "bert");
  Story story(ruled({lost(deaf, SimTime{}, kForever)}));
  connect_at_start(story);
  story.run_until(SimTime{} + minutes(2));
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(5000), "timed out 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("delays of a set-up add up, also over several rules") {
  const auto slow = packet_rule([](const Passage&) -> PacketFate {
    return {PacketFate::Kind::delay, milliseconds(100)};
  });
  Story story(ruled({slow, slow}));
  connect_at_start(story);
  story.run_until(SimTime{} + minutes(2));
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(420), "connected out 0"}});
}

TEST_CASE("a message that a rule delays keeps back those behind it, and only those") {
  Story story(ruled({stream_rule([](const Passage& passage) -> StreamFate {
    if (is_item(passage, 2)) return {StreamFate::Kind::delay, milliseconds(300), nullptr};
    return {};
  })}));
  connect_at_start(story);
  for (std::int64_t i = 1; i <= 3; ++i)
    story["anna"].at(at_ms(1000 + 10 * i), send_item(0, static_cast<std::uint64_t>(i)));
  story["anna"].at(at_ms(1500), send_item(0, 4));
  story["bert"].at(at_ms(1025), send_item(0, 5));
  story.run_until(SimTime{} + minutes(2));
  CHECK(story["bert"].calls_from(at_ms(1000)) == Calls{{at_ms(1020), "item 1 on 0"},
                                                       {at_ms(1330), "item 2 on 0"},
                                                       {at_ms(1330), "item 3 on 0"},
                                                       {at_ms(1510), "item 4 on 0"}});
  CHECK(story["anna"].calls_from(at_ms(1000)) == Calls{{at_ms(1035), "item 5 on 0"}});
}

TEST_CASE("a message that a rule replaces arrives as the other one") {
  const std::uint32_t bytes = GENERATE(100u, 1'500'000u);
  const bool wire_bytes = GENERATE(false, true);
  StoryOptions options = ruled({stream_rule([bytes](const Passage& passage) -> StreamFate {
    if (is_item(passage, 2)) return {StreamFate::Kind::replace, {}, make_message<flood::Item>(99u, bytes)};
    return {};
  })});
  options.simulation.wire_bytes = wire_bytes;
  options.uplink = kEightMegabits;
  Story story(options);
  connect_at_start(story);
  for (std::uint64_t i = 1; i <= 3; ++i) story["anna"].at(at_ms(1000), send_item(0, i, bytes));
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  CHECK(items_heard(story, "bert") == std::vector<std::uint64_t>{1, 99, 3});
}

TEST_CASE("a rule's reset is known at both ends and settles what waits") {
  // The large message's seventh quantum would leave at 1,580.32 ms, the first after 1.5 s.
  const std::uint32_t bytes = GENERATE(100u, 1'500'000u);
  StoryOptions options = ruled({stream_rule([](const Passage& passage) -> StreamFate {
    if (passage.now >= at_ms(1500)) return {StreamFate::Kind::reset, {}, nullptr};
    return {};
  })});
  options.uplink = kEightMegabits;
  Story story(options);
  connect_at_start(story);
  const bool small = bytes == 100;
  story["anna"].at(small ? at_ms(1600) : at_ms(1000), [bytes](Context& context) {
    send_item(0, 1, bytes)(context);
    send_item(0, 2, bytes)(context);
  });
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  const SimTime cut = small ? at_ms(1600) : at_us(1'580'320);
  CHECK(story["anna"].calls_from(at_ms(1000)) == Calls{{cut + nanoseconds(1), "reset 0"}});
  REQUIRE(story["bert"].calls_from(at_ms(1000)).size() == 1);
  CHECK(story["bert"].calls().back().what == "reset 0");
  CHECK(story.simulation().counters().dropped == 2);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("held bytes arrive at the next retransmission after their release") {
  // Held at 1 s; sent again 1, 3, 7, 15, 31, 63, 127, 247, 367, 487 ... s later: doubling ends at 120 s.
  for (const auto& [released, again] :
       {std::pair{1, 1}, {2, 3}, {3, 3}, {4, 7}, {16, 31}, {64, 127}, {128, 247}, {300, 367}, {400, 487}, {800, 847}}) {
    Story story(ruled({held("anna", at_ms(900), SimTime{} + seconds(1 + released))}));
    connect_at_start(story);
    story["anna"].at(at_ms(1000), send_item(0, 1));
    story["anna"].at(at_ms(1500), send_item(0, 2));
    story["bert"].at(at_ms(1500), send_item(0, 3));
    story.run_until(SimTime{} + minutes(30));
    const SimTime arrives = SimTime{} + seconds(1 + again) + milliseconds(10);
    CHECK(story["bert"].calls_from(at_ms(1000)) == Calls{{arrives, "item 1 on 0"}, {arrives, "item 2 on 0"}});
    CHECK(story["anna"].calls_from(at_ms(1000)) == Calls{{at_ms(1510), "item 3 on 0"}});
    CHECK(story.conserves_messages());
  }
}

TEST_CASE("a large message that is held in the middle goes on where it was") {
  // Its seventh quantum would leave at 1,580.32 ms and leaves one second later; all the rest is one second later too.
  StoryOptions options = ruled({held("anna", at_ms(1500), at_ms(1700))});
  options.uplink = kEightMegabits;
  Story story(options);
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1, 1'500'000));
  story["anna"].at(at_ms(1550), close_slot(0));
  CHECK(conserves_throughout(story, SimTime{} + seconds(20)));
  CHECK(heard(story, "bert", 1) == at_us(1'010'000 + 1'541'440 + 1'000'000));
  CHECK(story["bert"].calls().back() == Call{at_us(1'010'000 + 1'541'440 + 1'000'040), "finished 0"});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a held connection keeps the uplink of nobody else") {
  StoryOptions options = star({"anna", "bert"});
  options.rules = {stream_rule([](const Passage& passage) -> StreamFate {
    if (passage.to.id == stable_id("anna") && passage.now < at_ms(60'000)) return {kHold, {}, nullptr};
    return {};
  })};
  options.uplinks = {{"hub", kEightMegabits}};
  Story story(options);
  dial_all(story, {"anna", "bert"});
  story["hub"].at(at_ms(1000), [](Context& context) {
    send_item(0, 1, 1'500'000)(context);
    send_item(1, 2, 1'500'000)(context);
  });
  story["hub"].at(at_ms(9000), send_item(1, 3, 1000));
  CHECK(conserves_throughout(story, SimTime{} + minutes(3)));
  CHECK(heard(story, "bert", 2) == at_us(1'010'000 + 1'541'440));
  CHECK(heard(story, "bert", 3) == at_us(9'010'000 + 1040));
  CHECK(heard(story, "anna", 1) == at_us(64'010'000 + 1'541'440));
}

TEST_CASE("who has unacknowledged data gives up after 15 min, the other end when it next sends") {
  Story story(ruled({held("anna", at_ms(900), SimTime{} + seconds(950))}));
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1));
  // It meets no connection at 940.01 s. The answer is lost, and so are those to what bert sends again 1, 3 and 7 s
  // later; 15 s later the path is whole.
  story["bert"].at(SimTime{} + seconds(940), send_item(0, 2));
  story.run_until(SimTime{} + minutes(30));
  CHECK(story["anna"].calls_from(at_ms(1000)) == Calls{{SimTime{} + seconds(901), "timed out 0"}});
  CHECK(story["bert"].calls_from(at_ms(1000)) == Calls{{at_ms(955'020), "reset 0"}});
  CHECK(story.simulation().counters().dropped == 2);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("when both ends give up or crash nothing of the connection is left") {
  const bool by_crash = GENERATE(false, true);
  Story story(ruled({held("anna", at_ms(900), kForever), held("bert", at_ms(900), kForever)}));
  connect_at_start(story);
  if (by_crash) {
    story.stop("anna", StopKind::crash, at_ms(1000));
    story.stop("bert", StopKind::vanish, at_ms(9000));
  } else {
    story["anna"].at(at_ms(1000), send_item(0, 1));
    story["bert"].at(at_ms(9000), send_item(0, 1));
  }
  story.run_until(SimTime{} + minutes(30));
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a reset that meets a cut is lost, and the next use of the other end is answered") {
  Story story(ruled({held("anna", at_ms(900), at_ms(2000))}));
  connect_at_start(story);
  story["anna"].at(at_ms(1000), reset_slot(0));
  story["bert"].at(at_ms(1500), send_item(0, 1));  // is not answered at 1,510 ms, but when it comes again
  story.run_until(SimTime{} + minutes(30));
  CHECK(story["bert"].calls_from(at_ms(1000)) == Calls{{at_ms(2520), "reset 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a clean stop whose resets get lost answers the dialler's next contact") {
  // Bert stops before the ACK of 30 ms, which his host answers in vain, as what is sent again at 1,030 ms. Anna, who
  // believes in the connection since 20 ms, sends at 2,000 ms, when the path is whole.
  Story story(ruled({held("bert", SimTime{}, at_ms(1500))}));
  connect_at_start(story);
  story.stop("bert", StopKind::clean, at_ms(15));
  story["anna"].at(at_ms(2000), send_item(0, 1));
  story.run_until(SimTime{} + minutes(30));
  CHECK(story["anna"].calls_from(at_ms(1)) == Calls{{at_ms(20), "connected out 0"}, {at_ms(2020), "reset 0"}});
  CHECK(story["bert"].calls_from(at_ms(1)) == Calls{{at_ms(10), "asked"}});
  CHECK(story.simulation().counters().dropped == 1);
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("a close while the connection is held reaches the peer after the data") {
  Story story(ruled({held("anna", at_ms(900), at_ms(3500))}));
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1));
  story["anna"].at(at_ms(1100), close_slot(0));
  story.run_until(SimTime{} + minutes(30));
  CHECK(story["bert"].calls_from(at_ms(1000)) == Calls{{at_ms(4010), "item 1 on 0"}, {at_ms(4010), "finished 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("delays of a message add up over several rules") {
  const auto slow = [](std::int64_t ms) {
    return stream_rule([ms](const Passage& passage) -> StreamFate {
      if (passage.message == nullptr) return {};
      return {StreamFate::Kind::delay, milliseconds(ms), nullptr};
    });
  };
  Story story(ruled({slow(100), slow(30)}));
  connect_at_start(story);
  story["anna"].at(at_ms(1000), send_item(0, 1));
  story.run_until(SimTime{} + minutes(2));
  CHECK(heard(story, "bert", 1) == at_ms(1140));
}

TEST_CASE("rules are not asked about the answer to a FIN") {
  const auto cut = [](const Passage& passage) {
    return is_from(passage, "bert") && is_between(passage.now, at_ms(900), kForever);
  };
  Story story(ruled({stream_rule([cut](const Passage& passage) -> StreamFate {
                       if (cut(passage)) return {kHold, {}, nullptr};
                       return {};
                     }),
                     lost("bert", at_ms(900), kForever)}));
  connect_at_start(story);
  story["anna"].at(at_ms(1000), close_slot(0));
  story.run_until(SimTime{} + minutes(2));
  CHECK(story["bert"].calls_from(at_ms(1000)) == Calls{{at_ms(1010), "finished 0"}});
  CHECK(story.simulation().halves_in_use() == 0);
}

TEST_CASE("what happens to a connection while it is held gives it no second turn at the uplink") {
  // Item 1 is held from 1,000 to 2,000 ms, while items 2 and 3 take the uplink in quanta of 96,720 B. At 1,990 ms
  // something else wants to leave on the held connection, or its peer, who was busy with item 8, takes more again. The
  // eleventh quantum ends at 2,063.92 ms. Then both have a quantum in turn: until item 1's sixteenth (90,640 B) has
  // left, fifteen others of it and fifteen of items 2 (four and its last, 90,640 B) and 3 (ten).
  const bool by_credit = GENERATE(false, true);
  StoryOptions options = star({"anna", "bert"});
  options.rules = {stream_rule([](const Passage& passage) -> StreamFate {
    if (passage.to.id == stable_id("anna") && is_between(passage.now, at_ms(1000), at_ms(1900)))
      return {kHold, {}, nullptr};
    return {};
  })};
  options.uplinks = {{"hub", kEightMegabits}};
  if (by_credit) options.simulation.transport.receive_buffer = {100};
  Story story(options);
  dial_all(story, {"anna", "bert"});
  if (by_credit) {
    story["anna"].at(at_ms(950), [](Context& context) { context.spend(milliseconds(1030)); });
    story["hub"].at(at_ms(980), send_item(0, 8, 200));
  } else {
    story["hub"].at(at_ms(1990), send_item(0, 9, 200));
  }
  story["hub"].at(at_ms(1000), [](Context& context) {
    send_item(0, 1, 1'500'000)(context);
    send_item(1, 2, 1'500'000)(context);
    send_item(1, 3, 1'500'000)(context);
  });
  CHECK(conserves_throughout(story, SimTime{} + minutes(3)));
  CHECK(heard(story, "anna", 1) == at_us(2'073'920 + 29 * 96'720 + 2 * 90'640));
  const std::int64_t more = by_credit ? 0 : 240;  // item 9 has its turn too
  CHECK(heard(story, "bert", 3) == at_us(1'010'000 + 3 * 1'541'440 + more));
}

TEST_CASE("a connection whose peer takes nothing keeps no turn at the uplink") {
  // As above, but the retransmission at 2,000 ms finds that anna takes nothing; at 2,005 ms she does again. Item 4,
  // which comes between, goes first. Three have a quantum in turn from 2,063.92 ms on: until its sixteenth (90,640 B)
  // has left, fifteen others of it, fifteen of item 1 and fifteen of items 2 and 3, one of those of 90,640 B.
  StoryOptions options = star({"anna", "bert", "carl"});
  options.rules = {stream_rule([](const Passage& passage) -> StreamFate {
    if (passage.to.id == stable_id("anna") && is_between(passage.now, at_ms(1000), at_ms(1900)))
      return {kHold, {}, nullptr};
    return {};
  })};
  options.uplinks = {{"hub", kEightMegabits}};
  options.simulation.transport.receive_buffer = {100};
  Story story(options);
  dial_all(story, {"anna", "bert", "carl"});
  story["anna"].at(at_ms(950), [](Context& context) { context.spend(milliseconds(1045)); });
  story["hub"].at(at_ms(980), send_item(0, 8, 200));
  story["hub"].at(at_ms(1000), [](Context& context) {
    send_item(0, 1, 1'500'000)(context);
    send_item(1, 2, 1'500'000)(context);
    send_item(1, 3, 1'500'000)(context);
  });
  story["hub"].at(at_ms(2002), send_item(2, 4, 1'500'000));
  CHECK(conserves_throughout(story, SimTime{} + minutes(3)));
  CHECK(heard(story, "carl", 4) == at_us(2'073'920 + 44 * 96'720 + 2 * 90'640));
  CHECK(heard(story, "anna", 1) == at_us(2'073'920 + 44 * 96'720 + 3 * 90'640));
}

TEST_CASE("through any holds a stream loses, doubles and reorders nothing, the same on any ranks") {
  // Each direction is cut for a drawn time, up to 6 s, in each period of 10 s; items of three sizes.
  const std::uint64_t seed = GENERATE(1u, 2u, 3u);
  std::uint64_t digest = 0;
  for (const unsigned ranks : {1u, 2u, 3u, 7u}) {
    for (const bool bytes : {false, true}) {
      const auto cut = stream_rule([seed](const Passage& passage) -> StreamFate {
        const auto period = static_cast<std::uint64_t>(passage.now.ns / 10'000'000'000);
        const std::uint64_t draw = fingerprint(seed, passage.from.id.value, passage.to.id.value, period);
        if (passage.now.ns % 10'000'000'000 < static_cast<std::int64_t>(draw % 6'000'000'000)) return {kHold, {}, {}};
        return {};
      });
      StoryOptions options = star({"anna", "bert", "carl"});
      options.rules = {cut};
      options.uplink = kEightMegabits;
      options.downlink = kEightMegabits;
      options.simulation.ranks = ranks;
      options.simulation.wire_bytes = bytes;
      Story story(options);
      dial_all(story, {"anna", "bert", "carl"});
      std::map<std::string, std::vector<std::uint64_t>> sent;
      const std::vector<std::string> leaves = {"anna", "bert", "carl"};
      for (std::uint64_t i = 0; i < 300; ++i) {
        const std::uint64_t draw = fingerprint(seed, i);
        const std::size_t leaf = draw % 3;
        const std::uint32_t size = draw / 3 % 13 == 0 ? 400'000 : draw / 3 % 2 == 0 ? 9'000 : 200;
        const SimTime when = at_us(1'000'000 + static_cast<std::int64_t>(331'007 * i));
        if (draw / 100 % 2 == 0) {
          story["hub"].at(when, send_item(static_cast<ConnectionSlot>(leaf), i, size));
          sent[leaves[leaf]].push_back(i);
        } else {
          story[leaves[leaf]].at(when, send_item(0, i, size));
        }
      }
      CHECK(conserves_throughout(story, SimTime{} + minutes(6), milliseconds(97)));
      for (const std::string& leaf : leaves) CHECK(items_heard(story, leaf) == sent[leaf]);
      CHECK(story.simulation().counters().delivered == 300);
      if (digest == 0) digest = story.simulation().digest();
      CHECK(story.simulation().digest() == digest);
    }
  }
}

}  // namespace hearsay::test
