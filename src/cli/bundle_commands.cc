// `godwit bundle`: messages carried by people.

#include <unistd.h>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/inbox.h"
#include "cli/terminal.h"
#include "wire/bundle.h"

namespace godwit::cli {
namespace {

// The engine gives the homes a minute.
constexpr Duration kPassOnLimit = seconds(75);
constexpr Error kNoFile{kFileNoAccess, "a file that can be read, or be made"};

std::string count_of(uint32_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

// At most one byte more than a bundle may have, so that the engine sees when it is too long.
Result<Bytes> read_standard_input() {
  Bytes out(wire::kBundleSizeMax + 1);
  size_t have = 0;
  while (have < out.size()) {
    const ssize_t more = ::read(STDIN_FILENO, out.data() + have, out.size() - have);
    if (more < 0 && errno == EINTR) continue;
    if (more <= 0) break;
    have += static_cast<size_t>(more);
  }
  out.resize(have);
  return out;
}

}  // namespace

Status run_bundle_write(Context& context, const BundleOptions& options) {
  const auto client = TRY(open_client(context, false));
  engine::WriteBundle command;
  command.requests = options.homes;
  if (!options.chat.empty()) command.chat = TRY(find_chat(*client, options.chat)).chat;
  const auto written = TRY(client->ask<engine::BundleWritten>(command, "encrypting"));
  if (written.parcels == 0 && written.requests == 0) print_note("Nothing waits to go out; the bundle is empty.");
  if (options.file == "-") {
    REQUIRE(write_all(STDOUT_FILENO, written.bundle), kNoOutput, "write");
  } else {
    const Status made = write_new_file(options.file, written.bundle);
    if (!made) return made.error().code == kProfileNoAccess ? kNoFile : made.error();
  }
  std::string note = count_of(written.parcels, "parcel", "parcels") + " written (messages, receipts, hints), " +
                     std::to_string(written.bundle.size()) + " bytes. Whoever has the file sees how many there are and how large, "
                     "but not what they say nor whose they are. The receivers read it with `godwit bundle read`.";
  if (written.requests > 0) {
    note += " " + count_of(written.requests, "sealed request for a home is", "sealed requests for homes are") +
            " in it as well: whoever has the file sees for which homes. `godwit-home bundle`, or `godwit bundle read "
            "--replies` where there is a network, does them; read the answers with `godwit bundle read`.";
  }
  if (written.left > 0) note += " " + count_of(written.left, "parcel", "parcels") + " did not fit.";
  print_note(note);
  return {};
}

Status run_bundle_read(Context& context, const BundleOptions& options) {
  auto bundle = options.file == "-" ? read_standard_input() : read_file(options.file, wire::kBundleSizeMax);
  if (!bundle) return kNoFile;
  const bool pass_on = !options.replies.empty();
  const auto client = TRY(open_client(context, pass_on));
  uint32_t messages = 0;
  client->on_notice([&](const engine::Notice& notice) {
    messages += std::holds_alternative<engine::MessageReceived>(notice) ? 1U : 0U;
  });
  const auto read = TRY(client->ask<engine::BundleRead>(engine::ReadBundle{std::move(*bundle), pass_on},
                                                        pass_on ? "asking the homes" : "reading the bundle",
                                                        pass_on ? kPassOnLimit : kWaitDefault));
  if (pass_on) {
    print_note(std::to_string(read.passed_on) + " of " +
               count_of(read.requests, "sealed request was", "sealed requests were") + " answered by homes.");
    if (!read.replies.empty()) {
      const Status made = write_new_file(options.replies, read.replies);
      if (!made) return made.error().code == kProfileNoAccess ? kNoFile : made.error();
    }
  }
  if (read.answers > 0) print_note(count_of(read.answers, "answer", "answers") + " of homes taken in.");
  REQUIRE(print_out(std::to_string(messages) + "\n"), kNoOutput, "write");
  print_note(count_of(messages, "new message", "new messages") + "; " +
             count_of(read.taken, "parcel was", "parcels were") + " for you, " +
             count_of(read.passed_over, "was", "were") + " for others. `godwit listen` shows what is new.");
  return {};
}

}  // namespace godwit::cli
