// listen.

#include <utility>

#include "api/messages.h"
#include "api/rpc_peer.h"
#include "cli/call_words.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/inbox.h"

namespace godwit::cli {
namespace {

std::string as_json(const engine::ChatInfo& chat, const engine::Message& message) {
  return api::RpcPeer().tell(engine::MessageReceived{chat.chat, message}) + "\n";
}

// Strangers who ask, what became of one's own asking, who has a new device, and who calls.
void note_asking(const engine::Notice& notice) {
  if (const auto* waiting = std::get_if<engine::JoinRequestsChanged>(&notice);
      waiting != nullptr && waiting->count > 0) {
    print_note("[" + std::to_string(waiting->count) + " wait at a link: godwit group requests " +
               to_hex(waiting->chat.view()).substr(0, 8) + "]");
  } else if (const auto* asked = std::get_if<engine::ContactRequestsChanged>(&notice);
             asked != nullptr && asked->count > 0) {
    print_note("[" + std::to_string(asked->count) + " ask to talk to you: godwit requests]");
  } else if (const auto* devices = std::get_if<engine::ContactDevicesChanged>(&notice)) {
    print_note("[" + print_new_device(*devices) + "]");
  } else if (const auto* log = std::get_if<engine::LogMoved>(&notice)) {
    print_note("[" + print_log_moved(*log) + "]");
  } else if (const auto* call = std::get_if<engine::CallChanged>(&notice)) {
    if (const auto words = print_call_change(call->call)) print_note("[" + *words + "]");
  } else if (const auto* refused = std::get_if<engine::JoinRefused>(&notice)) {
    print_note("[" + safe_line(refused->name) + ": " + std::string(api::message_of(refused->error.code)) + "]");
  }
}

}  // namespace

Status run_listen(Context& context, const ListenOptions& options) {
  const auto client = TRY(open_client(context, true));
  client->be_patient();
  uint64_t shown = 0;
  const auto enough = [&] { return options.count != 0 && shown >= options.count; };
  Inbox inbox(*client, std::nullopt, [&](const engine::ChatInfo& chat, const engine::Message& message) {
    if (enough() || !print_out(options.json ? as_json(chat, message) : print_message(message, chat))) return false;
    shown += 1;
    return true;
  });
  std::string last;
  uint32_t nearby = 0;
  client->on_notice([&](const engine::Notice& notice) {
    inbox.take(notice);
    note_asking(notice);
    if (const auto* changed = std::get_if<engine::ConnectionChanged>(&notice)) {
      const std::string line = print_connection(*changed);
      const bool met = std::exchange(nearby, changed->nearby) != changed->nearby;
      if (line != last && (met || changed->connection != engine::Connection::kConnecting)) print_note("[" + line + "]");
      last = line;
    }
  });
  TRY(inbox.open(enough));
  const Instant start = client->loop().steady_now();
  const auto over = [&] { return enough() || inbox.broken(); };
  Status waited;
  do {  // waits of an hour, so that no progress line is drawn between messages and no bound is needed
    const Duration passed = client->loop().steady_now() - start;
    const Duration limit = options.timeout_seconds == 0 ? hours(1) : seconds(options.timeout_seconds) - passed;
    waited = over() ? Status() : client->wait_quietly(over, std::max(limit, milliseconds(0)));
  } while (!waited && waited.error().code == kTimedOut && options.timeout_seconds == 0);
  REQUIRE(enough() || !inbox.broken(), kNoOutput, "write");
  const Status finished = client->wait_idle("finishing", seconds(5));  // acknowledgements and receipts
  if (!finished && finished.error().code.action == Action::kStop) return finished;
  if (waited) return {};
  const bool asked = waited.error().code == kInterrupted || (waited.error().code == kTimedOut && options.count == 0);
  if (asked) return {};
  return waited;
}

}  // namespace godwit::cli
