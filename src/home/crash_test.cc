// The power goes at every operation of a day in a home's life, at three points of each. The clients do what clients do: they
// repeat what they heard no answer to. At the end everything is there once.

#include <gtest/gtest.h>

#include <algorithm>
#include <concepts>

#include "crypto/proof_of_work.h"
#include "crypto/sealed_item.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Address;
using testing::Client;
using testing::Device;
using testing::hash_of;
using testing::House;
using testing::test_options;

// One person with two devices, whom a stranger writes to, and a group's log.
class Day {
 public:
  Day(store::StoreFaults faults, uint64_t seed) : house_(test_options(), seed) {
    phone_ = house_.new_device();
    tablet_ = house_.new_device(phone_.mailbox);
    code_ = house_.new_code();
    address_ = {house_.random_id<wire::Alias>(), house_.random_id<wire::Token>()};
    log_ = house_.random_id<wire::LogId>();
    house_.restart(test_options(), faults);
  }

  void live() {
    owner_does([&](Client& client) { return house_.open_request(client, phone_, code_); });
    owner_does(wire::DeviceAdd{tablet_.public_key()});
    owner_does(wire::AddressCreate{address_.alias, hash_of(address_.token), 0});
    owner_does(wire::KeyPackagePublish{address_.alias, {{1}, {2}, {3}}, {}});
    for (uint8_t i = 0; i < 3; ++i) {
      const auto reply = stranger_does(wire::KeyPackageTake{address_.alias, address_.token, wire::TakeId{{i}}});
      taken_.push_back(std::get<wire::KeyPackageTaken>(reply).package);
    }
    for (uint8_t i = 0; i < 3; ++i) {
      stranger_does(wire::Deliver{{address_.alias, address_.token, wire::DeliveryId{{i}}}, 86'400, {i}});
    }
    owner_does(wire::SelfDeliver{wire::DeliveryId{{9}}, 86'400, {9}});
    house_.advance(seconds(31));
    const uint64_t nonce = crypto::find_work(wire::kWorkLabel, log_.view(), 4);
    stranger_does(wire::LogOpen{log_, 1, hash_of(token(1)), hash_of(token(0)), {nonce}});
    for (uint8_t epoch = 1; epoch < 3; ++epoch) {
      stranger_does(wire::LogAppend{
          log_, epoch, 0, token(epoch), hash_of(token(static_cast<uint8_t>(epoch + 1))), hash_of(token(0)), {epoch}});
    }
    owner_does(wire::Acknowledge{{1}});
    if (house_.store().crashed()) revive();
    house_.advance(minutes(2));
    if (house_.store().crashed()) revive();
    house_.advance(minutes(2));
  }

  void check() {
    if (house_.store().crashed()) revive();
    owner_ = stranger_ = nullptr;
    house_.restart(test_options());
    house_.advance(minutes(2));
    EXPECT_EQ(taken_, (std::vector<Bytes>{{1}, {2}, {3}})) << "each package to one taker";
    const auto phone = fetch(phone_, 1);
    ASSERT_EQ(phone.size(), 2U) << "three came, one was acknowledged";
    EXPECT_EQ(phone[0], Bytes{1});
    EXPECT_EQ(phone[1], Bytes{2});
    auto tablet = fetch(tablet_);
    std::sort(tablet.begin(), tablet.end());
    EXPECT_EQ(tablet, (std::vector<Bytes>{{0}, {1}, {2}, {9}}));
    const auto log = stranger_does(wire::LogRead{log_, token(0), 1, 1000});
    EXPECT_EQ(std::get<wire::LogEntries>(log).entries.size(), 2U);
    Client& other = house_.connect();
    EXPECT_EQ(house_.code_of(other, house_.open_request(other, house_.new_device(), code_)),
              wire::kAdmissionRefused.number)
        << "the code was for one";
  }

  bool crashed() const { return crashed_; }

 private:
  static wire::Token token(uint8_t byte) { return wire::Token{{byte, 1}}; }

  void revive() {
    crashed_ = true;
    owner_ = stranger_ = nullptr;
    house_.restart(test_options());
  }
  // Sessions are kept while they live: handshakes are what these tests spend their time on.
  Client& stranger() {
    if (stranger_ == nullptr || stranger_->closed) stranger_ = &house_.connect();
    return *stranger_;
  }
  static bool answered(const wire::Reply& reply) {
    const auto* refused = std::get_if<wire::Refused>(&reply);
    return refused == nullptr || (refused->code != 1 && refused->code != wire::kUnavailable.number);
  }
  Client* owner() {
    if (owner_ != nullptr && !owner_->closed) return owner_;
    Client& client = house_.connect();
    if (!client.established) return nullptr;
    owner_ = house_.code_of(client, house_.prove_request(client, phone_)) == 0 ? &client : nullptr;
    return owner_;
  }
  // A request of the owner, repeated until it is answered; the session may be new each time.
  void owner_does(const wire::Request& request) {
    for (int attempt = 0; attempt < 4; ++attempt) {
      Client* client = owner();
      if (client != nullptr) {
        const auto reply = house_.ask(*client, request);
        if (answered(reply)) {
          EXPECT_TRUE(std::holds_alternative<wire::Done>(reply)) << request.index();
          return;
        }
      }
      if (house_.store().crashed()) revive();
    }
    ADD_FAILURE() << "never answered: " << request.index();
  }
  template <typename MakeRequest>
    requires std::invocable<MakeRequest, Client&>
  void owner_does(const MakeRequest& make) {
    for (int attempt = 0; attempt < 4; ++attempt) {
      Client& client = house_.connect();
      if (client.established && house_.code_of(client, make(client)) == 0) return;
      if (house_.store().crashed()) revive();
    }
    ADD_FAILURE() << "never opened";
  }
  wire::Reply stranger_does(const wire::Request& request) {
    for (int attempt = 0; attempt < 4; ++attempt) {
      Client& client = stranger();
      if (client.established) {
        const auto reply = house_.ask(client, request);
        if (answered(reply)) {
          EXPECT_FALSE(std::holds_alternative<wire::Refused>(reply)) << request.index();
          return reply;
        }
      }
      if (house_.store().crashed()) revive();
    }
    ADD_FAILURE() << "never answered: " << request.index();
    return wire::Done{};
  }
  std::vector<Bytes> fetch(const Device& device, uint64_t after = 0) {
    std::vector<Bytes> out;
    const auto reply = house_.ask(house_.prove(device), wire::Fetch{{after}, 100'000, false});
    for (const auto& item : std::get<wire::Items>(reply).items) {
      const auto opened = crypto::open_item(address_.token.view(), item.alias.view(), item.sealed);
      out.push_back(opened ? *opened : item.sealed);
    }
    return out;
  }

  House house_;
  Device phone_;
  Device tablet_;
  Bytes code_;
  Address address_;
  wire::LogId log_;
  std::vector<Bytes> taken_;
  Client* owner_ = nullptr;
  Client* stranger_ = nullptr;
  bool crashed_ = false;
};

void crash_everywhere(store::CrashPoint point) {
  uint64_t crash_at = 0;
  for (bool crashed = true; crashed; ++crash_at) {
    SCOPED_TRACE(crash_at);
    store::StoreFaults faults;
    faults.crash_at = crash_at;
    faults.crash_point = point;
    Day day(faults, 100 + crash_at);
    day.live();
    day.check();
    crashed = day.crashed();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(crash_at, 50U) << "a day has more operations than that";
}

TEST(Crash, before_any_operation_takes_effect) { crash_everywhere(store::CrashPoint::kBeforeApply); }
TEST(Crash, before_any_operation_is_on_the_disk) { crash_everywhere(store::CrashPoint::kBeforeSync); }
TEST(Crash, before_any_operation_is_answered) { crash_everywhere(store::CrashPoint::kBeforeAnswer); }

TEST(Crash, a_removal_cut_short_is_finished_later) {
  for (uint64_t crash_at = 0; crash_at < 30; ++crash_at) {
    SCOPED_TRACE(crash_at);
    House house(test_options(), crash_at);
    const Device phone = house.new_device();
    const Device tablet = house.new_device(phone.mailbox);
    Client& owner = house.open_mailbox(phone);
    ASSERT_EQ(house.code_of(owner, wire::DeviceAdd{tablet.public_key()}), 0);
    const Address address = house.new_address(owner);
    Client& sender = house.connect();
    ASSERT_EQ(house.code_of(sender, house.delivery(address, Bytes(100, 1))), 0);
    house.restart(test_options(), {.crash_at = crash_at, .crash_point = store::CrashPoint::kBeforeApply});
    Client& again = house.connect();
    if (again.established && house.code_of(again, house.prove_request(again, phone)) == 0) {
      house.ask(again, wire::MailboxDrop{});
    }
    const bool crashed = house.store().crashed();
    house.restart(test_options());
    for (int i = 0; i < 40; ++i) house.advance(minutes(1));
    Client& last = house.connect();
    const uint16_t code = house.code_of(last, house.prove_request(last, phone));
    if (code == 0) continue;  // it had not begun
    EXPECT_EQ(code, wire::kNoSuchMailbox.number);
    EXPECT_FALSE(house.disk().holds(phone.mailbox.view())) << "nothing of it is left";
    if (!crashed) break;
  }
}

}  // namespace
}  // namespace godwit::home
