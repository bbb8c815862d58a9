// Names resolved while some of those who are asked lie, hang or know nothing.

#include "net/resolver.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include "net/errors.h"
#include "net/testing/name_server.h"

namespace godwit::net {
namespace {

using testing::AnswerServer;
using testing::over_https;
using testing::over_tcp;

routes::MappedAddress at(const std::string& text) { return routes::parse_address(text).value(); }

SystemAnswer answer_of(const std::vector<std::string>& addresses) {
  std::vector<routes::MappedAddress> out;
  for (const std::string& each : addresses) out.push_back(at(each));
  return out;
}

/// A resolver whose system's part and servers are the test's.
struct Lab {
  Lab() { options.stagger = milliseconds(1); }

  void add_tcp(const AnswerServer& server) { options.servers.tcp.push_back({at("127.0.0.1"), server.port()}); }
  void add_https(const AnswerServer& server, const ByteArray<32>& pin) {
    routes::HttpsResolver https{"dns.example", server.port(), "/dns-query", {at("127.0.0.1")}};
    https.pin = pin;
    options.servers.https.push_back(https);
  }
  void system_says(SystemAnswer answer) {
    options.system = [answer = std::move(answer)](const std::string&) { return answer; };
  }
  // The addresses of `name` in the order in which they are tried, until nobody is left who could answer.
  std::string resolve(const std::string& name, const std::vector<std::string>& hints = {}) {
    std::vector<routes::MappedAddress> known;
    for (const std::string& hint : hints) known.push_back(at(hint));
    Resolver resolver(*loop, options);
    std::string out;
    bool finished = false;
    std::unique_ptr<Lookup> lookup;
    lookup = resolver.look_up(name, known, [&] {
      while (const auto next = lookup->next()) {
        out += routes::print_address(next->address) + "/" + std::to_string(static_cast<int>(next->source)) + " ";
      }
      finished = lookup->is_finished();
      error = lookup->error();
    });
    EXPECT_TRUE(loop->run_until([&] { return finished; }, testing::kPatience));
    return out;
  }

  std::unique_ptr<EventLoop> loop = EventLoop::create().value();
  ResolverOptions options;
  Error error{};
};

const Error kNoName{kDnsNxdomain, "test"};

TEST(Resolver, a_system_that_knows_no_such_name_does_not_end_the_race) {
  Lab lab;
  lab.system_says(kNoName);
  AnswerServer tcp(*lab.loop, nullptr, over_tcp({"192.0.2.1", "192.0.2.2"}));
  lab.add_tcp(tcp);
  EXPECT_EQ(lab.resolve("home.example"), "192.0.2.1/5 192.0.2.2/5 ");
}

TEST(Resolver, https_is_asked_under_its_pin_and_forged_answers_go_last) {
  Lab lab;
  lab.system_says(answer_of({"10.10.34.34"}));
  const testing::TemporaryFolder folder;
  const testing::CertificateFiles files(folder);
  const auto tls = make_tls_server(files.certificate, files.key, nullptr).value();
  AnswerServer poisoned(*lab.loop, nullptr, over_tcp({"10.10.34.36"}));
  AnswerServer https(*lab.loop, tls.get(), over_https({"192.0.2.7"}));
  lab.add_tcp(poisoned);
  lab.add_https(https, files.sha256);
  // Of two that are forged neither is better: they stand in the order in which they came.
  const std::string found = lab.resolve("home.example");
  EXPECT_TRUE(found == "192.0.2.7/4 10.10.34.34/3 10.10.34.36/5 " || found == "192.0.2.7/4 10.10.34.36/5 10.10.34.34/3 ") << found;
}

TEST(Resolver, a_server_with_another_certificate_is_not_heard) {
  Lab lab;
  lab.system_says(kNoName);
  const testing::TemporaryFolder folder;
  const testing::CertificateFiles files(folder);
  const auto tls = make_tls_server(files.certificate, files.key, nullptr).value();
  AnswerServer https(*lab.loop, tls.get(), over_https({"192.0.2.7"}));
  lab.add_https(https, files.spki);
  EXPECT_EQ(lab.resolve("home.example"), "");
  EXPECT_EQ(lab.error.code, kDnsNxdomain);
}

TEST(Resolver, servers_that_hang_talk_nonsense_or_are_gone_cost_only_their_time) {
  Lab lab;
  lab.options.question_limit = milliseconds(200);
  lab.system_says(kNoName);
  AnswerServer silent(*lab.loop, nullptr, [](Bytes&) { return Bytes(); });
  AnswerServer nonsense(*lab.loop, nullptr, [](Bytes&) { return Bytes(600, 1); });
  AnswerServer ignorant(*lab.loop, nullptr, over_tcp({}));
  for (const AnswerServer* each : {&silent, &nonsense, &ignorant}) lab.add_tcp(*each);
  lab.options.servers.tcp.push_back({at("127.0.0.1"), 1});
  AnswerServer good(*lab.loop, nullptr, over_tcp({"192.0.2.1"}));
  lab.add_tcp(good);
  EXPECT_EQ(lab.resolve("home.example"), "192.0.2.1/5 ");
}

TEST(Resolver, a_servers_second_address_is_asked_when_the_first_fails) {
  Lab lab;
  lab.system_says(kNoName);
  const testing::TemporaryFolder folder;
  const testing::CertificateFiles files(folder);
  const auto tls = make_tls_server(files.certificate, files.key, nullptr).value();
  AnswerServer https(*lab.loop, tls.get(), over_https({"192.0.2.7"}));
  lab.add_https(https, files.sha256);
  lab.options.servers.https[0].addresses = {at("127.0.0.2"), at("127.0.0.1")};
  EXPECT_EQ(lab.resolve("home.example"), "192.0.2.7/4 ");
}

TEST(Resolver, nobody_abroad_is_asked_for_names_of_the_own_network) {
  Lab lab;
  lab.system_says(answer_of({"192.168.1.9"}));
  AnswerServer tcp(*lab.loop, nullptr, over_tcp({"192.0.2.1"}));
  lab.add_tcp(tcp);
  EXPECT_EQ(lab.resolve("nas.lan"), "192.168.1.9/3 ");
  EXPECT_EQ(lab.resolve("nas"), "192.168.1.9/3 ");
  EXPECT_EQ(tcp.accepted, 0);
}

TEST(Resolver, hints_and_what_is_remembered_go_first_and_addresses_need_nobody) {
  Lab lab;
  lab.system_says(answer_of({"192.0.2.1"}));
  EXPECT_EQ(lab.resolve("home.example", {"192.0.2.9"}), "192.0.2.9/2 192.0.2.1/3 ");
  EXPECT_EQ(lab.resolve("198.51.100.1"), "198.51.100.1/1 ");
  EXPECT_EQ(lab.resolve("::1"), "::1/1 ");
  Resolver resolver(*lab.loop, lab.options);
  for (size_t i = 0; i <= Resolver::kRememberedMax; ++i) {
    resolver.remember("h" + std::to_string(i) + ".example", at("192.0.2.5"));
  }
  const auto first = resolver.look_up("h0.example", {}, [] {});
  EXPECT_FALSE(first->next().has_value()) << "the oldest is forgotten";
  const auto last = resolver.look_up("h1.example", {}, [] {});
  EXPECT_TRUE(last->next().has_value());
}

TEST(Resolver, a_lookup_that_is_gone_is_never_heard_of) {
  Lab lab;
  lab.system_says(answer_of({"192.0.2.1"}));
  AnswerServer tcp(*lab.loop, nullptr, over_tcp({"192.0.2.1"}));
  lab.add_tcp(tcp);
  bool called = false;
  {
    Resolver resolver(*lab.loop, lab.options);
    const auto lookup = resolver.look_up("home.example", {}, [&] { called = true; });
  }
  lab.loop->run_until([&] { return called; }, milliseconds(100));
  EXPECT_FALSE(called);
}

TEST(Resolver, system_errors_have_names) {
  EXPECT_EQ(error_of_resolver(EAI_NONAME).code, kDnsNxdomain);
  EXPECT_EQ(error_of_resolver(EAI_AGAIN).code, kDnsTemporaryFailure);
  EXPECT_EQ(error_of_resolver(EAI_NODATA).code, kDnsNoAnswer);
}

}  // namespace
}  // namespace godwit::net
