#pragma once
// Reads Telegram Desktop's result.json, of one chat or of a whole account, as a stream: memory is that of one message.

#include <functional>

#include "base/bytes.h"
#include "imports/errors.h"
#include "imports/imported.h"

namespace godwit::imports {

/// Bytes of one string of the file; Telegram's own limit for a text is some thousandth of it.
constexpr size_t kJsonStringMax = size_t{16} << 20;
/// Structures within structures.
constexpr size_t kJsonDepthMax = 32;

/// Gives the next piece of the file, of any size; empty: that was all. The bytes live until it is called again.
using PieceSource = std::function<ByteView()>;

/// Reads all of it. `chat_name` is for a chat that has none (Telegram's own notes, deleted accounts). Errors: kNotExport (no chat
/// is in it), kExportDamaged, kExportTooLarge, or what the sink gives back; what came before was given to the sink.
Status read_telegram(const PieceSource& source, std::string_view chat_name, const ImportSink& sink,
                     ImportReport& report);

}  // namespace godwit::imports
