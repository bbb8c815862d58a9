#pragma once
// The table's part about chats that are only kept, and about searching.

#include <array>

#include "api/shapes.h"
#include "engine/commands.h"
#include "engine/errors.h"
#include "engine/notices.h"

namespace godwit::api {

template <>
struct Shape<engine::KeptInfo> {
  static constexpr std::string_view name = "kept";
  static constexpr std::string_view about = "Of a message in a chat that is only kept.";
  static constexpr auto fields = fields_in_order(
      field("sender", &engine::KeptInfo::sender, "who wrote it, as the export says; empty: a notice"),
      field("media", &engine::KeptInfo::media, "the name of its file in the profile's folder of media; if omitted, what it was called; empty: none"),
      field("forwarded_from", &engine::KeptInfo::forwarded_from, "who wrote it first; empty: not forwarded"),
      field("omitted", &engine::KeptInfo::omitted, "there was a file, which is lost"),
      field("notice", &engine::KeptInfo::notice, "somebody came, a name was changed and the like"),
      field("edited", &engine::KeptInfo::edited, "it was changed after it was sent"),
      field("deleted", &engine::KeptInfo::deleted, "its sender has removed it"));
};

template <>
struct Shape<engine::KeptReaction> {
  static constexpr std::string_view name = "kept_reaction";
  static constexpr std::string_view about = "One reaction on a message that comes from elsewhere.";
  static constexpr auto fields =
      fields_in_order(field("reaction", &engine::KeptReaction::reaction, "an emoji or a word, at most 64 bytes"),
                      field("count", &engine::KeptReaction::count, "by how many"),
                      field_or_default("own", &engine::KeptReaction::own, "one of them is this side"),
                      field_or_default("names", &engine::KeptReaction::names, "of some of them, at most 32"));
};

template <>
struct Shape<engine::ImportEntry> {
  static constexpr std::string_view name = "import_entry";
  static constexpr std::string_view about = "One message that comes from elsewhere.";
  static constexpr auto fields = fields_in_order(
      field("sender", &engine::ImportEntry::sender, "empty: a notice"),
      field("own", &engine::ImportEntry::own, "true if this side sent it"),
      field("sent_at", &engine::ImportEntry::sent_at, "when"),
      field("text", &engine::ImportEntry::text, "at most 102,400 bytes of UTF-8"),
      field("media", &engine::ImportEntry::media, "the name of its file in the profile's folder of media; if omitted, what it was called; empty: none"),
      field("forwarded_from", &engine::ImportEntry::forwarded_from, "empty: not forwarded"),
      field("omitted", &engine::ImportEntry::omitted, "there was a file, which is lost"),
      field("notice", &engine::ImportEntry::notice, "no person wrote it"),
      field("edited", &engine::ImportEntry::edited, "it was changed after it was sent"),
      field("deleted", &engine::ImportEntry::deleted, "its sender has removed it"),
      field("id", &engine::ImportEntry::id,
            "by which it is known again, if where it comes from has ids; null: by all of the above"),
      field_or_default("key", &engine::ImportEntry::key,
                       "what it is called where it comes from, for those that answer it; at most 256 bytes"),
      field_or_default("reply_to_key", &engine::ImportEntry::reply_to_key, "the key of the message that it answers"),
      field_or_default("spans", &engine::ImportEntry::spans, "its formatting"),
      field_or_default("reactions", &engine::ImportEntry::reactions, "at most 64"),
      field_or_default("forwarded", &engine::ImportEntry::forwarded, "it was, and nobody says from whom"),
      field_or_default("repeat", &engine::ImportEntry::repeat,
                       "without an id: so many that are equal in everything came before it in the whole import; null: "
                       "they are counted within this batch alone"));
};

template <>
struct Shape<engine::ImportMessages> {
  using Answer = engine::ImportDone;
  static constexpr std::string_view name = "import_messages";
  static constexpr std::string_view
      about =
          "Puts messages of another messenger into a chat that is only read. The same messages again are known and "
          "change " "nothing.";
  static constexpr auto fields = fields_in_order(
      field("source", &engine::ImportMessages::source, "the same for the same chat of the same messenger"),
      field("name", &engine::ImportMessages::name, "what the chat is called"),
      field("older_of", &engine::ImportMessages::older_of, "a chat of which it is what was said before; null: none"),
      field("messages", &engine::ImportMessages::messages,
            "at most 1,000, in their order; those that are equal in everything have an id or a repeat, or stand in one "
            "batch: else one of them is taken"));
  static constexpr std::array errors{engine::kTooLong,     engine::kNotText,    engine::kBadFormatting,
                                     engine::kBadReaction, engine::kNoSuchChat, engine::kBeingDeleted};
};

template <>
struct Shape<engine::ImportDone> {
  static constexpr std::string_view name = "import_done";
  static constexpr std::string_view about = "The messages are safe on this device's disk.";
  static constexpr auto fields =
      fields_in_order(field("chat", &engine::ImportDone::chat, "where they are"),
                      field("stored", &engine::ImportDone::stored, "new ones"),
                      field("known", &engine::ImportDone::known, "those that were there already"));
};

template <>
struct Shape<engine::SearchMessages> {
  using Answer = engine::SearchResults;
  static constexpr std::string_view name = "search_messages";
  static constexpr std::string_view about = "Searches the histories of all chats on this device, newest first.";
  static constexpr auto fields = fields_in_order(
      field("query", &engine::SearchMessages::query,
            "words, all of which have to be there, the last one perhaps unfinished; \"...\" is an exact phrase"),
      field("chat", &engine::SearchMessages::chat, "only in this one"),
      field("channel", &engine::SearchMessages::channel, "only in this one"),
      field_or_default("sender", &engine::SearchMessages::sender,
                       "only by who is called so; \"me\": by oneself; left out: anybody"),
      field("since", &engine::SearchMessages::since, "only what was sent then or later"),
      field("until", &engine::SearchMessages::until, "only what was sent before"),
      field_or_default("has_file", &engine::SearchMessages::has_file, "only messages with a file"),
      field_or_default("skip", &engine::SearchMessages::skip, "so many results are passed over; 0 if left out"),
      field_or_default("count", &engine::SearchMessages::count, "how many at most, up to 100; 20 if left out"));
  static constexpr std::array errors{engine::kNothingToSearch, engine::kNotText};
};

template <>
struct Shape<engine::FoundMessage> {
  static constexpr std::string_view name = "found_message";
  static constexpr std::string_view about = "One message that fits.";
  static constexpr auto fields = fields_in_order(field("chat", &engine::FoundMessage::chat, "where it is"),
                                                 field("message", &engine::FoundMessage::message, "the message"));
};

template <>
struct Shape<engine::FoundPost> {
  static constexpr std::string_view name = "found_post";
  static constexpr std::string_view about = "A post that was searched for.";
  static constexpr auto fields = fields_in_order(field("channel", &engine::FoundPost::channel, "where it is"),
                                                 field("post", &engine::FoundPost::post, "the post"));
};

template <>
struct Shape<engine::SearchResults> {
  static constexpr std::string_view name = "search_results";
  static constexpr std::string_view about = "What fits.";
  static constexpr auto fields =
      fields_in_order(field("messages", &engine::SearchResults::messages, "newest first"),
                      field("posts", &engine::SearchResults::posts, "newest first; with the messages not more than asked for"),
                      field("more", &engine::SearchResults::more, "there are others, older ones"));
};

}  // namespace godwit::api
