#include "routes/dns_message.h"

#include <algorithm>

#include "routes/dns_reader.h"
#include "routes/errors.h"

namespace godwit::routes {
namespace {

constexpr uint16_t kCname = 5;      // RFC 1035 §3.2.2
constexpr size_t kRecordsMax = 64;  // our own: records of an answer that are looked at
constexpr size_t kCnamesMax = 8;    // our own: CNAMEs followed; resolvers stop about there

constexpr const char* kCut = "RFC 1035 §4: the message ends early";

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

MappedAddress mapped(ByteView data) {
  MappedAddress out{};
  if (data.size() == 4) out[10] = out[11] = 0xff;
  std::copy(data.begin(), data.end(), out.end() - static_cast<ptrdiff_t>(data.size()));
  return out;
}

// Follows the CNAMEs from `name` and gathers the addresses at their end.
void gather(const std::vector<DnsRecord>& records, const DnsReader& message, std::string name, DnsType type,
            std::vector<MappedAddress>& out) {
  const size_t size = type == DnsType::kA ? 4 : 16;
  for (size_t step = 0; step <= kCnamesMax; ++step) {
    const DnsRecord* next = nullptr;
    for (const DnsRecord& record : records) {
      if (record.name != name || record.record_class != kDnsInternet) continue;
      if (record.type == kCname && next == nullptr) next = &record;
      if (record.type != static_cast<uint16_t>(type) || record.data.size() != size) continue;
      const MappedAddress address = mapped(record.data);
      const bool known = std::find(out.begin(), out.end(), address) != out.end();
      if (!known && out.size() < kDnsAddressesMax) out.push_back(address);
    }
    if (!out.empty() || next == nullptr) return;
    size_t at = next->data_at;
    if (!message.read_name(at, name)) return;
  }
}

}  // namespace

Result<Bytes> dns_query(uint16_t id, const std::string& name, DnsType type) {
  Bytes out;
  put_dns16(out, id);
  put_dns16(out, 0x0100);  // RD
  for (const int count : {1, 0, 0, 0}) put_dns16(out, static_cast<uint16_t>(count));
  REQUIRE(put_dns_name(out, name), kBadDnsMessage, "RFC 1035 §2.3.4: labels of 1 to 63, a name of 1 to 253");
  put_dns16(out, static_cast<uint16_t>(type));
  put_dns16(out, kDnsInternet);
  return out;
}

Result<DnsAnswer> parse_dns_answer(ByteView bytes, uint16_t id, const std::string& name, DnsType type) {
  REQUIRE(bytes.size() >= kDnsHeaderBytes && bytes.size() <= kDnsMessageMax, kBadDnsMessage,
          "RFC 1035 §4.1.1: a message has a header, and ours are short");
  DnsReader message(bytes);
  uint16_t answer_id = 0, flags = 0, questions = 0, answers = 0, rest = 0;
  const bool header = message.take16(answer_id) && message.take16(flags) && message.take16(questions) &&
                      message.take16(answers) && message.take16(rest) && message.take16(rest);
  REQUIRE(header && answer_id == id && (flags & 0x8000) != 0 && (flags & 0x7800) == 0 && questions == 1, kBadDnsMessage,
          "RFC 1035 §4.1.1: an answer to our query");
  std::string asked, wanted(name);
  uint16_t asked_type = 0, asked_class = 0;
  REQUIRE(message.take_name(asked) && message.take16(asked_type) && message.take16(asked_class), kBadDnsMessage, kCut);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), to_lower);
  REQUIRE(asked == wanted && asked_type == static_cast<uint16_t>(type) && asked_class == kDnsInternet, kBadDnsMessage,
          "RFC 1035 §4.1.2: an answer repeats the question");
  DnsAnswer out;
  out.code = static_cast<DnsAnswer::Code>(flags & 0x000f);
  out.truncated = (flags & 0x0200) != 0;
  std::vector<DnsRecord> records;
  for (size_t i = 0; i < answers && i < kRecordsMax; ++i) {
    DnsRecord record;
    if (!message.take_record(record)) {
      REQUIRE(out.truncated, kBadDnsMessage, kCut);
      break;
    }
    records.push_back(std::move(record));
  }
  gather(records, message, wanted, type, out.addresses);
  return out;
}

}  // namespace godwit::routes
