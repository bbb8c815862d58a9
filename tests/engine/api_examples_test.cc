// The examples of the API's description, carried out: what is answered has the form that the description promises. What an
// example names (a chat, an invite) is prepared here and put in its place.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/describe.h"
#include "api/examples.h"
#include "api/rpc_peer.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using nlohmann::json;

/// What is described, for looking things up.
class Description {
 public:
  /// Empty if `value` has the described type; else what is wrong.
  std::string misfit(const json& value, const std::string& type) const {
    if (type.ends_with("[]")) {
      if (!value.is_array()) return "no list of " + type + ": " + value.dump();
      for (const auto& each : value) {
        if (std::string wrong = misfit(each, type.substr(0, type.size() - 2)); !wrong.empty()) return wrong;
      }
      return {};
    }
    if (const auto* record = find("records", type)) return misfit_of_fields(value, (*record)["fields"]);
    if (const auto* values = find("enums", type)) {
      for (const auto& each : (*values)["values"]) {
        if (each["name"] == value) return {};
      }
      return "no " + type + ": " + value.dump();
    }
    const auto* scalar = find("scalars", type);
    if (scalar == nullptr) return type + " is not described";
    const std::string wanted = (*scalar)["json"];
    const bool fits = wanted == "string"    ? value.is_string()
                      : wanted == "boolean" ? value.is_boolean()
                                            : value.is_number_unsigned() || value.is_number_integer();
    return fits ? "" : "no " + type + ": " + value.dump();
  }
  std::string misfit_of_result(const json& value, const std::string& result) const {
    const auto* found = find("results", result);
    return found == nullptr ? result + " is not described" : misfit_of_fields(value, (*found)["fields"]);
  }
  const json& method(std::string_view name) const { return *find("methods", std::string(name)); }
  bool has_method(std::string_view name) const { return find("methods", std::string(name)) != nullptr; }

 private:
  std::string misfit_of_fields(const json& value, const json& fields) const {
    if (!value.is_object() || value.size() != fields.size()) return "other fields: " + value.dump();
    for (const auto& each : fields) {
      const std::string name = each["name"];
      if (!value.contains(name)) return name + " is missing: " + value.dump();
      if (value[name].is_null() && !each["required"].get<bool>()) continue;
      if (std::string wrong = misfit(value[name], each["type"]); !wrong.empty()) return name + ": " + wrong;
    }
    return {};
  }
  const json* find(const char* part, const std::string& name) const {
    for (const auto& each : all_[part]) {
      if (each["name"] == name) return &each;
    }
    return nullptr;
  }
  const json all_ = json::parse(api::describe_json());
};

class Examples : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(anna, boris);
    const engine::ChatId chat = anna.chat().chat;
    put(api::kExampleChat, to_hex(chat.view()));
    anna.files[std::string(api::kExampleFile)] = Bytes(20'000, 1);
    boris.files["/home/boris/letter.txt"] = Bytes(20'000, 2);
    const auto sent = must<engine::MessageQueued>(boris, engine::SendFile{chat, "/home/boris/letter.txt", {}, {}});
    put(api::kExampleMessage, to_hex(sent.message.id.view()));
    put(api::kExampleOwnMessage, to_hex(anna.say("Hi").view()));
    const auto poll = must<engine::MessageQueued>(anna, engine::SendPoll{chat, "Tea?", {"yes", "no"}, false, {}});
    put(api::kExamplePoll, to_hex(poll.message.id.view()));
    world.settle();
    boris.online = false;
    boris.say("by hand");
    const auto bundle = must<engine::BundleWritten>(boris, engine::WriteBundle{std::nullopt, 0, false});
    put("\"" + std::string(api::kExampleBundle) + "\"", "\"" + to_base64url(bundle.bundle) + "\"");
    boris.online = true;
    must<engine::AccountMade>(clara, engine::NewAccount{"Clara", world.home_link()});
    put(api::kExampleInvite, must<engine::InviteMade>(clara, engine::MakeInvite{}).link);
    put(api::kExampleHome, world.home_link());
    put(api::kExampleDevice,
        to_hex(must<engine::OwnDevices>(anna, engine::ListDevices{}).devices.front().device.view()));
    prepare_requests();
    prepare_channels();
  }

  void prepare_requests() {
    const std::string home = world.home_link();
    must<engine::NameClaimed>(boris, engine::ClaimName{"boris", ""});
    must<engine::NameClaimed>(anna, engine::ClaimName{"anna.k", ""});
    const auto link = must<engine::NameResolved>(clara, engine::ResolveName{"anna.k", "", home}).link;
    const std::pair<std::string_view, Person*> senders[] = {{api::kExampleContactRequest, &clara},
                                                            {api::kExampleOtherRequest, &boris}};
    for (const auto& [example, sender] : senders) {
      const auto before = must<engine::ContactRequests>(anna, engine::ListContactRequests{}).requests;
      must<engine::RequestSent>(*sender, engine::SendContactRequest{link, "hello"});
      world.settle();
      for (const auto& each : must<engine::ContactRequests>(anna, engine::ListContactRequests{}).requests) {
        const bool known = std::ranges::any_of(before, [&](const auto& old) { return old.request == each.request; });
        if (!known) put(example, to_hex(each.request.view()));
      }
    }
    put(api::kExampleRequestLink, must<engine::InviteMade>(clara, engine::MakeOpenInvite{0, 30}).link);
    must<engine::InviteMade>(anna, engine::MakeInvite{});
    const auto single = must<engine::Invites>(anna, engine::ListInvites{}).invites;
    put(api::kExampleSingleInvite, to_hex(single.at(0).invite.view()));
    must<engine::InviteMade>(anna, engine::MakeOpenInvite{0, 30});
    const auto open = must<engine::OpenInvites>(anna, engine::ListOpenInvites{}).invites;
    put(api::kExampleOpenInvite, to_hex(open.at(0).invite.view()));
  }

  void prepare_channels() {
    const auto own = must<engine::ChannelMade>(anna, engine::NewChannel{"Old", "", false}).channel;
    put(api::kExampleChannel, to_hex(own.channel.view()));
    for (const char* text : {"one", "two"}) must<engine::Posted>(anna, engine::Post{own.channel, text});
    const auto report = must<engine::PostReported>(anna, engine::ReportPost{own.channel, 2}).report;
    put("\"" + std::string(api::kExampleReport) + "\"", "\"" + to_base64url(report) + "\"");
    const auto other = must<engine::ChannelMade>(boris, engine::NewChannel{"Boris writes", "", true}).channel;
    put(api::kExampleOtherChannel, to_hex(other.channel.view()));
    put(api::kExampleChannelLink, other.link);
  }

  template <typename Answer>
  Answer must(Person& person, engine::Command command) {
    auto answer = person.ask(std::move(command));
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().code.name);
    return answer ? std::get<Answer>(std::move(*answer)) : Answer{};
  }
  void put(std::string_view example, std::string real) { real_.emplace_back(example, std::move(real)); }
  std::string with_real(std::string_view params) const {
    std::string out(params);
    for (const auto& [example, real] : real_) {
      for (size_t at = 0; (at = out.find(example, at)) != std::string::npos; at += real.size()) {
        out.replace(at, example.size(), real);
      }
    }
    return out;
  }

  World world;
  Person& anna = world.add();
  Person& boris = world.add();
  Person& clara = world.add();
  Person& newcomer = world.add();

 private:
  std::vector<std::pair<std::string, std::string>> real_;
};

TEST_F(Examples, each_is_carried_out_and_answered_as_described) {
  const Description description;
  for (const api::MethodExample& each : api::method_examples()) {
    SCOPED_TRACE(std::string(each.method));
    if (!description.has_method(each.method)) continue;  // of the connection: examples_test
    api::RpcPeer peer;
    api::Taken taken = peer.take(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(each.method) + R"(","params":)" +
                                 with_real(each.params) + "}");
    ASSERT_TRUE(taken.command.has_value()) << taken.reply;
    Person& who = each.method == "new_account" ? newcomer : anna;
    const auto answer = who.ask(std::move(*taken.command));
    if (!answer) {
      EXPECT_EQ(answer.error().code.name, each.refused)
          << answer.error().rule << ": prepare here what it needs, or name the error in src/api/examples.cc";
      continue;
    }
    EXPECT_EQ(each.refused, "") << "it is carried out: src/api/examples.cc says that it is refused";
    EXPECT_EQ(
        description.misfit_of_result(json::parse(api::answer_json(*answer)), description.method(each.method)["result"]),
        "");
  }
}

TEST_F(Examples, every_notice_of_a_day_has_the_described_form) {
  const Description description;
  const json all = json::parse(api::describe_json());
  anna.say("Hi");
  world.settle();
  size_t told = 0;
  for (const engine::Notice& notice : anna.notices) {
    const std::string line = api::RpcPeer().tell(notice);
    if (line.empty()) continue;  // an answer
    const json parsed = json::parse(line);
    told += 1;
    for (const auto& each : all["notices"]) {
      if (each["name"] != parsed["method"]) continue;
      for (const auto& field : each["params"]) {
        const json& value = parsed["params"][field["name"].get<std::string>()];
        if (value.is_null() && !field["required"].get<bool>()) continue;
        EXPECT_EQ(description.misfit(value, field["type"]), "") << line;
      }
    }
  }
  EXPECT_GT(told, 3U);
}

}  // namespace
}  // namespace godwit::testworld
