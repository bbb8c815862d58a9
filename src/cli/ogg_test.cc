// Sounds in Ogg lose their comments, and no page moves.

#include "cli/ogg.h"

#include "cli/sent_picture.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using testfile::reader;
using testfile::sent;

std::string little(uint64_t value, size_t size) {
  std::string out;
  for (size_t i = 0; i < size; ++i) out += static_cast<char>(value >> 8 * i);
  return out;
}

// By long division of the bits (RFC 3533 §6, field 7).
uint32_t check_of(std::string_view bytes) {
  uint64_t rest = 0;
  for (const char each : std::string(bytes) + std::string(4, '\0')) {
    for (int bit = 7; bit >= 0; --bit) {
      rest = rest << 1 | (static_cast<uint8_t>(each) >> bit & 1);
      if ((rest >> 32 & 1) != 0) rest ^= 0x104c11db7U;
    }
  }
  return static_cast<uint32_t>(rest);
}

// Packets of a page, each of which ends in it; of the last one the next page may have the rest.
std::string page(int flags, uint32_t serial, uint32_t number, const std::vector<std::string>& packets,
                 bool ends = true) {
  std::string lacing, body;
  for (size_t i = 0; i < packets.size(); ++i) {
    const bool whole = ends || i + 1 < packets.size();
    lacing += std::string(packets[i].size() / 255, '\xff');
    if (whole) lacing += static_cast<char>(packets[i].size() % 255);
    body += packets[i];
  }
  std::string out = std::string("OggS\0", 5) + static_cast<char>(flags) + little(0, 8) + little(serial, 4) +
                    little(number, 4) + little(0, 4) + static_cast<char>(lacing.size()) + lacing + body;
  return out.replace(22, 4, little(check_of(out), 4));
}

std::string comments(const std::string& magic, const std::string& word) {
  const std::string maker = "PHONE of Anna";
  const std::string one = "LOCATION=" + word;
  return magic + little(maker.size(), 4) + maker + little(1, 4) + little(one.size(), 4) + one;
}

// All pages of a file; the test fails if one is not right.
size_t count_pages(const std::string& file) {
  size_t pages = 0;
  for (size_t at = 0; at < file.size(); ++pages) {
    size_t size = 27 + static_cast<uint8_t>(file[at + 26]);
    for (size_t i = 27, last = size; i < last; ++i) size += static_cast<uint8_t>(file[at + i]);
    std::string one = file.substr(at, size);
    const std::string there = one.substr(22, 4);
    EXPECT_EQ(there, little(check_of(one.replace(22, 4, little(0, 4))), 4)) << "page " << pages;
    at += size;
  }
  return pages;
}

void expect_clean(const std::string& file) {
  const std::string out = sent(file);
  ASSERT_EQ(out.size(), file.size());
  for (const char* word : {"GPS", "PHONE", "LOCATION"}) {
    EXPECT_NE(file.find(word), std::string::npos) << word;
    EXPECT_EQ(out.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(count_pages(out), count_pages(file));
  EXPECT_EQ(sent(out), out) << "what was sent is sent on unchanged";
}

std::string opus(uint32_t serial, const std::string& word) {
  return page(2, serial, 0, {"OpusHead 12345678901"}) + page(0, serial, 1, {comments("OpusTags", word)}) +
         page(4, serial, 2, {"sound", "more sound"});
}

TEST(Ogg, checksum_is_that_of_the_catalogues) { EXPECT_EQ(check_of("123456789"), 0x89a1897fU); }

TEST(Ogg, opus_goes_without_its_comments) {
  const std::string file = opus(7, "GPS+55.75+37.62");
  expect_clean(file);
  const std::string out = sent(file);
  EXPECT_TRUE(out.ends_with(page(4, 7, 2, {"sound", "more sound"})));
  EXPECT_EQ(out.find("OpusTags"), file.find("OpusTags"));
  // A maker of blanks, and no comment.
  const size_t at = out.find("OpusTags") + 8;
  const size_t size = comments("OpusTags", "GPS+55.75+37.62").size() - 16;
  EXPECT_EQ(out.substr(at, 4 + size + 4), little(size, 4) + std::string(size, ' ') + little(0, 4));
}

TEST(Ogg, comments_over_many_pages_between_those_of_another_stream_go) {
  const std::string packet = comments("\x03vorbis", "GPS" + std::string(1'000, 'c')) + "\x01";
  const std::string file = page(2, 1, 0, {"\x01vorbis head"}) + page(2, 2, 0, {"\x80theora head"}) +
                           page(0, 1, 1, {packet.substr(0, 510)}, false) +
                           page(0, 2, 1, {comments("\x81theora", "GPS"), "\x82theora tables"}) +
                           page(1, 1, 2, {packet.substr(510), "\x05vorbis tables"}) + page(0, 2, 2, {"film"}) +
                           page(4, 1, 3, {"sound"});
  expect_clean(file);
  const std::string out = sent(file);
  for (const char* word : {"tables", "film", "sound"}) EXPECT_EQ(out.find(word), file.find(word)) << word;
}

TEST(Ogg, flac_and_speex_go_without_theirs_and_covers) {
  const auto block = [](int type, const std::string& body) {
    return static_cast<char>(type) + std::string(1, '\0') + static_cast<char>(body.size() >> 8) +
           static_cast<char>(body.size()) + body;
  };
  const std::string flac = page(2, 3, 0, {std::string("\x7f" "FLAC\x01\0\0\x03" "fLaC", 13) + block(0, "rates")}) +
                           page(0, 3, 1, {block(4, comments("", "GPS")), block(6, "a GPS of a cover")}) +
                           page(0, 3, 2, {block(3, "seek points"), block(0x80 | 2, "GPS")}) + page(4, 3, 3, {"sound"});
  expect_clean(flac);
  EXPECT_NE(sent(flac).find("seek points"), std::string::npos);
  expect_clean(page(2, 4, 0, {"Speex   1.2"}) + page(0, 4, 1, {comments("", "GPS")}) + page(4, 4, 2, {"sound"}));
}

TEST(Ogg, one_behind_the_other_lose_both_and_what_is_not_known_stays) {
  expect_clean(opus(7, "GPS 1") + opus(7, "GPS 2") + opus(8, "GPS 3"));
  const std::string other = page(2, 5, 0, {"something else"}) + page(4, 5, 1, {"with GPS in it"});
  EXPECT_EQ(sent(other), other);
}

TEST(Ogg, broken_one_is_refused_at_whatever_byte_it_ends) {
  const std::string whole = opus(7, "GPS");
  const size_t last = whole.find("sound") - 29;
  for (size_t size = 4; size < whole.size(); ++size) {
    const std::string file = whole.substr(0, size);
    const auto found = picture_to_send(reader(file));
    if (size == last) continue;  // that is a whole one without a sound
    ASSERT_FALSE(found.has_value()) << size;
    EXPECT_EQ(found.error().code, engine::kBadMedia);
  }
  for (const std::string& file :
       {whole + "trailing", page(0, 7, 0, {"no beginning"}),
        page(2, 7, 0, {"OpusHead"}) + page(0, 7, 1, {"OpusTagsGPS"}),
        page(2, 7, 0, {"OpusHead"}) + page(0, 7, 1, {"sound"}), opus(7, "GPS") + page(2, 9, 0, {"OpusHead"})}) {
    const auto found = picture_to_send(reader(file));
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, engine::kBadMedia);
  }
}

}  // namespace
}  // namespace godwit::cli
