// Films in WebM lose titles, dates, programs, tags and attachments, and nothing in them moves.

#include "cli/webm.h"

#include "cli/sent_picture.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using testfile::number;
using testfile::reader;
using testfile::sent;

// An element with its length in `wide` bytes; 0: of unknown length.
std::string element(uint32_t id, const std::string& body, size_t wide = 1) {
  std::string out;
  for (size_t i = 4; i-- > 0;) {
    if (id >> 8 * i != 0) out += static_cast<char>(id >> 8 * i);
  }
  if (wide == 0) return out + "\x01" + std::string(7, '\xff') + body;
  std::string size = number(body.size(), wide);
  size[0] = static_cast<char>(static_cast<uint8_t>(size[0]) | 0x80 >> (wide - 1));
  return out + size + body;
}

std::string info() {
  return element(0x1549a966, element(0xbf, "crc!") + element(0x2ad7b1, "scale") + element(0x7ba9, "TITLE of Anna") +
                                 element(0x4461, "MADEDATE") + element(0x4d80, "PHONE muxer") +
                                 element(0x5741, "PHONE writer", 2) + element(0x73a4, "UID0123456789012"));
}
std::string tracks() {
  return element(0x1654ae6b,
                 element(0xae, element(0xd7, "\x01") + element(0x536e, "PHONE camera", 8) + element(0x86, "V_VP9")));
}
std::string tags() { return element(0x1254c367, element(0x7373, "GPS+55.75+37.62"), 4); }
std::string seek(const std::string& id) { return element(0x4dbb, element(0x53ab, id) + element(0x53ac, "\x40")); }
std::string seeks() { return element(0x114d9b74, seek("\x12\x54\xc3\x67") + seek("\x16\x54\xae\x6b")); }
std::string head() { return element(0x1a45dfa3, element(0x4282, "webm")); }
std::string cluster(size_t wide) { return element(0x1f43b675, element(0xe7, "t") + element(0xa3, "pixels"), wide); }
std::string film(size_t segment, size_t clusters) {
  return head() + element(0x18538067,
                          seeks() + element(0xec, "GPS of a film before") + info() + tracks() + cluster(clusters) +
                              cluster(clusters) + tags() + element(0x1941a469, "PHONE cover", 3) + cluster(clusters),
                          segment);
}

TEST(WebM, goes_without_titles_dates_programs_and_tags_and_nothing_moves) {
  for (const auto& [segment, clusters] : {std::pair<size_t, size_t>{8, 2}, {0, 0}, {0, 3}, {4, 0}}) {
    const std::string file = film(segment, clusters);
    const std::string out = sent(file);
    ASSERT_EQ(out.size(), file.size());
    for (const char* word : {"GPS", "PHONE", "TITLE", "MADE", "UID", "crc!", "\x12\x54\xc3\x67"}) {
      EXPECT_NE(file.find(word), std::string::npos) << word;
      EXPECT_EQ(out.find(word), std::string::npos) << word;
    }
    for (const char* word : {"pixels", "V_VP9", "scale", "webm", "\x16\x54\xae\x6b"}) {
      EXPECT_EQ(out.find(word), file.find(word)) << word;
    }
    EXPECT_EQ(out.rfind("pixels"), file.rfind("pixels"));
    EXPECT_EQ(sent(out), out) << "what was sent is sent on unchanged";
  }
}

TEST(WebM, chapters_keep_their_times_and_lose_their_titles) {
  const std::string inner = element(0xb6, element(0x91, "time 2") + element(0x80, element(0x85, "TITLE two"), 2));
  const std::string chapter = element(0xb6, element(0x73c4, "1") + element(0x91, "time 1") + element(0x5654, "TITLEUID") +
                                                element(0x80, element(0x85, "TITLE one")) + element(0x6944, "TITLE of a program") + inner, 2);
  const std::string edition = element(0x45b9, element(0x4520, element(0x4521, "TITLE of all")) + chapter, 2);
  const std::string file = head() + element(0x18538067, tracks() + element(0x1043a770, edition, 2) + cluster(1), 8);
  const std::string out = sent(file);
  ASSERT_EQ(out.size(), file.size());
  EXPECT_EQ(out.find("TITLE"), std::string::npos);
  for (const char* word : {"time 1", "time 2", "pixels"}) EXPECT_EQ(out.find(word), file.find(word)) << word;
  EXPECT_EQ(sent(out), out);
  std::string deep = element(0x80, element(0x85, "TITLE"));
  for (int i = 0; i < 1000; ++i) deep = element(0xb6, deep, 4);
  const std::string nested = head() + element(0x18538067, element(0x1043a770, element(0x45b9, deep, 4), 4) + cluster(1), 8);
  EXPECT_EQ(sent(nested).find("TITLE"), std::string::npos) << "however deep they stand";
}

TEST(WebM, what_is_emptied_can_be_passed_over) {
  const std::string file = head() + element(0x18538067, tags() + cluster(1));
  const std::string out = sent(file);
  // A Void: its length takes the place of the id's other bytes.
  const size_t at = head().size() + 5;
  EXPECT_EQ(out.substr(at, 8),
            std::string("\xec") + std::string("\x02\0\0\0\0\0", 6) + static_cast<char>(tags().size() - 8));
  EXPECT_EQ(out.substr(at + 8, tags().size() - 8), std::string(tags().size() - 8, '\0'));
  EXPECT_TRUE(out.ends_with(cluster(1)));
}

TEST(WebM, broken_one_is_refused_or_goes_without_its_notes) {
  const std::string whole = film(8, 2);
  for (size_t size = 4; size < whole.size(); ++size) {
    const std::string file = whole.substr(0, size);
    const auto found = picture_to_send(reader(file));
    ASSERT_FALSE(found.has_value()) << size;
    EXPECT_EQ(found.error().code, engine::kBadMedia);
  }
  const std::string streamed = film(0, 0);
  for (const char* word : {"GPS", "PHONE", "TITLE"}) testfile::expect_never_sent(streamed, 4, word);
  for (const std::string& file :
       {head(), head() + "text", head() + element(0x18538067, element(0x1654ae6b, tracks(), 0)),
        head() + element(0x18538067, std::string("\x0f\xff", 2))}) {
    const auto found = picture_to_send(reader(file));
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, engine::kBadMedia);
  }
}

}  // namespace
}  // namespace godwit::cli
