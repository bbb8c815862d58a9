#pragma once
// The table's part about what the program around an engine does with files of this machine: `godwit rpc`, `serve` and `web`, and in a
// browser, but for export_chat, the worker beside the engine (wasm/moving_exports.cc). Read and answered by RpcPeer like commands of the engine.

#include <array>
#include <optional>
#include <string>
#include <variant>

#include "api/errors.h"
#include "api/lock_shapes.h"
#include "api/shapes.h"
#include "engine/errors.h"
#include "engine/ids.h"

namespace godwit::api {

/// Takes in a file that another messenger has exported. Answered by ChatImported.
struct ImportChat {
  std::string file;                        ///< A path on this machine.
  std::string me;                          ///< How the export calls oneself; empty: as it says itself.
  std::string name;                        ///< Of the chat; empty: as the export says.
  std::optional<engine::ChatId> older_of;  ///< It is what was said in this chat before.
};
/// What an import has brought.
struct ChatImported {
  uint64_t chats = 0;
  uint64_t stored = 0;
  uint64_t known = 0;
  uint64_t files = 0;
  uint64_t missing = 0;
  uint64_t omitted = 0;
  uint64_t passed_over = 0;
  uint64_t skipped = 0;
};
/// Writes one chat into a folder. Answered by ChatExported.
struct ExportChat {
  engine::ChatId chat;
  std::string folder;  ///< New or empty.
};
/// Where an export is.
struct ChatExported {
  std::string page;
  std::string lines;
  uint64_t messages = 0;
};
/// How far an import is; told to who has asked for it.
struct ImportProgress {
  std::string file;
  uint64_t messages = 0;
};
/// Makes an archive of all chats, or goes on with one. Answered by ChatsArchived.
struct ArchiveChats {
  std::string file;          ///< A path on this machine.
  std::string passphrase;    ///< Empty: the recovery key is given.
  std::string recovery_key;  ///< Looked at if there is no passphrase.
  bool only_here = false;    ///< What this device does not have goes from it.
};
/// What an archive has got.
struct ChatsArchived {
  uint64_t added = 0;
  uint64_t known = 0;
  uint64_t files = 0;
  uint64_t missing = 0;
  bool rewritten = false;
  uint64_t removed = 0;
  uint64_t changed = 0;
  uint64_t kept = 0;
};
/// Takes in what is in an archive. Answered by ChatsRestored.
struct RestoreChats {
  std::string file;
  std::string passphrase;
  std::string recovery_key;
};
/// What came out of an archive.
struct ChatsRestored {
  uint64_t chats = 0;
  uint64_t skipped = 0;
  uint64_t stored = 0;
  uint64_t known = 0;
  uint64_t files = 0;
  uint64_t missing = 0;
};
/// How far archiving or restoring is; told to who has asked for it.
struct ArchiveProgress {
  std::string file;
  uint64_t messages = 0;
};

/// Looks for the way to the home now, instead of when the pause after the last try is over. Answered by HomeLookedFor.
struct LookForHome {};
/// It is being looked for.
struct HomeLookedFor {};

/// All of them.
using ProgramCommand = std::variant<ImportChat, ExportChat, ArchiveChats, RestoreChats, LookForHome, ReadLock, SetLock, SetLockMinutes,
                                    LockNow, Unlock, NoteActivity>;
/// What they are answered with.
using ProgramAnswer = std::variant<ChatImported, ChatExported, ChatsArchived, ChatsRestored, HomeLookedFor, LockState>;
/// What is told while they are at work.
using ProgramNotice = std::variant<ImportProgress, ArchiveProgress, Unlocked>;

template <>
struct Shape<ImportChat> {
  using Answer = ChatImported;
  static constexpr std::string_view name = "import_chat";
  static constexpr std::string_view about =
      "Takes in a file that WhatsApp (txt, zip) or Telegram Desktop (JSON) has exported; its chats can only be read. What was taken in "
      "before is known. Of a file that breaks off, what was read stays, and the error says why: those that begin with imports_, "
      "zip_ or cli_. Done by the program around the engine; in a browser by the page's worker, with a file that the page lends it.";
  static constexpr auto fields = fields_in_order(
      field("file", &ImportChat::file, "a path on this machine"),
      field_or_default("me", &ImportChat::me, "how the export calls oneself; left out: as it says itself"),
      field_or_default("name", &ImportChat::name, "what the chat is called; left out: as the export says"),
      field("older_of", &ImportChat::older_of, "a chat of which it is what was said before; null: none"));
  static constexpr std::array errors{engine::kNoSuchChat, engine::kBeingDeleted, kFileNoAccess, kProfileNoAccess,
                                     kDiskFull};
};

template <>
struct Shape<ChatImported> {
  static constexpr std::string_view name = "chat_imported";
  static constexpr std::string_view about = "The messages are safe on this device's disk.";
  static constexpr auto fields =
      fields_in_order(field("chats", &ChatImported::chats, "in the file"),
                      field("stored", &ChatImported::stored, "messages that are new"),
                      field("known", &ChatImported::known, "messages that were there already"),
                      field("files", &ChatImported::files, "that came with them"),
                      field("missing", &ChatImported::missing, "files that are named and not in the export"),
                      field("omitted", &ChatImported::omitted, "files that were left out when it was exported"),
                      field("passed_over", &ChatImported::passed_over, "lines or records that were not understood"),
                      field("skipped", &ChatImported::skipped, "messages that cannot be taken in, and are left out"));
};

template <>
struct Shape<ExportChat> {
  using Answer = ChatExported;
  static constexpr std::string_view name = "export_chat";
  static constexpr std::string_view about =
      "Writes a chat into a folder, as a page to read and as JSON lines, not encrypted. Without its files, and without "
      "what is to " "disappear. Only where the engine has a program around it: not in a browser.";
  static constexpr auto fields =
      fields_in_order(field("chat", &ExportChat::chat, "which"),
                      field("folder", &ExportChat::folder, "a path on this machine: a folder that is new or empty"));
  static constexpr std::array errors{engine::kNoSuchChat, kFileNoAccess, kFileExists, kDiskFull};
};

template <>
struct Shape<ChatExported> {
  static constexpr std::string_view name = "chat_exported";
  static constexpr std::string_view about = "The chat is in the folder.";
  static constexpr auto fields = fields_in_order(field("page", &ChatExported::page, "the path of the page: HTML"),
                                                 field("lines", &ChatExported::lines, "the path of the JSON lines"),
                                                 field("messages", &ChatExported::messages, "in each of them"));
};

template <>
struct Shape<ImportProgress> {
  static constexpr std::string_view name = "import_progress";
  static constexpr std::string_view about = "How far import_chat is, told on the connection that has asked for it.";
  static constexpr auto fields = fields_in_order(field("file", &ImportProgress::file, "as it was named"),
                                                 field("messages", &ImportProgress::messages, "that were read so far"));
};

template <>
struct Shape<ArchiveChats> {
  using Answer = ChatsArchived;
  static constexpr std::string_view name = "archive_chats";
  static constexpr std::string_view about =
      "Writes all chats with their files into one sealed file, or goes on with it: what is new is added, what was changed since says "
      "what it says now, and what is known here to be taken back is removed. What this device does not have stays in it: it may be a new "
      "device, or have deleted a chat. Without what is to disappear. The file that was there stays until the new one is whole. "
      "Errors that begin with archive_ or cli_ say what is wrong with it. Done by the program around the engine; in a browser by the "
      "page's worker, with a file that the page lends it, and the page saves the new one.";
  static constexpr auto fields = fields_in_order(
      field("file", &ArchiveChats::file, "a path on this machine"),
      field_or_default("passphrase", &ArchiveChats::passphrase, "by which it is opened again; nobody can get it back"),
      field_or_default("recovery_key", &ArchiveChats::recovery_key, "of this account, instead of a passphrase"),
      field_or_default("only_here", &ArchiveChats::only_here,
                       "remove from it also what this device does not have, whatever the reason"));
  static constexpr std::array errors{engine::kRecoveryKeyMistyped, kFileNoAccess, kDiskFull};
};

template <>
struct Shape<ChatsArchived> {
  static constexpr std::string_view name = "chats_archived";
  static constexpr std::string_view about = "The archive is whole.";
  static constexpr auto fields =
      fields_in_order(field("added", &ChatsArchived::added, "messages that are new in it"),
                      field("known", &ChatsArchived::known, "messages that were there already"),
                      field("files", &ChatsArchived::files, "that came with them"),
                      field("missing", &ChatsArchived::missing,
                            "files that are not to be had now: they are looked for again the next time"),
                      field("rewritten", &ChatsArchived::rewritten,
                            "something was changed or removed: it is written anew"),
                      field("removed", &ChatsArchived::removed,
                            "messages that went from it: they were taken back since, or with only_here are not here"),
                      field("changed", &ChatsArchived::changed, "messages that say now what they say here"),
                      field("kept", &ChatsArchived::kept, "messages that are in it and not here"));
};

template <>
struct Shape<RestoreChats> {
  using Answer = ChatsRestored;
  static constexpr std::string_view name = "restore_chats";
  static constexpr std::string_view about =
      "Takes the chats of an archive in; they can only be read. Chats that this device has itself stay as they are. A "
      "damaged archive is not taken in at all. Done by the program around the engine; in a browser by the page's worker, with a "
      "file that the page lends it.";
  static constexpr auto fields = fields_in_order(
      field("file", &RestoreChats::file, "a path on this machine"),
      field_or_default("passphrase", &RestoreChats::passphrase, "of the archive"),
      field_or_default("recovery_key", &RestoreChats::recovery_key, "instead, if it was made with that"));
  static constexpr std::array errors{engine::kRecoveryKeyMistyped, kFileNoAccess, kProfileNoAccess, kDiskFull};
};

template <>
struct Shape<ChatsRestored> {
  static constexpr std::string_view name = "chats_restored";
  static constexpr std::string_view about = "The messages are safe on this device's disk.";
  static constexpr auto fields =
      fields_in_order(field("chats", &ChatsRestored::chats, "that were taken in"),
                      field("skipped", &ChatsRestored::skipped, "chats that this device has itself"),
                      field("stored", &ChatsRestored::stored, "messages that are new"),
                      field("known", &ChatsRestored::known, "messages that were there already"),
                      field("files", &ChatsRestored::files, "that came with them"),
                      field("missing", &ChatsRestored::missing, "files that were not to be had when it was archived"));
};

template <>
struct Shape<LookForHome> {
  using Answer = HomeLookedFor;
  static constexpr std::string_view name = "look_for_home";
  static constexpr std::string_view about =
      "Looks for the way to the home now, instead of when the pause after the last try is over. What comes of it is told by connection_changed. "
      "cli_locked.";
  static constexpr auto fields = fields_in_order();
  static constexpr std::array<ErrorCode, 0> errors{};
};

template <>
struct Shape<HomeLookedFor> {
  static constexpr std::string_view name = "home_looked_for";
  static constexpr std::string_view about = "It is being looked for.";
  static constexpr auto fields = fields_in_order();
};

template <>
struct Shape<ArchiveProgress> {
  static constexpr std::string_view name = "archive_progress";
  static constexpr std::string_view about =
      "How far archive_chats or restore_chats is, told on the connection that has asked for it.";
  static constexpr auto fields =
      fields_in_order(field("file", &ArchiveProgress::file, "as it was named"),
                      field("messages", &ArchiveProgress::messages,
                            "that were looked at so far; when archiving each is looked at twice"));
};

}  // namespace godwit::api
