// GIFs lose comments and what programs wrote, and move on.

#include "cli/gif.h"

#include "cli/sent_picture.h"

namespace godwit::cli {
namespace {

using testfile::number;
using testfile::sent;

std::string block(const std::string& data) { return number(data.size(), 1) + data; }
std::string application(const std::string& name, const std::string& data) {
  return "!\xff" + block(name) + block(data) + number(0, 1);
}

std::string gif() {
  const std::string screen = "GIF89a" + std::string("\x40\x00\x20\x00", 4) + number(0x80, 1) + number(0, 2) + "colour";
  const std::string frame = "," + number(0, 8) + number(0, 1) + number(2, 1) + block("pixels") + number(0, 1);
  return screen + application("NETSCAPE2.0", "loop") + "!\xfe" + block("GPS in a comment") + number(0, 1) +
         application("XMP DataXMP", "GPS by XMP") + "!\xf9" + block("wait") + number(0, 1) + frame + ";GPS behind";
}

TEST(Gif, goes_without_comments_and_programs_and_still_moves) {
  const std::string out = sent(gif());
  EXPECT_EQ(out.find("GPS"), std::string::npos);
  for (const char* word : {"GIF89a", "colour", "NETSCAPE2.0", "loop", "wait", "pixels"})
    EXPECT_NE(out.find(word), std::string::npos) << word;
  EXPECT_TRUE(out.ends_with(";"));
  EXPECT_EQ(sent(out), out);
  const auto found = picture_to_send(testfile::reader(out));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->width, 64U);
  EXPECT_EQ((*found)->height, 32U);
}

TEST(Gif, broken_one_is_refused_at_whatever_byte_it_ends) { testfile::expect_never_sent(gif(), 6, "GPS"); }

}  // namespace
}  // namespace godwit::cli
