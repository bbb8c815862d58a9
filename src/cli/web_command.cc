// web: the page, for the browsers of this machine.

#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/files.h"
#include "cli/programs.h"
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

}  // namespace

Status run_web(Context& context, const WebOptions& given) {
  WebOptions options = given;
  if (options.page.empty()) options.page = page_beside_program();
  REQUIRE(::access((options.page + "/index.html").c_str(), R_OK) == 0, kNoPage, "the page has an index.html");
  bool created = false;
  Profile profile = TRY(open_or_create(context, created));
  // The token is this run's alone: what a browser has kept of an earlier one opens nothing.
  std::string token = to_hex(context.random.bytes<kTokenBytes>());
  const auto client = std::make_unique<Client>(context.loop, context.random, std::move(profile), context.globals, true);
  client->be_patient();
  Programs programs(*client, token, context.globals.profile, context.random);
  const auto web = TRY(show_page(context, options, programs));
  const std::string where = "http://127.0.0.1:" + std::to_string(web->port()) + "/#token=" + token + "\n";
  print_note(
      "Open this in a browser of this machine, and keep it to yourself: whoever has it reads and writes as you.");
  REQUIRE(print_out(where), kNoOutput, "write");
  return serve_until_interrupted(*client, programs.jobs());
}

}  // namespace godwit::cli
