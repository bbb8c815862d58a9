#include "moving/archive_chats.h"

#include <gtest/gtest.h>

#include <map>

#include "archive/errors.h"
#include "crypto/ed25519.h"
#include "crypto/random_sources.h"
#include "engine/errors.h"
#include "engine/recovery_key.h"
#include "moving/restore_chats.h"

namespace godwit::moving {
namespace {

constexpr ErrorCode kNotThere{1, Action::kFix, "not_there"};
constexpr ErrorCode kDiskFull{2, Action::kRetryLater, "disk_full"};

Pieces pieces_of(const Bytes& bytes, size_t size_max, bool breaks_off = false) {
  return [&bytes, size_max, breaks_off, at = size_t{0}]() mutable -> Result<ByteView> {
    REQUIRE(at < bytes.size() || !breaks_off, kNotThere, "it can be read to its end");
    const size_t size = std::min(size_max, bytes.size() - at);
    at += size;
    return ByteView(bytes).subspan(at - size, size);
  };
}

class MemoryArchive : public ArchiveFile {
 public:
  std::optional<Bytes> there;
  std::optional<Bytes> made;
  size_t room = SIZE_MAX;
  size_t copied = 0;
  Result<bool> exists() override { return there.has_value(); }
  Result<Pieces> open() override {
    REQUIRE(there.has_value(), kNotThere, "an archive");
    return pieces_of(*there, 1000);
  }
  Status begin() override {
    made = Bytes();
    return {};
  }
  Status copy(uint64_t size) override {
    copied = static_cast<size_t>(size);
    return write(ByteView(*there).first(copied));
  }
  Status write(ByteView bytes) override {
    REQUIRE(made->size() + bytes.size() <= room, kDiskFull, "room for the archive");
    append(*made, bytes);
    return {};
  }
  Status cut(uint64_t size) override {
    made->resize(static_cast<size_t>(size));
    return {};
  }
  Status take_place() override {
    there = std::move(*made);
    made.reset();
    return {};
  }
};

// A device with chats, and with a folder of media.
class Device : public ChatSource, public FileSource, public ImportHost, public MediaFolder {
 public:
  engine::Chats all;
  std::map<engine::ChatId, std::vector<engine::Message>> messages;
  std::map<std::string, Bytes> media;
  std::string broken;  // a file that breaks off
  engine::AccountId own{};
  size_t line_max = SIZE_MAX;
  std::vector<engine::ImportMessages> taken;

  Result<engine::Chats> chats() override { return all; }
  Result<engine::Messages> history(const engine::ReadHistory& which) override {
    engine::Messages out;
    for (const engine::Message& each : messages[which.chat]) {
      if (!which.before || each.position.value < which.before->value) out.messages.push_back(each);
    }
    if (out.messages.size() > which.count) out.messages.erase(out.messages.begin(), out.messages.end() - which.count);
    return out;
  }
  Result<engine::Account> account() override { return engine::Account{own, "Anna", {}, {}, {}, 0, {}}; }
  Result<engine::Members> members(const engine::ChatId&) override { return engine::Members{}; }

  Result<Pieces> kept(const std::string& name) override {
    REQUIRE(media.contains(name), kNotThere, "a file of media");
    return pieces_of(media[name], 400'000, name == broken);
  }
  bool is_connected(Duration) override { return false; }
  Result<FetchedFile> fetch(const engine::ChatInfo&, const engine::Message&, Duration) override { return FetchedFile{}; }

  Result<engine::ImportDone> take(const engine::ImportMessages& batch) override {
    size_t size = 0;
    for (const auto& each : batch.messages) size += each.text.size() + each.spans.size() * 100;
    REQUIRE(size <= line_max && batch.messages.size() <= engine::kImportBatchMax, engine::kTooLong, "the size of a line");
    taken.push_back(batch);
    engine::ImportDone done{};
    done.stored = static_cast<uint32_t>(batch.messages.size());
    return done;
  }
  Status look_up() override { return {}; }
  int64_t from_local(int64_t local_ms) override { return local_ms; }
  void show(uint64_t) override {}

  Status begin() override { return part_.clear(), Status{}; }
  Status write(ByteView piece) override { return append(part_, piece), Status{}; }
  Status keep(const std::string& name) override { return media[name] = part_, Status{}; }
  Result<bool> keep_if_new(const std::string& name) override { return media.emplace(name, part_).second; }
  void drop() override { part_.clear(); }
  Status sync() override { return {}; }

  void say(engine::ChatId chat, const std::string& text, const std::string& file = {}) {
    engine::Message message;
    message.id.value[0] = static_cast<uint8_t>(++said_);
    message.position.value = said_;
    message.text = text;
    message.kept = engine::KeptInfo{"Boris", file, {}, false, false, false, false};
    messages[chat].push_back(message);
  }

 private:
  Bytes part_;
  uint64_t said_ = 0;
};

class ArchiveChats : public testing::Test {
 protected:
  ArchiveChats() {
    const auto words = crypto::Ed25519KeyPair::generate(random);
    secret = *recovery_key_secret(as_bytes(engine::recovery_key_text(words)));  // which costs no Argon2id
    device.own = *secret.account;
    chat.value[0] = 7;
    engine::ChatInfo info;
    info.chat = chat;
    info.name = "Boris";
    info.kept = true;
    device.all.chats.push_back(info);
  }
  Status archive(ArchiveWishes wishes = {}) {
    counts = {};
    return archive_chats({device, device, file, random}, wishes, secret, counts, [](uint64_t) {});
  }
  Status restore(Device& to, size_t batch_bytes = 1'000'000) {
    restored = {};
    const auto opened = open_archive(file, secret);
    if (!opened) return opened.error();
    return restore_chats({to, to, to, file}, *opened, batch_bytes, restored);
  }

  crypto::SeededRandom random{1};
  ArchiveSecret secret;
  engine::ChatId chat;
  Device device;
  MemoryArchive file;
  ArchiveCounts counts;
  RestoreCounts restored;
};

TEST_F(ArchiveChats, what_was_said_comes_out_again_with_files_and_what_is_new_is_added_behind_what_was_there) {
  device.media["0011223344556677-a.jpg"] = Bytes(700'000, 5);
  device.say(chat, "one");
  device.say(chat, "a picture", "0011223344556677-a.jpg");
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.added, 2u);
  EXPECT_EQ(counts.files, 1u);
  const Bytes first = *file.there;
  device.say(chat, "three");
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.added, 1u);
  EXPECT_EQ(counts.known, 2u);
  EXPECT_EQ(counts.files, 0u);
  EXPECT_GT(file.copied, first.size() - 200);
  const Bytes second = *file.there;
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.added, 0u);
  EXPECT_EQ(*file.there, second) << "nothing is new";

  Device other;
  ASSERT_TRUE(restore(other));
  EXPECT_EQ(restored.stored, 3u);
  EXPECT_EQ(restored.files, 1u);
  EXPECT_EQ(other.media, device.media);
  ASSERT_EQ(other.taken.size(), 2u);
  EXPECT_EQ(other.taken[0].messages[1].media, "0011223344556677-a.jpg");
  EXPECT_EQ(other.taken[1].messages[0].text, "three");
}

TEST_F(ArchiveChats, a_file_that_breaks_off_leaves_nothing_in_it_and_is_looked_for_again) {
  device.media["0011223344556677-a.jpg"] = Bytes(700'000, 5);
  device.broken = "0011223344556677-a.jpg";
  device.say(chat, "a picture", device.broken);
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.missing, 1u);
  EXPECT_LT(file.there->size(), 10'000u);
  Device other;
  ASSERT_TRUE(restore(other));
  EXPECT_EQ(restored.missing, 1u);
  EXPECT_EQ(other.taken[0].messages[0].text, "[file a.jpg] a picture");
  device.broken.clear();
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.files, 1u);
}

TEST_F(ArchiveChats, what_was_taken_back_goes_and_what_is_not_here_stays) {
  for (const char* text : {"one", "two", "three"}) device.say(chat, text);
  ASSERT_TRUE(archive());
  auto& here = device.messages[chat];
  here[0].deleted = engine::DeletedInfo{};
  here[1].text = "two, changed";
  here.pop_back();
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.removed, 1u);
  EXPECT_EQ(counts.changed, 1u);
  EXPECT_EQ(counts.kept, 1u);
  Device other;
  ASSERT_TRUE(restore(other));
  ASSERT_EQ(other.taken.at(0).messages.size(), 2u);
  EXPECT_EQ(other.taken[0].messages[0].text, "two, changed");
  ASSERT_TRUE(archive({.only_here = true}));
  EXPECT_EQ(counts.removed, 1u);
}

TEST_F(ArchiveChats, a_full_disk_leaves_the_archive_that_was_there) {
  device.say(chat, "one");
  ASSERT_TRUE(archive());
  const Bytes before = *file.there;
  device.say(chat, "two");
  file.room = before.size();
  EXPECT_EQ(archive().error().code, kDiskFull);
  EXPECT_EQ(*file.there, before);
}

TEST_F(ArchiveChats, one_that_is_cut_or_of_another_lock_or_account_is_not_taken) {
  device.say(chat, "one");
  ASSERT_TRUE(archive());
  file.there->pop_back();
  Device other;
  EXPECT_EQ(restore(other).error().code, archive::kArchiveCut);
  EXPECT_TRUE(other.taken.empty());
  EXPECT_EQ(archive().error().code, archive::kArchiveCut);
  secret = *archive_secret_of("one two three", "");
  EXPECT_EQ(restore(other).error().code, archive::kArchiveOtherLock);
  EXPECT_EQ(archive_secret_of("", "").error().code, archive::kArchiveNoSecret);
  const auto others = crypto::Ed25519KeyPair::generate(random);
  secret = *archive_secret_of("", engine::recovery_key_text(others));
  EXPECT_EQ(archive().error().code, archive::kArchiveOtherAccount);
}

TEST_F(ArchiveChats, batches_are_as_large_as_the_host_can_carry_and_what_is_too_long_comes_without_its_formatting) {
  for (int i = 0; i < 20; ++i) device.say(chat, std::string(1000, 'x'));
  device.say(chat, std::string(1000, 'y'));
  for (uint32_t i = 0; i < 100; ++i) device.messages[chat].back().spans.push_back({i * 2, 1, engine::SpanStyle::kBold, {}});
  ASSERT_TRUE(archive());
  Device other;
  other.line_max = 5'000;
  ASSERT_TRUE(restore(other, 4'000));
  EXPECT_EQ(restored.stored, 21u);
  EXPECT_GE(other.taken.size(), 7u);
  EXPECT_TRUE(other.taken.back().messages.back().spans.empty());
  Device wide;
  ASSERT_TRUE(restore(wide));
  EXPECT_EQ(wide.taken.back().messages.back().spans.size(), 100u);
}

// An archive that somebody has made by hand, and given with its secret.
Bytes forged(const ArchiveSecret& secret, Random& random, const std::vector<archive::ArchivePart>& parts) {
  auto fresh = *archive::new_archive(secret.lock, secret.secret.reveal(), crypto::kPasswordCostDefault, random);
  Bytes out = archive::write_head(fresh.head);
  archive::ArchiveWriter writer(std::move(fresh.key), fresh.head.id, random);
  for (const archive::ArchivePart& each : parts) append(out, writer.part(each));
  append(out, writer.end());
  return out;
}
archive::ArchivedMessage forged_message(uint8_t id, size_t size) {
  archive::ArchivedMessage out;
  out.id[0] = id;
  out.sender = "Boris";
  out.text = std::string(size, 'x');
  return out;
}

TEST_F(ArchiveChats, messages_that_are_larger_than_any_are_kept_or_refused) {
  device.say(chat, std::string(100'000, 'y'));
  const auto id = chat.value;
  const auto message = forged_message;
  // The first one says more now, so that not all of this part fits one.
  file.there = forged(secret, random, {archive::ArchivedMessages{id, "Boris", {message(1, 3), message(2, 1'000'000)}}});
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.changed, 1u);
  EXPECT_EQ(counts.kept, 1u);
  Device other;
  ASSERT_TRUE(restore(other));
  EXPECT_EQ(restored.stored, 2u);
  // Nor does this message beside that name.
  device.messages[chat][0].text = "z";
  const std::string name(700'000, 'n');
  file.there = forged(secret, random, {archive::ArchivedMessages{id, name, {message(1, 3), message(2, 300'000)}}});
  ASSERT_TRUE(archive());
  device.messages[chat][0].text = std::string(400'000, 'z');
  EXPECT_EQ(archive().error().code, archive::kArchiveDamaged);
}

TEST_F(ArchiveChats, a_part_of_more_messages_than_a_batch_has_is_taken_in_several) {
  archive::ArchivedMessages many{chat.value, "Boris", {}};
  for (size_t i = 0; i < 3'000; ++i) many.messages.push_back(forged_message(static_cast<uint8_t>(i), 1));
  file.there = forged(secret, random, {many});
  Device other;
  ASSERT_TRUE(restore(other));
  EXPECT_EQ(restored.stored, 3'000u);
  ASSERT_TRUE(archive());
  EXPECT_EQ(counts.kept, 3'000u);
}

TEST_F(ArchiveChats, files_of_other_names_are_neither_written_nor_said_to_be_there) {
  const auto at = [](std::string name) { return archive::ArchivedFile{std::move(name), true, true, Bytes(10, 1)}; };
  std::vector<archive::ArchivePart> parts;
  archive::ArchivedMessages messages{chat.value, "Boris", {}};
  const std::vector<std::string> names = {"../../.bashrc", "/etc/passwd", "..", ".hidden", "a/b.jpg", "a\\b", "a\nb",
                                          std::string(300, 'a'), std::string("a\0b", 3), "\xff.jpg"};
  for (const std::string& name : names) {
    messages.messages.push_back(forged_message(static_cast<uint8_t>(messages.messages.size() + 1), 3));
    messages.messages.back().media = name;
    parts.emplace_back(at(name));
  }
  parts.emplace_back(messages);
  file.there = forged(secret, random, parts);
  Device other;
  ASSERT_TRUE(restore(other));
  EXPECT_TRUE(other.media.empty());
  EXPECT_EQ(restored.missing, names.size());
  for (const auto& each : other.taken.at(0).messages) EXPECT_TRUE(each.media.empty() && each.omitted);
}

TEST_F(ArchiveChats, a_file_that_comes_without_its_beginning_or_end_is_not_taken) {
  archive::ArchivedMessages messages{chat.value, "Boris", {forged_message(1, 3)}};
  messages.messages[0].media = "a.jpg";
  for (const bool first : {false, true}) {
    file.there = forged(secret, random, {messages, archive::ArchivedFile{"a.jpg", first, !first, Bytes(10, 1)}});
    Device other;
    EXPECT_EQ(restore(other).error().code, archive::kArchiveDamaged);
    EXPECT_TRUE(other.taken.empty() && other.media.empty()) << "all of it is read before";
    EXPECT_EQ(archive().error().code, archive::kArchiveDamaged);
  }
}

TEST_F(ArchiveChats, the_same_file_and_message_twice_are_there_once) {
  archive::ArchivedMessages messages{chat.value, "Boris", {forged_message(1, 3), forged_message(1, 4)}};
  messages.messages[0].media = messages.messages[1].media = "a.jpg";
  const archive::ArchivedFile first{"a.jpg", true, true, Bytes(10, 1)};
  const archive::ArchivedFile second{"a.jpg", true, true, Bytes(10, 2)};
  file.there = forged(secret, random, {messages, first, second});
  Device other;
  ASSERT_TRUE(restore(other));
  EXPECT_EQ(restored.files, 1u);
  EXPECT_EQ(other.media.at("a.jpg"), Bytes(10, 1));
  ASSERT_EQ(other.taken.at(0).messages.size(), 2u);
  EXPECT_EQ(other.taken[0].messages[0].key, other.taken[0].messages[1].key) << "by which the engine knows the second";
}

}  // namespace
}  // namespace godwit::moving
