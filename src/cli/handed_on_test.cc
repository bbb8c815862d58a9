#include "cli/handed_on.h"

#include <gtest/gtest.h>

namespace godwit::cli {
namespace {

constexpr const char* kPage = "https://home.example/";

TEST(HandedOn, a_link_is_an_address_of_the_page_and_back) {
  EXPECT_EQ(handed_on("godwit:i#AWfQ-_", kPage), "https://home.example/#invite=AWfQ-_");
  EXPECT_EQ(handed_on("godwit:g#AbC", kPage), "https://home.example/#invite=godwit%3Ag%23AbC");
  for (const char* link : {"godwit:i#AWfQ-_", "godwit:g#AbC", "godwit:g#AbC~call", "godwit:c#AbC", "godwit:m#AbC"})
    EXPECT_EQ(link_in(handed_on(link, kPage)), link);
  EXPECT_EQ(handed_on("godwit:i#AWfQ", kPage, "godwit-home:AYk2"), "https://home.example/#home=AYk2&invite=AWfQ");
  EXPECT_EQ(link_in("https://home.example/#home=AYk2&invite=AWfQ"), "godwit:i#AWfQ");
}

TEST(HandedOn, other_texts_stay_as_they_are) {
  for (const char* text : {"", "godwit:i#AWfQ", "anna@home.example", "https://home.example/", "https://home.example/#token=1",
                           "https://home.example/#"})
    EXPECT_EQ(link_in(text), text);
  EXPECT_EQ(link_in("https://a/#invite=%"), "godwit:i#%");
  EXPECT_EQ(link_in("https://a/#invite=%zz%4"), "godwit:i#%zz%4");
}

}  // namespace
}  // namespace godwit::cli
