#include "routes/candidates.h"

#include <gtest/gtest.h>

namespace godwit::routes {
namespace {

MappedAddress at(const char* text) { return parse_address(text).value(); }

// The order in which addresses are tried.
std::string order(Candidates& candidates, bool settled) {
  std::string out;
  while (const auto next = candidates.next(settled)) out += print_address(next->address) + " ";
  return out;
}

TEST(Candidates, public_addresses_go_in_the_order_in_which_they_came_each_once) {
  Candidates candidates(false);
  candidates.add(at("192.0.2.1"), AddressSource::kSystem);
  candidates.add(at("2001:db8::1"), AddressSource::kHttps);
  candidates.add(at("192.0.2.1"), AddressSource::kTcp);
  EXPECT_EQ(order(candidates, false), "192.0.2.1 2001:db8::1 ");
  candidates.add(at("192.0.2.1"), AddressSource::kTcp);
  EXPECT_EQ(order(candidates, true), "");
}

TEST(Candidates, what_cannot_be_true_goes_last_and_only_when_nothing_else_comes) {
  Candidates candidates(false);
  for (const char* forged : {"10.10.34.35", "127.0.0.1", "0.0.0.0"}) candidates.add(at(forged), AddressSource::kSystem);
  candidates.add(at("10.1.2.3"), AddressSource::kHttps);
  EXPECT_EQ(order(candidates, false), "");
  candidates.add(at("192.0.2.9"), AddressSource::kTcp);
  EXPECT_EQ(order(candidates, false), "192.0.2.9 ");
  EXPECT_EQ(order(candidates, true), "10.10.34.35 127.0.0.1 0.0.0.0 10.1.2.3 ");
}

TEST(Candidates, a_private_address_of_the_systems_resolver_is_believed_once_the_others_have_had_their_time) {
  Candidates candidates(false);
  candidates.add(at("192.168.1.5"), AddressSource::kSystem);
  EXPECT_EQ(order(candidates, false), "");
  candidates.add(at("10.10.34.34"), AddressSource::kHttps);
  EXPECT_EQ(order(candidates, true), "192.168.1.5 10.10.34.34 ");
}

TEST(Candidates, a_name_of_the_own_network_and_a_hint_may_be_anywhere) {
  Candidates local(true);
  local.add(at("192.168.1.5"), AddressSource::kSystem);
  EXPECT_EQ(order(local, false), "192.168.1.5 ");
  Candidates hinted(false);
  hinted.add(at("192.168.1.6"), AddressSource::kHint);
  EXPECT_EQ(order(hinted, false), "192.168.1.6 ");
}

TEST(Candidates, are_bounded) {
  Candidates candidates(false);
  for (uint8_t i = 0; i < 100; ++i) {
    MappedAddress address = at("192.0.2.0");
    address[15] = i;
    candidates.add(address, AddressSource::kHttps);
  }
  size_t count = 0;
  while (candidates.next(true)) ++count;
  EXPECT_EQ(count, kCandidatesMax);
}

TEST(Address, kinds_are_told_apart) {
  for (const char* text : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "10.10.34.37"}) {
    EXPECT_EQ(kind_of(at(text)), text == std::string("10.10.34.37") ? AddressKind::kPrivate : AddressKind::kPublic)
        << text;
  }
  for (const char* text : {"10.0.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1", "fd00::1"}) {
    EXPECT_EQ(kind_of(at(text)), AddressKind::kPrivate) << text;
  }
  for (const char* text : {"0.1.2.3", "127.9.9.9", "169.254.1.1", "224.0.0.1", "255.255.255.255", "10.10.34.34",
                           "10.10.34.36", "::", "::1", "ff02::1", "fe80::1"}) {
    EXPECT_EQ(kind_of(at(text)), AddressKind::kBogus) << text;
  }
}

TEST(Address, local_names_are_told_apart) {
  for (const char* name : {"nas", "home.lan", "x.local", "a.home.arpa", "localhost"}) EXPECT_TRUE(is_local_name(name));
  for (const char* name : {"home.example", "local.example", "home.arpa.example"}) EXPECT_FALSE(is_local_name(name));
}

}  // namespace
}  // namespace godwit::routes
