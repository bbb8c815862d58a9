#include "lab/censor/dns.h"

#include <cctype>

#include "lab/censor/cursor.h"

namespace godwit::lab {
namespace {

constexpr size_t kHeader = 12;
constexpr size_t kNameMax = 255;

Bytes answer_head(ByteView message, const DnsQuery& query, uint8_t response_code, uint8_t answers) {
  Bytes out = to_bytes(message.first(query.question));
  out[2] = static_cast<uint8_t>(0x80 | (message[2] & 0x01));  // a response; recursion desired as it was asked
  out[3] = static_cast<uint8_t>(0x80 | response_code);        // recursion available
  out[6] = 0;
  out[7] = answers;
  for (size_t i = 8; i < kHeader; ++i) out[i] = 0;
  return out;
}

}  // namespace

bool parse_dns_query(ByteView message, DnsQuery& out) {
  Cursor cursor(message);
  cursor.take(2);
  const uint16_t flags = cursor.u16();
  const uint16_t questions = cursor.u16();
  cursor.take(6);
  if (!cursor.ok() || (flags & 0xf800) != 0 || questions != 1) return false;
  DnsQuery query;
  while (true) {
    const uint8_t length = cursor.u8();
    if (!cursor.ok() || length > 63) return false;
    if (length == 0) break;
    if (!query.name.empty()) query.name += '.';
    for (const uint8_t byte : cursor.take(length)) query.name += static_cast<char>(std::tolower(byte));
    if (query.name.size() > kNameMax) return false;
  }
  query.type = cursor.u16();
  cursor.take(2);
  if (!cursor.ok()) return false;
  query.question = message.size() - cursor.rest().size();
  out = std::move(query);
  return true;
}

Bytes dns_nxdomain(ByteView message, const DnsQuery& query) { return answer_head(message, query, 3, 0); }

Bytes dns_answer(ByteView message, const DnsQuery& query, const Address& address) {
  if (query.type != kTypeA) return answer_head(message, query, 0, 0);
  Bytes out = answer_head(message, query, 0, 1);
  append(out, Bytes{0xc0, kHeader, 0, kTypeA, 0, 1, 0, 0, 0, 60, 0, 4});  // the question's name, IN, 60 s
  append(out, address.view().first(4));
  return out;
}

}  // namespace godwit::lab
