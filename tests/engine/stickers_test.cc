// Packs of stickers: made, shared, added, sent; on all own devices; and what hostile ones do.

#include <gtest/gtest.h>

#include "codec/codec.h"
#include "engine/errors.h"
#include "engine/record_key.h"
#include "engine/sticker_pack.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

Bytes png(uint32_t side, size_t size, uint8_t fill) {
  Bytes out = to_bytes(as_bytes(std::string_view("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16)));
  for (int i = 0; i < 2; ++i) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(side >> shift));
  }
  out.resize(size, fill);
  return out;
}

class Stickers : public DeviceChats {
 protected:
  void SetUp() override {
    DeviceChats::SetUp();
    // Larger than a piece of what is kept, and smaller.
    phone_.files["/large.png"] = png(512, 150'000, 1);
    phone_.files["/small.png"] = png(64, 900, 2);
  }
  static StickerPackInfo made(Person& person, const std::string& name = "Cats") {
    const auto answer = person.ask(NewStickerPack{name, {{"/large.png", "😺"}, {"/small.png", "😾"}}});
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().rule);
    return answer ? std::get<StickerPackAdded>(*answer).pack : StickerPackInfo{};
  }
  static std::vector<StickerPackInfo> packs(Person& person) {
    const auto answer = person.ask(ListStickerPacks{});
    return answer ? std::get<StickerPacks>(*answer).packs : std::vector<StickerPackInfo>{};
  }
  static Bytes picture(Person& person, const StickerPackId& pack, uint32_t number) {
    const auto answer = person.ask(ReadSticker{pack, number});
    return answer ? std::get<StickerFound>(*answer).picture : Bytes{};
  }
  Message newest(Person& person) {
    world_.settle();
    const auto all = person.history();
    return all.empty() ? Message{} : all.back();
  }
  // Bob gets it from the phone and tries to add it.
  Result<Answer> bob_adds(const Message& message) {
    return bob_.ask(AddStickerPack{bob_.chat().chat, message.id});
  }
  // Sends these bytes as a pack, as a program does that checks nothing.
  Message sent_as_pack(const Bytes& bytes) {
    phone_.files["/pack"] = bytes;
    SendFile file{phone_.chat().chat, "/pack", "pack", {}};
    file.media.emplace().kind = MediaKind::kStickerPack;
    EXPECT_TRUE(phone_.ask(file).has_value());
    return newest(bob_);
  }
};

TEST_F(Stickers, a_pack_is_made_shared_added_and_sent_from) {
  const StickerPackInfo pack = made(phone_);
  ASSERT_EQ(pack.stickers.size(), 2U);
  EXPECT_EQ(pack.stickers[0].width, 512U);
  EXPECT_EQ(picture(phone_, pack.pack, 0), phone_.files["/large.png"]);
  EXPECT_EQ(picture(phone_, pack.pack, 1), phone_.files["/small.png"]);
  ASSERT_TRUE(phone_.ask(ShareStickerPack{phone_.chat().chat, pack.pack}).has_value());
  const Message shared = newest(bob_);
  ASSERT_TRUE(shared.file.has_value());
  EXPECT_EQ(shared.file->media.kind, MediaKind::kStickerPack);
  EXPECT_EQ(shared.file->media.pack, "Cats");
  EXPECT_TRUE(packs(bob_).empty()) << "nothing is added by itself";
  const auto added = bob_adds(shared);
  ASSERT_TRUE(added.has_value()) << added.error().rule;
  EXPECT_EQ(std::get<StickerPackAdded>(*added).pack.pack, pack.pack) << "it is the same pack for everybody";
  EXPECT_TRUE(bob_.files.empty()) << "the host has no file of it";
  EXPECT_EQ(picture(bob_, pack.pack, 1), phone_.files["/small.png"]);
  ASSERT_TRUE(bob_.ask(SendSticker{bob_.chat().chat, pack.pack, 0, shared.id}).has_value());
  const Message sticker = newest(phone_);
  ASSERT_TRUE(sticker.file.has_value());
  EXPECT_EQ(sticker.file->media.kind, MediaKind::kSticker);
  EXPECT_EQ(sticker.file->media.pack, "Cats");
  EXPECT_EQ(sticker.file->media.emoji, "😺");
  EXPECT_EQ(sticker.file->media.width, 512U);
  EXPECT_EQ(sticker.reply_to, shared.id);
  ASSERT_TRUE(phone_.ask(GetFile{phone_.chat().chat, sticker.id, "/got.png"}).has_value());
  EXPECT_EQ(phone_.files["/got.png"], phone_.files["/large.png"]);
}

TEST_F(Stickers, the_same_pack_twice_is_one_and_a_removed_one_is_gone_from_the_disk) {
  const StickerPackId pack = made(phone_).pack;
  const size_t records = phone_.disk().records().size();
  EXPECT_EQ(made(phone_).pack, pack);
  EXPECT_EQ(packs(phone_).size(), 1U);
  EXPECT_EQ(phone_.disk().records().size(), records);
  ASSERT_TRUE(phone_.ask(ShareStickerPack{phone_.chat().chat, pack}).has_value());
  const Message shared = newest(bob_);
  ASSERT_TRUE(bob_adds(shared).has_value());
  ASSERT_TRUE(bob_adds(shared).has_value()) << "and again";
  EXPECT_EQ(packs(bob_).size(), 1U);
  ASSERT_TRUE(phone_.ask(RemoveStickerPack{pack}).has_value());
  EXPECT_TRUE(packs(phone_).empty());
  for (const auto& [key, value] : phone_.disk().records()) {
    EXPECT_NE(key.front(), static_cast<uint8_t>(RecordKind::kStickerPiece));
    EXPECT_NE(key.front(), static_cast<uint8_t>(RecordKind::kStickerPack));
  }
  EXPECT_EQ(phone_.ask(ReadSticker{pack, 0}).error().code, kNoSuchStickerPack);
  EXPECT_EQ(phone_.ask(SendSticker{phone_.chat().chat, pack, 0, {}}).error().code, kNoSuchStickerPack);
  EXPECT_EQ(bob_.ask(SendSticker{bob_.chat().chat, pack, 2, {}}).error().code, kNoSuchSticker);
}

TEST_F(Stickers, what_is_shared_before_a_restart_goes_out_after_it) {
  const StickerPackId pack = made(phone_).pack;
  phone_.online = false;
  ASSERT_TRUE(phone_.ask(ShareStickerPack{phone_.chat().chat, pack}).has_value());
  phone_.kill();
  phone_.files.clear();
  phone_.online = true;
  phone_.start();
  const Message shared = newest(bob_);
  ASSERT_TRUE(shared.file.has_value()) << "its bytes were read out of the profile";
  ASSERT_TRUE(bob_adds(shared).has_value());
  EXPECT_EQ(picture(bob_, pack, 0), picture(phone_, pack, 0));
}

TEST_F(Stickers, wherever_the_program_dies_while_it_adds_a_pack_it_can_add_it_after_that) {
  const StickerPackId pack = made(phone_).pack;
  ASSERT_TRUE(phone_.ask(ShareStickerPack{phone_.chat().chat, pack}).has_value());
  const Message shared = newest(bob_);
  const AddStickerPack add{bob_.chat().chat, shared.id};
  for (size_t dies_at = 1; dies_at < 30; ++dies_at) {
    SCOPED_TRACE(dies_at);
    size_t effects = 0;
    bob_.on_effect = [&](const Effect&) {
      if (++effects == dies_at) bob_.kill();
    };
    bob_.give(add);
    world_.settle();
    bob_.on_effect = nullptr;
    if (!bob_.alive()) bob_.start();
    for (const StickerPackInfo& each : packs(bob_)) {
      ASSERT_EQ(picture(bob_, each.pack, 0), phone_.files["/large.png"]) << "whole, or not there";
    }
    ASSERT_TRUE(bob_adds(shared).has_value());
    ASSERT_EQ(picture(bob_, pack, 1), phone_.files["/small.png"]);
    ASSERT_TRUE(bob_.ask(RemoveStickerPack{pack}).has_value());
  }
}

TEST_F(Stickers, what_is_no_pack_is_not_added_and_leaves_nothing) {
  const auto refused = [&](const Bytes& bytes, ErrorCode code) {
    const Message message = sent_as_pack(bytes);
    ASSERT_TRUE(message.file.has_value());
    const auto answer = bob_adds(message);
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, code) << answer.error().rule;
    EXPECT_TRUE(packs(bob_).empty());
  };
  const auto by_hand = [](const PackedStickers& pack) {
    Bytes out = to_bytes(as_bytes("godwit stickers "));
    append(out, codec::encoded(pack));
    return out;
  };
  refused(Bytes(300'000, 7), kBadStickerPack);
  Bytes cut = by_hand({1, "Cats", {{"a", png(64, 70'000, 1)}, {"b", png(64, 900, 1)}}});
  cut.pop_back();
  refused(cut, kBadStickerPack);
  std::vector<PackedSticker> many(kStickersMax + 1, {"a", png(64, 100, 1)});
  refused(by_hand({1, "Cats", many}), kBadStickerPack);
  refused(by_hand({1, "Cats", {{"a", to_bytes(as_bytes("<svg onload=alert(1)>"))}}}), kBadSticker);
  refused(by_hand({1, "Cats", {{"a", png(60'000, 900, 1)}}}), kBadSticker);
  refused({}, kBadStickerPack);
  for (const auto& [key, value] : bob_.disk().records())
    EXPECT_NE(key.front(), static_cast<uint8_t>(RecordKind::kStickerPiece));
}

TEST_F(Stickers, a_file_larger_than_a_pack_is_no_message_and_another_file_is_no_pack) {
  phone_.files["/pack"] = Bytes(kStickerPackSizeMax + 1, 1);
  SendFile file{phone_.chat().chat, "/pack", "pack", {}};
  file.media.emplace().kind = MediaKind::kStickerPack;
  EXPECT_EQ(phone_.ask(file).error().code, kBadMedia);
  ASSERT_TRUE(phone_.ask(SendFile{phone_.chat().chat, "/small.png", {}, {}}).has_value());
  EXPECT_EQ(bob_adds(newest(bob_)).error().code, kBadStickerPack);
}

TEST_F(Stickers, a_picture_that_cannot_be_a_sticker_makes_no_pack) {
  phone_.files["/photo.jpg"] = to_bytes(as_bytes("\xff\xd8\xff\xe0 and so on"));
  phone_.files["/huge.png"] = png(512, 600'000, 1);
  phone_.files["/empty.png"] = {};
  for (const char* source : {"/photo.jpg", "/huge.png", "/empty.png"}) {
    const auto answer = phone_.ask(NewStickerPack{"Cats", {{"/small.png", "😾"}, {source, "😺"}}});
    ASSERT_FALSE(answer.has_value()) << source;
    EXPECT_EQ(answer.error().code, kBadSticker) << source;
  }
  EXPECT_EQ(phone_.ask(NewStickerPack{"", {{"/small.png", "😾"}}}).error().code, kBadStickerPack);
  EXPECT_EQ(phone_.ask(NewStickerPack{"Cats", {}}).error().code, kBadStickerPack);
  EXPECT_EQ(phone_.ask(NewStickerPack{"Cats", {{"/small.png", ""}}}).error().code, kBadSticker);
  EXPECT_FALSE(phone_.ask(NewStickerPack{"Cats", {{"/nothing.png", "😾"}}}).has_value());
  EXPECT_TRUE(packs(phone_).empty());
}

TEST_F(Stickers, packs_are_on_all_own_devices_and_removed_from_all) {
  const StickerPackId early = made(phone_, "Early").pack;
  Person& laptop = link_whole();
  ASSERT_TRUE(world_.run_until([&] { return packs(laptop).size() == 1 && !packs(laptop)[0].coming; }));
  EXPECT_EQ(picture(laptop, early, 0), phone_.files["/large.png"]);
  EXPECT_EQ(packs(laptop)[0].name, "Early");
  laptop.files["/large.png"] = png(100, 80'000, 9);
  laptop.files["/small.png"] = png(50, 500, 8);
  const StickerPackId late = made(laptop, "Late").pack;
  ASSERT_TRUE(world_.run_until([&] { return packs(phone_).size() == 2 && !packs(phone_)[1].coming; }));
  EXPECT_EQ(picture(phone_, late, 1), laptop.files["/small.png"]);
  ASSERT_TRUE(phone_.ask(RemoveStickerPack{late}).has_value());
  ASSERT_TRUE(world_.run_until([&] { return packs(laptop).size() == 1; }));
  EXPECT_EQ(packs(laptop)[0].pack, early);
  world_.settle();
  EXPECT_TRUE(phone_.engine().idle() && laptop.engine().idle());
}

TEST_F(Stickers, a_device_that_restarts_while_a_pack_comes_gets_it_still) {
  Person& laptop = link_whole();
  laptop.online = false;
  const StickerPackId pack = made(phone_).pack;
  world_.settle();
  laptop.online = true;
  ASSERT_TRUE(world_.run_until([&] { return packs(laptop).size() == 1; }));
  laptop.kill();
  world_.pass(seconds(5));
  laptop.start();
  ASSERT_TRUE(world_.run_until([&] { return packs(laptop).size() == 1 && !packs(laptop)[0].coming; }));
  EXPECT_EQ(picture(laptop, pack, 0), phone_.files["/large.png"]);
}

}  // namespace
}  // namespace godwit::testworld
