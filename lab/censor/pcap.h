#pragma once
// A capture file for other programs (the classic pcap format, link type RAW).

#include <fstream>
#include <string>

#include "base/bytes.h"
#include "lab/censor/time.h"

namespace godwit::lab {

/// Writes packets as they come.
class PcapWriter {
 public:
  /// Opens the file anew and writes its header; false if that cannot be.
  [[nodiscard]] bool open(const std::string& path);
  /// Adds an IP packet seen at `now`; nothing happens if no file is open.
  void add(ByteView packet, Time now);
  /// Hands everything to the system.
  void flush();

 private:
  std::ofstream file_;
};

}  // namespace godwit::lab
