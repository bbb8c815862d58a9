#include "net/tls.h"

#include <gtest/gtest.h>

#include <set>

#include "net/certificate.h"
#include "net/errors.h"
#include "net/testing/loopback.h"

namespace godwit::net {
namespace {

using routes::HelloKind;

using testing::CertificateFiles;
using testing::pattern;
using testing::TemporaryFolder;

/// A server's certificate, and connections to it without a network.
struct Lab {
  TemporaryFolder folder;
  CertificateFiles files{folder};
  std::unique_ptr<TlsServer> server = make_tls_server(files.certificate, files.key, nullptr).value();
  TlsTickets tickets;
};

/// A client and a server stream; carries bytes until nothing moves.
struct Connection {
  std::unique_ptr<TlsStream> client;
  std::unique_ptr<TlsStream> server;
  Bytes at_client;
  Bytes at_server;
  size_t up_bytes = 0;
  size_t down_bytes = 0;
  Status client_status;
  Status server_status;

  Connection(Lab& lab, const TlsTrust& trust, TlsTickets* tickets, const std::string& host = "localhost")
      : client(make_tls_client(host, 443, trust, tickets).value()), server(lab.server->accept().value()) {
    EXPECT_TRUE(client->start());
    carry();
  }

  Connection(std::unique_ptr<TlsStream> from, std::unique_ptr<TlsStream> to)
      : client(std::move(from)), server(std::move(to)) {
    EXPECT_TRUE(client->start());
    carry();
  }

  void carry(size_t step = SIZE_MAX) {
    while ((!client->output().empty() && server_status) || (!server->output().empty() && client_status)) {
      move(*client, *server, at_server, server_status, up_bytes, step);
      move(*server, *client, at_client, client_status, down_bytes, step);
    }
  }

  static void move(TlsStream& from, TlsStream& to, Bytes& plain, Status& status, size_t& count, size_t step) {
    if (from.output().empty() || !status) return;
    const Bytes piece = to_bytes(from.output().view().first(std::min(step, from.output().size())));
    from.output().consume(piece.size());
    count += piece.size();
    status = to.feed(piece, plain);
  }
  bool is_open() const { return client->is_open() && server->is_open(); }
};

TlsTrust pin(TlsTrust::Kind kind, const ByteArray<32>& hash) { return {kind, hash}; }

TEST(Tls, bytes_pass_both_ways_however_they_are_split) {
  for (const size_t step : {size_t{1}, size_t{1000}, SIZE_MAX}) {
    Lab lab;
    Connection connection(lab, {}, nullptr);
    ASSERT_TRUE(connection.is_open());
    const Bytes up = pattern(40'000, 1);
    const Bytes down = pattern(30'000, 2);
    ASSERT_TRUE(connection.client->write(up));
    ASSERT_TRUE(connection.server->write(down));
    connection.carry(step);
    EXPECT_EQ(connection.at_server, up);
    EXPECT_EQ(connection.at_client, down);
  }
}

// Ciphers and extensions of the hello a client begins with (RFC 8446 §4.1.2).
std::pair<size_t, size_t> shape_of_hello(HelloKind look) {
  auto client = make_tls_client("localhost", 443, {}, nullptr, {std::nullopt, look}).value();
  EXPECT_TRUE(client->start());
  const ByteView hello = client->output().view();
  const auto number = [&](size_t at) { return static_cast<size_t>(hello[at] << 8 | hello[at + 1]); };
  size_t at = 5 + 4 + 2 + 32;
  at += 1u + hello[at];
  const size_t ciphers = number(at) / 2;
  at += 2 + number(at);
  at += 1u + hello[at];
  size_t extensions = 0;
  const size_t end = at + 2 + number(at);
  for (at += 2; at < end; at += 4 + number(at + 2)) ++extensions;
  EXPECT_EQ(at, hello.size());
  return {ciphers, extensions};
}

// The counts are those of the programs themselves (lab/hello.py), or of nobody.
TEST(Tls, each_look_is_a_family_of_hellos) {
  using Shape = std::pair<size_t, size_t>;
  EXPECT_EQ(shape_of_hello(HelloKind::kLean), (Shape{4, 11}));
  EXPECT_EQ(shape_of_hello(HelloKind::kCurl), (Shape{31, 12}));
  EXPECT_EQ(shape_of_hello(HelloKind::kPlain), (Shape{31, 11}));
  EXPECT_EQ(shape_of_hello(HelloKind::kPython), (Shape{18, 11}));
  EXPECT_EQ(shape_of_hello(HelloKind::kNode), (Shape{59, 10}));
}

TEST(Tls, a_varied_hello_is_another_each_time) {
  std::set<std::pair<size_t, size_t>> shapes;
  for (int i = 0; i < 40; ++i) shapes.insert(shape_of_hello(HelloKind::kVaried));
  EXPECT_GT(shapes.size(), 10U);
}

TEST(Tls, every_look_opens_with_tls_13) {
  for (const HelloKind look : routes::hello_order(7)) {
    for (int i = 0; i < (look == HelloKind::kVaried ? 30 : 1); ++i) {
      Lab lab;
      auto client = make_tls_client("localhost", 443, pin(TlsTrust::Kind::kSpkiSha256, lab.files.spki), nullptr,
                                    {"other.example", look})
                        .value();
      Connection connection(std::move(client), lab.server->accept().value());
      EXPECT_TRUE(connection.is_open()) << static_cast<int>(look);
    }
  }
}

TEST(Tls, the_right_pins_are_accepted) {
  Lab lab;
  EXPECT_TRUE(Connection(lab, pin(TlsTrust::Kind::kCertificateSha256, lab.files.sha256), nullptr).is_open());
  EXPECT_TRUE(Connection(lab, pin(TlsTrust::Kind::kSpkiSha256, lab.files.spki), nullptr).is_open());
}

TEST(Tls, a_wrong_pin_fails_by_name_before_anything_is_said) {
  Lab lab;
  for (const auto& trust : {pin(TlsTrust::Kind::kCertificateSha256, lab.files.spki),
                            pin(TlsTrust::Kind::kSpkiSha256, lab.files.sha256), pin(TlsTrust::Kind::kSpkiSha256, {})}) {
    Connection connection(lab, trust, nullptr);
    EXPECT_FALSE(connection.client->is_open());
    ASSERT_FALSE(connection.client_status);
    EXPECT_EQ(connection.client_status.error().code, kSslPinMismatch);
    EXPECT_FALSE(connection.server->is_open());
  }
}

TEST(Tls, a_certificate_of_an_unknown_authority_fails_by_name) {
  Lab lab;
  const Connection connection(lab, {TlsTrust::Kind::kSystemAuthorities, {}}, nullptr);
  ASSERT_FALSE(connection.client_status);
  EXPECT_EQ(connection.client_status.error().code, kSslUnknownAuthority);
}

TEST(Tls, a_ticket_resumes_once_and_saves_the_certificate) {
  Lab lab;
  const TlsTrust trust = pin(TlsTrust::Kind::kSpkiSha256, lab.files.spki);
  Connection full(lab, trust, &lab.tickets);
  ASSERT_TRUE(full.is_open());
  EXPECT_FALSE(full.client->is_resumed());
  const size_t kept = lab.tickets.count("localhost:443", trust);
  ASSERT_GE(kept, 1u);
  Connection resumed(lab, trust, &lab.tickets);
  ASSERT_TRUE(resumed.is_open());
  EXPECT_TRUE(resumed.client->is_resumed());
  EXPECT_TRUE(resumed.server->is_resumed());
  EXPECT_EQ(lab.tickets.count("localhost:443", trust), kept) << "one is used, one comes";
  EXPECT_LT(resumed.up_bytes + resumed.down_bytes, full.up_bytes + full.down_bytes);
  RecordProperty("full_bytes", static_cast<int>(full.up_bytes + full.down_bytes));
  RecordProperty("resumed_bytes", static_cast<int>(resumed.up_bytes + resumed.down_bytes));
}

TEST(Tls, a_ticket_is_not_used_under_another_trust_or_for_another_server) {
  Lab lab;
  Connection first(lab, {}, &lab.tickets);
  EXPECT_FALSE(Connection(lab, pin(TlsTrust::Kind::kSpkiSha256, lab.files.spki), &lab.tickets).client->is_resumed());
  EXPECT_FALSE(Connection(lab, {}, &lab.tickets, "other.example").client->is_resumed());
  EXPECT_TRUE(Connection(lab, {}, &lab.tickets).client->is_resumed());
}

TEST(Tls, tickets_survive_export_import_and_a_reload_of_the_certificate) {
  Lab lab;
  Connection first(lab, {}, &lab.tickets);
  TlsTickets restored;
  ASSERT_TRUE(restored.import_bytes(lab.tickets.export_bytes()));
  EXPECT_EQ(restored.export_bytes(), lab.tickets.export_bytes());
  const CertificateFiles renewed(lab.folder, "renewed");
  lab.server = make_tls_server(renewed.certificate, renewed.key, lab.server.get()).value();
  EXPECT_TRUE(Connection(lab, {}, &restored).client->is_resumed());
}

TEST(Tls, a_ticket_of_a_server_that_forgot_its_keys_costs_nothing_but_a_full_handshake) {
  Lab lab;
  Connection first(lab, {}, &lab.tickets);
  lab.server = make_tls_server(lab.files.certificate, lab.files.key, nullptr).value();
  const Connection second(lab, {}, &lab.tickets);
  EXPECT_TRUE(second.is_open());
  EXPECT_FALSE(second.client->is_resumed());
}

TEST(TlsTickets, are_bounded_per_server_and_in_servers) {
  TlsTickets tickets;
  for (uint8_t i = 1; i <= 10; ++i) tickets.put("a:1", {}, Bytes{i});
  EXPECT_EQ(tickets.count("a:1", {}), TlsTickets::kPerServerMax);
  EXPECT_EQ(tickets.take("a:1", {}), Bytes{10}) << "the newest first";
  for (size_t i = 0; i < TlsTickets::kServersMax; ++i) tickets.put(std::to_string(i) + ":1", {}, Bytes{1});
  EXPECT_EQ(tickets.count("a:1", {}), 0u);
  EXPECT_EQ(tickets.take("a:1", {}), Bytes{});
}

TEST(TlsTickets, what_is_no_export_is_refused_and_changes_nothing) {
  TlsTickets tickets;
  tickets.put("a:1", {}, Bytes{1, 2, 3});
  const Bytes good = tickets.export_bytes();
  for (size_t size = 0; size < good.size(); ++size) {
    const bool empty_export = size == 1;
    EXPECT_EQ(TlsTickets().import_bytes(ByteView(good).first(size)).has_value(), empty_export) << size;
  }
  Bytes longer = good;
  longer.push_back(0);
  ASSERT_FALSE(tickets.import_bytes(longer));
  EXPECT_EQ(tickets.import_bytes(Bytes{9}).error().code, kBadOption);
  EXPECT_EQ(tickets.export_bytes(), good);
}

TEST(Tls, garbage_is_a_failed_handshake_and_plain_http_is_recognised) {
  Lab lab;
  Bytes plain;
  auto stream = lab.server->accept().value();
  EXPECT_EQ(stream->feed(pattern(100), plain).error().code, kSslFailedHandshake);
  stream = lab.server->accept().value();
  EXPECT_EQ(stream->feed(as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), plain).error().code, kBadHttp);
  EXPECT_TRUE(plain.empty());
}

TEST(Tls, a_changed_record_is_noticed) {
  Lab lab;
  Connection connection(lab, {}, nullptr);
  ASSERT_TRUE(connection.client->write(Bytes(10)));
  Bytes record = to_bytes(connection.client->output().view());
  record.back() ^= 1;
  Bytes plain;
  const Status status = connection.server->feed(record, plain);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, kSslBrokenRecord);
  EXPECT_TRUE(plain.empty());
}

TEST(Tls, the_end_is_told) {
  Lab lab;
  Connection connection(lab, {}, nullptr);
  ASSERT_TRUE(connection.client->write(Bytes{'x'}));
  connection.client->finish();
  connection.carry();
  EXPECT_EQ(as_text(connection.at_server), "x");
  EXPECT_TRUE(connection.server->is_finished_by_peer());
}

TEST(TlsServer, certificate_and_key_files_are_checked_by_name) {
  const TemporaryFolder folder;
  const CertificateFiles one(folder, "one");
  const CertificateFiles two(folder, "two");
  const std::string junk = folder.write("junk", "junk");
  EXPECT_EQ(make_tls_server(folder.path("missing"), one.key, nullptr).error().code, kBadCertificate);
  EXPECT_EQ(make_tls_server(junk, one.key, nullptr).error().code, kBadCertificate);
  EXPECT_EQ(make_tls_server(one.certificate, junk, nullptr).error().code, kBadPrivateKey);
  EXPECT_EQ(make_tls_server(one.certificate, folder.path("missing"), nullptr).error().code, kBadPrivateKey);
  EXPECT_EQ(make_tls_server(one.certificate, two.key, nullptr).error().code, kKeyMismatch);
}

}  // namespace
}  // namespace godwit::net
