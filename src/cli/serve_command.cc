// serve, token: the API on a local socket.

#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/programs.h"
#include "net/local_server.h"

namespace godwit::cli {
namespace {

// The sockets by which programs come in.
class Sockets {
 public:
  explicit Sockets(Programs& programs) : programs_(programs) {}

  /// Both give where programs find them.
  Result<std::string> listen_unix(net::EventLoop& loop, const std::string& path) {
    servers_.push_back(TRY(net::LocalServer::create_unix(loop, path, events())));
    return "unix:" + path;
  }
  Result<std::string> listen_tcp(net::EventLoop& loop, uint16_t port) {
    servers_.push_back(TRY(net::LocalServer::create_tcp(loop, port, events())));
    return "tcp:127.0.0.1:" + std::to_string(servers_.back()->port());
  }

 private:
  using ConnectionId = net::LocalServer::ConnectionId;

  net::LocalServer::Events events() {
    const size_t server = servers_.size();
    const Programs::CarrierId carrier =
        programs_.add({[this, server](ConnectionId id, ByteView bytes) { return servers_[server]->send(id, bytes); },
                       [this, server](ConnectionId id, ByteView last) { servers_[server]->close(id, last); }});
    return {[this, carrier](ConnectionId id) { programs_.open(carrier, id); },
            [this, carrier](ConnectionId id, ByteView bytes) { programs_.take(carrier, id, bytes); },
            [this, carrier](ConnectionId id) { programs_.end(carrier, id); },
            [this, carrier](ConnectionId id) { programs_.forget(carrier, id); }};
  }

  Programs& programs_;
  std::vector<std::unique_ptr<net::LocalServer>> servers_;
};

}  // namespace

Status serve_until_interrupted(Client& client, ProgramJobs& jobs, const std::function<bool()>& enough) {
  Status waited;
  do {
    waited = client.wait_quietly([&] { return jobs.waiting() || enough(); }, hours(1));
    if (waited && !enough() && jobs.waiting()) jobs.do_next();
  } while (!enough() && (waited || waited.error().code == kTimedOut));
  if (waited) return {};
  if (waited.error().code != kInterrupted) return waited;
  client.forget_interrupt();
  // Acknowledgements and receipts, if anybody takes them.
  const auto over = [&] {
    const auto& now = client.connection();
    return client.host().idle() || !now || now->connection != engine::Connection::kConnected;
  };
  const Status finished = client.wait(over, "finishing", seconds(5));
  return !finished && finished.error().code.action == Action::kStop ? finished : Status();
}

Status run_serve(Context& context, const ServeOptions& options) {
  const auto client = TRY(open_client(context, true));
  client->be_patient();
  Programs programs(context.loop, TRY(read_or_make_token(context, false)), context.globals.profile, context.random);
  programs.attach(*client);
  Sockets sockets(programs);
  const std::string path = options.socket.empty() ? api_socket(context.globals.profile) : options.socket;
  std::string where = TRY(sockets.listen_unix(context.loop, path)) + "\n";
  if (options.port) where += TRY(sockets.listen_tcp(context.loop, *options.port)) + "\n";
  REQUIRE(print_out(where), kNoOutput, "write");
  return serve_until_interrupted(*client, programs.jobs(), [] { return false; });
}

Status run_token(Context& context, const TokenOptions& options) {
  const std::string token = TRY(read_or_make_token(context, options.renew));
  REQUIRE(print_out(token + "\n"), kNoOutput, "write");
  return {};
}

}  // namespace godwit::cli
