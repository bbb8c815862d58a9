#include "routes/dns_reader.h"

namespace godwit::routes {
namespace {

constexpr int kPointersMax = 16;  // our own: compression pointers followed in one name

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

void put_dns16(Bytes& out, uint16_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value & 0xff));
}

bool put_dns_name(Bytes& out, std::string_view name) {
  if (name.empty() || name.size() > kDnsNameMax) return false;
  while (true) {
    const size_t dot = name.find('.');
    const std::string_view label = name.substr(0, dot);
    if (label.empty() || label.size() > kDnsLabelMax) return false;
    out.push_back(static_cast<uint8_t>(label.size()));
    append(out, as_bytes(label));
    if (dot == std::string_view::npos) break;
    name.remove_prefix(dot + 1);
  }
  out.push_back(0);
  return true;
}

bool DnsReader::take16(uint16_t& out) {
  if (bytes_.size() - at_ < 2) return false;
  out = static_cast<uint16_t>(bytes_[at_] << 8 | bytes_[at_ + 1]);
  at_ += 2;
  return true;
}

bool DnsReader::skip(size_t count) {
  if (bytes_.size() - at_ < count) return false;
  at_ += count;
  return true;
}

bool DnsReader::read_name(size_t& at, std::string& out) const {
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
    if (size > kDnsLabelMax) return false;
    ++cursor;
    if (size == 0) {
      if (!jumped) at = cursor;
      return true;
    }
    if (!out.empty()) out += '.';
    if (bytes_.size() - cursor < size || out.size() + size > kDnsNameMax) return false;
    for (size_t i = 0; i < size; ++i) {
      const char c = to_lower(static_cast<char>(bytes_[cursor + i]));
      if (c == '.' || c == '\0') return false;  // could be taken for another name
      out += c;
    }
    cursor += size;
  }
  return false;
}

bool DnsReader::take_record(DnsRecord& out) {
  uint16_t size = 0;
  if (!take_name(out.name) || !take16(out.type) || !take16(out.record_class) || !skip(4) || !take16(size)) return false;
  out.data_at = at_;
  if (!skip(size)) return false;
  out.data = bytes_.subspan(out.data_at, size);
  return true;
}

}  // namespace godwit::routes
