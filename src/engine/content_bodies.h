#pragma once
// The bodies of what people say beside texts and files, and of what they do to messages; with the bounds of each. Members that
// a later version appends are left unread. Each read_...() gives kBadContent for what is outside its bounds: drop it.

#include "codec/members.h"
#include "engine/content.h"
#include "engine/shown_name.h"
#include "wire/ids.h"

namespace godwit::engine {

// Spans and mentions of one text.
constexpr size_t kSpansMax = 256;
constexpr size_t kMentionsMax = 256;
constexpr size_t kLinkSizeMax = 2048;  ///< bytes of the address behind a link
// Previews of links.
constexpr size_t kPreviewTitleSizeMax = 256;
constexpr size_t kPreviewTextSizeMax = 1024;
constexpr size_t kPreviewThumbnailSizeMax = 8 * 1024;
// Reactions.
constexpr size_t kReactionSizeMax = 64;     ///< bytes of one: the longest emoji of Unicode 16 has 35
constexpr size_t kReactionScalarsMax = 16;  ///< scalar values of one
// Polls.
constexpr size_t kPollQuestionSizeMax = 1024;
constexpr size_t kPollOptionSizeMax = 256;
constexpr size_t kPollOptionsMax = 32;
// Places and people.
constexpr size_t kPlaceNameSizeMax = 256;
constexpr size_t kContactTextSizeMax = 4096;
constexpr int32_t kLatitudeMax = 90'000'000;  ///< millionths of a degree
constexpr int32_t kLongitudeMax = 180'000'000;

/// How a piece of a text looks. Append only; an unknown one is shown as plain text.
enum class SpanStyle : uint8_t {
  kBold = 1,
  kItalic = 2,
  kStrike = 3,
  kCode = 4,
  kPre = 5,  ///< a block of code
  kLink = 6,
  kQuote = 7,
  kSpoiler = 8,  ///< hidden until it is tapped
};
/// A piece of a text, in bytes of its UTF-8, on the edges of characters.
struct TextSpan {
  uint32_t start = 0;
  uint32_t length = 0;
  SpanStyle style{};
  std::string link{};  ///< Of kLink: http, https or mailto.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.start, self.length, self.style, self.link);
  }
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};
/// A piece of a text that names a person.
struct Mention {
  uint32_t start = 0;
  uint32_t length = 0;
  AccountId account;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.start, self.length, self.account);
  }
  friend bool operator==(const Mention&, const Mention&) = default;
};

/// What its sender says of a page that a text leads to. Nobody else looks there: who reads the message asks nothing of the page's host, and so
/// does not know whether it is true.
struct LinkPreview {
  std::string link;  ///< http or https; it stands in the text.
  std::string title;
  std::string text{};
  Bytes thumbnail{};  ///< JPEG
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.link, self.title, self.text, self.thumbnail);
  }
  friend bool operator==(const LinkPreview&, const LinkPreview&) = default;
};

/// A post of a channel.
struct PostRef {
  wire::ChannelId channel;
  uint64_t post = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.channel, self.post);
  }
  friend bool operator==(const PostRef&, const PostRef&) = default;
};

/// One person's reaction is given or taken back.
struct ReactionBody {
  MessageId target;
  std::string reaction;
  bool removed = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.target, self.reaction, self.removed);
  }
};
/// The author says it otherwise. Spans and mentions are extensions, as of a text.
struct EditBody {
  MessageId target;
  std::string text;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.target, self.text);
  }
};
/// Taken back for everyone.
struct DeleteBody {
  MessageId target;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.target);
  }
};
/// A place on the earth (WGS 84).
struct LocationBody {
  int32_t latitude = 0;     ///< Millionths of a degree; south is negative.
  int32_t longitude = 0;    ///< Millionths of a degree; west is negative.
  uint32_t accuracy_m = 0;  ///< 0: not known.
  std::string name;
  void encode_to(codec::Writer& writer) const;
  /// As Reader.
  static Result<LocationBody> decode_from(codec::Reader& reader);
};
/// Somebody is recommended.
struct ContactBody {
  std::string name;
  std::optional<AccountId> account;
  std::string text;  ///< An invite, an address, a number: whatever the sender gives.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.name, self.account, self.text);
  }
};
/// A question to all.
struct PollBody {
  std::string question;
  std::vector<std::string> options;  ///< 2 to kPollOptionsMax.
  bool multiple = false;             ///< More than one may be chosen.
  uint64_t closes_ms = 0;            ///< Votes that say they were sent later do not count; 0: open until it is closed.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.question, self.options, self.multiple, self.closes_ms);
  }
};
/// What one person chooses, instead of what he chose before; nothing: he takes his vote back.
struct VoteBody {
  MessageId target;
  Bytes choices;  ///< Numbers of options, from 0.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.target, self.choices);
  }
};
/// Its author ends a poll: what comes after it in the order of the chat does not count.
struct PollCloseBody {
  MessageId target;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.target);
  }
};
/// A message is pinned or not any more.
struct PinBody {
  MessageId target;
  bool pinned = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.target, self.pinned);
  }
};
/// What holds for a chat.
struct SettingsBody {
  uint32_t disappear_seconds = 0;  ///< For what is said from now on; 0: it stays.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.disappear_seconds);
  }
};
/// Somebody writes, or has stopped.
struct TypingBody {
  bool typing = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.typing);
  }
};

/// True if `bytes` begin as a JPEG does (ITU-T T.81 §B.2.1): the only kind of small picture that is shown before anybody asked for it.
bool begins_as_jpeg(ByteView bytes);

/// A style that this version can show.
inline bool is_known(SpanStyle style) { return style >= SpanStyle::kBold && style <= SpanStyle::kSpoiler; }
/// The formatting of `text`. kBadContent: outside the text, inside a character, or not a link that people may follow.
Status check_spans(std::string_view text, const std::vector<TextSpan>& spans);
/// A text with its formatting as light marks: *bold*, _italic_, ~struck~, `code`, ```block```, words (address). What lies within
/// another piece is text.
std::string with_light_marks(std::string_view text, std::vector<TextSpan> spans);
/// The same of mentions.
Status check_mentions(std::string_view text, const std::vector<Mention>& mentions);
/// Formatting among extensions; none if there is none or it is not right: a text is shown without it rather than not at all.
std::vector<TextSpan> spans_in(const std::vector<ContentExtension>& extensions, std::string_view text);
/// The same of mentions.
std::vector<Mention> mentions_in(const std::vector<ContentExtension>& extensions, std::string_view text);

/// A preview beside `text`. kBadContent: its link does not stand there as a word of its own, nothing is said of it, or too much.
Status check_preview(std::string_view text, const LinkPreview& preview);
/// The preview among extensions; none if there is none or it is not right, as spans_in().
std::optional<LinkPreview> preview_in(const std::vector<ContentExtension>& extensions, std::string_view text);

/// Of a kReaction. kBadContent.
Result<ReactionBody> reaction_of(const Content& content);
/// Of a kEdit. kBadContent.
Result<EditBody> edit_of(const Content& content);
/// Of a kLocation. kBadContent.
Result<LocationBody> location_of(const Content& content);
/// Of a kContact, with the name as it is shown. kBadContent.
Result<ContactBody> contact_of(const Content& content);
/// Of a kPoll. kBadContent.
Result<PollBody> poll_of(const Content& content);
/// Of a kVote: each choice once, in their order. kBadContent.
Result<VoteBody> vote_of(const Content& content);
/// Of a kSettings. kBadContent.
Result<SettingsBody> settings_of(const Content& content);

/// The checks of the above on a body that is to be sent. kBadContent.
Status check(const ReactionBody& body);
/// The same.
Status check(const LocationBody& body);
/// The same.
Status check(const ContactBody& body);
/// The same.
Status check(const PollBody& body);

/// The message that a reaction, edit, delete, vote, poll close or pin is about; none: it is of another kind, or not right.
std::optional<MessageId> target_of(const Content& content);

}  // namespace godwit::engine
