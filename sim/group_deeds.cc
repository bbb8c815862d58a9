// What takes longer than the moment in which it is done: files, messages for later, messages that disappear; and blocking, which
// changes nothing in a group.

#include <algorithm>

#include "sim/group_world.h"

namespace godwit::sim {
namespace {

constexpr uint32_t kTimerMax = 600;  // seconds

}  // namespace

void GroupWorld::say_otherwise(size_t device) {
  const std::string tag = devices_[device]->name() + " says " + std::to_string(++said_);
  switch (random_.below(8)) {
    case 0:
    case 1: {
      engine::SendMessage message{group_, tag + " to you", one_in(3) ? some_message() : std::nullopt};
      const auto length = static_cast<uint32_t>(tag.size());
      message.spans.push_back({0, length, one_in(2) ? engine::SpanStyle::kBold : engine::SpanStyle::kSpoiler, {}});
      if (one_in(2))
        message.spans.push_back({1, 2, engine::SpanStyle::kLink, "https://example.org/" + std::to_string(said_)});
      message.mentions.push_back({length + 1, 6, some_member()});
      return give(device, std::move(message), "names somebody");
    }
    case 2:
    case 3:
      return send_file(device);
    case 4:
      return get_file(device);
    case 5:
      return say_later(device);
    case 6: {
      static constexpr uint32_t kTimers[] = {0, 5, 60, kTimerMax};
      return give(device, engine::SetDisappearing{group_, kTimers[random_.below(4)]}, "sets a short timer");
    }
    default: {
      const engine::AccountId account = some_member();
      if (one_in(2)) return give(device, engine::BlockAccount{account}, "blocks");
      return give(device, engine::UnblockAccount{account}, "does not block any more");
    }
  }
}

void GroupWorld::send_file(size_t device) {
  const std::string name = "file " + std::to_string(++said_);
  ClientParty& party = *devices_[device];
  log(party.name() + " sends " + name);
  if (lost_people_.contains(views_[device].person)) files_of_lost_.insert(name);
  party.command(engine::SendFile{group_, name, name, "text/plain", one_in(2) ? "under " + name : ""},
                [this, &party, name](const Result<engine::Answer>& answer) {
                  if (!answer) return log(party.name() + " sends " + name + ": " + answer.error().code.name);
                  files_.insert(std::get<engine::MessageQueued>(*answer).message.id);
                });
}

/// His account goes to another home, where it may be already.
void GroupWorld::move_home(size_t device) {
  ClientParty& party = *devices_[device];
  // Those who will be lost stay where they are, and nobody goes there.
  if (lost_people_.contains(views_[device].person)) return;
  const size_t home = random_.below(homes_.size() - (loses_home_ ? 1 : 0));
  if (!party.alive()) return;
  log(party.name() + " moves to home " + std::to_string(home));
  party.command(engine::MoveAccount{home_link(home)}, [this, &party](const Result<engine::Answer>& answer) {
    if (answer) ++counted_.moves;
    log(party.name() + (answer ? " has moved" : std::string(" does not move: ") + answer.error().code.name));
  });
}

/// Another name, which all members see; or how the group stands in the own list, which only the own devices see.
void GroupWorld::change_oneself(size_t device) {
  if (one_in(2)) return give(device, engine::RenameAccount{"name " + std::to_string(++said_)}, "takes another name");
  engine::SetChat settings{group_};
  settings.pinned = one_in(2);
  settings.archived = one_in(2);
  settings.draft = one_in(2) ? "draft " + std::to_string(++said_) : "";
  give(device, std::move(settings), "sorts the group");
}

/// Some file, by somebody who may not have heard of it.
void GroupWorld::get_file(size_t device) {
  if (files_.empty()) return;
  auto at = files_.begin();
  std::advance(at, random_.below(files_.size()));
  give(device, engine::GetFile{group_, *at, "in passing " + std::to_string(++said_)}, "fetches a file");
}

/// Once, by the device that wrote it, however often it dies; sometimes it is thought better of.
void GroupWorld::say_later(size_t device) {
  const Instant at = clock_.now() + milliseconds(static_cast<int64_t>(1'000 + random_.below(900'000)));
  const bool withdraw = one_in(4);
  ClientParty& party = *devices_[device];
  log(party.name() + " says something later");
  party.command(engine::ScheduleMessage{group_, at, party.name() + " says later " + std::to_string(++said_)},
                [this, device, withdraw](const Result<engine::Answer>& answer) {
                  if (!answer) return;
                  ++counted_.said_later;
                  const uint64_t number = std::get<engine::ScheduledQueued>(*answer).number;
                  if (withdraw) give(device, engine::CancelScheduled{group_, number}, "rather does not");
                });
}

/// Everybody reads all there is, so the time of all that disappears runs, and then it is over.
void GroupWorld::let_disappear() {
  for (size_t i = 0; i < devices_.size() && !failed(); ++i) {
    const auto answer = ask(i, engine::ReadHistory{group_, std::nullopt, 1});
    if (!answer || !*answer) continue;
    engine::Position last;
    if (const auto chats = ask(i, engine::ListChats{}); chats && *chats) {
      for (const auto& chat : std::get<engine::Chats>(**chats).chats) {
        if (chat.chat == group_) last = chat.last;
      }
    }
    ask(i, engine::MarkRead{group_, last});
  }
  pass(hours(2));
  if (!failed()) settle();
}

/// What had to disappear has, on everybody's device; and the files that are left can be fetched, whole.
void GroupWorld::check_deeds() {
  for (size_t i = 0; i < devices_.size() && !failed(); ++i) {
    if (!views_[i].member || is_apart(i) || is_unaware(i)) continue;
    std::map<engine::MessageId, std::string> files;
    std::set<engine::MessageId> there;
    std::optional<engine::Position> before;
    for (;;) {
      const auto answer = ask(i, engine::ReadHistory{group_, before, 200});
      if (!answer || !*answer) break;
      const auto& page = std::get<engine::Messages>(**answer).messages;
      for (const auto& message : page) {
        there.insert(message.id);
        // The files of those whose home is lost are lost with it, also where others have forwarded them.
        const auto author = by_account_.find(message.author);
        if (author != by_account_.end() && lost_people_.contains(author->second)) continue;
        if (message.file && files_of_lost_.contains(message.file->name)) continue;
        if (message.file && chronicle_.said().contains(message.id)) files[message.id] = message.file->name;
        if (message.expire_seconds == 0 || message.deleted) continue;
        // What never went out has no time that could run.
        const bool out = !message.own || (message.delivery != engine::Delivery::kQueued &&
                                          message.delivery != engine::Delivery::kFailed);
        if (out) fail(devices_[i]->name() + " still shows what had to disappear: " + name_of(message.id));
      }
      if (page.size() < 200) break;
      before = page.front().position;
    }
    for (const auto& [id, one] : chronicle_.said()) {
      if (!one.target && one.expires && has_been_in(i, one.epoch) && !there.contains(id)) ++counted_.disappeared;
    }
    if (devices_.size() > 12 && !one_in(6)) continue;
    for (const auto& [id, name] : files) {
      if (!failed() && (devices_.size() <= 12 || one_in(3))) check_file(i, id, name);
    }
  }
}

void GroupWorld::check_file(size_t device, const engine::MessageId& message, const std::string& name) {
  ClientParty& party = *devices_[device];
  const std::string place = "in the end " + name;
  const auto answer = ask(device, engine::GetFile{group_, message, place});
  if (!answer || !*answer) {
    return static_cast<void>(fail(party.name() + " does not get " + name + ": " +
                                  (answer ? answer->error().code.name : "no answer") + ", " + name_of(message)));
  }
  const auto found = party.files().find(place);
  if (found == party.files().end() || found->second != ClientParty::file_of(name))
    return static_cast<void>(fail(party.name() + " gets something else for " + name));
  ++counted_.files;
}

}  // namespace godwit::sim
