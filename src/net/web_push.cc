#include "net/web_push.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include <algorithm>
#include <string_view>

#include "net/errors.h"
#include "net/openssl_stream.h"
#include "net/upgrade.h"

namespace godwit::net {
namespace {

constexpr Error kNoOpenSsl{kSystem, "net: OpenSSL does what it is asked"};
constexpr uint32_t kRecordSize = 4'096;
constexpr size_t kScalarSize = 32;
constexpr size_t kTagSize = 16;

struct Free {
  void operator()(BIGNUM* p) const { BN_clear_free(p); }
  void operator()(BN_CTX* p) const { BN_CTX_free(p); }
  void operator()(EC_GROUP* p) const { EC_GROUP_free(p); }
  void operator()(EC_POINT* p) const { EC_POINT_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_CIPHER_CTX* p) const { EVP_CIPHER_CTX_free(p); }
  void operator()(ECDSA_SIG* p) const { ECDSA_SIG_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

// 32 secret bytes, wiped at their end.
struct Wiped {
  Wiped() = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  ByteArray<32> bytes{};
};

// ---- P-256 ----------------------------------------------------------------------------------------------------------

// The pair of a scalar; null: it is out of bounds.
OpenSslPtr<EVP_PKEY> key_pair(const BIGNUM* scalar, P256Public& public_key) {
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<BN_CTX> context(BN_CTX_new());
  if (!group || !context || BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group.get())) >= 0) return {};
  const Owned<EC_POINT> point(EC_POINT_new(group.get()));
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  const Owned<EVP_PKEY_CTX> maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  const bool made = point && builder && maker &&
                    EC_POINT_mul(group.get(), point.get(), scalar, nullptr, nullptr, context.get()) == 1 &&
                    EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, public_key.data(),
                                       public_key.size(), context.get()) == public_key.size() &&
                    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
                    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1 &&
                    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, public_key.data(),
                                                     public_key.size()) == 1;
  const Owned<OSSL_PARAM> parameters(made ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
  EVP_PKEY* out = nullptr;
  if (!parameters || EVP_PKEY_fromdata_init(maker.get()) != 1 ||
      EVP_PKEY_fromdata(maker.get(), &out, EVP_PKEY_KEYPAIR, parameters.get()) != 1) {
    return {};
  }
  return OpenSslPtr<EVP_PKEY>(out);
}

// Null: no point of the curve.
OpenSslPtr<EVP_PKEY> public_half(const P256Public& bytes) {
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<EC_POINT> point(group ? EC_POINT_new(group.get()) : nullptr);
  const bool on_curve = point && bytes.front() == POINT_CONVERSION_UNCOMPRESSED &&
                        EC_POINT_oct2point(group.get(), point.get(), bytes.data(), bytes.size(), nullptr) == 1;
  const Owned<EVP_PKEY_CTX> maker(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  if (!on_curve || !maker || EVP_PKEY_fromdata_init(maker.get()) != 1) return {};
  char name[] = "P-256";
  P256Public copy = bytes;
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
                             OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()),
                             OSSL_PARAM_construct_end()};
  EVP_PKEY* out = nullptr;
  if (EVP_PKEY_fromdata(maker.get(), &out, EVP_PKEY_PUBLIC_KEY, parameters) != 1) return {};
  return OpenSslPtr<EVP_PKEY>(out);
}

bool agree(EVP_PKEY* own, EVP_PKEY* peer, Wiped& out) {
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  size_t size = out.bytes.size();
  return context && EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), peer) == 1 &&
         EVP_PKEY_derive(context.get(), out.bytes.data(), &size) == 1 && size == out.bytes.size();
}

// ---- RFC 8291 -------------------------------------------------------------------------------------------------------

bool hmac(ByteView key, ByteView message, Wiped& out) {
  unsigned size = 0;
  return HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), out.bytes.data(),
              &size) != nullptr &&
         size == out.bytes.size();
}

// HKDF-Expand (RFC 5869 §2.3) of at most one block.
bool expand(const Wiped& key, std::string_view label, std::initializer_list<ByteView> context, Wiped& out) {
  Bytes info = to_bytes(as_bytes(label));
  info.push_back(0);
  for (const ByteView part : context) append(info, part);
  info.push_back(1);
  return hmac(key.bytes, info, out);
}

// RFC 8291 §3.4.
bool derive(EVP_PKEY* own, const P256Public& own_public, EVP_PKEY* peer, const WebPushReceiver& to, ByteView salt,
            Wiped& content_key, Wiped& nonce) {
  Wiped shared;
  Wiped combined;
  Wiped input;
  Wiped mixed;
  return agree(own, peer, shared) && hmac(to.auth, shared.bytes, combined) &&
         expand(combined, "WebPush: info", {to.key, own_public}, input) && hmac(salt, input.bytes, mixed) &&
         expand(mixed, "Content-Encoding: aes128gcm", {}, content_key) &&
         expand(mixed, "Content-Encoding: nonce", {}, nonce);
}

// Appends ciphertext and tag.
bool seal(const Wiped& key, const Wiped& nonce, ByteView plain, Bytes& out) {
  const Owned<EVP_CIPHER_CTX> context(EVP_CIPHER_CTX_new());
  const size_t head = out.size();
  out.resize(head + plain.size() + kTagSize);
  uint8_t* at = out.data() + head;
  int size = 0;
  int last = 0;
  return context &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.bytes.data(), nonce.bytes.data()) == 1 &&
         EVP_EncryptUpdate(context.get(), at, &size, plain.data(), static_cast<int>(plain.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), at + size, &last) == 1 &&
         static_cast<size_t>(size + last) == plain.size() &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, at + plain.size()) == 1;
}

// ---- RFC 8292 -------------------------------------------------------------------------------------------------------

// RFC 7518 §3.4: the two numbers, 32 bytes each. Empty: it failed.
Bytes sign(EVP_PKEY* key, std::string_view text) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  ByteArray<80> der{};
  size_t size = der.size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), der.data(), &size, bytes, text.size()) != 1) {
    return {};
  }
  const unsigned char* cursor = der.data();
  const Owned<ECDSA_SIG> numbers(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
  Bytes out(2 * kScalarSize);
  if (!numbers || BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), out.data(), kScalarSize) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), out.data() + kScalarSize, kScalarSize) < 0) {
    return {};
  }
  return out;
}

bool is_plain(char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; }

std::string base64url_of(const std::string& text) { return to_base64url(as_bytes(text)); }

}  // namespace

Result<Bytes> encrypt_web_push(ByteView plain, const WebPushReceiver& to, const WebPushOnce& once) {
  REQUIRE(plain.size() + 1 + kTagSize <= kRecordSize, kBadOption, "RFC 8291 §4: a push is one record");
  const OpenSslPtr<EVP_PKEY> peer = public_half(to.key);
  const Owned<BIGNUM> scalar(BN_bin2bn(once.private_key.data(), kScalarSize, nullptr));
  P256Public own_public{};
  const OpenSslPtr<EVP_PKEY> own = scalar ? key_pair(scalar.get(), own_public) : nullptr;
  ERR_clear_error();
  REQUIRE(peer != nullptr && own != nullptr, kBadOption, "RFC 8291 §3.1: keys are points of P-256");
  Wiped content_key;
  Wiped nonce;
  Bytes padded = to_bytes(plain);
  padded.push_back(2);  // RFC 8188 §2: the last record
  Bytes out = to_bytes(once.salt);
  for (const int shift : {24, 16, 8, 0}) out.push_back(static_cast<uint8_t>(kRecordSize >> shift));
  out.push_back(static_cast<uint8_t>(own_public.size()));
  append(out, own_public);
  if (!derive(own.get(), own_public, peer.get(), to, once.salt, content_key, nonce) ||
      !seal(content_key, nonce, padded, out)) {
    ERR_clear_error();
    return kNoOpenSsl;
  }
  return out;
}

Result<Bytes> encrypt_web_push(ByteView plain, const WebPushReceiver& to) {
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<BIGNUM> scalar(BN_new());
  WebPushOnce once;
  const bool drawn = group && scalar && BN_priv_rand_range(scalar.get(), EC_GROUP_get0_order(group.get())) == 1 &&
                     BN_bn2binpad(scalar.get(), once.private_key.data(), kScalarSize) == kScalarSize &&
                     RAND_bytes(once.salt.data(), static_cast<int>(once.salt.size())) == 1;
  auto out = drawn ? encrypt_web_push(plain, to, once) : Result<Bytes>(kNoOpenSsl);
  OPENSSL_cleanse(once.private_key.data(), once.private_key.size());
  return out;
}

struct VapidKey::Secret {
  OpenSslPtr<EVP_PKEY> pair;
};

VapidKey::VapidKey() = default;
VapidKey::~VapidKey() = default;
VapidKey::VapidKey(VapidKey&&) noexcept = default;
VapidKey& VapidKey::operator=(VapidKey&&) noexcept = default;

Result<VapidKey> VapidKey::from_seed(ByteView seed) {
  REQUIRE(seed.size() == kScalarSize, kBadOption, "net: a seed has 32 bytes");
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<BN_CTX> context(BN_CTX_new());
  const Owned<BIGNUM> scalar(BN_bin2bn(seed.data(), kScalarSize, nullptr));
  const Owned<BIGNUM> bound(group ? BN_dup(EC_GROUP_get0_order(group.get())) : nullptr);
  // 1 to the order less 1, all but evenly.
  const bool made = context && scalar && bound && BN_sub_word(bound.get(), 1) == 1 &&
                    BN_mod(scalar.get(), scalar.get(), bound.get(), context.get()) == 1 &&
                    BN_add_word(scalar.get(), 1) == 1;
  VapidKey out;
  out.secret_ = std::make_unique<Secret>();
  if (made) out.secret_->pair = key_pair(scalar.get(), out.public_);
  ERR_clear_error();
  if (!out.secret_->pair) return kNoOpenSsl;
  return out;
}

Result<std::string> VapidKey::authorization(const HttpsUrl& url, const std::string& contact, Instant expires) const {
  REQUIRE(std::ranges::all_of(contact, is_plain) && std::ranges::all_of(url.host, is_plain), kBadOption,
          "net: a contact is a URL");
  std::string claims =
      R"({"aud":"https://)" + authority_of(url.host, url.port) + R"(","exp":)" + std::to_string(expires.unix_seconds());
  if (!contact.empty()) claims += R"(,"sub":")" + contact + '"';
  const std::string text = base64url_of(R"({"typ":"JWT","alg":"ES256"})") + "." + base64url_of(claims + "}");
  const Bytes signature = sign(secret_->pair.get(), text);
  ERR_clear_error();
  if (signature.empty()) return kNoOpenSsl;
  return "vapid t=" + text + "." + to_base64url(signature) + ", k=" + to_base64url(public_);
}

std::string web_push_request(const HttpsUrl& endpoint, const std::string& authorization, ByteView message) {
  return "POST " + endpoint.target + " HTTP/1.1\r\nHost: " + authority_of(endpoint.host, endpoint.port) +
         "\r\nTTL: " + std::to_string(kWebPushKept.ms / 1000) + "\r\nUrgency: high\r\nTopic: " + kWebPushTopic +
         "\r\nAuthorization: " + authorization +
         "\r\nContent-Type: application/octet-stream\r\nContent-Encoding: aes128gcm\r\nContent-Length: " +
         std::to_string(message.size()) + "\r\nConnection: close\r\n\r\n" + std::string(as_text(message));
}

}  // namespace godwit::net
