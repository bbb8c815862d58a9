// What must hold of a group in the end: all who are in agree on who is in and as what; what was said is with everybody who was there,
// once, in one order, with the same done to it; nobody has what was said before he came; nothing waits for keys.

#include <algorithm>

#include "engine/record_key.h"
#include "sim/group_world.h"

namespace godwit::sim {
namespace {

constexpr uint32_t kPage = 200;

std::string hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes.first(std::min<size_t>(bytes.size(), 4))) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

/// Everything about a message on which all devices have to agree, for people to read.
std::string state_of(const engine::Message& message) {
  std::string out = std::to_string(static_cast<int>(message.kind)) + " by " + hex(message.author.view());
  if (message.deleted) {
    return out + ", taken back by " + hex(message.deleted->by.view()) +
           (message.deleted->by_admin ? " as an admin" : "");
  }
  out += ": " + message.text.substr(0, 60) + " (" + std::to_string(message.text.size()) + ")";
  if (message.edits > 0) out += ", edits " + std::to_string(message.edits);
  if (message.reply_to) out += ", to " + hex(message.reply_to->view());
  if (message.forwarded) out += ", forwarded";
  for (const auto& each : message.spans) {
    out += ", span " + std::to_string(each.start) + "+" + std::to_string(each.length) + " " +
           std::to_string(static_cast<int>(each.style)) + each.link;
  }
  for (const auto& each : message.mentions) {
    out +=
        ", names " + hex(each.account.view()) + " at " + std::to_string(each.start) + "+" + std::to_string(each.length);
  }
  if (message.file) out += ", file " + message.file->name + " of " + std::to_string(message.file->size);
  if (message.pinned) out += ", pinned";
  std::vector<std::string> reactions;
  for (const auto& each : message.reactions) {
    std::vector<std::string> by;
    for (const auto& account : each.accounts) by.push_back(hex(account.view()));
    std::ranges::sort(by);
    std::string all = each.reaction + " " + std::to_string(each.count);
    for (const std::string& one : by) all += " " + one;
    reactions.push_back(all);
  }
  std::ranges::sort(reactions);
  for (const std::string& each : reactions) out += ", " + each;
  if (message.poll) {
    out += ", " + message.poll->question + (message.poll->closed ? " closed" : " open");
    for (const auto& option : message.poll->options) out += " " + std::to_string(option.votes);
    out += " of " + std::to_string(message.poll->voters);
  }
  if (message.location) out += ", " + message.location->name;
  if (message.contact) out += ", " + message.contact->name;
  if (message.disappear_seconds) out += ", timer " + std::to_string(*message.disappear_seconds);
  return out;
}

/// How many records of this kind a device has of the group.
size_t count_records(ClientParty& party, engine::RecordKind kind, const engine::ChatId& group) {
  const Bytes prefix = engine::record_key(kind, group.view());
  size_t count = 0;
  const auto& records = party.disk().records();
  for (auto at = records.lower_bound(prefix); at != records.end(); ++at) {
    if (at->first.size() < prefix.size() || !equal(ByteView(at->first).first(prefix.size()), prefix)) break;
    ++count;
  }
  return count;
}

}  // namespace

bool GroupWorld::all_idle() {
  if (!all_alive()) return false;
  for (size_t i = 0; i < devices_.size(); ++i) {
    if (!is_apart(i) && !views_[i].may_go && !devices_[i]->idle()) return false;
  }
  return true;
}

/// Fair weather, nobody dies any more: what was promised has to come true now.
void GroupWorld::settle() {
  faults_ = false;
  downtime_max_ = seconds(5);
  network_.set_weather(Weather{});
  for (auto& device : devices_) network_.cut_off(*device, CutOff::kNot);
  // Once more from what the disks hold.
  if (one_in(2)) {
    for (auto& home : homes_) home->crash();
    for (auto& device : devices_) device->crash();  // those that are lost have died before
  }
  pass(minutes(30));
  // What others say to those who are lost, in chats of two, waits for a month.
  if (loses_home_) return pass(hours(3));
  for (int quiet = 0; quiet < 3 && !failed();) {
    if (!run_until([this] { return all_idle(); }, hours(3))) {
      std::string who;
      for (size_t i = 0; i < devices_.size(); ++i) {
        who += is_apart(i) || views_[i].may_go || devices_[i]->idle() ? "" : " " + devices_[i]->name();
      }
      if (!failed()) fail("they never come to rest:" + who);
      return;
    }
    pass(seconds(70));  // what was on its way to somebody arrives and is answered
    quiet = all_idle() ? quiet + 1 : 0;
  }
  log("all is quiet");
}

/// Nobody's chat is stuck: whoever may speak does, and it has to be heard.
void GroupWorld::call_the_roll() {
  if (const auto owner = somebody(engine::Role::kOwner)) {
    ask(*owner, engine::SetGroupSettings{group_, false, 0U, {}});
    ask(*owner, engine::SetDisappearing{group_, 0});
  }
  pass(minutes(3));
  for (size_t i = 0; i < devices_.size() && !failed(); ++i) {
    if (is_apart(i) || !views_[i].member || (devices_.size() > 12 && !one_in(4))) continue;
    give(i, engine::SendText{group_, devices_[i]->name() + " is here"}, "is here");
    ++here_;
  }
}

std::string GroupWorld::name_of(const engine::MessageId& message) const {
  const auto found = chronicle_.said().find(message);
  if (found == chronicle_.said().end()) return "message " + hex(message.view());
  const Utterance& one = found->second;
  std::string out = "message " + hex(message.view()) + " of " + devices_[one.device]->name() + " \"" +
                    one.text.substr(0, 30) + "\", said at epoch " + std::to_string(one.epoch) + ", encrypted at";
  for (const uint64_t each : one.encrypted) out += " " + std::to_string(each);
  return out + (one.done ? ", done by " + std::to_string(*one.done) : ", not done");
}

bool GroupWorld::has_been_in(size_t device, uint64_t epoch) const {
  const View& view = views_[device];
  return view.member && view.since <= epoch &&
         chronicle_.in_throughout(people_[view.person].account, epoch, chronicle_.newest());
}

void GroupWorld::check() {
  chronicle_.settle();
  check_members();
  if (!failed()) check_own_devices();
  std::map<size_t, Holding> all;
  for (size_t i = 0; i < devices_.size() && !failed(); ++i) {
    if (is_apart(i)) continue;
    auto holding = read(i);
    if (!holding) continue;
    check_held(i, *holding);
    if (!failed()) check_missing(i, *holding);
    if (!failed() && views_[i].member && !is_unaware(i)) check_left_over(i);
    all.emplace(i, std::move(*holding));
  }
  if (!failed()) check_same(all);
  for (const auto& [id, one] : chronicle_.said()) {
    if (one.target && chronicle_.is_unsettled(*one.target)) ++counted_.unsettled;
  }
}

void GroupWorld::check_members() {
  const uint64_t newest = chronicle_.newest();
  const EpochSeen* now = chronicle_.epoch(newest);
  if (now == nullptr) return static_cast<void>(fail("nobody is in the group"));
  std::optional<std::string> first;
  for (size_t i = 0; i < devices_.size() && !failed(); ++i) {
    const View& view = views_[i];
    if (is_apart(i) || is_unaware(i)) continue;
    const bool is_in = now->roles.contains(people_[view.person].account);
    if (view.member != is_in) {
      return static_cast<void>(fail(devices_[i]->name() +
                                    (is_in ? " does not know that it is in" : " does not know that it is out") +
                                    ": epoch " + std::to_string(view.epoch) + " of " + std::to_string(newest)));
    }
    if (!is_in) continue;
    if (view.epoch != newest) {
      return static_cast<void>(
          fail(devices_[i]->name() + " is in epoch " + std::to_string(view.epoch) + " of " + std::to_string(newest)));
    }
    const auto chats = ask(i, engine::ListChats{});
    const auto members = ask(i, engine::ListMembers{group_});
    if (!chats || !*chats || !members || !*members)
      return static_cast<void>(fail(devices_[i]->name() + " does not answer"));
    std::string seen;
    for (const auto& chat : std::get<engine::Chats>(**chats).chats) {
      if (chat.chat != group_) continue;
      seen = chat.name + ", " + (chronicle_.is_timer_unsettled() ? "" : std::to_string(chat.disappear_seconds));
    }
    const auto& shown = std::get<engine::Members>(**members);
    seen += shown.join_by_approval ? ", by approval" : "";
    for (const auto& each : shown.members) {
      seen += "; " + hex(each.account.view()) + " " + each.name + " " + std::to_string(static_cast<int>(each.role)) +
              " " + std::to_string(each.devices);
      const auto& own = people_[by_account_.at(each.account)].devices;
      const auto count = std::ranges::count_if(own, [&](size_t device) { return !is_apart(device); });
      if (!loses_home_ && each.devices != static_cast<uint32_t>(count))
        fail(each.name + " has " + std::to_string(each.devices) + " devices in the group and not " +
             std::to_string(count));
    }
    if (!first) first = seen;
    if (seen != *first) fail(devices_[i]->name() + " sees another group: " + seen + " for " + *first);
  }
}

/// Devices of one account show the group in the same way.
void GroupWorld::check_own_devices() {
  for (const Person& person : people_) {
    std::optional<std::string> first;
    for (const size_t device : person.devices) {
      if (person.devices.size() < 2 || is_apart(device) || failed()) continue;
      const auto chats = ask(device, engine::ListChats{});
      if (!chats || !*chats) continue;
      std::string seen;
      for (const auto& chat : std::get<engine::Chats>(**chats).chats) {
        if (chat.chat != group_) continue;
        seen = std::string(chat.settings.pinned ? "pinned" : "") + (chat.settings.archived ? " archived " : " ") +
               chat.settings.draft;
      }
      if (seen.empty()) continue;  // it never came to this device
      if (!first) first = seen;
      if (seen != *first) fail(devices_[device]->name() + " shows the group otherwise: " + seen + " for " + *first);
    }
  }
}

/// What waits in it to be said in the group, and by which of those who are numbered it has not been taken.
std::string GroupWorld::outbox_of(ClientParty& party) const {
  std::string out;
  for (const auto& [key, sealed] : party.disk().records()) {
    const Bytes prefix = engine::record_key(engine::RecordKind::kOutbox, group_.view());
    if (key.size() < prefix.size() || !equal(ByteView(key).first(prefix.size()), prefix)) continue;
    const auto plain = engine::open_record(party.storage_key(), key, sealed);
    const auto item =
        plain ? codec::decoded<engine::OutboxRecord>(plain->reveal()) : Result<engine::OutboxRecord>(plain.error());
    if (!item) continue;
    out += ", kind " + std::to_string(static_cast<int>(item->kind)) + " for";
    for (const uint32_t who : item->recipients.numbers()) out += " " + std::to_string(who);
  }
  return out;
}

/// Nothing waits for keys, to be said, to be asked for or to be committed.
void GroupWorld::check_left_over(size_t device) {
  static constexpr std::pair<engine::RecordKind, const char*> kKinds[] = {
      {engine::RecordKind::kPending, "messages of epochs that it has not reached"},
      {engine::RecordKind::kOutbox, "messages that have not gone out"},
      {engine::RecordKind::kStaged, "a commit that the log has not taken"},
      {engine::RecordKind::kReturn, "a way back"},
      {engine::RecordKind::kUpload, "files that have not gone out"},
      {engine::RecordKind::kScheduled, "messages whose time has come"},
  };
  ClientParty& party = *devices_[device];
  for (const auto& [kind, what] : kKinds) {
    const size_t count = count_records(party, kind, group_);
    const bool waits = kind == engine::RecordKind::kOutbox;
    if (count > 0) {
      fail(party.name() + " still has " + what + ": " + std::to_string(count) + (waits ? outbox_of(party) : ""));
    }
  }
  const Bytes key = engine::record_key(engine::RecordKind::kChat, group_.view());
  const auto stored = party.disk().records().find(key);
  if (stored == party.disk().records().end())
    return static_cast<void>(fail(party.name() + " has no record of the group"));
  const auto plain = engine::open_record(party.storage_key(), key, stored->second);
  const auto chat =
      plain ? codec::decoded<engine::ChatRecord>(plain->reveal()) : Result<engine::ChatRecord>(plain.error());
  if (!chat) return static_cast<void>(fail(party.name() + " has a record of the group that does not open"));
  for (const auto& owed : chat->owed) {
    // Receipts for somebody who has gone harm nobody.
    if (!owed.empty() && chronicle_.epoch(chronicle_.newest())->roles.contains(owed.account))
      fail(party.name() + " owes " + std::to_string(owed.ask.size()) + " askings and " +
           std::to_string(owed.resend.size()) + " repetitions");
  }
}

/// Nobody has said a line: each device makes it, and all who have it have it at the same place.
void GroupWorld::check_line(size_t device, const engine::Message& message, std::set<engine::MessageId>& seen) {
  const engine::LineInfo& line = *message.line;
  std::string state = std::to_string(message.clock) + (line.account ? " about " + hex(line.account->view()) : "");
  if (line.what == engine::LineKind::kLogMoved) state = "the log has moved";  // each hears of it at a place of its own
  if (!seen.insert(message.id).second) fail(devices_[device]->name() + " has a line twice: " + state);
  const auto [at, fresh] = lines_.emplace(message.id, state);
  if (!fresh && at->second != state)
    fail(devices_[device]->name() + " has a line at another place: " + state + " for " + at->second);
}

/// What a device has of the group; none: it never was in.
std::optional<GroupWorld::Holding> GroupWorld::read(size_t device) {
  Holding out;
  std::optional<engine::Position> before;
  std::vector<std::pair<uint64_t, engine::MessageId>> order;
  std::set<engine::MessageId> lines;
  while (!failed()) {
    const auto answer = ask(device, engine::ReadHistory{group_, before, kPage});
    if (!answer || !*answer) return std::nullopt;
    const auto& page = std::get<engine::Messages>(**answer).messages;
    std::vector<std::pair<uint64_t, engine::MessageId>> places;
    for (const auto& message : page) {
      places.emplace_back(message.clock, message.id);
      if (message.line) {
        check_line(device, message, lines);
        continue;
      }
      Held held{state_of(message), message.clock, 0, message.own ? message.delivery : engine::Delivery::kRead,
                message.deleted.has_value()};
      if (!out.emplace(message.id, std::move(held)).second)
        fail(devices_[device]->name() + " has twice: " + name_of(message.id));
    }
    order.insert(order.begin(), places.begin(), places.end());
    if (page.size() < kPage) break;
    before = page.front().position;
  }
  if (!std::ranges::is_sorted(order)) fail(devices_[device]->name() + " does not show what was said in its order");
  return out;
}

/// What it has it may have.
void GroupWorld::check_held(size_t device, const Holding& holding) {
  const engine::AccountId& account = people_[views_[device].person].account;
  for (const auto& [id, held] : holding) {
    const auto found = chronicle_.said().find(id);
    // A file that was not at its home yet when its sender went, or took it back, and what somebody says who is alone: nobody else
    // has heard of it.
    const bool unsaid = held.delivery == engine::Delivery::kFailed || held.deleted || chronicle_.was_alone(account);
    if (found == chronicle_.said().end() && unsaid) continue;
    if (found == chronicle_.said().end())
      return static_cast<void>(fail(devices_[device]->name() + " has what nobody has said: " + held.state));
    const Utterance& one = found->second;
    if (one.author == account) continue;
    if (!one.parted && !one.to.contains(account))
      return static_cast<void>(fail(devices_[device]->name() + " has what was not for it: " + name_of(id)));
    if (!one.parted && chronicle_.must_not_be_seen(one))
      return static_cast<void>(
          fail(devices_[device]->name() + " shows what its author had no right to say: " + name_of(id)));
  }
}

/// It has what it must have.
void GroupWorld::check_missing(size_t device, const Holding& holding) {
  const engine::AccountId& account = people_[views_[device].person].account;
  for (const auto& [id, one] : chronicle_.said()) {
    if (one.target || one.expires || chronicle_.is_taken_back(id)) continue;
    const auto found = holding.find(id);
    const bool here = found != holding.end();
    if (one.device == device && !here)
      return static_cast<void>(fail(devices_[device]->name() + " has lost what it said: " + name_of(id)));
    if (!chronicle_.must_be_seen(one) || !has_been_in(device, one.epoch)) continue;
    if (one.author != account && !one.to.contains(account)) continue;
    if (!here && chronicle_.may_come_too_late(one)) {
      ++counted_.too_late;
      continue;
    }
    if (!here) return static_cast<void>(fail(devices_[device]->name() + " never heard: " + name_of(id)));
    ++counted_.pairs;
    if (one.device == device && !found->second.deleted &&
        (found->second.delivery < engine::Delivery::kSent || found->second.delivery > engine::Delivery::kRead)) {
      return static_cast<void>(fail(devices_[device]->name() + " does not know that it was sent: " + name_of(id)));
    }
  }
}

/// Whoever was there for all that was done to a message has the same of it.
void GroupWorld::check_same(const std::map<size_t, Holding>& all) {
  for (const auto& [id, one] : chronicle_.said()) {
    if (one.target || chronicle_.is_unsettled(id)) continue;
    // Of what one of two devices had written for later each has the copy that came first, or that it failed to say itself.
    const bool later = one.text.find(" says later ") != std::string::npos;
    if (later && people_[by_account_.at(one.author)].devices.size() > 1) continue;
    std::optional<size_t> first;
    for (const auto& [device, holding] : all) {
      const auto held = holding.find(id);
      if (held == holding.end() || !has_been_in(device, one.epoch)) continue;
      if (!first) {
        first = device;
        continue;
      }
      const Held& other = all.at(*first).at(id);
      ++counted_.compared;
      if (held->second.state == other.state && held->second.clock == other.clock) continue;
      std::string done;
      for (const auto& [each, deed] : chronicle_.said()) {
        if (deed.target == id)
          done += "\n  done to it: " + std::to_string(static_cast<int>(deed.kind)) + ", " + name_of(each);
      }
      return static_cast<void>(fail(name_of(id) + "\n  " + devices_[device]->name() + " has " + held->second.state +
                                    " at " + std::to_string(held->second.clock) + "\n  " + devices_[*first]->name() +
                                    " has " + other.state + " at " + std::to_string(other.clock) + done));
    }
  }
}

}  // namespace godwit::sim
