#include "engine/channel_content.h"

#include <algorithm>

#include "codec/link_payload.h"
#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "engine/channel_commands.h"
#include "engine/commands.h"
#include "engine/door_link.h"
#include "engine/errors.h"
#include "engine/member_info.h"
#include "engine/padding.h"

namespace godwit::engine {
namespace {

constexpr std::string_view kScheme = "godwit:";
constexpr std::string_view kPrefix = "godwit:c#";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr uint8_t kVersion = 1;
constexpr uint8_t kClear = 1;
constexpr uint8_t kSealed = 2;

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

Bytes place_of(const wire::ChannelKey& key, uint64_t sequence) {
  codec::Writer writer;
  writer.raw(key.view());
  writer.u64(sequence);
  return writer.take();
}

Bytes to_be_signed(const wire::ChannelKey& key, const wire::ChannelHeader& header) {
  Bytes message = to_bytes(as_bytes(wire::kChannelEntryLabel));
  append(message, channel_of(key).view());
  append(message, codec::encoded(header));
  return message;
}

// Reads the members that this version knows; what a later one has appended is passed over.
Result<ChannelContent> parse(ByteView bytes, uint64_t sequence) {
  codec::Reader reader(bytes);
  auto content = codec::decode<ChannelContent>(reader);
  REQUIRE(content.has_value() && content->version >= 1, kBadContent, "a channel's entry is well-formed");
  const bool sized = content->text.size() <= kTextSizeMax && content->about.size() <= kChannelDescriptionMax &&
                     content->beside.size() <= kChannelPictureMax;
  REQUIRE(sized && is_utf8(content->text) && is_utf8(content->about), kBadContent, "a channel's entry is text");
  if (content->kind == ChannelContentKind::kHead) {
    TRY(check_given_name(content->text));
    content->text = shown_name(content->text);
  }
  const bool about_post = content->kind == ChannelContentKind::kEdit || content->kind == ChannelContentKind::kDelete;
  const bool earlier = content->post > 0 && content->post < sequence;
  REQUIRE(!about_post || earlier, kBadContent, "an edit is of an earlier post");
  REQUIRE(content->files.size() <= kPostFilesMax, kBadContent, "a post has at most 8 files");
  for (FileBody& file : content->files) {
    TRY(settle_file(file));
    REQUIRE(file.caption.empty(), kBadContent, "what stands under the files is the post");
  }
  if (content->discussion.size() > kGroupLinkSizeMax || !parse_group_link(content->discussion))
    content->discussion.clear();
  return content;
}

}  // namespace

ChannelContent ChannelContent::clone() const {
  ChannelContent copy{version, sent_ms, kind, post, text, about, beside, {}, discussion};
  for (const FileBody& file : files) copy.files.push_back(file.clone());
  return copy;
}

std::vector<ContentExtension> extensions_of(const ChannelContent& content) {
  const bool words = content.kind == ChannelContentKind::kPost || content.kind == ChannelContentKind::kEdit;
  if (!words || content.beside.empty()) return {};
  auto out = codec::decoded<std::vector<ContentExtension>>(content.beside);
  if (!out || out->size() > kExtensionsMax) return {};
  size_t bytes = 0;
  for (const ContentExtension& each : *out) bytes += each.data.size();
  return bytes <= kExtensionBytesMax ? std::move(*out) : std::vector<ContentExtension>{};
}

MessageId post_file_id(const wire::BlobId& blob) {
  Bytes input = to_bytes(as_bytes("godwit post file 1"));
  append(input, blob.view());
  const auto hash = crypto::sha256(input);
  MessageId id;
  std::copy_n(hash.begin(), id.value.size(), id.value.begin());
  return id;
}

ChannelLink ChannelLink::clone() const {
  ChannelLink copy{version, home, key, {}};
  if (secret) copy.secret = secret->clone();
  return copy;
}

std::string to_text(const ChannelLink& link) {
  return std::string(kPrefix) + codec::to_link_payload(codec::encoded(link));
}

Result<ChannelLink> parse_channel_link(std::string_view text) {
  text = trim(text);
  REQUIRE(text.starts_with(kScheme), kLinkNotGodwit, "a channel's link starts with godwit:");
  REQUIRE(text.starts_with(kPrefix), kLinkOther, "a channel's link starts with godwit:c#");
  const auto bytes = codec::from_link_payload(text.substr(kPrefix.size()));
  REQUIRE(bytes.has_value() && !bytes->empty(), kLinkDamaged, "a channel link's checksum fits");
  REQUIRE(bytes->front() <= kVersion, kLinkNewer, "a channel link of version 1");
  auto link = codec::decoded<ChannelLink>(*bytes);
  const bool sound = link && link->version == kVersion && wire::check_home_address(link->home);
  REQUIRE(sound, kLinkDamaged, "a channel link is well-formed");
  return link;
}

wire::ChannelId channel_of(const wire::ChannelKey& key) {
  Bytes input = to_bytes(as_bytes(wire::kChannelIdLabel));
  append(input, key.view());
  return wire::ChannelId{crypto::sha256(input)};
}

Bytes seal_content(const ChannelContent& content, const ChannelLink& link, uint64_t sequence, Random& random) {
  Bytes plaintext = codec::encoded(content);
  if (link.secret) pad(plaintext);
  Bytes out{link.secret ? kSealed : kClear};
  if (link.secret) {
    append(out, crypto::box_seal(entry_key(*link.secret, sequence), random, place_of(link.key, sequence), plaintext));
  } else {
    append(out, plaintext);
  }
  return out;
}

Result<ChannelContent> open_content(ByteView bytes, const ChannelLink& link, uint64_t sequence) {
  if (!link.secret) return open_content(bytes, link.key, sequence, nullptr);
  const crypto::AeadKey key = entry_key(*link.secret, sequence);
  return open_content(bytes, link.key, sequence, &key);
}

Result<ChannelContent> open_content(ByteView bytes, const wire::ChannelKey& channel, uint64_t sequence,
                                    const crypto::AeadKey* key) {
  REQUIRE(!bytes.empty() && bytes.front() == (key ? kSealed : kClear), kBadContent,
          "an entry is as open as its channel");
  if (key == nullptr) return parse(bytes.subspan(1), sequence);
  const auto plaintext = crypto::box_open(*key, place_of(channel, sequence), bytes.subspan(1));
  REQUIRE(plaintext.has_value(), kBadContent, "an entry opens with the link's secret");
  return parse(*plaintext, sequence);
}

crypto::AeadKey entry_key(const SecretField& secret, uint64_t sequence) {
  codec::Writer info;
  info.raw(as_bytes("godwit channel entry 1"));
  info.u64(sequence);
  crypto::AeadKey key;
  crypto::hkdf_expand(secret.value.reveal(), info.view(), key.fill());
  return key;
}

wire::ChannelEntry sign_entry(const crypto::Ed25519KeyPair& key, wire::ChannelHeader header, Bytes content) {
  header.content_hash = crypto::sha256(content);
  Bytes signature = to_bytes(key.sign(to_be_signed(wire::ChannelKey{key.public_key}, header)));
  return {std::move(header), std::move(signature), std::move(content)};
}

ByteArray<32> hash_of(const wire::ChannelHeader& header) { return crypto::sha256(codec::encoded(header)); }

Status check_entry(const wire::ChannelEntry& entry, const wire::ChannelKey& key) {
  REQUIRE(crypto::ed25519_verify(key.view(), to_be_signed(key, entry.header), entry.signature).has_value(), kBadContent,
          "an entry is signed by its channel's key");
  const bool whole = !entry.content || crypto::sha256(*entry.content) == entry.header.content_hash;
  REQUIRE(whole, kBadContent, "an entry has the content that was signed");
  return {};
}

}  // namespace godwit::engine
