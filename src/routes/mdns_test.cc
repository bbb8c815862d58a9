// Questions and answers on a local network.

#include "routes/mdns.h"

#include <gtest/gtest.h>

#include "routes/errors.h"

namespace godwit::routes {
namespace {

const LanName kA{{0x01, 0x23, 0x45, 0x67, 0x89, 0xab}};
const LanName kB{{0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa}};

std::vector<LanName> many(size_t count) {
  std::vector<LanName> out;
  for (size_t i = 0; i < count; ++i) out.push_back(LanName{{1, 2, 3, 4, 5, static_cast<uint8_t>(i)}});
  return out;
}

TEST(Mdns, a_question_is_the_bytes_of_rfc_6762) {
  Bytes expected = {0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 12};
  append(expected, as_bytes("0123456789ab"));
  expected.push_back(5);
  append(expected, as_bytes("_http"));
  expected.push_back(4);
  append(expected, as_bytes("_tcp"));
  expected.push_back(5);
  append(expected, as_bytes("local"));
  append(expected, Bytes{0, 0, 33, 0x80, 1});
  EXPECT_EQ(mdns_question(0x1234, {kA}), expected);
}

TEST(Mdns, what_was_asked_and_answered_is_read) {
  const auto question = parse_mdns_question(mdns_question(7, {kA, kB}));
  ASSERT_TRUE(question.has_value());
  EXPECT_EQ(question->id, 7);
  EXPECT_EQ(question->names, (std::vector<LanName>{kA, kB}));
  const auto answer = parse_mdns_answer(mdns_answer(7, {kA, kB}, 40'001, {192, 168, 0, 2}), 7);
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ(answer->size(), 2U);
  EXPECT_EQ((*answer)[0].name, kA);
  EXPECT_EQ((*answer)[1].name, kB);
  EXPECT_EQ((*answer)[1].port, 40'001);
}

TEST(Mdns, as_many_names_as_may_be_fit_one_packet_of_an_ethernet) {
  constexpr size_t kUdpOfEthernet = 1500 - 20 - 8;
  const auto names = many(kMdnsNamesMax);
  EXPECT_LE(mdns_question(1, names).size(), kUdpOfEthernet);
  EXPECT_LE(mdns_answer(1, names, 1, {}).size(), kUdpOfEthernet);
  EXPECT_EQ(parse_mdns_question(mdns_question(1, names))->names, names);
  EXPECT_EQ(parse_mdns_answer(mdns_answer(1, names, 1, {}), 1)->size(), kMdnsNamesMax);
}

TEST(Mdns, nothing_on_the_wire_names_us) {
  Bytes all = mdns_question(1, {kA, kB});
  append(all, mdns_answer(1, {kA, kB}, 40'001, {10, 0, 0, 1}));
  EXPECT_EQ(as_text(all).find("godwit"), std::string_view::npos);
}

TEST(Mdns, questions_of_others_are_passed_over) {
  Bytes other = {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 5};
  append(other, as_bytes("_http"));
  other.push_back(4);
  append(other, as_bytes("_tcp"));
  other.push_back(5);
  append(other, as_bytes("local"));
  append(other, Bytes{0, 0, 12, 0, 1});
  // The second: thirteen digits.
  other.push_back(13);
  append(other, as_bytes("0123456789abc"));
  append(other, Bytes{0xc0, 12, 0, 33, 0, 1});
  const auto question = parse_mdns_question(other);
  ASSERT_TRUE(question.has_value());
  EXPECT_TRUE(question->names.empty());
}

TEST(Mdns, the_same_name_twice_is_one_and_case_does_not_matter) {
  Bytes question = mdns_question(1, {kB, kB});
  for (size_t i = 13; i < 25; ++i) question[i] = static_cast<uint8_t>(std::toupper(question[i]));
  EXPECT_EQ(parse_mdns_question(question)->names, std::vector<LanName>{kB});
}

TEST(Mdns, what_is_cut_off_is_refused_at_every_length) {
  const Bytes question = mdns_question(1, {kA, kB});
  for (size_t size = 0; size < question.size(); ++size) {
    EXPECT_FALSE(parse_mdns_question(ByteView(question).first(size)).has_value()) << size;
  }
  const Bytes answer = mdns_answer(1, {kA}, 1, {});
  const size_t record = 20 + 10 + 4;  // the additional one at the end is not read
  for (size_t size = 0; size < answer.size() - record; ++size) {
    EXPECT_FALSE(parse_mdns_answer(ByteView(answer).first(size), 1).has_value()) << size;
  }
}

TEST(Mdns, an_answer_to_another_question_and_a_question_are_no_answers) {
  const Bytes answer = mdns_answer(1, {kA}, 1, {});
  EXPECT_EQ(parse_mdns_answer(answer, 2).error().code, kBadDnsMessage);
  EXPECT_FALSE(parse_mdns_answer(mdns_question(1, {kA}), 1).has_value());
  EXPECT_FALSE(parse_mdns_question(answer).has_value());
}

TEST(Mdns, a_port_of_zero_is_nowhere) { EXPECT_TRUE(parse_mdns_answer(mdns_answer(1, {kA}, 0, {}), 1)->empty()); }

TEST(Mdns, pointers_that_lead_forward_or_in_a_circle_are_refused) {
  Bytes question = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 33, 0, 1};
  EXPECT_FALSE(parse_mdns_question(question).has_value());
  question[13] = 16;
  EXPECT_FALSE(parse_mdns_question(question).has_value());
}

TEST(Mdns, more_than_the_bounds_is_refused) {
  Bytes question = mdns_question(1, {kA});
  question[4] = 0xff;
  EXPECT_FALSE(parse_mdns_question(question).has_value());
  EXPECT_FALSE(parse_mdns_question(Bytes(kMdnsMessageMax + 1)).has_value());
}

}  // namespace
}  // namespace godwit::routes
