// What somebody may say of a file that he sends: that it is larger or smaller, of another kind, elsewhere, or nothing of the sort.

#include "engine/file_chunks.h"
#include "tests/engine/hostile_peer.h"

namespace godwit::testworld {
namespace {

using engine::FileBody;

// Bob has sent a file with his program; then he says of its blob what he likes.
class FileAttacks : public HostilePeer {
 protected:
  void SetUp() override {
    HostilePeer::SetUp();
    bob.start();
    file.resize(300'000);
    crypto::SeededRandom(7).fill(file);
    file.back() = 1;
    bob.files["/home/bob/photo.jpg"] = file;
    const auto sent = bob.ask(engine::SendFile{chat, "/home/bob/photo.jpg", {}, {}});
    ASSERT_TRUE(sent.has_value());
    world.settle();
    honest = body_of(std::get<engine::MessageQueued>(*sent).message.id);
    take_over();
  }
  // As it stands on Alice's disk.
  FileBody body_of(const MessageId& id) {
    const uint64_t position = find(id).value().position.value;
    const Bytes key = engine::record_key(RecordKind::kHistory, chat.view(), position);
    const auto value = engine::open_record(alice.key(), key, alice.disk().records().at(key));
    return codec::decoded<engine::HistoryRecord>(value->reveal()).value().file.value().clone();
  }
  std::optional<Message> claim(const FileBody& body) {
    return find(say(content(ContentKind::kFile, codec::encoded(body), clock++)));
  }
  // What becomes of it when Alice wants to have it.
  Result<engine::Answer> get(const FileBody& body) {
    const auto message = claim(body);
    EXPECT_TRUE(message.has_value());
    if (!message) return Error{engine::kNoSuchMessage, "shown"};
    EXPECT_EQ(message->file->size, body.size) << "it is what he says";
    return alice.ask(engine::GetFile{chat, message->id, "/home/alice/"});
  }
  void expect_nothing_left() {
    EXPECT_TRUE(alice.files.empty());
    world.settle();
    EXPECT_TRUE(alice.engine().idle()) << "it is not asked for again and again";
  }

  Bytes file;
  FileBody honest;
  uint64_t clock = 200;
};

TEST_F(FileAttacks, a_size_that_is_not_the_files_is_found_out) {
  const uint64_t size = file.size();
  for (const uint64_t lie : {uint64_t{0}, uint64_t{1}, size - 1, size - engine::kChunkPlainSize, size + 100'000,
                             10 * size, engine::kFileSizeMax}) {
    SCOPED_TRACE(lie);
    FileBody body = honest.clone();
    body.size = lie;
    const auto answer = get(body);
    ASSERT_FALSE(answer.has_value());
    EXPECT_TRUE(answer.error().code == engine::kFileDamaged || answer.error().code == engine::kFileGone);
    expect_nothing_left();
  }
  EXPECT_LE(alice.largest_write, wire::kBlobChunkSize);
  ASSERT_TRUE(get(honest).has_value()) << "and the truth is served all the same";
  EXPECT_EQ(alice.files.at("/home/alice/photo.jpg"), file);
}

TEST_F(FileAttacks, a_size_that_no_file_has_is_no_message) {
  const auto last = alice.chat().last;
  for (const uint64_t lie : {engine::kFileSizeMax + 1, uint64_t{1} << 40, UINT64_MAX - 1, UINT64_MAX}) {
    FileBody body = honest.clone();
    body.size = lie;
    EXPECT_FALSE(claim(body).has_value()) << lie;
  }
  EXPECT_EQ(alice.chat().last, last);
}

TEST_F(FileAttacks, names_and_kinds_of_his_own_invention_are_made_harmless) {
  FileBody body = honest.clone();
  body.name = "../../etc/cron.d/x\n\u202egpj.sh";
  body.mime = "image/png\r\nX-Evil: 1";
  body.kind = static_cast<engine::MediaKind>(200);
  const auto message = claim(body);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->file->name, "x_gpj.sh");
  EXPECT_EQ(message->file->mime, "application/octet-stream");
  EXPECT_EQ(message->file->media.kind, engine::MediaKind::kFile);
  ASSERT_TRUE(alice.ask(engine::GetFile{chat, message->id, "/home/alice/"}).has_value());
  EXPECT_EQ(alice.files.at("/home/alice/x_gpj.sh"), file) << "beside nothing else";
  EXPECT_EQ(alice.files.size(), 1U);
}

TEST_F(FileAttacks, what_is_said_of_it_beyond_the_bounds_is_no_message) {
  const auto last = alice.chat().last;
  const auto refused = [&](const std::function<void(FileBody&)>& change) {
    FileBody body = honest.clone();
    change(body);
    EXPECT_FALSE(claim(body).has_value());
  };
  refused([](FileBody& body) { body.thumbnail = Bytes(engine::kThumbnailSizeMax + 1, 0xff); });
  refused([](FileBody& body) { body.waveform = Bytes(engine::kWaveformSizeMax + 1, 1); });
  refused([](FileBody& body) { body.caption = std::string(engine::kCaptionSizeMax + 1, 'a'); });
  refused([](FileBody& body) { body.caption = "\xff\xfe"; });
  refused([](FileBody& body) { body.pack = "two\nlines"; });
  refused([](FileBody& body) { body.emoji = std::string(65, 'a'); });
  refused([](FileBody& body) {
    body.kind = engine::MediaKind::kSticker;
    body.size = engine::kStickerSizeMax + 1;
  });
  refused([](FileBody& body) { body.home.routes = std::vector<std::string>(1'000, "wss://evil.example/ws"); });
  EXPECT_EQ(alice.chat().last, last);
}

TEST_F(FileAttacks, a_small_picture_that_is_no_jpeg_is_left_out_and_the_file_is_there) {
  const Bytes jpeg{0xff, 0xd8, 0xff, 0xe0, 0, 16};
  const std::string_view others[] = {"\x89PNG\r\n\x1a\n",     "GIF89a",   "RIFF\x10\x00\x00\x00WEBP",
                                     "<svg onload=alert(1)>", "\xff\xd8", "\xff",
                                     " \xff\xd8\xff"};
  for (const std::string_view other : others) {
    FileBody body = honest.clone();
    body.thumbnail = to_bytes(as_bytes(other));
    const auto message = claim(body);
    ASSERT_TRUE(message.has_value()) << other;
    EXPECT_TRUE(message->file->media.thumbnail.empty()) << other;
    EXPECT_TRUE(body_of(message->id).thumbnail.empty()) << "not kept either: " << other;
  }
  FileBody body = honest.clone();
  body.thumbnail = jpeg;
  EXPECT_EQ(claim(body)->file->media.thumbnail, jpeg);
  body.thumbnail.clear();
  EXPECT_TRUE(claim(body)->file->media.thumbnail.empty());
}

TEST_F(FileAttacks, another_key_or_blob_is_found_out) {
  FileBody body = honest.clone();
  body.key = {crypto::Secret<32>::random(random)};
  EXPECT_EQ(get(body).error().code, engine::kFileDamaged);
  body = honest.clone();
  body.blob = {random.bytes<wire::BlobId::kSize>()};
  EXPECT_EQ(get(body).error().code, engine::kFileGone);
  expect_nothing_left();
}

}  // namespace
}  // namespace godwit::testworld
