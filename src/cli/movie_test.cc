// Films lose where, when and with what they were taken, and nothing in them moves.

#include "cli/movie.h"

#include <gtest/gtest.h>

#include "cli/sent_picture.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using testfile::box;
using testfile::number;
using testfile::reader;
using testfile::sent;

std::string dated(std::string_view type, bool large) {
  const std::string date = large ? "MADE2026MADE2027" : "MADEDATE";
  return box(type, number(large ? 1 : 0, 1) + number(7, 3) + date + "kept");
}

std::string moov(bool large) {
  const std::string hdlr = box("hdlr", number(0, 8) + "vide" + number(0, 12) + "PHONE of Anna");
  const std::string minf = box("minf", box("vmhd", number(1, 12)) + box("stbl", box("stco", "offsets") + "udta"));
  const std::string mdia = box("mdia", dated("mdhd", large) + hdlr + minf);
  const std::string trak = box("trak", dated("tkhd", large) + mdia + box("meta", "GPS"));
  const std::string place = box("\xa9xyz", "GPS+55.75+37.62/");
  return box("moov",
             dated("mvhd", large) + trak + box("udta", place + number(0, 4)) + box("uuid", "0123456789abcdef PHONE"));
}

std::string film(bool large) {
  const std::string mdat = large ? number(1, 4) + "mdat" + number(22, 8) + "pixels" : box("mdat", "pixels");
  return box("ftyp", "isom" + number(0, 4)) + box("free", "GPS of a film before") + mdat + moov(large) +
         box("meta", "GPS");
}

TEST(Movie, goes_without_place_device_and_times_and_nothing_moves) {
  for (const bool large : {false, true}) {
    const std::string file = film(large);
    const std::string out = sent(file);
    ASSERT_EQ(out.size(), file.size());
    for (const char* word : {"GPS", "PHONE", "MADE", "xyz", "meta", "uuid"}) {
      EXPECT_NE(file.find(word), std::string::npos) << word;
      EXPECT_EQ(out.find(word), std::string::npos) << word;
    }
    for (const char* word : {"pixels", "vide", "offsets", "kept", "ftypisom"})
      EXPECT_EQ(out.find(word), file.find(word)) << word;
    EXPECT_EQ(sent(out), out) << "what was sent is sent on unchanged";
  }
}

TEST(Movie, one_whose_pixels_go_on_to_its_end_is_sent_to_its_end) {
  const std::string file = moov(false) + number(0, 4) + "mdat" + std::string(1000, 'p');
  const std::string out = sent(file);
  ASSERT_EQ(out.size(), file.size());
  EXPECT_TRUE(out.ends_with(std::string(1000, 'p')));
  EXPECT_EQ(out.find("GPS"), std::string::npos);
}

TEST(Movie, of_two_gigabytes_is_looked_through_by_its_heads) {
  const std::string first = box("ftyp", "isom") + number(1, 4) + "mdat" + number(uint64_t{2} << 30, 8);
  const uint64_t second = first.size() - 16 + (uint64_t{2} << 30);
  const std::string last = moov(false);
  size_t read = 0;
  const ReadAt sparse = [&](uint64_t offset, size_t size) {
    Bytes out;
    for (; out.size() < size && offset < second + last.size(); ++offset) {
      const bool between = offset >= first.size() && offset < second;
      const char byte = offset < first.size() ? first[offset] : offset < second ? 'p' : last[offset - second];
      out.push_back(static_cast<uint8_t>(between ? 'p' : byte));
    }
    read += out.size();
    return out;
  };
  const auto found = picture_to_send(sparse);
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->size(), second + last.size());
  EXPECT_LT(read, 1024U);
  EXPECT_LT((*found)->pieces.size(), 40U);
  const Bytes end = read_picture(**found, sparse, second, last.size());
  EXPECT_EQ(as_text(end).find("GPS"), std::string_view::npos);
}

TEST(Movie, what_only_looks_like_one_is_left_alone) {
  const std::string raw = box("ftyp", "crx ") + box("moov", box("uuid", "what the sensor was"));
  for (const std::string& file : {std::string("I'm free at noon"), std::string("moov"), box("free", "text"), raw}) {
    const auto found = picture_to_send(reader(file));
    ASSERT_TRUE(found.has_value()) << file;
    EXPECT_FALSE(found->has_value()) << file;
  }
}

TEST(Movie, broken_one_is_refused_at_whatever_byte_it_ends) {
  const std::string whole = film(true);
  for (size_t size = 17; size < whole.size(); ++size) {
    const std::string file = whole.substr(0, size);
    const auto found = picture_to_send(reader(file));
    if (!found) {
      EXPECT_EQ(found.error().code, engine::kBadMedia);
    } else if (*found) {
      EXPECT_EQ(sent(file).find("GPS"), std::string::npos) << size;
    }
  }
  std::string deep = box("trak", "");
  for (int i = 0; i < 20; ++i) deep = box("trak", deep);
  const std::string nested = box("ftyp", "isom") + box("moov", deep);
  const auto found = picture_to_send(reader(nested));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, engine::kBadMedia);
}

}  // namespace
}  // namespace godwit::cli
