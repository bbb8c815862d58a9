#pragma once
// What is told about chats that are only kept, and about searching. Part of notices.h.

#include <string>

#include "engine/ids.h"

namespace godwit::engine {

/// Of a message in a chat that is only kept.
struct KeptInfo {
  std::string sender;  ///< Empty: a notice.
  std::string media;   ///< The file's name in the host's folder of media; if `omitted`, what it was called; empty: none.
  std::string forwarded_from;
  bool omitted = false;  ///< There was a file, which is lost.
  bool notice = false;
  bool edited = false;
  bool deleted = false;
};

/// Of ImportMessages.
struct ImportDone {
  ChatId chat;
  uint32_t stored = 0;
  uint32_t known = 0;  ///< Of the messages, those that were there already.
};

}  // namespace godwit::engine
