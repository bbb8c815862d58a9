// What Janus is told.

#include "home/unit_config.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/random_sources.h"
#include "routes/ip_address.h"

namespace godwit::home {
namespace {

bool says(const std::string& text, const std::string& line) {
  return text.find("  " + line + "\n") != std::string::npos;
}

TEST(UnitConfig, janus_has_one_address_one_socket_and_only_what_is_used) {
  const auto files = janus_config({"/home/calls/unit", "127.77.3.9", "secret", "admin"});
  ASSERT_EQ(files.size(), 3U);
  const std::string& main = files.at(kJanusConfig);
  for (const char* line :
       {"ice_enforce_list = \"127.77.3.9\"", "interface = \"127.77.3.9\"", "ice_lite = true", "ipv6 = false",
        "api_secret = \"secret\"", "plugins_folder = \"/home/calls/unit/plugins\"",
        "transports_folder = \"/home/calls/unit/transports\"", "full_trickle = false", "broadcast = false"}) {
    EXPECT_TRUE(says(main, line)) << line;
  }
  EXPECT_EQ(main.find("stun_server"), std::string::npos) << "it looks for nobody";
  EXPECT_EQ(main.find("admin_secret"), std::string::npos);
  EXPECT_TRUE(says(files.at("janus.plugin.videoroom.jcfg"), "admin_key = \"admin\"")) << "nobody else makes rooms";
  const std::string& socket = files.at("janus.transport.websockets.jcfg");
  for (const char* line :
       {"ws_unix = \"/home/calls/unit/socket\"", "wss = false", "admin_ws = false", "admin_wss = false"}) {
    EXPECT_TRUE(says(socket, line)) << line;
  }
  EXPECT_EQ(socket.find("ws_port"), std::string::npos);
}

TEST(UnitConfig, a_folder_with_quotes_in_its_name_stays_one_text) {
  const auto files = janus_config({"/a\"b\\c", "127.77.3.9", "s", "k"});
  EXPECT_TRUE(says(files.at(kJanusConfig), "configs_folder = \"/a\\\"b\\\\c\""));
}

TEST(UnitConfig, its_address_is_of_loopback_and_another_one_each_time) {
  crypto::SeededRandom random(1);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string text = unit_address(random);
    const auto address = routes::parse_ipv4(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ((*address)[0], 127) << text;
    EXPECT_GE((*address)[1], 64) << "not where programs are put by hand: " << text;
    EXPECT_TRUE((*address)[3] != 0 && (*address)[3] != 255) << text;
    seen.insert(text);
  }
  EXPECT_GT(seen.size(), 195U);
}

}  // namespace
}  // namespace godwit::home
