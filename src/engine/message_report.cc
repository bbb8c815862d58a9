#include "engine/message_report.h"

#include "engine/held.h"
#include "engine/message_view.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

constexpr uint8_t kVersion = 1;
constexpr std::string_view kMagic = "godwit message report";

// ---- checking -------------------------------------------------------------------------------------------------------

// What one of the signatures is under.
Result<Content> check_words(const MessageReport& report, const ReportedWords& words) {
  REQUIRE(DeviceList::validate(report.account, words.devices).has_value(), kReportDamaged,
          "a report has a device list that the account's recovery key has begun");
  REQUIRE(adds(words.devices, words.device_key), kReportDamaged, "the device is one of the account's");
  REQUIRE(check_said(words.device_key, report.chat, words.home, words.content, words.signature), kReportDamaged,
          "a report has words that a device has signed");
  auto content = parse_content(words.content);
  REQUIRE(content.has_value() && needs_proof(content->kind), kReportDamaged, "a report is about what people read");
  return content;
}

// What it says, in words.
std::string words_of(const Content& content, const HistoryRecord& history) {
  std::string out = history.text;
  if (history.kind == ContentKind::kPoll) {
    if (const auto poll = poll_of(content)) {
      for (const std::string& each : poll->options) out += "\n" + each;
    }
  } else if (history.kind == ContentKind::kContact) {
    if (const auto contact = contact_of(content)) out += contact->text.empty() ? "" : "\n" + contact->text;
  }
  return out;
}

Status check_edit_of(const Content& edit, const MessageId& target) {
  REQUIRE(edit.kind == ContentKind::kEdit && target_of(edit) == target, kReportDamaged,
          "an edit is of the message beside it");
  return {};
}

// The message itself, if the report has it.
Status take_original(const Content& content, const AccountId& account, ReportChecked& out) {
  const auto history = history_of(content, account, false);
  // Of a kind that a later version knows there is nothing to be read, but that it was said.
  out.message->kind = history ? kind_of(*history) : MessageKind::kNewer;
  out.message->message = content.id;
  out.message->forwarded = find_extension(content.extensions, ExtensionId::kForwarded) != nullptr;
  out.posted = Instant{static_cast<int64_t>(content.sent_ms)};
  if (!history) return {};
  out.text = words_of(content, *history);
  if (history->file) out.files.push_back({history->file->name, history->file->size, history->file->blob});
  return {};
}

// The last edit, which comes in the place of what the message said.
Status take_edit(const Content& content, ReportChecked& out) {
  auto body = edit_of(content);
  REQUIRE(body.has_value(), kReportDamaged, "an edit is well-formed");
  if (out.message->message != MessageId{}) {
    TRY(check_edit_of(content, out.message->message));
    out.message->original = std::move(out.text);
  } else {
    out.message->kind = MessageKind::kText;
    out.message->message = body->target;
  }
  out.message->edited = true;
  out.text = std::move(body->text);
  out.posted = Instant{static_cast<int64_t>(content.sent_ms)};
  return {};
}

// ---- making ---------------------------------------------------------------------------------------------------------

struct Evidence {
  SaidProof proof;
  Bytes content;
};

Content content_of_edit(const EditState& edit, const MessageId& target, uint64_t clock) {
  Content out;
  out.id = edit.at.id;
  out.sent_ms = static_cast<uint64_t>(edit.sent_ms);
  out.clock = clock;
  out.kind = ContentKind::kEdit;
  out.body = codec::encoded(EditBody{target, edit.text});
  out.extensions = edit.extensions;
  return out;
}

// What is kept of a message and its last edit, as it was signed.
std::vector<Evidence> evidence_of(const Held& held) {
  std::vector<Evidence> out;
  if (const auto& proof = held.history.proof) {
    Content content = content_of(held.history);
    content.clock = proof->clock;
    out.push_back({*proof, proof->content.value_or(codec::encoded(content))});
  }
  if (!is_edited(held)) return out;
  const EditState& last = held.state.edits.back();
  if (!last.proof) return {};  // what is shown now cannot be proved
  const Content content = content_of_edit(last, held.history.id, last.proof->clock);
  out.push_back({*last.proof, last.proof->content.value_or(codec::encoded(content))});
  return out;
}

struct Making {
  CommandId id;
  MessageReport report;
  std::vector<Evidence> evidence;
};

constexpr Error kNothingProves{kNoProof, "a message of somebody else with its signature"};

// The lists of the devices that have signed it, one after the other; the last answers.
void add_words(Machine& m, const std::shared_ptr<Making>& making) {
  const size_t next = making->report.words.size();
  if (next == making->evidence.size()) {
    Bytes report = encode_report(making->report);
    // Nobody is given what an operator would not take.
    if (!check_message_report(report)) return m.fail(making->id, kNothingProves);
    return m.done(making->id, MessageReported{std::move(report)});
  }
  const SaidProof& proof = making->evidence[next].proof;
  Bytes key = record_key(RecordKind::kSpeaker, making->report.chat.view(), ByteView(proof.device_key));
  Bytes end = key;
  end.push_back(0);
  m.load(std::move(key), std::move(end), 1, false, [&m, making, next](const std::vector<LoadedRecord>& records) {
    if (records.empty()) return m.fail(making->id, kNothingProves);
    auto speaker = codec::decoded<SpeakerRecord>(records.front().value.reveal());
    if (!speaker) return m.stop({kProfileDamaged, "the record of who has spoken is well-formed"});
    Evidence& evidence = making->evidence[next];
    making->report.words.push_back({evidence.proof.home, evidence.proof.device_key, evidence.proof.signature,
                                    std::move(speaker->devices), std::move(evidence.content)});
    add_words(m, making);
  });
}

}  // namespace

bool is_message_report(ByteView report) {
  return report.size() > kMagic.size() && equal(report.first(kMagic.size()), as_bytes(kMagic));
}

Bytes encode_report(const MessageReport& report) {
  Bytes out = to_bytes(as_bytes(kMagic));
  append(out, codec::encoded(report));
  return out;
}

Result<ReportChecked> check_message_report(ByteView bytes) {
  REQUIRE(is_message_report(bytes), kReportDamaged, "a report begins as one");
  const auto report = codec::decoded<MessageReport>(bytes.subspan(kMagic.size()));
  REQUIRE(report.has_value() && report->version == kVersion, kReportDamaged, "a report is well-formed");
  REQUIRE(report->words.size() == 1 || report->words.size() == 2, kReportDamaged, "a message, its last edit, or both");
  ReportChecked out;
  out.message.emplace();
  out.message->account = report->account;
  out.message->chat = report->chat;
  for (const ReportedWords& words : report->words) {
    const Content content = TRY(check_words(*report, words));
    const bool edit = content.kind == ContentKind::kEdit;
    REQUIRE(edit || &words == &report->words.front(), kReportDamaged, "the message comes first");
    REQUIRE(!edit || !out.message->edited, kReportDamaged, "one edit, the last");
    TRY(edit ? take_edit(content, out) : take_original(content, report->account, out));
    out.message->device = DeviceId{words.device_key};
    out.message->home = to_hex(words.home.view());
  }
  return out;
}

void report_message(Machine& m, CommandId id, const ReportMessage& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) {
    return m.fail(id, m.kept.contains(command.chat) ? kNothingProves : m.no_chat(command.chat));
  }
  with_message(m, *chat, command.message, [&m, id](Chat& of, Held* held) {
    if (held == nullptr || held->state.deleted_by || has_expired(m, held->index)) {
      return m.fail(id, {kNoSuchMessage, "a message of this chat"});
    }
    auto making =
        std::make_shared<Making>(Making{id, {kVersion, of.record.chat, held->history.author, {}}, evidence_of(*held)});
    if (making->evidence.empty()) return m.fail(id, kNothingProves);
    // What makes a device its account's may be on its way to the disk.
    m.journal.then([&m, making] { add_words(m, making); });
  });
}

}  // namespace godwit::engine
