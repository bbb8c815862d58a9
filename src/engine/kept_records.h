#pragma once
// Records of chats that are only kept. One for each chat, and one for each message.

#include <optional>
#include <string>
#include <vector>

#include "codec/codec.h"
#include "engine/content_bodies.h"
#include "engine/ids.h"
#include "engine/kept_commands.h"

namespace godwit::engine {

/// With which the first begins.
constexpr uint8_t kKeptChatVersion = 2;

/// A chat without a group: nobody can write into it.
struct KeptChatRecord {
  uint8_t version = kKeptChatVersion;
  ChatId chat;
  std::string name;
  std::optional<ChatId> older_of;
  Position last;
  uint64_t offered = 0;   ///< Up to which position the own other devices were told of it (kept_sharing.h).
  ByteArray<16> taken{};  ///< KeptOffer::digest of what was handed to this device last.
  std::optional<ByteArray<16>> digest{};  ///< Of what is here; none: it was written by version 1.
  void encode_to(codec::Writer& writer) const;
  /// Also one of version 1, which ended with `last`.
  static Result<KeptChatRecord> decode_from(codec::Reader& reader);
};

/// One message in it.
struct KeptMessageRecord {
  MessageId id;
  std::string sender;
  bool own = false;
  int64_t sent_ms = 0;
  std::string text;
  std::string media;
  std::string forwarded_from;
  uint8_t marks = 0;  ///< kMark...
  std::optional<MessageId> reply_to{};
  std::vector<TextSpan> spans{};
  std::vector<KeptReaction> reactions{};

  /// By which it is known again when it is imported again: no more than this, or each message would be there twice.
  template <typename Self>
  static auto known_fields(Self& self) {
    return codec::members(self.id, self.sender, self.own, self.sent_ms, self.text, self.media, self.forwarded_from,
                          self.marks);
  }
  /// What an earlier version did not have. A record without any of it is as it was then.
  template <typename Self>
  static auto later_fields(Self& self) {
    return codec::members(self.reply_to, self.spans, self.reactions);
  }
  void encode_to(codec::Writer& writer) const {
    const auto put = [&](const auto&... each) { (codec::encode(writer, each), ...); };
    known_fields (*this)(put);
    if (reply_to || !spans.empty() || !reactions.empty()) later_fields (*this)(put);
  }
  /// To the end of what is read: a record stands alone.
  static Result<KeptMessageRecord> decode_from(codec::Reader& reader) {
    KeptMessageRecord out;
    Status read;
    const auto take_all = [&](auto&... each) {
      static_cast<void>(((read = codec::decode_into(reader, each)).has_value() && ...));
    };
    known_fields(out)(take_all);
    if (read && !reader.at_end()) later_fields(out)(take_all);
    TRY(read);
    return out;
  }
};

constexpr uint8_t kMarkOmitted = 1;
constexpr uint8_t kMarkNotice = 2;
constexpr uint8_t kMarkEdited = 4;
constexpr uint8_t kMarkDeleted = 8;
constexpr uint8_t kMarkForwarded = 16;  ///< from whom is perhaps not known

}  // namespace godwit::engine
