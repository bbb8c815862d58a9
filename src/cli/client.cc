#include "cli/client.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/messages.h"
#include "cli/errors.h"
#include "engine/errors.h"
#include "store/errors.h"
#include "wire/errors.h"

namespace godwit::cli {

Client::Client(net::EventLoop& loop, Random& random, Profile profile, const Globals& globals, bool network,
               Signals signals)
    : loop_(loop),
      network_(network),
      profile_(std::move(profile)),
      host_(
          loop, profile_.records(), profile_.take_key(),
          HostOptions{network, seconds(globals.clock_offset_seconds), globals.dial, {}}, random,
          [this](const engine::Notice& notice) { take(notice); }, [this](Error error) { stopped_ = error; }),
      takes_signals_(signals == Signals::kTaken) {
  if (takes_signals_) {
    loop_.on_signal([this](net::Signal signal) {
      if (signal == net::Signal::kTerminate) interrupted_ = true;
    });
  }
  host_.start();
}

Client::~Client() {
  if (takes_signals_) loop_.on_signal(nullptr);
}

engine::CommandId Client::command(engine::Command command) {
  const engine::CommandId id = next_id_;
  next_id_.value += 1;
  host_.command(id, std::move(command));
  return id;
}

void Client::take(const engine::Notice& notice) {
  if (const auto* done = std::get_if<engine::CommandDone>(&notice)) {
    if (done->command == awaited_) answer_.emplace(done->answer);
  } else if (const auto* failed = std::get_if<engine::CommandFailed>(&notice)) {
    if (failed->command == awaited_) answer_.emplace(failed->error);
  } else if (const auto* changed = std::get_if<engine::ConnectionChanged>(&notice)) {
    connection_ = *changed;
    if (progress_ != nullptr) progress_->detail(print_connection(*changed));
  } else if (const auto* trouble = std::get_if<engine::Trouble>(&notice)) {
    // The engine goes on trying; a person who gave one command would rather know now.
    const bool of_disk = trouble->error.code == store::kDiskFull || trouble->error.code == store::kUnavailable;
    if (of_disk && !patient_) {
      stopped_ = trouble->error;
    } else {
      print_error(trouble->error);
    }
  }
  if (on_notice_) on_notice_(notice);
}

Status Client::wait_quietly(const std::function<bool()>& done, Duration limit) {
  const auto interrupted = [this] { return interrupted_ || (interrupt_ && interrupt_()); };
  const auto over = [&] { return done() || stopped_ || interrupted(); };
  if (!over()) loop_.run_until(over, limit);
  if (done()) return {};
  if (stopped_) return *stopped_;
  if (interrupted()) return Error{kInterrupted, "SIGINT or SIGTERM, or who asked is locked out"};
  return Error{kTimedOut, "the time given is over"};
}

Status Client::wait(const std::function<bool()>& done, const std::string& what, Duration limit) {
  Progress progress(loop_, what);
  progress_ = &progress;
  if (connection_) progress.detail(print_connection(*connection_));
  const Status waited = wait_quietly(done, limit);
  progress_ = nullptr;
  return waited;
}

Error Client::still_queued(const char* rule) const {
  const bool full = connection_ && (connection_->home_full || connection_->others_full);
  return full ? Error{wire::kHomeFull, "a home has room"} : Error{kStillQueued, rule};
}

Status Client::wait_idle(const std::string& what, Duration limit) {
  return wait([this] { return host_.idle(); }, what, limit);
}

Result<engine::Answer> Client::ask_any(engine::Command command, const char* what, Duration limit) {
  // What is answered at once would never see it.
  if (interrupt_ && interrupt_()) return Error{kInterrupted, "whoever gave commands is to end"};
  answer_.reset();
  awaited_ = next_id_;
  this->command(std::move(command));
  const Status waited = wait([this] { return answer_.has_value(); }, what, limit);
  awaited_ = {};
  if (!waited) return waited.error();
  Result<engine::Answer> answer = std::move(*answer_);
  answer_.reset();
  return answer;
}

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char each) { return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each; });
  return out;
}

Result<engine::ChatInfo> find_stored_chat(Client& client, std::string_view wanted) {
  const engine::Chats all = TRY(client.ask<engine::Chats>(engine::ListChats{true}));
  const std::string low = lower(wanted);
  const auto pick = [&](const auto& fits, bool left = false) -> Result<engine::ChatInfo> {
    const engine::ChatInfo* found = nullptr;
    // What was imported has the same name as the chat with that person, who is meant.
    for (const bool kept : {false, true}) {
      for (const engine::ChatInfo& each : all.chats) {
        if (found != nullptr && found->kept != kept) break;
        // Who was brought back by the recovery words has two chats, of which one reaches nobody: only its id means that.
        if (each.kept != kept || (each.came_back_in && !left) || !fits(each)) continue;
        // Other two with the same person: the list begins with the one where something was said last.
        const bool same = found != nullptr && !each.group && found->peer == each.peer;
        REQUIRE(found == nullptr || same, engine::kAmbiguousName, "more than one fits");
        if (found == nullptr) found = &each;
      }
    }
    REQUIRE(found != nullptr, engine::kNoSuchChat, "none fits");
    return *found;
  };
  const auto missing = [](const Result<engine::ChatInfo>& result) {
    return !result && result.error().code == engine::kNoSuchChat;
  };
  auto found = pick([&](const engine::ChatInfo& each) { return each.name == wanted; });
  if (missing(found)) found = pick([&](const engine::ChatInfo& each) { return lower(each.name) == low; });
  if (missing(found) && low.size() >= 4) {
    found = pick([&](const engine::ChatInfo& each) { return to_hex(each.chat.view()).starts_with(low); }, true);
  }
  return found;
}

}  // namespace

Result<engine::ChatInfo> find_chat(Client& client, std::string_view wanted) {
  auto found = find_stored_chat(client, wanted);
  if (!found && found.error().code == engine::kNoSuchChat && lower(wanted) == "saved") {
    return TRY(client.ask<engine::ChatMade>(engine::OpenSaved{})).chat;
  }
  if (found || found.error().code != engine::kNoSuchChat || !client.network()) return found;
  // Whoever took our invite may have written to the home since: what lies there is asked for first.
  const auto connected = [&] {
    return client.connection() && client.connection()->connection == engine::Connection::kConnected;
  };
  const Status waited = client.wait(connected, "looking for the chat at the home", seconds(5));
  if (!waited && waited.error().code != kTimedOut) return waited.error();
  const Instant give_up = client.loop().steady_now() + (waited ? milliseconds(1500) : milliseconds(0));
  while (!found && found.error().code == engine::kNoSuchChat && client.loop().steady_now() < give_up) {
    const Status slept = client.wait_quietly([] { return false; }, milliseconds(100));
    if (!slept && slept.error().code != kTimedOut) return slept.error();
    found = find_stored_chat(client, wanted);
  }
  return found;
}

Result<std::vector<engine::Message>> read_messages(Client& client, const engine::ChatId& chat, uint64_t count) {
  constexpr uint64_t kPage = 200;  // the engine answers less if it wants to
  std::vector<engine::Message> out;
  std::optional<engine::Position> before;
  while (out.size() < count) {
    const auto ask_for = static_cast<uint32_t>(std::min(count - out.size(), kPage));
    auto page = TRY(client.ask<engine::Messages>(engine::ReadHistory{chat, before, ask_for}));
    if (page.messages.empty()) break;
    before = page.messages.front().position;
    out.insert(out.begin(), std::make_move_iterator(page.messages.begin()),
               std::make_move_iterator(page.messages.end()));
  }
  return out;
}

namespace {

std::string_view print_carrier(routes::Carrier carrier) {
  switch (carrier) {
    case routes::Carrier::kWss:
      return "directly";
    case routes::Carrier::kBridge:
      return "through a bridge";
    case routes::Carrier::kObfs4:
      return "through obfs4";
    case routes::Carrier::kWebTunnel:
      return "through WebTunnel";
    case routes::Carrier::kSnowflake:
      return "through Snowflake";
    case routes::Carrier::kOnion:
      return "through Tor";
  }
  return "in another way";
}

std::string_view print_look(routes::LookKind look) {
  switch (look) {
    case routes::LookKind::kAsGiven:
      return "";
    case routes::LookKind::kAddress:
      return ", by its last good address";
    case routes::LookKind::kNameless:
      return ", showing no name";
    case routes::LookKind::kOtherName:
      return ", showing another name";
  }
  return "";
}

}  // namespace

namespace {

std::string print_nearby(uint32_t nearby) {
  if (nearby == 0) return {};
  return "; " + std::to_string(nearby) + (nearby == 1 ? " contact" : " contacts") + " nearby on the local network";
}

}  // namespace

std::string print_room(const engine::ConnectionChanged& connection) {
  if (connection.home_full) {
    return "your home has no room left (tell whoever runs it): what you write is kept here and sent when it has room";
  }
  if (connection.others_full)
    return "the home of somebody else has no room left: what goes there is kept here and sent when it has room";
  return {};
}

std::string print_new_device(const engine::ContactDevicesChanged& changed) {
  const std::string name = safe_line(changed.name);
  if (!changed.held) return name + " has a new device";
  return name + " has a new device, and nothing is sent to them: ask whether it is theirs, then `godwit verify " +
         name + " --devices`.";
}

std::string print_log_moved(const engine::LogMoved& moved) {
  return "The home that kept the order of changes is gone for " + to_hex(moved.chat.view()).substr(0, 8) +
         ": it goes on at " + safe_line(moved.host);
}

std::string print_connection(const engine::ConnectionChanged& connection) {
  std::string way(print_carrier(connection.carrier));
  way += print_look(connection.look);
  std::string full = print_room(connection);
  if (!full.empty()) full.insert(0, "; ");
  std::string out;
  switch (connection.connection) {
    case engine::Connection::kOffline:
      out = "offline";
      break;
    case engine::Connection::kConnecting:
      out = "connecting " + way;
      if (connection.trying > 1) out += " and in " + std::to_string(connection.trying - 1) + " other ways";
      break;
    case engine::Connection::kConnected:
      if (connection.by_mail) {
        return "connected by mail alone: messages take minutes" + full + print_nearby(connection.nearby);
      }
      out = "connected " + way;
      break;
  }
  if (connection.through_home) out += "; contacts at other homes through your own home";
  if (connection.small) out += ", in small exchanges, since connections do not last here (long messages take a while)";
  out += full;
  out += print_nearby(connection.nearby);
  if (!connection.route.empty()) out += ", " + safe_line(connection.route);
  if (connection.why) out += ": " + std::string(api::message_of(connection.why->code));
  return out;
}

}  // namespace godwit::cli
