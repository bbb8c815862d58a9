// What godwit-home reads of files that others may have written: the sums of a backup, questions that commands leave for the home
// that runs, the configuration. The first byte says which.

#include "base/assert.h"
#include "home/config.h"
#include "home/main.h"

namespace {

using namespace godwit;

void sums(std::string_view text) {
  const auto read = home::parse_sums(text);
  if (!read) return;
  for (const auto& [name, sum] : *read) {
    ASSERT(sum.size() == 64);
    // Each is joined to the folder that is restored to.
    ASSERT(!name.empty() && name.front() != '/' && ("/" + name + "/").find("/../") == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 's':
      sums(text);
      break;
    case 'a':
      (void)home::parse_audit_question(text);
      break;
    case 'r':
      (void)home::parse_removal(text);
      break;
    case 'c': {
      home::ConfigProblem problem;
      (void)home::parse_config(text, problem);
      break;
    }
    default:
      break;
  }
  return 0;
}
