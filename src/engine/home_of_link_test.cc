#include "engine/home_of_link.h"

#include <gtest/gtest.h>

#include "codec/link_payload.h"
#include "engine/door_link.h"
#include "engine/errors.h"
#include "engine/invite_link.h"
#include "engine/request_link.h"

namespace godwit::engine {
namespace {

wire::HomeAddress some_home() {
  wire::HomeAddress home;
  home.key.value[0] = 7;
  home.routes = {"wss://home.example/ws"};
  return home;
}

TEST(home_of_link, code_of_a_homes_own_link_is_kept) {
  const auto home = home_of_link(wire::to_text(wire::HomeLink{some_home(), Bytes{1, 2, 3}}));
  ASSERT_TRUE(home.has_value());
  EXPECT_EQ(home->home, some_home());
  EXPECT_EQ(home->admission_code, (Bytes{1, 2, 3}));
}

TEST(home_of_link, invites_name_the_home_of_whoever_gave_them) {
  InviteLink invite;
  invite.name = "Anna";
  invite.home = some_home();
  RequestLink request;
  request.name = "Anna";
  request.home = some_home();
  GroupLink group;
  group.group.value[0] = 1;
  group.name = "Friends";
  group.home = some_home();
  for (const std::string& text : {to_text(invite), to_text(request), to_text(group), to_text(group) + "~call ", " " + to_text(invite) + "\n"}) {
    const auto home = home_of_link(text);
    ASSERT_TRUE(home.has_value()) << text;
    EXPECT_EQ(home->home, some_home());
    EXPECT_TRUE(home->admission_code.empty());
  }
}

TEST(home_of_link, what_names_no_home_is_refused) {
  EXPECT_EQ(home_of_link("").error().code, kLinkNotGodwit);
  EXPECT_EQ(home_of_link("https://example.org/").error().code, kLinkNotGodwit);
  EXPECT_EQ(home_of_link("godwit:i#AAAA").error().code, kLinkDamaged);
  EXPECT_EQ(home_of_link("godwit:i#" + codec::to_link_payload(Bytes{9, 1})).error().code, kLinkNewer);
}

TEST(home_of_link, of_a_link_into_a_call_the_mark_alone_is_passed_over) {
  GroupLink group;
  group.group.value[0] = 1;
  group.name = "Call";
  group.home = some_home();
  const std::string text = to_text(group);
  EXPECT_EQ(to_text(parse_group_link(text + "~call").value()), text);
  for (const std::string& bad : {text + "~cal", text + "~call~call", text + "~call1", text + "call", std::string("godwit:g#~call")}) {
    EXPECT_EQ(parse_group_link(bad).error().code, kLinkDamaged) << bad;
  }
}

}  // namespace
}  // namespace godwit::engine
