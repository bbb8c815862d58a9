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
  EXPECT_FALSE(media_path(std::string(201, 'a')).has_value());
  EXPECT_FALSE(media_path(std::string_view("a\0b", 3)).has_value());
}

}  // namespace
}  // namespace godwit::imports
