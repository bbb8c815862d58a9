#include "engine/content_bodies.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "engine/commands.h"

namespace godwit::engine {
namespace {

bool is_edge(std::string_view text, uint64_t at) {
  return at == text.size() ||
         (at < text.size() && (static_cast<uint8_t>(text[static_cast<size_t>(at)]) & 0xc0) != 0x80);
}

bool is_piece(std::string_view text, uint32_t start, uint32_t length) {
  return length > 0 && is_edge(text, start) && is_edge(text, uint64_t{start} + length);
}

bool starts_as_link(std::string_view link) {
  return link.starts_with("https://") || link.starts_with("http://") || link.starts_with("mailto:");
}

// Printable ASCII: what a URI is made of (RFC 3986 §2).
bool is_link(std::string_view link) {
  const auto printable = [](char each) { return each > 0x20 && each < 0x7f; };
  return link.size() <= kLinkSizeMax && starts_as_link(link) && std::all_of(link.begin(), link.end(), printable);
}

// What a link ends before, though it could have been a part of it: "See https://example.org." Some of these go on as one if more follows.
constexpr std::string_view kAfterLink = ".,;:!?)]}>'\"";

// True if `link` stands in `text` as a word of its own: "https://bank.example" does not stand in "https://bank.example.evil.example".
bool stands_in(std::string_view link, std::string_view text) {
  const auto is_blank = [](char each) { return static_cast<uint8_t>(each) <= 0x20; };
  for (size_t at = text.find(link); at != std::string_view::npos; at = text.find(link, at + 1)) {
    size_t end = at + link.size();
    while (end < text.size() && kAfterLink.find(text[end]) != std::string_view::npos) ++end;
    const bool begins =
        at == 0 || is_blank(text[at - 1]) || std::string_view("([{<'\"").find(text[at - 1]) != std::string_view::npos;
    if (begins && (end == text.size() || is_blank(text[end]))) return true;
  }
  return false;
}

template <typename T>
std::optional<std::vector<T>> list_in(const std::vector<ContentExtension>& extensions, ExtensionId id) {
  const Bytes* data = find_extension(extensions, id);
  if (data == nullptr) return std::nullopt;
  auto list = codec::decoded<std::vector<T>>(*data);
  if (!list) return std::nullopt;
  return std::move(*list);
}

Status check_contact_text(const ContactBody& body) {
  REQUIRE(body.text.size() <= kContactTextSizeMax && is_utf8(body.text), kBadContent, "a contact's text is short");
  return {};
}

template <typename T>
Result<T> checked(Result<T> body) {
  if (body) TRY(check(*body));
  return body;
}

}  // namespace

void LocationBody::encode_to(codec::Writer& writer) const {
  writer.u32(static_cast<uint32_t>(latitude));
  writer.u32(static_cast<uint32_t>(longitude));
  writer.u32(accuracy_m);
  codec::encode(writer, name);
}

Result<LocationBody> LocationBody::decode_from(codec::Reader& reader) {
  LocationBody out;
  out.latitude = static_cast<int32_t>(TRY(reader.u32()));
  out.longitude = static_cast<int32_t>(TRY(reader.u32()));
  out.accuracy_m = TRY(reader.u32());
  out.name = TRY(codec::decode<std::string>(reader));
  return out;
}

bool begins_as_jpeg(ByteView bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff;
}

Status check_spans(std::string_view text, const std::vector<TextSpan>& spans) {
  REQUIRE(spans.size() <= kSpansMax, kBadContent, "a text has at most 256 spans");
  for (const TextSpan& each : spans) {
    REQUIRE(is_piece(text, each.start, each.length), kBadContent, "a span is a piece of its text");
    const bool link = each.style == SpanStyle::kLink;
    REQUIRE(link ? is_link(each.link) : each.link.empty(), kBadContent, "a link is http, https or mailto");
  }
  return {};
}

namespace {

std::string_view mark_of(SpanStyle style) {
  switch (style) {
    case SpanStyle::kBold:
      return "*";
    case SpanStyle::kItalic:
      return "_";
    case SpanStyle::kStrike:
      return "~";
    case SpanStyle::kCode:
      return "`";
    case SpanStyle::kPre:
      return "```";
    default:
      return "";
  }
}

}  // namespace

std::string with_light_marks(std::string_view text, std::vector<TextSpan> spans) {
  // Of two that begin at one place the longer one is shown.
  std::ranges::sort(spans, [](const TextSpan& a, const TextSpan& b) {
    return std::tuple(a.start, b.length, a.style, a.link) < std::tuple(b.start, a.length, b.style, b.link);
  });
  std::string out;
  size_t next = 0;
  for (const TextSpan& each : spans) {
    if (each.start < next || each.start + size_t{each.length} > text.size()) continue;
    out += text.substr(next, each.start - next);
    const std::string_view mark = mark_of(each.style);
    out += mark;
    out += text.substr(each.start, each.length);
    out += mark;
    if (each.style == SpanStyle::kLink) out += " (" + each.link + ")";
    next = each.start + size_t{each.length};
  }
  return out + std::string(text.substr(next));
}

Status check_mentions(std::string_view text, const std::vector<Mention>& mentions) {
  REQUIRE(mentions.size() <= kMentionsMax, kBadContent, "a text has at most 256 mentions");
  for (const Mention& each : mentions) {
    REQUIRE(is_piece(text, each.start, each.length), kBadContent, "a mention is a piece of its text");
  }
  return {};
}

Status check_preview(std::string_view text, const LinkPreview& preview) {
  REQUIRE(is_link(preview.link) && preview.link.starts_with("http"), kBadContent,
          "a preview is of an http or https link");
  REQUIRE(stands_in(preview.link, text), kBadContent, "a preview's link stands in its text");
  REQUIRE(!preview.title.empty() && is_plain_line(preview.title, kPreviewTitleSizeMax), kBadContent,
          "a preview has a title of one line, at most 256 bytes");
  REQUIRE(is_plain_line(preview.text, kPreviewTextSizeMax), kBadContent,
          "what a preview says is one line of 1,024 bytes");
  REQUIRE(preview.thumbnail.size() <= kPreviewThumbnailSizeMax, kBadContent, "a preview's picture has at most 8 KiB");
  REQUIRE(preview.thumbnail.empty() || begins_as_jpeg(preview.thumbnail), kBadContent, "a preview's picture is a JPEG");
  return {};
}

std::optional<LinkPreview> preview_in(const std::vector<ContentExtension>& extensions, std::string_view text) {
  const Bytes* data = find_extension(extensions, ExtensionId::kPreview);
  if (data == nullptr) return std::nullopt;
  auto preview = codec::decoded<LinkPreview>(*data);
  if (!preview || !check_preview(text, *preview)) return std::nullopt;
  return std::move(*preview);
}

std::vector<TextSpan> spans_in(const std::vector<ContentExtension>& extensions, std::string_view text) {
  auto spans = list_in<TextSpan>(extensions, ExtensionId::kSpans);
  if (!spans) return {};
  // Styles of a later version.
  std::erase_if(*spans, [](const TextSpan& each) { return !is_known(each.style); });
  return check_spans(text, *spans) ? *spans : std::vector<TextSpan>{};
}

std::vector<Mention> mentions_in(const std::vector<ContentExtension>& extensions, std::string_view text) {
  auto mentions = list_in<Mention>(extensions, ExtensionId::kMentions);
  return mentions && check_mentions(text, *mentions) ? *mentions : std::vector<Mention>{};
}

Status check(const ReactionBody& body) {
  const std::string_view text = body.reaction;
  REQUIRE(!text.empty() && is_plain_line(text, kReactionSizeMax), kBadContent, "a reaction has 1 to 64 bytes");
  const auto is_lead = [](char each) { return (static_cast<uint8_t>(each) & 0xc0) != 0x80; };
  REQUIRE(std::count_if(text.begin(), text.end(), is_lead) <= static_cast<ptrdiff_t>(kReactionScalarsMax), kBadContent,
          "a reaction is an emoji or a word");
  return {};
}

Status check(const LocationBody& body) {
  REQUIRE(body.latitude >= -kLatitudeMax && body.latitude <= kLatitudeMax, kBadContent, "a latitude is up to 90°");
  REQUIRE(body.longitude >= -kLongitudeMax && body.longitude <= kLongitudeMax, kBadContent,
          "a longitude is up to 180°");
  REQUIRE(is_plain_line(body.name, kPlaceNameSizeMax), kBadContent, "the name of a place is a line of 256 bytes");
  return {};
}

Status check(const ContactBody& body) {
  REQUIRE(check_name(body.name).has_value(), kBadContent, "a contact has a name");
  return check_contact_text(body);
}

Status check(const PollBody& body) {
  REQUIRE(!body.question.empty() && body.question.size() <= kPollQuestionSizeMax && is_utf8(body.question), kBadContent,
          "a poll asks something in 1,024 bytes");
  REQUIRE(body.options.size() >= 2 && body.options.size() <= kPollOptionsMax, kBadContent,
          "a poll has 2 to 32 options");
  std::set<std::string_view> seen;
  for (const std::string& each : body.options) {
    REQUIRE(!each.empty() && is_plain_line(each, kPollOptionSizeMax), kBadContent, "an option is a line of 256 bytes");
    REQUIRE(seen.insert(each).second, kBadContent, "no option stands twice");
  }
  return {};
}

Result<ReactionBody> reaction_of(const Content& content) { return checked(body_of<ReactionBody>(content)); }
Result<LocationBody> location_of(const Content& content) { return checked(body_of<LocationBody>(content)); }
Result<ContactBody> contact_of(const Content& content) {
  auto contact = TRY(body_of<ContactBody>(content));
  REQUIRE(check_given_name(contact.name).has_value(), kBadContent, "a contact has a name");
  TRY(check_contact_text(contact));
  contact.name = shown_name(contact.name);
  return contact;
}
Result<PollBody> poll_of(const Content& content) { return checked(body_of<PollBody>(content)); }

Result<EditBody> edit_of(const Content& content) {
  auto edit = TRY(body_of<EditBody>(content));
  REQUIRE(edit.text.size() <= kTextSizeMax && is_utf8(edit.text), kBadContent, "a text is at most 100 KiB of UTF-8");
  return edit;
}

Result<VoteBody> vote_of(const Content& content) {
  auto vote = TRY(body_of<VoteBody>(content));
  REQUIRE(vote.choices.size() <= kPollOptionsMax, kBadContent, "a vote chooses among 32 options");
  std::sort(vote.choices.begin(), vote.choices.end());
  vote.choices.erase(std::unique(vote.choices.begin(), vote.choices.end()), vote.choices.end());
  return vote;
}

Result<SettingsBody> settings_of(const Content& content) {
  auto settings = TRY(body_of<SettingsBody>(content));
  const uint32_t seconds = settings.disappear_seconds;
  REQUIRE(seconds == 0 || (seconds >= kDisappearSecondsMin && seconds <= kDisappearSecondsMax), kBadContent,
          "messages disappear after 5 s to a year");
  return settings;
}

std::optional<MessageId> target_of(const Content& content) {
  const auto target = [](const auto& body) { return body ? std::optional(body->target) : std::nullopt; };
  switch (content.kind) {
    case ContentKind::kReaction:
      return target(reaction_of(content));
    case ContentKind::kEdit:
      return target(edit_of(content));
    case ContentKind::kDelete:
      return target(body_of<DeleteBody>(content));
    case ContentKind::kVote:
      return target(vote_of(content));
    case ContentKind::kPollClose:
      return target(body_of<PollCloseBody>(content));
    case ContentKind::kPin:
      return target(body_of<PinBody>(content));
    default:
      return std::nullopt;
  }
}

}  // namespace godwit::engine
