#include "routes/socks5.h"

#include <gtest/gtest.h>

#include "routes/errors.h"

namespace godwit::routes {
namespace {

// What the machine says when it is fed `answers` one after another, each in single bytes.
std::vector<Bytes> converse(Socks5Client& client, const std::vector<Bytes>& answers) {
  std::vector<Bytes> said{client.take_output()};
  for (const Bytes& answer : answers) {
    for (const uint8_t byte : answer) {
      const auto taken = client.feed(ByteView(&byte, 1));
      EXPECT_TRUE(taken && *taken == 1);
    }
    said.push_back(client.take_output());
  }
  return said;
}

ErrorCode error_after(Socks5Client client, const Bytes& answers) {
  const auto taken = client.feed(answers);
  EXPECT_FALSE(taken);
  return taken ? ErrorCode{} : taken.error().code;
}

TEST(Socks5, a_name_is_asked_for_without_a_login) {
  auto client = Socks5Client::create("a.example", 443, std::nullopt).value();
  const auto said = converse(client, {{5, 0}, {5, 0, 0, 1, 0, 0, 0, 0, 0, 0}});
  EXPECT_EQ(said[0], (Bytes{5, 1, 0}));
  EXPECT_EQ(said[1], (Bytes{5, 1, 0, 3, 9, 'a', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', 1, 0xbb}));
  EXPECT_TRUE(client.is_done());
}

TEST(Socks5, addresses_are_sent_as_addresses) {
  auto four = Socks5Client::create("192.0.2.1", 80, std::nullopt).value();
  EXPECT_EQ(converse(four, {{5, 0}})[1], (Bytes{5, 1, 0, 1, 192, 0, 2, 1, 0, 80}));
  auto six = Socks5Client::create("2001:db8::1", 80, std::nullopt).value();
  const Bytes asked = converse(six, {{5, 0}})[1];
  EXPECT_EQ(asked.size(), 22u);
  EXPECT_EQ(asked[3], 4);
}

TEST(Socks5, what_follows_the_reply_belongs_to_the_tunnel) {
  auto client = Socks5Client::create("a", 1, std::nullopt).value();
  const Bytes all{5, 0, 5, 0, 0, 3, 2, 'x', 'y', 0, 1, 'h', 'i'};
  EXPECT_EQ(client.feed(all).value(), all.size() - 2);
  EXPECT_TRUE(client.is_done());
}

TEST(Socks5, arguments_travel_in_the_login_and_are_escaped) {
  const auto login = socks5_login_of({{"cert", "a=b;c\\d"}, {"iat-mode", "0"}}).value();
  ASSERT_TRUE(login.has_value());
  EXPECT_EQ(login->user, "cert=a\\=b\\;c\\\\d;iat-mode=0");
  EXPECT_EQ(login->password, std::string(1, '\0'));
  auto client = Socks5Client::create("192.0.2.1", 80, login).value();
  const auto said = converse(client, {{5, 2}, {1, 0}, {5, 0, 0, 1, 0, 0, 0, 0, 0, 0}});
  EXPECT_EQ(said[0], (Bytes{5, 1, 2}));
  EXPECT_EQ(said[1][0], 1);
  EXPECT_EQ(said[1][1], login->user.size());
  EXPECT_EQ(said[1].back(), 0);
  EXPECT_TRUE(client.is_done());
}

TEST(Socks5, long_arguments_are_split_over_both_fields) {
  const auto login = socks5_login_of({{"k", std::string(400, 'v')}}).value();
  EXPECT_EQ(login->user.size(), 255u);
  EXPECT_EQ(login->user + login->password, "k=" + std::string(400, 'v'));
  EXPECT_EQ(socks5_login_of({{"k", std::string(508, 'v')}})->value().password.size(), 255u);
  EXPECT_EQ(socks5_login_of({{"k", std::string(509, 'v')}}).error().code, kBadRoute);
  EXPECT_FALSE(socks5_login_of({}).value().has_value());
}

TEST(Socks5, refusals_have_names) {
  const auto fresh = [] { return Socks5Client::create("a", 1, std::nullopt).value(); };
  EXPECT_EQ(error_after(fresh(), {5, 0xff}), kProxyLogin);
  EXPECT_EQ(error_after(fresh(), {5, 2}), kBadProxyAnswer);
  EXPECT_EQ(error_after(fresh(), {4, 0}), kBadProxyAnswer);
  EXPECT_EQ(error_after(fresh(), to_bytes(as_bytes("HTTP"))), kBadProxyAnswer);
  EXPECT_EQ(error_after(fresh(), {5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0}), kProxyTarget);
  EXPECT_EQ(error_after(fresh(), {5, 0, 5, 2, 0, 1, 0, 0, 0, 0, 0, 0}), kProxyRefused);
  EXPECT_EQ(error_after(fresh(), {5, 0, 5, 0, 0, 9, 0, 0, 0, 0, 0, 0}), kBadProxyAnswer);
  auto login = Socks5Client::create("a", 1, Socks5Login{"u", "p"}).value();
  EXPECT_EQ(error_after(std::move(login), {5, 2, 1, 1}), kProxyLogin);
}

TEST(Socks5, what_does_not_fit_is_refused_at_once) {
  EXPECT_EQ(Socks5Client::create("", 1, std::nullopt).error().code, kBadRoute);
  EXPECT_EQ(Socks5Client::create(std::string(256, 'a'), 1, std::nullopt).error().code, kBadRoute);
  EXPECT_EQ(Socks5Client::create("a", 1, Socks5Login{"", "p"}).error().code, kBadRoute);
  EXPECT_EQ(Socks5Client::create("a", 1, Socks5Login{"u", std::string(256, 'p')}).error().code, kBadRoute);
}

}  // namespace
}  // namespace godwit::routes
