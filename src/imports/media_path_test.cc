#include "imports/media_path.h"

#include <gtest/gtest.h>

namespace godwit::imports {
namespace {

TEST(MediaPath, names_within_the_export_pass) {
  EXPECT_EQ(media_path("photos/photo_1@31-12-2020.jpg"), "photos/photo_1@31-12-2020.jpg");
  EXPECT_EQ(media_path("chats/chat_01/files/отчёт.pdf"), "chats/chat_01/files/отчёт.pdf");
  EXPECT_EQ(last_name("chats/chat_01/a.pdf"), "a.pdf");
}

TEST(MediaPath, what_leads_elsewhere_is_no_path) {
  for (const std::string_view bad :
       {"../../.ssh/authorized_keys", "/etc/passwd", "a/../b", "a//b", "", ".", ".hidden", "a/.b", "a\\b", "a\nb",
        "a\tb", "evil\xe2\x80\xaegpj.exe", "bad\xff", "a/", "1/2/3/4/5/6/7/8/9"}) {
    EXPECT_FALSE(media_path(bad).has_value()) << bad;
  }
  EXPECT_FALSE(media_path(std::string(256, 'a')).has_value());
  EXPECT_FALSE(media_path(std::string_view("a\0b", 3)).has_value());
}

TEST(MediaPath, a_name_that_is_too_long_is_cut_between_characters_and_keeps_its_ending) {
  const std::string front = "0123456789abcdef";
  EXPECT_EQ(name_behind(front, "a.pdf"), front + "-a.pdf");
  const std::string longest(kMediaNameMax - 17, 'x');
  EXPECT_EQ(name_behind(front, longest), front + "-" + longest);
  std::string russian;
  while (russian.size() < 250) russian += "я";
  const std::string cut = name_behind(front, russian + ".pdf");
  EXPECT_LE(cut.size(), kMediaNameMax);
  EXPECT_GE(cut.size(), kMediaNameMax - 1);
  EXPECT_TRUE(cut.ends_with("я.pdf"));
  EXPECT_TRUE(media_path(cut).has_value());
  EXPECT_TRUE(media_path(name_behind(front, std::string(255, 'x'))).has_value()) << "without an ending";
}

TEST(MediaPath, people_see_no_digits_before_a_name) {
  EXPECT_EQ(name_for_people("0123456789abcdef-a.pdf"), "a.pdf");
  EXPECT_EQ(name_for_people("0123456789abcdef-fedcba9876543210-a.pdf"), "a.pdf");
  EXPECT_EQ(name_for_people("0123456789abcdef"), "0123456789abcdef");
  EXPECT_EQ(name_for_people("0123456789abcdeg-a.pdf"), "0123456789abcdeg-a.pdf");
  EXPECT_EQ(name_for_people("holiday-2020.jpg"), "holiday-2020.jpg");
  EXPECT_EQ(name_for_people(""), "");
}

}  // namespace
}  // namespace godwit::imports
