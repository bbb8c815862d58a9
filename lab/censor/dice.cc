#include "lab/censor/dice.h"

namespace godwit::lab {

uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

uint64_t hash_text(std::string_view text) {
  uint64_t hash = text.size();
  for (const char character : text) hash = mix(hash ^ static_cast<unsigned char>(character));
  return hash;
}

bool share(uint64_t hash, double p) { return static_cast<double>(hash >> 11) * 0x1p-53 < p; }

uint64_t Dice::next() { return mix(state_++); }

bool Dice::chance(double p) { return share(next(), p); }

int64_t Dice::between(int64_t low, int64_t high) {
  if (high <= low) return low;
  // The bias of % is below 2^-40 for the small spans of the lab.
  return low + static_cast<int64_t>(next() % static_cast<uint64_t>(high - low + 1));
}

}  // namespace godwit::lab
