#include "routes/dns_message.h"

#include <gtest/gtest.h>

#include "routes/errors.h"

namespace godwit::routes {
namespace {

constexpr uint16_t kId = 0x1234;
const std::string kName = "home.example";

// An answer to a query for kName, record by record.
class Answer {
 public:
  explicit Answer(DnsType type = DnsType::kA, uint16_t flags = 0x8180) {
    bytes = dns_query(kId, kName, type).value();
    bytes[2] = static_cast<uint8_t>(flags >> 8);
    bytes[3] = static_cast<uint8_t>(flags);
  }
  // `name`: a pointer to the question's name, or labels.
  Answer& add(const Bytes& name, uint16_t type, const Bytes& data) {
    append(bytes, name);
    append(bytes, Bytes{static_cast<uint8_t>(type >> 8), static_cast<uint8_t>(type), 0, 1, 0, 0, 0, 60,
                        static_cast<uint8_t>(data.size() >> 8), static_cast<uint8_t>(data.size())});
    append(bytes, data);
    ++bytes[7];
    return *this;
  }
  Result<DnsAnswer> parse(DnsType type = DnsType::kA) const { return parse_dns_answer(bytes, kId, kName, type); }

  Bytes bytes;
};

const Bytes kQuestionName{0xc0, 12};
const Bytes kOther{1, 'x', 0};

TEST(DnsMessage, a_query_has_the_bytes_of_the_standard) {
  const Bytes expected{0x12, 0x34, 1, 0,   0,   1,   0,   0,   0,   0,   0, 0, 4,  'h', 'o',
                       'm',  'e',  7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 28, 0,   1};
  EXPECT_EQ(dns_query(kId, kName, DnsType::kAaaa).value(), expected);
  for (const std::string& name :
       {std::string(), std::string("a..b"), std::string(".a"), std::string(64, 'a'), std::string(254, 'a')}) {
    EXPECT_EQ(dns_query(1, name, DnsType::kA).error().code, kBadDnsMessage) << name;
  }
}

TEST(DnsMessage, addresses_of_both_families_are_read) {
  const auto four = Answer().add(kQuestionName, 1, {192, 0, 2, 1}).add(kQuestionName, 1, {192, 0, 2, 2}).parse();
  ASSERT_TRUE(four);
  ASSERT_EQ(four->addresses.size(), 2u);
  EXPECT_EQ(to_hex(four->addresses[1]), "00000000000000000000ffffc0000202");
  Bytes six(16, 0);
  six[0] = 0x20;
  const auto answer = Answer(DnsType::kAaaa).add(kQuestionName, 28, six).parse(DnsType::kAaaa);
  ASSERT_TRUE(answer);
  EXPECT_EQ(to_bytes(answer->addresses.at(0)), six);
}

TEST(DnsMessage, cnames_are_followed_in_any_order) {
  const auto answer = Answer().add(kOther, 1, {192, 0, 2, 7}).add(kQuestionName, 5, kOther).parse();
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->addresses.size(), 1u);
  EXPECT_EQ(answer->addresses[0][15], 7);
}

TEST(DnsMessage, a_ring_of_cnames_ends_without_an_address) {
  const auto answer = Answer().add(kQuestionName, 5, kOther).add(kOther, 5, kQuestionName).parse();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, addresses_of_other_names_and_of_wrong_sizes_are_not_taken) {
  const auto answer = Answer().add(kOther, 1, {192, 0, 2, 7}).add(kQuestionName, 1, {1, 2, 3}).parse();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, codes_and_truncation_are_told) {
  EXPECT_EQ(Answer(DnsType::kA, 0x8183).parse()->code, DnsAnswer::Code::kNxDomain);
  Answer cut(DnsType::kA, 0x8380);
  cut.add(kQuestionName, 1, {192, 0, 2, 1});
  cut.bytes.resize(cut.bytes.size() - 2);
  ASSERT_TRUE(cut.parse());
  EXPECT_TRUE(cut.parse()->truncated);
}

TEST(DnsMessage, what_answers_another_question_is_refused) {
  const Answer good = std::move(Answer().add(kQuestionName, 1, {192, 0, 2, 1}));
  EXPECT_FALSE(parse_dns_answer(good.bytes, kId + 1, kName, DnsType::kA));
  EXPECT_FALSE(parse_dns_answer(good.bytes, kId, "other.example", DnsType::kA));
  EXPECT_FALSE(parse_dns_answer(good.bytes, kId, kName, DnsType::kAaaa));
  EXPECT_FALSE(parse_dns_answer(dns_query(kId, kName, DnsType::kA).value(), kId, kName, DnsType::kA)) << "a query";
  EXPECT_TRUE(parse_dns_answer(good.bytes, kId, "HOME.example", DnsType::kA));
}

TEST(DnsMessage, a_message_that_is_cut_anywhere_is_refused) {
  const Answer good = std::move(Answer().add(kQuestionName, 5, kOther).add(kOther, 1, {192, 0, 2, 1}));
  ASSERT_TRUE(good.parse());
  for (size_t size = 0; size < good.bytes.size(); ++size) {
    EXPECT_FALSE(parse_dns_answer(ByteView(good.bytes).first(size), kId, kName, DnsType::kA)) << size;
  }
}

TEST(DnsMessage, pointers_that_lead_forwards_or_round_are_refused) {
  for (const uint8_t target : Bytes{30, 31, 200}) {
    EXPECT_FALSE(Answer().add({0xc0, target}, 1, {192, 0, 2, 1}).parse()) << int{target};
  }
}

}  // namespace
}  // namespace godwit::routes
