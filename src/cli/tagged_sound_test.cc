// Sounds lose their tags.

#include "cli/tagged_sound.h"

#include "cli/sent_picture.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

using testfile::number;
using testfile::sent;

std::string tag(const std::string& body) {
  return "ID3" + number(4, 1) + number(0, 4) + number(body.size() / 128, 1) + number(body.size() % 128, 1) + body;
}

TEST(TaggedSound, goes_without_what_stands_before_and_behind_it) {
  const std::string music(1000, 'm');
  const std::string before = tag("GPS of a recorder" + std::string(200, ' ')) + tag("PHONE");
  EXPECT_EQ(sent(before + music), music);
  EXPECT_EQ(sent(before + music + "TAG" + std::string(125, 'x')), music);
}

TEST(TaggedSound, tag_without_a_sound_or_a_length_or_before_a_picture_is_refused) {
  const std::string image =
      "GIF89a" + number(0, 7) + "," + number(0, 9) + number(2, 1) + number(1, 1) + "p" + number(0, 1) + ";";
  ASSERT_EQ(sent(image), image);
  for (const std::string& file :
       {tag("nothing"), "ID3" + number(4, 1) + number(0, 2) + number(0xffffffff, 4) + "music", tag("GPS") + image}) {
    const auto found = picture_to_send(testfile::reader(file));
    ASSERT_FALSE(found.has_value());
    EXPECT_EQ(found.error().code, engine::kBadMedia);
  }
}

}  // namespace
}  // namespace godwit::cli
