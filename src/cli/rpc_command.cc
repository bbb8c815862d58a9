// rpc: the API on standard input and output.

#include <unistd.h>

#include "api/describe.h"
#include "api/rpc_peer.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/line_cutter.h"
#include "cli/program_jobs.h"
#include "net/input_reader.h"

namespace godwit::cli {
namespace {

// As Client::wait_quietly; what is asked of this program meanwhile is done.
Status wait_at_work(Client& client, ProgramJobs& jobs, const std::function<bool()>& done, Duration limit) {
  while (true) {
    const Status waited = client.wait_quietly([&] { return jobs.waiting() || done(); }, limit);
    if (!waited || !jobs.waiting()) return waited;
    jobs.do_next();
  }
}

Status serve(Client& client, const std::string& profile, Random& random, uint32_t linger_seconds) {
  api::RpcPeer peer(Client::kForeignIds);
  peer.allow_program();
  ProgramJobs jobs(profile, random);
  jobs.attach(&client);
  bool ended = false;
  bool broken = false;
  const auto say = [&](const std::string& line) {
    if (!line.empty() && !print_out(line + "\n")) broken = true;
  };
  client.on_notice([&](const engine::Notice& notice) { say(peer.tell(notice)); });
  LineCutter lines([&](std::string_view line) {
    api::Taken taken = peer.take(line);
    say(taken.reply);
    if (taken.command) client.command(taken.id, std::move(*taken.command));
    if (!taken.program) return;
    jobs.add(
        std::move(*taken.program),
        [&, id = taken.id](const Result<api::ProgramAnswer>& answer) { say(peer.finish(id, answer)); },
        [&](const api::ProgramNotice& notice) { say(peer.tell(notice)); });
  });
  const auto input = TRY(net::InputReader::create(
      client.loop(), STDIN_FILENO, [&](ByteView bytes) { lines.take(as_text(bytes)); },
      [&] {
        lines.finish();
        ended = true;
      }));
  Status waited;
  do {
    waited = wait_at_work(client, jobs, [&] { return ended || broken; }, hours(1));
  } while (!waited && waited.error().code == kTimedOut);
  if (waited && !broken) {
    const auto done = [&] { return broken || (peer.pending() == 0 && client.host().idle()); };
    waited = wait_at_work(client, jobs, done, seconds(linger_seconds));
  }
  client.on_notice(nullptr);
  REQUIRE(!broken, kNoOutput, "write");
  return waited;
}

}  // namespace

Status run_rpc(Context& context, const RpcOptions& options) {
  if (options.describe || options.describe_markdown) {
    const std::string text = options.describe ? api::describe_json() + "\n" : api::describe_markdown();
    REQUIRE(print_out(text), kNoOutput, "write");
    return {};
  }
  bool created = false;
  auto profile = TRY(options.make_profile ? open_or_create(context, created)
                                          : Profile::open(context.globals.profile, context.globals.secrets));
  Client client(context.loop, context.random, std::move(profile), context.globals, true);
  client.be_patient();
  return serve(client, context.globals.profile, context.random, options.linger_seconds);
}

}  // namespace godwit::cli
