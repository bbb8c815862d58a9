#include "net/local_web.h"

#include <algorithm>
#include <map>
#include <utility>

#include "net/errors.h"
#include "net/local_server.h"
#include "net/upgrade.h"
#include "net/web_files.h"
#include "net/websocket.h"

namespace godwit::net {
namespace {

constexpr size_t kHeadBytesMax = 16 * 1024;
// What a browser may say ahead while an answer is on its way to it.
constexpr size_t kAheadBytesMax = 256 * 1024;
constexpr size_t kPieceBytes = 256 * 1024;
// A browser opens six connections for a page. Of those that have not shown the token, and carry no WebSocket, the oldest goes when
// there are more, whatever is on its way to it: nobody can keep a page out.
constexpr size_t kStrangersMax = 64;
// Pongs that nobody reads; browsers do not ping.
constexpr size_t kPongBytesMax = 64 * 1024;
constexpr size_t kNonceDigits = 64;
constexpr uint16_t kHttpPort = 80;
constexpr std::string_view kFilesPath = "/files/";

// What a page may do, on every reply. Blobs are files that the page has fetched with its token.
constexpr const char* kSafety =
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html godwit\r\n"
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nX-Frame-Options: DENY\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(self), microphone=(self), geolocation=(self), display-capture=(self), payment=(), usb=()\r\n";
// Browsers ask again each time whether a file has changed; names of those with a hash in them do not change.
constexpr const char* kFresh = "Cache-Control: no-cache\r\n";
constexpr const char* kForEver = "Cache-Control: private, max-age=31536000, immutable\r\n";
constexpr const char* kNotKept = "Cache-Control: no-store\r\n";

std::string json_path(const std::string& path) {
  std::string out = "{\"path\":\"";
  for (const char c : path) {
    if (static_cast<uint8_t>(c) < 0x20) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out.append("\\u00").append(1, kDigits[static_cast<uint8_t>(c) >> 4]).append(1, kDigits[static_cast<uint8_t>(c) & 15]);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"}";
}

// The nonce in "/api?nonce=..."; empty if there is none.
std::string_view nonce_in(std::string_view target) {
  constexpr std::string_view kQuery = "?nonce=";
  const size_t at = target.find(kQuery);
  if (at == std::string_view::npos) return {};
  const std::string_view nonce = target.substr(at + kQuery.size());
  const bool good = nonce.size() == kNonceDigits && nonce.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return good ? nonce : std::string_view();
}

struct Peer {
  Bytes input;
  std::unique_ptr<WebSocket> socket;
  std::unique_ptr<WebUpload> upload;
  std::unique_ptr<SiteFile> file;
  bool replying = false;  // an answer is on its way; the next request waits
  bool keep_alive = true;
  bool trusted = false;  // it has shown the token
  bool ending = false;
  size_t pong_bytes = 0;  // since it has said something
};

}  // namespace

/// The connections, and what is answered on them.
struct LocalWeb::Impl {
  Impl(EventLoop& owner, Random& random, Options wanted, Events told, Site page)
      : loop(owner), options(std::move(wanted)), events(std::move(told)), site(std::move(page)),
        files(options.files, random, owner.now()) {}

  LocalServer::Events server_events() {
    LocalServer::Events out;
    out.on_open = [this](ConnectionId id) {
      peers.emplace(id, Peer());
      make_room(id);
    };
    out.on_bytes = [this](ConnectionId id, ByteView bytes) { take(id, bytes); };
    out.on_end = [this](ConnectionId id) { end(id); };
    out.on_closed = [this](ConnectionId id) {
      const auto node = peers.extract(id);
      if (!node.empty() && node.mapped().socket) events.on_closed(id);
    };
    out.on_room = [this](ConnectionId id) { send_more(id); };
    return out;
  }

  Peer* find(ConnectionId id) {
    const auto found = peers.find(id);
    return found == peers.end() ? nullptr : &found->second;
  }

  void end(ConnectionId id) {
    if (Peer* peer = find(id)) peer->ending = true;
    server->close(id);
  }

  void make_room(ConnectionId newest) {
    const auto stranger = [newest](const auto& each) {
      const Peer& peer = each.second;
      return each.first != newest && !peer.socket && !peer.trusted && !peer.ending;
    };
    if (static_cast<size_t>(std::count_if(peers.begin(), peers.end(), stranger)) < kStrangersMax) return;
    const auto oldest = std::find_if(peers.begin(), peers.end(), stranger);
    oldest->second.ending = true;
    server->cut(oldest->first);  // one that does not read would keep its place for as long as last words may take
  }

  void take(ConnectionId id, ByteView bytes) {
    Peer* peer = find(id);
    if (peer == nullptr || peer->ending) return;
    if (peer->socket) return take_frames(id, *peer, bytes);
    append(peer->input, bytes);
    if (peer->replying && peer->input.size() > kAheadBytesMax) return end(id);
    go_on(id);
  }

  void take_frames(ConnectionId id, Peer& peer, ByteView bytes) {
    Bytes data;
    const Status fed = peer.socket->feed(bytes, data);
    peer.pong_bytes = data.empty() ? peer.pong_bytes + peer.socket->output().size() : 0;
    const bool over = !fed || peer.socket->is_closed_by_peer() || peer.pong_bytes > kPongBytesMax;
    const bool taken = flush(id, peer);
    if (!data.empty()) events.on_bytes(id, data);
    if (over || !taken) end(id);
  }

  bool flush(ConnectionId id, Peer& peer) {
    ByteQueue& output = peer.socket->output();
    const bool taken = output.empty() || server->send(id, output.view());
    output.clear();
    return taken;
  }

  // Requests in the order in which they came.
  void go_on(ConnectionId id) {
    while (Peer* peer = find(id)) {
      if (peer->replying || peer->socket || peer->ending) return;
      if (peer->upload) {
        if (!take_upload(id, *peer)) return;
        continue;
      }
      if (peer->input.empty()) return;
      const auto parsed = parse_http_request(peer->input, kHeadBytesMax, HttpBodies::kByLength);
      if (parsed.progress == HttpProgress::kIncomplete) return;
      if (parsed.progress == HttpProgress::kBad) return reply(id, site.error_page(parsed.status, loop.now(), false));
      peer->input.erase(peer->input.begin(), peer->input.begin() + static_cast<ptrdiff_t>(parsed.consumed));
      answer(id, *peer, parsed.message);
    }
  }

  // False: more has to come.
  bool take_upload(ConnectionId id, Peer& peer) {
    const auto size = static_cast<size_t>(std::min<uint64_t>(peer.upload->left(), peer.input.size()));
    if (!peer.upload->write(ByteView(peer.input).first(size))) {
      peer.upload.reset();
      reply(id, refusal(507, false));
      return false;
    }
    peer.input.erase(peer.input.begin(), peer.input.begin() + static_cast<ptrdiff_t>(size));
    if (peer.upload->left() != 0) return false;
    const std::string path = std::exchange(peer.upload, nullptr)->finish();
    reply(id, path.empty() ? refusal(507, false) : created(path, peer.keep_alive));
    return true;
  }

  SiteReply refusal(int status, bool keep_alive) { return site.error_page(status, loop.now(), keep_alive); }

  SiteReply created(const std::string& path, bool keep_alive) {
    const std::string body = json_path(path);
    SiteReply out;
    out.status = 201;
    out.keep_alive = keep_alive;
    out.bytes = response_head(201, loop.now(), keep_alive, "Content-Type: application/json\r\nContent-Length: " +
                                                               std::to_string(body.size()) + "\r\n") + body;
    return out;
  }

  // A page of another site that a browser is made to send here has another Origin, or, by a name that leads here, another Host.
  bool is_ours(const HttpRequest& request) const {
    const std::string_view host = request.headers.first("host");
    const std::string port = server->port() == kHttpPort ? "" : ":" + std::to_string(server->port());
    if (host != "127.0.0.1" + port && host != "localhost" + port) return false;
    const bool changes = request.method != "GET" && request.method != "HEAD";
    const bool must_say = changes || request.headers.count("upgrade") != 0;
    if (request.headers.count("origin") == 0) return !must_say;
    return request.headers.count("origin") == 1 && request.headers.first("origin") == "http://" + std::string(host);
  }

  bool shows_token(const HttpRequest& request) const {
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view shown = request.headers.first("authorization");
    return shown.starts_with(kScheme) && options.is_token(shown.substr(kScheme.size()));
  }

  void answer(ConnectionId id, Peer& peer, const HttpRequest& request) {
    const Instant now = loop.now();
    peer.keep_alive = request.keeps_alive();
    if (!is_ours(request)) return reply(id, refusal(request.headers.count("origin") == 0 ? 421 : 403, false));
    if (request.path() == "/api") {
      if (!is_websocket_upgrade(request) || request.body_bytes() != 0) return reply(id, refusal(400, false));
      peer.socket = std::make_unique<WebSocket>(WebSocket::Role::kServer);
      static_cast<void>(server->send(id, as_bytes(upgrade_response(request))));
      if (const std::string_view nonce = nonce_in(request.target); !nonce.empty() && options.prove) {
        peer.socket->send(as_bytes(options.prove(nonce)));
        static_cast<void>(flush(id, peer));
      }
      events.on_open(id);
      if (const Bytes ahead = std::exchange(peer.input, {}); !ahead.empty()) take_frames(id, peer, ahead);
      return;
    }
    std::string path;
    if (request.path().starts_with(kFilesPath) || request.path() == "/files") {
      if (!shows_token(request)) return reply(id, refusal(401, false));
      peer.trusted = true;
      if (!lets_files) return reply(id, refusal(403, false));
      if (!decode_site_path(request.path(), path)) return reply(id, refusal(400, false));
      return answer_files(id, peer, request, path.substr(kFilesPath.size() - 1));
    }
    if (request.body_bytes() != 0) return reply(id, refusal(413, false));
    SiteReply out = site.answer(request, now);
    const bool lasting = out.status == 200 && request.path().starts_with("/assets/");
    reply(id, std::move(out), lasting ? kForEver : kFresh);
  }

  // `path` begins with the slash behind "/files", or is empty.
  void answer_files(ConnectionId id, Peer& peer, const HttpRequest& request, const std::string& path) {
    if (request.method == "PUT") {
      auto upload = path.size() > 1 ? files.take(std::string_view(path).substr(1), request.body_bytes())
                                    : Error{kBadOption, "net: a file has a name"};
      if (!upload) return reply(id, refusal(upload.error().code == kSystem ? 507 : 400, false));
      peer.upload = std::move(upload).value();
      return;
    }
    if (request.body_bytes() != 0) return reply(id, refusal(413, false));
    if (request.method == "POST" && path.size() <= 1) {
      const auto made = files.make_folder();
      return reply(id, made ? created(*made, peer.keep_alive) : refusal(507, false), kNotKept);
    }
    if (request.method == "DELETE" && path.size() > 1) {
      if (!files.remove(std::string_view(path).substr(1))) return reply(id, refusal(404, peer.keep_alive));
      SiteReply gone;
      gone.status = 204;
      gone.keep_alive = peer.keep_alive;
      gone.bytes = response_head(204, loop.now(), peer.keep_alive, "");
      return reply(id, std::move(gone), kNotKept);
    }
    if (request.method != "GET" && request.method != "HEAD") return reply(id, refusal(405, false));
    reply(id, files.read(request, path, loop.now()), kNotKept);
  }

  void reply(ConnectionId id, SiteReply out, const char* caching = kNotKept) {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    out.bytes.insert(out.bytes.find("\r\n") + 2, std::string(kSafety) + caching);
    peer->keep_alive = out.keep_alive;
    peer->file = std::move(out.file);
    peer->replying = true;
    if (!server->send(id, as_bytes(out.bytes))) end(id);
  }

  void let_files(bool let) {
    lets_files = let;
    if (let) return;
    std::vector<ConnectionId> under_way;
    for (auto& [id, peer] : peers) {
      if (!peer.upload && !(peer.trusted && peer.file)) continue;
      peer.upload.reset();
      peer.file.reset();
      peer.ending = true;
      under_way.push_back(id);
    }
    for (const ConnectionId id : under_way) server->cut(id);  // a file that ends early must not pass for a whole one
  }

  // What was sent has been taken.
  void send_more(ConnectionId id) {
    Peer* peer = find(id);
    if (peer == nullptr || peer->socket || !peer->replying) return;
    if (peer->file && peer->file->left() != 0) {
      Bytes piece;
      if (!peer->file->read(piece, kPieceBytes) || !server->send(id, piece)) end(id);
      return;
    }
    peer->file.reset();
    peer->replying = false;
    if (!peer->keep_alive) return end(id);
    loop.post([this, id, here = std::weak_ptr<bool>(alive)] {
      if (!here.expired()) go_on(id);
    });
  }

  EventLoop& loop;
  Options options;
  Events events;
  Site site;
  WebFiles files;
  std::map<ConnectionId, Peer> peers;
  bool lets_files = true;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  std::unique_ptr<LocalServer> server;  // last: its end tells nobody
};

Result<std::unique_ptr<LocalWeb>> LocalWeb::create(EventLoop& loop, Random& random, Options options, Events events) {
  REQUIRE(!options.page.empty(), kBadSiteFolder, "net: a page has a folder");
  auto site = TRY(Site::create(options.page));
  const uint16_t port = options.port;
  auto impl = std::make_unique<Impl>(loop, random, std::move(options), std::move(events), std::move(site));
  impl->server = TRY(LocalServer::create_tcp(loop, port, impl->server_events()));
  return std::unique_ptr<LocalWeb>(new LocalWeb(std::move(impl)));
}

LocalWeb::LocalWeb(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LocalWeb::~LocalWeb() = default;

uint16_t LocalWeb::port() const { return impl_->server->port(); }

void LocalWeb::forget_saved() { impl_->files.forget_saved(); }

void LocalWeb::let_files(bool let) { impl_->let_files(let); }

bool LocalWeb::send(ConnectionId id, ByteView bytes) {
  Peer* peer = impl_->find(id);
  if (peer == nullptr || !peer->socket) return true;
  peer->socket->send(bytes);
  return impl_->flush(id, *peer);
}

void LocalWeb::close(ConnectionId id, ByteView last_words) {
  Peer* peer = impl_->find(id);
  if (peer == nullptr || !peer->socket) return;
  if (!last_words.empty()) peer->socket->send(last_words);
  peer->socket->close();
  static_cast<void>(impl_->flush(id, *peer));
  impl_->end(id);
}

}  // namespace godwit::net
