// Bodies of contents: what is within their bounds, and what is not.

#include "engine/content_bodies.h"

#include <gtest/gtest.h>

namespace godwit::engine {
namespace {

Content with(ContentKind kind, Bytes body) {
  Content content;
  content.kind = kind;
  content.body = std::move(body);
  return content;
}

TEST(ContentBodies, line_has_no_controls_and_turns_no_direction) {
  EXPECT_TRUE(is_plain_line("Привет, мир", 64));
  EXPECT_TRUE(is_plain_line("👨‍👩‍👧‍👦", 64)) << "joined by U+200D";
  EXPECT_FALSE(is_plain_line("two\nlines", 64));
  EXPECT_FALSE(is_plain_line("cod\u202etxt.exe", 64));
  EXPECT_FALSE(is_plain_line("a\u2066b", 64));
  EXPECT_FALSE(is_plain_line("a\u0085b", 64));
  EXPECT_FALSE(is_plain_line("\xff", 64));
  EXPECT_FALSE(is_plain_line("long", 3));
}

TEST(ContentBodies, reaction_is_short_and_not_empty) {
  const auto reads = [](const std::string& text) {
    return reaction_of(with(ContentKind::kReaction, codec::encoded(ReactionBody{{}, text, false}))).has_value();
  };
  EXPECT_TRUE(reads("👍🏽"));
  EXPECT_TRUE(reads("agreed"));
  EXPECT_FALSE(reads(""));
  EXPECT_FALSE(reads("seventeen letters"));
  EXPECT_FALSE(reads(std::string(10'000'000, 'a')));
}

TEST(ContentBodies, vote_names_each_option_once) {
  const auto vote = vote_of(with(ContentKind::kVote, codec::encoded(VoteBody{{}, {3, 1, 3, 3}})));
  ASSERT_TRUE(vote.has_value());
  EXPECT_EQ(vote->choices, (Bytes{1, 3}));
  EXPECT_FALSE(vote_of(with(ContentKind::kVote, codec::encoded(VoteBody{{}, Bytes(33)}))).has_value());
}

TEST(ContentBodies, poll_has_a_question_and_different_options) {
  const auto right = [](PollBody poll) { return check(poll).has_value(); };
  EXPECT_TRUE(right({"?", {"a", "b"}, false, 0}));
  EXPECT_FALSE(right({"", {"a", "b"}, false, 0}));
  EXPECT_FALSE(right({"?", {"a"}, false, 0}));
  EXPECT_FALSE(right({"?", {"a", "a"}, false, 0}));
  EXPECT_FALSE(right({"?", {"a", ""}, false, 0}));
  EXPECT_FALSE(right({"?", std::vector<std::string>(33, "a"), false, 0}));
}

TEST(ContentBodies, place_is_on_the_earth) {
  const LocationBody south{-90'000'000, -180'000'000, 5, "Pole"};
  const auto read = location_of(with(ContentKind::kLocation, codec::encoded(south)));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->latitude, south.latitude);
  EXPECT_EQ(read->longitude, south.longitude);
  EXPECT_FALSE(check(LocationBody{90'000'001, 0, 0, ""}).has_value());
  EXPECT_FALSE(check(LocationBody{0, -180'000'001, 0, ""}).has_value());
}

TEST(ContentBodies, formatting_that_does_not_fit_is_left_out) {
  const std::string text = "Боб";
  const auto shown = [&](TextSpan span) {
    return !spans_in({{ExtensionId::kSpans, codec::encoded(std::vector<TextSpan>{std::move(span)})}}, text).empty();
  };
  EXPECT_TRUE(shown({0, 2, SpanStyle::kBold, ""}));
  EXPECT_FALSE(shown({0, 1, SpanStyle::kBold, ""})) << "half of a letter";
  EXPECT_FALSE(shown({0, 7, SpanStyle::kBold, ""}));
  EXPECT_FALSE(shown({UINT32_MAX, UINT32_MAX, SpanStyle::kBold, ""}));
  EXPECT_FALSE(shown({0, 0, SpanStyle::kBold, ""}));
  EXPECT_FALSE(shown({0, 2, static_cast<SpanStyle>(99), ""})) << "of a later version";
  EXPECT_TRUE(shown({0, 2, SpanStyle::kLink, "https://example.org"}));
  EXPECT_FALSE(shown({0, 2, SpanStyle::kLink, "file:///etc/passwd"}));
  EXPECT_FALSE(shown({0, 2, SpanStyle::kBold, "https://example.org"}));
}

TEST(ContentBodies, target_is_of_what_is_done_to_messages_only) {
  const MessageId id{{7}};
  EXPECT_EQ(target_of(with(ContentKind::kDelete, codec::encoded(DeleteBody{id}))), id);
  EXPECT_EQ(target_of(with(ContentKind::kPin, codec::encoded(PinBody{id, true}))), id);
  EXPECT_EQ(target_of(with(ContentKind::kText, codec::encoded(DeleteBody{id}))), std::nullopt);
  EXPECT_EQ(target_of(with(ContentKind::kEdit, Bytes(3))), std::nullopt);
}

}  // namespace
}  // namespace godwit::engine
