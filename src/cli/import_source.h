#pragma once
// Where an export of another messenger is: a file with media beside it, or a zip file. Everything in it comes from outside.

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::cli {

/// Bounds of a zip file: entries, bytes of all of them, and how often larger than the file they may be. Media do not shrink and
/// texts do so some ten-fold.
constexpr uint64_t kZipEntriesMax = 200'000;
constexpr uint64_t kZipBytesMax = uint64_t{64} << 30;
constexpr uint64_t kZipRatioMax = 100;
/// Below this much nothing is a bomb.
constexpr uint64_t kZipBytesHarmless = uint64_t{64} << 20;

/// Gives the next piece of a file; empty: that was all. kFileNoAccess, kZipDamaged, kZipBomb.
using Pieces = std::function<Result<ByteView>()>;
/// Gives all pieces to `take`, until it refuses. What either gives back.
Status each_piece(const Pieces& pieces, const std::function<Status(ByteView)>& take);

/// See above.
class ImportSource {
 public:
  virtual ~ImportSource() = default;
  /// The chat's file, from its beginning; also several times. As Pieces.
  virtual Result<Pieces> chat() = 0;
  /// A file beside it. kFileNoAccess: there is none, or its path leads elsewhere.
  virtual Result<Pieces> media(const std::string& path) = 0;
  /// Is there such a file beside it?
  virtual bool has(const std::string& path) = 0;
  /// The name of the chat's file, or of the zip file around it.
  virtual std::string name() const = 0;
};

/// Opens a file, a folder with a result.json, or a zip file. kFileNoAccess, kZipDamaged, kZipBomb, kZipNoChat.
Result<std::unique_ptr<ImportSource>> open_import(const std::string& path);

}  // namespace godwit::cli
