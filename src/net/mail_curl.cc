#include "net/mail_curl.h"

#include <curl/curl.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "net/errors.h"

namespace godwit::net {
namespace {

// What this computer is called is nobody's business: curl would say its name in EHLO.
constexpr const char* kHelloName = "%5B127.0.0.1%5D";
constexpr int kPollMs = 1'000;
constexpr size_t kChunk = 64 * 1024;
using Clock = std::chrono::steady_clock;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

bool initialise() {
  static const bool done = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return done;
}

Error error_of_code(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {kDnsTemporaryFailure, "mail: the server's name is not resolved"};
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return {kConnectionRefused, "mail: the server cannot be reached"};
    case CURLE_OPERATION_TIMEDOUT:
      return {kGenericTimeout, "mail: silence"};
    case CURLE_SSL_CONNECT_ERROR:
      return {kSslFailedHandshake, "mail: TLS"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return {kSslUnknownAuthority, "mail: the server's certificate"};
    case CURLE_SSL_CACERT_BADFILE:
      return {kBadOption, "mail: the file of authorities"};
    case CURLE_USE_SSL_FAILED:
      return {kMailNoTls, "mail: STARTTLS is not offered"};
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
      return {kMailLogin, "mail: user and password"};
    case CURLE_ABORTED_BY_CALLBACK:
      return {kClosedByUs, "mail: interrupted"};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
      return {kConnectionReset, "mail: the server has hung up"};
    default:
      return {kUnknownFailure, "mail: the server"};
  }
}

// What the server said last tells more than how curl calls it.
Error error_of(CURLcode code, long reply) {
  const bool login = code == CURLE_LOGIN_DENIED || code == CURLE_AUTH_ERROR;
  if (reply >= 400 && reply < 500) return {kMailLater, "mail: the server says later"};
  if (login || reply == 530 || reply == 534 || reply == 535) return {kMailLogin, "mail: user and password"};
  if (reply >= 500 && reply < 600) return {kMailRefused, "mail: the server refuses the letter"};
  return error_of_code(code);
}

struct Upload {
  ByteView left;
};

size_t give_bytes(char* out, size_t size, size_t count, void* user) {
  auto& upload = *static_cast<Upload*>(user);
  const size_t taken = std::min(size * count, upload.left.size());
  std::memcpy(out, upload.left.data(), taken);
  upload.left = upload.left.subspan(taken);
  return taken;
}

size_t drop_bytes(char*, size_t size, size_t count, void*) { return size * count; }

std::string url_of(const MailServer& server, const char* scheme, const std::string& path) {
  const std::string host = server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]";
  return std::string(scheme) + (server.starttls ? "" : "s") + "://" + host + ":" + std::to_string(server.port) + "/" +
         path;
}

// curl's socks5h is the one that resolves names at the proxy.
std::string curl_proxy(const std::string& proxy) {
  return proxy.starts_with("socks5://") ? "socks5h" + proxy.substr(6) : proxy;
}

}  // namespace

struct MailCurl::Impl {
  CURLM* multi = nullptr;
  MailReach reach;

  ~Impl() { curl_multi_cleanup(multi); }

  Easy make(const MailAccount& account, const std::string& url, const char* protocols) const {
    Easy easy(curl_easy_init());
    if (!easy) return easy;
    const std::string user = account.user.empty() ? plain_mail_address(account) : account.user;
    const char* variable = std::getenv("SSL_CERT_FILE");
    const std::string authorities = reach.ca_file.empty() && variable != nullptr ? variable : reach.ca_file;
    curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(easy.get(), CURLOPT_USERNAME, user.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PASSWORD, account.password.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    curl_easy_setopt(easy.get(), CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_SSL_VERIFYHOST, 2L);
    if (!authorities.empty()) curl_easy_setopt(easy.get(), CURLOPT_CAINFO, authorities.c_str());
    // Set even if empty: the environment's proxies are not asked.
    curl_easy_setopt(easy.get(), CURLOPT_PROXY, curl_proxy(reach.proxy).c_str());
    curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_QUICK_EXIT, 1L);  // a resolver that hangs is not waited for
    curl_easy_setopt(easy.get(), CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kMailSilence.ms));
    curl_easy_setopt(easy.get(), CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(kMailSilence.ms / 1000));
    curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_LOW_SPEED_TIME, static_cast<long>(kMailSilence.ms / 1000));
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(kMailLetterTime.ms));
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, drop_bytes);
    return easy;
  }

  // Until it has ended one way or the other.
  Status perform(CURL* easy, const std::atomic<bool>& interrupted) const {
    for (;;) {
      int running = 0;
      if (interrupted) return Error{kClosedByUs, "mail: interrupted"};
      if (curl_multi_perform(multi, &running) != CURLM_OK) return Error{kSystem, "mail: curl"};
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->msg != CURLMSG_DONE || message->easy_handle != easy) continue;
        const CURLcode code = message->data.result;
        if (code == CURLE_OK) return {};
        long reply = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
        return error_of(code, reply);
      }
      curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr);
    }
  }
};

/// An IMAP connection after the login. curl leaves it to us then (CURLOPT_CONNECT_ONLY).
class MailCurl::Stream final : public MailStream {
 public:
  Stream(MailCurl& owner, Easy easy) : owner_(owner), easy_(std::move(easy)) {
    curl_easy_getinfo(easy_.get(), CURLINFO_ACTIVESOCKET, &socket_);
  }
  ~Stream() override { curl_multi_remove_handle(owner_.impl_->multi, easy_.get()); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Status send(std::string_view text) override {
    auto heard = Clock::now();
    while (!text.empty()) {
      size_t sent = 0;
      const CURLcode code = curl_easy_send(easy_.get(), text.data(), text.size(), &sent);
      if (code == CURLE_AGAIN) {
        TRY(wait(CURL_WAIT_POLLOUT, heard));
        continue;
      }
      if (code != CURLE_OK) return error_of(code, 0);
      text.remove_prefix(sent);
      heard = Clock::now();
    }
    return {};
  }

  Result<Bytes> receive() override {
    Bytes out(kChunk);
    const auto heard = Clock::now();
    for (;;) {
      size_t got = 0;
      const CURLcode code = curl_easy_recv(easy_.get(), out.data(), out.size(), &got);
      if (code == CURLE_AGAIN) {
        TRY(wait(CURL_WAIT_POLLIN, heard));
        continue;
      }
      if (code != CURLE_OK) return error_of(code, 0);
      if (got == 0) return Error{kEof, "mail: the server has hung up"};
      out.resize(got);
      return out;
    }
  }

 private:
  // A while, at most until the socket is ready; `heard`: when something went through last.
  Status wait(short events, Clock::time_point heard) {
    if (owner_.interrupted()) return Error{kClosedByUs, "mail: interrupted"};
    if (Clock::now() - heard > std::chrono::milliseconds(kMailSilence.ms))
      return Error{kGenericTimeout, "mail: silence"};
    curl_waitfd descriptor{socket_, events, 0};
    curl_multi_poll(owner_.impl_->multi, &descriptor, 1, kPollMs, nullptr);
    return {};
  }

  MailCurl& owner_;
  Easy easy_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

MailCurl::MailCurl(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MailCurl::~MailCurl() = default;

Result<std::unique_ptr<MailCurl>> MailCurl::create(MailReach reach) {
  REQUIRE(initialise(), kSystem, "mail: curl");
  auto impl = std::make_unique<Impl>();
  impl->multi = curl_multi_init();
  REQUIRE(impl->multi != nullptr, kSystem, "mail: curl");
  impl->reach = std::move(reach);
  return std::unique_ptr<MailCurl>(new MailCurl(std::move(impl)));
}

Status MailCurl::submit(const MailAccount& account, const std::string& from, const std::string& to, ByteView letter) {
  const MailServer server = TRY(parse_mail_server(account.smtp, MailService::kSmtp));
  const Easy easy = impl_->make(account, url_of(server, "smtp", kHelloName), "smtp,smtps");
  REQUIRE(easy != nullptr, kSystem, "mail: curl");
  const std::unique_ptr<curl_slist, ListDeleter> receivers(curl_slist_append(nullptr, ("<" + to + ">").c_str()));
  Upload upload{letter};
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, ("<" + from + ">").c_str());
  curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, receivers.get());
  curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, give_bytes);
  curl_easy_setopt(easy.get(), CURLOPT_READDATA, &upload);
  curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_FORBID_REUSE, 1L);
  curl_multi_add_handle(impl_->multi, easy.get());
  const Status sent = impl_->perform(easy.get(), interrupted_);
  curl_multi_remove_handle(impl_->multi, easy.get());
  return sent;
}

Result<std::unique_ptr<MailStream>> MailCurl::open_imap(const MailAccount& account) {
  const MailServer server = TRY(parse_mail_server(account.imap, MailService::kImap));
  Easy easy = impl_->make(account, url_of(server, "imap", ""), "imap,imaps");
  REQUIRE(easy != nullptr, kSystem, "mail: curl");
  curl_easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L);
  curl_multi_add_handle(impl_->multi, easy.get());
  const Status connected = impl_->perform(easy.get(), interrupted_);
  if (!connected) {
    curl_multi_remove_handle(impl_->multi, easy.get());
    return connected.error();
  }
  return std::unique_ptr<MailStream>(std::make_unique<Stream>(*this, std::move(easy)));
}

void MailCurl::sleep(Duration time) {
  if (!interrupted_)
    curl_multi_poll(impl_->multi, nullptr, 0, static_cast<int>(std::clamp<int64_t>(time.ms, 0, 3'600'000)), nullptr);
}

void MailCurl::wake() { curl_multi_wakeup(impl_->multi); }

void MailCurl::interrupt() {
  interrupted_ = true;
  wake();
}

}  // namespace godwit::net
