#include "routes/mdns.h"

#include <algorithm>

#include "base/assert.h"
#include "routes/dns_message.h"
#include "routes/dns_reader.h"
#include "routes/errors.h"

namespace godwit::routes {
namespace {

constexpr uint16_t kSrv = 33;                               // RFC 2782
constexpr uint16_t kTopBit = 0x8000;                        // of a class: QU (RFC 6762 §5.4) or cache-flush (§10.2)
constexpr uint16_t kResponse = 0x8400;                      // QR and AA (RFC 6762 §18.2, §18.4)
constexpr uint16_t kFlagsOfKind = 0xf80f;                   // QR, OPCODE, RCODE: the rest is ignored (RFC 6762 §18)
constexpr size_t kRecordsMax = 128;                         // our own: records of an answer that are looked at
constexpr std::string_view kService = "._http._tcp.local";  // the most common of services
constexpr std::string_view kHost = ".local";

constexpr const char* kCut = "RFC 1035 §4: the message ends early";

std::string digits_of(const LanName& name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : name.value) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// A name of our form; in lower case, as the reader gives it.
bool lan_name_of(std::string_view text, LanName& out) {
  if (text.size() != 2 * LanName::kSize + kService.size() || !text.ends_with(kService)) return false;
  for (size_t i = 0; i < LanName::kSize; ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out.value[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return true;
}

// Writes the questions: the first name whole, the others with a pointer to what follows its first label. Where each name
// stands goes into `places`.
void put_questions(Bytes& out, const std::vector<LanName>& names, std::vector<size_t>& places) {
  constexpr size_t kFirstLabel = 1 + 2 * LanName::kSize;
  for (const LanName& name : names) {
    places.push_back(out.size());
    const std::string digits = digits_of(name);
    if (places.size() == 1) {
      const bool written = put_dns_name(out, digits + std::string(kService));
      ASSERT(written);
    } else {
      out.push_back(static_cast<uint8_t>(digits.size()));
      append(out, as_bytes(digits));
      put_dns16(out, static_cast<uint16_t>(0xc000 | (places.front() + kFirstLabel)));
    }
    put_dns16(out, kSrv);
    put_dns16(out, kDnsInternet | kTopBit);
  }
}

void put_ttl(Bytes& out) {
  put_dns16(out, 0);
  put_dns16(out, kMdnsTtlSeconds);
}

struct Header {
  uint16_t id = 0, flags = 0, questions = 0, answers = 0, authorities = 0, additionals = 0;
};

bool take_header(DnsReader& reader, Header& out) {
  return reader.take16(out.id) && reader.take16(out.flags) && reader.take16(out.questions) &&
         reader.take16(out.answers) && reader.take16(out.authorities) && reader.take16(out.additionals);
}

}  // namespace

Bytes mdns_question(uint16_t id, const std::vector<LanName>& names) {
  ASSERT(!names.empty() && names.size() <= kMdnsNamesMax);
  Bytes out;
  put_dns16(out, id);
  put_dns16(out, 0);
  for (const size_t count : {names.size(), size_t{0}, size_t{0}, size_t{0}})
    put_dns16(out, static_cast<uint16_t>(count));
  std::vector<size_t> places;
  put_questions(out, names, places);
  return out;
}

Result<MdnsQuestion> parse_mdns_question(ByteView bytes) {
  REQUIRE(bytes.size() <= kMdnsMessageMax, kBadDnsMessage, "RFC 6762 §17: a message has at most 9,000 bytes");
  DnsReader reader(bytes);
  Header header;
  REQUIRE(take_header(reader, header) && (header.flags & kFlagsOfKind) == 0, kBadDnsMessage,
          "RFC 6762 §18: the header of a question");
  REQUIRE(header.questions <= kMdnsQuestionsMax, kBadDnsMessage, "mdns: at most 256 questions");
  MdnsQuestion out;
  out.id = header.id;
  for (size_t i = 0; i < header.questions; ++i) {
    std::string text;
    uint16_t type = 0, of_class = 0;
    REQUIRE(reader.take_name(text) && reader.take16(type) && reader.take16(of_class), kBadDnsMessage, kCut);
    LanName name;
    if (type != kSrv || (of_class & ~kTopBit) != kDnsInternet || !lan_name_of(text, name)) continue;
    const bool known = std::find(out.names.begin(), out.names.end(), name) != out.names.end();
    if (!known && out.names.size() < kMdnsNamesMax) out.names.push_back(name);
  }
  return out;
}

Bytes mdns_answer(uint16_t id, const std::vector<LanName>& names, uint16_t port, const ByteArray<4>& address) {
  ASSERT(!names.empty() && names.size() <= kMdnsNamesMax);
  Bytes out;
  put_dns16(out, id);
  put_dns16(out, kResponse);
  for (const size_t count : {names.size(), names.size(), size_t{0}, size_t{1}}) {
    put_dns16(out, static_cast<uint16_t>(count));
  }
  std::vector<size_t> places;
  put_questions(out, names, places);
  // The target stands whole each time: RFC 2782 forbids its compression, and RFC 6762 §18.14 keeps to that here.
  Bytes target;
  const bool written = put_dns_name(target, digits_of(names.front()) + std::string(kHost));
  ASSERT(written);
  for (const size_t place : places) {
    put_dns16(out, static_cast<uint16_t>(0xc000 | place));
    put_dns16(out, kSrv);
    put_dns16(out, kDnsInternet);
    put_ttl(out);
    put_dns16(out, static_cast<uint16_t>(6 + target.size()));
    for (const uint16_t number : {uint16_t{0}, uint16_t{0}, port}) put_dns16(out, number);  // priority, weight
    append(out, target);
  }
  append(out, target);
  put_dns16(out, static_cast<uint16_t>(DnsType::kA));
  put_dns16(out, kDnsInternet);
  put_ttl(out);
  put_dns16(out, static_cast<uint16_t>(address.size()));
  append(out, address);
  return out;
}

Result<std::vector<MdnsFound>> parse_mdns_answer(ByteView bytes, uint16_t id) {
  REQUIRE(bytes.size() <= kMdnsMessageMax, kBadDnsMessage, "RFC 6762 §17: a message has at most 9,000 bytes");
  DnsReader reader(bytes);
  Header header;
  REQUIRE(take_header(reader, header) && header.id == id && (header.flags & kFlagsOfKind) == kTopBit, kBadDnsMessage,
          "RFC 6762 §6.7: an answer to our question");
  REQUIRE(header.questions <= kMdnsQuestionsMax && header.answers <= kRecordsMax, kBadDnsMessage,
          "mdns: at most 256 questions and 128 records");
  for (size_t i = 0; i < header.questions; ++i) {
    std::string text;
    REQUIRE(reader.take_name(text) && reader.skip(4), kBadDnsMessage, kCut);
  }
  std::vector<MdnsFound> out;
  for (size_t i = 0; i < header.answers; ++i) {
    DnsRecord record;
    REQUIRE(reader.take_record(record), kBadDnsMessage, kCut);
    MdnsFound found;
    if (record.type != kSrv || (record.record_class & ~kTopBit) != kDnsInternet || record.data.size() < 7) continue;
    if (!lan_name_of(record.name, found.name)) continue;
    found.port = static_cast<uint16_t>(record.data[4] << 8 | record.data[5]);
    if (found.port == 0 || out.size() >= kMdnsNamesMax) continue;
    out.push_back(found);
  }
  return out;
}

}  // namespace godwit::routes
