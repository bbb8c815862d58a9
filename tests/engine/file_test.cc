// Files between two people: sent, fetched, taken up again after every kind of death, and what a lying home can do.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "engine/file_chunks.h"
#include "engine/record_key.h"
#include "engine/records.h"
#include "home/records.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using engine::Delivery;

class Files : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    file.resize(300'000);
    crypto::SeededRandom(7).fill(file);
    alice.files["/home/alice/photo.jpg"] = file;
  }
  engine::MessageId send() {
    auto answer = alice.ask(engine::SendFile{alice.chat().chat, "/home/alice/photo.jpg", {}, {}});
    EXPECT_TRUE(answer.has_value());
    return answer ? std::get<engine::MessageQueued>(*answer).message.id : engine::MessageId{};
  }
  Result<engine::Answer> get(const engine::MessageId& id, const std::string& where = "/home/bob/") {
    return bob.ask(engine::GetFile{bob.chat().chat, id, where});
  }
  static size_t count(const Person& person, bool sending, bool with_error = false) {
    size_t found = 0;
    for (const auto& notice : person.notices) {
      const auto* progress = std::get_if<engine::FileProgress>(&notice);
      if (progress != nullptr && progress->sending == sending && progress->error.has_value() == with_error) ++found;
    }
    return found;
  }
  // Chunks at the home, by index.
  std::vector<Bytes> chunk_keys() {
    std::vector<Bytes> keys;
    for (const auto& [key, value] : world.home_disk().records()) {
      if (key.size() > 2 && key[0] == 'R' && key[1] == 'd') keys.push_back(key);
    }
    return keys;
  }
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  Bytes file;
};

TEST_F(Files, a_file_is_sent_seen_and_fetched) {
  auto queued = alice.ask(engine::SendFile{alice.chat().chat, "/home/alice/photo.jpg", {}, {}});
  ASSERT_TRUE(queued.has_value());
  const auto own = std::get<engine::MessageQueued>(*queued).message;
  EXPECT_TRUE(own.file->sending) << "until it is at the home";
  EXPECT_EQ(own.delivery, Delivery::kQueued);
  const auto id = own.id;
  world.settle();
  const auto seen = bob.history().back();
  ASSERT_TRUE(seen.file.has_value());
  EXPECT_EQ(seen.id, id);
  EXPECT_EQ(seen.file->name, "photo.jpg");
  EXPECT_EQ(seen.file->mime, "image/jpeg");
  EXPECT_EQ(seen.file->size, file.size());
  EXPECT_FALSE(alice.history().back().file->sending);
  EXPECT_EQ(alice.history().back().delivery, Delivery::kDelivered);
  EXPECT_TRUE(bob.files.empty()) << "nothing is fetched by itself";
  const auto saved = get(id);
  ASSERT_TRUE(saved.has_value());
  EXPECT_EQ(std::get<engine::FileSaved>(*saved).path, "/home/bob/photo.jpg");
  EXPECT_EQ(bob.files.at("/home/bob/photo.jpg"), file);
  EXPECT_GT(count(alice, true), 0U);
  EXPECT_GT(count(bob, false), 0U);
  EXPECT_TRUE(alice.engine().idle());
  EXPECT_TRUE(bob.engine().idle());
}

// A home that records joins uploads with the mailbox by their grants: what it sees beside them on one session is joined too.
TEST_F(Files, uploads_go_on_a_session_of_their_own) {
  world.pass(minutes(30));  // everything that is asked once a day has been asked
  std::map<engine::PipeId, Bytes> compartments;
  std::map<Bytes, size_t> sent;
  const auto watch = [&](const engine::Effect& effect) {
    if (const auto* open = std::get_if<engine::OpenPipe>(&effect)) compartments[open->pipe] = open->compartment;
    if (const auto* bytes = std::get_if<engine::SendBytes>(&effect)) {
      sent[compartments[bytes->pipe]] += bytes->bytes.size();
    }
  };
  world.cut(alice);
  alice.on_effect = watch;
  send();
  world.settle();
  const Bytes uploads = to_bytes(as_bytes("godwit uploads 1"));
  EXPECT_GT(sent[uploads], file.size());
  for (const auto& [compartment, size] : sent) {
    if (compartment == uploads) continue;
    EXPECT_LT(size, file.size() / 4) << to_hex(compartment);
  }
  // Its tickets are as good after a restart as those of the others.
  alice.kill();
  compartments.clear();
  alice.start();
  const auto id = send();
  world.settle();
  EXPECT_EQ(alice.engine().counters().sessions_full, 0U);
  EXPECT_TRUE(get(id).has_value());
}

TEST_F(Files, a_file_message_adds_no_routes_to_a_home_that_is_known) {
  World pair(3);
  pair.add_home("other.example");
  pair.taker_home = "other.example";
  Person& carol = pair.add();
  Person& dave = pair.add();
  pair.meet(carol, dave);
  carol.files["/home/carol/file"] = Bytes(1'000, 1);
  const auto chat = carol.chat().chat;
  carol.online = false;
  pair.cut(carol);
  const auto queued = carol.ask(engine::SendFile{chat, "/home/carol/file", {}, {}});
  ASSERT_TRUE(queued.has_value());
  const auto message = std::get<engine::MessageQueued>(*queued).message;
  carol.kill();
  // Carol's program lies: it says that the file is at Dave's home, and how to get there.
  const Bytes key = engine::record_key(engine::RecordKind::kUpload, chat.view(), message.position.value);
  const auto value = engine::open_record(carol.key(), key, carol.disk().records().at(key));
  ASSERT_TRUE(value.has_value());
  auto record = codec::decoded<engine::UploadRecord>(value->reveal());
  ASSERT_TRUE(record.has_value());
  record->file.home = wire::parse_home_link(pair.home_link_at("other.example"))->home;
  record->file.home.routes = {"wss://evil.example/ws"};
  crypto::SeededRandom random(5);
  carol.disk().put(key, engine::seal_record(carol.key(), random, key, codec::encoded(*record)));
  carol.online = true;
  carol.start();
  pair.settle();
  ASSERT_EQ(dave.history().size(), 1U);
  EXPECT_EQ(dave.ask(engine::GetFile{dave.chat().chat, message.id, "/home/dave/"}).error().code, engine::kFileGone);
  const auto known = std::get<engine::Routes>(*dave.ask(engine::ListRoutes{}));
  ASSERT_FALSE(known.routes.empty());
  for (const auto& route : known.routes) {
    EXPECT_EQ(route.route.find("evil"), std::string::npos) << route.route;
  }
}

TEST_F(Files, neither_name_nor_size_nor_content_is_at_the_home) {
  send();
  world.settle();
  EXPECT_FALSE(world.home_disk().holds(as_bytes("photo.jpg")));
  EXPECT_FALSE(world.home_disk().holds(ByteView(file).first(32)));
  uint64_t bytes = 0;
  for (const Bytes& key : chunk_keys()) bytes += world.home_disk().records().at(key).size();
  const uint64_t chunks = engine::chunk_count(file.size());
  EXPECT_EQ(bytes, engine::padded_file_size(file.size()) + chunks * engine::kChunkOverhead);
}

TEST_F(Files, an_empty_file_and_one_of_whole_chunks_arrive) {
  for (const size_t size : {size_t{0}, size_t{1}, static_cast<size_t>(engine::kChunkPlainSize)}) {
    SCOPED_TRACE(size);
    alice.files["/home/alice/photo.jpg"] = file = Bytes(size, 5);
    const auto id = send();
    world.settle();
    ASSERT_TRUE(get(id, "/home/bob/" + std::to_string(size)).has_value());
    EXPECT_EQ(bob.files.at("/home/bob/" + std::to_string(size)), file);
  }
}

TEST_F(Files, what_cannot_be_sent_is_refused_at_once) {
  const auto chat = alice.chat().chat;
  EXPECT_FALSE(alice.ask(engine::SendFile{chat, "/nowhere", {}, {}}).has_value());
  EXPECT_EQ(alice.ask(engine::SendFile{{}, "/home/alice/photo.jpg", {}, {}}).error().code, engine::kNoSuchChat);
  EXPECT_EQ(get({}).error().code, engine::kNoSuchFile);
  const auto text = alice.say("no file");
  world.settle();
  EXPECT_EQ(get(text).error().code, engine::kNoSuchFile);
}

TEST_F(Files, an_upload_goes_on_after_the_client_died_at_any_moment) {
  for (int dies_at = 1; dies_at < 40; dies_at += 3) {
    SCOPED_TRACE(dies_at);
    int effects = 0;
    const auto id = send();
    alice.on_effect = [&](const engine::Effect&) {
      if (++effects == dies_at) alice.kill();
    };
    world.settle();
    alice.on_effect = nullptr;
    if (!alice.alive()) alice.start();
    world.settle();
    ASSERT_TRUE(get(id, "/home/bob/" + std::to_string(dies_at)).has_value());
    EXPECT_EQ(bob.files.at("/home/bob/" + std::to_string(dies_at)), file);
    EXPECT_EQ(bob.history().back().id, id) << "once, and nothing else";
  }
}

TEST_F(Files, a_download_goes_on_after_the_client_died_in_it) {
  file.resize(3'000'000);
  crypto::SeededRandom(8).fill(file);
  alice.files["/home/alice/photo.jpg"] = file;
  const auto id = send();
  world.settle();
  size_t writes = 0;
  bob.on_effect = [&](const engine::Effect& effect) {
    if (std::holds_alternative<engine::WriteFile>(effect) && ++writes == 30) bob.kill();
  };
  const auto chat = bob.chat().chat;
  bob.give(engine::GetFile{chat, id, "/home/bob/"});
  world.settle();
  ASSERT_FALSE(bob.alive());
  bob.on_effect = [&](const engine::Effect& effect) { writes += std::holds_alternative<engine::WriteFile>(effect); };
  bob.start();
  world.settle();
  EXPECT_EQ(writes, 30U) << "until it is asked for again";
  ASSERT_TRUE(get(id).has_value());
  EXPECT_EQ(bob.files.at("/home/bob/photo.jpg"), file);
  EXPECT_LT(writes, 2U * engine::chunk_count(file.size()) - 13) << "it began where it was safe";
  EXPECT_EQ(bob.engine().counters().blob_resumed, 1U);
  EXPECT_LE(bob.largest_write, wire::kBlobChunkSize);
}

TEST_F(Files, a_part_that_is_gone_is_fetched_again) {
  file.resize(3'000'000);
  alice.files["/home/alice/photo.jpg"] = file;
  const auto id = send();
  world.settle();
  const auto chat = bob.chat().chat;
  size_t writes = 0;
  bob.on_effect = [&](const engine::Effect& effect) {
    if (std::holds_alternative<engine::WriteFile>(effect) && ++writes == 30) bob.kill();
  };
  bob.give(engine::GetFile{chat, id, "/home/bob/"});
  world.settle();
  bob.on_effect = nullptr;
  bob.parts.clear();
  bob.start();
  ASSERT_TRUE(get(id).has_value());
  EXPECT_EQ(bob.files.at("/home/bob/photo.jpg"), file);
}

TEST_F(Files, a_home_that_dies_in_the_middle_costs_nothing_but_time) {
  file.resize(2'000'000);
  alice.files["/home/alice/photo.jpg"] = file;
  size_t reads = 0;
  bool killed = false;
  alice.on_effect = [&](const engine::Effect& effect) {
    reads += std::holds_alternative<engine::ReadFile>(effect);
    killed = killed || reads == 12;
  };
  const auto id = send();
  world.run_until([&] { return killed; });
  ASSERT_TRUE(killed);
  world.kill_home();
  world.pass(minutes(1));
  world.start_home();
  world.settle();
  bob.on_effect = nullptr;
  ASSERT_TRUE(get(id).has_value());
  EXPECT_EQ(bob.files.at("/home/bob/photo.jpg"), file);
}

TEST_F(Files, a_lost_connection_costs_nothing_but_time) {
  file.resize(2'000'000);
  alice.files["/home/alice/photo.jpg"] = file;
  const auto id = send();
  size_t writes = 0;
  bool cut = false;
  world.run_until([&] { return count(alice, true) > 2; });
  world.cut(alice);
  world.settle();
  bob.on_effect = [&](const engine::Effect& effect) {
    writes += std::holds_alternative<engine::WriteFile>(effect);
    cut = cut || writes == 10;
  };
  bob.give(engine::GetFile{bob.chat().chat, id, "/home/bob/"});
  world.run_until([&] { return cut; });
  world.cut(bob);
  world.settle();
  EXPECT_EQ(bob.files.at("/home/bob/photo.jpg"), file);
}

TEST_F(Files, a_source_that_changed_fails_clearly) {
  file.resize(2'000'000);
  alice.files["/home/alice/photo.jpg"] = file;
  size_t reads = 0;
  alice.on_effect = [&](const engine::Effect& effect) {
    reads += std::holds_alternative<engine::ReadFile>(effect);
    if (reads == 10) alice.versions["/home/alice/photo.jpg"] = 1;
  };
  send();
  world.settle();
  EXPECT_EQ(alice.history().back().delivery, Delivery::kFailed);
  EXPECT_FALSE(alice.history().back().file->sending);
  ASSERT_EQ(count(alice, true, true), 1U);
  for (const auto& notice : alice.notices) {
    const auto* progress = std::get_if<engine::FileProgress>(&notice);
    if (progress != nullptr && progress->error) {
      EXPECT_EQ(progress->error->code, engine::kFileChanged);
    }
  }
  EXPECT_TRUE(bob.history().empty()) << "no message without its file";
  EXPECT_TRUE(alice.engine().idle());
}

// Somebody changes the file and the system does not tell: chunks that were at the home already are found to be others.
TEST_F(Files, a_source_that_changed_unseen_does_not_use_a_nonce_twice) {
  file.resize(2'000'000);
  alice.files["/home/alice/photo.jpg"] = file;
  size_t reads = 0;
  alice.on_effect = [&](const engine::Effect& effect) {
    reads += std::holds_alternative<engine::ReadFile>(effect);
    if (reads == 10) alice.kill();
  };
  send();
  world.settle();
  ASSERT_FALSE(alice.alive());
  std::set<Bytes> nonces;
  for (const Bytes& key : chunk_keys())
    nonces.insert(to_bytes(ByteView(world.home_disk().records().at(key)).first(12)));
  const size_t before = nonces.size();
  alice.on_effect = nullptr;
  for (uint8_t& byte : alice.files["/home/alice/photo.jpg"]) byte ^= 1;
  alice.start();
  world.settle();
  for (const Bytes& key : chunk_keys())
    nonces.insert(to_bytes(ByteView(world.home_disk().records().at(key)).first(12)));
  EXPECT_GT(before, 0U);
  EXPECT_EQ(nonces.size(), chunk_keys().size()) << "each chunk has its own";
}

TEST_F(Files, a_home_that_changes_swaps_or_cuts_chunks_is_found_out) {
  const auto id = send();
  world.settle();
  const auto keys = chunk_keys();
  ASSERT_EQ(keys.size(), 5U);
  auto& disk = world.home_disk_to_change();
  const auto original = disk.records();
  const auto refused = [&](const char* what) {
    SCOPED_TRACE(what);
    const auto answer = get(id);
    EXPECT_FALSE(answer.has_value());
    EXPECT_TRUE(bob.files.empty());
    for (const Bytes& key : keys) disk.put(key, original.at(key));
    return answer ? ErrorCode{} : answer.error().code;
  };
  Bytes changed = original.at(keys[2]);
  changed[100] ^= 1;
  disk.put(keys[2], changed);
  EXPECT_EQ(refused("one bit"), engine::kFileDamaged);
  disk.put(keys[0], original.at(keys[1]));
  disk.put(keys[1], original.at(keys[0]));
  EXPECT_EQ(refused("swapped"), engine::kFileDamaged);
  changed = original.at(keys[4]);
  changed.resize(changed.size() - 100);
  disk.put(keys[4], changed);
  EXPECT_EQ(refused("cut"), engine::kFileDamaged);
  disk.erase(keys[4]);
  EXPECT_EQ(refused("the end is missing"), engine::kFileGone);
  EXPECT_TRUE(get(id).has_value()) << "and an honest one serves it all the same";
  EXPECT_EQ(bob.files.at("/home/bob/photo.jpg"), file);
}

TEST_F(Files, after_30_days_it_is_gone_and_said_so) {
  const auto id = send();
  world.settle();
  world.pass(days(32));
  EXPECT_EQ(get(id).error().code, engine::kFileGone);
  EXPECT_TRUE(bob.parts.empty());
}

TEST_F(Files, what_is_there_is_not_replaced) {
  const auto id = send();
  world.settle();
  bob.files["/home/bob/mine"] = Bytes{1};
  EXPECT_FALSE(get(id, "/home/bob/mine").has_value());
  EXPECT_EQ(bob.files.at("/home/bob/mine"), Bytes{1});
}

TEST_F(Files, messages_pass_while_files_are_on_their_way) {
  file.resize(8'000'000);
  alice.files["/home/alice/photo.jpg"] = file;
  const auto chat = alice.chat().chat;
  for (int i = 0; i < 4; ++i) alice.give(engine::SendFile{chat, "/home/alice/photo.jpg", {}, {}});
  alice.give(engine::SendText{chat, "quick"});
  world.settle();
  const auto came = bob.history();
  ASSERT_EQ(came.size(), 5U);
  EXPECT_EQ(came.front().text, "quick") << "it was said last, and did not wait for the files";
}

}  // namespace
}  // namespace godwit::testworld
