// archive, restore: what was said, sealed in one file, and taken in from it. For people and for the API.

#include <unistd.h>

#include <cstdio>

#include "cli/archive_chats.h"
#include "cli/commands.h"
#include "cli/media_files.h"
#include "cli/program_chats.h"
#include "cli/program_files.h"
#include "cli/program_import.h"

namespace godwit::cli {
namespace {

// Messages after which a person is told how far it is: some second.
constexpr uint64_t kShownFrom = 20'000;

bool on_terminal() { return ::isatty(STDERR_FILENO) != 0; }

void show_messages(uint64_t messages) {
  if (!on_terminal() || messages < kShownFrom) return;
  std::fprintf(stderr, "\r%llu messages looked at", static_cast<unsigned long long>(messages));
  std::fflush(stderr);
}

void end_showing() {
  if (on_terminal()) std::fputs("\r\033[K", stderr);
}

}  // namespace

Status archive_chats(Client& client, const std::string& profile, Random& random, DiskArchive& file,
                     const moving::ArchiveWishes& wishes, const moving::ArchiveSecret& secret, moving::ArchiveCounts& counts,
                     const moving::ShowMessages& show) {
  ProgramChats chats(client);
  ProgramFiles files(client, profile);
  return moving::archive_chats({chats, files, file, random}, wishes, secret, counts, show);
}

Status restore_chats(Client& client, const std::string& profile, DiskArchive& file, const moving::OpenArchive& opened,
                     moving::RestoreCounts& counts, const moving::ShowMessages& show) {
  ProgramChats chats(client);
  ProgramImport host(client, "restoring", show);
  MediaFiles media = TRY(MediaFiles::open(profile + "/media"));
  TRY(moving::restore_chats({chats, host, media, file}, opened, moving::kImportBatchBytes, counts));
  return client.wait_idle("putting it in order", kBatchLimit);
}

Status run_archive(Context& context, const ArchiveOptions& options) {
  DiskArchive file = TRY(DiskArchive::at(options.file));
  const bool exists = TRY(file.exists());
  ArchiveSecretSources sources = options.secret;
  if (exists && TRY(moving::archive_lock(file)) == archive::ArchiveLock::kRecoveryKey) sources.recovery_key = true;
  const moving::ArchiveSecret secret = TRY(obtain_archive_secret(sources, !exists));
  const auto client = TRY(open_client(context, true));
  moving::ArchiveCounts counts;
  TRY(archive_chats(*client, context.globals.profile, context.random, file, {options.only_here}, secret, counts,
                    show_messages));
  end_showing();
  print_note(std::to_string(counts.added) + " messages are new in the archive, " + std::to_string(counts.known) +
             " were there already" + (counts.files > 0 ? ", with " + std::to_string(counts.files) + " files" : "") + ".");
  if (counts.changed > 0) print_note(std::to_string(counts.changed) + " were changed since, and say what they say now.");
  if (counts.removed > 0) {
    print_note(std::to_string(counts.removed) + (options.only_here
                                                     ? " were taken back since or are not here, and were removed from it."
                                                     : " were taken back since, and were removed from it."));
  }
  if (counts.kept > 0) print_note(std::to_string(counts.kept) + " are in the archive and not here: they stay in it.");
  if (counts.missing > 0) {
    print_note(std::to_string(counts.missing) +
               " files are not to be had now, neither here nor at a home: the next time they are looked for again.");
    for (const std::string& each : counts.missing_names) print_note("  " + safe_line(each));
    if (counts.missing > counts.missing_names.size()) print_note("  and others");
  }
  return {};
}

Status run_restore(Context& context, const ArchiveOptions& options) {
  ArchiveSecretSources sources = options.secret;
  DiskArchive file = TRY(DiskArchive::at(options.file));
  if (TRY(moving::archive_lock(file)) == archive::ArchiveLock::kRecoveryKey) sources.recovery_key = true;
  const moving::OpenArchive opened = TRY(moving::open_archive(file, TRY(obtain_archive_secret(sources, false))));
  const auto client = TRY(open_client(context, false));
  moving::RestoreCounts counts;
  TRY(restore_chats(*client, context.globals.profile, file, opened, counts, show_messages));
  end_showing();
  print_note(std::to_string(counts.stored) + " messages of " + std::to_string(counts.chats.size()) +
             " chats were taken in, " + std::to_string(counts.known) + " were there already; " +
             std::to_string(counts.files) + " files with them.");
  if (counts.missing > 0) {
    print_note(std::to_string(counts.missing) +
               " files were not to be had when it was archived: their names stand there.");
  }
  if (!counts.skipped.empty()) {
    print_note(std::to_string(counts.skipped.size()) + " chats are on this device already and stay as they are.");
  }
  return {};
}

}  // namespace godwit::cli
