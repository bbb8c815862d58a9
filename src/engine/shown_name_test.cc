// Names: which may be given, which are taken from others, and how those are shown.

#include "engine/shown_name.h"

#include <gtest/gtest.h>

#include "engine/content_bodies.h"
#include "engine/errors.h"
#include "engine/file_content.h"
#include "engine/group_settings.h"

namespace godwit::engine {
namespace {

TEST(ShownName, of_nothing_to_be_seen_is_refused) {
  for (const char* name : {" ", "   ", "\u200b", "\u200b\u200d", "\u00a0", "\u3000\u3000", "\u2800", "\u3164", "\ufeff",
                           "\u00ad", "\ufe0f", "\u2060"}) {
    EXPECT_EQ(check_name(name).error().code, kNotText) << name;
    EXPECT_TRUE(check_given_name(name).has_value()) << name;
    EXPECT_EQ(shown_name(name), "?") << name;
  }
}

TEST(ShownName, that_turns_or_ends_a_line_is_refused_and_shown_without_that) {
  for (const char* mark : {"\u200e", "\u200f", "\u061c", "\u2028", "\u2029"}) {
    const std::string name = "An" + std::string(mark) + "na";
    EXPECT_EQ(check_name(name).error().code, kNotText) << name;
    EXPECT_TRUE(check_given_name(name).has_value()) << "as the first programs took it";
    EXPECT_EQ(shown_name(name), "Anna");
    EXPECT_FALSE(is_plain_line(name, 64));
  }
  for (const char* mark : {"\u202a", "\u202e", "\u2066", "\u2069", "\n", "\x7f", "\u0085"}) {
    const std::string name = "An" + std::string(mark) + "na";
    EXPECT_EQ(check_name(name).error().code, kNotText) << name;
    EXPECT_EQ(check_given_name(name).error().code, kNotText) << name;
  }
}

TEST(ShownName, of_every_script_and_of_emoji_passes_and_stays) {
  for (const char* name : {"Anna", "Алиса", "می‌خواهم", "שרה", "李雷", "👨‍👩‍👧‍👦", "☺️",
                           " Anna ", "O'Neil", "e\u0301"}) {
    EXPECT_TRUE(check_name(name).has_value()) << name;
    EXPECT_EQ(shown_name(name), name);
  }
}

TEST(ShownName, that_may_be_given_may_be_sent_as_a_card) {
  for (const std::string& name : {std::string("Anna"), std::string(" Anna "), std::string("👨‍👩‍👧‍👦"),
                                  std::string(64, 'a'), std::string("\u200b"), std::string("An\u061cna")}) {
    EXPECT_EQ(check(ContactBody{name, {}, ""}).has_value(), check_name(name).has_value()) << name;
  }
}

TEST(ShownName, of_a_card_or_file_of_somebody_else_is_shown_without_what_breaks_a_line) {
  Content card;
  card.kind = ContentKind::kContact;
  card.body = codec::encoded(ContactBody{"An\u061cna\u2028", {}, ""});
  EXPECT_EQ(contact_of(card)->name, "Anna");
  card.body = codec::encoded(ContactBody{"\u200b", {}, ""});
  EXPECT_EQ(contact_of(card)->name, "?");
  EXPECT_EQ(clean_file_name("a\u061cb\u200fc\u2028.txt"), "abc.txt");
  EXPECT_EQ(clean_file_name("\u3000\u2800"), "file");
}

// What holds of a commit must not hang on which program reads it.
TEST(ShownName, of_a_group_that_an_older_program_has_given_leaves_its_settings_as_they_are) {
  GroupSettings settings;
  settings.name = "fri\u200fends";
  const auto parsed = parse_group_settings({group_settings_extension(settings)});
  ASSERT_TRUE(parsed.has_value() && parsed->has_value());
  EXPECT_EQ((*parsed)->name, settings.name);
}

}  // namespace
}  // namespace godwit::engine
