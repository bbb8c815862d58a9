// call NAME: rings, and says how it goes. A terminal has no microphone: who is answered talks on the page, which this serves meanwhile as
// `godwit web` does.

#include <memory>
#include <utility>

#include "cli/call_words.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

// A home that was not reached yet is waited for so long.
constexpr Duration kConnectWait = seconds(30);
// Until the home has heard that it is over.
constexpr Duration kHangUpWait = seconds(5);

// The call that was begun here, as it was told last.
struct Calling {
  engine::CallInfo call;
  engine::CallState said = engine::CallState::kCalling;
  bool over = false;
  bool taken = false;  // somebody has answered, so that a page may be at it

  void take(const engine::Notice& notice) {
    const auto* changed = std::get_if<engine::CallChanged>(&notice);
    if (changed == nullptr) return;
    // Both called: the other one's call is it from now on.
    const bool merged = over && call.outcome == engine::CallOutcome::kMerged && changed->call.chat == call.chat;
    if (changed->call.call != call.call && !merged) return;
    call = changed->call;
    over = call.state == engine::CallState::kOver;
    taken = taken || (!over && call.state >= engine::CallState::kAnswering);
    const bool is_new = std::exchange(said, call.state) != call.state;
    const bool merges = over && call.outcome == engine::CallOutcome::kMerged;
    const auto words = print_call_change(call);
    if (is_new && words && !merges) print_note("[" + *words + "]");
  }
  bool is_done() const { return over && !taken && call.outcome != engine::CallOutcome::kMerged; }
};

Status begin(Client& client, const CallOptions& options, Calling& calling) {
  const engine::ChatInfo chat = TRY(find_chat(client, options.chat));
  const auto connected = [&] {
    return client.connection() && client.connection()->connection == engine::Connection::kConnected;
  };
  TRY(client.wait(connected, "connecting", kConnectWait));
  const engine::CallMedia media = options.video ? engine::CallMedia::kVideo : engine::CallMedia::kVoice;
  calling.call = TRY(client.ask<engine::CallTaken>(engine::StartCall{chat.chat, media})).call;
  print_note("[calling " + safe_line(chat.name) + "; Ctrl-C hangs up]");
  return {};
}

}  // namespace

Status run_call(Context& context, const CallOptions& options) {
  const auto calling = std::make_shared<Calling>();
  WebOptions web;
  web.page = options.page;
  web.begin = [options, calling](Client& client) { return begin(client, options, *calling); };
  web.watch = [calling](const engine::Notice& notice) { calling->take(notice); };
  web.enough = [calling] { return calling->is_done(); };
  web.end = [calling](Client& client) {
    if (calling->over) return;
    client.command(engine::EndCall{calling->call.call});
    // Not client.wait(): the person has interrupted it, and hangs up by that.
    client.loop().run_until([&] { return calling->over && client.host().idle(); }, kHangUpWait);
  };
  return run_web(context, web);
}

}  // namespace godwit::cli
