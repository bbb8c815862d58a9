// chats, send, history, safety, verify, refresh.

#include <unistd.h>

#include <map>

#include "api/rpc_peer.h"
#include "cli/codes.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "engine/errors.h"
#include "wire/errors.h"

namespace godwit::cli {
namespace {

std::string padded(std::string text, size_t columns) {
  const size_t has = columns_of(text);
  if (has < columns) text.append(columns - has, ' ');
  return text;
}

std::string state_of(const engine::ChatInfo& chat) {
  if (chat.kept) return "read only";
  if (!chat.ready) return "waiting";
  if (chat.group) return chat.member ? "group" : "left";
  if (chat.came_back_in) return "came back";
  if (chat.new_devices) return "new device";
  return chat.verified ? "verified" : "unverified";
}

std::string print_chat(const engine::ChatInfo& chat, size_t name_columns) {
  std::string out = to_hex(chat.chat.view()).substr(0, 8) + "  " + padded(safe_line(chat.name), name_columns) + "  ";
  out += padded(state_of(chat), 10);
  out += "  " + padded(chat.unread == 0 ? "" : std::to_string(chat.unread) + " new", 8);
  if (chat.newest) {
    const std::string text = first_words(*chat.newest);
    out += "  " + print_time(chat.newest->sent_at) + "  " + (chat.newest->own ? "you: " : "") + text;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out + "\n";
}

constexpr size_t kNumberDigits = 60;

// The digits of a safety number as people hand it on: with blanks and newlines, or as its code has it.
Result<std::string> digits_of_number(std::string_view text) {
  if (text.starts_with(kNumberScheme)) text.remove_prefix(sizeof kNumberScheme - 1);
  std::string out;
  for (const char each : text) {
    if (each >= '0' && each <= '9') {
      out += each;
    } else {
      REQUIRE(each == ' ' || each == '\n' || each == '\r' || each == '\t', kNotNumber, "digits");
    }
  }
  REQUIRE(out.size() == kNumberDigits, kNotNumber, "60 digits");
  return out;
}

}  // namespace

std::string first_words(const engine::Message& message) {
  std::string text = safe_line(print_body(message));
  if (text.size() <= 60) return text;
  size_t cut = 57;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  return text.substr(0, cut) + "...";
}

std::string_view print_delivery(engine::Delivery delivery) {
  switch (delivery) {
    case engine::Delivery::kQueued:
      return "queued";
    case engine::Delivery::kSent:
      return "sent";
    case engine::Delivery::kDelivered:
      return "delivered";
    case engine::Delivery::kRead:
      return "read";
    case engine::Delivery::kExpired:
      return "expired";
    case engine::Delivery::kFailed:
      return "failed";
  }
  return "unknown";
}

std::string speaker_of(const engine::Message& message, const engine::ChatInfo& chat) {
  if (message.own) return "you";
  if (!chat.group) return safe_line(chat.name);
  return message.author_name.empty() ? "somebody who has left" : safe_line(message.author_name);
}

std::string print_message(const engine::Message& message, const engine::ChatInfo& chat,
                          const engine::Message* answered) {
  std::string text;
  if (answered != nullptr) text = "> " + first_words(*answered) + "\n    ";
  if (message.about) text = "(about post " + std::to_string(message.about->post) + ") ";
  for (const char each : print_body(message)) {
    text += each;
    if (each == '\n') text += "    ";
  }
  if (message.kept) {
    const std::string& sender = message.kept->sender;
    return print_time(message.sent_at) + "  " + (sender.empty() ? "" : safe_line(sender) + ": ") + text + "\n";
  }
  if (message.line) return print_time(message.sent_at) + "  " + text + "\n";
  std::string out = print_time(message.sent_at) + "  " + speaker_of(message, chat) + ": " + text;
  if (message.own) out += "  [" + std::string(print_delivery(message.delivery)) + "]";
  return out + "\n";
}

Status run_chats(Context& context, const ListOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto all = TRY(client->ask<engine::Chats>(engine::ListChats{}));
  std::string out;
  if (options.json) {
    out = api::answer_json(all) + "\n";
  } else {
    size_t columns = 0;
    for (const engine::ChatInfo& each : all.chats) columns = std::max(columns, columns_of(safe_line(each.name)));
    for (const engine::ChatInfo& each : all.chats) out += print_chat(each, columns);
    if (all.chats.empty()) print_note("No chats yet. `godwit invite` makes an invite, `godwit add LINK` takes one.");
  }
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_send(Context& context, const SendOptions& options) {
  if (!options.file.empty()) return run_send_file(context, options);
  const std::string text = TRY(text_given(options.text, engine::kTextSizeMax));
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  std::map<engine::MessageId, engine::Delivery> moved;
  client->on_notice([&](const engine::Notice& notice) {
    if (const auto* move = std::get_if<engine::MessageMoved>(&notice)) moved[move->id] = move->delivery;
  });
  const auto queued = TRY(client->ask<engine::MessageQueued>(engine::SendText{chat.chat, text}, "storing the message"));
  const engine::MessageId id = queued.message.id;
  const auto state = [&] {
    const auto found = moved.find(id);
    return found == moved.end() ? queued.message.delivery : found->second;
  };
  const Status sent =
      client->wait([&] { return state() != engine::Delivery::kQueued; }, "sending", seconds(options.wait_seconds));
  REQUIRE(print_out(to_hex(id.view()) + "  " + std::string(print_delivery(state())) + "\n"), kNoOutput, "write");
  if (!sent) {
    const bool late = sent.error().code == kTimedOut || sent.error().code == kInterrupted;
    return late ? client->still_queued("the home has not got it yet") : sent.error();
  }
  REQUIRE(state() != engine::Delivery::kFailed, wire::kAddressRefused, "the receiver's address refuses it");
  return {};
}

Status run_history(Context& context, const HistoryOptions& options) {
  const auto client = TRY(open_client(context, false));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  const engine::Messages found{TRY(read_messages(*client, chat.chat, options.count))};
  std::string out;
  if (options.json) {
    out = api::answer_json(found) + "\n";
  } else {
    std::map<engine::MessageId, engine::Message> answered;
    for (const engine::Message& each : found.messages) {
      if (each.reply_to && !answered.contains(*each.reply_to)) {
        auto read = client->ask<engine::MessageFound>(engine::ReadMessage{chat.chat, *each.reply_to}, "reading");
        if (read) answered.emplace(*each.reply_to, std::move(read->message));
      }
      const auto of = each.reply_to ? answered.find(*each.reply_to) : answered.end();
      out += print_message(each, chat, of == answered.end() ? nullptr : &of->second);
    }
  }
  REQUIRE(print_out(out), kNoOutput, "write");
  return {};
}

Status run_safety(Context& context, const ChatOptions& options) {
  const auto client = TRY(open_client(context, false));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  const auto number = TRY(client->ask<engine::SafetyNumber>(engine::ReadSafetyNumber{chat.chat}));
  const std::string code = code_that_fits(kNumberScheme + number.digits, STDERR_FILENO);
  if (!code.empty()) print_note(code);
  print_note("Compare these with " + safe_line(chat.name) +
             ", face to face or on a call you trust. If they are the same: `godwit verify`. Who has scanned the code "
             "of the " "other or was sent these digits: `godwit verify NAME NUMBER` compares them.");
  REQUIRE(print_out(print_number(number.digits)), kNoOutput, "write");
  return {};
}

Status run_verify(Context& context, const VerifyOptions& options) {
  const auto client = TRY(open_client(context, options.devices));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  if (options.devices) {
    TRY(client->ask<engine::Nothing>(engine::AcknowledgeDevices{chat.chat}));
    print_note("The devices that " + safe_line(chat.name) + " has now are known.");
    return client->wait_idle("sending what was held back", seconds(10));
  }
  if (!options.number.empty()) {
    const std::string shown = TRY(digits_of_number(options.number));
    const auto number = TRY(client->ask<engine::SafetyNumber>(engine::ReadSafetyNumber{chat.chat}));
    REQUIRE(shown == number.digits, kNumberDiffers, "the safety number of this chat");
  }
  TRY(client->ask<engine::Nothing>(engine::MarkVerified{chat.chat}));
  print_note(safe_line(chat.name) + " is verified.");
  return {};
}

Status run_refresh(Context& context, const ChatOptions& options) {
  const auto client = TRY(open_client(context, true));
  const engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  TRY(client->ask<engine::Nothing>(engine::RefreshKeys{chat.chat}, "changing the keys"));
  print_note("The keys of the chat with " + safe_line(chat.name) + " are fresh.");
  return client->wait_idle("finishing", seconds(10));
}

}  // namespace godwit::cli
