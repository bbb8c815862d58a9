#pragma once
// What a channel's entries say, and the text of a channel's link (docs/protocol/chat.md, "Channels").
//
//   godwit:c#<link payload>          (codec/link_payload.h)

#include <optional>
#include <string>

#include "codec/members.h"
#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "engine/channel_commands.h"
#include "engine/content.h"
#include "engine/file_content.h"
#include "engine/secret_field.h"
#include "wire/home_link.h"
#include "wire/requests.h"

namespace godwit::engine {

/// How a channel is found, known and read.
struct ChannelLink {
  uint8_t version = 1;
  wire::HomeAddress home;
  wire::ChannelKey key;               ///< Whose signature its entries have.
  std::optional<SecretField> secret;  ///< Opens them; none: the channel is public.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.home, self.key, self.secret);
  }
  /// A second copy, asked for by name.
  ChannelLink clone() const;
};
/// The text of a link.
std::string to_text(const ChannelLink& link);
/// The reverse. kLinkNotGodwit, kLinkDamaged, kLinkNewer.
Result<ChannelLink> parse_channel_link(std::string_view text);
/// The id of the channel that this key signs.
wire::ChannelId channel_of(const wire::ChannelKey& key);

/// What an entry is.
enum class ChannelContentKind : uint16_t { kHead = 1, kPost = 2, kEdit = 3, kDelete = 4 };
/// What an entry says.
struct ChannelContent {
  uint8_t version = 1;
  int64_t sent_ms = 0;  ///< By its author's clock; of kEdit: when the post was first said.
  ChannelContentKind kind{};
  uint64_t post = 0;  ///< Of kEdit and kDelete: which.
  std::string text;   ///< Of kHead: the name.
  std::string about;  ///< Of kHead: the description.
  Bytes
      beside;  ///< Of kHead: its picture; of kPost and kEdit: ContentExtension extensions<V>, as beside a text of a chat; empty: none.
  std::vector<FileBody> files{};  ///< Of kPost and kEdit: without captions; all are at the channel's home.
  std::string discussion{};       ///< Of kHead: a link of a group.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.sent_ms, self.kind, self.post, self.text, self.about, self.beside,
                          self.files, self.discussion);
  }
  /// A second copy, asked for by name: there may be keys in it.
  ChannelContent clone() const;
};
/// What stands beside the text of a post: its formatting. What is not well-formed is left out, and the text stands without it.
std::vector<ContentExtension> extensions_of(const ChannelContent& content);
/// The id by which a file of a post is asked for: it does not tell the blob's.
MessageId post_file_id(const wire::BlobId& blob);
/// The number of a post's file among those of its channel.
constexpr uint64_t post_file_number(uint64_t post, uint64_t index) { return post * kPostFilesMax + index; }
/// As it stands in an entry: in clear, or sealed under a key of its own and its place. A later version may append members.
Bytes seal_content(const ChannelContent& content, const ChannelLink& link, uint64_t sequence, Random& random);
/// The reverse. kBadContent: pass over it.
Result<ChannelContent> open_content(ByteView bytes, const ChannelLink& link, uint64_t sequence);

/// The same with the key of the one entry; null: of a public channel.
Result<ChannelContent> open_content(ByteView bytes, const wire::ChannelKey& channel, uint64_t sequence,
                                    const crypto::AeadKey* key);
/// The key of one entry, made of the link's secret: so that one entry can be shown without the others.
crypto::AeadKey entry_key(const SecretField& secret, uint64_t sequence);

/// Signs an entry with `content` behind `previous`.
wire::ChannelEntry sign_entry(const crypto::Ed25519KeyPair& key, wire::ChannelHeader header, Bytes content);
/// SHA-256 of the encoded header.
ByteArray<32> hash_of(const wire::ChannelHeader& header);
/// Whether an entry is of the channel and its content the one that was signed. kBadContent.
Status check_entry(const wire::ChannelEntry& entry, const wire::ChannelKey& key);

}  // namespace godwit::engine
