#pragma once
// What the system says of a home's files: whether their disk is full, which a running home cannot be asked then, and who may read them. Only main
// files include this.

#include <string>

#include "home/main.h"

namespace godwit::home {

/// Below so many free bytes a home takes nothing new.
inline constexpr uint64_t kDiskFree = uint64_t{40} << 20;  // store::RocksdbOptions::free_bytes_min

/// That the disk of the home's folder or of its store is full, how much is free, what goes on and what to do. Empty: there is room, or the
/// system does not say.
std::string disk_trouble(const Place& place, const Config& config);
/// True if somebody else may read a file that is to be secret: anybody, or a group where the file is this user's. As ssh takes it, a group
/// may where somebody else has given the file to us.
bool is_open_to_others(const std::string& path);
/// Why a home that runs was asked in vain.
std::string why_silent(const Place& place, const Config& config);

}  // namespace godwit::home
