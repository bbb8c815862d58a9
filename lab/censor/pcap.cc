#include "lab/censor/pcap.h"

namespace godwit::lab {
namespace {

constexpr uint32_t kMagic = 0xa1b2c3d4;
constexpr uint32_t kSnapLength = 65535;
constexpr uint32_t kLinkTypeRaw = 101;

void put32(std::ofstream& file, uint32_t value) { file.write(reinterpret_cast<const char*>(&value), sizeof value); }

}  // namespace

bool PcapWriter::open(const std::string& path) {
  file_.open(path, std::ios::binary | std::ios::trunc);
  if (!file_) return false;
  put32(file_, kMagic);
  put32(file_, 0x00040002);  // version 2.4 on a little-endian machine
  put32(file_, 0);
  put32(file_, 0);
  put32(file_, kSnapLength);
  put32(file_, kLinkTypeRaw);
  return file_.good();
}

void PcapWriter::add(ByteView packet, Time now) {
  if (!file_.is_open()) return;
  put32(file_, static_cast<uint32_t>(now.count() / 1'000'000));
  put32(file_, static_cast<uint32_t>(now.count() % 1'000'000));
  put32(file_, static_cast<uint32_t>(packet.size()));
  put32(file_, static_cast<uint32_t>(packet.size()));
  file_.write(reinterpret_cast<const char*>(packet.data()), static_cast<std::streamsize>(packet.size()));
}

void PcapWriter::flush() {
  if (file_.is_open()) file_.flush();
}

}  // namespace godwit::lab
