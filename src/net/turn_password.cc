#include "net/turn_password.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "net/base64.h"

namespace godwit::net {

std::string turn_password(std::string_view secret, std::string_view username) {
  ByteArray<20> tag{};
  unsigned int size = tag.size();
  const ByteView text = as_bytes(username);
  HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), text.data(), text.size(), tag.data(), &size);
  return to_base64(tag, 0);
}

}  // namespace godwit::net
