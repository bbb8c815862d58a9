#pragma once
// Two people in one chat, as the engine holds it: made once, copied for each input.

#include "crypto/random_sources.h"
#include "crypto/sealed_item.h"
#include "engine/account.h"
#include "engine/members.h"
#include "engine/recovery_key.h"

namespace godwit::fuzz {

/// A profile with an account, without a home.
inline void make_account(engine::Machine& m, const std::string& name) {
  const auto recovery = crypto::Ed25519KeyPair::generate(m.random);
  engine::AccountRecord record;
  auto device = crypto::Ed25519KeyPair::generate(m.random);
  record.account = engine::account_of(recovery.public_key);
  record.name = name;
  record.devices = engine::DeviceList::create(recovery, device.public_key).entries();
  record.device_seed.value = std::move(device.seed);
  record.home.routes = {"wss://home.example/ws"};
  record.opened = true;
  auto self = engine::restore_account(std::move(record));
  ASSERT(self.has_value());
  m.self = std::move(*self);
  m.loaded = true;
}

/// Alice's engine with a chat, and the group as Bob has it.
struct Pair {
  explicit Pair(Random& random)
      : alice(crypto::Secret<32>{}, engine::Options{}, random), bob(crypto::Secret<32>{}, engine::Options{}, random) {
    make_account(alice, "Alice");
    make_account(bob, "Bob");
    const wire::Alias own{{1}};
    const wire::Alias peer{{2}};
    const auto package =
        mls::KeyPackagePrivate::generate(mls::suite_xwing(), engine::own_leaf(alice, own), days(90), random, Instant{});
    auto first = mls::Group::create(mls::suite_xwing(), {Bytes(16, 9), engine::own_leaf(bob, peer), {}}, random, {});
    ASSERT(first.has_value());
    mls::CommitRequest request;
    auto added = mls::KeyPackage::parse(mls::suite_xwing(), package.encode_message(), Instant{});
    ASSERT(added.has_value());
    request.add.push_back(std::move(*added));
    auto staged = first->stage_commit(request, random, {});
    ASSERT(staged.has_value());
    engine::Chat chat;
    auto joined = mls::Group::join(mls::suites_default(), *staged->welcome, package, std::nullopt, Instant{});
    ASSERT(joined.has_value());
    chat.group = std::move(*joined);
    chat.record.chat.value.fill(9);
    chat.record.inviter = chat.record.ready = chat.record.log_ready = chat.record.address_ready = true;
    chat.record.own_alias = own;
    chat.record.peer = bob.self->record.account;
    chat.record.log.home = bob.self->record.home;
    auto keys = engine::derive_chat_keys(*chat.group);
    ASSERT(keys.has_value());
    chat.record.keys = std::move(*keys);
    engine::sync_members(alice, chat);
    alice.chat_of_alias[own] = chat.record.chat;
    alice.chats.insert_or_assign(chat.record.chat, std::move(chat));
    group_of_bob = std::make_unique<mls::Group>(std::move(staged->successor));
  }

  engine::Machine alice;
  engine::Machine bob;
  std::unique_ptr<mls::Group> group_of_bob;
};

}  // namespace godwit::fuzz
