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
  }
  MessageId send() {
    return must<MessageQueued>(alice, SendFile{alice.chat().chat, "/home/alice/film.mp4", {}, {}}).message.id;
  }
  // Until somebody's program has done so many reads or writes of files.
  template <typename Operation>
  void run_until_operations(Person& person, size_t wanted) {
    size_t seen = 0;
    person.on_effect = [&](const Effect& effect) { seen += std::holds_alternative<Operation>(effect) ? 1U : 0U; };
    ASSERT_TRUE(world.run_until([&] { return seen >= wanted; }));
    person.on_effect = nullptr;
  }
  void pause(Person& person, const MessageId& id, bool paused = true) {
    must<Nothing>(person, PauseFile{person.chat().chat, id, {}, paused});
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
};

TEST_F(PausedFiles, what_is_sent_waits_also_across_a_restart_and_goes_on_where_it_was) {
  const MessageId id = send();
  run_until_operations<ReadFile>(alice, 20);
  pause(alice, id);
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
  must<FileSaved>(bob, GetFile{bob.chat().chat, id, "/home/bob/"});
  EXPECT_EQ(bob.files.at("/home/bob/film.mp4"), file);
  alice.kill();
  alice.start();
  EXPECT_FALSE(shown(alice).paused);
  EXPECT_FALSE(shown(alice).sending);
}

TEST_F(PausedFiles, a_crash_at_any_moment_around_it_loses_nothing) {
  for (int dies_at = 1; dies_at < 12; ++dies_at) {
    SCOPED_TRACE(dies_at);
    const MessageId id = send();
    run_until_operations<ReadFile>(alice, 5);
    int batches = 0;
    alice.on_batch = [&](const StoreBatch&) {
      if (++batches == dies_at) alice.kill();
    };
    alice.give(PauseFile{alice.chat().chat, id, {}, true});
    if (alice.alive()) alice.give(PauseFile{alice.chat().chat, id, {}, false});
    world.settle();
    alice.on_batch = nullptr;
    if (!alice.alive()) alice.start();
    world.settle();
    if (shown(alice).paused) pause(alice, id, false);
    world.settle();
    EXPECT_EQ(bob.history().back().id, id);
    must<FileSaved>(bob, GetFile{bob.chat().chat, id, "/home/bob/" + std::to_string(dies_at)});
    EXPECT_EQ(bob.files.at("/home/bob/" + std::to_string(dies_at)), file);
  }
}

TEST_F(PausedFiles, what_is_said_meanwhile_does_not_wait_for_it) {
  const MessageId id = send();
  run_until_operations<ReadFile>(alice, 5);
  pause(alice, id);
  alice.say("the film comes later");
  world.settle();
  EXPECT_EQ(bob.texts(false), std::vector<std::string>{"the film comes later"});
  pause(alice, id, false);
  world.settle();
  EXPECT_EQ(bob.history().size(), 2U);
}

TEST_F(PausedFiles, one_that_waits_can_be_taken_back) {
  const MessageId id = send();
  run_until_operations<ReadFile>(alice, 5);
  pause(alice, id);
  const ChatId chat = alice.chat().chat;
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
  const ChatId chat = bob.chat().chat;
  const CommandId fetching = bob.give(GetFile{chat, id, "/home/bob/"});
  run_until_operations<WriteFile>(bob, 30);
  pause(bob, id);
  ASSERT_NE(bob.answer(fetching), nullptr);
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
  const ChatId chat = alice.chat().chat;
  EXPECT_EQ(refusal(alice, PauseFile{chat, id, {}, true}), kNoSuchFile);
  EXPECT_EQ(refusal(bob, PauseFile{chat, id, {}, false}), kNoSuchFile);
  EXPECT_EQ(refusal(alice, PauseFile{{}, id, {}, true}), kNoSuchChat);
  EXPECT_EQ(refusal(alice, PauseFile{ChatId{}, id, {}, true}), kNoSuchChat);
  EXPECT_EQ(refusal(alice, PauseFile{{}, id, wire::ChannelId{}, true}), kNoSuchChannel);
}

}  // namespace
}  // namespace godwit::testworld
