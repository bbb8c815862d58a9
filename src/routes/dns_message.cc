#include "routes/dns_message.h"

#include <algorithm>

#include "routes/errors.h"

namespace godwit::routes {
namespace {

constexpr size_t kHeaderBytes = 12;  // RFC 1035 §4.1.1
constexpr size_t kNameMax = 253;     // RFC 1035 §2.3.4, as text
constexpr size_t kLabelMax = 63;     // RFC 1035 §2.3.4
constexpr uint16_t kInternet = 1;    // RFC 1035 §3.2.4
constexpr uint16_t kCname = 5;       // RFC 1035 §3.2.2
constexpr size_t kRecordsMax = 64;   // our own: records of an answer that are looked at
constexpr size_t kCnamesMax = 8;     // our own: CNAMEs followed; resolvers stop about there
constexpr int kPointersMax = 16;     // our own: compression pointers followed in one name

constexpr const char* kCut = "RFC 1035 §4: the message ends early";

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

void put16(Bytes& out, uint16_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value & 0xff));
}

struct Record {
  std::string name;
  uint16_t type = 0;
  uint16_t record_class = 0;
  ByteView data;
  size_t data_at = 0;
};

/// A cursor over one message.
class Message {
 public:
  explicit Message(ByteView bytes) : bytes_(bytes) {}

  bool take16(uint16_t& out) {
    if (bytes_.size() - at_ < 2) return false;
    out = static_cast<uint16_t>(bytes_[at_] << 8 | bytes_[at_ + 1]);
    at_ += 2;
    return true;
  }
  bool skip(size_t count) {
    if (bytes_.size() - at_ < count) return false;
    at_ += count;
    return true;
  }
  bool take_name(std::string& out) { return read_name(at_, out); }
  // The name at `at`, which is moved behind it; pointers lead backwards only (RFC 1035 §4.1.4).
  bool read_name(size_t& at, std::string& out) const;
  bool take_record(Record& out);

 private:
  ByteView bytes_;
  size_t at_ = 0;
};

bool Message::read_name(size_t& at, std::string& out) const {
  out.clear();
  size_t cursor = at;
  size_t lowest = at;
  bool jumped = false;
  for (int pointers = 0; cursor < bytes_.size();) {
    const uint8_t size = bytes_[cursor];
    if ((size & 0xc0) == 0xc0) {
      if (cursor + 1 >= bytes_.size() || ++pointers > kPointersMax) return false;
      const size_t target = static_cast<size_t>((size & 0x3f) << 8 | bytes_[cursor + 1]);
      if (!jumped) at = cursor + 2;
      jumped = true;
      if (target >= lowest) return false;
      cursor = lowest = target;
      continue;
    }
    if (size > kLabelMax) return false;
    ++cursor;
    if (size == 0) {
      if (!jumped) at = cursor;
      return true;
    }
    if (!out.empty()) out += '.';
    if (bytes_.size() - cursor < size || out.size() + size > kNameMax) return false;
    for (size_t i = 0; i < size; ++i) {
      const char c = to_lower(static_cast<char>(bytes_[cursor + i]));
      if (c == '.' || c == '\0') return false;  // could be taken for another name
      out += c;
    }
    cursor += size;
  }
  return false;
}

bool Message::take_record(Record& out) {
  uint16_t size = 0;
  if (!take_name(out.name) || !take16(out.type) || !take16(out.record_class) || !skip(4) || !take16(size)) return false;
  out.data_at = at_;
  if (!skip(size)) return false;
  out.data = bytes_.subspan(out.data_at, size);
  return true;
}

MappedAddress mapped(ByteView data) {
  MappedAddress out{};
  if (data.size() == 4) out[10] = out[11] = 0xff;
  std::copy(data.begin(), data.end(), out.end() - static_cast<ptrdiff_t>(data.size()));
  return out;
}

// Follows the CNAMEs from `name` and gathers the addresses at their end.
void gather(const std::vector<Record>& records, const Message& message, std::string name, DnsType type,
            std::vector<MappedAddress>& out) {
  const size_t size = type == DnsType::kA ? 4 : 16;
  for (size_t step = 0; step <= kCnamesMax; ++step) {
    const Record* next = nullptr;
    for (const Record& record : records) {
      if (record.name != name || record.record_class != kInternet) continue;
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
  REQUIRE(!name.empty() && name.size() <= kNameMax, kBadDnsMessage, "RFC 1035 §2.3.4: a name has 1 to 253 characters");
  Bytes out;
  put16(out, id);
  put16(out, 0x0100);  // RD
  for (const int count : {1, 0, 0, 0}) put16(out, static_cast<uint16_t>(count));
  for (std::string_view rest = name;;) {
    const size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    REQUIRE(!label.empty() && label.size() <= kLabelMax, kBadDnsMessage, "RFC 1035 §2.3.4: a label has 1 to 63");
    out.push_back(static_cast<uint8_t>(label.size()));
    append(out, as_bytes(label));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  out.push_back(0);
  put16(out, static_cast<uint16_t>(type));
  put16(out, kInternet);
  return out;
}

Result<DnsAnswer> parse_dns_answer(ByteView bytes, uint16_t id, const std::string& name, DnsType type) {
  REQUIRE(bytes.size() >= kHeaderBytes && bytes.size() <= kDnsMessageMax, kBadDnsMessage,
          "RFC 1035 §4.1.1: a message has a header, and ours are short");
  Message message(bytes);
  uint16_t answer_id = 0, flags = 0, questions = 0, answers = 0, rest = 0;
  const bool header = message.take16(answer_id) && message.take16(flags) && message.take16(questions) &&
                      message.take16(answers) && message.take16(rest) && message.take16(rest);
  REQUIRE(header && answer_id == id && (flags & 0x8000) != 0 && (flags & 0x7800) == 0 && questions == 1, kBadDnsMessage,
          "RFC 1035 §4.1.1: an answer to our query");
  std::string asked, wanted(name);
  uint16_t asked_type = 0, asked_class = 0;
  REQUIRE(message.take_name(asked) && message.take16(asked_type) && message.take16(asked_class), kBadDnsMessage, kCut);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), to_lower);
  REQUIRE(asked == wanted && asked_type == static_cast<uint16_t>(type) && asked_class == kInternet, kBadDnsMessage,
          "RFC 1035 §4.1.2: an answer repeats the question");
  DnsAnswer out;
  out.code = static_cast<DnsAnswer::Code>(flags & 0x000f);
  out.truncated = (flags & 0x0200) != 0;
  std::vector<Record> records;
  for (size_t i = 0; i < answers && i < kRecordsMax; ++i) {
    Record record;
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
