// Two members behind one peer, and lines that are not what they should be.

#include "tests/mls_peer/peer.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"

namespace godwit::mls_peer {
namespace {

constexpr Instant kNow{1'700'000'000'000};

class MlsPeer : public ::testing::Test {
 protected:
  MlsPeer() { EXPECT_TRUE(crypto::initialise()); }

  Json ask(const Json& request) { return Json::parse(peer_.answer(request.dump(), kNow)); }
  Json done(Json request) {
    Json out = ask(request);
    if (!out["ok"].get<bool>()) throw std::runtime_error(request.dump() + ": " + out.dump());
    return out;
  }
  std::string refused(const Json& request) {
    const Json out = ask(request);
    EXPECT_FALSE(out["ok"].get<bool>()) << request.dump();
    return out.value("error", std::string());
  }
  std::string refused_line(const std::string& line) {
    const Json out = Json::parse(peer_.answer(line, kNow));
    EXPECT_FALSE(out["ok"].get<bool>()) << line;
    return out.value("error", std::string());
  }
  // Alice and bob in one group of this suite.
  void pair(int suite, bool tree_in_welcome = true) {
    done({{"op", "init"}, {"client", "alice"}, {"suite", suite}, {"identity", "alice"}});
    done({{"op", "init"}, {"client", "bob"}, {"suite", suite}, {"identity", "bob"}, {"padding", 256}});
    done({{"op", "create"}, {"client", "alice"}, {"groupId", "Z3JvdXA="}});
    const Json package = done({{"op", "keyPackage"}, {"client", "bob"}, {"eternal", true}, {"reveal", true}});
    const Json commit = done({{"op", "commit"},
                              {"client", "alice"},
                              {"add", Json::array({package["keyPackage"]})},
                              {"tree", tree_in_welcome}});
    Json join = {{"op", "join"}, {"client", "bob"}, {"welcome", commit["welcome"]}};
    if (!tree_in_welcome) join["ratchetTree"] = commit["ratchetTree"];
    EXPECT_EQ(done(join)["epochAuthenticator"], commit["epochAuthenticator"]);
  }

  crypto::SystemRandom random_;
  Peer peer_{random_};
};

TEST_F(MlsPeer, two_members_speak_in_every_suite) {
  for (const int suite : {1, 3, 0x54, 0xf0d1}) {
    pair(suite, suite != 3);
    const Json sent = done({{"op", "encrypt"}, {"client", "alice"}, {"data", "aGVsbG8="}, {"aad", "YQ=="}});
    const Json got = done({{"op", "process"}, {"client", "bob"}, {"message", sent["message"]}});
    EXPECT_EQ(got["kind"], "application");
    EXPECT_EQ(got["data"], "aGVsbG8=");
    EXPECT_EQ(refused({{"op", "process"}, {"client", "bob"}, {"message", sent["message"]}}).substr(0, 12),
              "mls_replayed");
  }
}

TEST_F(MlsPeer, proposals_races_and_removal) {
  pair(3);
  const Json update = done({{"op", "propose"}, {"client", "bob"}, {"type", "update"}});
  EXPECT_EQ(done({{"op", "process"}, {"client", "alice"}, {"message", update["message"]}})["proposal"], "update");
  const Json mine = done({{"op", "commit"}, {"client", "alice"}, {"apply", false}});
  EXPECT_EQ(mine["epoch"], 1);
  const Json theirs = done({{"op", "commit"}, {"client", "bob"}, {"apply", false}});
  done({{"op", "discard"}, {"client", "bob"}});
  EXPECT_EQ(refused({{"op", "merge"}, {"client", "bob"}}), "nothing to merge");
  EXPECT_EQ(done({{"op", "merge"}, {"client", "alice"}})["epoch"], 2);
  const Json followed = done({{"op", "process"}, {"client", "bob"}, {"message", mine["commit"]}});
  EXPECT_EQ(followed["epochAuthenticator"], done({{"op", "info"}, {"client", "alice"}})["epochAuthenticator"]);
  EXPECT_NE(refused({{"op", "process"}, {"client", "alice"}, {"message", theirs["commit"]}}), "");
  const Json removal = done({{"op", "commit"}, {"client", "alice"}, {"remove", {1}}});
  EXPECT_EQ(removal["members"], 1);
  EXPECT_EQ(done({{"op", "process"}, {"client", "bob"}, {"message", removal["commit"]}})["active"], false);
  EXPECT_EQ(refused({{"op", "encrypt"}, {"client", "bob"}, {"data", ""}}), "removed from the group");
  done({{"op", "leave"}, {"client", "bob"}});
  EXPECT_EQ(refused({{"op", "info"}, {"client", "bob"}}), "not in a group");
}

TEST_F(MlsPeer, a_pre_shared_key_and_the_exporter) {
  pair(0x54);
  for (const char* client : {"alice", "bob"}) {
    done({{"op", "psk"}, {"client", client}, {"pskId", "aWQ="}, {"psk", "c2VjcmV0"}});
  }
  const Json commit = done({{"op", "commit"}, {"client", "bob"}, {"psk", {"aWQ="}}});
  done({{"op", "process"}, {"client", "alice"}, {"message", commit["commit"]}});
  std::vector<Json> secrets;
  for (const char* client : {"alice", "bob"}) {
    secrets.push_back(
        done({{"op", "export"}, {"client", client}, {"label", "call"}, {"context", ""}, {"length", 32}})["secret"]);
  }
  EXPECT_EQ(secrets[0], secrets[1]);
}

TEST_F(MlsPeer, joins_by_an_external_commit_and_comes_back_by_another) {
  pair(3);
  done({{"op", "init"}, {"client", "carol"}, {"identity", "carol"}});
  for (const bool resync : {false, true}) {
    const Json info = done({{"op", "groupInfo"}, {"client", "bob"}});
    const Json joined =
        done({{"op", "externalJoin"}, {"client", "carol"}, {"groupInfo", info["groupInfo"]}, {"resync", resync}});
    EXPECT_EQ(joined["members"], 3);
    for (const char* client : {"alice", "bob"}) {
      const Json heard = done({{"op", "process"}, {"client", client}, {"message", joined["commit"]}});
      EXPECT_EQ(heard["epochAuthenticator"], joined["epochAuthenticator"]);
      EXPECT_EQ(heard["committer"], Json());
      EXPECT_EQ(heard["removed"].size(), resync ? 1U : 0U);
    }
  }
}

TEST_F(MlsPeer, proposals_and_commits_travel_as_public_messages_if_asked) {
  pair(3);
  const Json update = done({{"op", "propose"}, {"client", "bob"}, {"type", "update"}, {"public", true}});
  EXPECT_EQ(from_base64(update["message"], "message")[3], 1);  // mls_public_message
  done({{"op", "process"}, {"client", "alice"}, {"message", update["message"]}});
  const Json commit = done({{"op", "commit"}, {"client", "alice"}, {"public", true}});
  EXPECT_EQ(from_base64(commit["commit"], "commit")[3], 1);
  const Json heard = done({{"op", "process"}, {"client", "bob"}, {"message", commit["commit"]}});
  EXPECT_EQ(heard["updated"].size(), 2U);
}

TEST_F(MlsPeer, bad_lines_are_answered_with_what_is_wrong) {
  EXPECT_EQ(refused_line("{"), "bad JSON");
  EXPECT_EQ(refused_line("\xff"), "bad JSON");
  EXPECT_EQ(refused_line("[]"), "a request is an object");
  EXPECT_EQ(refused_line("{}"), "op is missing");
  EXPECT_EQ(refused_line(R"({"op": 3})"), "op is not text");
  EXPECT_EQ(refused_line(R"({"op": "fly"})"), "unknown op fly");
  EXPECT_EQ(refused_line(R"({"op": "info"})"), "no such client; init first");
  EXPECT_EQ(refused_line(R"({"op": "info", "id": )" + std::string(100'000, '[') + std::string(100'000, ']') + "}"),
            "nested too deeply");
  EXPECT_EQ(refused_line(R"({"op": "init", "suite": 2})").substr(0, 21), "mls_unsupported_suite");
  EXPECT_EQ(refused_line(R"({"op": "init", "suite": -1})"), "suite is not a number up to 65535");
}

TEST_F(MlsPeer, bad_members_are_answered_with_what_is_wrong) {
  pair(3);
  const auto alice = [](std::string_view op, const Json& more) {
    Json out = {{"op", op}, {"client", "alice"}};
    out.update(more);
    return out;
  };
  EXPECT_EQ(refused(alice("process", Json::object())), "message is missing");
  EXPECT_EQ(refused(alice("process", {{"message", "a"}})), "message is not base64");
  EXPECT_EQ(refused(alice("process", {{"message", "_w=="}})), "message is not base64");
  EXPECT_EQ(refused(alice("process", {{"message", "AAEAAQ=="}})).substr(0, 4), "code");
  EXPECT_EQ(refused(alice("commit", {{"add", "AAEAAQ=="}})), "add is not a list");
  EXPECT_EQ(refused(alice("commit", {{"add", {1}}})), "add is not text");
  EXPECT_EQ(refused(alice("commit", {{"remove", {7}}})).substr(0, 16), "mls_not_a_member");
  EXPECT_EQ(refused(alice("commit", {{"remove", {1ULL << 40}}})), "remove is not a number up to 4294967295");
  EXPECT_EQ(refused(alice("commit", {{"psk", {"aWQ="}}})).substr(0, 15), "mls_unknown_psk");
  EXPECT_EQ(refused(alice("commit", {{"tree", 1}})), "tree is neither true nor false");
  EXPECT_EQ(refused(alice("propose", {{"type", "rename"}})), "unknown proposal type rename");
  EXPECT_EQ(refused(alice("propose", {{"type", "remove"}})), "leaf is missing");
  EXPECT_EQ(refused(alice("export", {{"label", "x"}, {"length", 9000}})), "length is not a number up to 8160");
  EXPECT_NE(refused(alice("join", {{"welcome", ""}})), "");
  EXPECT_NE(refused(alice("externalJoin", {{"groupInfo", ""}})), "");
  EXPECT_EQ(done(alice("info", Json::object()))["epoch"], 1);
}

}  // namespace
}  // namespace godwit::mls_peer
