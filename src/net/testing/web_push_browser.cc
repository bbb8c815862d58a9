#include "net/testing/web_push_browser.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>

#include "net/openssl_stream.h"

namespace godwit::net::testing {
namespace {

// By OpenSSL's own HKDF, where the sender has HMAC alone.
Bytes hkdf(ByteView salt, ByteView material, std::string_view info, size_t size) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr);
  Bytes out(size);
  EVP_PKEY_derive_init(context);
  EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256());
  EVP_PKEY_CTX_set1_hkdf_salt(context, salt.data(), static_cast<int>(salt.size()));
  EVP_PKEY_CTX_set1_hkdf_key(context, material.data(), static_cast<int>(material.size()));
  EVP_PKEY_CTX_add1_hkdf_info(context, reinterpret_cast<const unsigned char*>(info.data()),
                              static_cast<int>(info.size()));
  EVP_PKEY_derive(context, out.data(), &size);
  EVP_PKEY_CTX_free(context);
  return out;
}

std::optional<Bytes> open_record(ByteView record, ByteView key, ByteView nonce) {
  if (record.size() < 17) return std::nullopt;
  const size_t size = record.size() - 16;
  Bytes out(size);
  Bytes tag = to_bytes(record.subspan(size));
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int written = 0;
  EVP_DecryptInit_ex(context, EVP_aes_128_gcm(), nullptr, key.data(), nonce.data());
  EVP_DecryptUpdate(context, out.data(), &written, record.data(), static_cast<int>(size));
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, 16, tag.data());
  const bool opened = EVP_DecryptFinal_ex(context, out.data() + written, &written) == 1;
  EVP_CIPHER_CTX_free(context);
  if (!opened) return std::nullopt;
  return out;
}

OpenSslPtr<EVP_PKEY> public_key_of(ByteView point) {
  EVP_PKEY_CTX* maker = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  char name[] = "P-256";
  Bytes copy = to_bytes(point);
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
                             OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()),
                             OSSL_PARAM_construct_end()};
  EVP_PKEY* out = nullptr;
  EVP_PKEY_fromdata_init(maker);
  EVP_PKEY_fromdata(maker, &out, EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_PKEY_CTX_free(maker);
  return OpenSslPtr<EVP_PKEY>(out);
}

// With a private key given; its public one is left out of it, OpenSSL reckons it.
OpenSslPtr<EVP_PKEY> private_key_of(const ByteArray<32>& scalar) {
  EC_GROUP* group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  EC_POINT* point = EC_POINT_new(group);
  BIGNUM* number = BN_bin2bn(scalar.data(), 32, nullptr);
  P256Public bytes{};
  EC_POINT_mul(group, point, number, nullptr, nullptr, nullptr);
  EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, bytes.data(), bytes.size(), nullptr);
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size());
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* maker = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* out = nullptr;
  EVP_PKEY_fromdata_init(maker);
  EVP_PKEY_fromdata(maker, &out, EVP_PKEY_KEYPAIR, parameters);
  EVP_PKEY_CTX_free(maker);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(number);
  EC_POINT_free(point);
  EC_GROUP_free(group);
  return OpenSslPtr<EVP_PKEY>(out);
}

std::optional<std::string> decoded_text(std::string_view base64url) {
  Bytes bytes;
  if (!from_base64url(base64url, bytes)) return std::nullopt;
  return std::string(as_text(bytes));
}

}  // namespace

std::optional<Bytes> open_aes128gcm(ByteView message, ByteView key_material) {
  if (message.size() < 21) return std::nullopt;
  const ByteView salt = message.first(16);
  size_t record_size = 0;
  for (size_t i = 16; i < 20; ++i) record_size = record_size << 8 | message[i];
  const size_t head = 21U + message[20];
  if (message.size() < head || record_size < 18) return std::nullopt;
  using namespace std::string_view_literals;
  const Bytes key = hkdf(salt, key_material, "Content-Encoding: aes128gcm\0"sv, 16);
  const Bytes base = hkdf(salt, key_material, "Content-Encoding: nonce\0"sv, 12);
  ByteView rest = message.subspan(head);
  Bytes out;
  for (uint8_t number = 0; !rest.empty(); ++number) {
    const ByteView record = rest.first(std::min(record_size, rest.size()));
    rest = rest.subspan(record.size());
    Bytes nonce = base;
    nonce.back() ^= number;
    auto plain = open_record(record, key, nonce);
    if (!plain) return std::nullopt;
    while (!plain->empty() && plain->back() == 0) plain->pop_back();
    const uint8_t delimiter = rest.empty() ? 2 : 1;
    if (plain->empty() || plain->back() != delimiter) return std::nullopt;
    plain->pop_back();
    append(out, *plain);
  }
  return out;
}

struct WebPushBrowser::Key {
  OpenSslPtr<EVP_PKEY> pair;
};

WebPushBrowser::WebPushBrowser(std::optional<ByteArray<32>> private_key, const ByteArray<16>& auth)
    : key_(std::make_unique<Key>()) {
  key_->pair = private_key ? private_key_of(*private_key) : OpenSslPtr<EVP_PKEY>(EVP_EC_gen("P-256"));
  size_t size = 0;
  EVP_PKEY_get_octet_string_param(key_->pair.get(), OSSL_PKEY_PARAM_PUB_KEY, receiver_.key.data(), receiver_.key.size(),
                                  &size);
  receiver_.auth = auth;
}
WebPushBrowser::~WebPushBrowser() = default;

std::optional<Bytes> WebPushBrowser::open(ByteView message) const {
  if (message.size() < 21 + 65 || message[20] != 65) return std::nullopt;
  const ByteView sender = message.subspan(21, 65);
  const auto peer = public_key_of(sender);
  if (!peer) return std::nullopt;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key_->pair.get(), nullptr);
  Bytes shared(32);
  size_t size = shared.size();
  EVP_PKEY_derive_init(context);
  EVP_PKEY_derive_set_peer(context, peer.get());
  EVP_PKEY_derive(context, shared.data(), &size);
  EVP_PKEY_CTX_free(context);
  using namespace std::string_view_literals;
  std::string info("WebPush: info\0"sv);
  info += as_text(receiver_.key);
  info += as_text(sender);
  return open_aes128gcm(message, hkdf(receiver_.auth, shared, info, 32));
}

std::string vapid_claims(std::string_view authorization, P256Public& key) {
  constexpr std::string_view kHead = "vapid t=";
  const size_t comma = authorization.find(", k=");
  if (!authorization.starts_with(kHead) || comma == std::string_view::npos) return {};
  const std::string_view token = authorization.substr(kHead.size(), comma - kHead.size());
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  Bytes point;
  Bytes numbers;
  if (first == last || !from_base64url(authorization.substr(comma + 4), point) || point.size() != key.size() ||
      !from_base64url(token.substr(last + 1), numbers) || numbers.size() != 64) {
    return {};
  }
  std::copy(point.begin(), point.end(), key.begin());
  if (decoded_text(token.substr(0, first)) != R"({"typ":"JWT","alg":"ES256"})") return {};
  ECDSA_SIG* signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(numbers.data(), 32, nullptr), BN_bin2bn(numbers.data() + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &der);
  const auto peer = public_key_of(point);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const std::string_view text = token.substr(0, last);
  const bool good = peer && EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, peer.get()) == 1 &&
                    EVP_DigestVerify(context, der, static_cast<size_t>(size),
                                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(context);
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  return good ? decoded_text(token.substr(first + 1, last - first - 1)).value_or("") : std::string();
}

}  // namespace godwit::net::testing
