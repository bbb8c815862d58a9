#include "cli/program_jobs.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "cli/archive_chats.h"
#include "cli/errors.h"
#include "cli/export_chat.h"
#include "cli/import_chat.h"
#include "cli/import_source.h"
#include "engine/errors.h"

namespace godwit::cli {
namespace {

void wipe(std::string& text) {
  crypto::wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  text.clear();
}

// The job keeps no copy for as long as it takes; the line that brought it was not wiped.
template <typename Command>
Result<moving::ArchiveSecret> take_secret(Command& command) {
  auto out = moving::archive_secret_of(command.passphrase, command.recovery_key);
  wipe(command.passphrase);
  wipe(command.recovery_key);
  return out;
}

}  // namespace

template <typename Command>
  requires requires(WebLock& lock, Command& command) { lock.carry_out(command); }
Result<api::ProgramAnswer> ProgramJobs::carry_out(Command& command, const Tell&) {
  Result<api::LockState> out = Error{kNoLock, "only `godwit web` has a lock"};
  if (lock_ != nullptr) out = lock_->carry_out(command);
  if constexpr (requires { command.passphrase; }) wipe(command.passphrase);
  if constexpr (requires { command.current; }) wipe(command.current);
  if (!out) return out.error();
  return api::ProgramAnswer(*out);
}

void ProgramJobs::attach(Client* client) {
  client_ = client;
  if (client_ != nullptr) return;
  const auto waiting = std::exchange(jobs_, {});
  for (const Job& job : waiting) job.finish(Error{kLocked, "the profile is closed"});
}

// Behind what changes the lock they keep their order.
bool ProgramJobs::is_at_once(const api::ProgramCommand& command) const {
  const auto changes_lock = [](const Job& job) {
    return std::holds_alternative<api::SetLock>(job.command) ||
           std::holds_alternative<api::SetLockMinutes>(job.command) || std::holds_alternative<api::Unlock>(job.command);
  };
  if (std::holds_alternative<api::LookForHome>(command)) return true;
  const bool is_short = std::holds_alternative<api::ReadLock>(command) || std::holds_alternative<api::LockNow>(command) ||
                        std::holds_alternative<api::NoteActivity>(command);
  return is_short && std::none_of(jobs_.begin(), jobs_.end(), changes_lock);
}

void ProgramJobs::add(api::ProgramCommand command, Finish finish, Tell tell) {
  if (is_at_once(command)) {
    return finish(std::visit([&](auto& each) { return carry_out(each, tell); }, command));
  }
  jobs_.push_back({std::move(command), std::move(finish), std::move(tell)});
}

void ProgramJobs::do_next() {
  ASSERT(!jobs_.empty());
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  auto done = std::visit([&](auto& command) { return carry_out(command, job.tell); }, job.command);
  const bool locked = !done && done.error().code == kInterrupted && lock_ != nullptr && lock_->wanted();
  job.finish(locked ? Result<api::ProgramAnswer>(Error{kLocked, "closed while it ran"}) : std::move(done));
}

Result<api::ProgramAnswer> ProgramJobs::carry_out(const api::ImportChat& command, const Tell& tell) {
  REQUIRE(client_ != nullptr, kLocked, "the profile is closed");
  const auto source = TRY(open_import(command.file));
  moving::ImportCounts counts;
  TRY(import_chats(*client_, *source, {command.name, command.me, command.older_of}, profile_, counts,
                   [&](uint64_t messages) { tell(api::ImportProgress{command.file, messages}); }));
  return api::ProgramAnswer(api::ChatImported{counts.chats, counts.stored, counts.known, counts.media, counts.missing,
                                              counts.report.omitted, counts.report.passed_over, counts.skipped});
}

Result<api::ProgramAnswer> ProgramJobs::carry_out(const api::ExportChat& command, const Tell&) {
  REQUIRE(client_ != nullptr, kLocked, "the profile is closed");
  const auto chats = TRY(client_->ask<engine::Chats>(engine::ListChats{true})).chats;
  const auto found =
      std::find_if(chats.begin(), chats.end(), [&](const auto& each) { return each.chat == command.chat; });
  REQUIRE(found != chats.end(), engine::kNoSuchChat, "a chat of this profile");
  ExportedChat done = TRY(export_chat(*client_, *found, command.folder));
  return api::ProgramAnswer(api::ChatExported{std::move(done.page), std::move(done.lines), done.messages});
}

Result<api::ProgramAnswer> ProgramJobs::carry_out(api::ArchiveChats& command, const Tell& tell) {
  const moving::ArchiveSecret secret = TRY(take_secret(command));
  REQUIRE(client_ != nullptr, kLocked, "the profile is closed");
  DiskArchive file = TRY(DiskArchive::at(command.file));
  moving::ArchiveCounts counts;
  TRY(archive_chats(*client_, profile_, random_, file, {command.only_here}, secret, counts,
                    [&](uint64_t messages) { tell(api::ArchiveProgress{command.file, messages}); }));
  return api::ProgramAnswer(
      api::ChatsArchived{counts.added, counts.known, counts.files, counts.missing, counts.removed + counts.changed > 0,
                         counts.removed, counts.changed, counts.kept});
}

Result<api::ProgramAnswer> ProgramJobs::carry_out(api::RestoreChats& command, const Tell& tell) {
  const moving::ArchiveSecret secret = TRY(take_secret(command));
  REQUIRE(client_ != nullptr, kLocked, "the profile is closed");
  DiskArchive file = TRY(DiskArchive::at(command.file));
  const moving::OpenArchive opened = TRY(moving::open_archive(file, secret));
  moving::RestoreCounts counts;
  TRY(restore_chats(*client_, profile_, file, opened, counts,
                    [&](uint64_t messages) { tell(api::ArchiveProgress{command.file, messages}); }));
  return api::ProgramAnswer(api::ChatsRestored{counts.chats.size(), counts.skipped.size(), counts.stored, counts.known,
                                               counts.files, counts.missing});
}

Result<api::ProgramAnswer> ProgramJobs::carry_out(const api::LookForHome&, const Tell&) {
  REQUIRE(client_ != nullptr, kLocked, "the profile is closed");
  client_->host().look_for_home();
  return api::ProgramAnswer(api::HomeLookedFor{});
}

}  // namespace godwit::cli
