// chat NAME: what is typed is sent, what comes in is shown above the line being typed.

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "cli/call_words.h"
#include "cli/codes.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/inbox.h"
#include "cli/line_editor.h"
#include "cli/shown_messages.h"
#include "cli/transfer_files.h"
#include "engine/errors.h"
#include "net/input_reader.h"

namespace godwit::cli {
namespace {

// A terminal that hands over each key as it is pressed, as long as this lives. Output is left as it is.
class RawTerminal {
 public:
  RawTerminal() {
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1 || ::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    on_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0 && print_out("\x1b[?2004h");  // marks around what is pasted
  }
  ~RawTerminal() {
    if (!on_) return;
    print_out("\x1b[?2004l");
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  bool on() const { return on_; }

 private:
  termios before_{};
  bool on_ = false;
};

// What was said before that is shown at the start, so that one sees where the talk was.
constexpr uint32_t kShownBefore = 10;
std::string help() {
  return "[/file PATH sends a file, /get ID fetches one into " + safe_line(downloads_folder()) +
         ", /safety shows the safety number, /invite an invite for somebody else,\n"
         " /known says that this person's new device is theirs, /quit or Ctrl-D ends.\n" +
         " A line that shall begin with a slash: put a blank before it.]";
}

// The first word of a line that is meant for us, without its slash; empty if it is a text: "/file", but not "/etc/passwd".
std::string command_of(const std::string& line) {
  if (!line.starts_with('/')) return {};
  const std::string word = line.substr(1, line.find_first_of(" \r") - 1);
  const bool letters = std::all_of(word.begin(), word.end(), [](char each) { return each >= 'a' && each <= 'z'; });
  return letters ? word : std::string();
}

// The conversation on the screen.
class Talk {
 public:
  Talk(Client& client, engine::ChatInfo chat) : client_(client), chat_(std::move(chat)) {
    client_.on_notice([this](const engine::Notice& notice) { take(notice); });
  }
  ~Talk() { client_.on_notice(nullptr); }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  Status run();

 private:
  void take(const engine::Notice& notice);
  void take_answer(const engine::CommandDone& done);
  void take_change(const engine::Message& message);
  void take_call(const engine::CallInfo& call);
  void typed(ByteView bytes);
  void entered(const std::string& line);
  void send(const std::string& line);
  Status show_before();
  void show_message(const engine::Message& message);
  void show_waiting();
  void send_file(const std::string& path);
  void get_file(const std::string& digits);
  void know_devices();
  void show_code(const std::string& code, const std::string& below);
  engine::CommandId next_id();
  void give(engine::Command command);
  void show_line(const std::string& line);
  void draw();
  void clear();

  Client& client_;
  engine::ChatInfo chat_;
  RawTerminal terminal_;
  Inbox inbox_{client_, chat_.chat, [this](const engine::ChatInfo& chat, const engine::Message& message) {
                 if (chat.chat == chat_.chat) chat_ = chat;
                 show_message(message);
                 return true;
               }};
  LineEditor editor_;
  std::string day_;    // of the last message shown
  std::string plain_;  // a line under way when there is no terminal
  std::string state_;  // of the newest own message
  std::string room_;   // what was said last of a home without room
  engine::MessageId newest_;
  std::optional<engine::CallId> ringing_;
  std::set<engine::CommandId> sending_;             // not yet stored, or fetched
  std::map<std::string, engine::MessageId> files_;  // that were shown, by their ids' digits
  ShownMessages shown_;
  std::deque<engine::Message> waiting_;         // the first of them for what it answers
  std::optional<engine::CommandId> asked_;      // for that
  std::optional<engine::MessageId> asked_for_;  // last
  std::vector<engine::Message> early_;          // changes that came before what is unread was shown
  bool opened_ = false;
  uint64_t sent_ = 0;
  bool ended_ = false;
};

void Talk::clear() {
  if (terminal_.on() && !print_out("\r\x1b[K")) ended_ = true;
}

// The line being typed, its part around the cursor if it is longer than the terminal is wide.
void Talk::draw() {
  if (!terminal_.on()) return;
  const size_t columns = std::max<size_t>(terminal_columns(STDOUT_FILENO), 4);
  std::string prompt = state_.empty() ? "> " : "(" + state_ + ") > ";
  if (columns_of(prompt) > columns / 2) prompt = "> ";
  const size_t room = columns - columns_of(prompt) - 1;
  const std::string& text = editor_.text();
  size_t start = 0;
  while (columns_of(std::string_view(text).substr(start, editor_.cursor() - start)) > room) {
    start += 1;
    while (start < text.size() && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) start += 1;
  }
  size_t end = text.size();
  while (end > editor_.cursor() && columns_of(std::string_view(text).substr(start, end - start)) > room) end -= 1;
  while (end > start && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end -= 1;
  const size_t column = columns_of(prompt) + columns_of(std::string_view(text).substr(start, editor_.cursor() - start));
  const std::string out =
      "\r\x1b[K" + prompt + safe_line(text.substr(start, end - start)) + "\r\x1b[" + std::to_string(column) + "C";
  if (!print_out(out)) ended_ = true;
}

void Talk::show_line(const std::string& line) {
  clear();
  if (!print_out(line + "\n")) ended_ = true;
  draw();
}

void Talk::take_answer(const engine::CommandDone& done) {
  if (asked_ == done.command) {
    asked_.reset();
    if (const auto* found = std::get_if<engine::MessageFound>(&done.answer)) shown_.add(found->message, chat_);
    return show_waiting();
  }
  if (sending_.erase(done.command) == 0) return;
  if (const auto* saved = std::get_if<engine::FileSaved>(&done.answer)) {
    show_line("[saved as " + safe_line(saved->path) + "]");
  } else if (const auto* number = std::get_if<engine::SafetyNumber>(&done.answer)) {
    show_code(kNumberScheme + number->digits,
              print_number(number->digits) + "[Compare these with " + safe_line(chat_.name) +
                  ", face to face or on a call you trust. If they are the same: `godwit verify`.]");
  } else if (const auto* invite = std::get_if<engine::InviteMade>(&done.answer)) {
    show_code(invite->link, invite->link + "\n[Give this to one person, who is not in this chat yet. It works once.]");
  } else if (const auto* queued = std::get_if<engine::MessageQueued>(&done.answer)) {
    if (queued->message.file && terminal_.on()) show_message(queued->message);
    shown_.add(queued->message, chat_);
    newest_ = queued->message.id;
    state_ = print_delivery(queued->message.delivery);
    draw();
  }
}

// What others did to a message; one that waits to be shown is shown as it is by then.
void Talk::take_change(const engine::Message& message) {
  if (!opened_) return early_.push_back(message);
  for (engine::Message& each : waiting_) {
    if (each.id == message.id) {
      each = message;
      return;
    }
  }
  for (const std::string& each : shown_.changes(message, chat_)) show_line(each);
}

// Whoever calls; of how it ended the line in the chat tells.
void Talk::take_call(const engine::CallInfo& call) {
  ringing_ = call.state == engine::CallState::kRingingHere ? std::optional(call.call) : std::nullopt;
  const auto words = print_call_change(call);
  if (!words || call.state == engine::CallState::kOver) return;
  show_line("[" + *words + (ringing_ ? " /decline declines.]" : "]"));
}

void Talk::take(const engine::Notice& notice) {
  inbox_.take(notice);
  if (const auto* done = std::get_if<engine::CommandDone>(&notice)) {
    take_answer(*done);
  } else if (const auto* changed = std::get_if<engine::MessageChanged>(&notice)) {
    if (changed->chat == chat_.chat) take_change(changed->message);
  } else if (const auto* gone = std::get_if<engine::MessageGone>(&notice)) {
    if (gone->chat == chat_.chat) shown_.forget(gone->id);
  } else if (const auto* cleared = std::get_if<engine::HistoryCleared>(&notice)) {
    if (cleared->chat == chat_.chat) shown_.forget_all();
  } else if (const auto* failed = std::get_if<engine::CommandFailed>(&notice)) {
    if (asked_ == failed->command) {  // what it answers is no more here
      asked_.reset();
      return show_waiting();
    }
    if (sending_.erase(failed->command) == 0) return;
    clear();
    print_error(failed->error);
    draw();
  } else if (const auto* progress = std::get_if<engine::FileProgress>(&notice)) {
    if (progress->chat != chat_.chat) return;
    state_ = progress->done == progress->total ? "" : print_progress(*progress);
    clear();
    if (progress->error && progress->sending) print_error(*progress->error);
    draw();
  } else if (const auto* devices = std::get_if<engine::ContactDevicesChanged>(&notice)) {
    if (devices->chat != chat_.chat) return;
    show_line("[" + print_new_device(*devices) + (devices->held ? " Or here: /known]" : "]"));
  } else if (const auto* log = std::get_if<engine::LogMoved>(&notice)) {
    if (log->chat == chat_.chat && !chat_.group) show_line("[" + print_log_moved(*log) + "]");
  } else if (const auto* call = std::get_if<engine::CallChanged>(&notice)) {
    take_call(call->call);
  } else if (const auto* connection = std::get_if<engine::ConnectionChanged>(&notice)) {
    const std::string room = print_room(*connection);
    if (std::exchange(room_, room) != room && !room.empty()) show_line("[" + room + "]");
  } else if (const auto* moved = std::get_if<engine::MessageMoved>(&notice)) {
    if (moved->id != newest_) return;
    state_ = print_delivery(moved->delivery);
    draw();
  }
}

// A reply stands below what it answers, which is asked for if it is not on the screen; what comes after it waits meanwhile.
void Talk::show_message(const engine::Message& message) {
  waiting_.push_back(message);
  if (!asked_) show_waiting();
}

// Messages of another day than the one before stand below a line that names it.
void Talk::show_waiting() {
  while (!waiting_.empty()) {
    const engine::Message& message = waiting_.front();
    if (message.reply_to && !shown_.knows(*message.reply_to) && asked_for_ != message.reply_to) {
      asked_for_ = message.reply_to;
      asked_ = next_id();
      client_.command(*asked_, engine::ReadMessage{chat_.chat, *message.reply_to});
      return;
    }
    if (message.file) files_[to_hex(message.id.view())] = message.id;
    const std::string day = print_time(message.sent_at).substr(0, 10);
    if (terminal_.on() && day != day_) show_line("--- " + day + " ---");
    day_ = day;
    const std::string quotation = shown_.quotation(message);
    if (!quotation.empty()) show_line(quotation);
    const std::string speaker = message.line ? "" : speaker_of(message, chat_) + ": ";
    show_line(print_hour(message.sent_at) + " " + speaker + shown_body(message));
    shown_.add(message, chat_);
    waiting_.pop_front();
  }
}

Status Talk::show_before() {
  if (!terminal_.on()) return {};
  for (const engine::Message& each : TRY(read_messages(client_, chat_.chat, kShownBefore))) {
    if (!each.own && each.position > chat_.read) break;  // the inbox shows what is unread
    show_message(each);
  }
  return {};
}

void Talk::entered(const std::string& line) {
  const std::string command = command_of(line);
  const size_t blank = line.find(' ');
  const size_t start = blank == std::string::npos ? line.size() : line.find_first_not_of(' ', blank);
  const std::string rest = start == std::string::npos ? std::string() : line.substr(start);
  if (command.empty()) return send(line);
  if (command == "file" && !rest.empty()) return send_file(rest);
  if (command == "get" && !rest.empty()) return get_file(rest);
  if (command == "known") return know_devices();
  if (command == "safety") return give(engine::ReadSafetyNumber{chat_.chat});
  if (command == "invite") return give(engine::MakeInvite{});
  if (command == "decline" && ringing_) return give(engine::DeclineCall{*ringing_});
  if (command == "quit") {
    ended_ = true;
    return;
  }
  show_line(command == "help" ? help() : "[/" + command + " is not understood, and nothing was sent.]\n" + help());
}

engine::CommandId Talk::next_id() { return engine::CommandId{Client::kForeignIds.value + sent_++}; }

void Talk::give(engine::Command command) {
  const engine::CommandId id = next_id();
  sending_.insert(id);
  client_.command(id, std::move(command));
}

void Talk::send(const std::string& line) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) return;
  if (terminal_.on()) show_line(print_hour(client_.host().now()) + " you: " + safe_text(line));
  give(engine::SendText{chat_.chat, line});
}

void Talk::send_file(const std::string& path) {
  engine::SendFile command{chat_.chat, typed_path(path), {}, {}};
  command.media = media_of(path);
  give(std::move(command));
}

void Talk::get_file(const std::string& digits) {
  const auto found = files_.lower_bound(digits);
  if (digits.size() < 6 || found == files_.end() || !found->first.starts_with(digits)) {
    clear();
    print_error({engine::kNoSuchFile, "a file that was shown here"});
    return draw();
  }
  give(engine::GetFile{chat_.chat, found->second, downloads_folder()});
}

void Talk::know_devices() {
  client_.command(next_id(), engine::AcknowledgeDevices{chat_.chat});
  show_line("[the devices that " + safe_line(chat_.name) + " has now are known]");
}

// With a code to scan above, if the terminal is wide enough for it.
void Talk::show_code(const std::string& code, const std::string& below) {
  show_line(code_that_fits(code, STDOUT_FILENO) + below);
}

void Talk::typed(ByteView bytes) {
  if (terminal_.on()) {
    const Typed typed = editor_.feed(as_text(bytes));
    for (const std::string& line : typed.lines) entered(line);
    ended_ = ended_ || typed.ended;
    draw();
    return;
  }
  for (const char byte : as_text(bytes)) {
    if (byte != '\n') {
      plain_ += byte;
      continue;
    }
    entered(plain_);
    plain_.clear();
  }
}

Status Talk::run() {
  if (terminal_.on()) {
    print_note("Talking with " + safe_line(chat_.name) +
               (chat_.verified || chat_.group ? "." : " (not verified: `godwit safety` shows what to compare).") +
               " /help tells more, Ctrl-D ends.");
  }
  TRY(show_before());
  TRY(inbox_.open([] { return false; }));
  opened_ = true;
  for (const engine::Message& each : std::exchange(early_, {})) take_change(each);
  draw();
  const auto input = TRY(net::InputReader::create(
      client_.loop(), STDIN_FILENO, [this](ByteView bytes) { typed(bytes); },
      [this] {
        entered(plain_);
        ended_ = true;
      }));
  Status waited;
  do {
    waited = client_.wait_quietly([this] { return ended_; }, hours(1));
  } while (!waited && waited.error().code == kTimedOut);
  clear();
  if (!waited && waited.error().code != kInterrupted) return waited;
  const Status gone = client_.wait([this] { return sending_.empty() && !asked_ && client_.host().idle(); },
                                   "sending the rest", seconds(15));
  if (!gone && gone.error().code == kTimedOut) return client_.still_queued("the home has not got all of it yet");
  return {};
}

}  // namespace

Status run_chat(Context& context, const ChatOptions& options) {
  const auto client = TRY(open_client(context, true));
  client->be_patient();
  engine::ChatInfo chat = TRY(find_chat(*client, options.chat));
  return Talk(*client, std::move(chat)).run();
}

}  // namespace godwit::cli
