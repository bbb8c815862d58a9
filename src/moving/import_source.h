#pragma once
// Where an export of another messenger is: a file with media beside it, or a zip file. Everything in it comes from outside.

#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::moving {

/// Gives the next piece of a file; empty: that was all. The bytes live until it is called again. What the source fails with.
using Pieces = std::function<Result<ByteView>()>;
/// Gives all pieces to `take`, until it refuses. What either gives back.
Status each_piece(const Pieces& pieces, const std::function<Status(ByteView)>& take);

/// See above.
class ImportSource {
 public:
  virtual ~ImportSource() = default;
  /// The chat's file, from its beginning; also several times. As Pieces.
  virtual Result<Pieces> chat() = 0;
  /// A file beside it. An error of the source's own: there is none, or its path leads elsewhere.
  virtual Result<Pieces> media(const std::string& path) = 0;
  /// Is there such a file beside it?
  virtual bool has(const std::string& path) = 0;
  /// The name of the chat's file, or of the zip file around it.
  virtual std::string name() const = 0;
};

}  // namespace godwit::moving
