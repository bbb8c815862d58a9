#include "base/testing/source_dir.h"

namespace godwit::testing {

const char* source_dir() { return GODWIT_SOURCE_DIR; }

}  // namespace godwit::testing
