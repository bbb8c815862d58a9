#pragma once
// A profile on this machine: one folder with
//   header        in clear: how the storage key is sealed (engine/profile_key.h)
//   records/      SQLite: everything else, each record sealed under the storage key
//   lock          held as long as a program has the profile open
//   api/          token and socket of `godwit serve`, once it was used

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/files.h"
#include "cli/secrets.h"
#include "engine/profile_key.h"
#include "store/client_store.h"

namespace godwit::cli {

/// Where a profile is if nothing else is said: $XDG_DATA_HOME/godwit, else ~/.local/share/godwit.
std::string default_profile_folder();

/// True if there is a profile in `folder`.
bool profile_exists(const std::string& folder);

/// The folder of what other programs need to talk to a `godwit serve` of this profile.
std::string api_folder(const std::string& folder);
/// The socket there.
std::string api_socket(const std::string& folder);

/// Whether a program has a profile open.
enum class ProfileUse : uint8_t { kFree, kInUse, kServed };
/// What is seen of a profile without opening it: everything else is sealed, also whose it is.
struct FoundProfile {
  std::string folder;
  bool by_key_file = false;  ///< Else a passphrase opens it.
  ProfileUse use = ProfileUse::kFree;
  Instant last_used;  ///< When it was last opened.
};
/// The profiles among the folders of `folder`, by their names. What cannot be read is left out.
std::vector<FoundProfile> profiles_in(const std::string& folder);

/// By what a profile opens.
enum class OpenedBy : uint8_t { kKeyFile, kPassphrase, kNothing };

/// An open profile. Nobody else has it open as long as this lives.
class Profile {
 public:
  /// Makes a profile, its key sealed by what `sources` give. kProfileExists, kProfileInUse, kProfileServed,
  /// kProfileNoAccess, kDiskFull, and as of secrets.h.
  static Result<Profile> create(const std::string& folder, const SecretSources& sources, Random& random);
  /// Opens one. kNoProfile, kProfileInUse, kProfileServed, kKeyFileWanted, kPassphraseWanted, kWrongPassphrase (ask again; nothing was
  /// changed), kCorrupted and others of store/, kProfileDamaged, kProfileNewer.
  static Result<Profile> open(const std::string& folder, const SecretSources& sources);

  /// Opens one that wants a passphrase by this. As open().
  static Result<Profile> open_by(const std::string& folder, std::string_view passphrase);
  /// Has a profile open by another passphrase (empty: by nothing) from now on; it may be open meanwhile. kWrongPassphrase (of `current`),
  /// kPassphraseWanted (it opens by a key file), kProfileNoAccess, kDiskFull and as of secrets.h: nothing is changed then.
  static Status change_passphrase(const std::string& folder, std::string_view current, std::string_view passphrase,
                                  Random& random);

  /// By what it was opened.
  OpenedBy opened_by() const { return opened_by_; }
  /// The records.
  store::ClientStore& records() { return *records_; }
  /// The storage key; once, for the engine.
  engine::StorageKey take_key() { return std::move(key_); }

 private:
  Profile(Descriptor lock, engine::StorageKey key, OpenedBy opened_by, std::unique_ptr<store::ClientStore> records)
      : lock_(std::move(lock)), key_(std::move(key)), opened_by_(opened_by), records_(std::move(records)) {}

  Descriptor lock_;
  engine::StorageKey key_;
  OpenedBy opened_by_;
  std::unique_ptr<store::ClientStore> records_;
};

}  // namespace godwit::cli
