#pragma once
// What the program ends with; the same table stands in --help and docs/cli.md.

#include "base/error.h"

namespace godwit::cli {

/// One number for each thing that a script may want to tell apart.
enum ExitCode : int {
  kExitDone = 0,
  kExitFix = 1,           ///< it cannot be done as it was asked; the line on standard error says what to change
  kExitUsage = 2,         ///< the command line is wrong
  kExitPassphrase = 3,    ///< wrong passphrase or key file, or none
  kExitInUse = 4,         ///< another program has the profile open
  kExitLater = 5,         ///< not in the time given, or not now; what was begun goes on with the next command
  kExitDamaged = 6,       ///< the profile is damaged; nothing more is written
  kExitDiskFull = 7,      ///< the disk is full; nothing was lost
  kExitInterrupted = 130  ///< Ctrl-C or SIGTERM
};

/// The table as people read it.
inline constexpr const char* kExitCodes =
    "Exit codes: 0 done; 1 cannot be done as asked; 2 the command line is wrong; 3 wrong passphrase or key file;\n"
    "4 the profile is open in another program; 5 not now or not in the time given (what was begun goes on with the\n"
    "next command); 6 the profile is damaged; 7 the disk is full; 130 interrupted.";

/// What an error ends the program with.
ExitCode exit_code(const Error& error);

}  // namespace godwit::cli
