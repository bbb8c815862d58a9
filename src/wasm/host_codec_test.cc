#include "wasm/host_codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "base/testing/source_dir.h"
#include "wasm/errors.h"
#include "wasm/host_errors.h"

namespace godwit::wasm {
namespace {

Bytes written(const engine::Effect& effect) {
  codec::Writer out;
  EXPECT_FALSE(write_effect(out, effect).has_value());
  return out.take();
}

routes::Route route(const char* uri) { return routes::parse_route(uri).value(); }

TEST(HostCodec, a_page_dials_by_the_hosts_own_name_only) {
  EXPECT_EQ(web_address(route("wss://home.example/ws")), "wss://home.example/ws");
  EXPECT_EQ(web_address(route("bridge://[2001:db8::1]:8443/a/b")), "wss://[2001:db8::1]:8443/a/b");
  const std::string pin = "pin=" + to_base64url(Bytes(32, 7));
  EXPECT_EQ(web_address(route(("wss://home.example/?" + pin).c_str())), "wss://home.example");
  EXPECT_EQ(web_address(route("wss://home.example/?sni=other.example")), "");
  EXPECT_EQ(web_address(route("webtunnel://home.example/x")), "");
}

TEST(HostCodec, what_no_page_can_do_is_answered_here) {
  codec::Writer out;
  const auto closed = write_effect(out, engine::OpenPipe{{7}, route("webtunnel://home.example/x"), {}});
  ASSERT_TRUE(closed.has_value());
  EXPECT_EQ(std::get<engine::PipeClosed>(*closed).error.code, kNoSuchCarrier);
  const auto failed = write_effect(out, engine::SendSealed{{3}, "anna@mail.example", {}});
  EXPECT_EQ(std::get<engine::LetterFailed>(failed.value()).error.code, kNoMail);
  const auto text = write_effect(out, engine::FetchText{"https://home.example/"});
  EXPECT_EQ(std::get<engine::TextFetched>(text.value()).text, "");
  EXPECT_FALSE(write_effect(out, engine::LanWatch{}).has_value());
  EXPECT_TRUE(out.view().empty());
}

TEST(HostCodec, only_the_homes_own_address_is_held_to_its_pin) {
  const wire::CertificatePin pin{};
  const auto pinned = [&](const char* uri) { return written(engine::OpenPipe{{1}, route(uri), {}, pin}).back(); };
  EXPECT_EQ(pinned("wss://home.example/"), 1);
  EXPECT_EQ(pinned("bridge://bridge.example/"), 0);
  EXPECT_EQ(written(engine::OpenPipe{{1}, route("wss://home.example/"), {}}).back(), 0);
}

TEST(HostCodec, a_batch_is_written_with_what_it_removes) {
  const Bytes bytes = written(engine::StoreBatch{{9}, {{Bytes{1, 2}, Bytes{3}}, {Bytes{4}, std::nullopt}}});
  EXPECT_EQ(bytes, (Bytes{4, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 2, 2, 1, 2, 1, 1, 3, 1, 4, 0}));
}

TEST(HostCodec, events_are_read) {
  const auto loaded = read_event(Bytes{6, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 1, 7, 2, 8, 9});
  const auto& records = std::get<engine::RecordsLoaded>(loaded);
  EXPECT_EQ(records.load.value, 5u);
  ASSERT_EQ(records.records.size(), 1u);
  EXPECT_EQ(records.records[0], (std::pair{Bytes{7}, Bytes{8, 9}}));
  Bytes closed{3, 0, 0, 0, 0, 0, 0, 0, 2, 9};
  append(closed, as_bytes("eof_error"));
  EXPECT_STREQ(std::get<engine::PipeClosed>(read_event(closed)).error.code.name, "eof_error");
  const auto read = read_event(Bytes{8, 0, 0, 0, 0, 0, 0, 0, 2, 1, 5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  EXPECT_EQ(std::get<engine::FileRead>(read).bytes, Bytes{5});
  EXPECT_FALSE(std::get<engine::FileRead>(read).error.has_value());
}

TEST(HostCodecDeathTest, an_event_that_cannot_be_read_is_a_fault_of_ours) {
  EXPECT_DEATH((void)read_event(Bytes{4, 0}), "bug of ours");
  EXPECT_DEATH((void)read_event(Bytes{4, 0, 0, 0, 0, 0, 0, 0, 1, 1}), "bug of ours");
  EXPECT_DEATH((void)read_event(Bytes{99}), "bug of ours");
}

// Of net/ and store/, which are no part of this program: their headers are read as text.
TEST(HostErrors, are_those_of_the_folders_that_they_come_from) {
  std::string declared;
  for (const char* folder : {"net", "store", "engine", "wasm"}) {
    std::ifstream file(std::string(godwit::testing::source_dir()) + "/src/" + folder + "/errors.h");
    std::stringstream text;
    text << file.rdbuf();
    declared += text.str();
  }
  const std::map<Action, std::string> actions{
      {Action::kDrop, "kDrop"}, {Action::kRetryLater, "kRetryLater"}, {Action::kFix, "kFix"}};
  for (const ErrorCode& each : kHostErrors) {
    const std::string line =
        "{" + std::to_string(each.number) + ", Action::" + actions.at(each.action) + ", \"" + each.name + "\"}";
    EXPECT_NE(declared.find(line), std::string::npos) << line;
    EXPECT_EQ(error_named(each.name).code, each);
  }
  EXPECT_STREQ(error_named("no such name").code.name, "unknown_failure");
}

}  // namespace
}  // namespace godwit::wasm
