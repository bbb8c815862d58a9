#include "lab/censor/ja4.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cctype>

#include "lab/censor/ja4_list.h"
#include "lab/censor/options.h"

namespace godwit::lab {
namespace {

std::string hex4(uint16_t value) {
  return to_hex(Bytes{static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)});
}

std::string joined(const std::vector<uint16_t>& values) {
  std::string out;
  for (const uint16_t value : values) out += (out.empty() ? "" : ",") + hex4(value);
  return out;
}

std::vector<uint16_t> without_grease(const std::vector<uint16_t>& values) {
  std::vector<uint16_t> out;
  std::copy_if(values.begin(), values.end(), std::back_inserter(out), [](uint16_t value) { return !is_grease(value); });
  return out;
}

std::string short_hash(const std::string& text) {
  if (text.empty()) return "000000000000";
  ByteArray<SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return to_hex(ByteView(digest).first(6));
}

std::string two_digits(size_t count) {
  const std::string text = std::to_string(std::min<size_t>(count, 99));
  return text.size() == 1 ? "0" + text : text;
}

std::string version_text(const TlsHello& hello, HelloCarrier carrier) {
  std::vector<uint16_t> versions = without_grease(hello.versions);
  if (versions.empty()) versions.push_back(hello.legacy_version);
  if (carrier == HelloCarrier::kDtls) {
    switch (*std::min_element(versions.begin(), versions.end())) {  // DTLS counts downwards
      case 0xfefc:
        return "d3";
      case 0xfefd:
        return "d2";
      case 0xfeff:
        return "d1";
      default:
        return "00";
    }
  }
  switch (*std::max_element(versions.begin(), versions.end())) {
    case 0x0304:
      return "13";
    case 0x0303:
      return "12";
    case 0x0302:
      return "11";
    case 0x0301:
      return "10";
    default:
      return "00";
  }
}

std::string alpn_text(const TlsHello& hello) {
  if (hello.alpn.empty() || hello.alpn[0].empty()) return "00";
  const std::string& first = hello.alpn[0];
  const auto plain = [](char character) { return std::isalnum(static_cast<unsigned char>(character)) != 0; };
  if (plain(first.front()) && plain(first.back())) return {first.front(), first.back()};
  const std::string digits = to_hex(as_bytes(first));
  return {digits.front(), digits.back()};
}

}  // namespace

std::string ja4(const TlsHello& hello, HelloCarrier carrier) {
  std::vector<uint16_t> ciphers = without_grease(hello.ciphers);
  std::vector<uint16_t> extensions = without_grease(hello.extensions);
  std::string out(1, static_cast<char>(carrier));
  out += version_text(hello, carrier);
  out += hello.has_extension(kExtensionServerName) ? 'd' : 'i';
  out += two_digits(ciphers.size()) + two_digits(extensions.size()) + alpn_text(hello);

  std::sort(ciphers.begin(), ciphers.end());
  std::erase(extensions, kExtensionServerName);
  std::erase(extensions, kExtensionAlpn);
  std::sort(extensions.begin(), extensions.end());
  std::string extension_text = joined(extensions);
  const std::string signatures = joined(without_grease(hello.signature_algorithms));
  if (!signatures.empty()) extension_text += "_" + signatures;
  return out + "_" + short_hash(joined(ciphers)) + "_" + short_hash(extension_text);
}

std::vector<std::string> listed_ja4() { return lines_of(kJa4List); }

}  // namespace godwit::lab
