#include "sim/chronicle.h"

#include <algorithm>
#include <utility>

#include "engine/chat.h"
#include "engine/chat_people.h"
#include "engine/content_bodies.h"
#include "engine/record_key.h"

namespace godwit::sim {
namespace {

bool starts_with(ByteView bytes, ByteView prefix) {
  return bytes.size() >= prefix.size() && equal(bytes.first(prefix.size()), prefix);
}

/// True for what people say; the rest of it is done to messages.
bool is_message(engine::ContentKind kind) {
  using enum engine::ContentKind;
  return kind == kText || kind == kFile || kind == kLocation || kind == kContact || kind == kPoll || kind == kSettings;
}

}  // namespace

bool Chronicle::see_epoch(uint64_t epoch, EpochSeen seen) {
  const auto [at, fresh] = epochs_.emplace(epoch, std::move(seen));
  return fresh || at->second == seen;
}

const EpochSeen* Chronicle::epoch(uint64_t epoch) const {
  const auto found = epochs_.find(epoch);
  return found == epochs_.end() ? nullptr : &found->second;
}

std::map<uint64_t, EpochSeen> Chronicle::part_at(uint64_t epoch, std::optional<uint64_t> before) {
  auto given_up = epochs_;
  const uint64_t common = std::min(epoch, before.value_or(epoch));
  if (!before) parted_.insert(epochs_.upper_bound(common), epochs_.end());
  epochs_.erase(epochs_.upper_bound(common), epochs_.end());
  part_said(common);
  epochs_.insert(parted_.upper_bound(common), parted_.upper_bound(epoch));
  return given_up;
}

std::map<uint64_t, EpochSeen> Chronicle::go_back(std::map<uint64_t, EpochSeen> way, uint64_t common) {
  part_said(common);
  return std::exchange(epochs_, std::move(way));
}

void Chronicle::part_said(uint64_t common) {
  for (auto& [id, one] : said_) {
    if (one.epoch <= common) continue;
    one.parted = true;
    one.epoch = common;
    std::erase_if(one.encrypted, [&](uint64_t each) { return each > common; });
    one.encrypted.insert(common);
  }
}

void Chronicle::see_stored(const Speaker& speaker, const std::vector<store::Change>& changes) {
  const Bytes prefix = engine::record_key(engine::RecordKind::kOutbox, chat_.view());
  for (const auto& [key, sealed] : changes) {
    if (!starts_with(key, prefix)) continue;
    if (!sealed) {
      const auto node = under_way_.extract({speaker.device, key});
      if (node.empty()) continue;
      Utterance& done = said_.at(node.mapped());
      just_done_[speaker.device].push_back(done.id);
      if (!done.done) done.done = newest();
      continue;
    }
    const auto plain = engine::open_record(*speaker.key, key, *sealed);
    if (!plain) continue;
    const auto item = codec::decoded<engine::OutboxRecord>(plain->reveal());
    if (item && item->kind == engine::OutboxRecord::Kind::kContent) see_item(speaker, key, *item);
  }
}

void Chronicle::see_item(const Speaker& speaker, const Bytes& key, const engine::OutboxRecord& item) {
  const auto content = codec::decoded<engine::Content>(item.content);
  if (!content) return;
  const auto target = engine::target_of(*content);
  if (!target && !is_message(content->kind)) return;
  const auto [at, fresh] = said_.try_emplace(item.id);
  Utterance& one = at->second;
  under_way_[{speaker.device, key}] = item.id;
  if (item.epoch != 0 || !item.payload.empty()) one.encrypted.insert(item.epoch);
  // Two devices may both say what one had written for later: the other one as the chat is by then.
  one.expires = one.expires || content->expire_seconds.value_or(0) != 0;
  const bool also = !fresh && speaker.account == one.author && speaker.device != one.device;
  if (fresh || also) {
    if (const EpochSeen* seen = epoch(speaker.epoch)) {
      for (const auto& [account, role] : seen->roles) one.to.insert(account);
    }
  }
  if (!fresh) return see_again(one, item.epoch);
  one.device = speaker.device;
  one.author = speaker.account;
  one.id = item.id;
  one.kind = content->kind;
  if (content->kind == engine::ContentKind::kText) one.text.assign(content->body.begin(), content->body.end());
  one.target = target;
  one.takes_back = content->kind == engine::ContentKind::kDelete;
  one.epoch = speaker.epoch;
  one.parted = speaker.off;
  one.cut_short = ended_.contains(speaker.device);
  if (!target) messages_.push_back(item.id);
}

// Who was out and is back says what waited to all who are there then.
void Chronicle::see_again(Utterance& one, uint64_t encrypted) {
  const EpochSeen* seen = encrypted > one.epoch ? epoch(encrypted) : nullptr;
  if (seen == nullptr || in_throughout(one.author, one.epoch, encrypted)) return;
  for (const auto& [account, role] : seen->roles) one.to.insert(account);
}

void Chronicle::cut_short(size_t device) {
  for (const auto& [of, id] : under_way_) {
    if (of.first == device) said_.at(id).cut_short = true;
  }
  for (const engine::MessageId& id : just_done_[device]) said_.at(id).cut_short = true;
}

bool Chronicle::in_throughout(const engine::AccountId& account, uint64_t first, uint64_t last) const {
  return std::all_of(epochs_.lower_bound(first), epochs_.upper_bound(last),
                     [&](const auto& each) { return each.second.roles.contains(account); });
}

bool Chronicle::was_alone(const engine::AccountId& account) const {
  return std::ranges::any_of(
      epochs_, [&](const auto& each) { return each.second.roles.size() == 1 && each.second.roles.contains(account); });
}

Chronicle::Right Chronicle::right_in(const Utterance& utterance, uint64_t number) const {
  const EpochSeen* seen = epoch(number);
  if (seen == nullptr) return Right::kPerhaps;
  const auto role = seen->roles.find(utterance.author);
  if (role == seen->roles.end()) return Right::kPerhaps;
  if (role->second >= engine::Role::kAdmin) return Right::kFull;
  const auto target = utterance.takes_back && utterance.target ? said_.find(*utterance.target) : said_.end();
  if (target != said_.end() && target->second.author != utterance.author) return Right::kNone;
  engine::GroupSettings settings;
  settings.announcement_only = seen->announcement_only;
  if (!engine::may_say(&settings, role->second, utterance.kind)) return Right::kNone;
  return seen->slow_mode ? Right::kPerhaps : Right::kFull;
}

bool Chronicle::must_be_seen(const Utterance& utterance) const {
  if (utterance.encrypted.empty() || utterance.cut_short) return false;
  if (!in_throughout(utterance.author, utterance.epoch, utterance.done.value_or(newest()))) return false;
  return std::ranges::all_of(utterance.encrypted,
                             [&](uint64_t each) { return right_in(utterance, each) == Right::kFull; });
}

bool Chronicle::must_not_be_seen(const Utterance& utterance) const {
  return !utterance.encrypted.empty() && std::ranges::all_of(utterance.encrypted, [&](uint64_t each) {
    return right_in(utterance, each) == Right::kNone;
  });
}

bool Chronicle::is_timer_unsettled() const {
  return std::ranges::any_of(said_, [&](const auto& entry) {
    return entry.second.kind == engine::ContentKind::kSettings && !must_be_seen(entry.second);
  });
}

bool Chronicle::may_come_too_late(const Utterance& utterance) const {
  return !in_throughout(utterance.author, utterance.epoch, newest()) && !utterance.encrypted.empty() &&
         *utterance.encrypted.begin() + engine::kPastEpochsMax < newest();
}

void Chronicle::settle() {
  for (auto& [id, one] : said_) {
    // Of an epoch of which the world had not heard yet when something was encrypted in it.
    for (const uint64_t encrypted : one.encrypted) see_again(one, encrypted);
  }
  for (const auto& [id, one] : said_) {
    if (!one.target) continue;
    if (!must_be_seen(one) || may_come_too_late(one)) unsettled_.insert(*one.target);
    if (one.takes_back) taken_back_.insert(*one.target);
  }
}

}  // namespace godwit::sim
