// The examples of the API's description, carried out: what is answered has the form that the description promises. What an
// example names (a chat, an invite) is prepared here and put in its place.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

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
  const json& notices() const { return all_["notices"]; }
  bool has_method(std::string_view name) const { return find("methods", std::string(name)) != nullptr; }

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

 private:
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
    const engine::ChatId chat = two = anna.chat().chat;
    put(api::kExampleChat, to_hex(chat.view()));
    anna.files[std::string(api::kExampleFile)] = Bytes(20'000, 1);
    Bytes png = to_bytes(as_bytes(std::string_view("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x40", 24)));
    png.resize(2'000, 1);
    anna.files[std::string(api::kExampleStickerFile)] = png;
    const engine::NewStickerPack cats{"Cats", {{std::string(api::kExampleStickerFile), "😺"}}};
    put(api::kExampleStickerPack, to_hex(must<engine::StickerPackAdded>(anna, cats).pack.pack.view()));
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

  // In their order, for some need what others have made.
  void carry_out_all() {
    const Description description;
    for (const api::MethodExample& each : api::method_examples()) {
      SCOPED_TRACE(std::string(each.method));
      if (!description.has_method(each.method)) continue;  // of the connection: examples_test
      if (each.method == "accept_call") let_boris_call();
      if (each.method == "say_call_media") world.pass(seconds(1));  // Boris's device says who has it
      carry_out(description, each);
    }
    world.settle();
  }
  void carry_out(const Description& description, const api::MethodExample& each) {
    api::Taken taken = api::RpcPeer().take(R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(each.method) +
                                           R"(","params":)" + with_real(each.params) + "}");
    ASSERT_TRUE(taken.command.has_value()) << taken.reply;
    Person& who = each.method == "new_account" ? newcomer : anna;
    const auto answer = who.ask(std::move(*taken.command));
    if (!answer) {
      EXPECT_EQ(answer.error().code.name, each.refused)
          << answer.error().rule << ": prepare here what it needs, or name the error in src/api/examples.cc";
      return;
    }
    EXPECT_EQ(each.refused, "") << "it is carried out: src/api/examples.cc says that it is refused";
    EXPECT_EQ(
        description.misfit_of_result(json::parse(api::answer_json(*answer)), description.method(each.method)["result"]),
        "");
  }
  // It rings at Anna's.
  void let_boris_call() {
    const auto taken = must<engine::CallTaken>(boris, engine::StartCall{two});
    put(api::kExampleCall, to_hex(taken.call.call.view()));
    world.pass(seconds(1));
  }
  engine::AccountId account_of(Person& person) { return must<engine::Account>(person, engine::ReadAccount{}).account; }
  // What needs several people, one after the other.
  void let_a_group_come_and_go() {
    const auto group = must<engine::ChatMade>(anna, engine::NewGroup{"Friends"}).chat.chat;
    must<engine::Nothing>(anna, engine::AddMembers{group, {account_of(boris)}});
    const auto said = must<engine::MessageQueued>(anna, engine::SendText{group, "not for long"}).message.id;
    must<engine::Nothing>(anna, engine::DeleteMessage{group, said, false});
    const std::string link = must<engine::GroupLinkMade>(anna, engine::MakeGroupLink{group, true, 0, 0}).text;
    must<engine::JoinAsked>(clara, engine::JoinGroup{link, ""});
    world.settle();
    must<engine::Nothing>(anna, engine::RefuseJoin{group, account_of(clara)});
    world.pass(minutes(2));  // the call of the examples is over
    const auto call = must<engine::GroupCallTaken>(boris, engine::StartGroupCall{group}).call.call;
    world.pass(seconds(2));
    must<engine::Nothing>(boris, engine::EndCall{call});
    world.settle();
    must<engine::Nothing>(boris, engine::LeaveGroup{group});
    world.settle();
    must<engine::Nothing>(boris, engine::DeleteChat{group});
    world.settle();
  }
  void link_a_device() {
    const auto offered = must<engine::LinkingOffered>(anna, engine::StartLinking{});
    const auto id = tablet.give(engine::LinkDevice{"Tablet", offered.link, offered.code, offered.home_link});
    const auto asks = [](const engine::Notice& each) { return std::holds_alternative<engine::DeviceAsks>(each); };
    EXPECT_TRUE(world.run_until([&] { return std::ranges::any_of(anna.notices, asks); }));
    must<engine::Nothing>(anna, engine::ConfirmLinking{true});
    EXPECT_TRUE(world.run_until([&] { return tablet.answer(id) != nullptr; }));
    const auto told = [](const engine::Notice& each) {
      return std::holds_alternative<engine::ContactDevicesChanged>(each);
    };
    EXPECT_TRUE(world.run_until([&] { return std::ranges::any_of(boris.notices, told); }));
  }
  // Notes the names of the notices that this person was told.
  static void check_notices(const Description& description, const Person& person, std::set<std::string>& seen) {
    for (const engine::Notice& notice : person.notices) {
      const std::string line = api::RpcPeer().tell(notice);
      if (line.empty()) continue;  // an answer
      const json parsed = json::parse(line);
      seen.insert(parsed["method"]);
      for (const auto& each : description.notices()) {
        if (each["name"] != parsed["method"]) continue;
        EXPECT_EQ(description.misfit_of_fields(parsed["params"], each["params"]), "") << line;
      }
    }
  }

  World world;
  Person& anna = world.add();
  Person& boris = world.add();
  Person& clara = world.add();
  Person& newcomer = world.add();
  Person& tablet = world.add();
  engine::ChatId two;  ///< of Anna and Boris

 private:
  std::vector<std::pair<std::string, std::string>> real_;
};

TEST_F(Examples, each_is_carried_out_and_answered_as_described) { carry_out_all(); }

// Notices that the examples do not lead to, and why. What is told by an example has to go from here.
constexpr std::pair<std::string_view, std::string_view> kNotSeen[] = {
    {"trouble", "nothing goes wrong here"},
    {"web_push_ended", "a push service has to forget a device for it: web_push_test.cc"},
    {"log_moved", "a home has to be lost for it, for days: log_move_test.cc"},
    {"import_progress", "the program around an engine tells it: history_test.py"},
    {"archive_progress", "the program around an engine tells it: history_test.py"},
    {"unlocked", "godwit web tells it: web_test.py"},
    {"calls_elsewhere", "another own device has to be in a call for it: call_test.cc"},
};

TEST_F(Examples, every_notice_is_told_in_the_described_form) {
  const Description description;
  carry_out_all();
  let_a_group_come_and_go();
  link_a_device();
  must<engine::RequestSent>(
      newcomer, engine::SendContactRequest{must<engine::InviteMade>(anna, engine::MakeOpenInvite{1, 30}).link, ""});
  world.settle();
  std::set<std::string> seen;
  for (const Person* each : {&anna, &boris, &clara, &newcomer, &tablet}) check_notices(description, *each, seen);
  std::set<std::string> left_out;
  for (const auto& [name, why] : kNotSeen) left_out.emplace(name);
  for (const auto& each : description.notices()) {
    const std::string name = each["name"];
    EXPECT_NE(seen.contains(name), left_out.contains(name))
        << name << (seen.contains(name) ? " is told: it goes from kNotSeen" : " is told by no example");
    left_out.erase(name);
  }
  EXPECT_TRUE(left_out.empty()) << *left_out.begin() << " is no notice";
}

}  // namespace
}  // namespace godwit::testworld
