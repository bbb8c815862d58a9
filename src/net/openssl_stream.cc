#include "net/openssl_stream.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <climits>

#include "net/errors.h"

namespace godwit::net {
namespace {

constexpr size_t kRecordBytesMax = 16 * 1024;  // RFC 8446 §5.1

Error error_of_verification(long result) {
  switch (result) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {kSslInvalidHostname, "RFC 9525 §6: the certificate names another host"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return {kSslUnknownAuthority, "RFC 5280 §6: no authority known here has signed the certificate"};
    case X509_V_ERR_APPLICATION_VERIFICATION:
      return {kSslPinMismatch, "net: the certificate is not the pinned one"};
    default:
      return {kSslInvalidCertificate, "RFC 5280 §6: the certificate is not valid"};
  }
}

}  // namespace

OpenSslPtr<SSL_CTX> make_tls13_context(const SSL_METHOD* method) {
  OpenSslPtr<SSL_CTX> context(SSL_CTX_new(method));
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION);
  // Idle connections are the many: they keep no record buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // One curve is offered with a key, as browsers do; the others only by name.
  SSL_CTX_set1_groups_list(context.get(), "X25519:P-256:P-384");
  return context;
}

OpenSslStream::OpenSslStream(OpenSslPtr<SSL> ssl, bool is_server) : ssl_(std::move(ssl)) {
  SSL_set_app_data(ssl_.get(), this);
  BIO* bio = BIO_new(bio_method());
  ASSERT(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  if (is_server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

OpenSslStream::~OpenSslStream() = default;

BIO_METHOD* OpenSslStream::bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "godwit");
    ASSERT(made != nullptr);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

int OpenSslStream::bio_read(BIO* bio, char* out, int size) {
  auto& self = *static_cast<OpenSslStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (self.input_.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const size_t count = std::min(self.input_.size(), static_cast<size_t>(size));
  std::copy_n(self.input_.begin(), count, reinterpret_cast<uint8_t*>(out));
  self.input_ = self.input_.subspan(count);
  return static_cast<int>(count);
}

int OpenSslStream::bio_write(BIO* bio, const char* bytes, int size) {
  auto& self = *static_cast<OpenSslStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  self.output_.append({reinterpret_cast<const uint8_t*>(bytes), static_cast<size_t>(size)});
  return size;
}

long OpenSslStream::bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

Error OpenSslStream::handshake_error() const {
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
    return {kBadHttp, "RFC 9110 §4.2.2: a plain HTTP request on a TLS port"};
  }
  const long verified = SSL_get_verify_result(ssl_.get());
  if (!SSL_is_server(ssl_.get()) && verified != X509_V_OK) return error_of_verification(verified);
  return {kSslFailedHandshake, "RFC 8446 §4: the handshake failed"};
}

Status OpenSslStream::handshake() {
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done == 1) {
    // A client may offer TLS 1.2 for the look of it (routes/hello.h): there the certificate crosses in clear.
    failed_ = SSL_version(ssl_.get()) != TLS1_3_VERSION;
    REQUIRE(!failed_, kSslFailedHandshake, "RFC 8446 §4.1.3: the server chose a version below TLS 1.3");
    open_ = true;
    return {};
  }
  if (SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ) return {};
  failed_ = true;
  const Error error = handshake_error();
  ERR_clear_error();
  return error;
}

Status OpenSslStream::start() { return SSL_is_server(ssl_.get()) ? Status() : handshake(); }

Status OpenSslStream::feed(ByteView bytes, Bytes& plain) {
  if (failed_) return Error{kSslBrokenRecord, "RFC 8446 §6.2: nothing is read after a fatal alert"};
  input_ = bytes;
  if (!open_) {
    const Status shaken = handshake();
    if (!shaken || !open_) {
      input_ = {};
      return shaken;
    }
  }
  Status status;
  while (true) {
    const size_t old = plain.size();
    plain.resize(old + kRecordBytesMax);
    ERR_clear_error();
    const int count = SSL_read(ssl_.get(), plain.data() + old, static_cast<int>(kRecordBytesMax));
    plain.resize(old + static_cast<size_t>(std::max(count, 0)));
    if (count > 0) continue;
    const int error = SSL_get_error(ssl_.get(), count);
    if (error == SSL_ERROR_ZERO_RETURN) {
      finished_by_peer_ = true;
    } else if (error != SSL_ERROR_WANT_READ) {
      failed_ = true;
      status = Error{kSslBrokenRecord, "RFC 8446 §5.2: a record that does not decrypt, or a fatal alert"};
    }
    break;
  }
  ERR_clear_error();
  input_ = {};
  return status;
}

Status OpenSslStream::write(ByteView plain) {
  ASSERT(open_);
  while (!plain.empty()) {
    const size_t size = std::min(plain.size(), kRecordBytesMax);
    ERR_clear_error();
    // The BIO takes everything, so nothing is ever written in part.
    const int count = SSL_write(ssl_.get(), plain.data(), static_cast<int>(size));
    if (count != static_cast<int>(size)) {
      failed_ = true;
      ERR_clear_error();
      return Error{kSslBrokenRecord, "RFC 8446 §5: nothing is written after a fatal alert"};
    }
    plain = plain.subspan(size);
  }
  return {};
}

void OpenSslStream::finish() {
  if (!open_ || failed_ || finished_by_us_) return;
  finished_by_us_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool OpenSslStream::is_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

}  // namespace godwit::net
