#include "cli/program_import.h"

#include <ctime>

#include "cli/errors.h"

namespace godwit::cli {

Result<engine::ImportDone> ProgramImport::take(const engine::ImportMessages& batch) {
  return client_.ask<engine::ImportDone>(batch, what_, kBatchLimit);
}

Status ProgramImport::look_up() {
  const Status waited = client_.wait_quietly([] { return false; }, milliseconds(0));
  return waited || waited.error().code == kTimedOut ? Status{} : waited;
}

// An export without zones is of the zone of whoever made it: most likely this machine's.
int64_t ProgramImport::from_local(int64_t local_ms) {
  const std::time_t local = static_cast<std::time_t>(local_ms / 1000);
  std::tm parts{};
  ::gmtime_r(&local, &parts);
  parts.tm_isdst = -1;
  const std::time_t found = std::mktime(&parts);
  return found == -1 ? local_ms : static_cast<int64_t>(found) * 1000 + local_ms % 1000;
}

}  // namespace godwit::cli
