// import: chats that WhatsApp or Telegram has exported become chats that are only read. For people and for the API.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/import_chat.h"
#include "cli/import_source.h"
#include "cli/media_files.h"
#include "cli/program_import.h"

namespace godwit::cli {
namespace {

void print_report(const moving::ImportCounts& counts, const std::string& me) {
  const imports::ImportReport& report = counts.report;
  if (::isatty(STDERR_FILENO) != 0) std::fputs("\r", stderr);
  const auto count = [](uint64_t number, const char* what) { return std::to_string(number) + " " + what; };
  print_note(count(counts.stored, "messages are new, ") + count(counts.known, "were there already; ") +
             count(counts.media, "files with them."));
  if (counts.missing > 0) print_note(count(counts.missing, "files are named and not in the export."));
  if (report.omitted > 0)
    print_note(count(report.omitted, "files were left out when it was exported: export with media to have them."));
  if (report.passed_over > 0)
    print_note(count(report.passed_over, "lines or records were not understood and are left out."));
  if (report.bad_utf8 > 0) print_note(count(report.bad_utf8, "texts had damaged characters."));
  const uint64_t cut = report.cut + counts.cut;
  if (cut > 0) print_note(count(cut, "texts were too long for one message and go on in the next."));
  if (counts.skipped > 0) {
    print_note(count(counts.skipped, "messages cannot be taken in and are left out:"));
    for (const moving::SkippedMessage& each : counts.skipped_ones) print_note("  " + print_time(each.sent_at) + " " + safe_line(each.sender));
    if (counts.skipped > counts.skipped_ones.size()) print_note("  and others");
  }
  if (counts.own == 0 && counts.stored > 0) {
    print_note(me.empty() ? "None of them is your own as far as the file says: `--me NAME` says what you are called in it."
                          : "Nobody in it is called " + safe_line(me) + ": none of the messages is your own.");
  }
}

}  // namespace

Status import_chats(Client& client, moving::ImportSource& source, const moving::ImportWishes& wishes,
                    const std::string& profile, moving::ImportCounts& counts, const moving::ShowMessages& show) {
  MediaFiles media = TRY(MediaFiles::open(profile + "/media"));
  ProgramImport host(client, "importing", show);
  return moving::import_chats(host, source, media, wishes, counts);
}

Status run_import(Context& context, const ImportOptions& options) {
  const auto source = TRY(open_import(options.file));
  TRY(moving::is_json(*source));  // what cannot be read is said before a passphrase is asked for
  const auto client = TRY(open_client(context, false));
  moving::ImportWishes wishes{options.name, options.me, {}};
  if (!options.chat.empty()) wishes.older_of = TRY(find_chat(*client, options.chat)).chat;
  moving::ImportCounts counts;
  const bool on_terminal = ::isatty(STDERR_FILENO) != 0;
  const Status read =
      import_chats(*client, *source, wishes, context.globals.profile, counts, [&](uint64_t messages) {
        if (!on_terminal) return;
        std::fprintf(stderr, "\r%llu messages", static_cast<unsigned long long>(messages));
        std::fflush(stderr);
      });
  print_report(counts, options.me);
  TRY(read);
  return client->wait_idle("putting it in order", kBatchLimit);
}

}  // namespace godwit::cli
