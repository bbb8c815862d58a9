// ClientHellos over TCP, QUIC and DTLS, their fingerprints, and the bytes they come out of.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <iostream>
#include <algorithm>
#include <memory>

#include "lab/censor/dns.h"
#include "lab/censor/ja4.h"
#include "lab/censor/quic_initial.h"
#include "lab/censor/reassembly.h"
#include "lab/censor/testing/wire.h"

namespace godwit::lab {
namespace {

Bytes hex(std::string_view digits) {
  Bytes out;
  EXPECT_TRUE(from_hex(digits, out));
  return out;
}

TEST(TlsHello, says_what_was_put_in) {
  TlsHello hello;
  HelloParts parts = chrome_hello("www.example.org");
  ASSERT_EQ(parse_tls_hello(hello_record(parts), hello), HelloState::kWhole);
  EXPECT_EQ(hello.server_name, "www.example.org");
  EXPECT_EQ(hello.ciphers, parts.ciphers);
  EXPECT_EQ(hello.alpn, std::vector<std::string>{"http/1.1"});
  EXPECT_EQ(hello.versions, (std::vector<uint16_t>{0x0304, 0x0303}));
  EXPECT_EQ(family_of(hello), HelloFamily::kChrome);
}

TEST(TlsHello, every_beginning_wants_more_and_shows_the_name_once_it_is_there) {
  const Bytes record = hello_record(chrome_hello("www.example.org"));
  TlsHello hello;
  bool named = false;
  for (size_t size = 0; size < record.size(); ++size) {
    ASSERT_EQ(parse_tls_hello(ByteView(record).first(size), hello), HelloState::kMore) << size;
    named = named || !hello.server_name.empty();
  }
  EXPECT_TRUE(named);
}

TEST(TlsHello, may_be_cut_into_records) {
  const Bytes handshake = hello_handshake({});
  Bytes stream;
  for (size_t at = 0; at < handshake.size(); at += 50) {
    const ByteView piece = ByteView(handshake).subspan(at, std::min<size_t>(50, handshake.size() - at));
    append(stream, Bytes{22, 3, 1, 0, static_cast<uint8_t>(piece.size())});
    append(stream, piece);
  }
  TlsHello hello;
  ASSERT_EQ(parse_tls_hello(stream, hello), HelloState::kWhole);
  EXPECT_EQ(hello.server_name, "www.example.org");
}

TEST(TlsHello, other_bytes_are_none) {
  TlsHello hello;
  EXPECT_EQ(parse_tls_hello(as_bytes("GET / HTTP/1.1"), hello), HelloState::kNone);
  EXPECT_EQ(parse_tls_hello(server_hello(), hello), HelloState::kNone);
  EXPECT_EQ(parse_tls_hello(tls_record(23, 40), hello), HelloState::kNone);
}

TEST(TlsHello, families_are_told_apart) {
  TlsHello hello;
  ASSERT_EQ(parse_tls_hello(hello_record(firefox_hello("a.example")), hello), HelloState::kWhole);
  EXPECT_EQ(family_of(hello), HelloFamily::kFirefox);
  ASSERT_EQ(parse_tls_hello(hello_record({}), hello), HelloState::kWhole);
  EXPECT_EQ(family_of(hello), HelloFamily::kOther);
  hello.ciphers = {0x3a3a, 0x1301, 0xc008};
  EXPECT_EQ(family_of(hello), HelloFamily::kSafari);
  hello.ciphers = {0x3a3a, 0x1301};
  EXPECT_EQ(family_of(hello), HelloFamily::kIos);
}

TEST(TlsHello, the_server_hello_shows_the_version) {
  EXPECT_TRUE(server_chose_tls13(server_hello()));
  EXPECT_FALSE(server_chose_tls13(ByteView(server_hello()).first(60)));
  EXPECT_FALSE(server_chose_tls13(hello_record({})));
}

TEST(Ja4, is_that_of_the_definitions_own_example) {
  TlsHello hello;
  hello.legacy_version = 0x0303;
  hello.versions = {0x7a7a, 0x0304, 0x0303};
  hello.ciphers = {0x8a8a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                   0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
  hello.extensions = {0x1a1a, 0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                      0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015};
  hello.signature_algorithms = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
  hello.alpn = {"h2", "http/1.1"};
  EXPECT_EQ(ja4(hello, HelloCarrier::kTls), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(ja4(hello, HelloCarrier::kQuic).substr(0, 4), "q13d");
}

TEST(Ja4, a_dtls_hello_has_one_of_its_own_kind) {
  TlsHello hello;
  ASSERT_EQ(parse_dtls_hello(dtls_hello(), hello), HelloState::kWhole);
  EXPECT_EQ(ja4(hello, HelloCarrier::kDtls).substr(0, 10), "dd2i0203h1");
}

TEST(DtlsHello, is_joined_out_of_fragments_in_any_order_and_more_than_once) {
  const auto parts = dtls_hello_parts(3);
  ASSERT_EQ(parts.size(), 3U);
  TlsHello hello;
  DtlsHello joined;
  EXPECT_EQ(joined.add(parts[2], hello), HelloState::kMore);
  EXPECT_EQ(joined.add(parts[0], hello), HelloState::kMore);
  EXPECT_EQ(joined.add(parts[0], hello), HelloState::kMore);
  EXPECT_EQ(joined.add(parts[1], hello), HelloState::kWhole);
  EXPECT_EQ(ja4(hello, HelloCarrier::kDtls).substr(0, 10), "dd2i0203h1");
  Bytes both = parts[0];
  append(both, parts[1]);
  append(both, parts[2]);
  EXPECT_EQ(parse_dtls_hello(both, hello), HelloState::kWhole);
  EXPECT_EQ(parse_dtls_hello(ByteView(both).first(both.size() - 1), hello), HelloState::kMore);
}

/// The first flight of a client of our TLS library; with `ours` as src/net/tls_client.cc sets it up.
Bytes openssl_hello(bool ours, bool named) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (ours) {
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION);
    SSL_CTX_set1_groups_list(context.get(), "X25519:P-256:P-384");
  }
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  const Bytes alpn = ours ? Bytes{8, 'h', 't', 't', 'p', '/', '1', '.', '1'} : Bytes{2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), alpn.data(), static_cast<unsigned>(alpn.size()));
  if (named) SSL_set_tlsext_host_name(ssl.get(), "www.example.org");
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(ssl.get());
  Bytes hello(4096);
  hello.resize(static_cast<size_t>(std::max(0, BIO_read(out, hello.data(), static_cast<int>(hello.size())))));
  return hello;
}

TEST(Ja4, our_own_hellos_are_on_the_list) {
  if (OPENSSL_VERSION_MAJOR != 3 || OPENSSL_VERSION_MINOR != 0) {
    std::cout << "SKIPPED: the list has OpenSSL 3.0's hellos" << std::endl;
    GTEST_SKIP();
  }
  const std::vector<std::string> listed = listed_ja4();
  const auto expect_listed = [&](const TlsHello& hello) {
    const std::string fingerprint = ja4(hello, HelloCarrier::kTls);
    EXPECT_NE(std::find(listed.begin(), listed.end(), fingerprint), listed.end()) << fingerprint;
  };
  TlsHello hello;
  ASSERT_EQ(parse_tls_hello(openssl_hello(false, true), hello), HelloState::kWhole);
  expect_listed(hello);
  for (const bool named : {true, false}) {
    ASSERT_EQ(parse_tls_hello(openssl_hello(true, named), hello), HelloState::kWhole);
    expect_listed(hello);
    hello.extensions.push_back(41);  // pre_shared_key: the hello that brings a ticket
    expect_listed(hello);
  }
}

TEST(QuicInitial, keys_and_mask_are_those_of_the_standards_example) {
  const InitialKeys keys = initial_keys(hex("8394c8f03e515708"));  // RFC 9001 §A.1 and §A.2
  EXPECT_EQ(to_hex(keys.key), "1f369613dd76d5467730efcbe3b1a22d");
  EXPECT_EQ(to_hex(keys.iv), "fa044b2f42a3fd3b46fb255c");
  EXPECT_EQ(to_hex(keys.header), "9f50449e04a0e810283a1e9933adedd2");
  const ByteArray<16> mask = header_mask(keys, hex("d1b1c98dd7689fb8ec11d242b123dc9b"));
  EXPECT_EQ(to_hex(ByteView(mask).first(5)), "437b9aec36");
}

TEST(QuicInitial, a_hello_over_two_packets_is_put_together_in_any_order) {
  const Bytes handshake = hello_handshake({});
  const size_t cut = handshake.size() / 2;
  const Bytes id = hex("0102030405060708");
  const Bytes first = make_quic_initial(id, 0, 0, ByteView(handshake).first(cut));
  const Bytes second = make_quic_initial(id, 1, cut, ByteView(handshake).subspan(cut));
  for (const auto& [one, other] : {std::pair(first, second), std::pair(second, first)}) {
    QuicHello quic;
    TlsHello hello;
    EXPECT_EQ(quic.add(one, hello), HelloState::kMore);
    ASSERT_EQ(quic.add(other, hello), HelloState::kWhole);
    EXPECT_EQ(hello.server_name, "www.example.org");
  }
}

TEST(QuicInitial, a_changed_packet_does_not_open) {
  Bytes packet = make_quic_initial(hex("0102030405060708"), 0, 0, hello_handshake({}));
  ASSERT_FALSE(open_quic_initial(packet).empty());
  packet[100] ^= 1;
  EXPECT_TRUE(open_quic_initial(packet).empty());
}

TEST(StreamHead, segments_in_any_order_become_one_stream_and_the_first_copy_counts) {
  const Bytes data = random_bytes(3000);
  StreamHead head;
  head.start(0xfffffff0);  // wraps around
  const auto add = [&](uint32_t offset, size_t size) {
    return head.add(0xfffffff0 + offset, ByteView(data).subspan(offset, size));
  };
  EXPECT_FALSE(add(1000, 1000));
  EXPECT_FALSE(add(2500, 500));
  EXPECT_TRUE(add(0, 1200));
  EXPECT_EQ(head.bytes().size(), 2000U);
  EXPECT_FALSE(head.add(0xfffffff0 + 100, Bytes(500, 0)));  // an overlap changes nothing
  EXPECT_TRUE(add(1900, 700));
  EXPECT_EQ(to_bytes(head.bytes()), data);
}

TEST(Dns, a_query_is_read_and_answered) {
  DnsQuery query;
  const Bytes message = dns_query("Www.Example.ORG");
  ASSERT_TRUE(parse_dns_query(message, query));
  EXPECT_EQ(query.name, "www.example.org");
  const Bytes refused = dns_nxdomain(message, query);
  EXPECT_EQ(refused[0], message[0]);
  EXPECT_EQ(refused[3], 0x83);
  const Bytes forged = dns_answer(message, query, address("10.10.34.34"));
  EXPECT_EQ(to_hex(ByteView(forged).last(4)), "0a0a2222");
  EXPECT_EQ(forged[7], 1);
  for (size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(parse_dns_query(ByteView(message).first(size), query)) << size;
  }
  EXPECT_FALSE(parse_dns_query(refused, query));
}

}  // namespace
}  // namespace godwit::lab
