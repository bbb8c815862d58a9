#include <gtest/gtest.h>

#include "archive/archive_parts.h"
#include "archive/errors.h"
#include "codec/codec.h"
#include "crypto/errors.h"
#include "crypto/hash.h"
#include "crypto/random_sources.h"

namespace godwit::archive {
namespace {

class Archive : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }

  static ArchivedMessages messages(const std::string& text) {
    ArchivedMessages out;
    out.chat[0] = 7;
    out.name = "Anna";
    ArchivedMessage one;
    one.id[0] = 1;
    one.text = text;
    out.messages = {one, one};
    return out;
  }
  NewArchive begin() {
    return *new_archive(ArchiveLock::kPassphrase, as_bytes("open"), crypto::kPasswordCostTest, random);
  }
  // A whole file with these texts.
  Bytes file_with(const std::vector<std::string>& texts) {
    NewArchive made = begin();
    Bytes out = write_head(made.head);
    ArchiveWriter writer(std::move(made.key), made.head.id, random);
    for (const std::string& each : texts) append(out, writer.part(messages(each)));
    append(out, writer.end());
    return out;
  }
  // What is read of a file, in pieces of `piece` bytes; the place is kept.
  Result<std::vector<std::string>> read(ByteView file, std::string_view secret = "open", size_t piece = 1000) {
    const ArchiveHead head = TRY(parse_head(file.first(std::min(file.size(), kHeadSize))));
    ArchiveKey key = TRY(open_head(head, as_bytes(secret)));
    std::vector<std::string> out;
    ArchiveReader reader(std::move(key), head.id, [&](const ArchivePart& part) -> Status {
      if (const auto* said = std::get_if<ArchivedMessages>(&part)) out.push_back(said->messages.front().text);
      return {};
    });
    for (ByteView rest = file.subspan(kHeadSize); !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
      TRY(reader.feed(rest.first(std::min(piece, rest.size()))));
    }
    TRY(reader.finish());
    place = reader.place();
    return out;
  }
  ErrorCode refused(ByteView file, std::string_view secret = "open") {
    const auto result = read(file, secret);
    return result ? ErrorCode{} : result.error().code;
  }
  crypto::SystemRandom random;
  ArchivePlace place;
};

using Texts = std::vector<std::string>;

TEST_F(Archive, what_is_written_is_read_in_pieces_of_any_size) {
  const Bytes file = file_with({"one", "two", std::string(300'000, 'x')});
  for (const size_t piece : {size_t{7}, size_t{1000}, file.size()}) {
    const auto texts = read(file, "open", piece);
    ASSERT_TRUE(texts.has_value());
    EXPECT_EQ(*texts, (Texts{"one", "two", std::string(300'000, 'x')}));
  }
  EXPECT_TRUE(read(file_with({})).has_value()) << "an empty one is whole";
}

TEST_F(Archive, a_file_has_one_name_in_all_its_pieces_and_they_stand_together) {
  const ArchivedFile first{"good", true, false, Bytes{1}};
  const ArchivedFile renamed{"../../elsewhere", false, true, Bytes{2}};
  const ArchivedFile last{"good", false, true, Bytes{2}};
  const std::vector<std::vector<ArchivePart>> bad{
      {first, renamed}, {last}, {first, first}, {first}, {first, messages("between"), last}};
  const auto file_of = [&](const std::vector<ArchivePart>& parts) {
    NewArchive made = begin();
    Bytes out = write_head(made.head);
    ArchiveWriter writer(std::move(made.key), made.head.id, random);
    for (const ArchivePart& each : parts) append(out, writer.part(each));
    append(out, writer.end());
    return out;
  };
  for (const auto& parts : bad) EXPECT_EQ(refused(file_of(parts)), ErrorCode{kArchiveDamaged}) << parts.size();
  EXPECT_EQ(refused(file_of({first, last, messages("after")})), ErrorCode{});
}

TEST_F(Archive, one_that_is_cut_anywhere_is_refused) {
  const Bytes file = file_with({"one", "two"});
  for (size_t size = 0; size < file.size(); ++size) {
    const auto code = refused(ByteView(file).first(size));
    EXPECT_TRUE(code == kArchiveCut || (size == 0 && code == kNotArchive)) << size << " " << code.name;
  }
}

TEST_F(Archive, one_with_any_bit_flipped_is_refused) {
  Bytes file = file_with({"one", "two"});
  for (size_t at = 0; at < file.size(); ++at) {
    const auto bit = static_cast<uint8_t>(1 << (at % 8));
    file[at] ^= bit;
    EXPECT_FALSE(read(file).has_value()) << at;
    file[at] ^= bit;
  }
  EXPECT_TRUE(read(file).has_value());
  file.push_back(0);
  EXPECT_EQ(refused(file), kArchiveDamaged) << "something follows the end";
}

TEST_F(Archive, another_secret_is_told_from_damage) {
  Bytes file = file_with({"one"});
  EXPECT_EQ(refused(file, "other"), kArchiveOtherKey);
  EXPECT_EQ(refused(as_bytes("an ordinary letter, long enough")), kNotArchive);
  file[20] ^= 1;
  EXPECT_EQ(refused(file), kArchiveDamaged);
  file[8] = 3;
  EXPECT_EQ(refused(file), kArchiveNewer);
}

TEST_F(Archive, answers_formatting_and_reactions_are_in_it) {
  ArchivedMessages said = messages("bold");
  said.messages[1].reply_to = said.messages[0].id;
  said.messages[1].spans = {{0, 4, 1, ""}, {0, 4, 6, "https://a.example/"}};
  said.messages[1].reactions = {{"👍", 2, true, {"Boris", "Anna"}}};
  NewArchive made = begin();
  ArchiveWriter writer({made.key.key.clone()}, made.head.id, random);
  Bytes sealed = writer.part(said);
  append(sealed, writer.end());
  std::vector<ArchivedMessage> got;
  ArchiveReader reader(std::move(made.key), made.head.id, [&](const ArchivePart& part) -> Status {
    for (const auto& each : std::get<ArchivedMessages>(part).messages) got.push_back(each);
    return {};
  });
  ASSERT_TRUE(reader.feed(sealed));
  ASSERT_TRUE(reader.finish());
  ASSERT_EQ(got.size(), 2U);
  EXPECT_FALSE(got[0].reply_to.has_value());
  EXPECT_EQ(got[1].reply_to, said.messages[0].id);
  ASSERT_EQ(got[1].spans.size(), 2U);
  EXPECT_EQ(got[1].spans[1].link, "https://a.example/");
  ASSERT_EQ(got[1].reactions.size(), 1U);
  EXPECT_EQ(got[1].reactions[0].names, (Texts{"Boris", "Anna"}));
}

TEST_F(Archive, one_of_version_1_is_read) {
  NewArchive made = begin();
  made.head.version = 1;
  const crypto::AeadKey locked_by = *crypto::password_key("open", made.head.salt, made.head.cost);
  Bytes front = write_head(made.head);
  front.resize(50);  // what stands before the sealed key
  made.head.sealed_key = crypto::box_seal(locked_by, random, front, made.key.key.reveal());
  Bytes file = write_head(made.head);
  crypto::Sha256 hash;
  uint64_t parts = 0;
  const auto seal = [&](uint8_t kind, const codec::Writer& plain) {
    codec::Writer bound, inner, out;
    bound.raw(as_bytes("godwit archive part 1"));
    bound.raw(made.head.id);
    bound.u64(parts);
    inner.u8(kind);
    inner.raw(plain.view());
    const Bytes sealed = crypto::box_seal(made.key.key, random, bound.view(), inner.view());
    out.u32(static_cast<uint32_t>(sealed.size()));
    out.raw(sealed);
    return out.take();
  };
  codec::Writer message, chat, end;
  message.raw(ArchivedId{1});
  codec::encode(message, std::string("Anna"));
  message.u8(1);
  message.u64(1'000);
  for (const char* each : {"what was said", "0011-picture.jpg", "Clara"}) codec::encode(message, std::string(each));
  message.u8(kArchivedEdited);
  chat.raw(ArchivedId{7});
  codec::encode(chat, std::string("friends"));
  chat.opaque(message.view());
  const Bytes part = seal(1, chat);
  hash.update(part);
  append(file, part);
  ++parts;
  end.u64(1);
  end.raw(hash.finish());
  append(file, seal(255, end));
  EXPECT_EQ(*read(file), (Texts{"what was said"}));
  ArchivedMessages got;
  ArchiveReader reader({made.key.key.clone()}, made.head.id,
                       [&](ArchivePart all) { return got = std::get<ArchivedMessages>(std::move(all)), Status{}; });
  ASSERT_TRUE(reader.feed(ByteView(file).subspan(kHeadSize)));
  ASSERT_EQ(got.messages.size(), 1U);
  EXPECT_EQ(got.messages[0].sender, "Anna");
  EXPECT_TRUE(got.messages[0].own);
  EXPECT_EQ(got.messages[0].media, "0011-picture.jpg");
  EXPECT_EQ(got.messages[0].forwarded_from, "Clara");
  EXPECT_EQ(got.messages[0].marks, kArchivedEdited);
  EXPECT_TRUE(got.messages[0].spans.empty() && got.messages[0].reactions.empty() && !got.messages[0].reply_to);
}

TEST_F(Archive, it_goes_on_where_it_ended) {
  Bytes file = file_with({"one"});
  ASSERT_TRUE(read(file).has_value());
  const Bytes old_end(file.begin() + static_cast<ptrdiff_t>(place.size), file.end());
  file.resize(place.size);
  const ArchiveHead head = *parse_head(ByteView(file).first(kHeadSize));
  ArchiveWriter writer(*open_head(head, as_bytes("open")), head.id, random, place);
  append(file, writer.part(messages("two")));
  Bytes mixed = file;
  append(file, writer.end());
  const auto texts = read(file);
  ASSERT_TRUE(texts.has_value());
  EXPECT_EQ(*texts, (Texts{"one", "two"}));
  append(mixed, old_end);
  EXPECT_EQ(refused(mixed), kArchiveDamaged) << "the end of the shorter one is not the end of the longer one";
}

TEST_F(Archive, parts_of_another_archive_or_in_another_order_are_refused) {
  NewArchive made = begin();
  const Bytes head = write_head(made.head);
  ArchiveWriter writer({made.key.key.clone()}, made.head.id, random);
  const Bytes one = writer.part(messages("one"));
  const Bytes two = writer.part(messages("two"));
  const Bytes end = writer.end();
  const auto joined = [&](std::initializer_list<Bytes> parts) {
    Bytes out = head;
    for (const Bytes& each : parts) append(out, each);
    return out;
  };
  EXPECT_TRUE(read(joined({one, two, end})).has_value());
  EXPECT_EQ(refused(joined({two, one, end})), kArchiveDamaged);
  EXPECT_EQ(refused(joined({one, end})), kArchiveDamaged);
  EXPECT_EQ(refused(joined({one, one, end})), kArchiveDamaged);
  EXPECT_EQ(refused(joined({one, two, end, end})), kArchiveDamaged);
  ArchiveWriter other({made.key.key.clone()}, ArchiveId{1}, random);
  EXPECT_EQ(refused(joined({other.part(messages("one")), two, end})), kArchiveDamaged);
}

TEST_F(Archive, nothing_of_it_can_be_read_without_the_secret) {
  const Bytes file = file_with({"plain as day"});
  EXPECT_EQ(as_text(file).find("plain as day"), std::string_view::npos);
  EXPECT_EQ(as_text(file).find("Anna"), std::string_view::npos);
}

TEST_F(Archive, the_recovery_key_opens_what_it_has_locked) {
  const Bytes seed(32, 9);
  auto made = new_archive(ArchiveLock::kRecoveryKey, seed, crypto::kPasswordCostDefault, random);
  ASSERT_TRUE(made.has_value());
  const auto head = parse_head(write_head(made->head));
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(open_head(*head, seed).has_value());
  EXPECT_EQ(open_head(*head, Bytes(32, 8)).error().code, kArchiveOtherKey);
}

TEST_F(Archive, a_head_that_asks_for_too_much_work_is_refused) {
  ArchiveHead head = begin().head;
  head.cost = {1'000'000, 1 << 30};
  const auto parsed = parse_head(write_head(head));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(open_head(*parsed, as_bytes("open")).error().code, crypto::kBadSize);
}

}  // namespace
}  // namespace godwit::archive
