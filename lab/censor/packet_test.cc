#include "lab/censor/packet.h"

#include <gtest/gtest.h>

#include "lab/censor/testing/wire.h"

namespace godwit::lab {
namespace {

Packet parsed(const Bytes& bytes) {
  Packet packet;
  EXPECT_TRUE(parse_packet(bytes, packet));
  return packet;
}

TEST(Packet, tcp_is_built_and_parsed_in_both_families) {
  for (const auto& [from, to] : {std::pair(kUser, kServer), std::pair(kUserV6, kServerV6)}) {
    const Bytes payload = random_bytes(33);
    TcpSegment segment{{address(from), 40000}, {address(to), 443}, 7, 9, kPsh | kAck};
    const Packet packet = parsed(build_tcp(segment, payload));
    EXPECT_TRUE(packet.tcp());
    EXPECT_EQ(packet.from().text(), segment.from.text());
    EXPECT_EQ(packet.to().text(), segment.to.text());
    EXPECT_EQ(packet.sequence, 7U);
    EXPECT_EQ(packet.acknowledgement, 9U);
    EXPECT_EQ(to_bytes(packet.payload()), payload);
    EXPECT_TRUE(checksums_right(packet));
  }
}

TEST(Packet, a_changed_byte_makes_the_checksum_wrong) {
  Packet packet = parsed(build_udp({address(kUser), 1}, {address(kServer), 2}, random_bytes(9)));
  EXPECT_TRUE(checksums_right(packet));
  packet.bytes.back() ^= 1;
  EXPECT_FALSE(checksums_right(packet));
}

TEST(Packet, every_cut_of_a_packet_is_refused) {
  const Bytes whole = build_tcp({{address(kUserV6), 1}, {address(kServerV6), 2}}, random_bytes(5));
  for (size_t size = 0; size < whole.size(); ++size) {
    Packet packet;
    EXPECT_FALSE(parse_packet(Bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size)), packet)) << size;
  }
}

TEST(Packet, a_later_fragment_has_no_ports) {
  Bytes bytes = build_udp({address(kUser), 1}, {address(kServer), 2}, random_bytes(40));
  bytes[7] = 5;  // the fragment's offset
  const Packet packet = parsed(bytes);
  EXPECT_FALSE(packet.has_ports);
  EXPECT_EQ(packet.protocol, kUdp);
}

TEST(Packet, extension_headers_of_ipv6_are_skipped) {
  const Bytes plain = build_udp({address(kUserV6), 1}, {address(kServerV6), 53}, random_bytes(12));
  Bytes bytes(plain.begin(), plain.begin() + 40);
  bytes[6] = 60;                                    // destination options follow
  bytes[5] = static_cast<uint8_t>(bytes[5] + 8);    // eight bytes more
  append(bytes, Bytes{kUdp, 0, 1, 4, 0, 0, 0, 0});  // a padding option
  append(bytes, ByteView(plain).subspan(40));
  EXPECT_EQ(parsed(bytes).to().port, 53);
}

TEST(Packet, resets_continue_the_sequence_numbers_of_both_sides) {
  TcpSegment segment{{address(kUser), 40000}, {address(kServer), 443}, 1000, 5000, kPsh | kAck};
  const Packet data = parsed(build_tcp(segment, random_bytes(100)));
  const Packet to_sender = parsed(reset_to_sender(data));
  EXPECT_EQ(to_sender.flags, kRst | kAck);
  EXPECT_EQ(to_sender.from().text(), segment.to.text());
  EXPECT_EQ(to_sender.sequence, 5000U);
  EXPECT_EQ(to_sender.acknowledgement, 1100U);
  EXPECT_TRUE(checksums_right(to_sender));
  EXPECT_EQ(parsed(reset_to_receiver(data, false)).sequence, 1000U);
  EXPECT_EQ(parsed(reset_to_receiver(data, true)).sequence, 1100U);
  EXPECT_EQ(parsed(reset_to_receiver(data, true)).acknowledgement, 5000U);
}

TEST(Address, blocks_hold_their_addresses_only) {
  Cidr block;
  ASSERT_TRUE(parse_cidr("203.0.113.128/25", block));
  EXPECT_TRUE(block.contains(address("203.0.113.200")));
  EXPECT_FALSE(block.contains(address("203.0.113.127")));
  EXPECT_FALSE(block.contains(address("::ffff:203.0.113.200")));
  ASSERT_TRUE(parse_cidr("2001:db8:8000::/33", block));
  EXPECT_TRUE(block.contains(address("2001:db8:ffff::1")));
  EXPECT_FALSE(block.contains(address("2001:db8:7fff::1")));
  for (const char* text : {"", "10.0.0.0/33", "10.0.0/8", "x", "2001:db8::/129", "10.0.0.0/-1", "10.0.0.0/8x"}) {
    EXPECT_FALSE(parse_cidr(text, block)) << text;
  }
}

TEST(Address, names_match_by_whole_labels) {
  const std::vector<std::string> names = {"example.org", "t.co"};
  EXPECT_TRUE(name_in(names, "example.org"));
  EXPECT_TRUE(name_in(names, "WWW.Example.ORG."));
  EXPECT_FALSE(name_in(names, "notexample.org"));
  EXPECT_FALSE(name_in(names, "reddit.co"));
  EXPECT_TRUE(name_in({"*"}, "anything"));
}

}  // namespace
}  // namespace godwit::lab
