// web: the page, for the browsers of this machine.

#include <unistd.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/programs.h"
#include "cli/web_lock.h"
#include "net/errors.h"
#include "net/local_web.h"

namespace godwit::cli {
namespace {

constexpr size_t kTokenBytes = 32;

// As it is installed, and as it is built: bin/godwit and share/godwit/web.
std::string page_beside_program() {
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return {};
  const std::string program(path.data(), static_cast<size_t>(size));
  return program.substr(0, program.rfind('/')) + "/../share/godwit/web";
}

Result<std::unique_ptr<net::LocalWeb>> show_page(Context& context, const WebOptions& options, Programs& programs) {
  net::LocalWeb::Options shown;
  shown.port = options.port;
  shown.page = options.page;
  shown.files = context.globals.profile + "/web";
  TRY(make_folders(shown.files));
  REQUIRE(is_private(shown.files, true), kProfileNoAccess, "web/ belongs to its user alone");
  shown.prove = [&programs](std::string_view nonce) { return programs.proof_line(nonce); };
  shown.is_token = [&programs](std::string_view token) { return programs.is_token(token); };

  using ConnectionId = net::LocalWeb::ConnectionId;
  // The carrier is there before what carries.
  const auto web = std::make_shared<net::LocalWeb*>(nullptr);
  const Programs::CarrierId carrier =
      programs.add({[web](ConnectionId id, ByteView bytes) { return (*web)->send(id, bytes); },
                    [web](ConnectionId id, ByteView last) { (*web)->close(id, last); }});
  net::LocalWeb::Events events{
      [&programs, carrier](ConnectionId id) { programs.open(carrier, id); },
      [&programs, carrier](ConnectionId id, ByteView bytes) { programs.take(carrier, id, bytes); },
      [&programs, carrier](ConnectionId id) { programs.forget(carrier, id); }};
  auto made = net::LocalWeb::create(context.loop, context.random, std::move(shown), std::move(events));
  if (made) *web = made->get();
  return made;
}

// Whoever reads `where` finds the engine there, which is ended in order from then on.
Status say_where(std::string_view where) {
  print_note(
      "Open this in a browser of this machine, and keep it to yourself: whoever has it reads and writes as you.");
  REQUIRE(print_out(where), kNoOutput, "write");
  return {};
}

// Whether the person has ended the program: heard as long as this lives, also while the profile is opened or closed.
class Ending {
 public:
  explicit Ending(net::EventLoop& loop) : loop_(loop) {
    loop_.on_signal([this](net::Signal signal) { wanted_ = wanted_ || signal == net::Signal::kTerminate; });
  }
  ~Ending() { loop_.on_signal(nullptr); }
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  bool wanted() const { return wanted_; }

 private:
  net::EventLoop& loop_;
  bool wanted_ = false;
};

// The profile is open until it is to be closed: then true. False: the person has ended the program. `where` is said, if there is one.
Result<bool> serve_open(Context& context, Profile profile, Programs& programs, WebLock& lock, net::LocalWeb& web,
                        std::string_view where, const WebOptions& options, const Ending& ending) {
  lock.opened(profile.opened_by());
  Client client(context.loop, context.random, std::move(profile), context.globals, true, Client::Signals::kLeft);
  client.be_patient();
  client.host().carry_calls();
  client.interrupt_when([&] { return ending.wanted() || lock.wanted(); });
  web.let_files(true);
  if (!where.empty() && options.begin) TRY(options.begin(client));
  if (!where.empty()) TRY(say_where(where));
  programs.attach(client);
  if (options.watch) {
    client.on_notice([told = client.on_notice(nullptr), watch = options.watch](const engine::Notice& notice) {
      watch(notice);
      told(notice);
    });
  }
  const Status served = serve_until_interrupted(client, programs.jobs(),
                                                [&] { return lock.wanted() || (options.enough && options.enough()); });
  if (options.end) options.end(client);
  const bool locked = lock.wanted();
  programs.detach();
  lock.closed();  // whoever comes from here on is told so, also while the rest is sent
  if (locked) {
    programs.dismiss_all(kLocked);
    client.host().end_calls();
    web.let_files(false);
    web.forget_saved();
    client.interrupt_when([&] { return ending.wanted(); });
    static_cast<void>(
        client.wait_idle("sending what was said before the lock", seconds(5)));  // else once it is open again
  }
  if (!served) return served.error();
  return locked && !ending.wanted();
}

// Nothing is open; none: the person has ended the program.
std::optional<Profile> wait_until_opened(net::EventLoop& loop, Programs& programs, WebLock& lock,
                                         const Ending& ending) {
  std::optional<Profile> opened;
  while (!ending.wanted() && !opened) {
    loop.run_until([&] { return ending.wanted() || programs.jobs().waiting(); }, hours(1));
    if (!ending.wanted() && programs.jobs().waiting()) programs.jobs().do_next();
    opened = lock.take_opened();
  }
  return opened;
}

}  // namespace

Status run_web(Context& context, const WebOptions& given) {
  WebOptions options = given;
  if (options.page.empty()) options.page = page_beside_program();
  REQUIRE(::access((options.page + "/index.html").c_str(), R_OK) == 0, kNoPage, "the page has an index.html");
  bool created = false;
  std::optional<Profile> profile = TRY(open_or_create(context, created));
  forget_given_passphrase();
  const Ending ending(context.loop);
  // The token is this run's alone: what a browser has kept of an earlier one opens nothing.
  std::string token = to_hex(context.random.bytes<kTokenBytes>());
  WebLock lock(context.loop, context.globals.profile, context.random);
  Programs programs(context.loop, token, context.globals.profile, context.random);
  programs.jobs().set_lock(lock);
  const auto web = TRY(show_page(context, options, programs));
  std::string where = "http://127.0.0.1:" + std::to_string(web->port()) + "/#token=" + token + "\n";
  do {
    const bool open_again = TRY(serve_open(context, std::move(*profile), programs, lock, *web, where, options, ending));
    if (!open_again) return {};
    where.clear();
    profile = wait_until_opened(context.loop, programs, lock, ending);
  } while (profile);
  return {};
}

}  // namespace godwit::cli
