#include "cli/exit_code.h"

#include "cli/errors.h"
#include "engine/errors.h"
#include "store/errors.h"

namespace godwit::cli {

ExitCode exit_code(const Error& error) {
  const ErrorCode& code = error.code;
  if (code == kNoPassphrase || code == kPassphrasesDiffer || code == kPassphraseFile || code == kKeyFile ||
      code == kKeyFileWanted || code == kPassphraseWanted || code == engine::kWrongPassphrase) {
    return kExitPassphrase;
  }
  if (code == kProfileInUse || code == kProfileServed || code == store::kLocked) return kExitInUse;
  if (code == store::kDiskFull) return kExitDiskFull;
  if (code == kInterrupted) return kExitInterrupted;
  switch (code.action) {
    case Action::kStop:
      return kExitDamaged;
    case Action::kRetryLater:
    case Action::kCloseSession:
      return kExitLater;
    case Action::kDrop:
    case Action::kFix:
      return kExitFix;
  }
  return kExitFix;
}

}  // namespace godwit::cli
