#include "moving/message_words.h"

#include <cstdlib>
#include <iterator>

#include "base/safe_text.h"
#include "engine/content_bodies.h"
#include "imports/media_path.h"

namespace godwit::moving {
namespace {

std::string print_reactions(const engine::Message& message) {
  std::string out;
  for (const engine::ReactionInfo& each : message.reactions) {
    out += " " + safe_line(each.reaction) + (each.count > 1 ? std::to_string(each.count) : "");
  }
  return out;
}

// Of a chat that is only kept.
std::string print_kept(const engine::Message& message) {
  const engine::KeptInfo& kept = *message.kept;
  std::string out = message.forwarded ? "[forwarded] " : "";
  if (!kept.forwarded_from.empty()) out = "[forwarded from " + safe_line(kept.forwarded_from) + "] ";
  out += safe_text(engine::with_light_marks(message.text, message.spans));
  const std::string name = safe_line(std::string(imports::name_for_people(kept.media)));
  const std::string before = out.empty() ? "" : " ";
  if (kept.omitted) {
    out += before + "[a file that is not here" + (name.empty() ? "" : ": " + name) + "]";
  } else if (!name.empty()) {
    out += before + "[file " + name + "]";
  }
  if (kept.deleted) out += "[deleted]";
  if (kept.edited) out += " [edited]";
  return out + print_reactions(message);
}

std::string print_file(const engine::Message& message) {
  const engine::FileInfo& file = *message.file;
  const bool pack = file.media.kind == engine::MediaKind::kStickerPack;
  std::string what = "file " + safe_line(file.name);
  if (pack) what = "stickers " + safe_line(file.media.pack);
  if (file.media.kind == engine::MediaKind::kSticker) what = "sticker " + safe_line(file.media.emoji);
  std::string out = "[" + what + ", " + print_size(file.size);
  if (file.sending) out += ", being sent";
  if (file.fetching) out += ", being fetched";
  if (!message.own) out += (pack ? ", sticker add " : ", get ") + to_hex(message.id.view()).substr(0, 12);
  out += "]";
  return message.text.empty() ? out : out + " " + safe_text(message.text);
}

std::string print_poll(const engine::PollInfo& poll) {
  std::string out = "[poll" + std::string(poll.closed ? ", closed" : "") + "] " + safe_text(poll.question);
  for (const engine::PollOption& each : poll.options) {
    out += "\n" + std::string(each.own ? "* " : "- ") + safe_line(each.text) + ": " + std::to_string(each.votes);
  }
  return out;
}

std::string print_degrees(int64_t millionths) {
  const auto digits = std::to_string(std::abs(millionths % 1'000'000));
  return std::string(millionths < 0 ? "-" : "") + std::to_string(std::abs(millionths / 1'000'000)) + "." +
         std::string(6 - digits.size(), '0') + digits;
}

// What the sender says of a link; the link stands in the text.
std::string print_preview(const engine::LinkPreview& preview) {
  const std::string more = preview.text.empty() ? "" : ": " + safe_line(preview.text);
  return "\n[" + safe_line(preview.link) + " is, says the sender, \"" + safe_line(preview.title) + "\"" + more + "]";
}

std::string print_pause(uint32_t seconds) {
  return seconds % 60 == 0 ? std::to_string(seconds / 60) + " min" : std::to_string(seconds) + " s";
}

std::string role_words(engine::Role role) {
  if (role == engine::Role::kReader) return " a reader";
  if (role == engine::Role::kAdmin) return " an admin";
  return role == engine::Role::kOwner ? " an owner" : " a member";
}

// What was done to a group, by whoever is known to have done it.
std::string print_line(const engine::LineInfo& line) {
  const auto named = [](const std::string& name) { return name.empty() ? "somebody" : safe_line(name); };
  const std::string by = named(line.by_name);
  const std::string who = named(line.name);
  const bool on = line.on.value_or(false);
  switch (line.what) {
    case engine::LineKind::kMade:
      return by + " made the group";
    case engine::LineKind::kAdded:
      return line.by ? by + " let " + who + " in" : who + " is in the group now";
    case engine::LineKind::kJoined:
      return who + " came by a link";
    case engine::LineKind::kRemoved:
      return line.by ? by + " removed " + who : who + " is not in the group any more";
    case engine::LineKind::kLeft:
      return who + " left";
    case engine::LineKind::kRole:
      return (line.by ? by + " made " + who : who + " is now") + role_words(line.role.value_or(engine::Role::kMember));
    case engine::LineKind::kRenamed:
      return (line.by ? by + " renamed the group: " : "the group was renamed: ") + safe_line(line.text);
    case engine::LineKind::kWriters:
      return (line.by ? by + " has set: " : "from now on: ") + (on ? "only admins write" : "all members write");
    case engine::LineKind::kSlowMode:
      return (line.by ? by + " has set: " : "from now on: ") +
             (line.seconds.value_or(0) == 0 ? "no slow mode" : "one message in " + print_pause(*line.seconds));
    case engine::LineKind::kApproval:
      return (line.by ? by + " has set: " : "from now on: ") +
             (on ? "who comes by a link waits for an admin" : "who has a link comes in");
    case engine::LineKind::kNamed:
      return safe_line(line.before) + " is called " + who + " now";
    case engine::LineKind::kLogMoved:
      return "the group goes on at " + safe_line(line.text) + (line.by ? ", says " + by : "");
    case engine::LineKind::kBack:
      return who + " had lost the thread, and is back";
    case engine::LineKind::kCall:
      return line.call ? print_call(*line.call) : "a call";
  }
  return {};
}

// What it says, by its kind.
std::string print_kind(const engine::Message& message) {
  if (message.file) return print_file(message);
  if (message.poll) return print_poll(*message.poll);
  if (message.location) {
    return "[location " + print_degrees(message.location->latitude) + ", " +
           print_degrees(message.location->longitude) + "] " + safe_line(message.location->name);
  }
  if (message.contact) return "[contact " + safe_line(message.contact->name) + "] " + safe_text(message.contact->text);
  if (message.disappear_seconds) {
    if (*message.disappear_seconds == 0) return "[messages stay from now on]";
    return "[messages disappear after " + std::to_string(*message.disappear_seconds) + " s from now on]";
  }
  if (message.line) return "[" + print_line(*message.line) + "]";
  if (message.kind == engine::MessageKind::kNewer) return "[made by a newer version of Godwit]";
  return safe_text(message.text) + (message.preview ? print_preview(*message.preview) : "");
}

}  // namespace

std::string print_size(uint64_t bytes) {
  constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB"};
  uint64_t value = 1;
  size_t unit = 0;
  for (; bytes / value >= 1000 && unit + 1 < std::size(kUnits); ++unit) value *= 1000;
  if (unit == 0) return std::to_string(bytes) + " " + kUnits[0];
  const uint64_t tenths = bytes / (value / 10) + (bytes % (value / 10) >= value / 20 ? 1 : 0);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " " + kUnits[unit];
}

std::string print_duration(uint64_t duration_ms) {
  const uint64_t seconds = duration_ms / 1000;
  const std::string rest = std::to_string(seconds % 60) + " s";
  return seconds < 60 ? rest : std::to_string(seconds / 60) + " min " + rest;
}

std::string print_outcome(engine::CallOutcome outcome) {
  switch (outcome) {
    case engine::CallOutcome::kAnswered:
      return "ended";
    case engine::CallOutcome::kMissed:
      return "missed";
    case engine::CallOutcome::kDeclined:
      return "declined";
    case engine::CallOutcome::kBusy:
      return "busy";
    case engine::CallOutcome::kCancelled:
      return "cancelled";
    case engine::CallOutcome::kNoAnswer:
      return "no answer";
    case engine::CallOutcome::kElsewhere:
      return "taken or declined on another of your devices";
    case engine::CallOutcome::kFailed:
      return "no connection came about";
    case engine::CallOutcome::kLost:
      return "the connection was lost";
    case engine::CallOutcome::kMerged:
      return "they called at the same moment";
    case engine::CallOutcome::kFull:
      return "there was no place in it";
    case engine::CallOutcome::kRemoved:
      return "you are not in the group any more";
    case engine::CallOutcome::kMoved:
      return "goes on on another of your devices";
    case engine::CallOutcome::kStays:
      return "stays on your other device";
    case engine::CallOutcome::kNone:
      break;
  }
  return "over";
}

std::string print_call(const engine::CallLine& call) {
  const std::string what = call.media == engine::CallMedia::kVideo ? "video call" : "call";
  const std::string lasted = call.duration_ms == 0 ? "" : ", " + print_duration(call.duration_ms);
  if (call.outcome == engine::CallOutcome::kAnswered)
    return (call.outgoing ? "you made a " : "you took a ") + what + lasted;
  const bool missed = call.outcome == engine::CallOutcome::kMissed || call.outcome == engine::CallOutcome::kBusy;
  if (!call.outgoing && missed) return "missed " + what;
  return (call.outgoing ? "your " : "") + what + ": " + print_outcome(call.outcome) + lasted;
}

std::string print_body(const engine::Message& message) {
  if (message.kept) return print_kept(message);
  if (message.deleted) return message.deleted->by_admin ? "[removed by an admin]" : "[taken back]";
  std::string out = (message.forwarded ? "[forwarded] " : "") + print_kind(message);
  if (message.edits > 0) out += " [edited]";
  return out + print_reactions(message);
}

}  // namespace godwit::moving
