#pragma once
// The one table of modes, and the presets made of them.

#include <string>
#include <vector>

#include "lab/censor/modes.h"

namespace godwit::lab {

/// Every mode, by number.
const std::vector<ModeInfo>& mode_table();
/// The mode of this name, or null.
const ModeInfo* find_mode(std::string_view name);

/// Several modes together, as some network has them at some time.
struct Preset {
  const char* name;
  const char* text;
  std::vector<const char*> modes;
};

/// Every preset but `recover`, which changes another one.
const std::vector<Preset>& preset_table();

/// The modes of "NAME" or "NAME:key=value,...": each pair goes to every mode of the preset that has such an option. "recover"
/// is another preset, or a mode, that ends: recover:of=NAME,after=SECONDS. Empty, or what is wrong.
std::string expand_preset(std::string_view spec, std::vector<std::string>& modes);

}  // namespace godwit::lab
