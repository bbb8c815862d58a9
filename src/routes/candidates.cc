#include "routes/candidates.h"

#include <algorithm>

#include "routes/ip_address.h"

namespace godwit::routes {
namespace {

struct Block {
  uint8_t first[4];
  int bits;
  AddressKind kind;
};

// RFC 6890, as far as no name of a home can lead there; the last one is what Iran's injectors answer (censor-modes, A44).
constexpr Block kBlocks[] = {
    {{0, 0, 0, 0}, 8, AddressKind::kBogus},        {{127, 0, 0, 0}, 8, AddressKind::kBogus},
    {{169, 254, 0, 0}, 16, AddressKind::kBogus},   {{224, 0, 0, 0}, 3, AddressKind::kBogus},
    {{10, 10, 34, 34}, 31, AddressKind::kBogus},   {{10, 10, 34, 36}, 32, AddressKind::kBogus},
    {{10, 0, 0, 0}, 8, AddressKind::kPrivate},     {{172, 16, 0, 0}, 12, AddressKind::kPrivate},
    {{192, 168, 0, 0}, 16, AddressKind::kPrivate}, {{100, 64, 0, 0}, 10, AddressKind::kPrivate},
};

uint32_t number(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

bool is_mapped(const MappedAddress& address) {
  return std::all_of(address.begin(), address.begin() + 10, [](uint8_t byte) { return byte == 0; }) &&
         address[10] == 0xff && address[11] == 0xff;
}

AddressKind kind_of_ipv6(const MappedAddress& address) {
  if ((address[0] & 0xfe) == 0xfc) return AddressKind::kPrivate;  // RFC 4193
  const bool low = std::all_of(address.begin(), address.end() - 4, [](uint8_t byte) { return byte == 0; });
  if (low || address[0] == 0xff) return AddressKind::kBogus;  // ::, ::1, multicast
  const bool link = address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
  return link ? AddressKind::kBogus : AddressKind::kPublic;
}

}  // namespace

AddressKind kind_of(const MappedAddress& address) {
  if (!is_mapped(address)) return kind_of_ipv6(address);
  const uint32_t value = number(address.data() + 12);
  for (const Block& block : kBlocks) {
    if ((value ^ number(block.first)) >> (32 - block.bits) == 0) return block.kind;
  }
  return AddressKind::kPublic;
}

std::string print_address(const MappedAddress& address) {
  if (!is_mapped(address)) return print_ipv6(address);
  return print_ipv4({address[12], address[13], address[14], address[15]});
}

std::optional<MappedAddress> parse_address(std::string_view text) {
  if (const auto ipv4 = parse_ipv4(text)) {
    MappedAddress out{};
    out[10] = out[11] = 0xff;
    std::copy(ipv4->begin(), ipv4->end(), out.begin() + 12);
    return out;
  }
  return parse_ipv6(text);
}

bool is_local_name(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return true;
  const std::string_view last = name.substr(dot + 1);
  return last == "localhost" || last == "local" || last == "lan" || last == "internal" || name.ends_with(".home.arpa");
}

void Candidates::add(const MappedAddress& address, AddressSource source) {
  const AddressKind kind = local_ || source == AddressSource::kHint ? AddressKind::kPublic : kind_of(address);
  // A private address from abroad is a lie; from the system's resolver it may be a home in the house.
  const bool believed = kind == AddressKind::kPrivate && source == AddressSource::kSystem;
  const int doubt = kind == AddressKind::kPublic ? 0 : believed ? 1 : 2;
  for (Entry& entry : entries_) {
    if (entry.candidate.address != address) continue;
    entry.candidate.doubt = std::min(entry.candidate.doubt, doubt);
    return;
  }
  if (entries_.size() < kCandidatesMax) entries_.push_back({{address, source, doubt}});
}

std::optional<Candidate> Candidates::next(bool settled) {
  Entry* best = nullptr;
  for (Entry& entry : entries_) {
    if (entry.taken || (entry.candidate.doubt > 0 && !settled)) continue;
    if (best == nullptr || entry.candidate.doubt < best->candidate.doubt) best = &entry;
  }
  if (best == nullptr) return std::nullopt;
  best->taken = true;
  return best->candidate;
}

bool Candidates::has_one(bool settled, int doubt_max) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    const int doubt = entry.candidate.doubt;
    return !entry.taken && doubt <= doubt_max && (doubt == 0 || settled);
  });
}

}  // namespace godwit::routes
