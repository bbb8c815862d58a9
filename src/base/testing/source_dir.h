#pragma once
// Where the source tree lies, for tests that read files of it. Told by one source alone, so that every other object file is
// the same in any checkout and a compiler cache serves them all.

namespace godwit::testing {

/// The absolute path of the source tree that this program was built from, without a slash at its end. Lives for ever.
const char* source_dir();

}  // namespace godwit::testing
