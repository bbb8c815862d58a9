// HEIC and AVIF lose what the camera wrote, and nothing in them moves.

#include "cli/still.h"

#include "cli/sent_picture.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using testfile::box;
using testfile::number;
using testfile::sent;

std::string item(uint64_t id, const std::string& kind) {
  return box("infe", number(2, 1) + number(0, 3) + number(id, 2) + number(0, 2) + kind + number(0, 1));
}

// A picture (item 1), EXIF in the file (2) and XMP in the head (3); `method` of the EXIF.
std::string heic(uint64_t method = 0) {
  const std::string kinds =
      box("iinf", number(0, 4) + number(3, 2) + item(1, "hvc1") + item(2, "Exif") + item(3, "mime"));
  const std::string kept_inside = box("idat", "GRID" "GPS by XMP");
  const auto places = [&](uint64_t mdat) {
    const auto place = [](uint64_t id, uint64_t way, uint64_t offset, uint64_t length) {
      return number(id, 2) + number(way, 2) + number(0, 2) + number(1, 2) + number(offset, 4) + number(length, 4);
    };
    return box("iloc", number(1, 1) + number(0, 3) + number(0x44, 1) + number(0, 1) + number(3, 2) +
                           place(1, 0, mdat, 6) + place(2, method, mdat + 6, 9) + place(3, 1, 4, 10));
  };
  const std::string ftyp = box("ftyp", "heic" + number(0, 4) + "mif1");
  const auto meta = [&](uint64_t mdat) {
    return box("meta", number(0, 4) + box("hdlr", number(0, 8) + "pict") + kinds + places(mdat) + kept_inside);
  };
  const uint64_t mdat = ftyp.size() + meta(0).size() + 8;
  return ftyp + meta(mdat) + box("mdat", "pixelsGPS Exif!") + box("uuid", "0123456789abcdef GPS of a maker");
}

TEST(Still, goes_without_exif_and_xmp_and_nothing_moves) {
  const std::string file = heic();
  const std::string out = sent(file);
  ASSERT_EQ(out.size(), file.size());
  EXPECT_NE(file.find("GPS"), std::string::npos);
  EXPECT_EQ(out.find("GPS"), std::string::npos);
  for (const char* word : {"pixels", "GRID", "pict", "iloc", "ftypheic"})
    EXPECT_EQ(out.find(word), file.find(word)) << word;
  EXPECT_EQ(sent(out), out) << "what was sent is sent on unchanged";
}

TEST(Still, broken_one_is_refused_at_whatever_byte_it_ends) { testfile::expect_never_sent(heic(), 12, "GPS"); }

TEST(Still, one_whose_notes_lie_elsewhere_is_refused) {
  const std::string file = heic(2);
  const auto found = picture_to_send(testfile::reader(file));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, engine::kBadMedia);
}

}  // namespace
}  // namespace godwit::cli
