#pragma once
// What opens a profile: a passphrase (asked on the terminal, from a file, from the environment) or a key file.

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::cli {

/// Where the person wants it to come from. If all are empty: the environment's GODWIT_PASSPHRASE, then the terminal.
struct SecretSources {
  std::string passphrase_file;
  std::string key_file;
};

/// Bytes of a passphrase at most; more is somebody's mistake with the file.
constexpr size_t kPassphraseSizeMax = 4096;

/// A passphrase. `twice`: a new one, asked two times on a terminal. kNoPassphrase, kPassphraseFile, kPassphrasesDiffer.
Result<crypto::SecretBuffer> obtain_passphrase(const SecretSources& sources, bool twice);
/// Overwrites and removes GODWIT_PASSPHRASE in this program's environment: for one that runs on when it has read it.
void forget_given_passphrase();

/// Another secret, asked for on the terminal without echo. kNoPassphrase.
Result<crypto::SecretBuffer> ask_secret(std::string_view question);

/// What is no secret: one line typed on the terminal, with echo. kNotConfirmed: there is none.
Result<std::string> ask_terminal(std::string_view question);

/// Reads a key file: 64 hexadecimal digits. kKeyFile.
Result<crypto::Secret<32>> read_key_file(const std::string& path);
/// Reads it, or makes it (mode 0600) if there is no such file. kKeyFile, kKeyFileExists (it is something else).
Result<crypto::Secret<32>> read_or_make_key_file(const std::string& path, Random& random);

}  // namespace godwit::cli
