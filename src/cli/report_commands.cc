// report, check-report.

#include <unistd.h>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/terminal.h"
#include "engine/channel_report.h"
#include "engine/errors.h"
#include "engine/message_report.h"

namespace godwit::cli {
namespace {

// What a report of a message may have: two contents, and the lists of two devices.
constexpr size_t kReportSizeMax = 512 * 1024;
constexpr size_t kIdDigitsMin = 6;
constexpr uint64_t kLookedThrough = 4'096;
constexpr Error kNoFile{kFileNoAccess, "a file that can be read, or a new one"};

// By the first digits of its id, of all chats' newest messages.
Result<engine::ReportMessage> find_message(Client& client, const std::string& wanted) {
  REQUIRE(wanted.size() >= kIdDigitsMin, engine::kNoSuchMessage, "at least six digits of an id");
  std::vector<engine::ReportMessage> found;
  for (const engine::ChatInfo& chat : TRY(client.ask<engine::Chats>(engine::ListChats{})).chats) {
    for (const engine::Message& each : TRY(read_messages(client, chat.chat, kLookedThrough))) {
      if (to_hex(each.id.view()).starts_with(wanted)) found.push_back({chat.chat, each.id});
    }
  }
  REQUIRE(!found.empty(), engine::kNoSuchMessage, "a message with this id");
  REQUIRE(found.size() == 1, engine::kAmbiguousName, "one message has this id");
  return found.front();
}

std::string print_files(const std::vector<engine::ReportedFile>& files) {
  std::string out;
  for (const engine::ReportedFile& each : files) {
    out += "file     " + to_hex(each.blob.view()) + "  " + print_size(each.size) + "  " + safe_line(each.name) + "\n";
  }
  return out;
}

// Its further lines stand behind the words of this program, so that none of them passes for one of these.
std::string set_in(const std::string& text) {
  std::string out;
  for (const char each : safe_text(text)) {
    out += each;
    if (each == '\n') out += "         ";
  }
  return out;
}

std::string print_post(const engine::ReportChecked& checked) {
  return "channel  " + to_hex(checked.channel->view()) + "\npost     " + std::to_string(*checked.post) + "\nposted   " +
         print_time(checked.posted) + "\ntext     " + set_in(checked.text) + "\n" + print_files(checked.files);
}

std::string print_message(const engine::ReportChecked& checked) {
  const engine::ReportedMessage& said = *checked.message;
  std::string out = "account  " + to_hex(said.account.view()) + "\ndevice   " + to_hex(said.device.view()) +
                    "\nhome     " + said.home + "\nchat     " + to_hex(said.chat.view()) + "\nmessage  " +
                    to_hex(said.message.view()) + "\nsaid     " + print_time(checked.posted) +
                    (said.edited ? "  (edited)" : "") + (said.forwarded ? "  (forwarded)" : "") + "\n";
  if (said.kind == engine::MessageKind::kNewer) out += "text     [made by a newer version of Godwit]\n";
  if (said.kind != engine::MessageKind::kNewer) out += "text     " + set_in(checked.text) + "\n";
  if (said.original) out += "first    " + set_in(*said.original) + "\n";
  return out + print_files(checked.files);
}

}  // namespace

Status write_report(const std::string& file, ByteView report) {
  if (file == "-") {
    REQUIRE(write_all(STDOUT_FILENO, report), kNoOutput, "write");
    return {};
  }
  const Status written = write_new_file(file, report);
  if (!written) return written.error().code == kProfileNoAccess ? kNoFile : written.error();
  return {};
}

Status run_report(Context& context, const ReportOptions& options) {
  const auto client = TRY(open_client(context, false));
  const auto made = TRY(client->ask<engine::MessageReported>(TRY(find_message(*client, options.message))));
  TRY(write_report(options.file, made.report));
  print_note("Hand the file to the operator of the home where its author lives, who reads it with `godwit check-report`. It "
             "shows this one message, and if it has a file opens that too; it does not say who you are.");
  return {};
}

Status run_check_report(Context& context, const ReportOptions& options) {
  static_cast<void>(context);
  const auto report = read_file(options.file == "-" ? "/dev/stdin" : options.file, kReportSizeMax);
  if (!report) return kNoFile;
  if (!engine::is_message_report(*report)) {
    REQUIRE(print_out(print_post(TRY(engine::check_report(*report)))), kNoOutput, "write");
    print_note(
        "It is signed by the channel's owner. `godwit-home remove channel ID` takes the channel away, `remove blob ID` "
        "a " "file of it.");
    return {};
  }
  REQUIRE(print_out(print_message(TRY(engine::check_message_report(*report)))), kNoOutput, "write");
  print_note(
      "Proved: a device of this account has signed these words for this chat, and that the account lives at this home. Not "
      "proved: that anybody saw them, when that was (the time is the device's own), what was said before and after, and who "
      "held the device. `godwit-home remove blob ID` takes a file away.");
  return {};
}

}  // namespace godwit::cli
