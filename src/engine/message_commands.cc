#include "engine/message_commands.h"

#include <algorithm>

#include "engine/held.h"
#include "engine/history.h"
#include "engine/kept_chats.h"
#include "engine/message_changes.h"
#include "engine/message_view.h"
#include "engine/outbox.h"
#include "engine/speaking.h"
#include "engine/vanishing.h"

namespace godwit::engine {
namespace {

constexpr Error kNoMessage{kNoSuchMessage, "a message of this chat"};

// Reads the message that a command is about; fails it if there is none.
template <typename Command>
void with_target(Machine& m, CommandId id, const Command& command, std::function<void(Chat&, Held&)> work) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  with_message(m, *chat, command.message, [&m, id, work = std::move(work)](Chat& of, Held* held) {
    if (held == nullptr || has_expired(m, held->index)) return m.fail(id, kNoMessage);
    work(of, *held);
  });
}

// Does something to it and answers.
void do_and_answer(Machine& m, CommandId id, Chat& chat, Held& held, ContentKind kind, Bytes body,
                   std::vector<ContentExtension> extensions = {}) {
  if (held.state.deleted_by && kind != ContentKind::kDelete) return m.fail(id, kNoMessage);
  if (held.history.kind == ContentKind::kLine) return m.fail(id, kNoMessage);  // nobody has said it
  const Status done = do_to_message(m, chat, held, kind, std::move(body), std::move(extensions));
  if (!done) return m.fail(id, done.error());
  m.done_then(id, Nothing{});
}

Result<PollBody> open_poll(const Held& held) {
  REQUIRE(held.history.kind == ContentKind::kPoll && held.history.newer == 0, kBadVote, "a poll");
  Content content;
  content.version = UINT8_MAX;  // programs before this have kept what a later version had appended
  content.kind = ContentKind::kPoll;
  content.body = held.history.body;
  auto poll = poll_of(content);
  REQUIRE(poll.has_value(), kBadVote, "a poll");
  return poll;
}

Result<VoteBody> make_vote(const Machine& m, const Held& held, const Vote& command) {
  const PollBody poll = TRY(open_poll(held));
  REQUIRE(!poll_closed(held, poll, m.wall()), kPollClosed, "an open poll");
  const auto own = std::ranges::count_if(held.state.votes, [&](const auto& each) { return is_self(m, each.account); });
  REQUIRE(own < static_cast<ptrdiff_t>(kVotesOfOneMax), kVotesUsedUp, "one of the first votes of a person");
  REQUIRE(command.choices.size() <= (poll.multiple ? poll.options.size() : 1), kBadVote, "as many choices as it takes");
  VoteBody body{command.message, {}};
  for (const uint32_t each : command.choices) {
    REQUIRE(each < poll.options.size(), kBadVote, "an option of the poll");
    body.choices.push_back(static_cast<uint8_t>(each));
  }
  return body;
}

Status check_edit(const Held& held, const EditMessage& command) {
  const HistoryRecord& history = held.history;
  REQUIRE(history.own, kNotYourMessage, "people edit what they have said");
  const bool text = history.kind == ContentKind::kText;
  const bool may = !held.state.deleted_by && history.newer == 0 && (text || history.kind == ContentKind::kFile);
  REQUIRE(may, kNotEditable, "a text, or what stands under a file");
  if (text || !command.text.empty()) TRY(check_text(command.text));
  REQUIRE(text || command.text.size() <= kCaptionSizeMax, kTooLong, "what stands under a file has at most 64 KiB");
  return {};
}

}  // namespace

void read_message(Machine& m, CommandId id, const ReadMessage& command) {
  if (m.kept.contains(command.chat)) return read_kept_message(m, id, command);
  with_target(m, id, command,
              [&m, id](Chat& chat, Held& held) { m.done(id, MessageFound{to_message(m, chat, held)}); });
}

void edit_message(Machine& m, CommandId id, const EditMessage& command) {
  with_target(m, id, command, [&m, id, command](Chat& chat, Held& held) {
    if (const Status may = check_edit(held, command); !may) return m.fail(id, may.error());
    auto extensions = formatting(command.text, command.spans, command.mentions);
    if (!extensions) return m.fail(id, extensions.error());
    do_and_answer(m, id, chat, held, ContentKind::kEdit, codec::encoded(EditBody{command.message, command.text}),
                  std::move(*extensions));
  });
}

void read_edits(Machine& m, CommandId id, const ReadEdits& command) {
  with_target(m, id, command, [&m, id](Chat&, Held& held) { m.done(id, edits_of(held)); });
}

void delete_message(Machine& m, CommandId id, const DeleteMessage& command) {
  with_target(m, id, command, [&m, id, command](Chat& chat, Held& held) {
    if (!command.for_everyone) {
      remove_message(m, chat, held.position, held.index);
      return m.done_then(id, Nothing{});
    }
    if (!held.history.own && !self_in(m, chat).is_admin()) {
      return m.fail(id, {kNotYourMessage, "people take back what they have said"});
    }
    do_and_answer(m, id, chat, held, ContentKind::kDelete, codec::encoded(DeleteBody{command.message}));
  });
}

void react(Machine& m, CommandId id, const React& command) {
  const ReactionBody body{command.message, command.reaction, command.remove};
  if (!check(body)) return m.fail(id, {kBadReaction, "an emoji or a short word"});
  with_target(m, id, command, [&m, id, body](Chat& chat, Held& held) {
    do_and_answer(m, id, chat, held, ContentKind::kReaction, codec::encoded(body));
  });
}

void vote(Machine& m, CommandId id, const Vote& command) {
  with_target(m, id, command, [&m, id, command](Chat& chat, Held& held) {
    const auto body = make_vote(m, held, command);
    if (!body) return m.fail(id, body.error());
    do_and_answer(m, id, chat, held, ContentKind::kVote, codec::encoded(*body));
  });
}

void close_poll(Machine& m, CommandId id, const ClosePoll& command) {
  with_target(m, id, command, [&m, id, command](Chat& chat, Held& held) {
    if (const auto poll = open_poll(held); !poll) return m.fail(id, poll.error());
    if (!held.history.own) return m.fail(id, {kNotYourMessage, "people end their own polls"});
    do_and_answer(m, id, chat, held, ContentKind::kPollClose, codec::encoded(PollCloseBody{command.message}));
  });
}

void pin_message(Machine& m, CommandId id, const PinMessage& command) {
  with_target(m, id, command, [&m, id, command](Chat& chat, Held& held) {
    do_and_answer(m, id, chat, held, ContentKind::kPin, codec::encoded(PinBody{command.message, command.pinned}));
  });
}

void list_pinned(Machine& m, CommandId id, const ListPinned& command) {
  Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  m.journal.then([&m, id, of = command.chat] {
    const Bytes first = record_key(RecordKind::kPinned, of.view());
    m.load(first, after_prefix(first), kHistoryPageMax, true, [&m, id, of](const std::vector<LoadedRecord>& records) {
      std::vector<uint64_t> positions;
      for (const LoadedRecord& record : records) positions.push_back(number_at_end(record.key));
      load_held(m, of, positions, [&m, id, of](const std::map<uint64_t, Held>& found) {
        Messages out;
        for (const auto& [position, held] : found) {
          if (!has_expired(m, held.index)) out.messages.push_back(to_message(m, m.chats.at(of), held));
        }
        std::sort(out.messages.begin(), out.messages.end(),
                  [](const Message& a, const Message& b) { return std::tie(a.clock, a.id) < std::tie(b.clock, b.id); });
        m.done(id, std::move(out));
      });
    });
  });
}

void read_receipts(Machine& m, CommandId id, const ReadReceipts& command) {
  with_target(m, id, command, [&m, id](Chat& chat, Held& held) {
    if (!held.history.own) return m.fail(id, {kNotYourMessage, "receipts are for one's own messages"});
    Receipts out;
    const Delivery delivery = held.index.delivery;
    for (const AccountId& each : others_of(m, chat)) {
      ReceiptInfo info;
      info.account = each;
      const auto& known = held.state.receipts;
      const auto found = std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.account == each; });
      if (found != known.end()) {
        info.delivered_at = Instant{found->delivered_ms};
        if (found->read_ms > 0) info.read_at = Instant{found->read_ms};
      }
      info.read = info.read_at || delivery == Delivery::kRead;
      info.delivered = info.read || info.delivered_at || delivery == Delivery::kDelivered;
      out.receipts.push_back(std::move(info));
    }
    m.done(id, std::move(out));
  });
}

}  // namespace godwit::engine
