// Files that a person holds up on their way, and lets go on.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "engine/file_chunks.h"
#include "tests/engine/asking.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using namespace engine;

class PausedFiles : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    file.resize(3'000'000);
    crypto::SeededRandom(7).fill(file);
    alice.files["/home/alice/film.mp4"] = file;
    chat = alice.chat().chat;
  }
  MessageId send() {
    return must<MessageQueued>(alice, SendFile{chat, "/home/alice/film.mp4", {}, {}}).message.id;
  }
  void pause(Person& person, const MessageId& id, bool paused = true) {
    must<Nothing>(person, PauseFile{chat, id, {}, paused});
  }
  // Sends, and holds it up when so many pieces of it were read.
  MessageId send_and_hold_up(size_t reads) {
    const CommandId command = alice.give(SendFile{chat, "/home/alice/film.mp4", {}, {}});
    std::optional<MessageId> id;
    size_t seen = 0;
    alice.on_effect = [&](const Effect& effect) {
      if (!std::holds_alternative<ReadFile>(effect) || ++seen < reads || id || alice.answer(command) == nullptr) return;
      id = std::get<MessageQueued>(**alice.answer(command)).message.id;
      alice.give(PauseFile{chat, *id, {}, true});
    };
    EXPECT_TRUE(world.run_until([&] { return id.has_value(); }));
    alice.on_effect = nullptr;
    return id.value_or(MessageId{});
  }
  // Fetches, and holds it up when so many pieces of it were written.
  CommandId fetch_and_hold_up(const MessageId& id, size_t writes) {
    const CommandId command = bob.give(GetFile{chat, id, "/home/bob/"});
    size_t seen = 0;
    bob.on_effect = [&](const Effect& effect) {
      if (std::holds_alternative<WriteFile>(effect) && ++seen == writes) bob.give(PauseFile{chat, id, {}, true});
    };
    EXPECT_TRUE(world.run_until([&] { return bob.answer(command) != nullptr; }));
    bob.on_effect = nullptr;
    return command;
  }
  void arrives(const MessageId& id, const std::string& where) {
    EXPECT_EQ(bob.history().back().id, id);
    must<FileSaved>(bob, GetFile{chat, id, where});
    EXPECT_EQ(bob.files.at(where), file);
  }
  FileInfo shown(Person& person) { return *person.history().back().file; }
  static const FileProgress* last_progress(const Person& person) {
    for (auto at = person.notices.rbegin(); at != person.notices.rend(); ++at) {
      if (const auto* found = std::get_if<FileProgress>(&*at)) return found;
    }
    return nullptr;
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  Bytes file;
  ChatId chat;
};

TEST_F(PausedFiles, what_is_sent_waits_also_across_a_restart_and_goes_on_where_it_was) {
  const MessageId id = send_and_hold_up(20);
  ASSERT_NE(last_progress(alice), nullptr);
  EXPECT_TRUE(last_progress(alice)->paused);
  EXPECT_TRUE(shown(alice).paused);
  EXPECT_TRUE(alice.engine().idle()) << "nobody waits for what waits for a person";
  size_t reads = 0;
  alice.on_effect = [&](const Effect& effect) { reads += std::holds_alternative<ReadFile>(effect) ? 1U : 0U; };
  world.pass(hours(30));
  alice.kill();
  alice.start();
  world.pass(hours(30));
  EXPECT_EQ(reads, 0U);
  EXPECT_TRUE(shown(alice).paused);
  EXPECT_TRUE(bob.history().empty());
  pause(alice, id, false);
  EXPECT_FALSE(shown(alice).paused);
  world.settle();
  EXPECT_LT(reads, chunk_count(file.size()) - 10) << "what was there already is not sent again";
  ASSERT_EQ(bob.history().size(), 1U);
  must<FileSaved>(bob, GetFile{chat, id, "/home/bob/"});
  EXPECT_EQ(bob.files.at("/home/bob/film.mp4"), file);
  alice.kill();
  alice.start();
  EXPECT_FALSE(shown(alice).paused);
  EXPECT_FALSE(shown(alice).sending);
}

TEST_F(PausedFiles, a_crash_at_any_moment_around_it_loses_nothing) {
  for (int dies_at = 1; dies_at < 12; ++dies_at) {
    SCOPED_TRACE(dies_at);
    // After the command, and after the one by which it goes on.
    for (const bool goes_on : {false, true}) {
      const MessageId id = send_and_hold_up(5);
      int effects = 0;
      alice.on_effect = [&](const Effect&) {
        if (++effects == dies_at) alice.kill();
      };
      if (goes_on) alice.give(PauseFile{chat, id, {}, false});
      world.settle();
      alice.on_effect = nullptr;
      if (!alice.alive()) alice.start();
      world.settle();
      if (shown(alice).paused) pause(alice, id, false);
      world.settle();
      arrives(id, "/home/bob/" + std::to_string(dies_at) + (goes_on ? "a" : "b"));
    }
  }
}

TEST_F(PausedFiles, what_is_said_meanwhile_does_not_wait_for_it) {
  const MessageId id = send_and_hold_up(5);
  alice.say("the film comes later");
  world.settle();
  EXPECT_EQ(bob.texts(false), std::vector<std::string>{"the film comes later"});
  pause(alice, id, false);
  world.settle();
  EXPECT_EQ(bob.history().size(), 2U);
}

TEST_F(PausedFiles, one_that_waits_can_be_taken_back) {
  const MessageId id = send_and_hold_up(5);
  must<Nothing>(alice, DeleteMessage{chat, id, false});
  EXPECT_EQ(refusal(alice, PauseFile{chat, id, {}, false}), kNoSuchFile);
  alice.kill();
  alice.start();
  world.settle();
  EXPECT_TRUE(bob.history().empty());
}

TEST_F(PausedFiles, what_is_fetched_ends_and_goes_on_where_it_was) {
  const MessageId id = send();
  world.settle();
  const CommandId fetching = fetch_and_hold_up(id, 30);
  ASSERT_NE(bob.answer(fetching), nullptr);
  ASSERT_FALSE(bob.answer(fetching)->has_value());
  EXPECT_EQ(bob.answer(fetching)->error().code, kFilePaused);
  EXPECT_FALSE(shown(bob).fetching);
  size_t writes = 0;
  bob.on_effect = [&](const Effect& effect) { writes += std::holds_alternative<WriteFile>(effect) ? 1U : 0U; };
  world.pass(hours(1));
  EXPECT_EQ(writes, 0U);
  must<FileSaved>(bob, GetFile{chat, id, "/home/bob/"});
  EXPECT_EQ(bob.files.at("/home/bob/film.mp4"), file);
  EXPECT_LE(writes, chunk_count(file.size()) - 16) << "it began where it was safe";
}

TEST_F(PausedFiles, what_is_not_on_its_way_cannot_be_held_up) {
  const MessageId id = send();
  world.settle();
  EXPECT_EQ(refusal(alice, PauseFile{chat, id, {}, true}), kNoSuchFile);
  EXPECT_EQ(refusal(bob, PauseFile{chat, id, {}, false}), kNoSuchFile);
  EXPECT_EQ(refusal(alice, PauseFile{{}, id, {}, true}), kNoSuchChat);
  EXPECT_EQ(refusal(alice, PauseFile{ChatId{}, id, {}, true}), kNoSuchChat);
  EXPECT_EQ(refusal(alice, PauseFile{{}, id, wire::ChannelId{}, true}), kNoSuchChannel);
}

}  // namespace
}  // namespace godwit::testworld
